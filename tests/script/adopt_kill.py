#!/usr/bin/env python3
"""Adopting while it is killed: adopt_kill.py DETENTE ROUNDS.

A pact, both annexes and what they make are all there or not at all, wherever the command, or the
engine that does it, is ended by kill -9; a second try makes it whole, once."""
import json, os, random, re, shutil, signal, subprocess, sys, time

import scene
from scene import check, detente, run, top

ROUNDS = int(sys.argv[2]) if len(sys.argv) > 2 else 12
FILES = 'pact', 'bland.annex', 'aland.annex'


def do(*args):
    p = subprocess.run([detente, *args], cwd=top, capture_output=True, text=True, timeout=60)
    check(f'{args}', p.returncode == 0, p.stdout + p.stderr)
    return p.stdout.strip()


def sign(what, *parties, **pact):
    for party in parties:
        do('pact', 'sign', what, '--key', party + '.key', '--passphrase-file', 'phrase', *(['--pact', 'pact'] if pact else []))


def leaves():
    """How many of each type the log has."""
    types = re.findall(r'Z +([a-z-]+) +known', run('log', '--limit', '0').stdout)
    return [types.count(t) for t in ('pact', 'annex', 'annex-seen', 'act')]


def look(what):
    """True when it was adopted; anything between is a fault."""
    rows = json.loads(run('pact', 'list', '-o', 'json').stdout)
    has = [(r['party'], r['annex'], r['seen_by']) for r in rows]
    check(what, has in ([], [('aland', 1, ''), ('bland', 1, 'aland')]), has)
    check(what + ', leaves', leaves() == ([1, 1, 1, 1] if has else [0, 0, 0, 0]), leaves())
    return bool(has)


def again(what):
    p = run('pact', 'adopt', *FILES)
    check(what + ', again', p.returncode == 0, p.stderr)
    check(what + ', whole', look(what))
    p = run('log', 'fsck')
    check(what + ', fsck', p.returncode == 0, p.stderr)


with open(top + '/phrase', 'w') as f:
    f.write('correct horse battery\n')
vkey = {p: do('pact', 'key', f'{p}.example/detente/party', '-o', p + '.key', '--passphrase-file', 'phrase') for p in ('aland', 'bland')}
for p, net in ('aland', '192.0.2.0/24'), ('bland', '198.51.100.0/24'):
    do('--dir', p, 'init', '--origin', f'{p}.example/detente/log', '--party', p)
    with open(f'{top}/{p}/detente.yaml', 'w') as f:
        f.write(f'party: {p}\nnetworks: [{net}]\nlisten: [{{address: 127.0.0.1:0}}]\n')
do('pact', 'new', 'aland-bland', *(f'{p},,{vkey[p]}' for p in vkey), '-o', 'pact', '--from', '2026-02-01')
sign('pact', 'aland', 'bland')
for p in vkey:
    do('--dir', p, 'pact', 'annex', 'new', '--pact', 'pact', '-o', p + '.annex')
    sign(p + '.annex', p, pact=True)
begun = time.time()
shutil.copytree(top + '/aland', top + '/n')
check('it works', run('pact', 'adopt', *FILES).returncode == 0)
whole = time.time() - begun
done = 0
for i in range(ROUNDS):
    shutil.rmtree(top + '/n')
    shutil.copytree(top + '/aland', top + '/n')
    p = subprocess.Popen([detente, '--dir', 'n', 'pact', 'adopt', *FILES], cwd=top, stderr=subprocess.DEVNULL)
    time.sleep(whole * 1.1 * i / ROUNDS)
    p.send_signal(signal.SIGKILL)
    p.wait()
    done += look(f'killed after {i}/{ROUNDS}')
    again(f'killed after {i}/{ROUNDS}')
served = 0
for i in range(max(2, ROUNDS // 4)):
    shutil.rmtree(top + '/n')
    shutil.copytree(top + '/aland', top + '/n')
    node = scene.Node()
    try:
        engine = node.roles()['detente-engine']
        p = subprocess.Popen([detente, '--dir', 'n', 'pact', 'adopt', *FILES], cwd=top, stderr=subprocess.PIPE, text=True)
        time.sleep(random.uniform(0, whole * 1.2))
        os.kill(engine, signal.SIGKILL)
        said = p.communicate(timeout=60)[1]
        check('what went wrong is said', p.returncode == 0 or 'went away' in said, said)
        scene.wait(20, 'the engine is back', lambda: node.roles().get('detente-engine', engine) != engine)
        end = time.time() + 20
        while time.time() < end and run('pact', 'adopt', *FILES).returncode != 0:
            time.sleep(0.1)
        served += p.returncode == 0
        check('whole', look('engine killed'))
    finally:
        check('exit', node.stop() == 0)
    again('engine killed')
scene.end(f'{done} of {ROUNDS} were done before the kill, {served} by a node; ')
