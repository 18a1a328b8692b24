#!/usr/bin/env python3
"""`detente indicator import, list, match, export`: cli.py DETENTE SHARED."""
import csv, io, json, os, random, subprocess, sys, tempfile

faults = 0
detente = os.path.abspath(sys.argv[1])
shared = os.path.abspath(sys.argv[2]) + '/data/stix'
folder = tempfile.TemporaryDirectory()
os.chdir(folder.name)


def check(what, ok, got=None):
    global faults
    if not ok:
        faults += 1
        print('FAULT', what, got)


def run(*args, text=None, node='node'):
    return subprocess.run([detente, '--dir', node, 'indicator', *args], input=text, capture_output=True, text=True)


def indicator(n, pattern, **more):
    t = '2026-01-01T00:00:00.000Z'
    return {'type': 'indicator', 'spec_version': '2.1', 'id': f'indicator--8e2e2d2b-17d4-4cbf-938f-{n:012}', 'created': t, 'modified': t, 'pattern': pattern,
            'pattern_type': 'stix', 'valid_from': t, **more}


def bundle(*objects):
    return json.dumps({'type': 'bundle', 'id': 'bundle--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f', 'objects': objects})


def put(name, text):
    with open(name, 'w') as f:
        f.write(text)
    return name


subprocess.run([detente, '--dir', 'node', 'init'], capture_output=True)
p = run('list')
check('nothing is there', p.returncode == 1 and 'indicator import' in p.stderr, p)

# import
p = run('import', put('good', bundle(indicator(1, "[ipv4-addr:value = '198.51.100.7']", name='one', confidence=50, labels=['x']),
                                     indicator(2, "[file:name = 'x' OR ipv4-addr:value = '198.51.100.8']"),
                                     indicator(3, "[file:name = 'x' AND file:size = 1]"), indicator(4, 'alert tcp', pattern_type='snort'), indicator(5, '[')))
        )
check('import', p.returncode == 0 and '5 indicators: 1 are looked for, 1 in part, 3 not' in p.stderr, p)
check('why not', all(w in p.stderr for w in ('has an AND of two: indicator--8e2e2d2b-17d4-4cbf-938f-000000000003', 'is in another language', 'its pattern is none', 'other objects')), p.stderr)
bundles = lambda: [f for f in os.listdir('node/indicators') if f.endswith('.json')]
files = bundles()
check('kept by its hash', os.listdir('node/indicators').count('compiled.bin') == 1 and len(files) == 1 and len(files[0]) == 69, files)
with open('node/indicators/' + files[0]) as a, open('good') as b:
    check('kept as it came', a.read() == b.read())
p = run('import', 'good')
check('the same again', p.returncode == 0 and 'here already' in p.stderr and bundles() == files, p)
for what, text in ('no JSON', '{'), ('no bundle', '{"type":"x"}'), ('without indicators', bundle({'type': 'x'})), ('nothing', ''):
    p = run('import', '-', text=text)
    check(what, p.returncode == 3 and bundles() == files, p)
p = run('import', 'none', 'good')
check('one that is none costs only itself', p.returncode == 3 and '5 indicators' in p.stderr, p)
check('usage', run('import').returncode == 2 and run('list', 'x').returncode == 2 and run('match').returncode == 2)
rows = json.loads(run('list', '-o', 'json').stdout)
check('list', [(r['found'], r['state']) for r in rows] == [('yes', 'in-force'), ('part', 'in-force'), ('no', 'in-force'), ('no', 'in-force'), ('no', 'in-force')] and
      rows[0]['name'] == 'one' and rows[0]['confidence'] in (50, '50') and rows[0]['labels'] == 'x' and 'AND' in rows[2]['reasons'], rows)
# A newer version, and one that is revoked.
run('import', put('newer', bundle(indicator(1, "[ipv4-addr:value = '198.51.100.9']", modified='2026-01-02T00:00:00.000Z'),
                                  indicator(2, "[ipv4-addr:value = '198.51.100.8']", modified='2026-01-02T00:00:00.000Z', revoked=True))))
rows = {r['id'][-1]: r for r in json.loads(run('list', '-o', 'json').stdout)}
check('newer versions', len(rows) == 5 and rows['2']['state'] == 'revoked', rows)
p = run('export', '--format', 'nftables')
check('of the newer one', '198.51.100.9' in p.stdout and '198.51.100.7' not in p.stdout and '198.51.100.8' not in p.stdout, p)

# Plain lists
for kind, text, want in (('addresses', '198.51.100.7 # x\n\n; y\n2001:db8::/32\nx\n', {'198.51.100.7', '2001:db8::/32'}),
                         ('domains', '0.0.0.0 Example.org\n.a.test\n*.b.test\nc.test\n1.2.3\n', {'example.org', 'a.test', '*.a.test', '*.b.test', 'c.test'}),
                         ('urls', "http://example.org/a'b\\c#x\nexample.org\n", {"http://example.org/a'b\\c"}), ('hashes', 'd41d8cd98f00b204e9800998ecf8427e\nxx\n', {'d41d8cd98f00b204e9800998ecf8427e'})):
    node = 'list-' + kind
    subprocess.run([detente, '--dir', node, 'init'], capture_output=True)
    p = run('import', '--kind', kind, '--name', 'my "list"', '--confidence', '30', '-', text=text, node=node)
    check(f'a list of {kind}', p.returncode == 0 and 'is none of the kind (1 in all)' in p.stderr, p)
    rows = list(csv.DictReader(io.StringIO(run('export', '--format', 'csv', node=node).stdout)))
    check(f'{kind} of it', {r['value'] for r in rows} == want and {r['name'] for r in rows} == {'my "list"'} and {r['confidence'] for r in rows} == {'30'}, rows)
    kept = [f'{node}/indicators/{f}' for f in os.listdir(f'{node}/indicators') if f.endswith('.json')]
    p = subprocess.run([detente, 'exchange', 'check', *kept], capture_output=True, text=True)
    check(f'{kind} are STIX', p.returncode == 0, p)
    before = {r['id'] for r in json.loads(run('list', '-o', 'json', node=node).stdout)}
    run('import', '--kind', kind, '--name', 'my "list"', '-', text=text, node=node)
    rows = json.loads(run('list', '-o', 'json', node=node).stdout)
    check(f'{kind} again are newer versions', {r['id'] for r in rows} == before and {r['confidence'] for r in rows} == {''}, rows)
check('no kind', run('import', '--kind', 'x', '-', text='x').returncode == 2)
check('no confidence', run('import', '--kind', 'urls', '--confidence', '101', '-', text='http://a/').returncode == 2)

# match
put('look', bundle(indicator(11, "[ipv4-addr:value ISSUBSET '198.51.100.0/24']", name='net'), indicator(12, "[domain-name:value LIKE '%.evil.test' OR domain-name:value = 'evil.test']", name='name'),
                   indicator(13, "[url:value = 'http://site.test/a/b' OR url:value = 'http://port.test:8080/x']", name='url'),
                   indicator(14, "[file:hashes.MD5 = 'd41d8cd98f00b204e9800998ecf8427e' OR file:hashes.'SHA-256' = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855']", name='file'),
                   indicator(15, "[ipv4-addr:value = '198.51.100.1']", name='over', valid_until='2026-02-01T00:00:00.000Z')))
at = '2026-03-01T00:00:00.000001+0000'


def eve(kind, src='192.0.2.1', dst='192.0.2.2', **more):
    return json.dumps({'timestamp': at, 'event_type': kind, 'src_ip': src, 'src_port': 1234, 'dest_ip': dst, 'dest_port': 80, 'proto': 'TCP', **more})


alert = {'action': 'allowed', 'gid': 1, 'signature_id': 9, 'rev': 1, 'signature': 'x', 'category': 'Attempted Administrator Privilege Gain', 'severity': 1}
cases = [
    (eve('flow'), []),
    (eve('alert', src='198.51.100.1', alert=alert), [('net', 'origin')]),
    (eve('alert', dst='198.51.100.1', alert=alert), [('net', 'target')]),
    (eve('stats_x', src='198.51.100.1'), [('net', 'source')]),
    (eve('dns', dst='198.51.100.1', dns={'type': 'query', 'rrname': 'a.EVIL.test'}), [('net', 'destination'), ('name', 'query')]),
    (eve('dns', dns={'query': [{'rrname': 'evil.test'}, {'rrname': 'notevil.test'}]}), [('name', 'query')]),
    (eve('dns', dns={'type': 'answer', 'rrname': 'x.test', 'answers': [{'rrname': 'x.test', 'rrtype': 'CNAME', 'rdata': 'b.evil.test'}, {'rdata': '198.51.100.9'}]}), [('name', 'answer'), ('net', 'answer')]),
    (eve('dns', dns={'grouped': {'A': ['198.51.100.9', '192.0.2.1'], 'CNAME': ['evil.test']}}), [('net', 'answer'), ('name', 'answer')]),
    (eve('http', http={'hostname': 'Site.test', 'url': '/a/b'}).replace('/a/b', '\\/a\\/b'), [('url', 'url')]),
    (eve('http', http={'hostname': 'site.test', 'url': '/a/B'}), []),
    (eve('http', http={'hostname': 'port.test', 'http_port': 8080, 'url': '/x'}), [('url', 'url')]),
    (eve('http', http={'hostname': 'proxy.test', 'http_port': 3128, 'url': 'http://site.test/a/b'}), [('url', 'url')]),
    (eve('http', http={'hostname': 'evil.test:8080', 'url': '/'}), [('name', 'host')]),
    (eve('tls', tls={'sni': 'c.evil.test', 'subject': 'evil.test'}), [('name', 'sni')]),
    (eve('fileinfo', fileinfo={'filename': 'x', 'md5': 'D41D8CD98F00B204E9800998ECF8427E'}), [('file', 'file')]),
    (eve('alert', alert=alert, files=[{'sha256': 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'}]), [('file', 'file')]),
    ('', []),
    ('{"a":', []),
    ('{"src_ip":"198.51.100.1"}', []),
    ('[1]', []),
    ('{"timestamp":"' + at + '","src_ip":"198.51.100.1","x":"' + 'y' * 2000000 + '"}', []),
    (eve('flow', src='198.51.100.200'), [('net', 'origin')]),
]
put('eve', ''.join(line + '\n' for line, _ in cases))
p = run('match', 'eve', '-o', 'json', '--indicators', 'look')
got = {}
for r in json.loads(p.stdout):
    got.setdefault(r['line'], []).append((r['name'], r['field']))
for n, (line, want) in enumerate(cases, 1):
    check(f'line {n}', sorted(got.get(n, [])) == sorted(want), (line[:300], got.get(n), want))
check('odd lines are counted', p.returncode == 0 and f'4 of {len(cases)} lines are no records of EVE, the first is line 18' in p.stderr, p.stderr)
check('what is over is counted', '4 hits do not count' in p.stderr, p.stderr)
first = json.loads(p.stdout)[0]
check('a row', first['time'] == '2026-03-01T00:00:00.000001Z' and first['atom'] == '198.51.100.0/24' and first['kind'] == 'prefix' and first['class'] == 'intrusion-attempts:exploit' and
      first['indicator'].endswith('11'), first)
# What is no JSON costs only itself, wherever it stands.
p = run('match', '-', '-o', 'json', '--indicators', 'look', text=cases[1][0] + '\n{"x":"\x01"}\n' + cases[1][0])
check('a line that is no JSON', [r['line'] for r in json.loads(p.stdout)] == [1, 3] and '1 of 3 lines' in p.stderr, p)
p = run('match', '-', '--indicators', 'look', text=cases[0][0])
check('no hit', p.returncode == 1, p)
check('no record at all', run('match', '-', '--indicators', 'look', text='x\n').returncode == 3)
check('no file', run('match', 'none', '--indicators', 'look').returncode == 3)
check('nothing to read', run('match', '-', '--indicators', 'look', text='').returncode == 1)
p = run('match', '-', '-o', 'json', '--any-time', '--indicators', 'look', text=cases[1][0])
check('whatever the time', {r['name'] for r in json.loads(p.stdout)} == {'net', 'over'}, p)

# Against one that looks at each line and each indicator.
rng = random.Random(7)
nets = [f'198.51.{rng.randrange(4)}.{rng.randrange(256)}' for _ in range(200)]
put('many', bundle(*(indicator(100 + i, f"[ipv4-addr:value = '{a}']") for i, a in enumerate(nets))))
lines = [eve('flow', src=f'198.51.{rng.randrange(8)}.{rng.randrange(256)}', dst=f'198.51.{rng.randrange(8)}.{rng.randrange(256)}') for _ in range(3000)]
p = run('match', '-', '-o', 'json', '--indicators', 'many', text='\n'.join(lines))
got = sorted((r['line'], int(r['indicator'][-12:])) for r in json.loads(p.stdout))
want = sorted((n, 100 + i) for n, line in enumerate(lines, 1) for i, a in enumerate(nets) for e in [json.loads(line)] for side in ('src_ip', 'dest_ip') if e[side] == a)
check('as one by one', got == want and len(want) > 100, (len(got), len(want)))

# export
put('warn', json.dumps({'name': 'everybody\'s', 'type': 'hostname', 'list': ['evil.test']}))
p = run('export', '--format', 'rpz', '--indicators', 'look', '--warninglist', 'warn')
check('left out', 'CNAME' not in p.stdout and "2 on `everybody's`" in p.stderr, p)
p = run('export', '--format', 'rpz', '--indicators', 'look', '--warninglist', 'warn', '--all')
check('told to', p.stdout.count('CNAME .') == 2 and '2 on warning lists (written too)' in p.stderr, p)
check('no warning list', run('export', '--format', 'rpz', '--indicators', 'look', '--warninglist', 'look').returncode == 3)
p = run('export', '--format', 'suricata-dataset', '--indicators', 'look')
check('where to', p.returncode == 2, p)
p = run('export', '--format', 'suricata-dataset', '--indicators', 'look', '--to', 'rules', '--first-sid', '77')
check('a folder', p.returncode == 0 and len(os.listdir('rules')) == 5 and 'sid:77;' in open('rules/detente.rules').read(), p)
p = run('export', '--format', 'csv', '--indicators', 'look', '--to', 'out.csv')
check('a file', p.returncode == 0 and p.stdout == '' and len(list(csv.reader(open('out.csv', newline='')))) == 8, p)
check('formats', run('export').returncode == 2 and run('export', '--format', 'x').returncode == 2)
print(f'{faults} faults')
if not os.path.isdir(shared):
    sys.exit(1 if faults else 77)
subprocess.run([detente, '--dir', 'real', 'init'], capture_output=True)
p = run('import', *(f'{shared}/oasis-examples/{n}.json' for n in ('apt1', 'poisonivy')), node='real')
check('the examples of OASIS', p.returncode == 0 and '12 indicators: 10 are looked for, 0 in part, 2 not' in p.stderr and '25 indicators: 22 are looked for, 1 in part, 2 not' in p.stderr, p)
p = run('import', f'{shared}/attack/mobile-attack-17.1.json', node='real')
check('a bundle without any', p.returncode == 3 and '2148 objects, 0 indicators' in p.stderr, p)
print(f'{faults} faults')
sys.exit(faults != 0)
