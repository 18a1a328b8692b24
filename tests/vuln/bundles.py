#!/usr/bin/env python3
"""Feeds between two parties: bundles.py DETENTE"""
import base64, json, os, subprocess, sys, tempfile, time

faults = 0
detente = os.path.abspath(sys.argv[1])
folder = tempfile.TemporaryDirectory()
os.chdir(folder.name)


def check(what, ok, got=None):
    global faults
    if not ok:
        faults += 1
        print('FAULT', what, got)


def run(node, *args):
    return subprocess.run([detente, '--dir', node, *args], capture_output=True, text=True)


def good(node, *args):
    p = run(node, *args)
    check(' '.join(args), p.returncode == 0, p)
    return p


def fails(code, word, node, *args):
    p = run(node, *args)
    check(' '.join(args), p.returncode == code and word in p.stderr, p)


def osv(name, version, modified='2020-01-02T00:00:00Z'):
    return json.dumps({'id': f'DEBIAN-CVE-2099-{name}', 'aliases': [f'CVE-2099-{name}'], 'modified': modified, 'affected': [{'package': {'ecosystem': 'Debian:12', 'name': 'p' + name}, 'ranges': [{'type': 'ECOSYSTEM', 'events': [{'introduced': '0'}, {'fixed': version}]}]}]}) + '\n'


def kev(version, day, cves):
    rows = [{'cveID': c, 'vendorProject': 'V', 'product': 'P', 'vulnerabilityName': 'N', 'dateAdded': day, 'shortDescription': 'S', 'requiredAction': 'A', 'dueDate': day, 'knownRansomwareCampaignUse': 'Unknown', 'notes': ''} for c in cves]
    return json.dumps({'title': 'T', 'catalogVersion': version, 'dateReleased': day + 'T00:00:00.000Z', 'count': len(rows), 'vulnerabilities': rows})


def write(name, text):
    with open(name, 'w') as f:
        f.write(text)


def make(node):
    """A node with its keys; gives the verifier key of its messages."""
    good(node, 'init', '--party', node, '--origin', node + '.example/log')
    p = subprocess.Popen([detente, '--dir', node, 'serve'], stderr=subprocess.DEVNULL)
    end = time.time() + 20
    while time.time() < end and not os.path.exists(node + '/keys/message.key'):
        time.sleep(0.05)
    time.sleep(0.3)
    p.terminate()
    p.wait(20)
    name, number, secret = open(node + '/keys/message.key').read().split()[0].split('+', 4)[2:]
    raw = base64.b64decode(secret)
    der = bytes.fromhex('302e020100300506032b657004220420') + raw[1:33]
    public = subprocess.run(['openssl', 'pkey', '-inform', 'DER', '-pubout', '-outform', 'DER'], input=der, capture_output=True).stdout[-32:]
    return f'{name}+{number}+{base64.b64encode(raw[:1] + public).decode()}'


north, south = make('north'), make('south')
write('advisories of a day.jsonl', osv('0001', '1.0') + osv('0002', '1.0'))
write('theirs.jsonl', osv('0001', '1.0') + osv('0002', '1.1'))
write('kev.json', kev('2020.01.02', '2020-01-02', ['CVE-2099-0001', 'CVE-2099-0002']))
write('old-kev.json', kev('2020.01.01', '2020-01-01', ['CVE-2099-0001']))
good('north', 'vuln', 'import', 'osv', 'advisories of a day.jsonl')
good('north', 'vuln', 'import', 'kev', 'kev.json')
good('south', 'vuln', 'import', 'osv', 'theirs.jsonl')
good('south', 'vuln', 'import', 'kev', 'old-kev.json')

fails(1, 'import it first', 'north', 'vuln', 'bundle', 'create', 'out', 'theirs.jsonl')
good('north', 'vuln', 'bundle', 'create', 'feeds', 'advisories of a day.jsonl', 'kev.json')
fails(3, 'cannot be made', 'north', 'vuln', 'bundle', 'create', 'feeds', 'kev.json')
note = open('feeds/feeds.note').read()
check('a note', note.startswith('detente-feeds/1\nparty north\n') and 'advisories%20of%20a%20day.jsonl' in note and '\n\n— north.example/message ' in note, note)

fails(6, 'no pact here', 'south', 'vuln', 'bundle', 'import', 'feeds')
fails(6, '', 'south', 'vuln', 'bundle', 'import', 'feeds', '--key', south)
good('south', 'vuln', 'bundle', 'verify', 'feeds', '--key', north)
p = good('south', 'vuln', 'bundle', 'import', 'feeds', '--key', north)
check('what differs is told', 'differs in 1 records' in p.stderr and 'kev: taken in' in p.stderr, p)
feeds = {r['feed']: r for r in json.loads(run('south', 'vuln', 'feeds', '-o', 'json').stdout)}
check('the newer one is theirs', (feeds['kev']['version'], feeds['kev']['from']) == ('2020.01.02', 'north'), feeds)
check('of the same version ours stays', feeds['osv/Debian:12']['from'] == 'file', feeds)
p = good('south', 'vuln', 'bundle', 'import', 'feeds', '--key', north)
check('again', 'kev: the same copy as ours' in p.stderr, p)
# An older one of theirs changes nothing.
good('south', 'vuln', 'bundle', 'create', 'back', 'kev.json')
write('newer-kev.json', kev('2020.01.03', '2020-01-03', ['CVE-2099-0003']))
good('north', 'vuln', 'import', 'kev', 'newer-kev.json')
p = good('north', 'vuln', 'bundle', 'import', 'back', '--key', south)
check('older', 'kev: older than ours' in p.stderr, p)

# What differs of one version is counted by records, however they are written, and named.
def swap(kind, name, ours, theirs, says):
    global swaps
    swaps += 1
    mine, yours, where = f'mine{swaps}', f'yours{swaps}', f'swap{swaps}'
    os.mkdir(mine)
    write('a.' + name, ours)
    write(where + '.' + name, theirs)
    good(mine, 'vuln', 'import', kind, 'a.' + name)
    good('south', 'vuln', 'import', kind, where + '.' + name)
    good('south', 'vuln', 'bundle', 'create', where, where + '.' + name)
    p = good(mine, 'vuln', 'bundle', 'import', where, '--key', south)
    check(f'{kind}: {says}', says in p.stderr, p)


swaps = 0
cves = [f'CVE-2099-{i:04}' for i in range(1, 21)]
text = kev('2020.01.04', '2020-01-04', cves)
swap('kev', 'json', text, json.dumps(json.loads(text), indent=3, sort_keys=True), 'kev: the same records as ours, in another file')
text = kev('2020.01.05', '2020-01-05', cves)
swap('kev', 'json', text, text.replace('"S"', '"s"', 1), 'differs in 1 records: CVE-2099-0001; ours stays')
text = kev('2020.01.06', '2020-01-06', cves)
swap('kev', 'json', text, kev('2020.01.06', '2020-01-06', cves[2:] + ['CVE-2099-0099']), 'differs in 3 records: CVE-2099-0001, CVE-2099-0002, CVE-2099-0099; ours stays')
text = kev('2020.01.07', '2020-01-07', cves)
swap('kev', 'json', text, text.replace('"S"', '"s"'), 'differs in 20 records: CVE-2099-0001, CVE-2099-0002, CVE-2099-0003, CVE-2099-0004, CVE-2099-0005, …; ours stays')
text = '#model_version:v1,score_date:2020-01-01T00:00:00Z\ncve,epss,percentile\n' + ''.join(f'{c},0.25,0.5\n' for c in cves)
swap('epss', 'csv', text, text.replace('0004,0.25', '0004,0.35'), 'differs in 1 records: CVE-2099-0004; ours')
swap('epss', 'csv', text.replace('-01-01T', '-01-02T'), text.replace('0.25', '0.250').replace('-01-01T', '-01-02T'), 'the same records as ours')
vex = json.dumps({'@context': 'https://openvex.dev/ns/v0.2.0', '@id': 'https://example.org/1', 'author': 'A', 'timestamp': '2025-01-01T00:00:00Z', 'version': 1,
                  'statements': [{'vulnerability': {'name': c}, 'products': [{'@id': 'pkg:pypi/one@1'}, {'@id': 'pkg:pypi/two@1'}], 'status': 'fixed'} for c in cves]})
swap('openvex', 'json', vex, vex.replace('two@1', 'two@2', 1).replace('fixed', 'under_investigation', 1), 'differs in 3 records: CVE-2099-0001, CVE-2099-0001, CVE-2099-0001; ours')
swap('openvex', 'json', vex.replace('"A"', '"B"'), json.dumps(json.loads(vex.replace('"A"', '"B"').replace('fixed', 'under_investigation', 1)), indent=1), 'differs in 2 records: CVE-2099-0001, CVE-2099-0001; ours')
swap('nvd', 'json', *(json.dumps({'timestamp': '2020-01-02T00:00:00', 'vulnerabilities': [{'cve': {'id': c, 'lastModified': '2020-01-01T00:00:00', 'descriptions': [{'lang': 'en', 'value': text}]}} for c, text in zip(cves, texts)]}) for texts in ('a' * 20, 'aab' + 'a' * 17)), 'differs in 1 records: CVE-2099-0003; ours')

# A feed that does not say its date has it in the note; none is believed that is ahead of the clock.
def tracker(fixed):
    return json.dumps({'src': {'CVE-2099-0001': {'releases': {'bookworm': {'status': 'resolved', 'fixed_version': fixed, 'urgency': 'low', 'repositories': {'bookworm': '1'}}}}}})


write('tracker-1.json', tracker('1.0'))
write('tracker-2.json', tracker('2.0'))
for node, name, day in ('north', 'tracker-1.json', '2020-02-01'), ('south', 'tracker-2.json', '2020-02-02'):
    good(node, 'vuln', 'import', 'debian', name, '--date', day)
    good(node, 'vuln', 'bundle', 'create', node + '-tracker', name)
p = good('south', 'vuln', 'bundle', 'import', 'north-tracker', '--key', north)
check('an older tracker', 'debian: older than ours' in p.stderr, p)
p = good('north', 'vuln', 'bundle', 'import', 'south-tracker', '--key', south)
check('a newer tracker', 'debian: taken in' in p.stderr, p)
p = good('north', 'vuln', 'bundle', 'import', 'south-tracker', '--key', south)
check('the same tracker', 'debian: the same copy' in p.stderr, p)
feeds = {r['feed']: r for r in json.loads(run('north', 'vuln', 'feeds', '-o', 'json').stdout)}
check('of its day', feeds['debian']['date'][:10] == '2020-02-02', feeds)
os.mkdir('ahead')
good('north', 'vuln', 'bundle', 'create', 'late', 'newer-kev.json')
write('ahead/ahead.clock', str(400 * 86400))
day = time.strftime('%Y-%m-%d', time.gmtime(time.time() + 390 * 86400))
write('ahead.json', kev(day.replace('-', '.'), day, ['CVE-2099-0009']))
write('south/test-clock', os.path.abspath('ahead/ahead.clock'))
good('south', 'vuln', 'import', 'kev', 'ahead.json')
good('south', 'vuln', 'bundle', 'create', 'ahead-kev', 'ahead.json')
os.unlink('south/test-clock')
p = good('south', 'vuln', 'bundle', 'import', 'late', '--key', north)
check('what was taken in ahead of the clock keeps nothing out', 'kev: taken in' in p.stderr, p)
fails(3, 'feeds.note:3:1: ', 'north', 'vuln', 'bundle', 'import', 'ahead-kev', '--key', south)
write('south/test-clock', os.path.abspath('ahead/ahead.clock'))
good('south', 'vuln', 'import', 'kev', 'ahead.json')
os.unlink('south/test-clock')
good('south', 'vuln', 'bundle', 'create', 'ahead-now', 'ahead.json')
fails(3, 'feeds.note:4:1: ', 'north', 'vuln', 'bundle', 'import', 'ahead-now', '--key', south)
feeds = {r['feed']: r for r in json.loads(run('north', 'vuln', 'feeds', '-o', 'json').stdout)}
check('nothing of it', feeds['kev']['date'][:4] == '2020', feeds)

# What one's own sensors saw goes as totals, and counts under the name of who signed it.
stamp = time.strftime('%Y-%m-%dT%H:%M:%S.000000+0000', time.gmtime(time.time() - 60))
write('eve.json', ''.join(json.dumps({'timestamp': stamp, 'event_type': 'alert', 'src_ip': f'203.0.113.{i}', 'src_port': 4000, 'dest_ip': '192.0.2.1', 'dest_port': 443, 'proto': 'TCP', 'alert': {'action': 'allowed', 'gid': 1, 'signature_id': 1, 'rev': 1, 'signature': 'TEST CVE-2099-0001', 'category': 'Attempted Administrator Privilege Gain', 'severity': 1}}) + '\n' for i in range(1, 8)))
good('north', 'ingest', 'eve.json')
good('north', 'vuln', 'bundle', 'create', 'totals', '--seen')
rows = [json.loads(line) for line in open('totals/seen.jsonl')]
check('totals and nothing else', sum(r['alerts'] for r in rows) == 7 and {k for r in rows for k in r} == {'cve', 'hour', 'asn', 'country', 'alerts'}, rows)
check('under its own name', ' seen/north ' in open('totals/feeds.note').read(), open('totals/feeds.note').read())
good('south', 'vuln', 'bundle', 'import', 'totals', '--key', north)
feeds = {r['feed']: r for r in json.loads(run('south', 'vuln', 'feeds', '-o', 'json').stdout)}
check('and there', (feeds['seen/north']['kind'], feeds['seen/north']['from']) == ('seen', 'north'), feeds)
fails(2, 'bundle import', 'south', 'vuln', 'import', 'seen', 'totals/seen.jsonl')

# One byte more, one file less, one word changed.
with open('feeds/kev.json', 'a') as f:
    f.write('\n')
fails(6, 'not the file that north signed for', 'south', 'vuln', 'bundle', 'verify', 'feeds', '--key', north)
os.unlink('feeds/kev.json')
fails(3, 'kev.json', 'south', 'vuln', 'bundle', 'verify', 'feeds', '--key', north)
write('feeds/feeds.note', note.replace('party north', 'party south'))
fails(6, '', 'south', 'vuln', 'bundle', 'verify', 'feeds', '--key', north)
for text in ('', 'detente-feeds/1\n', note[:200], note.replace('kev kev', '../kev kev'), note.replace(' kev.json', ' ../kev.json'), 'x' * 200000):
    write('feeds/feeds.note', text)
    p = run('south', 'vuln', 'bundle', 'verify', 'feeds', '--key', north)
    check('no note', p.returncode in (3, 6) and p.stderr.count('\n') == 1, (text[:80], p))
print(f'{faults} faults')
sys.exit(faults != 0)
