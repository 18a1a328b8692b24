#!/usr/bin/env python3
"""System calls that fail, one after the other: inject.py DETENTE.

A small session (init; ingest of 2,000 sample lines in batches) is run once to count its calls of
each kind.  Then it is run again for every n, with the n-th call failing, by turns with EIO once
and with ENOSPC from there on.  Whatever happens, the session ends with exit 0 and everything
done, or with another exit and one clear line; the log is clean down to the events; nothing that
was acknowledged is gone; and the same session without faults brings it to the same end."""
import json, os, re, shutil, subprocess, sys, tempfile, time

detente = os.path.abspath(sys.argv[1])
CALLS = ('write', 'pwrite64', 'fdatasync', 'fsync', 'rename', 'renameat', 'ftruncate')
BATCH, MOST = '131072', 120  # calls of a kind that are made to fail, spread over all when there are more
top = tempfile.mkdtemp(prefix='detente-inject.', dir='/dev/shm' if os.access('/dev/shm', os.W_OK) else None)
faults = cases = 0


def run(*args):
    return subprocess.run(args, capture_output=True, text=True, cwd=top, timeout=120)


def strace(call, how, *args):
    trace = os.path.join(top, 'trace')
    p = run('strace', '-qq', '-o', trace, '-e', f'trace={call}', *(['-e', f'inject={call}:{how}'] if how else []), detente, *args)
    with open(trace) as f:
        return p, f.read()


def events(node):
    out = run(detente, '--dir', node, 'events', '-o', 'jsonl', '--limit', '0').stdout.splitlines()
    return sorted((r['time'], r['address'], r['port'], r['target'], r['rule']) for r in map(json.loads, out))


def fail(what, p):
    global faults
    faults += 1
    print(f'FAULT {what}: exit {p.returncode}\n{p.stdout[-500:]}{p.stderr[-1500:]}')


def told(p, trace):
    """Exit 0, or another with exactly one line of ours, unless that line is what failed."""
    lines = [x for x in p.stderr.splitlines() if x.startswith('detente: ')]
    return p.returncode == 0 or (1 <= p.returncode <= 6 and (len(lines) == 1 or re.search(r'write\([12], .*INJECTED', trace) is not None))


def clean(what, node):
    p = run(detente, '--dir', node, 'log', 'fsck', '--events')
    if p.returncode != 0:
        fail(what + ': fsck', p)
    return p.returncode == 0


def try_init(what, call, how):
    shutil.rmtree(top + '/n', ignore_errors=True)
    p, trace = strace(call, how, '--dir', 'n', 'init', '--origin', 'a.example/detente/log')
    if not told(p, trace):
        fail(what, p)
    again = run(detente, '--dir', 'n', 'init', '--origin', 'a.example/detente/log')
    if p.returncode == 0 and again.returncode != 3:
        fail(what + ': again', again)
    if again.returncode == 3 and 'a node is here already' in again.stderr:
        clean(what, 'n')
    elif again.returncode != 0:
        fail(what + ': cannot be made any more', again)
    return trace


def try_ingest(what, call, how):
    shutil.rmtree(top + '/n', ignore_errors=True)
    shutil.copytree(top + '/new', top + '/n')
    p, trace = strace(call, how, '--dir', 'n', 'ingest', 's.json', '--threads', '1', '--batch', BATCH, '--json')
    if not told(p, trace):
        fail(what, p)
    if not clean(what, 'n'):
        return trace
    done = json.loads(p.stdout)['attacks'] if p.stdout.startswith('{') and p.stdout.endswith('}\n') else 0
    there = events('n')
    if len(there) < done or (p.returncode == 0 and there != whole):
        fail(f'{what}: {done} acknowledged, {len(there)} there, {len(whole)} in all', p)
    p = run(detente, '--dir', 'n', 'ingest', 's.json', '--threads', '1', '--batch', BATCH)
    if p.returncode != 0 or events('n') != whole:
        fail(what + ': does not go on to the same end', p)
    return trace


with open(top + '/s.json', 'w') as f:
    f.write(run(detente, 'sample', '--count', '2000', '--seed', '11', '--since', '2026-03-01', '--until', '2026-03-02').stdout)
for node in ('new', 'calm'):
    assert run(detente, '--dir', node, 'init', '--origin', 'a.example/detente/log').returncode == 0
assert run(detente, '--dir', 'calm', 'ingest', 's.json', '--threads', '1', '--batch', BATCH).returncode == 0
whole = events('calm')
started = time.time()
for name, step in (('init', try_init), ('ingest', try_ingest)):
    for call in CALLS:
        count = len([x for x in step(f'{name}, calm', call, '').splitlines() if x.startswith(call + '(')])
        numbers = sorted({1 + i * count // min(count, MOST) for i in range(min(count, MOST))})
        for n in numbers:
            how = f'error=EIO:when={n}' if n % 2 else f'error=ENOSPC:when={n}+'
            trace = step(f'{name}, {call} {how}', call, how)
            cases += 1
            if 'INJECTED' not in trace:
                print(f'note: {name}, {call} {how}: was never reached')
        print(f'{name}: {len(numbers)} of {count} calls of {call} made to fail, {faults} faults so far, {time.time() - started:.0f} s')
shutil.rmtree(top)
print(f'{cases} cases, {faults} faults')
sys.exit(faults != 0)
