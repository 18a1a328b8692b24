#!/usr/bin/env python3
"""A database that others hold for a while: locked.py DETENTE.

Whoever has to wait for a lock waits, under the filter of calls too: nobody dies, questions are answered, and what
came meanwhile is taken."""
import fcntl, os, threading, time

import scene
from scene import check, run, wait

READERS = 123, 5  # the locks of readers in the index of SQLite's write-ahead log
HELD = 1.5


def held(path, seconds, done):
    """Those locks, exclusively, as soon as they are to be had."""
    with open(path, 'r+b') as f:
        end = time.time() + 20
        while time.time() < end:
            try:
                fcntl.lockf(f, fcntl.LOCK_EX | fcntl.LOCK_NB, READERS[1], READERS[0])
                done.append(True)
                time.sleep(seconds)
                return
            except OSError:
                time.sleep(0.002)


scene.init('    what: page\nsensors:\n  - {name: east, path: "' + scene.top + '/east.json"}\n')
text = run('sample', '--count', '200', '--seed', '4').stdout
want = text.count('"event_type":"alert"')
open(scene.top + '/east.json', 'w').close()
node = scene.Node()
roles = node.roles()
for name in 'detente.db-shm', 'alerts/alerts.db-shm':
    path = f'{scene.top}/n/{name}'
    if not os.path.exists(path):
        continue
    got = []
    holder = threading.Thread(target=held, args=(path, HELD, got))
    holder.start()
    wait(20, f'{name} is held', lambda: got)
    with open(scene.top + '/east.json', 'a') as f:
        f.write(text)
        text = ''
    answers = [node.ask(p)[0] for p in ('/api/v1/verdict', '/api/v1/events?limit=1', '/api/v1/alerts')]
    holder.join()
    check(f'{name}: answers', all(s == 200 for s in answers), answers)
    check(f'{name}: held', got)
wait(20, 'what came is taken', lambda: node.ask('/api/v1/events?limit=1')[1].get('matched') == want)
check('nobody died', node.roles() == roles and 'died' not in node.said, (roles, node.roles(), node.said))
check('exit', node.stop() == 0, node.said)
scene.end()
