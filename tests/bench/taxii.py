#!/usr/bin/env python3
"""A collection of TAXII: taxii.py DETENTE BENCH_TAXII SCRATCH [OBJECTS [SHARED]].

A figure a line: objects posted, until they are durable; pages at the beginning and far behind; all of it in pages; what
it takes on the disk and in memory; and a real bundle."""
import glob, json, os, re, shutil, subprocess, sys, time, urllib.parse

detente, client, scratch = os.path.abspath(sys.argv[1]), os.path.abspath(sys.argv[2]), sys.argv[3] + '/node.taxii'
OBJECTS = int(sys.argv[4]) if len(sys.argv) > 4 else 1_000_000
SHARED = sys.argv[5] if len(sys.argv) > 5 else ''


def run(*args):
    return subprocess.run([detente, '--dir', scratch, *args], capture_output=True, text=True, check=True).stdout.strip()


def start():
    p = subprocess.Popen([detente, '--dir', scratch, 'serve'], stderr=subprocess.PIPE, text=True)
    for line in p.stderr:
        at = re.search(r'the page is at (\S+)', line)
        if at:
            return p, str(urllib.parse.urlsplit(at[1]).port)
    sys.exit('it did not start')


def roles(pid):
    """Process by name."""
    found = {}
    for name in filter(str.isdigit, os.listdir('/proc')):
        try:
            comm, parent = re.match(r'\d+ \((.*)\) \S (\d+)', open(f'/proc/{name}/stat').read()).groups()
        except (OSError, AttributeError):
            continue
        if int(parent) == pid:
            found[comm.removeprefix('detente-')] = name
    return found


def memory(pid):
    """MB: now, and at the most."""
    text = open(f'/proc/{pid}/status').read()
    return tuple(int(re.search(rf'{x}:\s*(\d+)', text)[1]) / 1024 for x in ('VmRSS', 'VmHWM'))


def used(pid):
    """Seconds of the processor."""
    f = open(f'/proc/{pid}/stat').read().rsplit(') ', 1)[1].split()
    return (int(f[11]) + int(f[12])) / os.sysconf('SC_CLK_TCK')


def bench(*args):
    return float(subprocess.run([client, port, token, box, *map(str, args)], stdout=subprocess.PIPE, text=True, check=True).stdout)


def say(name, value, unit, what):
    print(f'{name} {value} {unit} ({what})', flush=True)


shutil.rmtree(scratch, ignore_errors=True)
run('init')
with open(scratch + '/detente.yaml', 'w') as f:
    f.write('listen:\n  - address: 127.0.0.1:0\n')
node, port = start()
try:
    token = run('token', 'add', 'feed', '--role', 'exchange')
    box = run('exchange', 'collection', 'add', '--title', 'A', '--reader', 'feed', '--writer', 'feed')
    first = run('exchange', 'collection', 'add', '--title', 'B', '--reader', 'feed', '--writer', 'feed')
    who = roles(node.pid)
    one = OBJECTS // 2000 * 1000
    before = {r: used(who[r]) for r in ('gate', 'engine')}
    rate = bench('post', one, 1000, 1)
    cpu = {r: (used(who[r]) - before[r]) / one * 1e6 for r in before}
    say('taxii_post', f'{rate:.0f}', 'objects/s', f'1,000 of 0.95 kB a request, one behind the other; µs of processor an object: gate {cpu["gate"]:.1f}, engine {cpu["engine"]:.1f}')
    rate = bench('post', OBJECTS - one, 1000, 2, one)
    say('taxii_post_two', f'{rate:.0f}', 'objects/s', 'by two connections; target 50,000')
    size = sum(os.path.getsize(f) for f in glob.glob(scratch + '/**', recursive=True) if os.path.isfile(f))
    wal = os.path.getsize(scratch + '/detente.db-wal') if os.path.exists(scratch + '/detente.db-wal') else 0
    say('taxii_disk', f'{size / 1e9:.2f}', 'GB', f'{OBJECTS} objects, {wal / 1e6:.0f} MB of it the write-ahead log; target 1.5')
    say('taxii_page_first', f'{bench("get", "?limit=100", 500):.3f}', 'ms', '100 objects; target 1')
    deep = subprocess.run(['curl', '-s', '-H', 'Authorization: Bearer ' + token, '-D', '-', '-o', '/dev/null',
                           f'http://127.0.0.1:{port}/taxii2/exchange/collections/{box}/objects/?limit=1'], capture_output=True, text=True, check=True).stdout
    began = re.search(r'X-TAXII-Date-Added-First: (\S+)', deep)[1]
    last = subprocess.run(['curl', '-s', '-H', 'Authorization: Bearer ' + token, f'http://127.0.0.1:{port}/taxii2/exchange/collections/{box}/'], capture_output=True, text=True)
    log = json.loads(last.stdout)
    assert log['can_read']
    now = time.strftime('%Y-%m-%dT%H:%M:%SZ', time.gmtime(time.time() - 2 * (OBJECTS - one) / rate / 3))
    say('taxii_page_deep', f'{bench("get", "?limit=100&added_after=" + now, 500):.3f}', 'ms', f'100 objects, behind {now}, where {began} is the first; target 1')
    say('taxii_page_1000', f'{bench("get", "?limit=1000", 100):.3f}', 'ms', '1,000 objects')
    say('taxii_sync', f'{bench("sync", OBJECTS):.0f}', 'objects/s', 'all, in pages of 1,000; target 200,000')
    for r in 'gate', 'engine':
        now, most = memory(who[r])
        say(f'taxii_memory_{r}', f'{now:.0f}', 'MB', f'{most:.0f} at the most; target 200')
    bundle = SHARED + '/data/stix/attack/mobile-attack-17.1.json'
    if os.path.exists(bundle):
        objects = json.load(open(bundle))['objects']
        with open(scratch + '/bundle', 'w') as f:
            json.dump({'objects': objects}, f)
        box = first
        say('taxii_bundle', f'{bench("give", scratch + "/bundle"):.3f}', 's', f'{len(objects)} objects of mobile-attack-17.1 by POST, {os.path.getsize(scratch + "/bundle")} bytes; target 0.3')
    else:
        print('taxii_bundle skipped: no shared data')
finally:
    node.terminate()
    node.wait()
shutil.rmtree(scratch, ignore_errors=True)
