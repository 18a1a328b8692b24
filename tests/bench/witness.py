#!/usr/bin/env python3
"""How soon a checkpoint is cosigned: witness.py DETENTE SCRATCH.

One connection, one request after the other, each of them checked, cosigned and durable before it is
answered (of each log no more than is cosigned at once); the disk's own fdatasync beside it, of as much as the store writes for
one."""
import http.client, os, shutil, subprocess, sys, time
from node import Node

detente, scratch = os.path.abspath(sys.argv[1]), sys.argv[2]
LOGS, EACH = 20, 100
COUNT = LOGS * EACH


def run(dir, *args):
    return subprocess.run([detente, '--dir', dir, *args], check=True, capture_output=True, text=True).stdout


def tell(name, times, more):
    times.sort()
    print(f'{name} p50 {times[len(times) // 2] * 1e3:.2f} ms, p99 {times[len(times) * 99 // 100] * 1e3:.2f} ms ({more})')


def syncs():
    out = []
    fd = os.open(scratch + '/synced', os.O_RDWR | os.O_CREAT, 0o600)
    for _ in range(COUNT):
        began = time.perf_counter()
        os.write(fd, b'x' * 16384)
        os.fdatasync(fd)
        out.append(time.perf_counter() - began)
    os.close(fd)
    os.unlink(scratch + '/synced')
    return out


keys, notes = [], []
for n in range(LOGS):
    log = f'{scratch}/node.witnessed'
    shutil.rmtree(log, ignore_errors=True)
    run(log, 'init', '--origin', f'bench.example/log/{n}')
    keys.append(run(log, 'log', 'key').strip())
    notes.append(run(log, 'log', 'head'))
node = Node(detente, scratch + '/node.witness', conf='witness: {logs: [' + ', '.join(f'"{k}"' for k in keys) + ']}\n')
with node:
    c = http.client.HTTPConnection(node.url.split('//')[1].strip('/'), timeout=20)
    times = []
    for note in notes:
        old = '0'
        for _ in range(EACH):
            began = time.perf_counter()
            c.request('POST', '/witness/add-checkpoint', f'old {old}\n\n{note}'.encode())
            r = c.getresponse()
            r.read()
            times.append(time.perf_counter() - began)
            if r.status != 200:
                sys.exit(f'add-checkpoint: {r.status}')
            old = note.split('\n')[1]
tell('add_checkpoint', times, 'target p99 10 ms')
tell('add_checkpoint_disk', syncs(), 'append of 16 KiB and fdatasync, the same disk')
