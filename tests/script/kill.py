"""Kill -9 an ingest again and again; after each: fsck, and no history that shrank.

kill.py DETENTE KILLS: a file of sample traffic is ingested in small batches; each run is killed
after a random time.  After each kill the log must be clean down to the events and must contain
the tree of every checkpoint that was seen before.  At last the ingest runs to its end: the
events must be those of an undisturbed node, none lost and none twice."""
import json, random, subprocess, sys, time

detente, kills = sys.argv[1], int(sys.argv[2])
random.seed(kills)


def run(*args, **kw):
    return subprocess.run([detente, *args], capture_output=True, text=True, **kw)


def events(node):
    out = run('--dir', node, 'events', '-o', 'jsonl', '--limit', '0').stdout.splitlines()
    rows = [json.loads(x) for x in out]
    return sorted((r['time'], r['address'], r['port'], r['target'], r['rule']) for r in rows)


def sample(count):
    with open('kill.json', 'w') as f:
        subprocess.run([detente, 'sample', '--count', str(count), '--seed', '7', '--since', '2026-03-01', '--until', '2026-03-02'], stdout=f, check=True)


sample(60000)
run('--dir', 'calm', 'init', check=True)
started = time.time()
run('--dir', 'calm', 'ingest', 'kill.json', '--batch', '65536', check=True)
whole = time.time() - started
run('--dir', 'shaken', 'init', check=True)
faults, done, size, grown = 0, 0, 0, 0
while done < kills:
    p = subprocess.Popen([detente, '--dir', 'shaken', 'ingest', 'kill.json', '--batch', '65536'], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    time.sleep(random.random() * whole * 0.7)  # a fast machine is done before a short one is over
    if p.poll() is not None:  # it came to its end: begin another node
        subprocess.run(['rm', '-rf', 'shaken'])
        run('--dir', 'shaken', 'init', check=True)
        size = 0
        continue
    p.kill()
    p.wait()
    done += 1
    check = run('--dir', 'shaken', 'log', 'fsck', '--events')
    now = int(run('--dir', 'shaken', 'log', 'head').stdout.splitlines()[1])
    if check.returncode != 0 or now < size:
        faults += 1
        print('after kill', done, 'size', size, '->', now, check.stdout, check.stderr)
    grown += now > size
    size = now
end = run('--dir', 'shaken', 'ingest', 'kill.json', '--batch', '65536')
if end.returncode != 0 or events('shaken') != events('calm'):
    faults += 1
    print('the end differs', end.stderr, len(events('shaken')), len(events('calm')))
if grown < kills / 8:
    faults += 1  # it was killed before it had done anything: that proves nothing
print(f'{done} kills, {faults} faults; the log had grown before {grown} of them')
sys.exit(faults != 0)
