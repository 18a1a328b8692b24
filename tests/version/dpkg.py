#!/usr/bin/env python3
"""`detente vuln compare dpkg` against dpkg itself, over made-up versions: dpkg.py DETENTE"""
import random, shutil, subprocess, sys

if not shutil.which('dpkg'):
    print('SKIP: no dpkg')
    sys.exit(77)
random.seed(11)


def make():
    return random.choice(['', '', '0:', '1:']) + random.choice('0123') + ''.join(random.choice('0011290.a+~-bZ') for _ in range(random.randint(0, 6)))


def near(v):
    return v[:random.randint(1, len(v))] + random.choice('~0a.+') + v[random.randint(0, len(v)):]


pairs, want = [], []
while len(pairs) < 300:
    a = make()
    b = make() if random.random() < .5 else near(a)
    older = subprocess.run(['dpkg', '--compare-versions', a, 'lt', b], capture_output=True)
    if older.stderr:  # it is none
        continue
    same = subprocess.run(['dpkg', '--compare-versions', a, 'eq', b], capture_output=True)
    pairs.append(f'{a}\t{b}\n')
    want.append(-1 if older.returncode == 0 else 0 if same.returncode == 0 else 1)
got = subprocess.run([sys.argv[1], 'vuln', 'compare', 'dpkg', '-'], input=''.join(pairs), capture_output=True, text=True)
wrong = [(p, w, g) for p, w, g in zip(pairs, want, map(int, got.stdout.split())) if w != g]
for x in wrong[:10]:
    print('FAULT', x)
if got.returncode != 0 or got.stderr or len(got.stdout.split()) != len(pairs) or wrong or set(want) != {-1, 0, 1}:
    print('FAULT', got.returncode, got.stderr, len(wrong), set(want))
    sys.exit(1)
print(f'{len(pairs)} pairs, {want.count(0)} the same')
