#!/usr/bin/env python3
"""TAXII 2.1 as a program of somebody else speaks it: server.py DETENTE.

Each line of the standard that a server must keep (OASIS TAXII 2.1, sections 1.6 and 3 to 5), paging by all three ways that
clients know, rights, bytes, versions, and what is out of form."""
import base64, http.client, json, os, re, socket, ssl, subprocess, sys, threading, time, urllib.parse, uuid

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '../script'))
import scene
from scene import check, run, top

MEDIA = 'application/taxii+json;version=2.1'
ROOT = '/taxii2/exchange/'
STAMP = re.compile(r'\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z')


def basic(user, password='a long password'):
    return 'Basic ' + base64.b64encode(f'{user}:{password}'.encode()).decode()


class Client:
    """One connection of one user."""

    def __init__(self, node, user=None, **headers):
        at = urllib.parse.urlsplit(node.url)
        self.to = http.client.HTTPConnection(at.hostname, at.port, timeout=60)
        self.headers = {'Accept': MEDIA, **({'Authorization': basic(user)} if user else {}), **headers}

    def ask(self, path, body=None, method=None, **headers):
        """Status, headers, and the body as JSON where it is some."""
        send = {**self.headers, **{k.replace('_', '-'): v for k, v in headers.items()}}
        if body is not None and 'Content-Type' not in send:
            send['Content-Type'] = MEDIA
        send = {k: v for k, v in send.items() if v is not None}
        self.to.request(method or ('GET' if body is None else 'POST'), path, body if body is None or isinstance(body, bytes) else json.dumps(body).encode(), send)
        r = self.to.getresponse()
        text = r.read()
        try:
            return r.status, r.headers, json.loads(text)
        except ValueError:
            return r.status, r.headers, text

    def get(self, path, **query):
        q = urllib.parse.urlencode({k: v for k, v in query.items() if v is not None})
        return self.ask(path + ('?' + q if q else ''))


def indicator(n=None, modified='2026-01-01T00:00:00.000Z', **more):
    return {'type': 'indicator', 'spec_version': '2.1', 'id': f'indicator--{n or uuid.uuid4()}', 'created': '2026-01-01T00:00:00.000Z', 'modified': modified,
            'pattern': "[ipv4-addr:value = '198.51.100.7']", 'pattern_type': 'stix', 'valid_from': '2026-01-01T00:00:00Z', **more}


def refused(what, got, status):
    code, headers, body = got
    check(f'{what}: {status}', code == status, got[::2])
    check(f'{what}: an error object', isinstance(body, dict) and body.get('title') and body.get('http_status') == str(status) and
          headers['Content-Type'] == MEDIA, (headers.items(), body))


def begin():
    global node, box, other, secure
    with socket.socket() as s:
        s.bind(('127.0.0.1', 0))
        port = s.getsockname()[1]
    scene.init(f'  - {{address: "127.0.0.1:{port}", tls: true}}\n')
    secure = f'https://127.0.0.1:{port}'
    with open(top + '/password', 'w') as f:
        f.write('a long password\n')
    node = scene.Node()
    for name in 'alice', 'bob', 'writer', 'nobody':
        got = run('exchange', 'user', 'add', name, '--password-file', top + '/password')
        check(f'user {name}', got.returncode == 0, got.stderr)
    got = run('exchange', 'user', 'add', 'alice', '--password-file', top + '/password')
    check('a name is given once', got.returncode == 3 and 'alice' in got.stderr, (got.returncode, got.stderr))
    got = run('exchange', 'collection', 'add', '--title', 'Indicators', '--description', 'For tests', '--alias', 'tests', '--reader', 'alice', '--writer', 'alice',
              '--reader', 'bob', '--writer', 'writer')
    box = got.stdout.strip()
    check('its id is printed', re.fullmatch(r'[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}', box), got)
    got = run('exchange', 'collection', 'add', '--title', 'Other', '--reader', 'alice')
    other = got.stdout.strip()
    got = run('exchange', 'collection', 'add', '--title', 'Ghosts', '--reader', 'ghost')
    check('a reader who is nobody', got.returncode == 1 and 'ghost' in got.stderr, (got.returncode, got.stderr))
    got = run('exchange', 'collection', 'add', '--title', 'Again', '--alias', 'tests')
    check('an alias is given once', got.returncode == 3, (got.returncode, got.stderr))
    rows = json.loads(run('exchange', 'collection', 'list', '-o', 'json').stdout)
    check('collections', [(r['title'], r['readers'], r['writers']) for r in rows] == [('Indicators', 'alice bob', 'alice writer'), ('Other', 'alice', '')], rows)


def discovery():
    anon, alice, bob = Client(node), Client(node, 'alice'), Client(node, 'bob')
    got = anon.ask('/taxii2/')
    refused('nobody', got, 401)
    check('who may come in', {x.split()[0] for x in got[1].get_all('WWW-Authenticate')} == {'Basic', 'Bearer'}, got[1].items())
    refused('a wrong password', Client(node, Authorization=basic('alice', 'another password')).ask('/taxii2/'), 401)
    refused('a name that is none', Client(node, Authorization=basic('ghost')).ask('/taxii2/'), 401)
    refused('nonsense', Client(node, Authorization='Basic !!!').ask('/taxii2/'), 401)
    refused('a token of nobody', Client(node, Authorization='Bearer abc').ask('/taxii2/'), 401)
    status, headers, body = alice.ask('/taxii2/')
    check('discovery', status == 200 and body['title'] and body['default'] in body['api_roots'] == [ROOT], body)
    check('its media type', headers['Content-Type'] == MEDIA, headers.items())
    status, _, body = alice.ask(ROOT)
    check('the API root', status == 200 and MEDIA in body['versions'] and body['max_content_length'] > 1 << 20 and body['title'], body)
    for what, accept, good in [('no Accept', None, 200), ('anything', '*/*', 200), ('no version', 'application/taxii+json', 200), ('a space', 'application/taxii+json; version=2.1', 200),
                               ('quotes', 'application/taxii+json;version="2.1"', 200), ('a list', 'text/html, application/taxii+json;version=2.1;q=0.5', 200),
                               ('capitals', 'Application/TAXII+json;Version=2.1', 200), ('application/*', 'application/*;q=0.1', 200),
                               ('another version', 'application/taxii+json;version=2.0', 406), ('STIX', 'application/vnd.oasis.stix+json', 406), ('HTML', 'text/html', 406),
                               ('not this', 'application/taxii+json;version=2.1;q=0', 406), ('all but this', '*/*;q=1, application/taxii+json;q=0.0', 406)]:
        got = alice.ask('/taxii2/', Accept=accept)
        check(f'Accept, {what}: {good}', got[0] == good and got[1]['Content-Type'] == MEDIA, got)
    for path in '/taxii2', '/taxii2/x/', ROOT[:-1], ROOT + 'x/', ROOT + 'collections', ROOT + f'collections/{box}/objects', ROOT + 'collections//objects/', ROOT + f'collections/{box}/x/':
        check(f'nothing at {path}', alice.ask(path)[0] == 404)
    for path, method in ('/taxii2/', 'POST'), (ROOT + 'collections/', 'DELETE'), (ROOT + f'collections/{box}/objects/', 'DELETE'), (ROOT + f'collections/{box}/manifest/', 'POST'), (ROOT, 'PUT'):
        got = alice.ask(path, b'{}' if method != 'DELETE' else None, method)
        refused(f'{method} {path}', got, 405)
        check('what it takes', 'GET' in got[1]['Allow'], got[1].items())
    status, _, body = alice.ask(ROOT + 'collections/')
    check('collections', [(c['id'], c['can_read'], c['can_write']) for c in body['collections']] == [(box, True, True), (other, True, False)] and
          body['collections'][0]['alias'] == 'tests' and body['collections'][0]['description'] == 'For tests' and body['collections'][0]['media_types'] == [f'application/stix+json;version=2.{n}' for n in (1, 0)] and
          'description' not in body['collections'][1], body)
    status, _, body = bob.ask(ROOT + 'collections/')
    check('those of another', [(c['id'], c['can_read'], c['can_write']) for c in body['collections']] == [(box, True, False)], body)
    check('of who has none', Client(node, 'nobody').ask(ROOT + 'collections/')[2] == {}, Client(node, 'nobody').ask(ROOT + 'collections/'))
    check('one', alice.ask(ROOT + f'collections/{box}/')[2]['title'] == 'Indicators' == alice.ask(ROOT + 'collections/tests/')[2]['title'])
    refused('one of others', bob.ask(ROOT + f'collections/{other}/'), 404)
    refused('one that is none', bob.ask(ROOT + f'collections/{uuid.uuid4()}/'), 404)


def rights():
    """0 0: 404; read: 403 to write; write: 403 to read."""
    alice, bob, writer, nobody = (Client(node, x) for x in ('alice', 'bob', 'writer', 'nobody'))
    objects, manifest = ROOT + f'collections/{box}/objects/', ROOT + f'collections/{box}/manifest/'
    one = indicator()
    body = {'objects': [one]}
    refused('nobody reads', nobody.ask(objects), 404)
    refused('nobody writes', nobody.ask(objects, body), 404)
    refused('a reader does not write', bob.ask(objects, body), 403)
    for path in objects, manifest, objects + one['id'] + '/', objects + one['id'] + '/versions/':
        refused('a writer does not read', writer.ask(path), 403)
    status, _, got = writer.ask(objects, body)
    check('a writer writes', status == 202 and got['success_count'] == 1, got)
    check('a reader reads', bob.ask(objects)[2]['objects'] == [one])
    refused('a reader does not delete', bob.ask(objects + one['id'] + '/', method='DELETE'), 403)
    refused('a writer does not delete', writer.ask(objects + one['id'] + '/', method='DELETE'), 403)
    refused('its status is another\'s', bob.ask(ROOT + f'status/{got["id"]}/'), 404)
    check('its own', writer.ask(ROOT + f'status/{got["id"]}/')[2] == got, got)
    refused('no such status', writer.ask(ROOT + f'status/{uuid.uuid4()}/'), 404)
    status, headers, empty = alice.ask(objects + one['id'] + '/', method='DELETE')
    check('who may both deletes', status == 200 and headers['Content-Type'] == MEDIA, (status, headers.items()))
    refused('and it is gone', alice.ask(objects + one['id'] + '/'), 404)
    refused('for ever', alice.ask(objects + one['id'] + '/', method='DELETE'), 404)
    check('from the list too', alice.ask(objects)[2] == {} == alice.ask(manifest)[2], alice.ask(objects))
    check('an empty page has its dates', all(STAMP.fullmatch(alice.ask(p)[1][f'X-TAXII-Date-Added-{x}'] or '') for p in (objects, manifest) for x in ('First', 'Last')))


def taking():
    """What is given comes back as it was, byte by byte; what is none is said, and nothing else is lost."""
    alice = Client(node, 'alice')
    objects = ROOT + f'collections/{box}/objects/'
    odd = ('{ "type":"x-odd" ,"spec_version":"2.1",\n\t"id":"x-odd--%s","created":"2026-01-01T00:00:00.123456789Z", "modified":"2026-01-01T00:00:00.2Z",'
           '"x_list":[1.50,1e3, -0.0,"\\u00e9\\/é\\ud83d\\ude00"],"x_deep":{"a_b_c":[[[{}]]]}}' % uuid.uuid4())
    address = '{"type":"ipv4-addr","spec_version":"2.1","id":"ipv4-addr--ff26c055-6336-5bc5-b98d-13d6226742dd","value":"198.51.100.3"}'
    wrong = [{'type': 'indicator', 'id': 'indicator--1'}, 7, indicator(pattern='[x'), indicator(modified='2025-01-01T00:00:00Z'), {**indicator(), 'valid_from': None}]
    text = '{"objects":[%s,%s,%s]}' % (odd, address, ','.join(map(json.dumps, wrong)))
    status, _, got = alice.ask(objects, text.encode())
    check('taken', status == 202 and got['status'] == 'complete' and (got['total_count'], got['success_count'], got['failure_count'], got['pending_count']) == (7, 2, 5, 0), got)
    check('what is wrong is said', all(f['message'] and 'id' in f and 'version' in f for f in got['failures']) and 'pattern' in str(got['failures']), got['failures'])
    check('and what is right', [s['id'] for s in got['successes']] == [json.loads(odd)['id'], json.loads(address)['id']] and STAMP.fullmatch(got['request_timestamp']), got)
    alice.to.request('GET', objects, headers=alice.headers)
    raw = alice.to.getresponse().read().decode()
    check('byte by byte', odd in raw and address in raw, raw)
    status, _, again = alice.ask(objects, text.encode())
    check('the same again is no error', (again['success_count'], again['failure_count']) == (2, 5) and len(alice.ask(objects)[2]['objects']) == 2, again)
    status, _, again = alice.ask(objects, {'objects': [json.loads(odd), json.loads(address)]})
    check('nor in another order', again['success_count'] == 2 and len(alice.ask(objects, match='x')[2]['objects']) == 2, again)
    check('status', alice.ask(ROOT + f'status/{again["id"]}/')[2] == again, again)
    status, _, got = alice.ask(objects, {'objects': [{**json.loads(odd), 'x_list': [2]}]})
    check('another content of that version', (got['success_count'], got['failure_count']) == (0, 1), got)
    for what, body, code in [('no JSON', b'{"objects":[', 400), ('invalid UTF-8', b'{"objects":["\xff"]}', 400), ('too deep', b'[' * 10000 + b']' * 10000, 400), ('nothing', b'', 400),
                             ('a list', b'[]', 422), ('no objects', b'{}', 422), ('an empty list', b'{"objects":[]}', 422), ('no list', b'{"objects":{}}', 422)]:
        refused(what, alice.ask(objects, body), code)
    refused('another type', alice.ask(objects, b'{}', Content_Type='application/json'), 415)
    refused('none', Client(node, 'alice', **{'Content-Type': ''}).ask(objects, b'{}'), 415)
    check('no version of it', alice.ask(objects, {'objects': [json.loads(odd)]}, Content_Type='application/taxii+json')[0] == 202)
    refused('too long, as it says', alice.ask(objects, b' ' * ((8 << 20) + 1)), 413)
    node_is_well('after all of that')
    for o in json.loads(odd), json.loads(address):
        check('gone', Client(node, 'alice').ask(objects + o['id'] + '/', method='DELETE')[0] == 200)


def node_is_well(what):
    check(f'it answers {what}', Client(node, 'alice').ask('/taxii2/')[0] == 200 and 'died' not in node.said, node.said)


def versions():
    alice = Client(node, 'alice')
    objects = ROOT + f'collections/{box}/objects/'
    n = uuid.uuid4()
    mine = 'identity--' + str(uuid.uuid4())
    at = ['2026-01-01T00:00:00.000Z', '2026-02-01T00:00:00.000Z', '2026-03-01T00:00:00.000Z']
    three = [indicator(n, modified=x, name=x, created_by_ref=mine) for x in at]
    for o in three[1], three[0], three[2]:  # in an order of their own
        check('taken', alice.ask(objects, {'objects': [o]})[2]['success_count'] == 1)
    one = objects + three[0]['id'] + '/'

    def names(path, **q):
        body = alice.get(path, **q)[2]
        return [o.get('name') or o.get('version') for o in body.get('objects', [])] or body.get('versions', [])
    for what, query, want in [('the last', {}, at[2:]), ('last', {'match[version]': 'last'}, at[2:]), ('first', {'match[version]': 'first'}, at[:1]),
                              ('all', {'match[version]': 'all'}, [at[1], at[0], at[2]]), ('one', {'match[version]': at[1]}, [at[1]]),
                              ('one, otherwise written', {'match[version]': '2026-02-01T00:00:00Z'}, [at[1]]),
                              ('first and last', {'match[version]': 'first,last'}, [at[0], at[2]]), ('two', {'match[version]': at[1] + ',first'}, [at[1], at[0]])]:
        check(f'versions, {what}', names(one, **query) == want == names(objects, **query), (names(one, **query), names(objects, **query), want))
        check(f'manifest, {what}', names(ROOT + f'collections/{box}/manifest/', **query) == want)
    # what is there and not asked for is an empty page, what is not there is none
    for query in {'match[version]': '2020-01-01T00:00:00Z'}, {'match[spec_version]': '2.0'}, {'added_after': '2099-01-01T00:00:00Z'}:
        for path in one, one + 'versions/':
            status, headers, body = alice.get(path, **query)
            check(f'an empty page of {path[-9:]}', (status, body) == (200, {}) and headers['X-TAXII-Date-Added-First'], (status, body))
            refused(f'nothing of {path[-9:]}', alice.get(path.replace(three[0]['id'], 'indicator--' + str(uuid.uuid4())), **query), 404)
    check('no such version is deleted', alice.ask(one + '?match[version]=2020-01-01T00:00:00Z', method='DELETE')[0] == 200 and len(names(one, **{'match[version]': 'all'})) == 3)
    check('listed', sorted(names(one + 'versions/')) == at and len(names(one + 'versions/', limit=2)) == 2, names(one + 'versions/'))
    check('spec_version', names(objects, **{'match[spec_version]': '2.1'}) == at[2:] and names(objects, **{'match[spec_version]': '2.0'}) == [])
    for bad in 'newest', 'all,last', '2026', '', ',':
        refused(f'match[version]={bad}', alice.get(objects, **{'match[version]': bad}), 400)
    got = alice.ask(objects, {'objects': [indicator(n, modified='2026-04-01T00:00:00.000Z', created_by_ref='identity--' + str(uuid.uuid4()))]})[2]
    check('nobody else makes a version', got['failure_count'] == 1 and 'created' in got['failures'][0]['message'], got)
    got = alice.ask(objects, {'objects': [indicator(n, modified='2026-04-01T00:00:00.000Z', created='2025-01-01T00:00:00.000Z', created_by_ref=mine)]})[2]
    check('a version keeps the time at which it was made', got['failure_count'] == 1 and '`created`' in got['failures'][0]['message'], got)
    for spec in {'spec_version': '2.1'}, {}:
        got = alice.ask(objects, {'objects': [{'type': 'bundle', 'id': 'bundle--' + str(uuid.uuid4()), 'objects': [indicator(uuid.uuid4())], **spec}]})[2]
        check('a bundle is no object', got['failure_count'] == 1 and 'a bundle is no object' in got['failures'][0]['message'], got)
    check('only its maker revokes', alice.ask(objects, {'objects': [indicator(n, modified='2026-04-02T00:00:00.000Z', created_by_ref=mine, revoked=True)]})[2]['success_count'] == 1)
    got = alice.ask(objects, {'objects': [indicator(n, modified='2026-05-01T00:00:00.000Z', created_by_ref=mine)]})[2]
    check('and that is the end', got['failure_count'] == 1 and 'revoked' in got['failures'][0]['message'], got)
    check('one version goes', alice.ask(one + '?match[version]=' + at[1], method='DELETE')[0] == 200 and at[1] not in names(one, **{'match[version]': 'all'}))
    check('the last goes', alice.ask(one + '?match[version]=last', method='DELETE')[0] == 200 and names(one) == [at[2]], names(one))
    check('the rest goes', alice.ask(one, method='DELETE')[0] == 200 and alice.ask(one)[0] == 404)


def rewritten():
    """What a library writes again as it read it is here already; what says something else is refused."""
    alice = Client(node, 'alice')
    objects = ROOT + f'collections/{box}/objects/'
    one = indicator(uuid.uuid4(), modified='2026-01-01T00:00:00.120Z', valid_from='2026-01-01T00:00:00Z')
    url = {'type': 'url', 'id': 'url--' + str(uuid.uuid5(uuid.UUID('00abedb4-aa42-466c-9c01-fed23315a9b7'), json.dumps({'value': 'http://same.test/'}, separators=(',', ':')))), 'value': 'http://same.test/'}
    check('there', alice.ask(objects, {'objects': [one, url]})[2]['success_count'] == 2)
    for what, again in [('a time', {**one, 'modified': '2026-01-01T00:00:00.12Z'}), ('zeros', {**one, 'valid_from': '2026-01-01T00:00:00.000000Z', 'revoked': False}),
                        ('its pattern', {**one, 'pattern_version': '2.1'}), ('an observable', {**url, 'spec_version': '2.1', 'defanged': False})]:
        got = alice.ask(objects, {'objects': [again]})[2]
        check(f'{what} otherwise written', got['success_count'] == 1 and got['failure_count'] == 0, got)
    check('nothing is new', len(alice.get(objects, **{'match[id]': one['id'] + ',' + url['id'], 'match[version]': 'all'})[2]['objects']) == 2)
    got = alice.ask(objects, {'objects': [{**one, 'valid_from': '2026-01-01T00:00:01Z'}]})[2]
    check('another is not', got['failure_count'] == 1 and 'another content' in got['failures'][0]['message'], got)
    check('they go', all(alice.ask(objects + x['id'] + '/', method='DELETE')[0] == 200 for x in (one, url)))


def specifications():
    """An object in two versions of STIX: by default the newer one's versions, else those that are asked for (3.4)."""
    alice = Client(node, 'alice')
    root = ROOT + f'collections/{box}/'
    n, at = uuid.uuid4(), [f'2026-0{x}-01T00:00:00.000Z' for x in range(1, 6)]
    new = [indicator(n, modified=x, name=x) for x in (at[1], at[2])]
    old = [{k: v for k, v in {**new[0], 'modified': x, 'name': x}.items() if k != 'spec_version'} for x in (at[0], at[3], at[4])]
    alone = {k: v for k, v in {**new[0], 'id': 'indicator--' + str(uuid.uuid4()), 'name': 'alone'}.items() if k != 'spec_version'}
    check('taken', alice.ask(root + 'objects/', {'objects': [old[1], new[0], old[0], alone, new[1], old[2]]})[2]['success_count'] == 6)
    one = root + f'objects/{new[0]["id"]}/'
    both = new[0]['id'] + ',' + alone['id']

    def names(path, **q):
        body = alice.get(path, **q)[2]
        return [o.get('name') or o.get('version') for o in body.get('objects', [])] or body.get('versions', [])
    for spec, version, want in [(None, None, [at[2]]), (None, 'all', at[1:3]), (None, 'first', [at[1]]), (None, 'last', [at[2]]), (None, at[4], []), (None, f'{at[4]},{at[1]}', [at[1]]),
                                ('2.1', None, [at[2]]), ('2.1', 'all', at[1:3]), ('2.0', None, [at[4]]), ('2.0', 'first', [at[0]]), ('2.0', 'all', [at[3], at[0], at[4]]),
                                ('2.0', 'first,last', [at[0], at[4]]), ('2.0,2.1', 'all', [at[3], at[1], at[0], at[2], at[4]]), ('2.0,2.1', 'last', [at[4]]), ('2.0,2.1', 'first', [at[0]]),
                                ('2.0', at[1], [])]:
        query = {**({'match[spec_version]': spec} if spec else {}), **({'match[version]': version} if version else {})}
        check(f'{spec} {version}', names(one, **query) == want, (names(one, **query), want))
        check(f'manifest, {spec} {version}', names(root + 'manifest/', **query, **{'match[id]': new[0]['id']}) == want)
        listed = names(one + 'versions/', **query)
        check(f'versions, {spec} {version}', listed == (want if version else names(one, **query, **{'match[version]': 'all'})), listed)
        paged, after = [], {}
        while True:
            body = alice.get(root + 'objects/', limit=1, **{**query, 'match[id]': new[0]['id']}, **after)[2]
            paged += [o['name'] for o in body.get('objects', [])]
            if not body.get('more'):
                break
            after = {'next': body['next']}
        check(f'in pages, {spec} {version}', paged == want, (paged, want))
    check('of one kind alone', names(root + 'objects/', **{'match[id]': both}) == ['alone', at[2]] and names(root + 'objects/', **{'match[id]': both, 'match[spec_version]': '2.1'}) == [at[2]])
    everything = [o['name'] for o in alice.get(root + 'objects/', limit=1000)[2]['objects'] if o['id'] in both]
    check('among all', everything == ['alone', at[2]], everything)
    for version, gone in ('first', at[1]), ('last', at[2]):  # as GET gives them
        check(f'{version} goes', alice.ask(one + '?match[version]=' + version, method='DELETE')[0] == 200)
        check(f'{version} alone', set(names(one, **{'match[version]': 'all', 'match[spec_version]': '2.0,2.1'})) == set(at) - {gone})
        check('and comes again', alice.ask(root + 'objects/', {'objects': [new[at.index(gone) - 1]]})[2]['success_count'] == 1)
    twice = json.dumps(indicator(x_more={'object_marking_refs': ['marking-definition--94868c89-83c2-464b-929b-a1a8aa3c8487']}))
    twice = twice.replace('"x_more": {', '"x_more": {"object_marking_refs": ["marking-definition--e828b379-4e03-4974-9ac4-e53a884c97c1"], ')
    got = alice.ask(root + 'objects/', ('{"objects":[' + twice + ']}').encode())[2]
    check('a name twice within it', got['failure_count'] == 1 and 'has a name twice' in got['failures'][0]['message'], got)
    refused('a list twice', alice.ask(root + 'objects/', b'{"objects":[{}],"objects":[]}'), 422)
    for x in at[1:3]:
        check('the newer goes', alice.ask(one + '?match[version]=' + x, method='DELETE')[0] == 200)
    check('the older is left', names(one) == [at[4]] and names(one, **{'match[version]': 'all'}) == [at[3], at[0], at[4]])
    check('all of it goes', alice.ask(one, method='DELETE')[0] == 200 and alice.ask(one)[0] == 404)
    check('the other too', alice.ask(root + f'objects/{alone["id"]}/', method='DELETE')[0] == 200)


def pages():
    """All objects once, by `next`, by added_after alone, by both, and while more come."""
    alice, bob = Client(node, 'alice'), Client(node, 'bob')
    objects, manifest = ROOT + f'collections/{box}/objects/', ROOT + f'collections/{box}/manifest/'
    many = [indicator(labels=[str(i)]) for i in range(2345)]
    for i in range(0, len(many), 500):
        check('taken', alice.ask(objects, {'objects': many[i:i + 500]})[2]['success_count'] == len(many[i:i + 500]))
    want = [o['id'] for o in many]

    def walk(path, limit, how, more=lambda: None, **query):
        seen, after, next_, turns, dates = [], None, None, 0, []
        while turns < 10000:
            status, headers, body = bob.get(path, limit=limit, added_after=after if how != 'next' else None, next=next_ if how != 'after' else None, **query)
            check('a page', status == 200, body)
            first, last = headers['X-TAXII-Date-Added-First'], headers['X-TAXII-Date-Added-Last']
            check('dates', STAMP.fullmatch(first) and STAMP.fullmatch(last) and first <= last, (first, last))
            got = body.get('objects', [])
            check('never more than asked for', limit is None or len(got) <= limit, len(got))
            seen += [o['id'] for o in got]
            dates += [o['date_added'] for o in got if 'date_added' in o]
            turns += 1
            if not body.get('more'):
                break
            next_ = body['next']
            if how == 'after':
                after = last
            more()
        check('dates rise', dates == sorted(set(dates)), dates[:5])
        return seen
    for limit in 7, 100, 1000, None, 100000:
        for how in 'next', 'after':
            check(f'{how} by {limit}', walk(objects, limit, how) == want and walk(manifest, limit, how) == want)
    check('a server may give less', len(bob.get(objects, limit=100000)[2]['objects']) == 1000)
    late = []

    def add():
        late.append(indicator())
        alice.ask(objects, {'objects': [late[-1]]})
    got = walk(objects, 300, 'next', add)
    check('what comes meanwhile comes last', got[:len(want)] == want and got[len(want):] == [o['id'] for o in late][:len(got) - len(want)] and len(got) > len(want), len(got))
    want += [o['id'] for o in late]
    full = bob.get(objects, limit=1)
    newest = walk(manifest, 1000, 'next')
    last = bob.get(manifest, **{'match[id]': newest[-1]})[1]['X-TAXII-Date-Added-Last']
    status, headers, body = bob.get(objects, added_after=last)
    check('nothing new', body == {} and headers['X-TAXII-Date-Added-Last'] == last, (headers.items(), body))
    # filters
    check('ids', walk(objects, 2, 'next', **{'match[id]': ','.join([want[5], want[2000], want[7]])}) == [want[5], want[7], want[2000]])
    check('types', walk(objects, 1000, 'next', **{'match[type]': 'indicator,malware'}) == want and walk(objects, 10, 'next', **{'match[type]': 'malware'}) == [])
    check('both', walk(objects, 10, 'next', **{'match[type]': 'malware', 'match[id]': want[5]}) == [])
    check('an id of no form is only not there', bob.get(objects, **{'match[id]': 'x'})[2] == {})
    check('what is not known is passed over', bob.get(objects, limit=1, **{'match[x]': '1', 'y': '2'})[0] == 200)
    cursor = full[2]['next']
    for what, query in [('limit 0', {'limit': 0}), ('limit -1', {'limit': -1}), ('limit x', {'limit': 'x'}), ('added_after', {'added_after': 'yesterday'}), ('no zone', {'added_after': '2026-01-01T00:00:00'}),
                        ('next', {'next': 'x'}), ('next of others', {'next': cursor, 'match[type]': 'indicator'}), ('match', {'match[type]': ''}), ('match', {'match[id]': 'a,,b'})]:
        refused(what, bob.get(objects, **query), 400)
    refused('twice', bob.ask(objects + '?limit=1&limit=2'), 400)
    refused('a cursor of another list', bob.get(manifest, next=cursor), 400)
    refused('of another collection', alice.get(ROOT + f'collections/{other}/objects/', next=cursor), 400)
    refused('a bent one', bob.get(objects, next=cursor[:-1] + ('0' if cursor[-1] != '0' else '1')), 400)
    one = bob.get(objects + want[3] + '/')
    check('one by its id', one[0] == 200 and [o['id'] for o in one[2]['objects']] == [want[3]])


def many_at_once():
    """Clients that post at the same time: each object once, dates unique."""
    objects, manifest = ROOT + f'collections/{box}/objects/', ROOT + f'collections/{box}/manifest/'
    before = set()
    path = manifest + '?limit=1000'
    shared = [indicator() for _ in range(20)]
    faults = []

    def post():
        c = Client(node, 'alice')
        for i in range(10):
            status, _, got = c.ask(objects, {'objects': [indicator() for _ in range(20)] + shared})
            if status != 202 or got['success_count'] != 40:
                faults.append((status, got))
    threads = [threading.Thread(target=post) for _ in range(5)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    check('all taken', not faults, faults[:1])
    dates, next_ = [], None
    while True:
        body = Client(node, 'bob').get(manifest, limit=1000, next=next_)[2]
        dates += [(o['date_added'], o['id']) for o in body['objects']]
        if not body['more']:
            break
        next_ = body['next']
    check('each once', len({i for _, i in dates}) == len(dates) and len({d for d, _ in dates}) == len(dates) and sum(i in {s['id'] for s in shared} for _, i in dates) == 20, len(dates))


def by_certificate(objects):
    """A listener with TLS: who shows a certificate that a user has is that user, and nobody else."""
    for name in 'its', 'strange':
        subprocess.run(['openssl', 'req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-keyout', f'{top}/{name}.key', '-out', f'{top}/{name}.pem',
                        '-days', '30', '-subj', '/CN=' + name], check=True, capture_output=True)
    check('its certificate', run('user', 'cert', 'alice', '--pem', top + '/its.pem').returncode == 0)
    at = urllib.parse.urlsplit(secure)
    for name, want in ('its', 200), ('strange', 401), (None, 401):
        c = ssl.create_default_context(cafile=top + '/n/keys/ca.pem')
        c.check_hostname = False
        if name:
            c.load_cert_chain(f'{top}/{name}.pem', f'{top}/{name}.key')
        to = http.client.HTTPSConnection(at.hostname, at.port, context=c, timeout=30)
        to.request('GET', objects + '?limit=1', headers={'Accept': MEDIA})
        r = to.getresponse()
        check(f'{name or "no"} certificate', r.status == want and r.headers['Content-Type'] == MEDIA, (r.status, r.read()))
        to.close()


def others():
    """Tokens, who leaves, a browser, a node that is killed."""
    objects = ROOT + f'collections/{box}/objects/'
    token = run('token', 'add', 'feed', '--role', 'exchange').stdout.strip()
    check('permit', run('exchange', 'collection', 'permit', 'tests', '--reader', 'feed').returncode == 0)
    feed = Client(node, Authorization='Bearer ' + token)
    check('a token', feed.get(objects, limit=1)[0] == 200)
    check('which sees nothing else', feed.ask('/api/v1/incidents', Accept='*/*')[0] == 401)
    check('a user neither', Client(node, 'alice').ask('/api/v1/events', Accept='*/*')[0] == 401)
    viewer = run('token', 'add', 'watch', '--role', 'viewer').stdout.strip()
    check('who watches has no collection', Client(node, Authorization='Bearer ' + viewer).ask(ROOT + 'collections/')[2] == {})
    check('nobody', run('exchange', 'collection', 'permit', box, '--nobody', 'feed').returncode == 0)
    refused('not any more', feed.get(objects, limit=1), 404)
    refused('a page of another site', Client(node, 'alice', Origin='https://example.com').ask('/taxii2/'), 403)
    refused('a name of another host', Client(node, 'alice', Host='example.com').ask('/taxii2/'), 421)
    check('revoked', run('user', 'revoke', 'bob').returncode == 0)
    refused('a user who is revoked', Client(node, 'bob').ask('/taxii2/'), 401)
    by_certificate(objects)
    log = [json.loads(x) for x in run('log', '--limit', '0', '-o', 'jsonl').stdout.splitlines()]
    kinds = [x['type'] for x in log]
    check('a leaf for each', kinds.count('object') > 2345, {k: kinds.count(k) for k in set(kinds)})
    one = indicator(name='the last')
    check('taken', Client(node, 'alice').ask(objects, {'objects': [one]})[0] == 202)
    node.process.kill()
    node.process.wait()
    again = scene.Node()
    check('what was taken is there', Client(again, 'alice').ask(objects + one['id'] + '/')[2]['objects'] == [one])
    check('it ends', again.stop() == 0)
    got = run('log', 'fsck')
    check('fsck', got.returncode == 0, got.stderr)


if __name__ == '__main__':
    begin()
    discovery()
    rights()
    taking()
    versions()
    rewritten()
    specifications()
    pages()
    many_at_once()
    others()
    scene.end()
