#!/usr/bin/env python3
"""A disk that fills up: full.py DETENTE.

A node in a tmpfs of 4 MiB takes in files until it cannot: it must say so with one line and exit
4, its log must be clean down to the events, what was acknowledged must be there, and when there
is room again the same command must go on to the end of what an undisturbed node has.
Exit 77: no tmpfs can be mounted here."""
import json, os, shutil, subprocess, sys, tempfile

detente = os.path.abspath(sys.argv[1])
top = tempfile.mkdtemp(prefix='detente-full.')
disk = top + '/disk'
os.mkdir(disk)
if subprocess.run(['mount', '-t', 'tmpfs', '-o', 'size=4m', 'tmpfs', disk], capture_output=True).returncode != 0:
    print('SKIP: no tmpfs can be mounted here')
    sys.exit(77)
faults = 0


def run(*args, **kw):
    return subprocess.run([detente, *args], capture_output=True, text=True, cwd=top, **kw)


def check(what, good, p=None):
    global faults
    if not good:
        faults += 1
        print('FAULT', what, (p.returncode, p.stdout[-500:], p.stderr[-500:]) if p else '')


def events(node):
    out = run('--dir', node, 'events', '-o', 'jsonl', '--limit', '0').stdout.splitlines()
    return sorted((r['time'], r['address'], r['port'], r['target'], r['rule']) for r in map(json.loads, out))


def take(node, name):
    return run('--dir', node, 'ingest', name, '--json', '--batch', '262144')


try:
    check('init', run('--dir', disk + '/n', 'init').returncode == 0)
    check('init of another', run('--dir', 'calm', 'init').returncode == 0)
    done, files, full = 0, 0, None
    while full is None and files < 40:
        files += 1
        with open(f'{top}/{files}.json', 'w') as f:
            f.write(run('sample', '--count', '4000', '--seed', str(files), '--since', '2026-03-01', '--until', '2026-03-02').stdout)
        p = take(disk + '/n', f'{files}.json')
        done += json.loads(p.stdout)['attacks'] if p.stdout.endswith('}\n') else 0
        full = p if p.returncode != 0 else None
    check('it was filled', full is not None)
    lines = [x for x in full.stderr.splitlines() if x.startswith('detente: ')]
    check('one line that says it, exit 4', full.returncode == 4 and len(lines) == 1 and 'no space' in lines[0], full)
    print(f'full with {files} files:', *lines)
    again = take(disk + '/n', f'{files}.json')
    check('full is full', again.returncode == 4, again)
    done += json.loads(again.stdout)['attacks'] if again.stdout.endswith('}\n') else 0
    p = run('--dir', disk + '/n', 'log', 'fsck', '--events')
    check('clean while full', p.returncode == 0, p)
    check('nothing acknowledged is gone', len(events(disk + '/n')) >= done)
    check('more room', subprocess.run(['mount', '-o', 'remount,size=64m', disk]).returncode == 0)
    p = take(disk + '/n', f'{files}.json')
    check('it goes on', p.returncode == 0, p)
    for i in range(files):
        check('calm', take('calm', f'{i + 1}.json').returncode == 0)
    check('the same end', events(disk + '/n') == events('calm'))
    p = run('--dir', disk + '/n', 'log', 'fsck', '--events')
    check('clean at the end', p.returncode == 0, p)
finally:
    subprocess.run(['umount', disk])
    shutil.rmtree(top, ignore_errors=True)
print(f'{faults} faults')
sys.exit(faults != 0)
