#!/usr/bin/env python3
"""How soon a node is there again: start.py DETENTE BENCH_NODE SCRATCH LEAVES.

A node with a long log is fed and killed with all its roles at once; its files leave the page cache
as far as they are on the disk; then it is started again."""
import os, signal, subprocess, sys, time, urllib.request
from node import Node, rate

detente, grow, scratch, leaves = os.path.abspath(sys.argv[1]), sys.argv[2], sys.argv[3], int(sys.argv[4])
followed, source = scratch + '/followed.json', scratch + '/alerts.sample'


def forget(path):
    for where, _, names in os.walk(path):
        names = [n for n in names if os.path.isfile(f'{where}/{n}')]
        for name in names:
            fd = os.open(f'{where}/{name}', os.O_RDONLY)
            os.posix_fadvise(fd, 0, 0, os.POSIX_FADV_DONTNEED)
            os.close(fd)


def ready(node):
    with urllib.request.urlopen(node.url + '/readyz', timeout=10) as r:
        return r.status == 200


if os.path.exists(followed):
    os.unlink(followed)
node = Node(detente, scratch + '/node.start', follow=followed)
start = time.time()
subprocess.run([grow, 'grow', node.dir, str(leaves)], check=True)
rate('log_append', leaves / (time.time() - start) / 1e6, 'M leaves/s', 'a checkpoint each 100,000; the database included')
with node, open(source, 'rb') as f:
    lines = f.read()
    with open(followed, 'wb', 0) as to:
        for _ in range(20):
            to.write(lines)
            time.sleep(0.1)
    for pid in node.roles().values():
        os.kill(pid, signal.SIGKILL)
    node.process.wait()
    forget(node.dir)
    start = time.time()
    node.start()
    assert ready(node)
    took = time.time() - start
rate('start_after_crash', took, 's', f'limit: 2; {leaves} leaves, database {os.path.getsize(node.dir + "/detente.db") / 1e9:.1f} GB, cold')
for name in 'detente.db', 'detente.db-wal':
    if os.path.exists(f'{node.dir}/{name}'):
        os.unlink(f'{node.dir}/{name}')
