#!/usr/bin/env python3
"""Drives tests/web/stub over HTTP: guards, assets, answers, streams.  Argument: the stub."""
import http.client, json, socket, subprocess, sys, time

stub = sys.argv[1]
failures = 0


def check(name, got, want):
    global failures
    if got != want:
        failures += 1
        print(f'FAIL {name}: got {got!r}, want {want!r}')


class Server:
    def __init__(self, padding=0, period=50, speed=1):
        self.p = subprocess.Popen([stub, str(padding), str(period), str(speed)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.port, self.closed = map(int, self.p.stdout.readline().split())

    def ask(self, path, method='GET', headers=None, host=None, body=None, port=None):
        c = http.client.HTTPConnection('127.0.0.1', port or self.port, timeout=5)
        c.putrequest(method, path, skip_host=host is not None, skip_accept_encoding=True)
        if host:
            c.putheader('Host', host)
        for k, v in (headers or {}).items():
            c.putheader(k, v)
        if body is not None:
            c.putheader('Content-Length', str(len(body)))
        c.endheaders(body)
        r = c.getresponse()
        data = r.read()
        c.close()
        return r.status, {k.lower(): v for k, v in r.getheaders()}, data

    def stop(self):
        self.p.stdin.close()
        line = self.p.stdout.read().split()
        check('exit', self.p.wait(10), 0)
        return dict(zip(line[0::2], map(int, line[1::2])))


class Viewer:
    def __init__(self, port, room=None):
        self.s = socket.socket()
        if room:
            self.s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, room)
        self.s.settimeout(5)
        self.s.connect(('127.0.0.1', port))
        self.s.sendall(f'GET /api/v1/live HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n'.encode())
        self.f = self.s.makefile('rb')
        self.status = int(self.f.readline().split()[1])
        self.headers = {}
        while (line := self.f.readline().strip()):
            k, v = line.decode().split(': ', 1)
            self.headers[k.lower()] = v
        self.rest = b''

    def chunk(self):
        n = int(self.f.readline(), 16)
        data = self.f.read(n)
        self.f.readline()
        return data

    def event(self):
        while b'\n\n' not in self.rest:
            data = self.chunk()
            if not data:
                return None
            self.rest += data
        one, self.rest = self.rest.split(b'\n\n', 1)
        return dict(l.split(': ', 1) for l in one.decode().split('\n') if ': ' in l)


def guards(s):
    check('method', s.ask('/', 'POST', body=b'x')[0], 405)
    check('method allow', s.ask('/', 'DELETE')[1]['allow'], 'GET, HEAD')
    status, h, data = s.ask('/', host='evil.example')
    check('host', status, 421)
    check('host text', data.count(b'\n'), 1)
    check('host with port', s.ask('/', host=f'evil.example:{s.port}')[0], 421)
    check('other port', s.ask('/', host='127.0.0.1:1')[0], 421)
    check('own host', s.ask('/', host='node.example')[0], 200)
    check('localhost', s.ask('/', host=f'localhost:{s.port}')[0], 200)
    check('origin', s.ask('/api/v1/node', headers={'Origin': 'http://evil.example'})[0], 403)
    check('own origin', s.ask('/api/v1/node', headers={'Origin': f'http://127.0.0.1:{s.port}'})[0], 200)
    check('body', s.ask('/', body=b'hello')[0], 400)
    check('cookies of 6 kB', s.ask('/api/v1/now', headers={'Cookie': 'other=' + 'a' * 6000})[0], 200)
    check('too many cookies', s.ask('/api/v1/now', headers={'Cookie': 'other=' + 'a' * 30000})[0], 431)
    check('long path', s.ask('/' + 'a' * 100000)[0], 414)


def assets(s):
    status, h, data = s.ask('/')
    check('page', (status, data), (200, b'<!doctype html><title>stub</title>'))
    check('page cache', h['cache-control'], 'no-cache')
    check('policy', h['content-security-policy'][:19], "default-src 'none';")
    check('sniff', h['x-content-type-options'], 'nosniff')
    check('referrer', h['referrer-policy'], 'no-referrer')
    check('corp', h['cross-origin-resource-policy'], 'same-origin')
    check('etag', s.ask('/', headers={'If-None-Match': h['etag']})[0], 304)
    check('etag other', s.ask('/', headers={'If-None-Match': '"x"'})[0], 200)
    status, h, data = s.ask('/assets/app.1.js', headers={'Accept-Encoding': 'gzip'})
    check('gzip', (h.get('content-encoding'), len(data)), ('gzip', 7))
    check('immutable', 'immutable' in h['cache-control'], True)
    check('gzip etag', s.ask('/assets/app.1.js', headers={'If-None-Match': h['etag'], 'Accept-Encoding': 'gzip'})[0], 304)
    check('plain with gzip etag', s.ask('/assets/app.1.js', headers={'If-None-Match': h['etag']})[0], 200)
    check('plain', 'content-encoding' in s.ask('/assets/app.1.js')[1], False)
    status, head, data = s.ask('/assets/app.1.js', 'HEAD')
    check('head', (status, data, head['content-length']), (200, b'', '54'))
    check('absent', s.ask('/assets/../secret')[0], 404)


def answers(s):
    check('node', json.loads(s.ask('/api/v1/node')[2]), {'party': 'stub'})
    check('now', json.loads(s.ask('/api/v1/now')[2])['whole'], True)
    check('store', s.ask('/api/v1/now')[1]['cache-control'], 'no-store')
    check('top', json.loads(s.ask('/api/v1/top/origins?by=asn&limit=3')[2]), {'by': 1, 'limit': 3})
    check('events', json.loads(s.ask('/api/v1/events?asn=7&since=1h')[2]), {'asn': 7, 'since': 1789996400000000})
    status, h, data = s.ask('/api/v1/events?limit=0')
    check('bad query', (status, data.count(b'\n'), h['content-type'][:10]), (400, 1, 'text/plain'))
    check('unknown parameter', s.ask('/api/v1/events?nothing=1')[0], 400)
    check('twice', s.ask('/api/v1/events?limit=1&limit=2')[0], 400)
    check('nul', s.ask('/api/v1/events?country=X%00')[0], 400)
    check('event', json.loads(s.ask('/api/v1/events/17-3')[2]), {'id': '17-3'})
    check('no event', s.ask('/api/v1/events/1-3')[0], 404)
    check('broken', s.ask('/api/v1/events/18-3')[0], 503)
    check('bad event', s.ask('/api/v1/events/x')[0], 400)
    status, h, data = s.ask('/api/v1/events/17-3/raw')
    check('raw', (status, h['content-type'], data), (200, 'text/plain; charset=utf-8', b'<script>raw</script>'))
    check('no proof', s.ask('/api/v1/events/17-3/proof')[0], 404)
    check('checkpoint', s.ask('/log/checkpoint')[2], b'stub/log\n100\n')
    status, h, data = s.ask('/log/tile/0/000.p/100')
    check('tile', (status, len(data), h['content-type']), (200, 3200, 'application/octet-stream'))
    check('bundle', len(s.ask('/log/tile/entries/000')[2]), 256)
    check('beyond', s.ask('/log/tile/0/001')[0], 404)
    check('bad tile', s.ask('/log/tile/0/1')[0], 400)
    check('livez', s.ask('/livez')[2], b'ok\n')
    check('readyz', s.ask('/readyz')[2], b'ok\n')
    check('nothing', s.ask('/api/v1/nothing')[0], 404)
    check('live head', s.ask('/api/v1/live', 'HEAD')[0::2], (200, b''))


def keep_alive(s):
    c = http.client.HTTPConnection('127.0.0.1', s.port, timeout=5)
    for _ in range(50):
        c.request('GET', '/api/v1/node')
        check('kept alive', c.getresponse().read(), b'{"party":"stub"}')
    c.close()


def streams(s):
    a, b = Viewer(s.port), Viewer(s.port)
    for v in (a, b):
        check('stream', (v.status, v.headers['content-type'], v.headers['x-accel-buffering']), (200, 'text/event-stream', 'no'))
        first = v.event()
        check('snapshot', (first['event'], json.loads(first['data'])['whole']), ('snapshot', True))
        last = int(first['id'])
        for _ in range(5):
            e = v.event()
            check('delta', (e['event'], int(e['id']), json.loads(e['data'])['pos']), ('delta', last + 1, last + 1))
            last += 1
    a.s.close()
    time.sleep(0.2)
    check('other viewer goes on', b.event()['event'], 'delta')
    b.s.close()


def slow(s):
    """One viewer does not read for a while; another is not held up, and the slow one is caught up by a snapshot."""
    lazy, keen = Viewer(s.port, room=4096), Viewer(s.port)
    start = time.time()
    seen = 0
    while time.time() - start < 3:
        if keen.event()['event'] == 'delta':
            seen += 1
    check('keen viewer', seen > 30, True)
    kinds, ids = [], []
    while len(kinds) < 40:
        e = lazy.event()
        kinds.append(e['event'])
        ids.append(int(e['id']))
    check('a snapshot instead of a queue', kinds.count('snapshot') >= 2, True)
    check('in order', ids, sorted(ids))
    check('no delta twice', len(set(zip(kinds, ids))), len(ids))


def silence(s):
    """The clock runs 15 times as fast, so the heartbeat of 15 s comes each second."""
    v = Viewer(s.port)
    check('snapshot', v.event()['event'], 'snapshot')
    start = time.time()
    check('heartbeat', (v.chunk(), v.chunk()), (b':\n\n', b':\n\n'))
    check('each 15 s', 1.5 < time.time() - start < 3.5, True)
    v.s.settimeout(0.3)


def many(s):
    viewers = [Viewer(s.port) for _ in range(200)]
    for v in viewers:
        check('of many', v.event()['event'], 'snapshot')
    for v in viewers:
        check('of many', v.event()['event'], 'delta')
    refused = 0
    more = []
    try:
        more = [Viewer(s.port) for _ in range(60)]
    except OSError:
        refused = 1
    except (IndexError, ValueError):
        refused = 1
    check('connections of one address are limited', refused, 1)


JSON = {'Content-Type': 'application/json'}
ANN = 'A' * 43


def form(user):
    return json.dumps({'user': user, 'password': 'x'}).encode()


def people(s):
    post = lambda user, **h: s.ask('/api/v1/session', 'POST', {**JSON, **h}, body=form(user))
    status, h, data = post('bob')
    check('sign in', (status, json.loads(data)['user'], json.loads(data)['role']), (200, 'bob', 'analyst'))
    check('cookie', h['set-cookie'], f'detente-{s.port}={ANN}; Path=/; HttpOnly; SameSite=Strict; Max-Age=43200')
    check('never kept', h['cache-control'], 'no-store')
    check('busy', (post('busy')[0], json.loads(post('busy')[2])), (429, {'error': 'wait', 'wait_s': 7}))
    check('full', (post('full')[0], json.loads(post('full')[2])), (503, {'error': 'full'}))
    check('away', (post('away')[0], json.loads(post('away')[2])), (503, {'error': 'engine'}))
    check('form', [s.ask('/api/v1/session', 'POST', JSON, body=b)[0] for b in (b'', b'{', b'null', b'{"user":"bob"}', b'{"link":"' + b'A' * 42 + b'"}')], [400] * 5)
    check('no json', s.ask('/api/v1/session', 'POST', body=form('bob'))[0], 415)
    check('too long', s.ask('/api/v1/session', 'POST', JSON, body=b' ' * 2049)[0], 413)
    check('chunked', s.ask('/api/v1/session', 'POST', JSON, body=form('bob') + b' ' * 1900)[0], 200)
    check('from elsewhere', post('bob', Origin='http://evil.example')[0], 403)
    check('across sites', post('bob', **{'Sec-Fetch-Site': 'cross-site'})[0], 403)
    check('a cookie alone', post('bob', Cookie=f'detente-{s.port}={ANN}')[0], 403)
    check('a cookie, from here', post('bob', Cookie=f'detente-{s.port}={ANN}', Origin=f'http://127.0.0.1:{s.port}')[0], 200)
    check('out', s.ask('/api/v1/session', 'DELETE')[0], 401)
    check('not put', (s.ask('/api/v1/session', 'PUT', JSON, body=b'{}')[0], s.ask('/api/v1/password')[0]), (405, 405))
    who = lambda **h: json.loads(s.ask('/api/v1/session', headers=h)[2]).get('user')
    check('who', (who(), who(Cookie=f'detente-{s.port}={ANN}'), who(Cookie=f'detente-1={ANN}'), who(Cookie=f'detente-{s.port}=A')), ('', 'ann', '', ''))
    check('who, a script', (who(Authorization='Bearer ' + ANN), s.ask('/api/v1/node', headers={'Authorization': 'Bearer x'})[0]), ('ann', 401))


def closed(s):
    paths = ['/api/v1/node', '/api/v1/now', '/api/v1/live', '/api/v1/top/origins', '/api/v1/events', '/api/v1/events/17-3', '/api/v1/events/17-3/raw',
             '/api/v1/events/17-3/proof', '/api/v1/session', '/log/checkpoint', '/log/tile/0/000', '/livez', '/readyz', '/api/v1/nothing', '/api/', '/log/']
    check('nothing', [s.ask(p, port=s.closed)[0] for p in paths], [401] * len(paths))
    check('by no other name', [s.ask(p, port=s.closed)[0] for p in ('//api/v1/node', '/api/v1/node/', '/API/v1/node', '/./api/v1/node', '/x/../api/v1/node')], [404, 401, 404, 404, 404])
    check('its door', (s.ask('/', port=s.closed)[0], s.ask('/assets/app.1.js', port=s.closed)[0], s.ask('/api/v1/session', 'POST', JSON, body=form('bob'), port=s.closed)[0]), (200, 200, 200))
    check('with a token', s.ask('/api/v1/node', headers={'Authorization': 'Bearer ' + ANN}, port=s.closed)[0], 200)
    check('with a session', s.ask('/api/v1/node', headers={'Cookie': f'detente-{s.closed}={ANN}'}, port=s.closed)[0], 200)
    check('with a wrong one', s.ask('/api/v1/node', headers={'Cookie': f'detente-{s.closed}={"B" * 42}A'}, port=s.closed)[0], 401)


def waiting(s):
    """The clock runs 15 times as fast: ten seconds are 0.7."""
    def send(user):
        c = socket.create_connection(('127.0.0.1', s.port), 5)
        body = form(user)
        c.sendall(f'POST /api/v1/session HTTP/1.1\r\nHost: 127.0.0.1:{s.port}\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n'.encode() + body)
        return c
    start = time.time()
    check('no answer', (s.ask('/api/v1/session', 'POST', JSON, body=form('silent'))[0], 0.4 < time.time() - start < 2), (503, True))
    some = [send('silent') for _ in range(64)]
    time.sleep(0.2)
    start = time.time()
    check('too many', (s.ask('/api/v1/session', 'POST', JSON, body=form('bob'))[0], time.time() - start < 0.3), (503, True))
    for c in some[:32]:
        c.close()
    check('others go on', s.ask('/api/v1/node')[0], 200)
    check('in the end', [c.recv(12) for c in some[32:]], [b'HTTP/1.1 503'] * 32)
    check('room again', s.ask('/api/v1/session', 'POST', JSON, body=form('bob'))[0], 200)
    return [send('silent') for _ in range(5)]  # the server ends while they wait


s = Server()
for part in (guards, assets, answers, keep_alive, people, closed, streams):
    part(s)
many(s)
stats = s.stop()
check('counted', stats['requests'] > 100 and stats['refused'] > 10 and stats['failed'] == 5, True)
s = Server(20000)
slow(s)
s.stop()
s = Server(period=0, speed=15)
silence(s)
s.stop()
s = Server(period=0, speed=15)
left = waiting(s)
time.sleep(0.1)
s.stop()
print('ok' if failures == 0 else f'{failures} failures')
sys.exit(failures > 0)
