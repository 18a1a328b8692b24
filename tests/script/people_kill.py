#!/usr/bin/env python3
"""Acts while their engine is killed: people_kill.py DETENTE ROUNDS.

Tokens are added to a running node, one after the other, while its engine is killed at any moment.
What was acknowledged is there, and lets in; what was not may be there or not; each act has its
leaf and opens; one link signs in at most once, however many try it at the same time."""
import concurrent.futures, json, os, random, re, signal, sys, threading, time

import scene
from scene import check, run

ROUNDS = int(sys.argv[2]) if len(sys.argv) > 2 else 3
scene.init()
acked, tried, kills = {}, 0, 0


def kill_engine(until):
    """A few times only: the parent waits longer before each new start."""
    global kills
    for _ in range(4):
        time.sleep(random.uniform(0.05, 0.6))
        e = node.roles().get('detente-engine')
        while not e and not until.is_set():
            time.sleep(0.02)
            e = node.roles().get('detente-engine')
        if e:
            os.kill(e, signal.SIGKILL)
            kills += 1
    until.set()


def add_tokens(ends):
    global tried
    while not ends.is_set():
        tried += 1
        r = run('token', 'add', f't{tried}', '--role', 'viewer')
        if r.returncode == 0:
            acked[f't{tried}'] = r.stdout.strip()
        else:
            check('what went wrong is said', 'went away' in r.stderr, r.stderr)
            time.sleep(0.05)


for round in range(ROUNDS):
    node = scene.Node()
    try:
        ends = threading.Event()
        thread = threading.Thread(target=kill_engine, args=(ends,))
        thread.start()
        add_tokens(ends)
        thread.join()
        end, r = time.time() + 30, 4
        while time.time() < end and r not in (0, 3):
            r = run('user', 'add', 'alice', '--role', 'analyst').returncode
            time.sleep(0.1)
        listed = {t['name'] for t in json.loads(run('token', 'list', '-o', 'json').stdout)}
        check('all that was acknowledged is there', set(acked) <= listed, set(acked) - listed)
        for name, secret in acked.items():
            status, who = node.ask('/api/v1/session', Authorization='Bearer ' + secret)
            check('it lets in', who.get('user') == name, f'{name} {status} {who}')
        link = re.search('link=(.*)', run('user', 'link', 'alice').stdout)[1]
        with concurrent.futures.ThreadPoolExecutor(16) as pool:
            got = [s for s, _ in pool.map(lambda _: node.ask('/api/v1/session', {'link': link}), range(16))]
        check('one of sixteen', sorted(got) == [200] + [401] * 15, sorted(got))
    finally:
        node.stop()
check('something was acknowledged', len(acked) > 2, f'{len(acked)} of {tried}')
print(f'{kills} kills, {tried} tokens, {len(acked)} acknowledged, {len(listed)} kept')
r = run('log', 'fsck')
check('fsck', r.returncode == 0, r.stderr)
scene.end()
