#!/usr/bin/env python3
"""Is the pact kept: verdicts of two real nodes under a clock that a file moves, with a sensor that watches, is stopped, and
drops: verdict.py DETENTE."""
import json, os, subprocess, sys, time

import pair, scene
from pair import Clock, Party, adopt, agree, begin
from scene import check, detente, top


def verdict(place, *more, code=(0, 1)):
    p = subprocess.run([detente, '--dir', place, 'verdict', *more], cwd=top, capture_output=True, text=True, timeout=60)
    check(f'{place}: verdict {more}', p.returncode in code, (p.returncode, p.stderr))
    return p.stdout


def rows(place, *more):
    """By who is bound, and the obligation."""
    whole = json.loads(verdict(place, '--json', *more))
    return {(pair['bound'], row['obligation']): row for pact in whole['pacts'] for pair in pact['pairs'] for row in pair['obligations']}


def word(place, bound, obligation, reading='now'):
    return rows(place)[bound, obligation][reading]['word']


def stamp(us=0):
    return time.strftime('%Y-%m-%dT%H:%M:%S', time.gmtime(clock.now())) + f'.{us:06d}+0000'


def attack(origin):
    text = ''
    for i in range(5):
        text += json.dumps({
            'timestamp': stamp(i), 'event_type': 'alert', 'src_ip': origin, 'src_port': 40000 + i,
            'dest_ip': f'192.0.2.{10 + i % 2}', 'dest_port': 443, 'proto': 'TCP', 'app_proto': 'http',
            'flow': {'pkts_toserver': 5, 'pkts_toclient': 4}, 'alert': {
                'action': 'allowed', 'gid': 1, 'signature_id': 2030001, 'rev': 2, 'signature': 'x',
                'category': 'Attempted Administrator Privilege Gain', 'severity': 1}}) + '\n'
    open(f'{top}/{origin}.json', 'w').write(text)
    p = subprocess.run([detente, '--dir', 'aland', 'ingest', f'{origin}.json'], cwd=top, capture_output=True, text=True, timeout=60)
    check('events are taken', p.returncode == 0, p.stderr)


def say(place, *words):
    p = subprocess.run([detente, '--dir', place, 'incident', *words], cwd=top, capture_output=True, text=True, timeout=60)
    check(f'{place}: {words}', p.returncode == 0, p.stderr)


def meet(what):
    def met():
        clock.jump(3)
        time.sleep(0.15)
        return agree(a, b)
    scene.wait(40, what, met)


def incidents():
    """The words of an incident that goes its way, at both nodes."""
    attack('203.0.113.7')

    def received():
        clock.jump(2)
        time.sleep(0.2)
        return [r['state'] for r in b.ask('/api/v1/incidents')[1]['incidents']] == ['RECEIVED']
    scene.wait(40, 'it is received', received)
    meet('both know it')
    for place in 'aland', 'bland':
        for reading in 'now', 'period', 'theirs':
            check(f'{place}: open, {reading}', word(place, 'bland', 'refrain-exploit', reading) == 'open incidents')
            check(f'{place}: open under respond', word(place, 'bland', 'respond', reading) == 'open incidents')
        check(f'{place}: none the other way', word(place, 'aland', 'refrain-exploit') != 'open incidents')
        row = rows(place)['bland', 'refrain-exploit']['now']
        check(f'{place}: figures', (row['open'], row['overdue'], row['oldest']) == (1, 0, 'aland-1') and row['next_due'], row)
    clock.jump(25 * 3600)
    meet('a day later')
    for place in 'aland', 'bland':
        row = rows(place)['bland', 'refrain-exploit']['now']
        check(f'{place}: not answered', row['word'] == 'not answered in time', row)
        check(f'{place}: what is behind', (row['worst'], row['item']) == ('aland-1', 'acknowledge') and row['delivered'] and row['over_s'] > 0, row)
        p = subprocess.run([detente, '--dir', place, 'verdict'], cwd=top, capture_output=True, text=True)
        check(f'{place}: exit 1', p.returncode == 1 and 'not answered in time' in p.stdout, p)
    say('bland', 'ack', 'aland-1')
    say('bland', 'answer', 'aland-1', 'spoofed', '--reason', 'made up')
    meet('answered')
    check('late is not unanswered', word('aland', 'bland', 'refrain-exploit') == 'open incidents')
    say('aland', 'dispute', 'aland-1', '--reason', 'it had data')
    meet('disputed')
    for place in 'aland', 'bland':
        check(f'{place}: disputed', word(place, 'bland', 'refrain-exploit', 'theirs') == 'disputed')
    say('aland', 'withdraw', 'aland-1', '--cause', 'error', '--reason', 'ours')
    meet('withdrawn')
    whole = json.loads(verdict('bland', '--json'))
    of = [p for p in whole['pacts'][0]['pairs'] if p['bound'] == 'bland'][0]
    check('precision', (of['notices'], of['withdrawn'], of['wrong_ppm']) == (1, 1, 1000000), of)
    check('times', of['took']['acknowledge']['count'] == 1 and of['took']['acknowledge']['median_s'] > 24 * 3600, of['took'])
    row = rows('bland')['bland', 'refrain-exploit']['period']
    check('counted as late', (row['open'], row['late'], row['incidents']) == (0, 1, 1), row)


def begin_pair():
    begin(lambda pact: pact.replace('out_of_contact_after: 6h ', 'out_of_contact_after: 20d '))
    adopt('aland', 'bland')


clock = Clock()
pair.clocks.update(aland=clock.path, bland=clock.path)
begin_pair()
a, b = Party('aland', 'bland'), Party('bland', 'aland')
meet('both are up')
scene.wait(20, 'both annexes are in force', lambda: all('none' not in r['witnessed'] and r['witnessed'] for x in ('aland', 'bland') for r in json.loads(pair.sh(detente, '--dir', x, 'pact', 'list', '-o', 'json'))))
clock.jump(60)
meet('both judge')
incidents()
for who, node in ('aland', a), ('bland', b):
    check(f'{who} ends', node.stop() == 0, node.said)
scene.end('')
