#!/usr/bin/env python3
"""Roles that are killed: roles.py DETENTE.

A node follows a file that grows.  Each of its roles is killed in turn, again and again.  The page
answers from what is durable while the engine is away, every role comes back, and in the end each
line was taken once and the log is clean."""
import json, os, re, shutil, signal, subprocess, sys, tempfile, time, urllib.request

detente = os.path.abspath(sys.argv[1])
ROUNDS = int(sys.argv[2]) if len(sys.argv) > 2 else 3
top = tempfile.mkdtemp(prefix='detente-roles.')
faults = 0


def check(what, good, more=''):
    global faults
    if not good:
        faults += 1
        print('FAULT', what, more)


def run(*args):
    return subprocess.run([detente, *args], capture_output=True, text=True, cwd=top, timeout=60)


def children(pid):
    """Process by role, of those that live."""
    found = {}
    for name in os.listdir('/proc'):
        if not name.isdigit():
            continue
        try:
            with open(f'/proc/{name}/stat') as f:
                comm, rest = re.match(r'\d+ \((.*)\) (.*)', f.read()).groups()
        except (OSError, AttributeError):
            continue
        state, parent = rest.split()[:2]
        if int(parent) == pid and state != 'Z':
            found[comm] = int(name)
    return found


def get(path):
    try:
        with urllib.request.urlopen(url + path, timeout=5) as r:
            return r.status, r.read()
    except urllib.error.HTTPError as e:
        return e.code, b''
    except OSError:
        return 0, b''


def wait(seconds, what, test):
    end = time.time() + seconds
    while time.time() < end:
        if test():
            return
        time.sleep(0.05)
    check(what, False)


def matched():
    status, body = get('/api/v1/events?limit=1')
    return json.loads(body)['matched'] if status == 200 else -1


def grow(seed):
    text = run('sample', '--count', '200', '--seed', str(seed)).stdout
    with open(top + '/eve.json', 'a') as f:
        f.write(text)
    return text.count('"event_type":"alert"')


check('init', run('--dir', 'n', 'init').returncode == 0)
with open(top + '/n/detente.yaml', 'w') as f:
    f.write('listen:\n  - address: 127.0.0.1:0\n    what: page\n')
want = grow(1)
log = open(top + '/log', 'w+')
node = subprocess.Popen([detente, '--dir', 'n', 'serve', '--follow', 'eve.json'], cwd=top, stderr=log, text=True)
try:
    wait(10, 'it starts', lambda: 'the page is at' in open(top + '/log').read())
    url = re.search(r'the page is at (\S+)', open(top + '/log').read()).group(1)
    wait(10, 'the first lines', lambda: matched() == want)
    for i in range(ROUNDS):
        for role in ('detente-sensor', 'detente-gate', 'detente-engine', 'detente-courier'):
            want += grow(100 * i + len(role))
            wait(20, f'{role} is there', lambda: role in children(node.pid))
            old = children(node.pid).get(role, 0)
            if old == 0:
                continue
            os.kill(old, signal.SIGKILL)
            if role == 'detente-engine':
                have = matched()
                check('the page answers without an engine', 0 < have <= want, str(have))
            wait(20, f'{role} comes back', lambda: children(node.pid).get(role, old) != old)
            wait(20, f'all lines after {role} was killed', lambda: matched() == want)
            wait(20, 'ready again', lambda: get('/readyz')[0] == 200)
    node.send_signal(signal.SIGTERM)
    check('exit', node.wait(20) == 0)
finally:
    node.kill()
    node.wait()
lines = run('--dir', 'n', 'events', '-o', 'jsonl', '--limit', '0').stdout.splitlines()
check('each line once', len(lines) == want, f'{len(lines)} of {want}')
p = run('--dir', 'n', 'log', 'fsck', '--events')
check('clean', p.returncode == 0, p.stderr)
log.seek(0)
if faults:
    print(log.read())
shutil.rmtree(top, ignore_errors=True)
print(f'{4 * ROUNDS} kills, {faults} faults')
sys.exit(faults != 0)
