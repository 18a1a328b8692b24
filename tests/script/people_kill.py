#!/usr/bin/env python3
"""Acts while their engine is killed: people_kill.py DETENTE ROUNDS.

Tokens are added to a running node, one after the other, while its engine is killed at any moment.
What was acknowledged is there, and lets in; what was not may be there or not; each act has its
leaf and opens; one link signs in at most once, however many try it at the same time."""
import concurrent.futures, json, os, random, re, shutil, signal, subprocess, sys, tempfile, threading, time, urllib.request

detente = os.path.abspath(sys.argv[1])
ROUNDS = int(sys.argv[2]) if len(sys.argv) > 2 else 3
top = tempfile.mkdtemp(prefix='detente-people.')
faults = 0


def check(what, good, more=''):
    global faults
    if not good:
        faults += 1
        print('FAULT', what, more)


def run(*args):
    return subprocess.run([detente, '--dir', 'n', *args], capture_output=True, text=True, cwd=top, timeout=60)


def engine(pid):
    for name in os.listdir('/proc'):
        try:
            with open(f'/proc/{name}/stat') as f:
                comm, rest = re.match(r'\d+ \((.*)\) (.*)', f.read()).groups()
        except (OSError, AttributeError):
            continue
        if comm == 'detente-engine' and int(rest.split()[1]) == pid and rest[0] != 'Z':
            return int(name)
    return 0


def ask(path, body=None, **headers):
    q = urllib.request.Request(url + path, data=body and json.dumps(body).encode(), headers={'Content-Type': 'application/json', **headers})
    try:
        with urllib.request.urlopen(q, timeout=15) as r:
            return r.status, json.loads(r.read())
    except urllib.error.HTTPError as e:
        return e.code, {}
    except OSError:
        return 0, {}


check('init', run('init').returncode == 0)
with open(top + '/n/detente.yaml', 'w') as f:
    f.write('listen:\n  - address: 127.0.0.1:0\n')
acked, tried, kills = {}, 0, 0


def kill_engine(pid, until):
    """A few times only: the parent waits longer before each new start."""
    global kills
    for _ in range(4):
        time.sleep(random.uniform(0.05, 0.6))
        e = engine(pid)
        while not e and not until.is_set():
            time.sleep(0.02)
            e = engine(pid)
        if e:
            os.kill(e, signal.SIGKILL)
            kills += 1
    until.set()


def add_tokens(ends):
    global tried
    while not ends.is_set():
        tried += 1
        r = run('token', 'add', f't{tried}', '--role', 'viewer')
        if r.returncode == 0:
            acked[f't{tried}'] = r.stdout.strip()
        else:
            check('what went wrong is said', 'went away' in r.stderr, r.stderr)
            time.sleep(0.05)


for round in range(ROUNDS):
    node = subprocess.Popen([detente, '--dir', 'n', 'serve'], cwd=top, stderr=subprocess.PIPE, text=True)
    try:
        url = re.search(r'http://[0-9.:]+', next(line for line in node.stderr if 'the page is at' in line))[0]
        threading.Thread(target=lambda: [None for _ in node.stderr], daemon=True).start()
        ends = threading.Event()
        thread = threading.Thread(target=kill_engine, args=(node.pid, ends))
        thread.start()
        add_tokens(ends)
        thread.join()
        end, r = time.time() + 30, 4
        while time.time() < end and r not in (0, 3):
            r = run('user', 'add', 'alice', '--role', 'analyst').returncode
            time.sleep(0.1)
        listed = {t['name'] for t in json.loads(run('token', 'list', '-o', 'json').stdout)}
        check('all that was acknowledged is there', set(acked) <= listed, set(acked) - listed)
        for name, secret in acked.items():
            status, who = ask('/api/v1/session', Authorization='Bearer ' + secret)
            check('it lets in', who.get('user') == name, f'{name} {status} {who}')
        link = re.search('link=(.*)', run('user', 'link', 'alice').stdout)[1]
        with concurrent.futures.ThreadPoolExecutor(16) as pool:
            got = [s for s, _ in pool.map(lambda _: ask('/api/v1/session', {'link': link}), range(16))]
        check('one of sixteen', sorted(got) == [200] + [401] * 15, sorted(got))
    finally:
        node.send_signal(signal.SIGTERM)
        node.wait(20)
check('something was acknowledged', len(acked) > 2, f'{len(acked)} of {tried}')
print(f'{kills} kills, {tried} tokens, {len(acked)} acknowledged, {len(listed)} kept')
r = run('log', 'fsck')
check('fsck', r.returncode == 0, r.stderr)
shutil.rmtree(top, ignore_errors=True)
sys.exit(faults > 0)
