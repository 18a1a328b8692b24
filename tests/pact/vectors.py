#!/usr/bin/env python3
"""The vectors of incidents in shared/pact: vectors.py DETENTE SHARED.  Skipped without them."""
import json, os, subprocess, sys

detente, shared = sys.argv[1], os.environ.get('DETENTE_SHARED', sys.argv[2])
path = os.path.join(shared, 'pact/incident-vectors.json')
if not os.path.exists(path):
    print('SKIP: no shared vectors')
    sys.exit(77)
with open(path) as f:
    cases = json.load(f)
states = json.loads(subprocess.run([detente, 'incident', 'fold', path], capture_output=True, text=True, check=True).stdout)
faults = 0
for case, state in zip(cases, states, strict=True):
    for key, want in case['expect'].items():
        if state[key] != want:
            faults += 1
            print(f'FAULT {case["name"]}: {key} is {state[key]}, not {want}')
    one = subprocess.run([detente, 'incident', 'fold', '-'], input=json.dumps(case), capture_output=True, text=True)
    if one.returncode or json.loads(one.stdout) != state:
        faults += 1
        print(f'FAULT {case["name"]}: alone it folds to something else: {one.stdout}{one.stderr}')
print(f'{len(cases)} cases, {faults} faults')
sys.exit(faults != 0)
