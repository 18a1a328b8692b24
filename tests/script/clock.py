#!/usr/bin/env python3
"""How far a node's clock is off: clock.py DETENTE.

Two nodes that cosign each other's log, each under a clock of its own that a file moves.  What one says of the other's is what was
moved, the page and `status` say so, and beyond what the pact allows people are told, on whichever side is wrong."""
import json, subprocess, time

import pair, scene
from pair import Clock, Party, adopt, agree, begin
from scene import check, detente, top


def status(who):
    p = subprocess.run([detente, '--dir', who, 'status', '--json'], cwd=top, capture_output=True, text=True, timeout=30)
    return json.loads(p.stdout)['clock']


def text(who):
    p = subprocess.run([detente, '--dir', who, 'status'], cwd=top, capture_output=True, text=True, timeout=30)
    return [x for x in p.stdout.split('\n') if x.startswith('clock')]


def offset(node):
    got = node.ask('/api/v1/peers')[1].get('clock', {})
    return got.get('offset_ms') if got.get('others') else None


def firing(node):
    return [x for x in node.ask('/api/v1/alerts')[1]['alerts'] if x['key'] == 'clock-offset' and x['state'] == 'firing']


def turn(seconds):
    """It goes by for both."""
    for c in clocks:
        c.jump(seconds)
    time.sleep(0.3)


def until(what, test, step=5, tries=100):
    for _ in range(tries):
        if test():
            return
        turn(step)
    check(what, False, (a.ask('/api/v1/peers'), b.ask('/api/v1/peers'), a.said[-500:]))


clocks = ca, cb = Clock('clock-a'), Clock('clock-b')
pair.clocks.update(aland=ca.path, bland=cb.path)
begin(lambda pact: pact)
adopt('aland', 'bland')
pair.conf('aland', 'bland')
pair.conf('bland', 'aland')
a, b = Party('aland', 'bland'), Party('bland', 'aland')
until('in contact', lambda: agree(a, b), 1)
until('each knows', lambda: offset(a) is not None and offset(b) is not None)
for node in a, b:
    check('none is off', abs(offset(node)) < 3000, node.ask('/api/v1/peers'))
    check('nor is anybody told so', firing(node) == [], firing(node))
    one = node.ask('/api/v1/peers')[1]['peers'][0]['clock_offset_ms']
    check('by the one that there is', abs(one - offset(node)) < 2, one)
cb.jump(600)  # ten minutes ahead, far beyond what a pact allows
until('aland sees it', lambda: (offset(a) or 0) > 590000)
until('and bland that it stands alone', lambda: (offset(b) or 0) < -590000)
check('by so much', abs(offset(a) - 600000) < 10000 and abs(offset(b) + 600000) < 10000, (offset(a), offset(b)))
until('both are told', lambda: firing(a) and firing(b))
check('which way', 'behind' in firing(a)[0]['text'] and 'ahead' in firing(b)[0]['text'], (firing(a), firing(b)))
until('the command line too', lambda: (status('aland').get('offset_ms') or 0) > 590000 and (status('bland').get('offset_ms') or 0) < -590000)
check('in words', 'behind, by 1 other who cosign' in text('aland')[0] and 'ahead' in text('bland')[0], (text('aland'), text('bland')))
turn(0)
ca.jump(600)  # aland's is set right
until('which both see', lambda: abs(offset(a) or 10**9) < 5000 and abs(offset(b) or 10**9) < 5000)
until('and it is over', lambda: not firing(a) and not firing(b))
for n in a, b:
    check('it ends', n.stop() == 0, n.said[-500:])
scene.end()
