#!/usr/bin/env python3
"""`detente vuln cves`: cves.py DETENTE IDS-FOLDER"""
import json, os, subprocess, sys

faults = 0


def check(what, ok, got=None):
    global faults
    if not ok:
        faults += 1
        print('FAULT', what, got)


def run(text, *args):
    return subprocess.run([sys.argv[1], 'vuln', 'cves', '-', *args], input=text, capture_output=True, text=True)


alert = lambda **a: json.dumps({'event_type': 'alert', 'alert': a})
p = run('\n'.join([alert(signature='CVE-2021-44228', metadata={'cve': ['CVE_2021_44228']}), json.dumps({'event_type': 'flow'}), '', 'no', alert(signature='y')]))
check('good lines, and what is wrong with the others', p.returncode == 3 and p.stdout == '["CVE-2021-44228"]\n[]\n' and '-:4:1: ' in p.stderr, p)
p = run(alert(signature='CVE-2021-44228', metadata={'cve': ['CVE_2021_44228']}) + '\n', '--sources')
check('sources', p.returncode == 0 and json.loads(p.stdout) == [{'cve': 'CVE-2021-44228', 'confidence': 'high', 'sources': ['metadata', 'signature']}], p)
path = sys.argv[2] + '/cve-extract.jsonl'
if os.path.exists(path):
    rows = [json.loads(line) for line in open(path)]
    p = run(''.join(json.dumps(r['event']) + '\n' for r in rows))
    check('what must come out', p.returncode == 0 and [json.loads(x) for x in p.stdout.split('\n') if x] == [r['cves'] for r in rows], p)
    for name, want in ('eve-first-org-2015.jsonl', 3), ('eve-wrccdc-2017.jsonl', 7):
        p = run(open(f'{sys.argv[2]}/{name}').read())
        check(name, p.returncode == 0 and len([x for x in p.stdout.split('\n') if 'CVE' in x]) == want, p.stdout[-200:])
else:
    print('SKIP: no shared data')
print(faults, 'faults')
sys.exit(faults != 0)
