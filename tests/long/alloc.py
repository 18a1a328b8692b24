#!/usr/bin/env python3
"""Memory that is not there: alloc.py DETENTE FAILALLOC.SO [CASES].

Each command of a session is run once to count its allocations, then again with the n-th failing,
by turns that one alone and all from there on; for every n where there are few, spread over all
where there are many.  Whatever happens, it ends with exit 0 and the same result, or with another
exit and one clear line, never by a signal; the log is clean down to the events, nothing that was
acknowledged is gone, and the same command without faults brings it to the same end."""
import json, os, re, shutil, subprocess, sys, tempfile, time

detente, preload = os.path.abspath(sys.argv[1]), os.path.abspath(sys.argv[2])
MOST = int(sys.argv[3]) if len(sys.argv) > 3 else 40
top = tempfile.mkdtemp(prefix='detente-alloc.', dir='/dev/shm' if os.access('/dev/shm', os.W_OK) else None)
faults = cases = 0


def run(*args, at=0, alone=True):
    env = dict(os.environ)
    if at >= 0:
        env |= {'LD_PRELOAD': preload, 'FAILALLOC_COUNT': top + '/count', 'FAILALLOC_AT': str(at)}
        if not alone:
            env['FAILALLOC_FROM'] = '1'
    return subprocess.run([detente, '--dir', 'n', *args], capture_output=True, text=True, cwd=top, timeout=120, env=env)


def calm(*args):
    return run(*args, at=-1)


def fail(what, p):
    global faults
    faults += 1
    print(f'FAULT {what}: exit {p.returncode}\n{p.stdout[-300:]}{p.stderr[-1500:]}')


def told(p):
    lines = [x for x in p.stderr.splitlines() if x.startswith('detente: ')]
    # libarchive ends the program itself, with a line of its own.
    return p.returncode == 0 or (1 <= p.returncode <= 6 and len(lines) == 1) or p.stderr.endswith('in libarchive: Out of memory\n')


def put_back(state):
    shutil.rmtree(top + '/n', ignore_errors=True)
    if state:
        shutil.copytree(f'{top}/{state}', top + '/n')


def events():
    out = calm('events', '-o', 'jsonl', '--limit', '0').stdout.splitlines()
    return sorted((r['time'], r['address'], r['port'], r['target'], r['rule']) for r in map(json.loads, out))


def clean(what):
    p = calm('log', 'fsck', '--events')
    if p.returncode != 0:
        fail(what + ': fsck', p)
    return p.returncode == 0


def after_init(what, p, args):
    again = calm(*args)
    if again.returncode == 3 and 'a node is here already' in again.stderr:
        clean(what)
    elif again.returncode != 0 or p.returncode == 0:
        fail(what + ': again', again)


def after_ingest(what, p, args):
    if not clean(what):
        return
    done = json.loads(p.stdout)['attacks'] if p.stdout.startswith('{') and p.stdout.endswith('}\n') else 0
    there = events()
    if len(there) < done or (p.returncode == 0 and there != whole):
        fail(f'{what}: {done} acknowledged, {len(there)} there, {len(whole)} in all', p)
    p = calm(*args)
    if p.returncode != 0 or events() != whole:
        fail(what + ': does not go on to the same end', p)


def after_act(what, p, args):
    clean(what)
    again = calm(*args)
    if again.returncode not in (0, 3) and 'is erased already' not in again.stderr:
        fail(what + ': again', again)


def after_reading(what, p, args):
    if p.returncode == 0 and re.sub('"disk_free":[0-9]+', '', p.stdout) != re.sub('"disk_free":[0-9]+', '', want):
        fail(what + ': says something else', p)


def after_file(what, p, args):
    if p.returncode == 0 and not os.path.exists(top + '/' + args[-1]):
        fail(what + ': done, and not there', p)
    if os.path.exists(top + '/' + args[-1]):
        if calm('restore', '--verify', args[-1]).returncode != 0:
            fail(what + ': what is there is no backup', p)
        os.unlink(top + '/' + args[-1])


INGEST = ('ingest', 's.json', '--threads', '1', '--batch', '131072', '--json')
SESSION = [
    ('', after_init, ('init', '--origin', 'a.example/detente/log')),
    ('new', after_ingest, INGEST),
    ('done', after_act, ('user', 'add', 'ada', '--role', 'analyst')),
    ('done', after_act, ('erase', '1', '--rule', 'test')),
    ('done', after_reading, ('log', 'fsck', '--events')),
    ('done', after_reading, ('events', '-o', 'jsonl', '--limit', '50')),
    ('done', after_reading, ('top', 'origins', '-o', 'json')),
    ('done', after_reading, ('log', 'prove', '1-0')),
    ('done', after_reading, ('status', '--json')),
    ('done', after_reading, ('check', '-p')),
    ('done', after_reading, ('decode', 's.json')),
    ('done', after_file, ('backup', 'b.tar.zst')),
]


def step(state, after, args):
    """One command: every n, or as many as may be."""
    global cases, want
    name = ' '.join(a for a in args if not a.startswith('-'))
    put_back(state)
    p = run(*args)
    if p.returncode != 0:
        return fail(name + ', calm', p)
    want = p.stdout
    if args[-1].endswith('.zst'):
        os.unlink(top + '/' + args[-1])
    with open(top + '/count') as f:
        count = int(f.read())
    numbers = sorted({1 + i * count // min(count, MOST) for i in range(min(count, MOST))})
    for n in numbers:
        what = f'{name}: allocation {n} of {count}' + (' and all behind it' if n % 2 == 0 else '')
        put_back(state)
        p = run(*args, at=n, alone=n % 2 != 0)
        if not told(p):
            fail(what, p)
        after(what, p, args)
        cases += 1
    print(f'{name}: {len(numbers)} of {count} allocations made to fail, {faults} faults so far, {time.time() - started:.0f} s', flush=True)


with open(top + '/s.json', 'w') as f:
    f.write(calm('sample', '--count', '2000', '--seed', '11', '--since', '2026-03-01', '--until', '2026-03-02').stdout)
assert calm('init', '--origin', 'a.example/detente/log').returncode == 0
shutil.copytree(top + '/n', top + '/new')
assert calm(*INGEST).returncode == 0
shutil.copytree(top + '/n', top + '/done')
whole = events()
want = ''
started = time.time()
for s in SESSION:
    step(*s)
shutil.rmtree(top)
print(f'{cases} cases, {faults} faults')
sys.exit(faults != 0)
