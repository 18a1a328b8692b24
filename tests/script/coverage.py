#!/usr/bin/env python3
"""What the own sensors see of the own space, by prefix, of a real node under a clock that a file moves: a sensor is stopped,
another drops, both are mended; the figures and the alerts follow.  coverage.py DETENTE."""
import calendar, json, subprocess, time

import pair, scene
from pair import Clock, Party, adopt, begin
from scene import check, detente, top

HALF, REST = ['192.0.2.0/24'], ['2001:db8:a::/48']


class Sensor:
    """A file that grows as Suricata's does: a `stats` record a minute."""

    def __init__(self, name):
        self.path, self.packets, self.drops, self.stopped, self.loses = f'{top}/{name}.json', 0, 0, False, 0
        open(self.path, 'w').close()

    def write(self):
        if self.stopped:
            return
        self.packets, self.drops = self.packets + 1000, self.drops + self.loses
        at = time.strftime('%Y-%m-%dT%H:%M:%S.000000+0000', time.gmtime(clock.now()))
        with open(self.path, 'a') as f:
            f.write(json.dumps({'timestamp': at, 'event_type': 'stats', 'stats': {
                'uptime': 9, 'capture': {'kernel_packets': self.packets, 'kernel_drops': self.drops, 'errors': 0},
                'decoder': {'pkts': self.packets - self.drops}, 'detect': {'engines': [{'id': 0, 'last_reload': at, 'rules_loaded': 30000}]}}}) + '\n')


def coverage():
    status, got = a.ask('/api/v1/coverage')
    check('coverage', status == 200, (status, got))
    return got


def prefixes():
    return {p['prefix']: p for p in coverage()['pacts'][0]['prefixes']}


def eye(name):
    return {s['sensor']: s for s in coverage()['eyes']['sensors']}[name]


def at(stamp):
    return calendar.timegm(time.strptime(stamp[:19], '%Y-%m-%dT%H:%M:%S'))


def alerts(rule):
    """Open ones of it, by subject."""
    return {x['subject']: x for x in a.ask('/api/v1/alerts')[1]['alerts'] if x['rule'] == rule and x['state'] != 'resolved'}


def beats(what, until, most=3600):
    """The clock goes on minute by minute and the sensors write; after how many seconds it was so."""
    gone = 0
    while not until():
        if gone >= most:
            check(what, False, json.dumps(coverage())[:3000])
            break
        for s in sensors.values():
            s.write()
        time.sleep(0.1)
        clock.jump(60)
        time.sleep(0.2)
        gone += 60
    return gone


def begin_node():
    begin()
    text = open(f'{top}/aland.annex').read().split('\n\n\u2014 ')[0] + '\n'
    before = text
    text = text.replace('{id: edge-1, kind: suricata, watches: [192.0.2.0/25, "2001:db8:a::/49"]}', '{id: edge-1, kind: suricata, watches: [192.0.2.0/25, "2001:db8:a::/48"]}')
    text = text.replace('{id: flow-1, kind: ipfix, watches: [192.0.2.0/24], sampling: 1000}', '{id: edge-2, kind: zeek, watches: [192.0.2.128/25]}')
    check('the annex is as it was', before != text and 'edge-2' in text)
    open(f'{top}/aland.annex', 'w').write(text)
    pair.sh(detente, 'pact', 'sign', 'aland.annex', '--key', 'aland.key', '--passphrase-file', pair.PHRASE, '--pact', 'pact')
    with open(f'{top}/aland/detente.yaml', 'a') as f:
        f.write('networks: [192.0.2.0/24]\nblind: 10m\nsensors:\n' + ''.join(f'  - {{name: {n}, path: {s.path}, format: eve, silent: 0s}}\n' for n, s in sensors.items()))
    adopt('aland', 'bland')


def healthy():
    beats('both halves are seen', lambda: all(p['now_ppm'] == 1000000 for p in prefixes().values()) and len(prefixes()) == 2)
    got = coverage()
    pact = got['pacts'][0]
    check('as declared', [p['prefix'] for p in pact['prefixes']] == HALF + REST and pact['prefix_count'] == 2, pact)
    check('nothing is blind', all(p['blind_since'] == '' and p['less_since'] == '' for p in pact['prefixes']), pact)
    check('84 steps of two hours, unknown before', all(len(p['steps']) == 84 and p['steps'][0] == -1 for p in pact['prefixes']) and got['step_s'] == 7200, pact)
    one, two = eye('edge-1'), eye('edge-2')
    check('kinds, and what they watch', (one['kind'], two['kind'], one['watches'], two['watches']) == ('suricata', 'zeek', ['192.0.2.0/25', '2001:db8:a::/48'], ['192.0.2.128/25']), (one, two))
    check('figures', one['packets'] > 0 and one['drops'] == 0 and one['usual'] == 0 and abs(one['clock_us']) < 120e6 and one['heard'], one)
    check('no alert', not alerts('sensor-blind') and not alerts('sensor-drops'))


def one_stops():
    """Half of a prefix is still seen: that is told on the page, and is no alert."""
    sensors['edge-2'].stopped = True
    beats('half', lambda: prefixes()[HALF[0]]['now_ppm'] == 500000)
    got = prefixes()
    check('less than all since then, but not blind', got[HALF[0]]['less_since'] and not got[HALF[0]]['blind_since'], got)
    check('the other is not touched', got[REST[0]]['now_ppm'] == 1000000 and not got[REST[0]]['less_since'], got)
    check('why', eye('edge-2')['faults'] == ['silent'] and eye('edge-2')['blind_since'] and eye('edge-2')['why'] == ['silent'], eye('edge-2'))
    for _ in range(2):  # longer than `blind`
        beats('', (lambda end: lambda: clock.now() > end)(clock.now() + 400))
    check('half blind is no alert', not alerts('sensor-blind'), alerts('sensor-blind'))


def both_are_gone():
    """One is stopped, the other drops: nothing of the space is seen."""
    sensors['edge-1'].loses = 100
    beats('blind', lambda: all(p['now_ppm'] == 0 and p['blind_since'] for p in prefixes().values()))
    check('drops', eye('edge-1')['faults'] == ['drops'], eye('edge-1'))
    check('not at once', not alerts('sensor-blind'), alerts('sensor-blind'))
    beats('the alert', lambda: len(alerts('sensor-blind')) == 2, 1200)
    for p in HALF + REST:
        took = at(alerts('sensor-blind')[f'{p} aland-bland']['since']) - at(prefixes()[p]['blind_since'])
        check(f'{p}: after ten minutes', 600 <= took <= 780, took)
    got = alerts('sensor-blind')
    check('both of them', set(got) == {f'{p} aland-bland' for p in HALF + REST} and all('no healthy sensor watches' in x['text'] for x in got.values()), got)
    beats('drops are told', lambda: set(alerts('sensor-drops')) == {'edge-1'}, 600)


def after_a_start():
    """What was so before the node was stopped is known after it."""
    global a
    before = prefixes()[REST[0]]['blind_since']
    was = alerts('sensor-blind')
    check('it ends', a.stop() == 0, a.said[-2000:])
    a = Party('aland', 'bland')
    check('since when', prefixes()[REST[0]]['blind_since'] == before, (before, prefixes()))
    time.sleep(1.5)
    beats('still told', lambda: len(alerts('sensor-blind')) == 2, 300)
    check('the same alerts', {x['number'] for x in alerts('sensor-blind').values()} == {x['number'] for x in was.values()}, (was, alerts('sensor-blind')))


def mended():
    sensors['edge-1'].loses, sensors['edge-2'].stopped = 0, False
    beats('all is seen', lambda: all(p['now_ppm'] == 1000000 for p in prefixes().values()))
    beats('resolved', lambda: not alerts('sensor-blind') and not alerts('sensor-drops'), 600)
    gaps = coverage()['gaps']
    check('gaps, with why', {('edge-1', 'drops'), ('edge-2', 'sensor-silent')} <= {(g[2], g[3]) for g in gaps} and all(g[0] < g[1] for g in gaps), gaps)
    steps = [x for x in prefixes()[REST[0]]['steps'] if x >= 0]
    check('the past stays as it was', steps and min(steps) < 900000, steps)


def down():
    """A node that was down for hours saw nothing of them."""
    global a
    check('it ends', a.stop() == 0, a.said[-2000:])
    clock.jump(5 * 3600)
    a = Party('aland', 'bland')
    got = prefixes()[REST[0]]
    check('nobody looked', got['now_ppm'] == 0 and got['blind_since'], got)
    beats('all is seen', lambda: all(p['now_ppm'] == 1000000 for p in prefixes().values()))
    check('blind hours', 0 in prefixes()[REST[0]]['steps'][-3:], prefixes()[REST[0]]['steps'][-4:])
    check('and why', any(g[2] == '' and g[3] == 'stopped' for g in coverage()['gaps']), coverage()['gaps'])


def not_for_others():
    """Counterparts get nothing of it: neither from their listener nor with a parameter."""
    p = subprocess.run(['curl', '-sk', '-o', '/dev/null', '-w', '%{http_code}', '--cert', f'{top}/bland/keys/tls.pem', '--key', f'{top}/bland/keys/tls.pem',
                        f'https://127.0.0.1:{pair.ports["aland"]}/api/v1/coverage'], capture_output=True, text=True, timeout=20)
    check('not from the counterparts\' listener', p.stdout != '200', p)
    check('no method but GET', a.ask('/api/v1/coverage', {}, 'POST')[0] == 405)


clock = Clock()
pair.clocks.update(aland=clock.path, bland=clock.path)
sensors = {n: Sensor(n) for n in ('edge-1', 'edge-2')}
begin_node()
a, b = Party('aland', 'bland'), Party('bland', 'aland')
scene.wait(30, 'the annex is in force', lambda: clock.jump(1) or all('none' not in r['witnessed'] and r['witnessed'] for r in json.loads(pair.sh(detente, '--dir', 'aland', 'pact', 'list', '-o', 'json'))))
clock.jump(60)
healthy()
one_stops()
both_are_gone()
after_a_start()
mended()
down()
not_for_others()
check('bland ends', b.stop() == 0, b.said)
check('aland ends', a.stop() == 0, a.said)
p = subprocess.run([detente, '--dir', 'aland', 'log', 'fsck'], cwd=top, capture_output=True, text=True)
check('fsck', p.returncode == 0, p.stderr)
scene.end('')
