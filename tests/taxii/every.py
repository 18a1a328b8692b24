#!/usr/bin/env python3
"""Sources that a running node pulls by itself: in time, one at a time, whatever others do; never beside a pull by hand; on and on after
a kill.  every.py DETENTE"""
import fcntl, http.server, json, os, re, signal, subprocess, sys, threading, time
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '../script'))
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from client import MEDIA, PASSWORD, cli, identity, make, numbers, post, pull, root, rows
import pair, scene
from scene import check, detente, end, top, wait


class Odd(http.server.BaseHTTPRequestHandler):
    """A server that answers where its collections are, and then nothing, or an error."""
    mode, asked = 'hang', []

    def log_message(self, *_):
        pass

    def do_GET(self):
        if '/objects/' in self.path and Odd.mode == 'pages':
            return self.page()
        body = json.dumps({'title': 't', 'api_roots': [f'http://127.0.0.1:{self.server.server_port}/r/']} if self.path == '/taxii2/' else {'collections': [{'id': 'c', 'title': 'C', 'can_read': True, 'can_write': False}]})
        status, more = 200, {}
        if '/objects/' in self.path:
            Odd.asked.append(time.time())
            if Odd.mode == 'hang':
                time.sleep(1000)
            status, body, more = {'broken': (500, '{}', {}), 'later': (429, '{}', {'Retry-After': '40'}), 'fine': (200, '{}', {})}[Odd.mode]
        self.send_response(status)
        for k, v in {'Content-Type': MEDIA, 'Content-Length': str(len(body)), **more}.items():
            self.send_header(k, v)
        self.end_headers()
        self.wfile.write(body.encode())


    def page(self):
        """Twenty, a while each; `next` names a place."""
        at = int(re.search(r'next=(\d+)', self.path)[1]) if 'next=' in self.path else 0
        Odd.asked.append(at)
        time.sleep(0.3)
        body = json.dumps({'objects': [identity(5000 + at)], 'more': at < 19, **({'next': str(at + 1)} if at < 19 else {})})
        self.send_response(200)
        for k, v in {'Content-Type': MEDIA, 'Content-Length': str(len(body)), 'X-TAXII-Date-Added-First': f'2026-01-01T00:00:{at:02}.000Z', 'X-TAXII-Date-Added-Last': f'2026-01-01T00:00:{at:02}.000Z'}.items():
            self.send_header(k, v)
        self.end_headers()
        self.wfile.write(body.encode())


def state(name, dir='b'):
    with open(f'{top}/{dir}/exchange/sources/{name}.json') as f:
        return json.load(f)


def status(name):
    return next(x for x in rows('b', 'exchange', 'status')[0] if x['source'] == name)


def pullers(node):
    return [pid for name, pid in node.roles().items() if name == 'detente-puller']


def at(text):
    """Seconds, UTC."""
    return time.mktime(time.strptime(text[:19] + ' UTC', '%Y-%m-%dT%H:%M:%S %Z')) - time.timezone


def comes(what):
    wait(20, what, lambda: root('a', 'given') == root('b', 'taken'))


make('a')
make('b')
with open(f'{top}/password', 'w') as f:
    f.write(PASSWORD + '\n')
with open(f'{top}/token', 'w') as f:
    f.write('some-token\n')
cli('a', 'exchange', 'user', 'add', 'reader', '--password-file', 'password')
given, _ = cli('a', 'exchange', 'collection', 'add', '--title', 'Given', '--alias', 'given', '--reader', 'reader', '--writer', 'reader')
cli('b', 'exchange', 'collection', 'add', '--title', 'Taken', '--alias', 'taken')
cli('b', 'exchange', 'collection', 'add', '--title', 'Odd', '--alias', 'odd')
a = scene.Node(dir='a')
post(a, given, [identity(n) for n in range(1500)])
url = a.url.rstrip('/') + '/taxii2/'
add = ('exchange', 'source', 'add', 'a', '--url', url, '--into', 'taken', '--user', 'reader', '--password-file', 'password')
for every in ('x', '-1s', '400d', '1ms', '15'):
    cli('b', *add, '--every', every, code=2)

# Without a node: a timer's command pulls what is due, and nothing else.
cli('b', *add, '--every', '15m')
cli('b', 'exchange', 'source', 'add', 'never', '--url', url, '--into', 'odd', '--user', 'reader', '--password-file', 'password')
check('due now', at(status('a')['next']) <= time.time() + 1 and status('never')['next'] == '' and int(status('a')['every_s']) == 900, rows('b', 'exchange', 'status'))
got, _ = rows('b', 'exchange', 'pull', '--due')
check('what is due', [(x['source'], numbers(x)) for x in got] == [('a', (1500, 0, 0, 2))], got)
got, said = rows('b', 'exchange', 'pull', '--due')
check('nothing is due', got == [] and said == '', (got, said))
cli('b', 'exchange', 'pull', '--due', 'a', code=2)
ahead = at(status('a')['next']) - time.time()
check('in a quarter of an hour, and up to a tenth later', 890 < ahead < 995, ahead)
cli('b', 'exchange', 'source', 'remove', 'never')

# A node that runs.
b = scene.Node(dir='b')
post(a, given, [identity(n) for n in range(1500, 1510)])
time.sleep(3)
check('not before its time', root('a', 'given') != root('b', 'taken') and not pullers(b))
cli('b', 'exchange', 'source', 'set', 'a', '--every', '1s')
comes('it comes by itself')
for n in range(3):
    post(a, given, [identity(2000 + n)])
    comes(f'{n}: and on')
wait(15, 'the page says so', lambda: b.ask('/api/v1/exchange')[1]['sources'][0]['every_s'] == 1)
shown = b.ask('/api/v1/exchange')[1]['sources'][0]
check('the page says when', shown['next'] and abs(at(shown['next']) - time.time()) < 30, shown)

# Never beside somebody who pulls by hand.
with open(f'{top}/b/exchange/sources/a.lock') as f:
    fcntl.flock(f, fcntl.LOCK_EX)
    time.sleep(2)  # one that runs is done
    tried = state('a')['tried']
    post(a, given, [identity(3000)])
    time.sleep(4)
    check('it waits', state('a')['tried'] == tried, (state('a'), tried))
comes('it goes on')
for n in range(5):
    post(a, given, [identity(3100 + n)])
    got, _ = rows('b', 'exchange', 'pull', code=None)
    check('by hand beside it', got[0]['fault'] in ('', 'it is being pulled already'), got)
comes('nothing is lost')

# A server that hangs, one that is dead: the others go on, and these are asked less and less.
server = http.server.ThreadingHTTPServer(('127.0.0.1', 0), Odd)
server.daemon_threads = True
server.handle_error = lambda *_: None
threading.Thread(target=server.serve_forever, daemon=True).start()
odd = f'http://127.0.0.1:{server.server_port}/taxii2/'
cli('b', 'exchange', 'source', 'add', 'odd', '--url', odd, '--into', 'odd', '--token-file', 'token', '--every', '1s')
wait(20, 'it hangs', lambda: Odd.asked and pullers(b))
check('it was begun', 'begun' in state('odd') and state('odd')['failures'] == 1, state('odd'))
os.kill(pullers(b)[0], signal.SIGKILL)
Odd.mode = 'broken'
post(a, given, [identity(3200)])
comes('the others go on')
wait(40, 'it is asked again', lambda: state('odd').get('failures', 0) >= 3 and status('odd')['fault'])
pauses = [y - x for x, y in zip(Odd.asked, Odd.asked[1:])]
check('later and later', pauses[-1] > 3, pauses)
check('its fault is known', 'answered 500' in status('odd')['fault'] and at(status('odd')['next']) > time.time() + 2, status('odd'))
post(a, given, [identity(3201)])
comes('the others go on still')
Odd.mode = 'fine'
wait(60, 'it is well', lambda: status('odd')['fault'] == '')
check('and asked as before', 'failures' not in state('odd'), state('odd'))
Odd.mode, Odd.asked = 'later', []
wait(20, 'it says when', lambda: status('odd')['not_before'])
n = len(Odd.asked)
check('it is not asked before', at(status('odd')['next']) > time.time() + 30 and n == 1, (status('odd'), n))
cli('b', 'exchange', 'source', 'set', 'odd', '--every', '0')
check('never', status('odd')['next'] == '')
cli('b', 'exchange', 'source', 'remove', 'odd')
Odd.mode, Odd.asked = 'hang', []
check('faults are told once', len(re.findall(r'exchange: odd: the server answered 500', b.said)) == 1 and 'exchange: odd: answers again' in b.said, b.said)
check('nothing was forbidden', 'SIGSYS' not in b.said and 'Bad system call' not in b.said, b.said)

# Killed as a whole, and started again.
them = list(b.roles().values())
b.process.kill()
b.process.wait()
wait(10, 'all of it is gone', lambda: not any(os.path.exists(f'/proc/{x}') for x in them))
post(a, given, [identity(n) for n in range(4000, 4100)])
b = scene.Node(dir='b')
comes('after a kill it goes on')

# The end does not wait for a server.
cli('b', 'exchange', 'source', 'add', 'odd', '--url', odd, '--into', 'odd', '--token-file', 'token', '--every', '1s')
wait(20, 'it hangs', lambda: Odd.asked and pullers(b))
started = time.time()
check('it ends', b.stop() == 0)
check('soon', time.time() - started < 8, time.time() - started)
cli('b', 'log', 'fsck')
check('nothing came twice', root('a', 'given') == root('b', 'taken'))
a.stop()


def by_name(dir):
    """A server by its name and TLS, within the fence; and where the system's authorities are asked."""
    make('c')
    with open(f'{top}/c/detente.yaml', 'w') as f:
        f.write('hosts: [localhost]\nlisten:\n  - address: 127.0.0.1:0\n    tls: true\n')
    cli('c', 'exchange', 'user', 'add', 'reader', '--password-file', 'password')
    cli('c', 'exchange', 'collection', 'add', '--title', 'Sealed', '--alias', 'sealed', '--reader', 'reader')
    cli(dir, 'exchange', 'collection', 'add', '--title', 'Sealed', '--alias', 'sealed')
    with open(f'{top}/some.json', 'w') as f:
        json.dump([identity(n) for n in range(60000, 60010)], f)
    cli('c', 'exchange', 'import', 'some.json', '--into', 'sealed')
    c = scene.Node(dir='c')
    cli(dir, 'exchange', 'source', 'add', 'c', '--url', c.url.replace('127.0.0.1', 'localhost').rstrip('/') + '/taxii2/', '--into', 'sealed', '--user', 'reader', '--password-file', 'password',
        '--ca', 'c/keys/ca.pem', '--every', '1s')
    wait(20, 'by its name', lambda: root('c', 'sealed') == root(dir, 'sealed'))
    cli(dir, 'exchange', 'source', 'set', 'c', '--every', '0')
    s = state('c', dir)
    del s['ca']
    with open(f'{top}/{dir}/exchange/sources/c.new', 'w') as f:
        json.dump({**s, 'every_s': 1}, f)
    os.rename(f'{top}/{dir}/exchange/sources/c.new', f'{top}/{dir}/exchange/sources/c.json')
    wait(20, 'it is not trusted', lambda: 'certificate' in state('c', dir).get('fault', ''))
    cli(dir, 'exchange', 'source', 'remove', 'c', code=None)
    c.stop()


def faulty(d, clock):
    """People are told of what gives nothing but errors for an hour, and once it is well, or gone, no more."""
    def told():
        return [(x['subject'], x['state']) for x in d.ask('/api/v1/alerts')[1]['alerts'] if x['rule'] == 'source-fault']

    def shows(what, want):
        end = time.time() + 30
        while told()[:1] != want and time.time() < end:
            clock.jump(300)
            time.sleep(0.5)
        check(what, told()[:1] == want, told())
    Odd.mode = 'broken'
    clock.jump(1000)
    wait(20, 'it is faulty', lambda: state('odd', 'd').get('fault'))
    clock.jump(1800)
    time.sleep(2)
    check('nobody is told at once', told() == [], told())
    shows('told', [('odd', 'firing')])
    x = next(x for x in d.ask('/api/v1/alerts')[1]['alerts'] if x['rule'] == 'source-fault')
    check('what it says', '500' in x['text'] and 'source odd' in x['text'] and 'exchange pull' in x['to_do'], x)
    Odd.mode = 'fine'
    shows('well', [('odd', 'resolved')])
    Odd.mode = 'broken'
    clock.jump(1000)
    wait(20, 'faulty again', lambda: state('odd', 'd').get('fault'))
    shows('told again', [('odd', 'firing')])
    cli('d', 'exchange', 'source', 'remove', 'odd')
    shows('gone', [('odd', 'resolved')])


def in_time():
    """With a clock that is moved: not before its time, and no longer than others wait."""
    clock = pair.Clock()
    cli('d', 'init', '--test')
    with open(f'{top}/d/detente.yaml', 'w') as f:
        f.write('listen:\n  - address: 127.0.0.1:0\n')
    for box in 'odd', 'quick':
        cli('d', 'exchange', 'collection', 'add', '--title', 'T', '--alias', box)
    d = scene.Node('--test-clock', clock.path, dir='d')
    Odd.mode, Odd.asked = 'fine', []
    for box in 'odd', 'quick':
        cli('d', 'exchange', 'source', 'add', box, '--url', odd, '--into', box, '--token-file', 'token', '--every', '15m')
    wait(20, 'once at the beginning', lambda: len(Odd.asked) == 2)
    time.sleep(3)
    check('and not again', len(Odd.asked) == 2, Odd.asked)
    clock.jump(1000)
    wait(20, 'in time', lambda: len(Odd.asked) == 4)
    cli('d', 'exchange', 'source', 'set', 'quick', '--every', '0')
    Odd.mode, Odd.asked = 'pages', []
    clock.jump(1000)
    wait(20, 'it is at it', lambda: len(Odd.asked) > 4)
    clock.jump(400)
    wait(20, 'others have their turn', lambda: state('odd', 'd').get('more'))
    wait(40, 'it goes on', lambda: state('odd', 'd').get('added') == 20)
    check('from where it was', sorted(set(Odd.asked)) == list(range(20)) and len(Odd.asked) <= 22, Odd.asked)
    faulty(d, clock)
    check('nothing was forbidden', 'puller died' not in d.said, d.said)
    by_name('d')
    check('nothing was forbidden by name', 'puller died' not in d.said, d.said)
    check('it ends', d.stop() == 0)


in_time()
end()
