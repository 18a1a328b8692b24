#!/usr/bin/env python3
"""Totals that a party publishes for its counterpart: totals.py DETENTE.

Two real nodes.  Each counts the events of the hour that ended; aland publishes, signed and with a leaf, what few events have it
withholds; bland fetches it, shows it, and takes no other; what bland does not publish nobody has.  A bundle carries it too."""
import hashlib, json, subprocess, time, urllib.request

import scene
from hostile import Front, conf
from pair import Party, adopt, agree, begin
from scene import check, detente, top
from conversation_parts import cli, in_force

HOUR = 3600


def eve(rows, end):
    """`rows`: origin, events; in the hour that ends there."""
    out = ''
    for origin, n in rows:
        for i in range(n):
            at = time.strftime('%Y-%m-%dT%H:%M:%S', time.gmtime(end - 1800 + i))
            out += json.dumps({
                'timestamp': f'{at}.{i:06d}+0000', 'event_type': 'alert', 'src_ip': origin, 'src_port': 40000 + i,
                'dest_ip': f'192.0.2.{10 + i % 2}', 'dest_port': 22, 'proto': 'TCP', 'app_proto': 'ssh',
                'flow': {'pkts_toserver': 5, 'pkts_toclient': 4}, 'alert': {
                    'action': 'allowed', 'gid': 1, 'signature_id': 2030009, 'rev': 2, 'signature': 'y',
                    'category': 'Attempted Information Leak', 'severity': 2}}) + '\n'
    open(top + '/e.json', 'w').write(out)
    cli('aland', 'ingest', 'e.json')


def write(name, text):
    open(f'{top}/{name}', 'w').write(text)
    return name


def more(name, text):
    with open(f'{top}/{name}/detente.yaml', 'a') as f:
        f.write(text)


def world(node):
    status, got = node.ask('/api/v1/world')
    check('it answers', status == 200, got)
    return got['totals']


def told(node, party):
    return next((t for t in world(node) if t['party'] == party), None)


def entries(node):
    with urllib.request.urlopen(f'{node.url}/log/tile/entries/000.p/{node.size()}', timeout=20) as r:
        return r.read()


def leaves(node):
    return entries(node).count(b'detente/totals/1')


# no hour ends while this runs: what is late counts for a minute
while time.time() % HOUR > HOUR - 200 or time.time() % HOUR < 65:
    time.sleep(1)
end = int(time.time() // HOUR * HOUR)
begin()
cli('aland', 'tables', 'import', write('n.csv', '198.51.100.0,198.51.100.127,64510,Example <b>Net</b>\n198.51.100.128,198.51.100.255,64511,Second\n'
                                                '100.64.0.0,100.64.0.255,64512,Third\n'), '--date', '2026-03-01')
cli('aland', 'tables', 'import', write('c.csv', 'prefix,country\n198.51.100.0/24,XA\n'), '--kind', 'country', '--date', '2026-03-01')
cli('bland', 'tables', 'import', 'n.csv', '--date', '2026-03-01')
adopt('aland', 'bland')
fa = Front('aland', 'bland')
conf('bland', 'aland', fa)
more('aland', 'totals: {every: 1h}\n')
more('bland', 'totals: {publish: false}\n')
eve([('198.51.100.7', 25), ('198.51.100.200', 12), ('9.9.9.9', 4), ('8.8.8.8', 3)], end)
eve([('198.51.100.7', 5)], end + 1800)  # of another hour
# other bytes than its leaf names are not taken, and named
fa.twist = lambda path, status, body: (200, body.replace(b'"events":44', b'"events":45')) if '/totals/' in path else None
a, b = Party('aland', 'bland'), Party('bland', 'aland')
in_force()
scene.wait(30, 'it is named', lambda: b.state()['fault'] == 'withheld' and 'names other bytes' in b.state()['why'])
check('not taken', told(b, 'aland') is None and told(a, 'aland') is not None, world(b))
fa.twist = None
scene.wait(30, 'it is published, and known here', lambda: told(b, 'aland') is not None)
got = told(b, 'aland')
ours = told(a, 'aland')
check('both have the same', {**got, 'own': True} == ours, (got, ours))
stamp = lambda t: time.strftime('%Y-%m-%dT%H:%M:%S.000000Z', time.gmtime(t))
check('its period', (got['pact'], got['from'], got['until'], got['own'], got['least']) == ('aland-bland', stamp(end - HOUR), stamp(end), False, 10), got)
check('by network', [(r['asn'], r['name'], r['events']) for r in got['networks']] == [(64510, 'Example <b>Net</b>', 25), (64511, 'Second', 12)], got)
check('by economy', got['economies'] == [{'country': 'XA', 'events': 37}], got)
check('all of it', (got['events'], got['network_unknown'], got['network_withheld'], got['economy_unknown']) == (44, 7, 0, 7), got)
check('nothing of who does not publish', told(a, 'bland') is None and told(b, 'bland') is None, world(a))
check('one leaf', leaves(a) == 1, leaves(a))
scene.wait(20, 'no fault', lambda: agree(a, b))
check('not for everybody', a.ask(f'/pact/aland-bland/totals/aland/{end}')[0] == 401)

# started again, it has said it
a.stop()
a = Party('aland', 'bland')
scene.wait(20, 'no fault', lambda: agree(a, b))
time.sleep(6)
check('once', leaves(a) == 1, leaves(a))

# what it serves beside what its leaf names
note = fa.fetch('GET', f'/pact/aland-bland/totals/aland/{end}', b'')
check('who may have it has it', note[0] == 200 and note[1].startswith(b'detente-totals/1\n'), note)
for path, status in (f'aland/{end + 1}', 404), ('aland/0', 404), (f'bland/{end}', 404), ('aland/x', 400), ('aland/-1', 400), ('aland/99999999999999999999', 400):
    got = fa.fetch('GET', f'/pact/aland-bland/totals/{path}', b'')
    check(path, got[0] == status, got)
check('all by its hash', hashlib.sha256(note[1].split('\n\n— '.encode())[0] + b'\n').hexdigest().encode() in entries(a), note)

# a bundle has it, for a node that reaches nobody
b.stop()
cli('aland', 'bundle', 'create', 'bland', '-o', 'full.bundle')
check('it is in there', f'pact/aland-bland/totals/aland/{end}' in subprocess.run(['tar', 'tf', f'{top}/full.bundle'], capture_output=True, text=True).stdout)
for who, node in ('aland', a), ('bland', None):
    check('it ends', node is None or node.stop() == 0)
    check('fsck', subprocess.run([detente, '--dir', who, 'log', 'fsck'], cwd=top, capture_output=True).returncode == 0)
scene.end()
