#!/usr/bin/env python3
"""A running node beside the one process: serve.py DETENTE SCRATCH FILE [ROUNDS].

The same file taken by `ingest --threads 2` and followed by a node, in turns, the best of each; then
alerts of now at 100,000 a second, and what memory the roles have meanwhile."""
import datetime, json, os, re, resource, subprocess, sys, time
from node import Node, rate

detente, scratch, source = os.path.abspath(sys.argv[1]), sys.argv[2], sys.argv[3]
ROUNDS = int(sys.argv[4]) if len(sys.argv) > 4 else 3
PER_S, SECONDS, STEPS = 100_000, 20, 10
tables = scratch + '/tables.bin' if os.path.exists(scratch + '/tables.bin') else None
followed = scratch + '/followed.json'


def lines_of(path):
    return int(subprocess.run(['wc', '-l', path], capture_output=True, text=True, check=True).stdout.split()[0])


def remove(path):
    if os.path.exists(path):
        os.unlink(path)


def ingest():
    """Lines a second, and processor seconds for a million."""
    node = Node(detente, scratch + '/node.serve', tables)
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    p = subprocess.run([detente, '--dir', node.dir, 'ingest', source, '--threads', '2', '--json'], capture_output=True, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    said = json.loads(p.stdout)
    used = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return said['lines'] / said['seconds'], used / said['lines'] * 1e6


def serve(want):
    remove(followed)
    with Node(detente, scratch + '/node.serve', tables, follow=followed) as node:
        time.sleep(0.3)
        before = node.cpu()
        start = time.time()
        os.link(source, followed)
        while (taken := node.counter('lines')) < want and time.time() - start < 60:
            time.sleep(0.01)
        took, after = time.time() - start, node.cpu()
    remove(followed)
    used = {role: after[role] - before[role] for role in after if role in before}
    return taken / took, sum(used.values()) / max(taken, 1) * 1e6, {k: v / max(taken, 1) * 1e6 for k, v in used.items()}


def throughput():
    want = lines_of(source)
    one, many = [], []
    for _ in range(ROUNDS):
        one.append(ingest())
        many.append(serve(want))
    best, node = max(one), max(many, key=lambda m: m[0])
    rate('ingest_threads_2', best[0] / 1e6, 'M lines/s', f'best of {ROUNDS}; {best[1]:.3f} s of the processors a million lines')
    rate('serve', node[0] / 1e6, 'M lines/s', f'limit: {best[0] * 0.9e-6:.3f}, 90 % of the line above; {100 * node[0] / best[0]:.0f} %; '
         f'{node[1]:.3f} s of the processors a million lines: ' + ', '.join(f'{k} {v:.3f}' for k, v in node[2].items() if v > 0))


def make_chunk(n):
    """n alerts that have the place of a time in them."""
    with open(scratch + '/alerts.sample', 'rb') as f:
        lines = [re.sub(rb'"timestamp":"[^"]*"', b'"timestamp":"@"', x) for x in f.read().splitlines(True)]
    return b''.join(lines[i % len(lines)] for i in range(n))


def memory():
    remove(followed)
    chunk, written, most, roles = make_chunk(PER_S // STEPS), 0, 0, {}
    with Node(detente, scratch + '/node.serve', tables, follow=followed) as node, open(followed, 'wb', 0) as f:
        start = time.time()
        while time.time() - start < SECONDS:
            now = datetime.datetime.utcnow().isoformat(timespec='microseconds').encode() + b'+0000'
            f.write(chunk.replace(b'"timestamp":"@"', b'"timestamp":"' + now + b'"'))
            written += PER_S // STEPS
            sizes = node.pss()
            if sum(sizes.values()) > most:
                most, roles = sum(sizes.values()), sizes
            time.sleep(max(0.0, start + written / PER_S - time.time()))
        fed = written / (time.time() - start)
        lag = time.time()
        while node.counter('lines') < written and time.time() - lag < 10:
            time.sleep(0.01)
        lag = time.time() - lag
    remove(followed)
    rate('serve_pss', most / 1e6, 'MB', f'limit: 300, the most of all roles together; {fed / 1e3:.0f} k alerts/s for {SECONDS} s, '
         f'{lag * 1000:.0f} ms behind at the end; ' + ', '.join(f'{k} {v / 1e6:.0f}' for k, v in roles.items()))


throughput()
memory()
