#!/usr/bin/env python3
"""Indicators against what sensors tell, as it comes, in a running node: hits.py DETENTE.

Alerts, and records without one, of which nothing is kept; what is imported while it runs, what is over or gone, and processes that are killed at any time: the same figures as
`indicator sightings` has over what was recorded, and as counted here."""
import collections, datetime, fcntl, json, os, signal, sys, time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '../script'))
import scene
from scene import check, run, wait

ALERT = {'action': 'allowed', 'gid': 1, 'signature_id': 9, 'rev': 1, 'signature': 'x', 'category': 'Attempted Administrator Privilege Gain', 'severity': 1}
STAMP = '%Y-%m-%dT%H:%M:%S.%f+0000'
now = datetime.datetime.now(datetime.timezone.utc)
sent = alerts = 0


def ident(n):
    return f'indicator--8e2e2d2b-17d4-4cbf-938f-{n:012}'


def indicator(n, pattern, version=0, **more):
    return {'type': 'indicator', 'spec_version': '2.1', 'id': ident(n), 'created': '2026-01-01T00:00:00.000Z', 'modified': f'2026-01-01T00:00:0{version}.000Z',
            'pattern': pattern, 'pattern_type': 'stix', 'valid_from': '2026-01-01T00:00:00.000Z', 'name': f'i{n}', 'labels': ['bad'], **more}


def take(*objects):
    with open(scene.top + '/bundle', 'w') as f:
        json.dump({'type': 'bundle', 'id': 'bundle--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f', 'objects': objects}, f)
    p = run('indicator', 'import', 'bundle')
    check('import', p.returncode == 0, p.stderr)
    return p.stderr


def send(*events):
    """Lines of a sensor: origin, target, what else the record shows, and how many days ago; alerts, if no other event_type is shown."""
    global sent, alerts
    with open(scene.top + '/eve.json', 'a') as f:
        for src, dst, more, days in events:
            sent += 1
            at = (now - datetime.timedelta(days=days, seconds=-1e-3 * sent)).strftime(STAMP)
            kind = {} if 'event_type' in more else {'event_type': 'alert', 'alert': ALERT}
            alerts += len(kind) > 0
            f.write(json.dumps({'timestamp': at, 'src_ip': src, 'src_port': 1024 + sent % 60000, 'dest_ip': dst, 'dest_port': 1 + sent % 60000, 'proto': 'TCP', **kind, **more}) + '\n')


def rows(verb, *args):
    p = run('indicator', verb, '-o', 'json', *args)
    check(verb, p.returncode in (0, 1), p.stderr)
    return json.loads(p.stdout or '[]')


def figures(verb, *args):
    return {r['indicator']: (r['count'], r['events'], r['kinds'], r['first'], r['last'], r['unrecorded']) for r in rows(verb, *args)}


def agree(what):
    """Hits are what sightings are, of indicators that were looked for all the time."""
    hits, seen = figures('hits'), figures('sightings')
    check(f'{what}: hits are sightings', hits == seen, (hits, seen))


def counter(name):
    text = node.ask('/metrics')[1]
    at = [line.split() for line in text.splitlines() if line.startswith(f'detente_{name} ')]
    return int(at[0][1]) if at else None


def recorded(n):
    wait(20, f'{n} events are recorded', lambda: counter('attacks_total') == n)


def engine():
    return next((pid for name, pid in node.roles().items() if 'engine' in name), None)


def is_free():
    with open(scene.top + '/n/lock') as f:
        try:
            fcntl.flock(f, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return False
    return True


def kill_all():
    """The parent first: it would start again what dies.  What it just started ends by itself."""
    roles = node.roles()
    node.process.kill()
    node.process.wait()
    for pid in roles.values():
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
    wait(20, 'nobody has the lock', is_free)


def start():
    return scene.Node('--follow', scene.top + '/eve.json')


scene.init('block:\n  interval: 200ms\n')
open(scene.top + '/eve.json', 'w').close()
check('nothing yet', run('indicator', 'hits').returncode == 1)
check('nothing to compile', run('indicator', 'compile').returncode != 0)
node = start()
send(('198.51.100.1', '192.0.2.1', {}, 0))
recorded(1)
hits = node.ask('/api/v1/exchange')[1]['hits']
check('without indicators', (hits['looked_for'], hits['fault'], hits['indicators'], counter('indicator_events_total')) == (0, '', [], 0), hits)

# Imported while it runs: what comes from then on counts.
take(indicator(1, "[ipv4-addr:value = '198.51.100.1']", confidence=80), indicator(2, "[ipv4-addr:value ISSUBSET '198.51.100.0/24']"),
     indicator(3, "[domain-name:value = 'evil.test' OR ipv4-addr:value = '198.51.100.1']"),
     indicator(4, "[ipv4-addr:value = '198.51.100.2']", valid_until=(now - datetime.timedelta(hours=12)).strftime('%Y-%m-%dT%H:%M:%S.000Z')),
     indicator(5, "[ipv4-addr:value = '192.0.2.200']"), indicator(6, "[url:value = 'http://site.test/a']"))
wait(20, 'it is read', lambda: 'what is looked for was read' in node.said)
send(('198.51.100.1', '192.0.2.1', {}, 0), ('198.51.100.2', '192.0.2.1', {}, 0), ('192.0.2.7', '198.51.100.1', {}, 0), ('203.0.113.5', '192.0.2.1', {'tls': {'sni': 'evil.test'}}, 0),
     ('203.0.113.5', '192.0.2.2', {'http': {'hostname': 'site.test', 'url': '/a'}}, 0), ('203.0.113.6', '192.0.2.3', {}, 0), ('198.51.100.2', '192.0.2.9', {}, 2))
recorded(8)
got = {r['name']: r for r in rows('hits')}
check('which', {k: (r['count'], r['kinds'], r['state']) for k, r in got.items()} == {
    'i1': (2, ['address'], 'in-force'), 'i2': (4, ['prefix'], 'in-force'), 'i3': (3, ['address', 'domain'], 'in-force'), 'i4': (1, ['address'], 'over'),
    'i6': (1, ['url'], 'in-force')}, got)
check('by day', sorted((r['name'], r['count']) for r in rows('hits', '--by-day') if r['name'] in ('i2', 'i4')) == [('i2', 1), ('i2', 3), ('i4', 1)], rows('hits', '--by-day'))
check('since', {r['name']: r['count'] for r in rows('hits', '--since', (now - datetime.timedelta(hours=12)).strftime('%Y-%m-%d'))}.get('i4') in (None, 1))
check('confidence and labels', (got['i1']['confidence'], got['i1']['labels'], got['i2']['confidence']) == (80, 'bad', ''), got)
# The first event came before: sightings count it, hits do not.
seen = figures('sightings')
check('from then on', {k: v[0] - figures('hits').get(k, (0,))[0] for k, v in seen.items()} == {ident(1): 1, ident(2): 1, ident(3): 1, ident(4): 0, ident(6): 0}, seen)
check('asked', (counter('indicator_events_total'), counter('indicator_events_met_total')) == (7, 6), (counter('indicator_events_total'), counter('indicator_events_met_total')))
wait(20, 'the page tells of it', lambda: [r['id'] for r in node.ask('/api/v1/exchange')[1]['hits']['indicators']][:2] == [ident(2), ident(3)])
hits = node.ask('/api/v1/exchange')[1]['hits']
check('as the page has it', (hits['looked_for'], hits['indicator_count'], hits['over'], len(hits['indicators'][0]['series']), sum(hits['indicators'][0]['series'])) == (6, 5, 0, 14, 4), hits)
check('no addresses', not any(a in json.dumps(hits) for a in ('192.0.2.', '198.51.100.', '203.0.113.')), hits)

# Records without an alert: of every kind, of the past too; the same as `indicator match` finds, and as sightings tell.
before = figures('hits')
lines = os.path.getsize(scene.top + '/eve.json')
plain = '203.0.113.9', '192.0.2.9'
send((*plain, {'event_type': 'dns', 'dns': {'type': 'answer', 'rrname': 'a.test', 'answers': [{'rrname': 'a.test', 'rdata': '198.51.100.1'}], 'grouped': {'A': ['198.51.100.1']}}}, 0),
     (*plain, {'event_type': 'dns', 'dns': {'version': 3, 'queries': [{'rrname': 'EVIL.test'}]}}, 1), (*plain, {'event_type': 'tls', 'tls': {'sni': 'evil.test'}}, 0),
     (*plain, {'event_type': 'http', 'http': {'hostname': 'site.test', 'url': '/a', 'http_port': 80}}, 0), (*plain, {'event_type': 'quic', 'quic': {'sni': 'other.test'}}, 0),
     ('192.0.2.200', '203.0.113.1', {'event_type': 'flow', 'flow': {'pkts_toserver': 1}}, 0), ('198.51.100.2', '203.0.113.1', {'event_type': 'flow'}, 2),
     ('198.51.100.2', '203.0.113.1', {'event_type': 'flow'}, 0), (*plain, {'event_type': 'stats', 'stats': {'uptime': 1}}, 0), (*plain, {}, 0))
recorded(alerts)
after = figures('hits')
more = {k: tuple(after[k][i] - before.get(k, (0,) * 6)[i] for i in (0, 1, 5)) for k in after}
check('records without an alert', more == {ident(1): (1, 0, 1), ident(2): (3, 0, 3), ident(3): (3, 0, 3), ident(4): (1, 0, 1), ident(5): (1, 0, 1), ident(6): (1, 0, 1)}, more)
with open(scene.top + '/eve.json') as f, open(scene.top + '/part.json', 'w') as part:
    f.seek(lines)
    part.write(f.read())
p = run('indicator', 'match', scene.top + '/part.json', '-o', 'jsonl')
got = collections.Counter(i for i, _ in {(r['indicator'], r['line']) for r in map(json.loads, p.stdout.splitlines())})
check('as match finds them', {k: v[0] for k, v in more.items()} == got, (more, got))
seen = figures('sightings')
check('sightings have them', {k: v[5] for k, v in seen.items()} == {k: v[5] for k, v in after.items()}, (seen, after))
p = run('indicator', 'sightings', '-o', 'json', '--until', (now + datetime.timedelta(milliseconds=10)).strftime('%Y-%m-%dT%H:%M:%S.%fZ'))
check('of a part of a day', 'ask for whole days' in p.stderr, p.stderr)
check('asked too', counter('indicator_events_total') == 17, counter('indicator_events_total'))

# Killed at any time, the engine alone or all of it: each record counts once.
count = collections.Counter()
before = figures('hits')
base = sent
for step in range(14):
    burst = [(f'198.51.100.{1 + (sent + i) % 3}', '192.0.2.1', {}, 0) for i in range(400)]
    count.update(b[0] for b in burst)
    send(*burst[:100], *[(*plain, {'event_type': 'dns', 'dns': {'queries': [{'rrname': 'evil.test'}]}}, 0), ('192.0.2.200', '203.0.113.1', {'event_type': 'flow'}, 0)] * 50, *burst[100:])
    time.sleep(0.02 * (step % 7))
    if step % 3 == 0:
        wait(10, 'the engine runs', lambda: engine() is not None)
        os.kill(engine(), signal.SIGKILL)
    elif step % 3 == 1:
        kill_all()
        node = start()
recorded(alerts)
after = figures('hits')
check('each once', {k: after[k][0] - before[k][0] for k in after} == {
    ident(1): count['198.51.100.1'], ident(2): 14 * 400, ident(3): count['198.51.100.1'] + 14 * 50, ident(4): 0, ident(5): 14 * 50, ident(6): 0}, (before, after, count))

# Replaced: a newer version revokes, one looks for something else; what was counted stays.
take(indicator(1, "[ipv4-addr:value = '198.51.100.1']", 1, revoked=True), indicator(2, "[ipv4-addr:value = '203.0.113.77']", 1, name='other'))
wait(20, 'it is read', lambda: node.said.count('what is looked for was read') >= 1 and {r['indicator']: r['state'] for r in rows('hits')}[ident(1)] == 'revoked')
check('a new name', {r['indicator']: r['name'] for r in rows('hits')}[ident(2)] == 'other')
send(('198.51.100.1', '192.0.2.1', {}, 0), ('203.0.113.77', '192.0.2.1', {}, 0))
recorded(alerts)
later = figures('hits')
check('after the replacement', {k: later[k][0] - after[k][0] for k in later} == {ident(1): 0, ident(2): 1, ident(3): 1, ident(4): 0, ident(5): 0, ident(6): 0}, (after, later))

# A file that is none: said once, counted, and the node goes on with what it had.
path = scene.top + '/n/indicators/compiled.bin'
said = node.said.count('what is looked for was read')
with open(path, 'rb') as f:
    whole = f.read()
with open(path + '.new', 'wb') as f:
    f.write(whole[:-64])
os.rename(path + '.new', path)
wait(20, 'it says so', lambda: 'compiled.bin' in node.said)
send(('203.0.113.77', '192.0.2.1', {}, 0))
recorded(alerts)
check('it goes on', figures('hits')[ident(2)][0] == later[ident(2)][0] + 1 and counter('indicator_unread_total') == 1 and node.said.count('compiled.bin') == 1 and
      node.said.count('what is looked for was read') == said, node.said)
time.sleep(6)  # for what the page was told last
check('the page says so', 'detente indicator compile' in node.ask('/api/v1/exchange')[1]['hits']['fault'], node.ask('/api/v1/exchange')[1]['hits']['fault'])
check('nothing else was lost', node.stop() == 0)
node = start()  # with it from the start
send(('203.0.113.77', '192.0.2.1', {}, 0))
recorded(alerts)
check('without it', figures('hits')[ident(2)][0] == later[ident(2)][0] + 1)

# Gone: the list stays and says that it is no longer looked for.
for name in os.listdir(scene.top + '/n/indicators'):
    if name.endswith('.json'):
        os.unlink(f'{scene.top}/n/indicators/{name}')
check('compile', run('indicator', 'compile').returncode == 0 and not os.path.exists(path))
wait(20, 'it is gone', lambda: {r['state'] for r in rows('hits')} == {'gone'})
check('what was counted stays', {k: v[0] for k, v in figures('hits').items()} == {k: v[0] + (k == ident(2)) for k, v in later.items()})
check('it ends', node.stop() == 0)

# By `ingest` alone, the whole of it from the beginning.
os.rename(scene.top + '/n', scene.top + '/old')
scene.init()
take(indicator(1, "[ipv4-addr:value = '198.51.100.1']"), indicator(2, "[ipv4-addr:value ISSUBSET '198.51.100.0/24']"), indicator(3, "[domain-name:value = 'evil.test']"))
p = run('ingest', scene.top + '/eve.json', '--threads', '2')
check('ingest', p.returncode == 0, p.stderr)
agree('ingest')
check('all of them', figures('hits')[ident(2)][0] > 5600 and figures('hits')[ident(3)][5] == 2 + 14 * 50, figures('hits'))

# The same as one array, its elements over several lines.
whole = figures('hits')
os.rename(scene.top + '/n', scene.top + '/older')
scene.init()
take(indicator(1, "[ipv4-addr:value = '198.51.100.1']"), indicator(2, "[ipv4-addr:value ISSUBSET '198.51.100.0/24']"), indicator(3, "[domain-name:value = 'evil.test']"))
with open(scene.top + '/eve.json') as f, open(scene.top + '/array.json', 'w') as to:
    json.dump([json.loads(line) for line in f], to, indent=1)
p = run('ingest', scene.top + '/array.json')
check('ingest of an array', p.returncode == 0, p.stderr)
check('as an array', figures('hits') == whole, (figures('hits'), whole))
agree('of an array')
p = run('indicator', 'hits', '--since', 'x')
check('a wrong day', p.returncode == 2)
for form, first in ('csv', 'indicator,name,count,events'), ('jsonl', '{"indicator":'), ('table', 'indicator'):
    check(form, run('indicator', 'hits', '-o', form).stdout.lower().startswith(first), run('indicator', 'hits', '-o', form).stdout[:80])
scene.end()
