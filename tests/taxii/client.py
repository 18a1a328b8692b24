"""Two nodes: what one publishes by TAXII 2.1 the other pulls, whole, once, also when it is cut off.  Then a server that
misbehaves in each way there is, and each time a reason."""
import base64, fcntl, hashlib, http.server, json, os, signal, subprocess, sys, threading, time, urllib.parse, urllib.request, uuid
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'script'))
import scene
from scene import check, detente, end, top, wait

MEDIA = 'application/taxii+json;version=2.1'
WHEN = '2026-01-01T00:00:00.000Z'
PASSWORD = 'correct horse battery'


def cli(dir, *args, code=0, input=None):
    """What it prints, and its talk; its exit is as it should be."""
    q = subprocess.run([detente, '--dir', dir, *args], capture_output=True, text=True, cwd=top, timeout=120, input=input)
    if code is not None:
        check(f'{dir}: {" ".join(args)} gives {code}', q.returncode == code, f'{q.returncode} {q.stdout} {q.stderr}')
    return q.stdout.strip(), q.stderr


def rows(dir, *args, code=0):
    out, said = cli(dir, *args, '-o', 'json', code=code)
    return json.loads(out or '[]'), said


def identity(n, modified=WHEN, **more):
    return {'type': 'identity', 'spec_version': '2.1', 'id': f'identity--{uuid.UUID(int=n, version=4)}', 'created': WHEN, 'modified': modified,
            'name': f'Nr. {n} \u00e4 / \\', **more}


def make(dir):
    cli(dir, 'init')
    with open(f'{top}/{dir}/detente.yaml', 'w') as f:
        f.write('listen:\n  - address: 127.0.0.1:0\n')


def post(node, collection, objects):
    q = urllib.request.Request(f'{node.url.rstrip("/")}/taxii2/exchange/collections/{collection}/objects/', json.dumps({'objects': objects}).encode(),
                               {'Accept': MEDIA, 'Content-Type': MEDIA, 'Authorization': 'Basic ' + base64.b64encode(f'reader:{PASSWORD}'.encode()).decode()})
    with urllib.request.urlopen(q, timeout=60) as r:
        told = json.load(r)
    check('all that was posted was taken', told['failure_count'] == 0, str(told)[:500])


def pull(dir, name, code=0):
    got, said = rows(dir, 'exchange', 'pull', name, code=code)
    return (got[0] if got else {}), said


def numbers(x):
    return tuple(int(x[k]) for k in ('new', 'same', 'refused', 'requests'))


def root(dir, collection):
    return cli(dir, 'exchange', 'root', collection)[0]


# ---- two nodes ----

def two():
    make('a')
    make('b')
    for name, text in (('password', PASSWORD + '\n'), ('wrong', 'not it at all, no\n')):
        with open(f'{top}/{name}', 'w') as f:
            f.write(text)
    cli('a', 'exchange', 'user', 'add', 'reader', '--password-file', 'password')
    from_id, _ = cli('a', 'exchange', 'collection', 'add', '--title', 'Given', '--alias', 'given', '--reader', 'reader', '--writer', 'reader')
    cli('a', 'exchange', 'collection', 'add', '--title', 'Other', '--alias', 'other', '--reader', 'reader')
    into, _ = cli('b', 'exchange', 'collection', 'add', '--title', 'Taken', '--alias', 'taken')
    check('roots of nothing are equal', root('a', 'given') == root('b', 'taken') == 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855')
    a = scene.Node(dir='a')
    post(a, from_id, [identity(n) for n in range(2500)])
    post(a, from_id, [identity(n, '2026-02-01T00:00:00.000Z') for n in range(300)])
    post(a, from_id, [{'type': 'url', 'id': f'url--{uuid.UUID(int=7, version=4)}', 'value': 'http://x.example/'}])
    url = a.url.rstrip('/') + '/taxii2/'
    add(a, url, from_id)
    # As one is added, so the source is; whole and once.
    got, _ = pull('b', 'a')
    check('all came, in pages of a thousand', numbers(got) == (2801, 0, 0, 3), got)
    check('the roots are equal', root('a', 'given') == root('b', 'taken'))
    got, _ = pull('b', 'a')
    check('nothing new costs one request', numbers(got) == (0, 0, 0, 1), got)
    state = f'{top}/b/exchange/sources/a.json'
    check('its file is nobody else\'s', os.stat(state).st_mode & 0o777 == 0o600)
    status, _ = rows('b', 'exchange', 'status')
    check('status', int(status[0]['objects']) == 2801 and status[0]['newest'] and status[0]['fault'] == '' and status[0]['succeeded'], status)
    # By a node that runs.
    b = scene.Node(dir='b')
    post(a, from_id, [identity(n) for n in range(2500, 2600)])
    got, _ = pull('b', 'a')
    check('a running node takes them', numbers(got) == (100, 0, 0, 1), got)
    check('the roots are equal then', root('a', 'given') == root('b', 'taken'))
    cut_off(a, from_id)
    b.stop()
    bundles(into)
    # From the beginning once more: all is there.
    with open(state) as f:
        s = json.load(f)
    for k in ('after', 'last', 'next'):
        s.pop(k, None)
    with open(state, 'w') as f:
        json.dump(s, f)
    got, _ = pull('b', 'a')
    check('what comes again changes nothing', numbers(got)[0] == 0 and numbers(got)[1] > 2800, got)
    # One at a time.
    with open(f'{top}/b/exchange/sources/a.lock') as f:
        fcntl.flock(f, fcntl.LOCK_EX)
        got, _ = pull('b', 'a', code=4)
        check('somebody pulls already', 'being pulled' in got['fault'], got)
        cli('b', 'exchange', 'source', 'remove', 'a', code=4)
    # The server goes away.
    a.stop()
    started = time.time()
    got, said = pull('b', 'a', code=4)
    check('not reached, with a reason', 'not reached' in got['fault'] and 'again in' in said and time.time() - started < 20, (got, said))
    status, _ = rows('b', 'exchange', 'status')
    check('status knows since when', status[0]['fault'] and status[0]['fault_since'], status)
    cli('b', 'exchange', 'source', 'remove', 'a')
    check('nothing is left of it', not [f for f in os.listdir(f'{top}/b/exchange/sources') if f.startswith('a.')])


def add(a, url, from_id):
    """Ways to name a source, good ones and others."""
    login = ('--user', 'reader', '--password-file', 'password')
    out, said = cli('b', 'exchange', 'source', 'add', 'a', '--url', url, '--into', 'taken', *login, code=2)
    check('of several it lists them', 'given' in out and 'other' in out and '--collection' in said, out + said)
    for args, code, why in ((('--url', url, '--into', 'taken', '--user', 'reader', '--password-file', 'wrong'), 5, 'answered 401'),
                            (('--url', url, '--into', 'taken'), 5, 'answered 401'),
                            (('--url', url, '--into', 'none', *login), 1, 'no collection'),
                            (('--url', url, '--into', 'taken', '--collection', 'x', *login), 1, 'no collection'),
                            (('--url', a.url, '--into', 'taken', *login), 5, 'answered 401'),
                            (('--url', 'http://192.0.2.1/', '--into', 'taken', *login), 2, 'https://'),
                            (('--url', 'https://u:p@h.example/', '--into', 'taken'), 2, 'no user'),
                            (('--url', url, '--into', 'taken', '--user', 'x'), 2, '--password-file')):
        _, said = cli('b', 'exchange', 'source', 'add', 'a', *args, code=code)
        check(f'source add {args} says why', why in said, said)
    folder = f'{top}/b/exchange/sources'
    check('what failed leaves nothing', not os.path.isdir(folder) or os.listdir(folder) == [], os.path.isdir(folder) and os.listdir(folder))
    for name, at in (('root', url + 'exchange/'), ('list', url + 'exchange/collections/'), ('one', url + f'exchange/collections/{from_id}/')):
        more = () if name == 'one' else ('--collection', 'given')
        cli('b', 'exchange', 'source', 'add', name, '--url', at, '--into', 'taken', *more, *login)
    cli('b', 'exchange', 'source', 'add', 'a', '--url', url, '--collection', from_id, '--into', 'taken', *login)
    cli('b', 'exchange', 'source', 'add', 'a', '--url', url, '--collection', from_id, '--into', 'taken', *login, code=3)
    listed, _ = rows('b', 'exchange', 'source', 'list')
    check('all lead to one address', len({x['url'] for x in listed}) == 1 and len(listed) == 4, listed)
    for name in ('root', 'list', 'one'):
        cli('b', 'exchange', 'source', 'remove', name)


def cut_off(a, from_id):
    """Killed when some of it is durable, and when nothing is; and pulled again."""
    def taken():
        with open(f'{top}/b/exchange/sources/a.json') as f:
            return json.load(f)['added']
    for first, count in ((10000, 18000), (30000, 6000)):
        for n in range(first, first + count, 6000):
            post(a, from_id, [identity(x) for x in range(n, n + 6000)])
        before = taken()
        p = subprocess.Popen([detente, '--dir', 'b', 'exchange', 'pull', 'a'], cwd=top, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        if count > 6000:
            wait(20, 'some of it was taken', lambda: taken() != before)
        else:
            time.sleep(0.15)
        p.send_signal(signal.SIGKILL)
        p.wait()
        got, _ = pull('b', 'a')
        check('it goes on from where it was', numbers(got)[2] == 0 and numbers(got)[0] + numbers(got)[1] <= (2000 if count > 6000 else 6000), got)
        check('the roots are equal after a kill', root('a', 'given') == root('b', 'taken'))


def sealed():
    """By TLS, under an authority of its own."""
    make('c')
    with open(f'{top}/c/detente.yaml', 'w') as f:
        f.write('hosts: [localhost]\nlisten:\n  - address: 127.0.0.1:0\n    tls: true\n')
    cli('c', 'exchange', 'user', 'add', 'reader', '--password-file', 'password')
    cli('c', 'exchange', 'collection', 'add', '--title', 'Sealed', '--alias', 'sealed', '--reader', 'reader')
    with open(f'{top}/some.json', 'w') as f:
        json.dump([identity(n) for n in range(60000, 60010)], f)
    cli('c', 'exchange', 'import', 'some.json', '--into', 'sealed')
    c = scene.Node(dir='c')
    url = c.url.replace('127.0.0.1', 'localhost').rstrip('/') + '/taxii2/'
    args = ('exchange', 'source', 'add', 'c', '--url', url, '--into', 'taken', '--user', 'reader', '--password-file', 'password')
    _, said = cli('b', *args, code=4)
    check('another authority is not trusted', 'certificate' in said, said)
    cli('b', *args, '--ca', 'some.json', code=3)
    cli('b', *args, '--ca', 'c/keys/ca.pem')
    got, _ = pull('b', 'c')
    check('by TLS', numbers(got) == (10, 0, 0, 1), got)
    cli('b', 'exchange', 'source', 'remove', 'c')
    c.stop()


def slow_root(path):
    """Of a bundle, from its text."""
    with open(path) as f:
        text = f.read()
    read, lines, at = json.JSONDecoder().raw_decode, [], text.index('"objects":[') + len('"objects":[')
    while True:
        at += len(text[at:at + 9]) - len(text[at:at + 9].lstrip(' \n,'))
        if text[at] == ']':
            break
        o, behind = read(text, at)
        lines.append((o['id'].encode(), o.get('modified', o.get('created', '')).encode(), hashlib.sha256(text[at:behind].encode()).hexdigest().encode()))
        at = behind
    return hashlib.sha256(b''.join(b' '.join(x) + b'\n' for x in sorted(lines))).hexdigest()


def bundles(into):
    """Files in and out."""
    good = [identity(n) for n in range(50000, 50010)]
    good[3]['name'] = 'A'
    text = json.dumps({'type': 'bundle', 'id': f'bundle--{uuid.uuid4()}', 'objects': good + [{'type': 'identity', 'id': 'nobody'}, 7]}, indent=1)
    text = text.replace('"A"', '"\\u0041"')
    for name, content in (('in.json', text), ('broken.json', text.replace('"name": "\\u0041"', '"name": nix')), ('none.json', '{"objects":[')):
        with open(f'{top}/{name}', 'w') as f:
            f.write(content)
    out, said = cli('b', 'exchange', 'import', 'none.json', 'broken.json', '--into', 'taken', '-o', 'json', code=3)
    check('one that is no JSON costs only itself', '9 new' in said and '3 refused' in said, said + out)
    out, said = cli('b', 'exchange', 'import', 'in.json', '--into', into, '-o', 'json', code=1)
    refused = json.loads(out)
    check('import', '1 new, 9 the same, 2 refused' in said and refused[0]['id'] == 'nobody' and all(x['reason'] for x in refused), said + out)
    out, said = cli('b', 'exchange', 'import', 'in.json', '--into', into, code=1)
    check('again it is the same', '0 new, 10 the same' in said, said)
    cli('b', 'exchange', 'export', 'taken', '-o', 'out.json')
    cli('b', 'exchange', 'export', 'taken', '--all', '-o', 'all.json')
    with open(f'{top}/out.json') as f:
        text = f.read()
    newest = json.loads(text)
    with open(f'{top}/all.json') as f:
        every = json.load(f)
    check('bytes are as they were', '"\\u0041"' in text)
    check('newest versions, or all', len(every['objects']) - len(newest['objects']) == 300 and newest['type'] == 'bundle', len(every['objects']))
    check('the root is what its form says', root('b', 'taken') == slow_root(f'{top}/all.json'))
    made, _ = cli('b', 'exchange', 'collection', 'add', '--title', 'Copy', '--alias', 'copy')
    cli('b', 'exchange', 'import', 'all.json', '--into', 'copy')
    check('what goes out and comes in has the same root', root('b', 'copy') == root('b', into))


# ---- a server that misbehaves ----

def envelope(objects, more=False, next=None):
    e = {'objects': objects} if objects else {}
    e['more'] = more
    if next is not None:
        e['next'] = next
    return e


def at(n):
    return f'2026-01-01T00:{n // 60:02}:{n % 60:02}.000000Z'


class Bad(http.server.BaseHTTPRequestHandler):
    mode, asked, seen = '', 0, []
    protocol_version = 'HTTP/1.1'

    def log_message(self, *_):
        pass

    def give(self, status, body, **headers):
        body = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.send_response(status)
        for k, v in {'Content-Type': MEDIA, 'Content-Length': str(len(body)), **{k.replace('_', '-'): v for k, v in headers.items()}}.items():
            self.send_header(k, v)
        self.end_headers()
        try:
            self.wfile.write(body)
        except OSError:
            self.close_connection = True

    def page(self, e, first=0, last=0):
        self.give(200, e, X_TAXII_Date_Added_First=at(first), X_TAXII_Date_Added_Last=at(last))

    def do_GET(self):
        u = urllib.parse.urlsplit(self.path)
        q = dict(urllib.parse.parse_qsl(u.query))
        if u.path == '/taxii2/':
            roots = {'elsewhere': ['https://elsewhere.example/r/'], 'relative': ['r/']}.get(Bad.mode, [f'http://127.0.0.1:{self.server.server_port}/r/'])
            return self.give(200, {'title': 't', 'api_roots': roots})
        if u.path.endswith('/collections/'):
            return self.give(200, {'collections': [{'id': 'c', 'title': 'C', 'can_read': True, 'can_write': False}, {'id': 'd', 'title': 'D', 'can_read': False, 'can_write': True}]})
        Bad.asked += 1
        Bad.seen.append((q, dict(self.headers)))
        getattr(self, Bad.mode.replace('-', '_'))(q, Bad.asked)

    def same_page(self, q, n):
        self.page(envelope([identity(900001)], True, str(n)), 1, 1)

    def circle(self, q, n):
        self.page(envelope([identity(900001 + n % 3)], True, str(n)), 1, 1)

    def same_next(self, q, n):
        self.page(envelope([identity(900010)] if n == 1 else [], True, 'x'), n, n)

    def backwards(self, q, n):
        self.page(envelope([identity(900020 + n)], True, str(n)), 50 - n, 50 - n)

    def backwards_headers(self, q, n):
        self.page(envelope([identity(900020)]), 9, 1)

    def html(self, q, n):
        self.give(200, b'<html>', Content_Type='text/html')

    def no_text(self, q, n):
        self.give(200, b'{}', Content_Type='text/\u00ff\u001b[2J"')

    def no_json(self, q, n):
        self.page(b'{"objects":[{"type"')

    def no_envelope(self, q, n):
        self.page([1, 2])

    def many(self, q, n):
        self.page(b'{"objects":[' + b'{},' * 200000 + b'{}]}')

    def large(self, q, n):
        self.give(200, b' ' * (65 << 20))

    def one_date(self, q, n):
        self.page(envelope([identity(900100 + n)], True), 5, 5)

    def empty_more(self, q, n):
        self.page(envelope([], True, str(n)))

    def redirect(self, q, n):
        self.give(302, b'', Location='http://127.0.0.1:1/')

    def denied(self, q, n):
        self.give(403, {'title': 'no', 'http_status': '403'})

    def later(self, q, n):
        self.give(429, {'title': 'later'}, Retry_After='3000')

    def dripping(self, q, n):  # ends in the middle of the body
        self.send_response(200)
        self.send_header('Content-Type', MEDIA)
        self.send_header('Content-Length', '1000')
        self.end_headers()
        self.wfile.write(b'{"objects":[')
        self.close_connection = True

    # ---- odd, but there is a way ----

    def busy(self, q, n):
        if n < 3:
            return self.give(503, {'title': 'busy'}, **({'Retry_After': '1'} if n == 1 else {}))
        self.page(envelope([identity(901000)]), 1, 1)

    def no_next(self, q, n):
        begin = int(q.get('added_after', at(0))[17:19])
        self.page(envelope([identity(901100 + begin)], begin < 4), begin + 1, begin + 1)

    def forgets(self, q, n):
        if n == 2:
            return self.give(404, {'title': 'what?'})
        self.page(envelope([identity(901200 + n)], n == 1, 'old' if n == 1 else None), n, n)

    def used_up(self, q, n):  # one `next` for a question, whose answers are used up; one of them is lost on the way
        if 'next' not in q:
            Bad.left = list(range(4))
        x = Bad.left.pop(0)
        if n == 3:
            self.close_connection = True
            return self.connection.close()
        self.page(envelope([identity(901600 + x)], bool(Bad.left), 'q'), x, x)

    def undated(self, q, n):
        self.give(200, envelope([identity(901300)]))

    def refused_one(self, q, n):
        self.page(envelope([identity(901400), {'type': 'identity', 'id': 'x'}, identity(901401)]), 1, 1)

    def relative(self, q, n):
        self.page(envelope([]))

    def hangs_up(self, q, n):
        if n < 2:
            self.close_connection = True
            return self.connection.close()
        self.page(envelope([identity(901500)]), 1, 1)

    def typed(self, q, n):
        self.page(envelope([]))


def bad():
    server = http.server.ThreadingHTTPServer(('127.0.0.1', 0), Bad)
    server.handle_error = lambda *_: None  # the other side may hang up at any time
    threading.Thread(target=server.serve_forever, daemon=True).start()
    url = f'http://127.0.0.1:{server.server_port}/taxii2/'
    with open(f'{top}/token', 'w') as f:
        f.write('secret-token\n')

    def source(mode, *more):
        Bad.mode, Bad.asked, Bad.seen = mode, 0, []
        cli('b', 'exchange', 'source', 'add', 'bad', '--url', url, '--into', 'taken', '--token-file', 'token', *more)

    def ends(mode, code, why):
        source(mode)
        started = time.time()
        got, _ = pull('b', 'bad', code)
        check(f'{mode}: says why', why in got.get('fault', ''), got)
        check(f'{mode}: ends soon', Bad.asked < 80, Bad.asked)
        cli('b', 'exchange', 'status')
        cli('b', 'exchange', 'source', 'remove', 'bad')

    before = root('b', 'taken')
    for mode, code, why in (('backwards-headers', 3, 'go backwards'), ('html', 3, 'but text/html'), ('no-text', 3, 'but text/'), ('no-json', 3, ''), ('no-envelope', 3, 'an envelope is'),
                            ('many', 3, 'more than 200000 objects'), ('large', 3, '64 MiB'), ('empty-more', 3, 'no objects'), ('redirect', 3, 'has moved'),
                            ('denied', 5, 'answered 403'), ('dripping', 4, 'not reached')):
        ends(mode, code, why)
    check('nothing came of these', root('b', 'taken') == before)
    for mode, code, why in (('same-page', 3, 'the same page'), ('circle', 3, 'the same page'), ('same-next', 3, 'does not change'), ('backwards', 3, 'go backwards'),
                            ('one-date', 3, 'no `next`')):
        ends(mode, code, why)

    source('later')
    got, _ = pull('b', 'bad', 4)
    check('later: one request, and not before', Bad.asked == 1 and 'answered 429' in got['fault'], got)
    got, _ = pull('b', 'bad', 4)
    status, _ = rows('b', 'exchange', 'status')
    check('later: it is not asked again before', Bad.asked == 1 and 'not to come before' in got['fault'] and status[-1]['not_before'], got)
    cli('b', 'exchange', 'source', 'remove', 'bad')

    for mode, want in (('busy', (1, 0, 0, 3)), ('no-next', (5, 0, 0, 5)), ('forgets', (2, 0, 0, 3)), ('used-up', (4, 2, 0, 7)), ('undated', (1, 0, 0, 1)), ('refused-one', (2, 0, 1, 1)),
                       ('hangs-up', (1, 0, 0, 2)), ('relative', (0, 0, 0, 1))):
        source(mode)
        got, said = pull('b', 'bad')
        check(f'{mode}: there is a way', numbers(got) == want or (mode == 'hangs-up' and numbers(got)[:3] == want[:3]), f'{got} {said}')
        cli('b', 'exchange', 'source', 'remove', 'bad')

    source('typed', '--type', 'indicator', '--type', 'x-own')
    pull('b', 'bad')
    q, head = Bad.seen[0]
    check('what is asked', q.get('match[type]') == 'indicator,x-own' and q.get('match[version]') == 'all' and head['Authorization'] == 'Bearer secret-token' and
          head['Accept'] == MEDIA and head['User-Agent'].startswith('detente/'), (q, head))
    cli('b', 'exchange', 'source', 'remove', 'bad')

    Bad.mode = 'elsewhere'
    _, said = cli('b', 'exchange', 'source', 'add', 'bad', '--url', url, '--into', 'taken', '--token-file', 'token', code=3)
    check('no token goes to another host', 'another host' in said, said)
    server.shutdown()


if __name__ == '__main__':
    two()
    sealed()
    bad()
    end()
