"""Feeds of vulnerabilities in, and what they say of machines: vuln.py DETENTE SCRATCH SHARED.

A figure a line, with what the machine needs to read the same bytes and what others need for the
same question.  Without shared data there is nothing real to measure, and it says so."""
import os, pathlib, shutil, subprocess, sys, time, zlib

detente, scratch, data = sys.argv[1], pathlib.Path(sys.argv[2]) / 'vuln', pathlib.Path(sys.argv[3]) / 'data' / 'vuln'
if not data.is_dir():
    print('vuln skipped: no shared data')
    sys.exit()
shutil.rmtree(scratch, ignore_errors=True)
scratch.mkdir(parents=True)
node = scratch / 'node'
YEARS, HOSTS = 33, 10


def run(*args):
    """Seconds that pass, of processor, and the most memory in MB: at least what this process has."""
    began = time.perf_counter()
    p = subprocess.Popen(list(map(str, args)), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    said = p.stderr.read().decode()
    _, status, used = os.wait4(p.pid, 0)
    p.returncode = os.waitstatus_to_exitcode(status)
    if p.returncode != 0:
        sys.exit(f'{args} ended with {p.returncode}: {said}')
    return time.perf_counter() - began, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024


def best(n, *args, before=lambda: None):
    def one():
        before()
        return run(*args)
    return min(one() for _ in range(n))


def say(name, took, what):
    print(f'{name} {took[0]:.3f} s ({took[1]:.3f} s of processor, {took[2]:.0f} MB; {what})', flush=True)


def vuln(*args):
    return detente, '--dir', node, *args


def fresh():
    shutil.rmtree(node, ignore_errors=True)
    node.mkdir()


packed = data / 'nvd' / 'nvdcve-2.0-2021.json.xz'
year = scratch / 'year.json'
with year.open('wb') as f:
    subprocess.run(['xz', '-dc', packed], stdout=f, check=True)
say('vuln_xz_year', best(3, 'xz', '-dc', packed), 'limit: xz -dc of the year')
if shutil.which('jq'):
    say('vuln_peer_jq_year', best(1, 'jq', '.vulnerabilities|length', year), 'the year parsed once')
say('vuln_import_nvd_year', best(5, *vuln('vuln', 'import', 'nvd', year), before=fresh), f'10,660 CVEs, {year.stat().st_size} bytes, into an empty database; target 0.25 s')
say('vuln_import_nvd_again', best(3, *vuln('vuln', 'import', 'nvd', year)), 'the same again')
scores = data / 'epss' / 'epss-SYNTHETIC-340k.csv.gz'
say('vuln_zcat_epss', best(3, 'zcat', scores), 'limit: zcat of the scores')
say('vuln_import_epss', best(3, *vuln('vuln', 'import', 'epss', scores)), '340,000 scores')
for kind, name in ('osv', 'debian/debian-12-osv.jsonl'), ('kev', 'kev/known_exploited_vulnerabilities.json'), ('cve5', 'cve5/cve5-vulnrichment-2024.jsonl.xz'):
    say(f'vuln_import_{kind}', run(*vuln('vuln', 'import', kind, data / name)), name)

plain = 'vuln', 'scan', '-o', 'tsv', '--fields', 'asset,package,cve', '--limit', '0'
status = data / 'debian' / 'dpkg-status-a'
run(*vuln('inventory', 'import', 'dpkg', status, '--asset', 'host-0'))
say('vuln_scan_host', best(5, *vuln(*plain)), '2,000 packages, 13,308 findings; target 0.05 s')
say('vuln_scan_host_order', best(3, *vuln('vuln', 'scan', '-o', 'tsv', '--limit', '0')), 'the same with scores, deadlines, in the order of risk')
for i in range(1, HOSTS):
    run(*vuln('inventory', 'import', 'dpkg', status, '--asset', f'host-{i}'))
say('vuln_scan_hosts', best(5, *vuln(*plain)), f'{HOSTS} such hosts; target 0.2 s')
outcome = pathlib.Path(detente).parent / 'tests' / 'vuln' / 'bench_outcome'
if outcome.exists():
    subprocess.run([outcome, node], check=True)
say('vuln_scan_keep', run(*vuln(*plain, '--keep')), 'and kept for the first time')
say('vuln_scan_keep_again', run(*vuln(*plain, '--keep')), 'and again, with nothing changed')
fresh()
run(*vuln('vuln', 'import', 'nvd', year))
run(*vuln('inventory', 'import', 'cpe', data / 'cpe' / 'cpe-inventory-a.tsv'))
say('vuln_scan_cpes', best(5, *vuln(*plain)), '2,044 CPEs on 200 assets against the year; target 0.3 s')


def debsecan():
    """Debian's own, in Python with libapt, on the same advisories in the form that it reads."""
    program = os.environ.get('DETENTE_DEBSECAN') or shutil.which('debsecan')
    if program is None:
        print('vuln_peer_debsecan skipped: not installed (DETENTE_DEBSECAN: its path)')
        return
    import json
    names, rows = [], []
    for line in (data / 'debian' / 'debian-12-osv.jsonl').read_text().splitlines():
        r = json.loads(line)
        for a in r['affected']:
            fixed = [e['fixed'] for e in a['ranges'][0]['events'] if 'fixed' in e]
            rows.append(f'{a["package"]["name"]},{len(names)},S ? ,{fixed[0] if fixed else ""},')
        names.append(f'{r["aliases"][0]},,')
    text = 'VERSION 1\n' + '\n'.join(names) + '\n\n' + '\n'.join(rows) + '\n\n'
    (scratch / 'bookworm').write_bytes(zlib.compress(text.encode()))
    call = '/usr/bin/python3', program, '--suite', 'bookworm', '--source', f'file://{scratch}', '--status', status
    found = subprocess.run(list(map(str, call)), capture_output=True, text=True)
    if found.returncode != 0:
        print('vuln_peer_debsecan skipped:', found.stderr.strip().splitlines()[-1])
        return
    say('vuln_peer_debsecan_host', best(3, *call), f'2,000 packages, {len(found.stdout.splitlines())} findings')
    (scratch / 'status').write_text(status.read_text() * HOSTS)
    say('vuln_peer_debsecan_hosts', best(3, *call[:-1], scratch / 'status'), f'{HOSTS} times the list')


debsecan()

# All years there are, by one that is there: other ids, other dates.  In a process of its own: what
# this one holds would count as memory of those that it starts.
MAKE = r"""
import re, sys
year, whole, years = open(sys.argv[1], 'rb').read(), open(sys.argv[2], 'wb'), int(sys.argv[3])
head, mark, rest = year.partition(b'"vulnerabilities":[')
body = rest[:rest.rindex(b']')]
whole.write(head + mark)
for i in range(years):
    one = re.sub(rb'CVE-\d{4}-(\d+)', lambda m: b'CVE-%d-%s' % (1999 + i, m[1]), body)
    whole.write((b',' if i else b'') + one.replace(b'"lastModified":"2021', b'"lastModified":"%d' % (1990 + i)))
whole.write(b']}')
"""
whole = scratch / 'years.json'
subprocess.run([sys.executable, '-c', MAKE, year, whole, str(YEARS)], check=True)
say('vuln_cat_years', best(2, 'cat', whole), f'limit: {whole.stat().st_size} bytes read')
fresh()
say('vuln_import_nvd_years', run(*vuln('vuln', 'import', 'nvd', whole)), f'{10660 * YEARS} CVEs, {(node / "vuln" / "vuln.db").stat().st_size} bytes on disk; targets 12 s, 300 MB')
shutil.rmtree(scratch)
