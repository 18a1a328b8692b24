#!/usr/bin/env python3
"""A log with further witnesses (C2SP tlog-policy): policy.py DETENTE.

A node asks three witnesses by its policy: one over http on loopback, one over TLS by an authority of its own, and one that
is not there.  Two of three are enough; proofs verify by the same policy, offline; kills of every process on the way, and a
witness that comes late, change nothing that counted."""
import json, os, re, subprocess

import scene
from pair import port
from scene import check, detente, run, top


def ours(dir, *args, code=0):
    p = subprocess.run([detente, '--dir', dir, *args], cwd=top, capture_output=True, text=True, timeout=60)
    check(f'{dir} {args}', p.returncode == code, p.stdout + p.stderr)
    return p.stdout


def write(name, text):
    open(f'{top}/{name}', 'w').write(text)


def now():
    return node.ask('/api/v1/witnesses')[1]


def grow(n):
    write('s.json', subprocess.run([detente, 'sample', '--count', '40', '--seed', str(n)], capture_output=True, text=True).stdout)
    p = run('ingest', top + '/s.json')
    check('events are taken', p.returncode == 0, p.stderr)


ports = {w: port() for w in 'bcd'}
for x in 'abcd':
    if x == 'a':
        scene.init()
    else:
        ours(x, 'init', '--origin', f'{x}.example/detente/log')
vkey = run('log', 'key').stdout.strip()
keys = {w: ours(w, 'log', 'witness', 'key').strip() for w in 'bcd'}
for w in 'bcd':
    write(f'{w}/detente.yaml', f'listen:\n  - {{address: "127.0.0.1:{ports[w]}", tls: {"true" if w == "c" else "false"}}}\nwitness: {{logs: ["{vkey}"]}}\n')
policy = ''.join(f'witness {w} {keys[w]} {"https" if w == "c" else "http"}://127.0.0.1:{ports[w]}/witness/\n' for w in 'bcd')
write('n/policy', policy + 'group two 2 b c d\nquorum two\n')
conf = 'listen:\n  - address: 127.0.0.1:0\nblock: {events: 4}\nwitness:\n  policy: policy\n'
# what a start would end with is said before
write('n/detente.yaml', conf + '  inside: [e]\n')
p = run('check')
check('a name that is none', p.returncode == 3 and 'witness `e`' in p.stderr, (p.returncode, p.stderr))
write('n/detente.yaml', conf.replace('policy: policy', 'policy: none'))
check('no such file', run('check').returncode == 3)
write('n/detente.yaml', conf)
write('n/policy', policy.replace('witness d', 'witness\td') + 'group two 5 b c d\nquorum two\n')
p = run('check')
check('no policy', p.returncode == 3 and 'policy:4' in p.stderr, p.stderr)
write('n/policy', policy + 'group two 2 b c d\nquorum two\n')
check('a policy', run('check').returncode == 0)

b = scene.Node(dir='b')
c = scene.Node(dir='c')
node = scene.Node()
# nobody stands inside but who may
scene.wait(15, 'loopback is refused', lambda: len([w for w in now()['asked'] if w['fault']]) == 3)
why = [w['why'] for w in now()['asked']]
check('and says what to do', all('witness.inside' in w for w in why), why)
check('it ends', node.stop() == 0)
write('n/detente.yaml', conf + '  inside: [b, c, d]\n')
node = scene.Node()
scene.wait(20, 'no authority vouches for c', lambda: now()['asked'][1]['fault'] == 'unreachable')
check('b alone is not enough', now()['now'] == 1 and now()['reach'] == 0, now())
check('it ends', node.stop() == 0)
write('n/detente.yaml', conf + f'  ca: {top}/c/keys/ca.pem\n  inside: [b, c, d]\n')
node = scene.Node()
grow(1)
scene.wait(40, 'two of three', lambda: now()['now'] == 2 and now()['reach'] == now()['size'] > 0)
got = now()
check('the third is named', got['asked'][2]['fault'] == 'unreachable' and 'refused' in got['asked'][2]['why'], got)
check('what it shows', [w['name'] for w in got['witnesses']] == ['b', 'c', 'd'] and got['witnesses'][0]['key'] == keys['b'], got)
s = run('status').stdout
check('status', re.search(r'witnesses 2 of 3 cosigned the newest checkpoint; the policy is met up to (\d+) of \1 leaves', s), s)
check('status --json', json.loads(run('status', '--json').stdout)['witnesses']['now'] == 2)
h = run('log', 'head')
check('log head', '2 of 3 witnesses cosigned it; the policy is met' in h.stderr, h.stderr)
head = json.loads(run('log', 'head', '--json').stdout)
check('log head --json', (head['cosigned'], head['witnesses'], head['policy_met']) == (2, 3, True), head)
check('doctor', 'witness-silent' in run('doctor').stdout)
# a proof of an event carries them, and verifies by the same policy and by no stricter one
check('a proof', run('log', 'prove', '1-0', '-o', top + '/p').returncode == 0)
write('all', f'log {vkey}\n' + policy + 'group three all b c d\nquorum three\n')
write('two', f'log {vkey}\n' + policy + 'group two 2 b c d\nquorum two\n')
p = run('log', 'verify', top + '/p', '--policy', top + '/two')
check('verifies', p.returncode == 0 and p.stdout.startswith('E2'), p.stdout + p.stderr)
p = run('log', 'verify', top + '/p', '--policy', top + '/all')
check('not by a stricter one', p.returncode == 6 and 'too few' in p.stderr, p.stderr)
# kills
for role in 'detente-peer', 'detente-engine', 'detente-gate':
    was = node.roles()[role]
    os.kill(was, 9)
    scene.wait(20, f'{role} is back', lambda: node.roles().get(role, was) != was and node.ask('/api/v1/witnesses')[0] == 200)
    grow(2)
    scene.wait(60, f'after {role} died', lambda: isinstance(now(), dict) and now().get('now') == 2)
# one goes, one comes
check('c ends', c.stop() == 0)
d = scene.Node(dir='d')
grow(3)
before = now()['reach']
check('it ends', node.stop() == 0)
node = scene.Node()
scene.wait(40, 'b and d are two', lambda: now()['now'] == 2 and now()['witnesses'][1]['size'] < now()['size'])
check('it goes on', now()['reach'] > before, now())
for x in node, b, d:
    check('it ends', x.stop() == 0, x.said)
types = [run('log', 'show', str(i)).stdout.split('\n')[0] for i in range(0, 20)]
check('the policy is in the log', types.count('detente/policy/1') == 1, types)
check('fsck', run('log', 'fsck').returncode == 0)
scene.end()
