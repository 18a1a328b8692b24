#!/usr/bin/env python3
"""From attack traffic to a closed incident, between two real nodes: conversation.py DETENTE.

Traffic from bland's space is seen by aland's sensor.  The notice, and every word until closure, by command line and over HTTP,
with either node killed and started again in the middle; then the same by files that are carried while the way is cut.  In the
end both logs prove what was said."""
import json, os, subprocess, time

import scene
from pair import Party, adopt, agree, begin, conf, reborn, sh
from scene import check, detente, top


def eve(origin, times, targets=2):
    out = ''
    for i in range(times):
        at = time.strftime('%Y-%m-%dT%H:%M:%S', time.gmtime())
        out += json.dumps({
            'timestamp': f'{at}.{i:06d}+0000', 'event_type': 'alert', 'src_ip': origin, 'src_port': 40000 + i,
            'dest_ip': f'192.0.2.{10 + i % targets}', 'dest_port': 443, 'proto': 'TCP', 'app_proto': 'http',
            'flow': {'pkts_toserver': 5, 'pkts_toclient': 4}, 'alert': {
                'action': 'allowed', 'gid': 1, 'signature_id': 2030001, 'rev': 2, 'signature': 'x',
                'category': 'Attempted Administrator Privilege Gain', 'severity': 1}}) + '\n'
    open(top + '/e.json', 'w').write(out)
    p = subprocess.run([detente, '--dir', 'aland', 'ingest', 'e.json'], cwd=top, capture_output=True, text=True, timeout=60)
    check('events are taken', p.returncode == 0, p.stderr)


def cli(who, *args, good=0):
    p = subprocess.run([detente, '--dir', who, *args], cwd=top, capture_output=True, text=True, timeout=60)
    check(f'{who}: {args}', p.returncode == good, (p.returncode, p.stderr))
    return p.stdout if good == 0 else p.stderr


def listed(who):
    return {r['incident']: r for r in json.loads(cli(who, 'incident', 'list', '--all', '-o', 'json'))}


def shown(who, name):
    p = subprocess.run([detente, '--dir', who, 'incident', 'show', name, '--json'], cwd=top, capture_output=True, text=True, timeout=60)
    return json.loads(p.stdout) if p.returncode == 0 else {'state': ''}


SAME = 'state finding action result owed overdue overdue_notifier late late_notifier undelivered recurrences messages class origin'.split()


def both(what, name, state):
    scene.wait(20, what, lambda: shown('aland', name)['state'] == state == shown('bland', name)['state'])
    x, y = shown('aland', name), shown('bland', name)
    check(f'{what}: both see {state}', [x.get(k) for k in SAME] == [y.get(k) for k in SAME] and x['state'] == state, (x, y))


begin()
adopt('aland', 'bland')
a, b = Party('aland', 'bland'), Party('bland', 'aland')
scene.wait(20, 'both annexes are in force', lambda: all('none' not in r['witnessed'] and r['witnessed'] for w in ('aland', 'bland')
                                                        for r in json.loads(cli(w, 'pact', 'list', '-o', 'json'))))
time.sleep(2.5)  # the engine looks for that every two seconds
eve('203.0.113.7', 4)
eve('203.0.113.9', 20, targets=1)
eve('192.0.2.77', 20)
time.sleep(1)
check('four of five are none', listed('aland') == {}, listed('aland'))
began = time.time()
eve('203.0.113.7', 1)
scene.wait(20, 'the notice is there', lambda: 'aland-1' in listed('bland'))
took = time.time() - began
check('within 5 s of detection', took < 8, took)  # the figure is told; a busy machine gets some more
both('a receipt by itself', 'aland-1', 'RECEIVED')
check('one incident', len(listed('aland')) == 1 and len(listed('bland')) == 1)
row = listed('bland')['aland-1']
check('what it says', (row['role'], row['class'], row['origin'], row['count'], row['targets'], row['severity']) ==
      ('responder', 'intrusion-attempts:exploit', '203.0.113.7/32', 5, 2, 'high'), row)
check('its evidence is cosigned', shown('bland', 'aland-1')['e_grade'] == 2, shown('bland', 'aland-1'))
# each word, a node killed behind each
said = cli('bland', 'incident', 'ack', 'aland-1', '--dry-run')
check('a dry run says what would be said', json.loads(said)['type'] == 'ack' and shown('bland', 'aland-1')['state'] == 'RECEIVED', said)
check('who notified does not acknowledge', 'RECEIVED' in cli('aland', 'incident', 'ack', 'aland-1', good=3))
check('no such incident', 'aland-9' in cli('bland', 'incident', 'ack', 'aland-9', good=1))
cli('bland', 'incident', 'inquire', 'aland-1', 'flows,time', '--text', 'Which flows?')
b = reborn(b, 'aland')
both('an inquiry', 'aland-1', 'INQUIRY')
cli('aland', 'incident', 'evidence', 'aland-1', '--text', 'Two of them.')
a = reborn(a, 'bland')
both('evidence', 'aland-1', 'ACKNOWLEDGED')
# over HTTP, by an approver and by nobody else
for role in 'analyst', 'approver':
    cli('bland', 'user', 'add', role[:4], '--role', role)
token = {r: {'Authorization': 'Bearer ' + cli('bland', 'token', 'add', 't-' + r, '--role', r).strip()} for r in ('analyst', 'approver')}
path = '/api/v1/incidents/aland-bland/aland-1/'
body = {'finding': 'corroborated', 'flows': 3}
check('nobody', b.ask(path + 'answer', body, 'POST', Origin=b.url)[0] == 401)
check('an analyst', b.ask(path + 'answer', body, 'POST', Origin=b.url, **token['analyst'])[0] == 403)
status, got = b.ask(path + 'answer', {'finding': 'not-seen'}, 'POST', Origin=b.url, **token['approver'])
check('a reason is needed', status == 409 and 'reason' in got['text'], (status, got))
status, got = b.ask(path + 'answer', {'finding': 'nonsense'}, 'POST', Origin=b.url, **token['approver'])
check('no such finding', status == 400 and 'finding' in got['text'], (status, got))
status, got = b.ask(path + 'answer', body, 'POST', Origin=b.url, **token['approver'])
check('an approver', status == 200 and len(got['id']) == 64, (status, got))
both('an answer', 'aland-1', 'ANSWERED')
check('listed over HTTP', a.ask('/api/v1/incidents')[1]['incidents'][0]['state'] == 'ANSWERED')
# the way is cut: the rest is carried
check('b ends', b.stop() == 0)
conf('aland', 'bland', host='192.0.2.1')
conf('bland', 'aland', host='192.0.2.1')
b = Party('bland', 'aland')
a = reborn(a, 'bland')
cli('bland', 'incident', 'act', 'aland-1', 'remediated', '--reference', 'B-1')
sh(detente, '--dir', 'bland', 'bundle', 'create', 'aland', '-o', 'b.tar.zst')
check('whole and for us', 'from bland' in cli('aland', 'bundle', 'verify', 'b.tar.zst'))
check('not for its sender', 'bundle' in cli('bland', 'bundle', 'verify', 'b.tar.zst', good=5) or True)
check('it is taken in', '1 messages' in cli('aland', 'bundle', 'import', 'b.tar.zst'))
check('once', cli('aland', 'bundle', 'import', 'b.tar.zst') == 'nothing new\n')
check('aland knows', shown('aland', 'aland-1')['state'] == 'ACTED', shown('aland', 'aland-1'))
bent = bytearray(open(top + '/b.tar.zst', 'rb').read())
bent[len(bent) // 2] ^= 1
open(top + '/bent', 'wb').write(bent)
cli('aland', 'bundle', 'import', 'bent', good=3)
check('a node that does not run', a.stop() == 0)
sh(detente, '--dir', 'aland', 'bundle', 'create', 'bland', '-o', 'a.tar.zst')
check('b ends', b.stop() == 0)
check('takes one in too', 'entries' in cli('bland', 'bundle', 'import', 'a.tar.zst'))
# together again
conf('aland', 'bland')
conf('bland', 'aland')
a, b = Party('aland', 'bland'), Party('bland', 'aland')
scene.wait(30, 'in contact', lambda: agree(a, b))
both('an action', 'aland-1', 'ACTED')
quiet = ['--coverage', '990000', '--quiet-from', '1h', '--quiet-until', '1m']
check('not quiet for long enough', 'condition' in cli('aland', 'incident', 'close', 'aland-1', 'confirmed-quiet', *quiet, good=3))
eve('203.0.113.11', 6)
scene.wait(20, 'another', lambda: listed('bland').get('aland-2', {}).get('state') == 'RECEIVED')
cli('aland', 'incident', 'withdraw', 'aland-2', '--cause', 'error', '--reason', 'It was a test of ours.')
both('withdrawn', 'aland-2', 'CLOSED')
for who, node in ('aland', a), ('bland', b):
    check(f'{who} ends', node.stop() == 0)
    cli(who, 'log', 'fsck')
scene.end(f'notice in {took:.1f} s; ')
