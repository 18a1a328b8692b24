#!/usr/bin/env python3
"""`detente exchange check`: check.py DETENTE SHARED."""
import glob, json, os, subprocess, sys, tempfile

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


def run(*args, text=None):
    return subprocess.run([detente, 'exchange', 'check', *args], input=text, capture_output=True, text=True)


U = '8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f'
good = {'type': 'url', 'id': 'url--' + U, 'value': 'x'}
bad = {'type': 'url', 'id': 'url--' + U, 'value': []}
for what, data, code in (('a bundle', {'type': 'bundle', 'id': 'bundle--' + U, 'objects': [good]}, 0), ('a list', [good, good], 0), ('an object', good, 0),
                         ('one that is wrong', [good, bad], 1), ('an empty bundle', {'type': 'bundle', 'id': 'bundle--' + U}, 0),
                         ('a bundle without id', {'type': 'bundle', 'objects': [good]}, 1), ('an empty list in it', {'type': 'bundle', 'id': 'bundle--' + U, 'objects': []}, 1)):
    p = run('-', '-o', 'json', text=json.dumps(data))
    check(what, p.returncode == code, p)
p = run('-', '-o', 'json', text=json.dumps([good, bad]))
check('where it is', json.loads(p.stdout) == [
    {'file': '-', 'object': 2, 'id': 'url--' + U, 'path': 'value', 'reason': w} for w in ('is text', 'is an empty list: it is left out')], p.stdout)
check('how many', '2 objects, 2 faults' in p.stderr, p.stderr)
check('no JSON', run('-', text='{"a":').returncode == 3)
check('no file', run('none').returncode == 3)
p = run('none', '-', '-o', 'json', text=json.dumps(bad))
check('what is none costs only itself', p.returncode == 3 and len(json.loads(p.stdout)) == 2, p)
check('nothing named', run().returncode == 2)
p = run('-', text='[' * 3000 + ']' * 3000)
check('too deep', p.returncode == 3 and 'nested too deep' in p.stderr, p)
p = run('-', '-o', 'json', text=json.dumps({**good, 'x_own': {'k' * 300: {'l' * 300: {'m' * 300: {'n' * 300: {'o' * 300: None}}}}}}))
check('a path that is too long', p.returncode == 1 and len(json.loads(p.stdout)[0]['path']) <= 1024, p)
print(f'{faults} faults')
if not os.path.isdir(shared):
    sys.exit(1 if faults else 77)
# Real ones: what is wrong with them is that lists of a custom property are empty.
for name, count, wrong in ('ics-attack-17.1', 1651, 5), ('ics-attack-18.1', 1826, 6), ('mobile-attack-17.1', 2148, 0):
    p = run(f'{shared}/attack/{name}.json', '-o', 'json')
    check(name, f'{count} objects, {wrong} faults' in p.stderr and all(r['path'].endswith('.related_asset_sectors') for r in json.loads(p.stdout or '[]')), p.stderr)
p = run(*glob.glob(f'{shared}/oasis-examples/*.json'))
check('the examples of OASIS', p.returncode == 0 and '322 objects, 0 faults' in p.stderr, p)
print(f'{faults} faults')
sys.exit(faults != 0)
