#!/usr/bin/env python3
"""TAXII as those speak it who mean no good, or cannot: hostile.py DETENTE.

Whatever comes, others are served meanwhile, memory has its bounds, no process ends, and what is refused is refused with an
error object."""
import base64, gzip, http.client, json, os, re, socket, sys, threading, time, urllib.parse, uuid

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '../script'))
import scene
from scene import check, run, top

MEDIA = 'application/taxii+json;version=2.1'
ROOT = '/taxii2/exchange/'

# What is freed is kept for a while by AddressSanitizer; what is asked for and not used is written to by MALLOC_PERTURB_.
with open(scene.detente, 'rb') as f:
    QUARANTINE = 800 if b'__asan_init' in f.read() else 500 if os.environ.get('MALLOC_PERTURB_') else 0

def basic(user, password='a long password'):
    return 'Basic ' + base64.b64encode(f'{user}:{password}'.encode()).decode()


def indicator(n=None, **more):
    return {'type': 'indicator', 'spec_version': '2.1', 'id': f'indicator--{n or uuid.uuid4()}', 'created': '2026-01-01T00:00:00.000Z', 'modified': '2026-01-01T00:00:00.000Z',
            'pattern': "[ipv4-addr:value = '198.51.100.7']", 'pattern_type': 'stix', 'valid_from': '2026-01-01T00:00:00Z', **more}


def begin():
    global node, box, objects, at
    scene.init()
    with open(top + '/password', 'w') as f:
        f.write('a long password\n')
    node = scene.Node()
    check('user', run('exchange', 'user', 'add', 'alice', '--password-file', top + '/password').returncode == 0)
    box = run('exchange', 'collection', 'add', '--title', 'Indicators', '--alias', 'tests', '--reader', 'alice', '--writer', 'alice').stdout.strip()
    objects = ROOT + f'collections/{box}/objects/'
    u = urllib.parse.urlsplit(node.url)
    at = u.hostname, u.port


def ask(path, body=None, method=None, user='alice', timeout=60, **headers):
    """Status and JSON, on a connection of its own; 0 when it was cut."""
    h = http.client.HTTPConnection(*at, timeout=timeout)
    send = {'Accept': MEDIA, 'Authorization': basic(user), **({'Content-Type': MEDIA} if body is not None else {}), **{k.replace('_', '-'): v for k, v in headers.items()}}
    try:
        h.request(method or ('GET' if body is None else 'POST'), path, body if body is None or isinstance(body, bytes) else json.dumps(body).encode(), send)
        r = h.getresponse()
        text = r.read()
    except (OSError, http.client.HTTPException):
        return 0, None
    finally:
        h.close()
    try:
        return r.status, json.loads(text)
    except ValueError:
        return r.status, text


def rss(role='gate'):
    """MB, of a process of the node; 0 when it is not there."""
    pid = next((p for name, p in node.roles().items() if role in name), None)
    if pid is None:
        return 0
    with open(f'/proc/{pid}/status') as f:
        return int(re.search(r'VmRSS:\s*(\d+)', f.read())[1]) / 1024


def well(what, within=2.0):
    """Somebody else is served, and soon."""
    t = time.time()
    got = ask(objects + '?limit=1')
    took = time.time() - t
    check(f'others are served: {what}', got[0] == 200 and took < within * slow, (got, took))
    check(f'all processes live: {what}', roles == node.roles() and 'died' not in node.said, (roles, node.roles(), node.said[-500:]))


def refused(what, got, *status):
    check(f'{what}: {status}', got[0] in status, (got[0], str(got[1])[:300]))
    if got[0] in (400, 413, 415, 422):
        check(f'{what}: an error object', isinstance(got[1], dict) and got[1].get('title') and got[1].get('http_status') == str(got[0]), str(got[1])[:300])


def failed(what, o, part):
    """One object, in its envelope, is refused with that reason."""
    text = o if isinstance(o, (bytes, str)) else json.dumps(o)
    t = time.time()
    got = ask(objects, b'{"objects":[%s]}' % (text if isinstance(text, bytes) else text.encode()))
    took = time.time() - t
    check(f'{what}: refused', got[0] == 202 and (got[1]['success_count'], got[1]['failure_count']) == (0, 1) and part in got[1]['failures'][0]['message'],
          (got[0], str(got[1])[:400]))
    check(f'{what}: soon', took < 5 * slow, took)


def connect(head, body=b''):
    s = socket.create_connection(at, timeout=30)
    s.sendall(head.encode() + body)
    return s


def head(method, path, *lines, auth=True):
    return '\r\n'.join([f'{method} {path} HTTP/1.1', f'Host: {at[0]}:{at[1]}', *([f'Authorization: {basic("alice")}'] if auth else []), f'Accept: {MEDIA}', *lines, '', ''])


def answer(s, seconds=5):
    """The status line that comes, or '' when the connection ends first."""
    s.settimeout(seconds)
    got = b''
    try:
        while b'\r\n' not in got:
            more = s.recv(4096)
            if not more:
                break
            got += more
    except OSError:
        pass
    return got.split(b'\r\n')[0].decode('latin-1')


# ---- objects ------------------------------------------------------------------------------------------------------------


def shapes():
    many = indicator()
    many.update({f'x_{i}': i for i in range(100000)})
    failed('100,000 properties', many, '4,096')
    failed('4,000 properties and one twice', json.dumps({**indicator(), **{f'x_{i}': i for i in range(4000)}})[:-1] + ',"x_1":1}', 'twice')
    failed('a name twice', json.dumps(indicator())[:-1] + ',"type":"indicator"}', 'twice')
    refused('20,001 objects', ask(objects, b'{"objects":[' + b','.join([b'{}'] * 20001) + b']}'), 413)
    got = ask(objects, b'{"objects":[' + b','.join([b'{}'] * 20000) + b']}')
    check('20,000 that are none', got[0] == 202 and got[1]['failure_count'] == 20000 and 0 < len(got[1]['failures']) <= 20000, (got[0], str(got[1])[:200]))

    def deep(n):
        """An envelope whose innermost value is n deep: the envelope, its list, the object and the property's list count."""
        return json.dumps({'objects': [indicator(x_deep=0)]}).replace('"x_deep": 0', '"x_deep": ' + '[' * (n - 4) + '1' + ']' * (n - 4)).encode()
    got = ask(objects, deep(128))
    check('128 deep', got[0] == 202 and got[1]['success_count'] == 1, (got[0], str(got[1])[:200]))
    refused('129 deep', ask(objects, deep(129)), 400)
    refused('a million deep', ask(objects, b'{"objects":[' + b'[' * 1000000), 400)
    for what, text in [('NUL', b'\0'), ('NUL in a string', b'"\0"'), ('a control character', b'"\x01"'), ('no UTF-8', b'"\xc0\x80"'), ('a surrogate', b'"\xed\xa0\x80"'), ('half of a pair', b'"\\ud800"'),
                      ('a number that is none', b'01'), ('a word that is none', b'nul'), ('an escape that is none', b'"\\x41"'), ('a comment', b'/* */1')]:
        refused(what, ask(objects, json.dumps({'objects': [indicator(x_a='@')]}).encode().replace(b'"@"', text)), 400)
    failed('NUL in a name', indicator(**{'x_\0': 1}), 'name')
    failed('NUL in a type', {**indicator(), 'type': 'indicator\0'}, '')
    for what, i in [('no UUID', 'indicator--1'), ('another type', f'malware--{uuid.uuid4()}'), ('no type', f'--{uuid.uuid4()}'), ('a brace', 'indicator--{' + str(uuid.uuid4())[1:]), ('a path', 'indicator--../../../../../../../etc/passwd-1234'),
                   ('long', 'i' * 100000), ('a list', ['indicator--' + str(uuid.uuid4())]), ('a number', 7), ('nothing', None), ('quotes', 'indicator--"' + str(uuid.uuid4())[1:])]:
        failed(f'an id, {what}', {**indicator(), 'id': i}, '')
    for t in '', 'x', 'X-Odd', 'x--odd', 'x' * 251, 'x_odd', 7, [], None:
        failed(f'a type {t!r:.10}', {**indicator(), 'type': t, 'id': f'{t}--{uuid.uuid4()}'}, '')
    for v in '2.2', '2.1 ', 21, 2.1, None, '2.1' * 1000:
        failed(f'a spec_version {v!r:.10}', {**indicator(), 'spec_version': v}, '')
    for m in '', '2026', '2026-01-01T00:00:00+01:00', '2026-13-01T00:00:00Z', 7, None, '1969-12-31T23:59:59Z', '2026-01-01T00:00:00.' + '1' * 1000 + 'Z':
        failed(f'modified {m!r:.10}', indicator(modified=m), '')
    well('objects of wrong forms')


def slowly_told():
    """What takes long to be judged, if it is done without a bound."""
    failed('a pattern of many brackets', indicator(pattern='[' + '(' * 50000 + "url:value = 'x'" + ')' * 50000 + ']'), 'pattern')
    failed('of many comparisons', indicator(pattern='[' + ' AND '.join(["url:value = 'x'"] * 100000) + ']'), 'pattern')
    failed('of a regular expression that explodes', indicator(pattern="[url:value MATCHES '" + '(a*)*' * 200 + "{1000}{1000}{1000}']"), 'pattern')
    failed('of repeated repetitions', indicator(pattern="[url:value MATCHES '((((((a{100}){100}){100}){100}){100}){100})']"), 'pattern')
    t = time.time()
    got = ask(objects, {'objects': [indicator(labels=['x'] * 300000, granular_markings=[{'lang': 'en', 'selectors': ['labels.[299999]'] * 200000}])]})
    check('selectors that lead far', got[0] == 202 and 'selectors' in str(got[1].get('failures')) and time.time() - t < 5 * slow, (got[0], time.time() - t))
    many = [{**indicator(), **{f'x_{k:04}': 0 for k in range(4000)}} for _ in range(120)]
    t = time.time()
    got = ask(objects, {'objects': many})
    check('objects of 4,000 properties', got[0] == 202 and got[1]['success_count'] == len(many) and time.time() - t < 5 * slow, (got[0], time.time() - t))
    # thousands of versions of one
    n = uuid.uuid4()
    for turn in range(2):
        t = time.time()
        got = ask(objects, {'objects': [indicator(n, modified=f'2026-01-{1 + i // 86400:02}T{i // 3600 % 24:02}:{i // 60 % 60:02}:{i % 60:02}.{turn}Z') for i in range(20000)]})
        check('20,000 versions of one', got[0] == 202 and got[1]['success_count'] == 20000 and time.time() - t < 8 * slow, (got[0], str(got[1])[:200], time.time() - t))
    check('each is there', len(ask(objects + f'indicator--{n}/versions/')[1]['versions']) == 1000)
    t = time.time()
    while True:  # up to 100,000 of one request go at once
        got = ask(objects + f'indicator--{n}/', method='DELETE')
        if got[0] != 200 or time.time() - t > 60:
            break
    check('and goes', got[0] == 404, got)
    well('what takes long')


# ---- HTTP ---------------------------------------------------------------------------------------------------------------


def requests():
    refused('gzip', ask(objects, gzip.compress(json.dumps({'objects': [indicator()]}).encode()), Content_Encoding='gzip'), 415)
    check('identity', ask(objects, {'objects': [indicator()]}, Content_Encoding='identity')[0] == 202)
    refused('gzip that is not named', ask(objects, gzip.compress(json.dumps({'objects': [indicator()]}).encode())), 400)
    refused('a query of 30 kB', ask(objects + '?x=' + 'y' * 30000), 200, 400, 414, 431)
    refused('100 parameters', ask(objects + '?' + '&'.join(f'a{i}=1' for i in range(100))), 400)
    refused('a header of 20 kB', ask(objects, X_Long='y' * 20000), 200, 400, 413, 431)
    refused('1,000 headers', ask(objects, **{f'X_{i}': 'y' for i in range(1000)}), 0, 400, 413, 431)
    refused('257 values', ask(objects + '?match[id]=' + ','.join(str(i) for i in range(257))), 400)
    refused('escapes', ask(objects + '?match[id]=%00%ff%22'), 200, 400)
    check('chunks', ask(objects, method='POST', body=None, Content_Type=MEDIA)[0] in (400, 411))
    body = json.dumps({'objects': [indicator()]}).encode()
    lines = f'Content-Type: {MEDIA}',
    s = connect(head('POST', objects, *lines, 'Transfer-Encoding: chunked', 'Connection: close'), b''.join(b'%x\r\n%s\r\n' % (1, body[i:i + 1]) for i in range(len(body))) + b'0\r\n\r\n')
    check('a chunked body', ' 202 ' in answer(s))
    s.close()
    for what, more, bytes_ in [('chunks that are none', 'Transfer-Encoding: chunked', b'zz\r\nhello\r\n'), ('a chunk that wraps', 'Transfer-Encoding: chunked', b'ffffffffffffffff1\r\nx\r\n'),
                               ('both lengths', f'Transfer-Encoding: chunked\r\nContent-Length: {len(body)}', b'0\r\n\r\n'), ('a negative length', 'Content-Length: -1', b'x'),
                               ('a length that is none', 'Content-Length: 1x', b'x'), ('one that wraps', 'Content-Length: 18446744073709551617', b'x'), ('two lengths', 'Content-Length: 3\r\nContent-Length: 4', b'xxxx')]:
        s = connect(head('POST', objects, *lines, more), bytes_)
        s.shutdown(socket.SHUT_WR)
        got = answer(s)
        check(f'{what}: no', got == '' or ' 4' in got, got)
        s.close()
    s = connect(head('POST', objects, *lines, f'Content-Length: {len(body) + 100}'), body)
    s.shutdown(socket.SHUT_WR)
    check('a length that is too long', ' 202 ' not in answer(s))
    s.close()
    s = connect(head('POST', objects, *lines, f'Content-Length: {len(body) - 10}', 'Connection: close'), body)
    check('a length that is too short', ' 400 ' in answer(s))
    s.close()
    s = connect(head('POST', objects, *lines, 'Content-Length: 1000000000000', 'Expect: 100-continue'))
    check('a terabyte', ' 413 ' in answer(s))
    s.close()
    well('requests of wrong forms')


def slow_ones():
    """Bodies that never end, and readers that read no more: all hold their connections, and not the node."""
    some = [indicator(name='x' * 7000) for _ in range(1000)]
    check('a large page is there', ask(objects, {'objects': some})[1]['success_count'] == 1000)
    before, held = rss(), []
    for _ in range(20):
        s = socket.socket()
        s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        s.connect(at)
        s.sendall(head('GET', objects + '?limit=1000').encode())
        s.recv(1000)
        held.append(s)
    well('20 that stop in the middle of a page')
    for i in range(20):
        s = connect(head('POST', objects, f'Content-Type: {MEDIA}', 'Content-Length: 8000000'), b'{"objects":[')
        held.append(s)
    for s in held[20:]:
        s.sendall(b' ' * 1000)
    well('20 whose bodies do not end')
    check('memory is bounded', rss() - before < 300 + QUARANTINE, (before, rss()))
    for s in held:
        s.close()
    well('they have gone')


def many_bodies():
    """60 large bodies at once: some are taken, others hear that it is too many."""
    text = json.dumps({'objects': [indicator(name='y' * 3900) for _ in range(1900)]}).encode()
    check('large', 7 << 20 < len(text) < 8 << 20, len(text))
    ask(objects, text)
    time.sleep(1)
    before, peak, got, over = rss(), [0], [], threading.Event()

    def watch():
        while not over.is_set():
            peak[0] = max(peak[0], rss())
            time.sleep(0.02)
    w = threading.Thread(target=watch)
    w.start()
    threads = [threading.Thread(target=lambda: got.append(ask(objects, text, timeout=100)[0])) for _ in range(60)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    over.set()
    w.join()
    check('taken or not now', set(got) <= {202, 503, 0} and 202 in got and len(got) == 60, {x: got.count(x) for x in set(got)})
    time.sleep(1)
    print(f'60 bodies of 7.6 MB: {({x: got.count(x) for x in set(got)})}, gate {before:.0f} MB before, {peak[0]:.0f} at most, {rss():.0f} behind')
    check('memory is bounded', peak[0] - before < 400 + QUARANTINE and rss() - before < 60 + QUARANTINE, (before, peak, rss()))
    well('60 bodies')


def passwords():
    """Many wrong passwords at once: who shows what was seen before is served meanwhile.  They wait for each other, so that
    2,000 take minutes: LONG=1."""
    each = 20 if os.environ.get('LONG') else 1
    token = run('token', 'add', 'feed', '--role', 'exchange').stdout.strip()
    check('permit', run('exchange', 'collection', 'permit', 'tests', '--reader', 'feed').returncode == 0)
    got, times = [], []

    def guess(k):
        for i in range(each):
            got.append(ask('/taxii2/', Authorization=basic('alice' if i % 2 else f'ghost{k}', f'wrong password {k} {i}'))[0])
    threads = [threading.Thread(target=guess, args=(k,)) for k in range(100)]
    for t in threads:
        t.start()
    while any(t.is_alive() for t in threads):
        t = time.time()
        check('a token meanwhile', ask(objects + '?limit=1', Authorization='Bearer ' + token)[0] == 200)
        check('a user meanwhile', ask(objects + '?limit=1')[0] == 200)
        times.append(time.time() - t)
        time.sleep(0.1)
    check('none of them is right', set(got) <= {401, 429, 503} and len(got) == 100 * each, {x: got.count(x) for x in set(got)})
    check('and soon', max(times) < 5 * slow, max(times))
    print(f'{len(got)} passwords: {({x: got.count(x) for x in set(got)})}, others within {max(times) * 1000:.0f} ms')
    well('wrong passwords')


slow = 10  # a machine that is busy, or a sanitizer: what is looked for takes a minute, or never ends
begin()
check('first', ask(objects)[0] == 200)
roles = node.roles()
for f in shapes, slowly_told, requests, slow_ones, many_bodies, passwords:
    t = time.time()
    f()
    print(f'{f.__name__} {time.time() - t:.1f} s', flush=True)
check('it ends', node.stop() == 0)
got = run('log', 'fsck')
check('fsck', got.returncode == 0, got.stderr)
scene.end()
