#!/usr/bin/env python3
"""Three nodes and one pact of three parties: three.py DETENTE.

Each witnesses and holds both others.  Attacks from two of them make two incidents that each concern one pair alone: what is said
between two is for these two, and the third cannot have it."""
import http.client, json, os, re, ssl, time

import scene
from pair import PHRASE, Party, annex, port, sh
from scene import check, detente, top
from conversation_parts import cli, eve, listed, shown

NAMES = 'aland', 'bland', 'cland'
ports = {n: port() for n in NAMES}


def conf(name):
    with open(f'{top}/{name}/detente.yaml', 'w') as f:
        f.write(f'party: {name}\nlisten:\n  - address: 127.0.0.1:0\n  - {{address: "127.0.0.1:{ports[name]}", what: peers, tls: true}}\npeers:\n')
        for other in NAMES:
            if other != name:
                f.write(f'  - {{party: {other}, endpoint: "https://127.0.0.1:{ports[other]}/", inside: true}}\n')
        f.write('block: {events: 4}\n')


def fetch(to, who, path):
    c = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    c.check_hostname, c.verify_mode = False, ssl.CERT_NONE
    c.load_cert_chain(f'{top}/{who}/keys/tls.pem')
    h = http.client.HTTPSConnection('127.0.0.1', ports[to], context=c, timeout=10)
    h.request('GET', path)
    return h.getresponse().status


open(PHRASE, 'w').write('correct horse battery\n')
for n in NAMES:
    sh(detente, '--dir', n, 'init', '--origin', f'{n}.example/detente/log')
    conf(n)
    node = Party(n, '')  # makes the keys
    check('it ends', node.stop() == 0)
    open(f'{top}/{n}.vkey', 'wb').write(sh(detente, 'pact', 'key', f'{n}.example/detente/party', '-o', f'{n}.key', '--passphrase-file', PHRASE))
sh(detente, 'pact', 'new', 'aland-bland', *[f'{x},{x}.example/detente/log,' + open(f'{top}/{x}.vkey').read().strip() for x in NAMES],
   '--from', '2026-02-01', '-o', 'pact')
for n in NAMES:
    sh(detente, 'pact', 'sign', 'pact', '--key', f'{n}.key', '--passphrase-file', PHRASE)
annex('aland', 'bland')
annex('bland', 'aland')
annex('cland', '')
sh(detente, 'pact', 'check', 'pact', *[n + '.annex' for n in NAMES])
for n in NAMES:
    sh(detente, '--dir', n, 'pact', 'adopt', 'pact', *[x + '.annex' for x in NAMES])
node = {n: Party(n, '') for n in NAMES}


def agree():
    for n in NAMES:
        states = node[n].ask('/api/v1/peers')[1]['peers']
        size = node[n].size()
        if len(states) != 2 or any(s['fault'] or s['missing'] or s['witnessed'] != size or s['held'] != size or
                                   s['size'] != node[s['party']].size() for s in states):
            return False
    return True


scene.wait(40, 'each witnesses and holds the others', agree)
check('each witnesses and holds the others', agree(), [node[n].ask('/api/v1/peers') for n in NAMES])
scene.wait(20, 'all annexes are in force', lambda: all('none' not in r['witnessed'] and r['witnessed'] for w in NAMES
                                                      for r in json.loads(cli(w, 'pact', 'list', '-o', 'json'))))
time.sleep(5)
eve('203.0.113.7', 6)  # bland's
eve('198.51.100.9', 6)  # cland's
scene.wait(20, 'two incidents', lambda: len(listed('aland')) == 2 and len(listed('bland')) == 1 and len(listed('cland')) == 1)
mine = {shown('aland', i)['responder']: i for i in listed('aland')}
check('one for each', set(mine) == {'bland', 'cland'}, listed('aland'))
for who in 'bland', 'cland':
    scene.wait(20, 'received', lambda: shown(who, mine[who])['state'] == 'RECEIVED' == shown('aland', mine[who])['state'])
    check('its own alone', list(listed(who)) == [mine[who]], listed(who))
    cli(who, 'incident', 'ack', mine[who])
    scene.wait(20, 'acknowledged', lambda: shown('aland', mine[who])['state'] == 'ACKNOWLEDGED')
# what is between two is not for the third
notice = shown('aland', mine['bland'])['conversation'][0]
check('for whom it is', fetch('aland', 'bland', f'/pact/aland-bland/message/{notice["id"]}') == 200)
check('not for the third', fetch('aland', 'cland', f'/pact/aland-bland/message/{notice["id"]}') == 404)
proof = notice['body']['evidence'][0]['proof']
check('nor its proofs', (fetch('aland', 'bland', f'/pact/aland-bland/proof/{proof}'), fetch('aland', 'cland', f'/pact/aland-bland/proof/{proof}')) == (200, 404))
# what is seen exposed at bland is told to bland: by the answer of its machine, though aland's own asked
at = time.strftime('%Y-%m-%dT%H:%M:%S', time.gmtime())
open(f'{top}/exposed.json', 'w').write(json.dumps({
    'timestamp': f'{at}.000000+0000', 'event_type': 'alert', 'src_ip': '203.0.113.80', 'src_port': 443, 'dest_ip': '192.0.2.30', 'dest_port': 50000,
    'proto': 'TCP', 'flow': {'pkts_toserver': 3, 'pkts_toclient': 3, 'src_ip': '192.0.2.30', 'dest_ip': '203.0.113.80'}, 'alert': {
        'gid': 1, 'signature_id': 2040001, 'rev': 1, 'signature': 'a server that says it is vulnerable',
        'category': 'vulnerable:vulnerable-system', 'severity': 2, 'metadata': {'cve': ['CVE_2021_44228']}}}) + '\n' + json.dumps({
    'timestamp': f'{at}.000001+0000', 'event_type': 'alert', 'src_ip': '192.0.2.30', 'src_port': 443, 'dest_ip': '203.0.113.80', 'dest_port': 50001, 'alert': {
        'gid': 1, 'signature_id': 2040002, 'category': 'vulnerable:vulnerable-system', 'metadata': {'cve': ['CVE_2019_0708']}}}) + '\n')
cli('aland', 'ingest', 'exposed.json')
scene.wait(20, 'an incident', lambda: len(listed('bland')) == 2)
told = next(i for i in listed('bland') if i != mine['bland'])
scene.wait(20, 'received', lambda: shown('aland', told)['state'] == 'RECEIVED')
for who in 'aland', 'bland':
    x = shown(who, told)
    check(f'{who}: what is told', (x['responder'], x['obligation'], x['class'], x['origin'], x['severity'], x['o_grade'])
          == ('bland', 'notify-vulnerabilities', 'vulnerable:vulnerable-system', '203.0.113.80/32', 'normal', 1), x)
    check(f'{who}: which one', x['conversation'][0]['body']['text'] == 'CVE-2021-44228', x['conversation'][0]['body'])
    rows = [r for p in json.loads(cli(who, 'verdict', '--json'))['pacts'] for pair in p['pairs'] if (pair['bound'], pair['toward']) == ('aland', 'bland')
            for r in pair['obligations'] if r['obligation'] == 'notify-vulnerabilities']
    check(f'{who}: in time', [(r['now']['word'], r['theirs']['word'], r['told']['count'], r['period']['late'], r['told']['within_s']) for r in rows]
          == [('self-reported', 'self-reported', 1, 0, 72 * 3600)], rows)
    check(f'{who}: at once', rows and rows[0]['told']['median_s'] < 60, rows)
    check(f'{who}: a sentence', '\n  told    1 notice, in ' in cli(who, 'verdict', '--explain'))
notice = shown('aland', told)['conversation'][0]
check('to its owner', fetch('aland', 'bland', f'/pact/aland-bland/message/{notice["id"]}') == 200)
check('and to nobody else', (listed('cland').keys(), fetch('aland', 'cland', f'/pact/aland-bland/message/{notice["id"]}')) == ({mine['cland']}, 404))
# two cosigned the log of the third: each proof has both
event = '{block}-{index}'.format(**notice['body']['evidence'][0])
scene.wait(30, 'all agree again', agree)
cli('aland', 'log', 'prove', event, '--out', 'e')
told = cli('bland', 'log', 'verify', 'e')
check('cosigned by both', 'bland.example/detente/witness' in told and 'cland.example/detente/witness' in told, told)
for n in NAMES:
    check(f'{n} ends', node[n].stop() == 0, node[n].said)
    cli(n, 'log', 'fsck')
scene.end('')
