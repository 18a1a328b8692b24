#!/usr/bin/env python3
"""A running node that is starved and lied to: starve.py DETENTE.

The same scripted session each time: a node follows a file that grows in five steps, then stops.
Its engine's n-th write, sync, rename … fails, the disk is full or slow, descriptors run out.
Whatever happens: the page answers, nothing that it ever counted is gone, the log is clean down to
the events, and without the fault the node goes on to the same end, each line once.
Exit 77: strace or a tmpfs is not to be had here."""
import json, os, re, resource, shutil, signal, subprocess, sys, tempfile, time, urllib.error, urllib.request

detente = os.path.abspath(sys.argv[1])
MOST = int(sys.argv[2]) if len(sys.argv) > 2 else 12  # calls of a kind that are made to fail
STEPS, LINES = 5, 60
top = tempfile.mkdtemp(prefix='detente-starve.', dir='/dev/shm' if os.access('/dev/shm', os.W_OK) else None)
faults = cases = 0
running = []
parts = []
for i in range(STEPS):
    out = subprocess.run([detente, 'sample', '--count', str(LINES), '--seed', str(50 + i)], capture_output=True, text=True).stdout
    parts.append((out, out.count('"event_type":"alert"')))
WANT = sum(n for _, n in parts)


def run(*args, **kw):
    return subprocess.run([detente, *args], capture_output=True, text=True, cwd=top, timeout=60, **kw)


def check(what, good, more=''):
    global faults
    if not good:
        faults += 1
        print('FAULT', what, more)


class Node:
    """A node that follows eve.json, under strace or with little."""

    def __init__(self, where, wrap=(), **kw):
        self.dir, self.log = where, open(top + '/log', 'w+')
        self.p = subprocess.Popen([*wrap, detente, '--dir', where, 'serve', '--follow', 'eve.json'], cwd=top, stderr=self.log, **kw)
        running.append(self.p)
        self.url = None
        end = time.time() + 15
        while time.time() < end and self.url is None and self.p.poll() is None:
            m = re.search(r'the page is at (\S+)\n', open(top + '/log').read())
            self.url = m and m.group(1)
            time.sleep(0.02)

    def get(self, path, timeout=5):
        try:
            with urllib.request.urlopen(self.url + path, timeout=timeout) as r:
                return r.status, r.read()
        except urllib.error.HTTPError as e:
            return e.code, b''
        except OSError:
            return 0, b''

    def matched(self):
        status, body = self.get('/api/v1/events?limit=1')
        return json.loads(body)['matched'] if status == 200 else -1

    def engine_state(self):
        status, body = self.get('/api/v1/now')
        return json.loads(body)['honesty']['engine'] if status == 200 else f'answer {status}'

    def wait(self, seconds, test):
        end = time.time() + seconds
        while time.time() < end:
            if test():
                return True
            time.sleep(0.03)
        return False

    def stop(self):
        for name in os.listdir('/proc'):  # under strace the parent is a child
            try:
                if name.isdigit() and int(open(f'/proc/{name}/stat').read().rsplit(')', 1)[1].split()[1]) == self.p.pid and self.p.args[0] == 'strace':
                    os.kill(int(name), signal.SIGTERM)
            except OSError:
                pass
        if self.p.args[0] != 'strace':
            self.p.send_signal(signal.SIGTERM)
        try:
            return self.p.wait(30)
        except subprocess.TimeoutExpired:
            check('it ends when it is told to', False, open(top + '/log').read()[-2000:])
            self.p.kill()
            return self.p.wait()


def begin(where):
    shutil.rmtree(where, ignore_errors=True)
    p = run('--dir', where, 'init', '--origin', 'a.example/detente/log')
    with open(where + '/detente.yaml', 'w') as f:
        f.write('listen:\n  - address: 127.0.0.1:0\n    what: page\n')
    open(top + '/eve.json', 'w').close()
    return p


def feed(i):
    with open(top + '/eve.json', 'a') as f:
        f.write(parts[i][0])


def events(node):
    out = run('--dir', node, 'events', '-o', 'jsonl', '--limit', '0').stdout.splitlines()
    return [r['id'] for r in map(json.loads, out)]


def same_end(what, where, shown):
    """Without the fault it goes on to the end, and what was shown is there."""
    p = run('--dir', where, 'log', 'fsck', '--events')
    check(what + ': clean', p.returncode == 0, p.stderr)
    have = len(events(where))
    check(what + ': what was shown is there', have >= shown, f'{have} of {shown}')
    n = Node(where)
    check(what + ': goes on', n.url is not None and n.wait(15, lambda: n.matched() == WANT), f'{n.url and n.matched()} of {WANT}\n' + open(top + '/log').read()[-1500:])
    check(what + ': ends well', n.stop() == 0)
    check(what + ': each line once', len(events(where)) == WANT, f'{len(events(where))} of {WANT}')
    p = run('--dir', where, 'log', 'fsck', '--events')
    check(what + ': clean at the end', p.returncode == 0, p.stderr)


def injected(call, how):
    """One session with a failing call; gives how many calls of that kind there were."""
    where = top + '/n'
    begin(where)
    trace = top + '/trace'
    wrap = ['strace', '-f', '-qq', '-o', trace, '-e', f'trace={call}', *(['-e', f'inject={call}:{how}'] if how else [])]
    n = Node(where, wrap)
    shown = 0
    if n.url is not None:
        for i in range(STEPS):
            feed(i)
            n.wait(0.6, lambda: n.matched() >= sum(x for _, x in parts[:i + 1]))
            shown = max(shown, n.matched())
        check(f'{call} {how}: the page answers', n.matched() >= 0)
    else:
        for i in range(STEPS):
            feed(i)
    code = n.stop()
    text = open(trace).read()
    if how == '':
        check('calm session', shown == WANT and code == 0, f'{shown} of {WANT}, {code}')
        return len(re.findall(rf'\b{call}\(', text))
    same_end(f'{call} {how}', where, shown)
    return 1


def injections():
    global cases
    for call in ('pwrite64', 'fdatasync', 'openat', 'renameat', 'ftruncate'):
        count = injected(call, '')
        for n in sorted({1 + i * count // min(count, MOST) for i in range(min(count, MOST))}):
            how = f'error=EIO:when={n}' if n % 2 or call == 'fdatasync' else f'error=ENOSPC:when={n}+'
            injected(call, how)
            cases += 1
        print(f'{call}: {count} calls, {cases} cases so far, {faults} faults, {time.time() - started:.0f} s')


def slow_disk():
    """A disk that takes half a second for each sync: the page stays quick."""
    where = top + '/n'
    begin(where)
    n = Node(where, ['strace', '-f', '-qq', '-o', '/dev/null', '-e', 'trace=fdatasync', '-e', 'inject=fdatasync:delay_exit=500000'])
    slowest = 0
    for i in range(STEPS):
        feed(i)
        for _ in range(10):
            t = time.time()
            check('slow disk: the page answers', n.matched() >= 0)
            slowest = max(slowest, time.time() - t)
            time.sleep(0.05)
    check('slow disk: the page stays quick', slowest < 0.4, f'{slowest:.2f} s')
    n.wait(20, lambda: n.matched() == WANT)
    shown = n.matched()
    check('slow disk: all is taken', shown == WANT, f'{shown} of {WANT}')
    n.stop()
    same_end('slow disk', where, shown)
    print(f'slow disk: the slowest answer took {1000 * slowest:.0f} ms beside syncs of 500 ms')


def full_disk():
    """A disk that fills up while the node runs, and is emptied again."""
    disk = top + '/disk'
    os.mkdir(disk)
    if subprocess.run(['mount', '-t', 'tmpfs', '-o', 'size=4m', 'tmpfs', disk], capture_output=True).returncode != 0:
        print('SKIP: no tmpfs can be mounted here')
        return False
    try:
        where = disk + '/n'
        begin(where)
        n = Node(where)
        feed(0)
        check('before', n.wait(5, lambda: n.matched() == parts[0][1]))
        ballast = os.open(disk + '/ballast', os.O_WRONLY | os.O_CREAT)
        try:
            while True:
                os.write(ballast, bytes(4096))
        except OSError:
            os.close(ballast)
        for i in range(1, STEPS):
            feed(i)
        check('it says that it is full', n.wait(5, lambda: n.engine_state() == 'full'), n.engine_state())
        check('the page answers', n.matched() == parts[0][1])
        check('it is alive', n.get('/livez')[0] == 200)
        p = run('--dir', where, 'ingest', 'eve.json')
        check('an input is refused', p.returncode == 4 and 'space' in p.stderr, p.stderr)
        check('it says so once', open(top + '/log').read().count('no space is left') == 1, open(top + '/log').read())
        os.unlink(disk + '/ballast')
        check('it goes on by itself', n.wait(10, lambda: n.matched() == WANT), f'{n.matched()} of {WANT}')
        check('it says that it goes on', n.wait(2, lambda: n.engine_state() == 'ok'), n.engine_state())
        check('it ends well', n.stop() == 0)
        same_end('full disk', where, WANT)
    finally:
        subprocess.run(['umount', '-l', disk])
    return True


def tiny_disk():
    """64 KiB: too little for a node at all; it says so and leaves nothing."""
    disk = top + '/tiny'
    os.mkdir(disk)
    if subprocess.run(['mount', '-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', disk], capture_output=True).returncode != 0:
        return
    try:
        p = run('--dir', disk + '/n', 'init')
        lines = [x for x in p.stderr.splitlines() if x.startswith('detente: ')]
        check('tiny disk: one line and exit 4', p.returncode == 4 and len(lines) == 1, (p.returncode, p.stderr))
        left = [f for _, _, files in os.walk(disk) for f in files if f != 'lock']
        check('tiny disk: nothing is left', left == [], str(left))
    finally:
        subprocess.run(['umount', '-l', disk])


def few_descriptors():
    """Descriptors run out at every number: it starts and works, or says so."""
    where = top + '/n'
    started_with = None
    for limit in range(4, 40):
        begin(where)
        feed(0)
        n = Node(where, preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (limit, limit)))
        if n.url is None:
            code = n.p.wait(20) if n.p.poll() is None else n.p.returncode
            said = [x for x in open(top + '/log').read().splitlines() if 'detente: ' in x or 'error' in x]
            check(f'{limit} descriptors: it says so', 0 < code <= 6 and said != [] and started_with is None, (code, open(top + '/log').read()))
        else:
            started_with = started_with or limit
            n.wait(3, lambda: n.matched() == parts[0][1])
            n.stop()
        p = run('--dir', where, 'log', 'fsck', '--events')
        check(f'{limit} descriptors: clean', p.returncode == 0, p.stderr)
    check('it starts in the end', started_with is not None)
    print(f'descriptors: starts with {started_with}')


started = time.time()
if shutil.which('strace') is None:
    print('SKIP: no strace')
    sys.exit(77)
try:
    there = full_disk()
    tiny_disk()
    few_descriptors()
    slow_disk()
    injections()
finally:
    for p in running:
        p.kill()
    shutil.rmtree(top, ignore_errors=True)
print(f'{cases} injected faults, {faults} faults, {time.time() - started:.0f} s')
sys.exit(faults != 0 if faults or there else 77)
