#!/usr/bin/env python3
"""What leaves, and what does not: leak.py DETENTE.

Every partner, every marking, every origin and every way out, against a table of our own; consent, and why; each that went is in
the log."""
import hashlib, http.client, io, json, os, ssl, sys, tarfile, time, urllib.parse, uuid

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '../script'))
import pair, scene
from pair import Party, adopt, begin, conf, ports
from scene import check, top
from conversation_parts import cli
from server import MEDIA, ROOT, Client, indicator

MARK = 'marking-definition--'
STATEMENT = MARK + '11111111-1111-4111-8111-111111111111'
CUSTOM = MARK + '22222222-2222-4222-8222-222222222222'
RANK = ['CLEAR', 'GREEN', 'AMBER', 'AMBER+STRICT', 'RED']
# what each marking counts as; None: nobody knows
MARKINGS = {
    'none': ({}, 'AMBER'),
    'tlp1 white': ({'object_marking_refs': [MARK + '613f2e26-407d-48c7-9eca-b8e91df99dc9']}, 'CLEAR'),
    'tlp1 green': ({'object_marking_refs': [MARK + '34098fce-860f-48ae-8e50-ebd3cc5e41da']}, 'GREEN'),
    'tlp1 amber': ({'object_marking_refs': [MARK + 'f88d31f6-486f-44da-b317-01333bde0b82']}, 'AMBER'),
    'tlp1 red': ({'object_marking_refs': [MARK + '5e57c739-391a-4eb3-b6be-7d15ca92d5ed']}, 'RED'),
    'clear': ({'object_marking_refs': [MARK + '94868c89-83c2-464b-929b-a1a8aa3c8487']}, 'CLEAR'),
    'green': ({'object_marking_refs': [MARK + 'bab4a63c-aed9-4cf5-a766-dfca5abac2bb']}, 'GREEN'),
    'amber': ({'object_marking_refs': [MARK + '55d920b0-5e8b-4f79-9ee9-91f868d9b421']}, 'AMBER'),
    'strict': ({'object_marking_refs': [MARK + '939a9414-2ddd-4d32-a0cd-375ea402b003']}, 'AMBER+STRICT'),
    'red': ({'object_marking_refs': [MARK + 'e828b379-4e03-4974-9ac4-e53a884c97c1']}, 'RED'),
    'two': ({'object_marking_refs': [MARK + '94868c89-83c2-464b-929b-a1a8aa3c8487', MARK + '5e57c739-391a-4eb3-b6be-7d15ca92d5ed']}, 'RED'),
    'granular': ({'object_marking_refs': [MARK + '94868c89-83c2-464b-929b-a1a8aa3c8487'],
                  'granular_markings': [{'marking_ref': MARK + 'e828b379-4e03-4974-9ac4-e53a884c97c1', 'selectors': ['name']}]}, 'RED'),
    'nested': ({'object_marking_refs': [MARK + '94868c89-83c2-464b-929b-a1a8aa3c8487'], 'x_seen': {'objects': [{'type': 'x-odd', 'x_more': [
        {'object_marking_refs': [MARK + 'e828b379-4e03-4974-9ac4-e53a884c97c1']}]}]}}, 'RED'),
    'statement': ({'object_marking_refs': [STATEMENT, MARK + 'bab4a63c-aed9-4cf5-a766-dfca5abac2bb']}, 'GREEN'),
    'unknown': ({'object_marking_refs': [CUSTOM]}, None),
    'unknown and clear': ({'object_marking_refs': [CUSTOM, MARK + '94868c89-83c2-464b-929b-a1a8aa3c8487']}, None),
    'a definition that is not there': ({'object_marking_refs': [MARK + str(uuid.uuid4())]}, None),
}
DEFINITIONS = [{'type': 'marking-definition', 'spec_version': '2.1', 'id': STATEMENT, 'created': '2026-01-01T00:00:00.000Z', 'definition_type': 'statement',
                'definition': {'statement': 'Copyright'}},
               {'type': 'marking-definition', 'spec_version': '2.1', 'id': CUSTOM, 'created': '2026-01-01T00:00:00.000Z', 'definition_type': 'x-house-rules',
                'definition': {'rule': 'only on Mondays'}}]
CEILING = {'bland': 'AMBER+STRICT', 'cland': 'AMBER'}


def goes(tlp, party, origin):
    """The rules once more, as a person reads them."""
    if party == 'own':
        return True
    if party != 'bland' or tlp is None or tlp == 'RED':  # nobody else is bound
        return False
    if origin == party:
        return True
    if origin and tlp == 'AMBER+STRICT':
        return False
    return RANK.index(tlp) <= RANK.index(CEILING[party]) and (not origin or tlp == 'CLEAR')


def setup():
    global a, boxes, things, clients
    begin()
    with open(top + '/aland/detente.yaml', 'a') as f:
        f.write('egress: {ceiling: TLP:GREEN}\n')
    text = open(top + '/aland/detente.yaml').read().replace('inside: true}', 'inside: true, ceiling: "TLP:AMBER+STRICT"}')
    open(top + '/aland/detente.yaml', 'w').write(text)
    adopt('aland', 'bland')
    b = Party('bland', 'aland')
    open(top + '/password', 'w').write('a long password\n')
    a = Party('aland', 'bland')
    scene.wait(30, 'both know each other', lambda: pair.agree(a, b))
    check('one is enough', b.stop() == 0)
    for name, party in ('own', None), ('bland', 'bland'), ('cland', 'cland'), ('nobody', 'bland'):
        cli('aland', 'exchange', 'user', 'add', name, '--password-file', top + '/password', *(['--party', party] if party else []))
    boxes = {}
    for origin in '', 'bland', 'dland':
        boxes[origin] = cli('aland', 'exchange', 'collection', 'add', '--title', f'From {origin or "us"}', '--pact', 'aland-bland', *(['--from', origin] if origin else []),
                            *[x for n in ('own', 'bland', 'cland') for x in ('--reader', n)], '--writer', 'own', '--writer', 'bland').strip()
    clients = {n: Client(a, n) for n in ('own', 'bland', 'cland', 'nobody')}
    things = {}
    for origin, box in boxes.items():
        for what, (more, tlp) in MARKINGS.items():
            things[origin, what] = indicator(name=what, **more)
        status, _, got = clients['own'].ask(ROOT + f'collections/{box}/objects/', {'objects': DEFINITIONS + [o for (x, _), o in things.items() if x == origin]})
        check('taken', status == 202 and got['failure_count'] == 0, got)


def seen(client, box, one):
    """By which ways that object can be seen."""
    at = ROOT + f'collections/{box}/'
    found = set()
    for way, path in ('objects', at + 'objects/'), ('filtered', at + 'objects/?match[id]=' + one['id']), ('manifest', at + 'manifest/'), ('all', at + 'objects/?match[version]=all'), \
            ('typed', at + 'objects/?match[type]=indicator'), ('object', at + f'objects/{one["id"]}/'), ('versions', at + f'objects/{one["id"]}/versions/'):
        status, headers, body = client.ask(path)
        check('an answer', status in (200, 404), (path, status, body))
        if status == 200 and (one['id'] in json.dumps(body) or (way == 'versions' and body.get('versions'))):
            found.add(way)
    return found


ALL = {'objects', 'filtered', 'manifest', 'all', 'typed', 'object', 'versions'}


def every():
    for (origin, what), one in things.items():
        tlp = MARKINGS[what][1]
        for party in 'own', 'bland', 'cland':
            got, want = seen(clients[party], boxes[origin], one), ALL if goes(tlp, party, origin) else set()
            check(f'{what} of {origin or "us"} to {party}', got == want, (got, want))
            if party == 'own':
                continue
            code = 0 if want else 1
            p = scene.subprocess.run([scene.detente, '--dir', 'aland', 'exchange', 'explain', one['id'], '--to', party, '-o', 'json'], cwd=top, capture_output=True, text=True, timeout=60)
            rows = json.loads(p.stdout)
            check(f'{what} of {origin or "us"} to {party}, explained', p.returncode == code and [r['goes'] for r in rows] == [bool(want)] and rows[0]['reason'], (p.returncode, rows, p.stderr))
    p = cli('aland', 'exchange', 'explain', things['', 'red']['id'], '--to', 'bland', good=1)
    check('nobody who may read it', clients['nobody'].ask(ROOT + 'collections/')[2] == {})
    check('no such object', 'no collection' in cli('aland', 'exchange', 'explain', 'indicator--' + str(uuid.uuid4()), '--to', 'bland', good=1))
    box = boxes['']
    check('a partner does not write', clients['bland'].ask(ROOT + f'collections/{box}/objects/', {'objects': [indicator()]})[0] == 403)
    check('nor delete', clients['bland'].ask(ROOT + f'collections/{box}/objects/{things["", "clear"]["id"]}/', method='DELETE')[0] == 403)


def by_certificate():
    """The counterpart itself, at the listener for counterparts, by the key that its annex pins."""
    c = ssl.create_default_context()
    c.check_hostname, c.verify_mode = False, ssl.CERT_NONE
    c.load_cert_chain(top + '/bland/keys/tls.pem')
    to = http.client.HTTPSConnection('127.0.0.1', ports['aland'], context=c, timeout=30)

    def ask(path):
        to.request('GET', path, headers={'Accept': MEDIA})
        r = to.getresponse()
        return r.status, json.loads(r.read())
    scene.wait(20, 'its annex is known', lambda: ask('/taxii2/')[0] == 200)
    status, body = ask(ROOT + 'collections/')
    check('the collections of the pact', status == 200 and {x['id'] for x in body['collections']} == set(boxes.values()) and
          all(x['can_read'] and not x['can_write'] for x in body['collections']), body)
    for origin, box in boxes.items():
        got = {o['id'] for o in ask(ROOT + f'collections/{box}/objects/')[1].get('objects', [])} - {d['id'] for d in DEFINITIONS}
        want = {o['id'] for (x, what), o in things.items() if x == origin and goes(MARKINGS[what][1], 'bland', origin)}
        check(f'by its certificate, of {origin or "us"}', got == want, (got, want))


def by_file():
    """The bundle for a party; without one it is a copy of one's own."""
    for origin, box in boxes.items():
        for party in 'bland', 'cland', None:
            got = json.loads(cli('aland', 'exchange', 'export', box, *(['--to', party] if party else [])))
            ids = {o['id'] for o in got.get('objects', [])} - {d['id'] for d in DEFINITIONS}
            want = {o['id'] for (x, what), o in things.items() if x == origin and (not party or goes(MARKINGS[what][1], party, origin))}
            check(f'as a file to {party or "us"}, of {origin or "us"}', ids == want, (ids, want))
    rows = [json.loads(x) for x in cli('aland', 'log', '--limit', '0', '-o', 'jsonl').splitlines()]
    check('each in the log', sum(r['type'] == 'export' for r in rows) >= 3, [r['type'] for r in rows])
    check('not to whom it is not written', 'party' in cli('aland', 'exchange', 'export', boxes[''], '--to', 'No Body', good=2))


def by_bundle():
    """The signed bundle, whose members anybody can unpack: our own collections alone, and of them what goes."""
    cli('aland', 'bundle', 'create', 'bland', '-o', 'usb')
    tar = scene.subprocess.run(['zstd', '-dcq', top + '/usb'], check=True, capture_output=True).stdout
    ids = set()
    with tarfile.open(fileobj=io.BytesIO(tar)) as f:
        for m in f:
            if '/collection/' in m.name:
                check('only our own', f'/{boxes[""]}/' in m.name, m.name)
                ids |= {o['id'] for o in json.loads(f.extractfile(m).read()).get('objects', [])} if not m.name.endswith('/about') else set()
    for (origin, what), one in things.items():
        want = not origin and goes(MARKINGS[what][1], 'bland', origin)
        check(f'{what} of {origin or "us"} in a bundle to bland', (one['id'] in ids) == want and (want or one['id'].encode() not in tar))
    check('nothing else', ids - {d['id'] for d in DEFINITIONS} <= {o['id'] for o in things.values()})


def consent():
    """dland lets its amber indicator go to bland, and takes that back."""
    box, one, red = boxes['dland'], things['dland', 'amber'], things['dland', 'red']
    n = uuid.uuid4()

    def says(modified, **more):
        status, _, got = clients['own'].ask(ROOT + f'collections/{box}/objects/', {'objects': [{
            'type': 'x-detente-consent', 'spec_version': '2.1', 'id': f'x-detente-consent--{n}', 'created': '2026-01-01T00:00:00.000Z', 'modified': modified,
            'object_refs': [one['id'], red['id']], 'to_parties': ['bland'], **more}]})
        check('said', status == 202 and got['success_count'] == 1, got)
    says('2026-01-02T00:00:00.000Z', to_parties=['cland'])
    check('to somebody else', seen(clients['bland'], box, one) == set())
    root = cli('aland', 'exchange', 'root', box)
    _, headers, body = clients['own'].ask(ROOT + f'collections/{box}/manifest/?match[version]=all')
    last, there = headers['X-TAXII-Date-Added-Last'], {(o['id'], o['version']) for o in body['objects']}
    news = lambda who: [o['id'] for o in clients[who].ask(ROOT + f'collections/{box}/objects/?added_after={last}')[2].get('objects', [])]
    check('bland has all of it', news('bland') == [])
    says('2026-01-03T00:00:00.000Z')
    check('it goes', seen(clients['bland'], box, one) == ALL)
    check('also to who asks for what is new', news('bland') == [one['id']] and news('own') == [f'x-detente-consent--{n}', one['id'], red['id']], (news('bland'), news('own')))
    _, _, body = clients['own'].ask(ROOT + f'collections/{box}/manifest/?match[version]=all')
    check('nothing else moved', {(o['id'], o['version']) for o in body['objects']} - there == {(f'x-detente-consent--{n}', '2026-01-03T00:00:00.000Z')} and len(body['objects']) == len(there) + 1)
    _, headers, body = clients['own'].ask(ROOT + f'collections/{box}/manifest/?match[version]=all')
    last = headers['X-TAXII-Date-Added-Last']
    check('by hand', cli('aland', 'exchange', 'offer', box, things['dland', 'clear']['id']) == '' and news('bland') == [things['dland', 'clear']['id']])
    goers = {o['id'] for (x, what), o in things.items() if x == 'dland' and goes(MARKINGS[what][1], 'bland', 'dland')} | {one['id']}
    said = cli('aland', 'exchange', 'offer', box, '--to', 'bland')
    got = news('bland')
    check('all that may go', {x for x in got if x.startswith('indicator')} == goers and len(got) == len(set(got)), (said, got, goers))
    check('none that may not', 'may not go to bland' in cli('aland', 'exchange', 'offer', box, red['id'], '--to', 'bland', good=1))
    check('no such object', '0 versions' in cli('aland', 'exchange', 'offer', box, 'indicator--' + str(uuid.uuid4()), good=1))
    check('nothing is named', 'exchange offer takes' in cli('aland', 'exchange', 'offer', box, good=2))
    status, _, _ = clients['own'].ask(ROOT + f'collections/{box}/objects/x-detente-consent--{n}/?match[version]=2026-01-03T00:00:00.000Z', method='DELETE')
    check('the same root', status == 200 and cli('aland', 'exchange', 'root', box) == root)
    says('2026-01-03T00:00:00.000Z')
    check('RED never', seen(clients['bland'], box, red) == set())
    says('2026-01-04T00:00:00.000Z', valid_until='2026-02-01T00:00:00Z')
    check('it is over', seen(clients['bland'], box, one) == set())
    says('2026-01-05T00:00:00.000Z')
    says('2026-01-06T00:00:00.000Z', revoked=True)
    check('it is taken back', seen(clients['bland'], box, one) == set())


def logged():
    """What went stands in the log, opened by the node's own store."""
    def leaves():
        rows = [json.loads(x) for x in cli('aland', 'log', '--limit', '0', '-o', 'jsonl').splitlines()]
        return [r for r in rows if r['type'] == 'export']
    scene.wait(20, 'in the log', lambda: leaves())
    check('it ends', a.stop() == 0)
    cli('aland', 'log', 'fsck')


if __name__ == '__main__':
    setup()
    every()
    by_certificate()
    by_file()
    by_bundle()
    consent()
    logged()
    scene.end()
