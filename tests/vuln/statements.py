#!/usr/bin/env python3
"""`detente vuln vex, except, show, explain`: statements.py DETENTE.  All numbers are made up."""
import datetime, json, os, subprocess, sys, tempfile, time

faults = 0
detente = os.path.abspath(sys.argv[1])
folder = tempfile.TemporaryDirectory()
os.chdir(folder.name)


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


def fails(code, word, *args):
    p = run(*args)
    check(' '.join(args), p.returncode == code and word in p.stderr, p)


def rows(*args):
    return json.loads(good(*args, '-o', 'json').stdout)


def states(*args):
    return {(r['asset'], r['package'], r['cve']): r['state'] for r in rows('vuln', 'scan', '--all', *args)}


def write(name, what):
    with open(name, 'w') as f:
        f.write(what if isinstance(what, str) else json.dumps(what))
    return name


def osv(system, package, cve, fixed):
    return {'id': f'T-{system}-{cve}', 'aliases': [cve], 'modified': '2020-01-01T00:00:00Z',
            'affected': [{'package': {'ecosystem': system, 'name': package},
                          'ranges': [{'type': 'ECOSYSTEM', 'events': [{'introduced': '0'}, {'fixed': fixed}]}]}]}


def deb(*packages):
    return ''.join(f'Package: {n}\nStatus: install ok installed\nArchitecture: amd64\nVersion: {v}\n'
                   + (f'Source: {s}\n' if s else '') + '\n' for n, v, s in packages)


def vex(at, version, *statements, id='https://sup.example/1'):
    return {'@context': 'https://openvex.dev/ns/v0.2.0', '@id': id, 'author': 'Sup', 'timestamp': at, 'version': version,
            'statements': [{'vulnerability': {'name': c}, 'products': [{'@id': p} for p in products], 'status': s,
                            **({'justification': 'vulnerable_code_not_present'} if s == 'not_affected' else {})}
                           for c, s, products in statements]}


os.mkdir('n')
fails(1, 'inventory import', 'vuln', 'show', 'CVE-2099-0001')
write('osv', '\n'.join(json.dumps(x) for x in (
    osv('Debian:12', 'libedge', 'CVE-2099-0001', '2.0'), osv('Debian:12', 'libedge', 'CVE-2099-0002', '3.0'),
    osv('Debian:12', 'other', 'CVE-2099-0001', '9'), osv('PyPI', 'thing', 'CVE-2099-0003', '1.5'))))
good('vuln', 'import', 'osv', 'osv')
good('vuln', 'import', 'kev', write('kev', {'title': 't', 'catalogVersion': '2025.06.18', 'dateReleased': '2025-06-18T03:40:00Z', 'count': 1, 'vulnerabilities': [
    {'cveID': 'CVE-2099-0001', 'vendorProject': 'Example', 'product': 'Edge', 'vulnerabilityName': 'Edge\u0007 hole', 'dateAdded': '2025-06-01',
     'shortDescription': 's', 'requiredAction': 'a', 'dueDate': '2025-07-01', 'knownRansomwareCampaignUse': 'Known'}]}))
good('vuln', 'import', 'epss', write('epss', '#model_version:v1,score_date:2025-06-18T00:00:00Z\ncve,epss,percentile\nCVE-2099-0001,0.50000,0.9\nCVE-2099-0002,0.10000,0.5\n'))
for asset in ('web', 'mail'):
    good('inventory', 'import', 'dpkg', write('dpkg', deb(('libedge1', '1.0', 'libedge'), ('other', '1', ''))), '--asset', asset, '--release', 'Debian:12')
good('inventory', 'import', 'cyclonedx', write('bom', {'bomFormat': 'CycloneDX', 'specVersion': '1.5', 'components': [
    {'type': 'library', 'name': 'thing', 'version': '1.0', 'purl': 'pkg:pypi/thing@1.0'}]}), '--asset', 'web')
all_affected = states()
check('what there is', len(all_affected) == 7 and set(all_affected.values()) == {'affected'}, all_affected)

# A supplier: for its own product, of that version, and for nothing else.
p = good('vuln', 'import', 'openvex', write('vex', vex('2025-01-02T00:00:00Z', 2,
         ('CVE-2099-0001', 'not_affected', ['pkg:deb/debian/libedge?arch=source&distro=bookworm', 'pkg:oci/img@sha256:aa']),
         ('CVE-2099-0002', 'fixed', ['pkg:deb/debian/libedge1@2.0']), ('CVE-2099-0003', 'under_investigation', ['pkg:pypi/Thing@1.0']))))
check('what no inventory could name', '1 products that no inventory' in p.stderr and '4 new' in p.stderr, p.stderr)
p = good('vuln', 'import', 'openvex', 'vex')
check('once more', '0 new' in p.stderr and '4 as they were' in p.stderr and len(rows('vuln', 'vex', 'list')) == 4, p.stderr)
s = states()
check('by product', s['web', 'libedge1', 'CVE-2099-0001'] == 'not affected' and s['web', 'other', 'CVE-2099-0001'] == 'affected', s)
check('by version', s['web', 'libedge1', 'CVE-2099-0002'] == 'affected' and s['web', 'thing', 'CVE-2099-0003'] == 'under investigation', s)
p = run('vuln', 'scan', '--package', 'thing', '--fail-on', 'any')
check('who looks into it makes nothing safe', p.returncode == 1, p)
p = good('vuln', 'scan')
check('left out', '2 findings are left out' in p.stderr and 'not affected' not in p.stdout, p)
fails(1, 'an older one', 'vuln', 'import', 'openvex', write('vex1', vex('2025-01-02T00:00:00Z', 1, ('CVE-2099-0001', 'affected', ['pkg:deb/debian/libedge']))))
fails(1, 'an older one', 'vuln', 'import', 'openvex', write('vex1', vex('2024-01-02T00:00:00Z', 2, ('CVE-2099-0001', 'affected', ['pkg:deb/debian/libedge']))))
p = good('vuln', 'import', 'openvex', write('vex2', vex('2025-02-02T00:00:00Z', 3, ('CVE-2099-0001', 'fixed', ['pkg:deb/debian/libedge@1.0']))))
check('a newer one takes its place', '1 new' in p.stderr and '4 gone' in p.stderr, p.stderr)
check('fixed', states()['mail', 'libedge1', 'CVE-2099-0001'] == 'fixed')
good('vuln', 'import', 'openvex', write('vex3', vex('2024-03-02T00:00:00Z', 1, ('CVE-2099-0001', 'affected', ['pkg:deb/debian/libedge']), id='https://sup.example/2')))
check('the newer of two', states()['mail', 'libedge1', 'CVE-2099-0001'] == 'fixed')
two = json.dumps(vex('2020-01-01T00:00:00Z', 1, ('CVE-2099-0002', 'affected', ['pkg:deb/debian/libedge']), id='a')) + json.dumps(
    vex('2019-01-01T00:00:00Z', 1, ('CVE-2099-0002', 'fixed', ['pkg:deb/debian/libedge']), id='b'))
good('vuln', 'import', 'openvex', write('vex4', two))
check('a feed each', {'openvex/a', 'openvex/b', 'openvex/https://sup.example/1'} <= {r['feed'] for r in json.loads(run('vuln', 'feeds', '-o', 'json').stdout)})
fails(3, ':1:', 'vuln', 'import', 'openvex', write('vex5', '{"statements":[{]}'))

# The operator: before any supplier's.
good('vuln', 'vex', 'add', 'web', 'CVE-2099-0001', '--status', 'affected', '--package', 'libedge', '--because', 'we built it otherwise')
s = states()
check('own', s['web', 'libedge1', 'CVE-2099-0001'] == 'affected' and s['mail', 'libedge1', 'CVE-2099-0001'] == 'fixed', s)
good('vuln', 'vex', 'add', '--any', 'CVE-2099-0003', '--status', 'not_affected', '--justification', 'component_not_present', '--by', 'kim')
check('any', states()['web', 'thing', 'CVE-2099-0003'] == 'not affected')
good('vuln', 'except', 'web', 'CVE-2099-0001', '--until', '2999-01-01', '--because', 'behind a filter')
s = states()
check('excepted', s['web', 'libedge1', 'CVE-2099-0001'] == 'excepted' and s['web', 'other', 'CVE-2099-0001'] == 'excepted' and s['mail', 'other', 'CVE-2099-0001'] == 'affected', s)
p = run('vuln', 'scan', '--asset', 'web', '--cve', 'CVE-2099-0001', '--fail-on', 'kev')
check('is no failure', p.returncode == 0, p)
soon = (datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=2)).strftime('%Y-%m-%dT%H:%M:%SZ')
good('vuln', 'except', 'mail', 'CVE-2099-0002', '--until', soon, '--because', 'an hour')
check('while it lasts', states()['mail', 'libedge1', 'CVE-2099-0002'] == 'excepted')
time.sleep(2.1)
check('and when it ended', states()['mail', 'libedge1', 'CVE-2099-0002'] == 'affected')
own = rows('vuln', 'vex', 'list', '--own')
check('list', [(r['state'], r['status']) for r in own] == [('holds', 'affected'), ('holds', 'not_affected'), ('holds', 'excepted'), ('ended', 'excepted')] and own[1]['by'] == 'kim', own)
check('list of one', len(rows('vuln', 'vex', 'list', '--cve', 'CVE-2099-0003')) == 1 and len(rows('vuln', 'vex', 'list', '--asset', 'mail')) == 1)

# Both at once: why, and what all say.
x = json.loads(good('vuln', 'explain', 'web', 'CVE-2099-0001', '--json').stdout)
edge = next(p for p in x['packages'] if p['package'] == 'libedge1')
check('explain', x['found'] and x['decision']['deadline']['days'] == 3 and x['decision']['due'] == '2025-06-04' and x['decision']['deadline']['row'] == {
    'exploited': 'yes', 'exposed': 'yes', 'automatable': 'yes', 'technical_impact': 'total'}, x)
check('unknown', {'exposure', 'automatable', 'technical', 'human'} <= set(x['decision']['unknown_and_taken_as_the_worse']), x)
check('factors', {f['factor']: (f['value'], f['source']) for f in x['risk']['factors']}['kev'] == (1.1, 'kev') and len(x['risk']['factors']) == 8, x)
check('versions', (edge['installed'], edge['fixed'], edge['state']) == ('1.0', '2.0', 'excepted'), edge)
check('who states what', [(s['status'], s['whose'], s['counts'][:2]) for s in edge['statements']] == [
    ('fixed', 'supplier', 'no'), ('affected', 'supplier', 'no'), ('affected', 'own', 'no'), ('excepted', 'own', 'ye')], edge['statements'])
p = good('vuln', 'explain', 'web', 'CVE-2099-0001')
check('for people', 'due: 2025-06-04' in p.stdout and 'behind a filter' in p.stdout and 'unknown' in p.stdout, p.stdout)
x = json.loads(good('vuln', 'explain', 'mail', 'CVE-2099-0003', '--json').stdout)
check('not found', not x['found'] and x['outcome'] in ('hit-not-installed', 'hit-unknown'), x)
fails(1, 'the asset comes first', 'vuln', 'explain', 'CVE-2099-0001', 'web')
fails(1, 'inventory list', 'vuln', 'explain', 'wep', 'CVE-2099-0001')
x = json.loads(good('vuln', 'show', 'CVE-2099-0001', '--json').stdout)
check('show', x['exploited']['ransomware'] and x['exploited']['due'] == '2025-07-01' and x['epss']['probability'] == 0.5 and 'CISA' in x['exploited']['source'], x)
check('where', len(x['own_assets']) == 4 and {(p['system'], p['name']) for p in x['products']} == {('Debian:12', 'libedge'), ('Debian:12', 'other')}, x)
check('no controls', '\a' not in good('vuln', 'show', 'CVE-2099-0001').stdout)
fails(1, 'vuln feeds', 'vuln', 'show', 'CVE-2098-0001')

# By an advisory's own name, whichever of the two comes first.
def ghsa(n):
    return json.dumps({**osv('PyPI', 'thing', f'CVE-2099-100{n}', '1.5'), 'id': f'GHSA-aaaa-bbbb-000{n}'})


good('vuln', 'import', 'osv', write('g1', ghsa(1)))
good('vuln', 'import', 'openvex', write('vex6', vex('2025-01-02T00:00:00Z', 2, *((f'GHSA-aaaa-bbbb-000{n}', 'fixed', ['pkg:pypi/thing']) for n in (1, 2)), id='g')))
good('vuln', 'import', 'osv', write('g2', ghsa(2)))
s = states('--asset', 'web', '--package', 'thing')
check('by an advisory', s['web', 'thing', 'CVE-2099-1001'] == s['web', 'thing', 'CVE-2099-1002'] == 'fixed', s)
check('show by an advisory', json.loads(good('vuln', 'show', 'GHSA-aaaa-bbbb-0001', '--json').stdout)['cve'] == 'CVE-2099-1001')

# What is refused, and taken back.
fails(2, '--until', 'vuln', 'except', 'web', 'CVE-2099-0001', '--because', 'x')
fails(2, '--because', 'vuln', 'except', 'web', 'CVE-2099-0001', '--until', '2999-01-01')
fails(2, 'is past', 'vuln', 'except', 'web', 'CVE-2099-0001', '--until', '2001-01-01', '--because', 'x')
fails(2, 'a day, such as', 'vuln', 'except', 'web', 'CVE-2099-0001', '--until', 'soon', '--because', 'x')
fails(1, 'inventory list', 'vuln', 'except', 'wep', 'CVE-2099-0001', '--until', '2999-01-01', '--because', 'x')
fails(2, '--status is', 'vuln', 'vex', 'add', 'web', 'CVE-2099-0001', '--status', 'maybe')
fails(2, '--because', 'vuln', 'vex', 'add', 'web', 'CVE-2099-0001', '--status', 'not_affected')
fails(2, '--justification is', 'vuln', 'vex', 'add', 'web', 'CVE-2099-0001', '--status', 'not_affected', '--justification', 'no')
fails(2, 'neither a CVE', 'vuln', 'vex', 'add', 'web', 'nothing', '--status', 'fixed')
fails(2, 'detente vuln scan', 'vuln', 'vex', 'add', 'web', 'CVE-2099-0001', '--status', 'fixed', '--package', 'pkg:oci/x')
supplier = next(r['n'] for r in rows('vuln', 'vex', 'list') if r['from'] != 'own')
fails(1, 'none of your own', 'vuln', 'vex', 'drop', str(supplier))
good('vuln', 'vex', 'drop', str(own[2]['n']))
check('taken back', states()['web', 'other', 'CVE-2099-0001'] == 'affected')
good('vuln', 'vex', 'drop', 'openvex/https://sup.example/1')
check('a document', states()['mail', 'libedge1', 'CVE-2099-0001'] == 'affected' and not [r for r in rows('vuln', 'vex', 'list') if r['from'].endswith('example/1')])
fails(1, 'no document', 'vuln', 'vex', 'drop', 'openvex/none')

# Own weights and spans.
before = {r['cve']: r['risk'] for r in rows('vuln', 'scan', '--asset', 'mail', '--package', 'libedge1')}
write('n/detente.yaml', 'vulnerabilities:\n  weights: {no-severity: 0.5}\n  stale: {kev: 3650d, epss: 3650d, osv: 3650d, openvex: 3650d}\n')
after = {r['cve']: r['risk'] for r in rows('vuln', 'scan', '--asset', 'mail', '--package', 'libedge1')}
check('weights', after['CVE-2099-0002'] == before['CVE-2099-0002'] / 2, (before, after))
p = run('vuln', 'feeds')
check('spans', p.returncode == 0 or 'stale' in p.stderr and 'openvex' in p.stdout, p)
write('n/detente.yaml', 'vulnerabilities:\n  weights: {peer: 2}\n')
fails(3, ':2:', 'vuln', 'scan')
print(faults, 'faults')
sys.exit(faults != 0)
