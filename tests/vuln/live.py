#!/usr/bin/env python3
"""What alerts are about, what came of them, and what a page shows of it: live.py DETENTE"""
import datetime, json, os, re, subprocess, sys, tempfile, time, urllib.error, urllib.request

faults = 0
detente = os.path.abspath(sys.argv[1])
folder = tempfile.TemporaryDirectory()
os.chdir(folder.name)
now = datetime.datetime.now(datetime.timezone.utc)


def check(what, ok, got=None):
    global faults
    if not ok:
        faults += 1
        print('FAULT', what, got)


def run(*args, text=None):
    return subprocess.run([detente, '--dir', 'n', *args], input=text, capture_output=True, text=True)


def good(*args, text=None):
    p = run(*args, text=text)
    check(' '.join(args), p.returncode == 0, p)
    return p


def alert(sid, name, src, dst, minutes=1, **more):
    t = (now - datetime.timedelta(minutes=minutes)).strftime('%Y-%m-%dT%H:%M:%S.000000+0000')
    rule = {'action': 'allowed', 'gid': 1, 'signature_id': sid, 'rev': 1, 'signature': name, 'category': 'Attempted Administrator Privilege Gain', 'severity': 1, **more}
    return json.dumps({'timestamp': t, 'event_type': 'alert', 'src_ip': src, 'src_port': 4000 + minutes, 'dest_ip': dst, 'dest_port': 443, 'proto': 'TCP', 'alert': rule}) + '\n'


def osv(cve, package, fixed):
    return json.dumps({'id': 'DEBIAN-' + cve, 'aliases': [cve], 'modified': '2026-01-01T00:00:00Z', 'affected': [{'package': {'ecosystem': 'Debian:12', 'name': package}, 'ranges': [{'type': 'ECOSYSTEM', 'events': [{'introduced': '0'}, {'fixed': fixed}]}]}]}) + '\n'


def deb(**packages):
    return ''.join(f'Package: {n}\nStatus: install ok installed\nArchitecture: amd64\nVersion: {v}\n\n' for n, v in packages.items())


def live(*args):
    return {r['cve']: r for r in json.loads(good('vuln', 'live', '-o', 'json', *args).stdout)}


OUTCOMES = ('hit_vulnerable', 'hit_patched', 'hit_not_installed', 'hit_unknown', 'own_source')


def outcomes(row):
    return tuple(row[k] for k in OUTCOMES)


good('init', '--party', 'northland', '--origin', 'n.example/log')
with open('n/detente.yaml', 'a') as f:
    f.write('networks: [192.0.2.0/24]\nlisten:\n  - address: 127.0.0.1:0\n    what: page\n')
lines = ''.join(alert(1, 'TEST one', f'203.0.113.{i}', '192.0.2.1', i, metadata={'cve': ['CVE_2099_0001']}) for i in range(1, 6))
lines += alert(2, 'TEST two CVE-2099-0002', '203.0.113.9', '192.0.2.1')
lines += alert(3, 'TEST three', '203.0.113.9', '192.0.2.1', references=['https://cve.mitre.org/cgi-bin/cvename.cgi?name=2099-0003'])
lines += alert(1, 'TEST one', '203.0.113.9', '192.0.2.99', 7, metadata={'cve': ['CVE_2099_0001']})
lines += alert(4, 'TEST four CVE-2099-0001', '192.0.2.1', '198.51.100.7', 8, source={'ip': '192.0.2.1', 'port': 4008}, target={'ip': '198.51.100.7', 'port': 443})
lines += alert(5, 'TEST of nothing', '203.0.113.9', '192.0.2.1')
# a server that says what it is attacks nobody
lines += alert(6, 'TEST exposed CVE-2099-0008', '203.0.113.10', '192.0.2.1', category='vulnerable:vulnerable-system')
lines += alert(1, 'TEST one', '203.0.113.10', '192.0.2.1', 9, category='vulnerable:vulnerable-system', metadata={'cve': ['CVE_2099_0001']})
good('ingest', '-', text=lines)

# Nobody knows of any machine: nothing is safe, and nothing is said to be.
rows = live()
check('each of the three', sorted(rows) == ['CVE-2099-0001', 'CVE-2099-0002', 'CVE-2099-0003'], rows)
check('all are unknown', outcomes(rows['CVE-2099-0001']) == (0, 0, 0, 7, 0), rows)
check('who says so', [rows[f'CVE-2099-000{i}']['confidence'] for i in (1, 2, 3)] == ['high', 'low', 'medium'], rows)

with open('feed.jsonl', 'w') as f:
    f.write(osv('CVE-2099-0001', 'one', '2.0-1') + osv('CVE-2099-0002', 'two', '2.0-1') + osv('CVE-2099-0003', 'three', '2.0-1'))
good('vuln', 'import', 'osv', 'feed.jsonl')
good('inventory', 'import', 'dpkg', '-', '--asset', 'web', '--release', 'Debian:12', text=deb(one='1.0-1', two='2.0-1'))
check('no address, no machine', outcomes(live()['CVE-2099-0001']) == (0, 0, 0, 7, 0))
good('inventory', 'set', 'web', '--address', '192.0.2.1', '--exposure', 'open', '--owner', 'registry')
rows = live()
check('one is vulnerable', outcomes(rows['CVE-2099-0001']) == (5, 0, 0, 1, 1), rows['CVE-2099-0001'])
check('one is patched', outcomes(rows['CVE-2099-0002']) == (0, 1, 0, 0, 0), rows['CVE-2099-0002'])
check('one is not installed', outcomes(rows['CVE-2099-0003']) == (0, 0, 1, 0, 0), rows['CVE-2099-0003'])
check('one machine has it, and was hit', (rows['CVE-2099-0001']['vulnerable'], rows['CVE-2099-0001']['hit']) == (1, 1), rows)
good('inventory', 'import', 'dpkg', '-', '--asset', 'web', '--release', 'Debian:12', text=deb(one='2.0-1', two='2.0-1'))
check('mended', outcomes(live()['CVE-2099-0001']) == (0, 5, 0, 1, 1))
good('inventory', 'import', 'dpkg', '-', '--asset', 'web', '--release', 'Debian:12', text=deb(one='1.0-1', two='2.0-1'))

# A file of rules tells what a sensor does not pass on.
with open('a.rules', 'w') as f:
    f.write('alert http any any -> any any (msg:"TEST of nothing"; reference:cve,2099-0005; metadata:created_at 2021_12_17, cve CVE_2099_0005; sid:5; rev:1;)\n'
            'alert http any any -> any any (msg:"TEST one; not two"; reference:url,cve.mitre.org/cgi-bin/cvename.cgi?name=2099-0006; \\\n  sid:1; rev:1;)\n'
            '# alert tcp any any -> any any (msg:"off"; reference:cve,2099-0007; sid:5;)\nnonsense\n')
p = good('vuln', 'import', 'rules', 'a.rules')
check('rules and what is none', '2 new' in p.stderr and '1 lines that are no rule' in p.stderr, p)
rows = live()
check('of nothing no more', (rows['CVE-2099-0005']['alerts'], rows['CVE-2099-0005']['confidence']) == (1, 'medium'), rows)
check('beside what the sensor said', (rows['CVE-2099-0006']['alerts'], rows['CVE-2099-0001']['alerts']) == (6, 7), rows)
with open('b.map', 'w') as f:
    f.write('7 || TEST CVE-2099-0008 || cve,2099-0009\n')
good('vuln', 'import', 'rules', 'b.map')
check('the new file in place of the old one', sorted(live()) == ['CVE-2099-0001', 'CVE-2099-0002', 'CVE-2099-0003'])
p = run('vuln', 'import', 'rules', 'feed.jsonl')
check('what has no rule', p.returncode == 3 and 'no rule with a sid' in p.stderr, p)

# What may be exchanged says nothing of own machines, whoever they hit.
totals = json.loads(good('vuln', 'live', '--totals', '-o', 'json').stdout)
check('totals', sorted({k for r in totals for k in r}) == ['alerts', 'asn', 'country', 'cve', 'hour'], totals)
check('own machines are in none', sum(r['alerts'] for r in totals if r['cve'] == 'CVE-2099-0001') == 6, totals)

# The page's interface, while another takes feeds in.
server = subprocess.Popen([detente, '--dir', 'n', 'serve'], stderr=open('log', 'w'))
url = None
end = time.time() + 20
while url is None and time.time() < end:
    m = re.search(r'the page is at (\S+)\n', open('log').read())
    url = m and m.group(1)
    time.sleep(0.05)


def get(path):
    try:
        with urllib.request.urlopen(url + path, timeout=10) as r:
            return r.status, r.read()
    except urllib.error.HTTPError as e:
        return e.code, e.read()


def view():
    status, body = get('/api/v1/vulnerabilities')
    check('the view answers', status == 200, (status, body, open('log').read()))
    return json.loads(body) if status == 200 else {'list': []}


try:
    view()
    end = time.time() + 90
    while time.time() < end and not any(r['alerts'] == 7 for r in view()['list']):
        time.sleep(0.5)
    v = view()
    first = v['list'][0]
    check('what is exploited and ours comes first', (first['cve'], first['ours'], first['hit'], first['alerts']) == ('CVE-2099-0001', 1, 1, 7), v)
    check('by outcome', first['outcomes'] == {'vulnerable': 5, 'patched': 0, 'not_installed': 0, 'unknown': 1, 'own': 1}, first)
    check('a deadline for what is ours', first['deadline']['days'] == 3 and first['risk'] > 0, first)
    check('none for what is not', [r['deadline'] for r in v['list'][1:]] == [None, None], v)
    check('exposure', v['exposure']['columns'] == ['open', 'controlled', 'small', 'unknown'] and sum(sum(r['cells']) for r in v['exposure']['rows']) == 1, v['exposure'])
    check('machines', (v['machines']['known'], v['machines']['listed']) == (1, 1), v['machines'])
    status, body = get('/api/v1/vulnerabilities/CVE-2099-0001')
    one = json.loads(body) if status == 200 else {'machines': []}
    check('one of them', status == 200 and [(m['asset'], m['owner'], m['installed'], m['fixed'], m['outcome']) for m in one['machines']] == [('web', 'registry', '1.0-1', '2.0-1', 'hit-vulnerable')], body)
    check('its reasons', [(m['decision']['source'], len(m['factors']) >= 6) for m in one['machines']] == [('here', True)], one)
    check('one that nobody knows', get('/api/v1/vulnerabilities/CVE-2099-9999')[0] == 404)
    check('an id that is none', get('/api/v1/vulnerabilities/a%20b')[0] == 400)
    # A statement takes it out, and a feed that is taken in shows up.
    good('vuln', 'vex', 'add', 'web', 'CVE-2099-0001', '--status', 'not_affected', '--because', 'the module is not loaded')
    with open('kev.json', 'w') as f:
        json.dump({'title': 'T', 'catalogVersion': '2020.01.01', 'dateReleased': '2020-01-01T00:00:00.000Z', 'count': 1, 'vulnerabilities': [{'cveID': 'CVE-2099-0002', 'vendorProject': 'Two', 'product': 'Two', 'vulnerabilityName': 'T', 'dateAdded': '2020-01-01', 'shortDescription': 'T', 'requiredAction': 'T', 'dueDate': '2020-01-22', 'knownRansomwareCampaignUse': 'Known', 'notes': ''}]}, f)
    good('vuln', 'import', 'kev', 'kev.json')
    v = view()
    check('not ours any more', [r['ours'] for r in v['list']] == [0, 0, 0], v)
    check('a statement makes it patched', [r['outcomes'] for r in v['list'] if r['cve'] == 'CVE-2099-0001'] == [{'vulnerable': 0, 'patched': 5, 'not_installed': 0, 'unknown': 1, 'own': 1}], v['list'])
    check('the feed is there', [f['feed'] for f in v['feeds']] == ['kev', 'osv/Debian:12', 'rules'], v['feeds'])
    check('and what it says', [r['name'] for r in v['list'] if r['cve'] == 'CVE-2099-0002' and r['kev']['ransomware']] == ['Two'], v)
    check('nobody died', 'died' not in open('log').read(), open('log').read())
finally:
    server.terminate()
    check('it ends well', server.wait(20) == 0)
print(f'{faults} faults')
sys.exit(faults != 0)
