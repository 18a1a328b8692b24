#!/usr/bin/env python3
"""Names that are written in several ways, deadlines once an attack was seen, and what `vuln scan --fail-on` stops: gates.py DETENTE.

All numbers are made up."""
import datetime, json, os, subprocess, sys, tempfile

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


def take(kind, text):
    with open('feed', 'w') as f:
        f.write(text)
    good('vuln', 'import', kind, 'feed')


def scan(*args):
    return {(r['asset'], r['package'], r['cve']): r for r in json.loads(good('vuln', 'scan', '-o', 'json', *args).stdout)}


def osv(system, package, cve, fixed):
    return json.dumps({'id': f'T-{system}-{package}-{cve}', 'aliases': [cve], 'modified': '2020-01-01T00:00:00Z', 'affected': [
        {'package': {'ecosystem': system, 'name': package}, 'ranges': [{'type': 'ECOSYSTEM', 'events': [{'introduced': '0'}, {'fixed': fixed}]}]}]}) + '\n'


def bom(*purls):
    return json.dumps({'bomFormat': 'CycloneDX', 'specVersion': '1.5', 'components': [
        {'type': 'library', 'name': p.split('/')[-1].split('@')[0], 'version': p.split('@')[-1], 'purl': p} for p in purls]})


good('init', '--party', 'northland', '--origin', 'n.example/log')
with open('n/detente.yaml', 'a') as f:
    f.write('networks: [192.0.2.0/24]\n')

# Nothing is known, and nothing passes.
good('inventory', 'import', 'cyclonedx', '-', '--asset', 'web', text=bom('pkg:pypi/Django@4.0', 'pkg:pypi/zope_interface@1', 'pkg:nuget/Newtonsoft.json@1.0.0', 'pkg:npm/Case@1.0.0'))
p = run('vuln', 'scan')
check('a hint', p.returncode == 0 and 'no advisories were taken in' in p.stderr, p)
p = run('vuln', 'scan', '--fail-on', 'kev')
check('not through', p.returncode == 1 and 'nothing is known' in p.stderr, p)

# PEP 503, and NuGet, which has no case; npm has one.
take('osv', osv('PyPI', 'django', 'CVE-2020-9001', '4.2') + osv('PyPI', 'Zope.-Interface', 'CVE-2020-9002', '2')
     + osv('NuGet', 'Newtonsoft.Json', 'CVE-2020-9003', '2.0.0') + osv('npm', 'case', 'CVE-2020-9004', '2.0.0') + osv('PyPI', 'Django', 'CVE-2020-9005', '4.2'))
check('whatever the case', sorted(k[2] for k in scan()) == [f'CVE-2020-900{i}' for i in (1, 2, 3, 5)], scan())

# A severity that nobody says is the worst.
p = run('vuln', 'scan', '--fail-on', 'critical')
check('unknown is worst', p.returncode == 1 and '4 findings' in p.stderr, p)
check('but in no list of KEV', run('vuln', 'scan', '--fail-on', 'kev').returncode == 0)

# What nobody can tell.
good('inventory', 'drop', 'web')
nvd = {'format': 'NVD_CVE', 'version': '2.0', 'vulnerabilities': [{'cve': {
    'id': 'CVE-2020-9006', 'published': '2020-01-01T00:00:00.000', 'lastModified': '2020-02-01T00:00:00.000', 'vulnStatus': 'Analyzed',
    'descriptions': [{'lang': 'en', 'value': 'x'}], 'metrics': {'cvssMetricV31': [{'source': 'nvd@nist.gov', 'type': 'Primary', 'cvssData': {
        'version': '3.1', 'vectorString': 'CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:L/I:N/A:N', 'baseScore': 5.3, 'baseSeverity': 'MEDIUM'}}]},
    'configurations': [{'nodes': [{'operator': 'OR', 'negate': False, 'cpeMatch': [
        {'vulnerable': True, 'criteria': 'cpe:2.3:a:example:thing:*:*:*:*:*:*:*:*', 'versionEndExcluding': 'rp2613', 'matchCriteriaId': '1'}]}]}]}}]}
take('nvd', json.dumps(nvd))
good('inventory', 'import', 'cpe', '-', text='box\tcpe:2.3:a:example:thing:2.4.1:*:*:*:*:*:*:*\n')
rows = scan()
check('ambiguous', [r['state'] for r in rows.values()] == ['ambiguous'], rows)
check('stops', [run('vuln', 'scan', '--fail-on', w).returncode for w in ('any', 'medium', 'high', 'kev')] == [1, 1, 0, 0])

# An attack that is seen makes no day later.
good('inventory', 'import', 'cyclonedx', '-', '--asset', 'web', text=bom('pkg:pypi/Django@4.0'))
good('inventory', 'set', 'web', '--address', '192.0.2.1', '--exposure', 'small', '--criticality', '50')
take('kev', json.dumps({'title': 't', 'catalogVersion': '2020.06.18', 'dateReleased': '2020-06-18T03:40:00Z', 'count': 1, 'vulnerabilities': [
    {'cveID': 'CVE-2020-1111', 'vendorProject': 'Example', 'product': 'Other', 'vulnerabilityName': 'x', 'dateAdded': '2020-06-01',
     'shortDescription': 's', 'requiredAction': 'a', 'dueDate': '2020-07-01', 'knownRansomwareCampaignUse': 'Unknown'}]}))
nvd['vulnerabilities'][0]['cve'].update(id='CVE-2020-9001', configurations=[])
take('nvd', json.dumps(nvd))
before = next(r for r in scan('--asset', 'web').values() if r['cve'] == 'CVE-2020-9001')
at = (now - datetime.timedelta(minutes=5)).strftime('%Y-%m-%dT%H:%M:%S.000000+0000')
good('ingest', '-', text=json.dumps({'timestamp': at, 'event_type': 'alert', 'src_ip': '203.0.113.7', 'src_port': 4000, 'dest_ip': '192.0.2.1', 'dest_port': 443, 'proto': 'TCP',
     'alert': {'gid': 1, 'signature_id': 1, 'rev': 1, 'signature': 'TEST CVE-2020-9001', 'category': 'Attempted Administrator Privilege Gain'}}) + '\n')
after = next(r for r in scan('--seen', '--asset', 'web').values() if r['cve'] == 'CVE-2020-9001')
soon = (now + datetime.timedelta(days=4)).strftime('%Y-%m-%d')
check('it had one', before['due'] < soon, before)
check('no later', after['due'] <= before['due'], (before, after))
check('and higher', after['risk'] > before['risk'], (before, after))

# A port scan says itself whose it is.
p = run('inventory', 'import', 'nmap', '-', '--asset', 'web', text='<nmaprun/>')
check('without a name', p.returncode == 2 and 'names its hosts itself' in p.stderr, p)
print(f'{faults} faults')
sys.exit(faults != 0)
