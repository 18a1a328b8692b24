#!/usr/bin/env python3
"""`detente indicator sightings`: what recorded events show of what is looked for: sightings.py DETENTE."""
import json, os, subprocess, sys, tempfile

faults = 0
detente = sys.argv[1] = os.path.abspath(sys.argv[1])  # scene asks for it too, from another folder
folder = tempfile.TemporaryDirectory()
os.chdir(folder.name)
ALERT = {'action': 'allowed', 'gid': 1, 'signature_id': 9, 'rev': 1, 'signature': 'x', 'category': 'Attempted Administrator Privilege Gain', 'severity': 1}


def check(what, ok, got=None):
    global faults
    if not ok:
        faults += 1
        print('FAULT', what, got)


def run(*args, good=0):
    p = subprocess.run([detente, '--dir', 'node', *args], capture_output=True, text=True)
    check(f'{args[:3]}: {good}', p.returncode == good, p)
    return p


def rows(*args, good=0):
    return json.loads(run('indicator', 'sightings', '-o', 'json', *args, good=good).stdout or '[]')


def indicator(n, pattern, **more):
    t = '2026-01-01T00:00:00.000Z'
    return {'type': 'indicator', 'spec_version': '2.1', 'id': f'indicator--8e2e2d2b-17d4-4cbf-938f-{n:012}', 'created': t, 'modified': t, 'pattern': pattern,
            'pattern_type': 'stix', 'valid_from': t, 'name': f'i{n}', **more}


def put(name, *objects):
    with open(name, 'w') as f:
        json.dump({'type': 'bundle', 'id': 'bundle--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f', 'objects': objects}, f)
    return name


def eve(name, *events):
    with open(name, 'w') as f:
        for n, (at, src, dst, more) in enumerate(events):
            f.write(json.dumps({'timestamp': at, 'event_type': 'alert', 'src_ip': src, 'src_port': 1000 + n, 'dest_ip': dst, 'dest_port': 80 + n, 'proto': 'TCP', 'alert': ALERT, **more}) + '\n')
    return name


run('init')
with open('node/detente.yaml', 'a') as f:
    f.write('\nparty: aland\n')
run('indicator', 'sightings', good=1)
run('indicator', 'import', put('look', indicator(1, "[ipv4-addr:value = '198.51.100.1']"), indicator(2, "[ipv4-addr:value ISSUBSET '198.51.100.0/24']"),
                               indicator(3, "[domain-name:value = 'evil.test' OR ipv4-addr:value = '198.51.100.1']"),
                               indicator(4, "[ipv4-addr:value = '198.51.100.2']", valid_until='2026-03-02T00:00:00.000Z'),
                               indicator(5, "[ipv4-addr:value = '198.51.100.9']", valid_from='2026-03-02T00:00:00.000Z'), indicator(6, "[ipv4-addr:value = '192.0.2.200']"),
                               indicator(7, "[url:value = 'http://site.test/a']")))
check('nothing was recorded', rows(good=1) == [])
day1, day2 = '2026-03-01T10:00:0{}.000000+0000', '2026-03-02T11:00:0{}.000000+0000'
run('ingest', eve('one', (day1.format(0), '198.51.100.1', '192.0.2.1', {}), (day1.format(1), '198.51.100.2', '192.0.2.1', {}), (day1.format(2), '192.0.2.7', '198.51.100.1', {}),
                  (day1.format(3), '198.51.100.9', '192.0.2.1', {}), (day1.format(4), '203.0.113.5', '192.0.2.1', {'tls': {'sni': 'evil.test'}}),
                  (day1.format(5), '203.0.113.5', '192.0.2.2', {'http': {'hostname': 'site.test', 'url': '/a'}}), (day1.format(6), '203.0.113.6', '192.0.2.3', {})))
run('ingest', eve('two', (day2.format(0), '198.51.100.2', '192.0.2.1', {}), (day2.format(1), '198.51.100.9', '192.0.2.1', {}), (day2.format(2), '198.51.100.1', '192.0.2.1', {})))
p = run('indicator', 'sightings', '-o', 'json')
got = {r['name']: r for r in json.loads(p.stdout)}
check('which', sorted(got) == ['i1', 'i2', 'i3', 'i4', 'i5', 'i7'], got)
figures = {k: (r['count'], r['events'], r['origins'], r['kinds']) for k, r in got.items()}
check('figures', figures == {'i1': (3, 3, 2, ['address']), 'i2': (7, 7, 4, ['prefix']), 'i3': (4, 4, 3, ['address', 'domain']), 'i4': (1, 1, 1, ['address']),
                             'i5': (1, 1, 1, ['address']), 'i7': (1, 1, 1, ['url'])}, figures)
check('most first', [r['name'] for r in json.loads(p.stdout)][:2] == ['i2', 'i3'], p.stdout)
check('first and last', (got['i1']['first'], got['i1']['last']) == ('2026-03-01T10:00:00.000000Z', '2026-03-02T11:00:02.000000Z'), got['i1'])
check('what was asked', '10 events, 9 of them were looked for' in p.stderr, p.stderr)
got = {r['name']: r['count'] for r in rows('--since', '2026-03-02')}
check('since', got == {'i1': 1, 'i2': 3, 'i3': 1, 'i5': 1}, got)
got = {r['name']: r['count'] for r in rows('--until', '2026-03-01T10:00:01')}
check('until', got == {'i1': 1, 'i2': 1, 'i3': 1}, got)
p = run('indicator', 'sightings', '--indicators', put('over', indicator(9, "[ipv4-addr:value = '198.51.100.2']", valid_until='2026-03-01T10:00:01.000Z')), good=1)
check('what is over', '2 events do not count' in p.stderr, p.stderr)
check('nothing is looked for', rows('--since', '2026-04-01', good=1) == [])
for wrong in ('x',), ('--tlp', 'TLP:RED'), ('--into', 'c', '--tlp', 'x'), ('--since', '2026-03-02', '--until', '2026-03-01'):
    run('indicator', 'sightings', *wrong, good=2)
run('indicator', 'sightings', '--into', 'none', good=1)

# As STIX: one object of each indicator and day; the next run brings newer versions of what changed.
run('exchange', 'collection', 'add', '--alias', 'seen', '--title', 'Seen')
run('exchange', 'collection', 'add', '--alias', 'theirs', '--title', 'Theirs', '--from', 'bland')
run('indicator', 'sightings', '--into', 'theirs', good=3)
p = run('indicator', 'sightings', '--into', 'seen', '--tlp', 'TLP:GREEN', '-o', 'json')
days = {(r['name'], r['day']): r['count'] for r in json.loads(p.stdout)}
check('by day', days[('i1', '2026-03-01')] == 2 and days[('i1', '2026-03-02')] == 1 and len(days) == 9, days)
check('new', '10 objects are new, 0 are there already, 0 were refused' in p.stderr, p.stderr)
p = run('indicator', 'sightings', '--into', 'seen', '--tlp', 'TLP:GREEN')
check('again: the same', '0 objects are new, 10 are there already, 0 were refused' in p.stderr, p.stderr)
run('ingest', eve('three', (day2.format(5), '198.51.100.1', '192.0.2.99', {})))
p = run('indicator', 'sightings', '--into', 'seen', '--tlp', 'TLP:GREEN', '--since', '2026-03-02T11:00:04')
check('more: newer versions', '3 objects are new, 2 are there already, 0 were refused' in p.stderr, p.stderr)


def objects():
    """What stands in the collection, as TAXII gives it."""
    sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '../script'))
    import base64, scene
    with open('password', 'w') as f:
        f.write('a long password\n')
    run('exchange', 'user', 'add', 'reader', '--password-file', 'password')
    run('exchange', 'collection', 'permit', 'seen', '--reader', 'reader')
    with open('node/detente.yaml', 'a') as f:
        f.write('listen:\n  - address: 127.0.0.1:0\n')
    os.symlink(os.path.abspath('node'), scene.top + '/n')
    node = scene.Node()
    head = {'Accept': 'application/taxii+json;version=2.1', 'Authorization': 'Basic ' + base64.b64encode(b'reader:a long password').decode()}
    new = node.ask('/taxii2/exchange/collections/seen/objects/', **head)[1]['objects']
    every = node.ask('/taxii2/exchange/collections/seen/objects/?match%5Bversion%5D=all', **head)[1]['objects']
    with_node = run('indicator', 'sightings', '--into', 'seen', '--tlp', 'TLP:GREEN')
    check('nothing new', '0 objects are new' in with_node.stderr, with_node.stderr)
    run('indicator', 'import', put('later', indicator(8, "[ipv4-addr:value = '203.0.113.6']")))
    with_node = run('indicator', 'sightings', '--into', 'seen', '--tlp', 'TLP:GREEN')
    check('by the node that runs', '1 objects are new, 10 are there already' in with_node.stderr, with_node.stderr)
    node.stop()
    return new, every, scene.faults


new, every, more = objects()
faults += more
seen = [o for o in new if o['type'] == 'sighting']
check('one of each indicator and day', len(seen) == 9 and len({o['id'] for o in seen}) == 9 and len(every) == 13, (len(seen), len(every)))
one = [o for o in seen if o['sighting_of_ref'].endswith('1') and o['first_seen'].startswith('2026-03-02')][0]
who = [o for o in new if o['type'] == 'identity'][0]
check('what it says', one['count'] == 2 and one['summary'] is True and one['where_sighted_refs'] == [who['id']] and one['created_by_ref'] == who['id'] and who['name'] == 'aland' and
      one['created'] == '2026-03-02T00:00:00.000Z' and one['last_seen'].startswith('2026-03-02T11:00:05'), one)
check('no addresses', not any(a in json.dumps(new) for a in ('192.0.2.', '198.51.100.', '203.0.113.')))
with open('all', 'w') as f:
    json.dump(every, f)
run('exchange', 'check', 'all')
sys.exit(faults > 0)
