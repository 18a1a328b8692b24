#!/usr/bin/env python3
"""A directory that was put back as a whole, with its mark: rollback.py DETENTE.

Its counterpart and a further witness of its log know better.  Each alone keeps the node from signing anything: before the
first signature they are asked.  Nobody who does not answer holds it up for longer than a few seconds."""
import json, os, shutil, socket, subprocess, time

import scene
from pair import Party, agree, adopt, begin, conf, port, ports, sh
from scene import check, detente, top


def size(name):
    return json.loads(sh(detente, '--dir', name, 'log', 'head', '--json'))['size']


def sample(n):
    return subprocess.run([detente, 'sample', '--count', '40', '--seed', str(n)], capture_output=True, text=True).stdout


def put_back():
    shutil.rmtree(top + '/aland')
    shutil.copytree(top + '/aland.old', top + '/aland', symlinks=True)


def refuses(what, whose):
    """It starts with work to do, ends by itself, and has signed nothing."""
    put_back()
    before = size('aland')
    p = subprocess.run([detente, '--dir', 'aland', 'serve'], cwd=top, capture_output=True, text=True, timeout=60)
    check(f'{what}: it ends', p.returncode == 6, (p.returncode, p.stderr))
    check(f'{what}: why', f'{whose} holds a tree of this log' in p.stderr and 'ROLLBACK in detente(1)' in p.stderr, p.stderr)
    check(f'{what}: nothing was signed', size('aland') == before, (size('aland'), before, p.stderr))


begin()
adopt('aland', 'bland')
# bland is a further witness too, of a third node w
w = port()
sh(detente, '--dir', 'w', 'init', '--origin', 'w.example/detente/log')
key = sh(detente, '--dir', 'aland', 'log', 'key').decode().strip()
open(top + '/w/detente.yaml', 'w').write(f'listen:\n  - address: "127.0.0.1:{w}"\nwitness: {{logs: ["{key}"]}}\n')
witness = sh(detente, '--dir', 'w', 'log', 'witness', 'key').decode().strip()
open(top + '/aland/policy', 'w').write(f'witness w {witness} http://127.0.0.1:{w}/witness\nquorum w\n')
with open(top + '/aland/detente.yaml', 'a') as f:
    f.write('witness: {policy: policy, inside: [w]}\nsensors:\n  - {name: s, path: ' + top + '/aland/eve.json, format: eve}\n')
open(top + '/aland/eve.json', 'w').close()
nodes = [scene.Node(dir='w'), Party('bland', 'aland'), Party('aland', 'bland')]
third, b, a = nodes
open(top + '/aland/eve.json', 'a').write(sample(1))
scene.wait(10, 'what the sensor writes is taken', lambda: a.size() > 12)
scene.wait(30, 'both are witnessed and held', lambda: agree(a, b) and a.ask('/api/v1/witnesses')[1].get('now') == 1)
check('a ends', a.stop() == 0)
open(top + '/aland/eve.json', 'a').write(sample(2))
shutil.copytree(top + '/aland', top + '/aland.old', symlinks=True)
old = size('aland')
a = Party('aland', 'bland')
scene.wait(30, 'it grows', lambda: a.size() > old and agree(a, b) and a.ask('/api/v1/witnesses')[1].get('now') == 1)
check('a ends', a.stop() == 0)
# who lost its log gets it back from the counterpart, byte for byte
origin = 'aland.example/detente/log'
sh(detente, '--dir', 'aland', 'log', 'export', 'own')
for _ in range(2):  # again is no harm
    sh(detente, '--dir', 'bland', 'log', 'export', '--of', origin, 'held')
sh('diff', '-r', 'own', 'held')
for args, code, why in (('nobody.example/log', 'other'), 1, 'nothing is held here'), (('nobody.example/log', 'held'), 1, 'nothing is held'), ((origin, 'w'), 3, ''):
    if args[1] == 'w':
        sh(detente, '--dir', 'w', 'log', 'export', 'w')
    p = subprocess.run([detente, '--dir', 'bland', 'log', 'export', '--of', *args], cwd=top, capture_output=True, text=True)
    check(f'export {args}', p.returncode == code and why in p.stderr, (p.returncode, p.stderr))
# one of them is enough, whichever
check('w ends', third.stop() == 0)
refuses('the counterpart alone', 'bland')
check('b ends', b.stop() == 0)
third = scene.Node(dir='w')
refuses('the witness alone', 'witness w')
# without either nobody knows, and the node does not wait for them for ever: not even for one that takes and never answers
check('w ends', third.stop() == 0)
mute = socket.create_server(('127.0.0.1', w))
put_back()
began = time.time()
a = Party('aland', 'bland')
scene.wait(12, 'it goes on', lambda: a.size() > old)
took = time.time() - began
check('bounded', took < 30, took)
check('and says so', 'by its mark alone' in a.said, a.said)
mute.close()
# who signed on after that is caught when they are back
b = Party('bland', 'aland')
try:
    check('it ends then', a.process.wait(90) == 6, a.said)
except subprocess.TimeoutExpired:
    check('it ends then', False, a.said)
check('b ends', b.stop() == 0)
scene.end(f'{took:.1f} s without an answer; ')
