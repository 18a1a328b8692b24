#!/usr/bin/env python3
"""Is the pact kept: verdicts of two real nodes under a clock that a file moves, with a sensor that watches, is stopped, and
drops: verdict.py DETENTE."""
import base64, hashlib, json, os, subprocess, sys, time

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


class Sensor:
    """A file that grows as Suricata's does: a `stats` record every few seconds."""

    def __init__(self, path):
        self.path, self.packets, self.drops = path, 1000, 0
        open(path, 'w').close()

    def write(self, packets=1000, drops=0, skew=0, rules=0):
        self.packets, self.drops = self.packets + packets, self.drops + drops
        at, loaded = (time.strftime('%Y-%m-%dT%H:%M:%S.000000+0000', time.gmtime(clock.now() + x)) for x in (skew, -rules))
        with open(self.path, 'a') as f:
            f.write(json.dumps({'timestamp': at, 'event_type': 'stats', 'stats': {
                'uptime': 9, 'capture': {'kernel_packets': self.packets, 'kernel_drops': self.drops, 'errors': 0},
                'decoder': {'pkts': self.packets - self.drops}, 'detect': {'engines': [{'id': 0, 'last_reload': loaded, 'rules_loaded': 30000}]}}}) + '\n')


def sight(place='aland'):
    return rows(place)['bland', 'refrain-ddos']['now']


def whole(place='aland'):
    return json.loads(verdict(place, '--json'))['pacts'][0]


def beats(until, most, **how):
    """The clock goes on minute by minute, and the sensor writes (not with stop=True); after how many seconds it was so."""
    gone = 0
    while gone < most and not until():
        if not how.get('stop'):
            sensor.write(**how)
        time.sleep(0.1)
        clock.jump(60)
        time.sleep(0.2)
        gone += 60
    return gone


def falls(what, fault, **how):
    """Healthy, then something: the word turns within sensor_late_after and two heartbeats."""
    beats(lambda: sight()['coverage_ppm'] > 850000, 3600)
    check(f'{what}: healthy before', sight()['coverage_ppm'] > 850000 and whole()['sensors'][0]['faults'] == [], whole()['sensors'])
    gone = beats(lambda: sight()['coverage_ppm'] < 800000, 900, **how)
    check(f'{what}: within five minutes', gone <= 300, (gone, sight()))
    got = sight()
    check(f'{what}: unknown', (got['word'], got['why']) == ('unknown: no visibility', 'coverage'), got)
    check(f'{what}: and why', fault in whole()['sensors'][0]['faults'], whole()['sensors'])
    check(f'{what}: what one owes itself', word('aland', 'aland', 'keep-watching') == 'unknown: no visibility')


def window():
    n = beats(lambda: sight()['coverage_ppm'] > 850000, 1200)
    check('a window of fifteen minutes fills', 600 <= n < 1000, n)
    got = whole()['sensors']
    check('what is not known is said', got[0] == {'sensor': 'edge-1', 'faults': [], 'unknown': ['packets']}, got)
    check('one that is not there', got[1]['sensor'] == 'spare' and 'missing' in got[1]['faults'] and len(got[1]['unknown']) == 4, got)


def honest():
    return a.ask('/api/v1/now')[1]['honesty']['sensors']


def sensors():
    check('one of two reports', honest() == [1, 2], honest())
    falls('it stops', 'silent', stop=True)
    scene.wait(10, 'none of two reports', lambda: honest() == [0, 2])
    falls('it drops a tenth', 'drops', drops=100)
    falls('its clock is off', 'clock', skew=-400)
    falls('its rules are old', 'rules', rules=8 * 86400)
    p = subprocess.run([detente, '--dir', 'aland', 'doctor', '-o', 'json'], cwd=top, capture_output=True, text=True)
    found = [x['text'] for x in json.loads(p.stdout) if x['key'] == 'pact-sensor']
    check('one that the annex does not name', len(found) == 1 and 'spare' in found[0], p.stdout)
    a.stop()
    clock.jump(3600)
    check('a node that is down sees nothing', sight()['word'] == 'unknown: no visibility', sight())
    clock.jump(21 * 86400)
    for place, other in ('aland', 'bland'), ('bland', 'aland'):
        for bound in place, other:
            check(f'{place}: out of contact, {bound}', word(place, bound, 'refrain-scan') == 'suspended: out of contact' and word(place, bound, 'hygiene') == 'self-reported')


def alert(payload, how='payload_printable', sid=9000001):
    """The sensor sees it: an alert with the packet's payload."""
    with open(sensor.path, 'a') as f:
        f.write(json.dumps({
            'timestamp': stamp(), 'event_type': 'alert', 'src_ip': '192.0.2.9', 'src_port': 40000, 'dest_ip': '192.0.2.10', 'dest_port': 9,
            'proto': 'UDP', how: payload, 'alert': {'gid': 1, 'signature_id': sid, 'rev': 1, 'signature': 'canary', 'severity': 3}}) + '\n')


def canary(*more, code=0):
    p = subprocess.run([detente, '--dir', 'aland', 'canary', *more], cwd=top, capture_output=True, text=True, timeout=60)
    check(f'canary {more}', p.returncode == code, (p.returncode, p.stderr))
    return p.stdout.strip() if code == 0 else p.stderr


def listed():
    return json.loads(canary('list', '--since', '30d', '-o', 'json'))


def canaries():
    check('a sensor that is none', 'no such sensor' in canary('announce', 'nobody', code=1), '')
    check('no packet to others', 'own network only' in canary('announce', 'edge-1', '--send', '198.51.100.1:9', code=3), '')
    payload = canary('announce', 'edge-1')
    got = listed()
    check('announced, and not opened yet', [(x['state'], x['salt'], x['opened'], x['payload']) for x in got] == [('waiting', '', '', payload)], got)
    alert('something else', 'payload_printable')
    alert(payload[:-1] + ('0' if payload[-1] != '0' else '1'))
    clock.jump(2)
    time.sleep(0.6)
    check('another payload is another', listed()[0]['state'] == 'waiting')
    alert(payload)
    scene.wait(10, 'found', lambda: listed()[0]['state'] == 'found')
    got = listed()[0]
    event = a.ask('/api/v1/events/' + got['event'])
    check('in an event of the sensor', event[0] == 200 and payload in json.dumps(a.ask('/api/v1/events/' + got['event'] + '/raw')[1]), event)
    kind, at, name, digest = json.loads(got['opened'])
    check('opened', (kind, at, name, digest) == ('canary', got['announced'], 'edge-1', hashlib.sha256(payload.encode()).hexdigest()), got)
    detail = hashlib.sha256(b'detente/commit/v1\n' + bytes.fromhex(got['salt']) + got['opened'].encode()).hexdigest()
    p = subprocess.run([detente, '--dir', 'aland', 'log', 'export', 'tiles'], cwd=top, capture_output=True, text=True)
    check('the leaf commits to it', p.returncode == 0 and detail in ''.join(open(os.path.join(d, f), errors='replace').read() for d, _, fs in os.walk(f'{top}/tiles') for f in fs), p.stderr)
    got = sight()
    check('one of one', (got['canaries'], got['found'], got['recall_ppm']) == (1, 1, 50000), got)
    # base64 too, and by another sensor or too late it is none
    payload = canary('announce', 'edge-1')
    alert(base64.b64encode(payload.encode() + b'\n').decode(), 'payload')
    scene.wait(10, 'found as base64', lambda: listed()[0]['state'] == 'found')
    payload = canary('announce', 'edge-1', '--within', '1m')
    open(f'{top}/other.json', 'w').write(open(sensor.path).readlines()[-1].replace(open(sensor.path).readlines()[-1].split('"payload": "')[-1].split('"')[0], payload))
    p = subprocess.run([detente, '--dir', 'aland', 'ingest', 'other.json'], cwd=top, capture_output=True, text=True)
    check('another sensor', p.returncode == 0 and listed()[0]['state'] == 'waiting', p.stderr)
    clock.jump(61)
    time.sleep(0.3)
    check('its time is over', listed()[0]['state'] == 'missed')
    alert(payload)
    time.sleep(1)
    got = sight()
    check('too late is missed', (got['canaries'], got['found'], listed()[0]['state']) == (3, 2, 'missed'), got)
    for i in range(9):
        canary('announce', 'edge-1')
    check('so many a day', 'so many canaries a day' in canary('announce', 'edge-1', code=3))
    clock.jump(8 * 86400)
    check('and none of them after the window', sight()['canaries'] == 0, sight())


def counterpart():
    """What the other side sees of these sensors: heartbeats in the log, and no figures."""
    meet('bland has them')
    time.sleep(0.3)
    row = rows('bland')['bland', 'refrain-ddos']
    theirs = rows('aland')['bland', 'refrain-ddos']['theirs_now']
    for got in row['theirs_now'], row['now'], theirs:
        check('at most', got['known'] is False and got['at_most_ppm'] >= 800000 and got['why'] == 'figures', got)
    got = rows('bland')['aland', 'keep-watching']['now']
    check('it tells that it watches', (got['word'], got['why']) == ('unknown: partial visibility', 'figures'), got)
    got = rows('aland')['bland', 'keep-watching']['now']
    check('who tells of nothing saw nothing', (got['word'], got['why'], got['at_most_ppm']) == ('unknown: no visibility', 'coverage', 0), got)


def over_http():
    """The page is told the same."""
    status, got = a.ask('/api/v1/verdict?pact=aland-bland&party=bland&period=7d')
    want = json.loads(verdict('aland', '--json', '--period', '7d'))
    bare = lambda v: [(p['pact'], x['bound'], r['obligation'], r['now']['word'], r['period']['word'], r['theirs']['word']) for p in v['pacts'] for x in p['pairs'] for r in x['obligations']]
    check('over HTTP', status == 200 and bare(got) == bare(want), (status, str(got)[:300]))
    for query, status in ('pact=none', 404), ('party=aland', 404), ('period=7', 400), ('period=', 400), ('since=1d', 400):
        check(f'?{query}', a.ask('/api/v1/verdict?' + query)[0] == status, a.ask('/api/v1/verdict?' + query))


def compliant():
    """84 of 84 within a week, and what is declared is watched."""
    for day in range(7):
        found = [canary('announce', 'edge-1') for _ in range(12)]
        for payload in found:
            alert(payload)
        scene.wait(10, 'found', lambda: all(x['state'] == 'found' for x in listed()[:12]))
        sensor.write()
        if day < 6:
            clock.jump(86400)
    beats(lambda: sight()['word'] == 'compliant', 1500)
    got = sight()
    check('compliant', (got['word'], got['canaries'], got['found'], got['recall_ppm']) == ('compliant', 84, 84, 964964), got)
    text = verdict('aland', '--explain', '--party', 'bland')
    want = '  now     compliant. No activity above the pact\'s thresholds was observed from the declared space of bland. Seen by 1 sensor covering '
    check('in words', want in text and '84 of 84 test packets found (recall \u2265 96.5 %, 95 % confidence).' in text, text[:2000])
    check('the period was not seen', word('aland', 'bland', 'refrain-ddos', 'period') == 'unknown: partial visibility')


def leaves():
    """Heartbeats and gaps in the log, and what opens them."""
    listed = json.loads(pair.sh(detente, '--dir', 'aland', 'log', '--limit', '0', '-o', 'json'))
    found = {'heartbeat': [], 'gap': []}
    for x in listed:
        if x['type'] in found:
            leaf = json.loads(pair.sh(detente, '--dir', 'aland', 'log', 'show', str(x['index'])).split(b'\n', 1)[1])
            got = json.loads(pair.sh(detente, '--dir', 'aland', 'log', 'show', str(x['index']), '--opening'))
            opened = json.dumps(got['opened'], separators=(',', ':'), ensure_ascii=False)
            digest = hashlib.sha256(b'detente/commit/v1\n' + bytes.fromhex(got['salt']) + opened.encode()).hexdigest()
            check(f'leaf {x["index"]} is opened', digest == leaf.get('figures', leaf.get('detail')), (leaf, got))
            check('no sensor in a leaf', 'edge-1' not in json.dumps(leaf) and 'spare' not in json.dumps(leaf), leaf)
            found[x['type']].append((leaf, got['opened']))
    beats = [(x, {r[0]: r[1:] for r in o[1:]}) for x, o in found['heartbeat']]
    check('totals are the sums', all(x[k] == sum(r[i] for r in o.values()) for x, o in beats for k, i in (('events', 0), ('packets', 2), ('drops', 3))), beats[-1])
    check('one after the other', all(x['until'] <= y['from'] for (x, _), (y, _) in zip(beats, beats[1:])))
    check('packets and drops are told', any(o['edge-1'][2:4] == [1000, 100] and o['edge-1'][6] == 0 for _, o in beats), beats[-1])
    check('healthy ones too', any(o['edge-1'][6] == 1 and o['edge-1'][5] == 0 for _, o in beats) and all(o['spare'][6] == 0 for _, o in beats))
    gaps = [o for _, o in found['gap']]
    check('what was not watched', {'sensor-silent', 'drops', 'clock'} <= {g[4] for g in gaps if g[3] == ['edge-1']} and all(g[1] < g[2] for g in gaps), gaps)
    check('nor while the clock jumped', any(g[4] == 'stopped' and g[3] == ['edge-1', 'spare'] for g in gaps), gaps)


def begin_pair():
    begin(lambda pact: pact.replace('out_of_contact_after: 6h ', 'out_of_contact_after: 20d '))
    text = open(f'{top}/aland.annex').read().split('\n\n\u2014 ')[0] + '\n'
    text = text.replace('192.0.2.0/25', '192.0.2.0/24').replace('"2001:db8:a::/49"', '"2001:db8:a::/48"')
    open(f'{top}/aland.annex', 'w').write(text)
    pair.sh(detente, 'pact', 'sign', 'aland.annex', '--key', 'aland.key', '--passphrase-file', pair.PHRASE, '--pact', 'pact')
    with open(f'{top}/aland/detente.yaml', 'a') as f:
        f.write(f'networks: [192.0.2.0/24]\nsensors:\n  - {{name: edge-1, path: {top}/eve.json, format: eve, silent: 0s}}\n  - {{name: spare, path: {top}/none.json, format: eve, silent: 0s}}\n')
    adopt('aland', 'bland')


clock = Clock()
pair.clocks.update(aland=clock.path, bland=clock.path)
begin_pair()
sensor = Sensor(f'{top}/eve.json')
a, b = Party('aland', 'bland'), Party('bland', 'aland')
meet('both are up')
scene.wait(20, 'both annexes are in force', lambda: all('none' not in r['witnessed'] and r['witnessed'] for x in ('aland', 'bland') for r in json.loads(pair.sh(detente, '--dir', x, 'pact', 'list', '-o', 'json'))))
clock.jump(60)
meet('both judge')
incidents()
window()
canaries()
compliant()
counterpart()
over_http()
sensors()
leaves()
check('bland ends', b.stop() == 0, b.said)
for who in 'aland', 'bland':
    p = subprocess.run([detente, '--dir', who, 'log', 'fsck'], cwd=top, capture_output=True, text=True)
    check(f'{who}: fsck', p.returncode == 0, p.stderr)
scene.end('')
