#!/usr/bin/env python3
"""Roles that are killed: roles.py DETENTE.

A node follows a file that grows.  Each of its roles is killed in turn, again and again.  The page
answers from what is durable while the engine is away, every role comes back, and in the end each
line was taken once and the log is clean.

Then a courier cannot keep its alerts for a while: the page stays, shows them when they can be kept
again, and what was acknowledged meanwhile is."""
import os, signal, sys

import scene
from scene import check, run, wait

ROUNDS = int(sys.argv[2]) if len(sys.argv) > 2 else 3


def matched():
    status, body = node.ask('/api/v1/events?limit=1')
    return body['matched'] if status == 200 else -1


def grow(seed):
    text = run('sample', '--count', '200', '--seed', str(seed)).stdout
    with open(scene.top + '/eve.json', 'a') as f:
        f.write(text)
    return text.count('"event_type":"alert"')


scene.init('    what: page\n')
want = grow(1)
node = scene.Node('--follow', 'eve.json')
try:
    wait(10, 'the first lines', lambda: matched() == want)
    for i in range(ROUNDS):
        for role in ('detente-sensor', 'detente-gate', 'detente-engine', 'detente-courier'):
            want += grow(100 * i + len(role))
            wait(20, f'{role} is there', lambda: role in node.roles())
            old = node.roles().get(role, 0)
            if old == 0:
                continue
            os.kill(old, signal.SIGKILL)
            if role == 'detente-engine':
                have = matched()
                check('the page answers without an engine', 0 < have <= want, str(have))
            wait(20, f'{role} comes back', lambda: node.roles().get(role, old) != old)
            wait(20, f'all lines after {role} was killed', lambda: matched() == want)
            wait(20, 'ready again', lambda: node.ask('/readyz')[0] == 200)
finally:
    check('exit', node.stop() == 0)
lines = run('events', '-o', 'jsonl', '--limit', '0').stdout.splitlines()
check('each line once', len(lines) == want, f'{len(lines)} of {want}')
p = run('log', 'fsck', '--events')
check('clean', p.returncode == 0, p.stderr)

token = run('token', 'add', 'script', '--role', 'analyst').stdout.strip()
alerts = scene.top + '/n/alerts/alerts.db'
os.rename(alerts, alerts + '.away')
os.mkdir(alerts)
node = scene.Node()
try:
    wait(10, 'the page without alerts', lambda: node.ask('/api/v1/alerts')[1] == {'alerts': []})
    gate = node.roles()['detente-gate']
    wait(10, 'there is no courier', lambda: 'detente-courier' not in node.roles())
    check('acknowledged', node.ask('/api/v1/alerts/1/ack', method='POST', Authorization='Bearer ' + token)[0] == 200)
    os.rmdir(alerts)
    os.rename(alerts + '.away', alerts)
    wait(30, 'alerts on the page, one acknowledged', lambda: [a['state'] for a in node.ask('/api/v1/alerts')[1].get('alerts', [])
                                                             if a['number'] == 1] == ['acknowledged'])
    check('the same gate', node.roles()['detente-gate'] == gate, node.said)
finally:
    check('exit', node.stop() == 0)
if scene.faults:
    print(node.said)
scene.end(f'{4 * ROUNDS} kills, ')
