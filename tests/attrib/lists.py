#!/usr/bin/env python3
"""Lists that others publish: lists.py DETENTE.

Taken in from a file and from an address on this machine, kept with their source and date, counted by network and economy,
forgotten; what is no list is refused and changes nothing."""
import http.server, json, os, re, shutil, subprocess, sys, tempfile, threading, urllib.request

detente = os.path.abspath(sys.argv[1])
failures = 0
top = tempfile.TemporaryDirectory()
node = os.path.join(top.name, 'node')


def check(name, good, more=''):
    global failures
    if not good:
        failures += 1
        print('FAIL', name, more)


def run(*args, status=0):
    p = subprocess.run([detente, '--dir', node, *args], capture_output=True, text=True, timeout=60)
    check(f'{args}', p.returncode == status, (p.returncode, p.stderr))
    return p.stdout if status == 0 else p.stderr


def rows(*args):
    return json.loads(run(*args, '-o', 'json'))


def write(name, text):
    path = os.path.join(top.name, name)
    with open(path, 'w') as f:
        f.write(text)
    return path


class Publisher(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        text = {'/hosts.txt': b'203.0.113.7\n203.0.113.8\n', '/page.txt': b'<html>\n<body>\n'}.get(self.path)
        self.send_response(404 if text is None else 200)
        self.send_header('Last-Modified', 'Wed, 04 Mar 2026 05:06:07 GMT')
        self.end_headers()
        self.wfile.write(text or b'')

    def log_message(self, *args):
        pass


check('no node', 'init' in run('lists', 'import', write('x.txt', '192.0.2.1\n'), status=3))
run('init')
check('none yet', rows('lists') == [])
check('nothing to count', 'lists import' in run('lists', 'top', status=1))
made = write('Drop_1.txt', '; made up\n192.0.2.0/25 ; SBL1\n192.0.2.5\n198.51.100.0/24\nheading\n10.0.0.0/8\n2001:db8::/48\n')
run('lists', 'import', made, '--source', 'Somebody', '--date', '2026-03-01')
got = rows('lists')
check('shown', [(r['name'], r['prefixes'], r['addresses'], r['source'], r['date'][:10]) for r in got] == [('drop-1', 3, 128 + 256 + 65536, 'Somebody', '2026-03-01')], got)
check('without tables', 'tables build' in run('lists', 'top', status=3))
check('without tables', 'tables build' in run('lists', 'top', 'drop-1', status=3))
run('tables', 'import', write('n.csv', '192.0.2.0,192.0.2.63,64500,First\n192.0.2.64,192.0.2.255,64501,Second\n198.51.100.0,198.51.100.255,64501,Second\n'
                              '2001:db8::,2001:db8::ffff:ffff:ffff:ffff,64502,Third\n'), '--date', '2026-03-01')
shutil.copy(os.path.join(top.name, 'n.csv'), os.path.join(top.name, 'first.csv'))
run('tables', 'import', write('c.csv', 'prefix,country\n192.0.2.0/24,XA\n198.51.100.0/24,XB\n'), '--kind', 'country', '--date', '2026-03-01')
got = {r['key']: r['addresses'] for r in rows('lists', 'top', 'drop-1')}
check('by network', got == {'AS64502': 65536, 'AS64501': 256, 'AS64500': 128}, got)
got = {r['key']: r['addresses'] for r in rows('lists', 'top', 'drop-1', '--by', 'economy', '--limit', '2')}
check('by economy', got == {'unknown': 65536, 'XB': 256}, got)
check('the only list', rows('lists', 'top') == rows('lists', 'top', 'drop-1'))
check('only that', 'by network' in run('lists', 'top', 'drop-1', '--by', 'actor', status=2))

server = http.server.HTTPServer(('127.0.0.1', 0), Publisher)
threading.Thread(target=server.serve_forever, daemon=True).start()
url = f'http://127.0.0.1:{server.server_port}'
run('lists', 'import', url + '/hosts.txt')
got = [r for r in rows('lists') if r['name'] == 'hosts']
check('by address', [(r['addresses'], r['source'], r['date']) for r in got] == [(2, url + '/hosts.txt', '2026-03-04T05:06:07.000000Z')], got)
kept = open(node + '/lists/hosts.list').read()
check('not there', 'answered 404' in run('lists', 'import', url + '/nothing.txt', '--name', 'hosts', status=1))
check('no list', 'is no list' in run('lists', 'import', url + '/page.txt', '--name', 'hosts', status=3))
check('no other way', 'https://' in run('lists', 'import', 'ftp://example.org/x', status=2))
check('not from elsewhere in the clear', 'https://' in run('lists', 'import', 'http://example.org/x', status=2))
check('no name', 'is no name' in run('lists', 'import', made, '--name', '../x', status=2))
check('what was there stays', open(node + '/lists/hosts.list').read() == kept)
run('lists', 'import', write('again.txt', kept), '--name', 'again')
check('a list is a list', [r['addresses'] for r in rows('lists') if r['name'] == 'again'] == [2])
run('tables', 'import', write('n.csv', '192.0.2.0,192.0.2.63,64503,Renamed\n'), '--date', '2026-03-02')
world = json.load(open(node + '/lists/world.json'))
check('tables count anew', [r['asn'] for r in world['networks']] == [64503], world)
run('tables', 'import', os.path.join(top.name, 'first.csv'), '--name', 'n', '--date', '2026-03-03')
world = json.load(open(node + '/lists/world.json'))
check('all as one', (world['addresses'], [l['name'] for l in world['lists']]) == (128 + 256 + 65536 + 2, ['again', 'drop-1', 'hosts']), world)
check('by network', [(r['asn'], r['name'], r['addresses']) for r in world['networks']] == [(64502, 'Third', 65536), (64501, 'Second', 256), (64500, 'First', 128)] and world['network_unknown'] == 2, world)
check('by economy', [(r['country'], r['addresses']) for r in world['economies']] == [('XB', 256), ('XA', 128)] and world['economy_unknown'] == 65538, world)
got = rows('lists', 'top', '--limit', '0')
check('top of all as one', {r['key']: r['addresses'] for r in got} == {'AS64502': 65536, 'AS64501': 256, 'AS64500': 128, 'unknown': 2}, got)
check('by economy', {r['key']: r['addresses'] for r in rows('lists', 'top', '--by', 'economy')} == {'unknown': 65538, 'XB': 256, 'XA': 128})
check('not two', 'one list, none for all' in run('lists', 'top', 'drop-1', 'hosts', status=2))
with open(node + '/detente.yaml', 'a') as f:
    f.write('listen:\n  - address: 127.0.0.1:0\n')
server_process = subprocess.Popen([detente, '--dir', node, 'serve'], stderr=subprocess.PIPE, text=True)
page = next(m[1] for m in (re.search(r'the page is at (\S+)', line) for line in server_process.stderr) if m)
with urllib.request.urlopen(page.rstrip('/') + '/api/v1/world', timeout=10) as q:
    check('the gate gives it', json.load(q) == {**world, 'totals': []})
server_process.terminate()
check('it ends', server_process.wait(20) == 0)
entry = {'vendorProject': 'Example', 'product': 'Edge', 'vulnerabilityName': 'Edge, a fault', 'dueDate': '2099-07-01'}
entries = [{**entry, 'cveID': f'CVE-2099-{i:04}', 'dateAdded': f'2099-06-{i:02}', 'knownRansomwareCampaignUse': 'Known' if i == 7 else 'Unknown'} for i in range(1, 26)]
catalogue = {'catalogVersion': '2099.06.26', 'dateReleased': '2099-06-26T03:40:00Z', 'count': 25, 'vulnerabilities': entries}
made_kev = write('kev.json', json.dumps(catalogue, indent=1))
check('none yet', 'lists import --kev' in run('lists', 'top', '--kev', status=1))
run('lists', 'import', '--kev', made_kev, '--source', 'Somebody')
got = rows('lists', 'top', '--kev')
check('the newest', [r['cve'] for r in got] == [f'CVE-2099-{i:04}' for i in range(25, 5, -1)] and got[0] == {'cve': 'CVE-2099-0025', 'vendor': 'Example', 'product': 'Edge', 'name': 'Edge, a fault', 'added': '2099-06-25', 'due': '2099-07-01', 'ransomware': False}, got[0])
check('all of it', len(rows('lists', 'top', '--kev', '--limit', '0')) == 25)
kev = json.load(open(node + '/lists/world.json'))['kev']
check('told', (kev['version'], kev['released'], kev['source'], kev['count'], kev['ransomware'], len(kev['entries'])) == ('2099.06.26', '2099-06-26T03:40:00.000000Z', 'Somebody', 25, 1, 25), kev)
check('no list of it', len(rows('lists')) == 3)
said = run('lists', 'import', '--kev', write('bad.json', json.dumps({**catalogue, 'vulnerabilities': [{**e, 'dateAdded': 'soon'} if e['cveID'][-1] == '3' else e for e in entries]}, indent=1)), status=3)
check('its line', re.search(r'bad.json:30:4: entry 3: `dateAdded`', said), said)
check('its own date', 'its own name and date' in run('lists', 'import', '--kev', made_kev, '--date', '2026-03-01', status=2))
check('what was there stays', json.load(open(node + '/lists/world.json'))['kev'] == kev)
run('lists', 'drop', '--kev')
check('gone', 'kev' not in json.load(open(node + '/lists/world.json')))
run('lists', 'drop', 'drop-1')
check('gone', 'no list drop-1' in run('lists', 'top', 'drop-1', status=1) and [r['name'] for r in rows('lists')] == ['again', 'hosts'])
for i in range(30):
    run('lists', 'import', made, '--name', f'l{i}')
check('enough', '32 lists already' in run('lists', 'import', made, '--name', 'l31', status=3))
run('lists', 'import', made, '--name', 'l3')  # in the place of one that is there
server.shutdown()
print(f'{failures} faults')
sys.exit(failures != 0)
