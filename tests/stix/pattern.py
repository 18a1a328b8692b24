#!/usr/bin/env python3
"""`detente indicator pattern` as scripts use it: pattern.py DETENTE."""
import json, os, subprocess, sys, tempfile

faults = 0
detente = os.path.abspath(sys.argv[1])
folder = tempfile.TemporaryDirectory()
os.chdir(folder.name)


def check(what, ok, got=None):
    global faults
    if not ok:
        faults += 1
        print('FAULT', what, got)


def run(pattern, data, text=None):
    return subprocess.run([detente, 'indicator', 'pattern', pattern, data], input=text, capture_output=True, text=True)


at = '2026-01-01T00:00:00Z'
addr = {'type': 'ipv4-addr', 'id': 'ipv4-addr--1', 'value': '198.51.100.7'}
seen = {'type': 'observed-data', 'id': 'observed-data--1', 'first_observed': at, 'last_observed': at, 'number_observed': 1, 'object_refs': ['ipv4-addr--1']}
own = {'type': 'observed-data', 'id': 'observed-data--2', 'first_observed': at, 'last_observed': at, 'number_observed': 1, 'objects': {'0': {'type': 'x-own', 'name': 'é'}}}
bundle = {'type': 'bundle', 'id': 'bundle--1', 'objects': [addr, seen]}
for what, data in ('a bundle', bundle), ('a list of objects', [seen, addr]), ('a list of bundles', [bundle, {'type': 'bundle', 'objects': [own]}]):
    with open('data', 'w') as f:
        json.dump(data, f)
    check(what, run("[ipv4-addr:value = '198.51.100.7']", 'data').returncode == 0)
    check(f'{what}: not', run("[ipv4-addr:value = '198.51.100.8']", 'data').returncode == 1)
    p = run("[ipv4-addr:value = '198.51.100.7'", 'data')
    check(f'{what}: no pattern', p.returncode == 3 and 'pattern:1:34: ' in p.stderr and p.stdout == '', p)
check('a custom object', run("[x-own:name = 'é']", 'data').returncode == 0)
check('standard input', run("[x-own:name LIKE '_']", '-', json.dumps(own)).returncode == 0)
for what, text, word in (('no JSON', '{"type":', 'data'), ('nothing', '', 'is empty'), ('no observation', json.dumps({**seen, 'number_observed': 'x'}), 'observed-data--1: `number_observed`'),
                         *[(x, x, 'is no bundle, object of STIX or list of such') for x in ('null', '5', '[1]', '["x"]', '{}', '{"type":5}', '[{"a":1}]', '{"type":"bundle","objects":{}}')],
                         ('more', '{} {}', '1:4: behind the value stands more'), ('deep', '[' * 1000 + ']' * 1000, 'nested too deep')):
    with open('data', 'w') as f:
        f.write(text)
    p = run('[a:b = 1]', 'data')
    check(what, p.returncode == 3 and word in p.stderr, p)
check('a file that is not there', run('[a:b = 1]', 'none').returncode == 3)
check('usage', subprocess.run([detente, 'indicator', 'pattern', 'x'], capture_output=True).returncode == 2)
print(f'{faults} faults')
sys.exit(faults != 0)
