#!/usr/bin/env python3
"""Collections of a pact in bundles: by_bundle.py DETENTE.

What one node reads online by a pull another reads from a bundle, to equal roots: what may not go stays, what is taken back goes.
Pulls and bundles go on from each other.  Whatever is damaged, cut, out of order or for somebody else is refused, and nothing of
it taken.  Then twenty thousand objects at once."""
import hashlib, io, json, os, re, shutil, subprocess, sys, tarfile, time, uuid

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '../script'))
import pair, scene
from pair import Party, adopt, begin
from scene import check, detente, top
from conversation_parts import cli
from leak import DEFINITIONS, MARK, MARKINGS, RANK
from server import ROOT, Client, indicator

GREEN = {'object_marking_refs': [MARK + 'bab4a63c-aed9-4cf5-a766-dfca5abac2bb']}
CEILING = 'AMBER'
EMPTY = hashlib.sha256().hexdigest()


def root(who, box):
    return cli(who, 'exchange', 'root', box).strip()


def pack(name, *more, who='aland', to='bland'):
    cli(who, 'bundle', 'create', to, '-o', name, *more)
    return name


def take(who, name, good=0):
    p = subprocess.run([detente, '--dir', who, 'bundle', 'import', name], cwd=top, capture_output=True, text=True, timeout=120)
    check(f'{who} imports {name}: {good}', p.returncode == good, (p.returncode, p.stdout, p.stderr))
    return p.stdout + p.stderr


def counts(text):
    """Of each collection: new, the same, refused."""
    return {n: tuple(map(int, x)) for n, *x in re.findall(r'into (\S+): (\d+) new, (\d+) the same, (\d+) refused', text)}


def pull(who):
    got = json.loads(cli(who, 'exchange', 'pull', 'a', '-o', 'json'))[0]
    check('no fault', got['fault'] == '', got)
    return tuple(int(got[k]) for k in ('new', 'same', 'refused', 'requests'))


def objects(who, box):
    return {(o['id'], o.get('modified')): o for o in json.loads(cli(who, 'exchange', 'export', box, '--all')).get('objects', [])}


def add(things):
    with open(top + '/some.json', 'w') as f:
        json.dump(things, f)
    cli('aland', 'exchange', 'import', 'some.json', '--into', 'ours')


def boxes(who):
    return {r['alias']: r for r in json.loads(cli(who, 'exchange', 'collection', 'list', '-o', 'json'))}


def copy(name):
    shutil.copytree(top + '/bland', f'{top}/{name}', symlinks=True, ignore=lambda d, names: [n for n in names if n == 'control'])


def setup():
    """aland publishes; bland has a source there.  `off` is bland as it was, `bare` bland without that source."""
    global a, url
    begin()
    adopt('aland', 'bland')
    a, b = Party('aland', 'bland'), Party('bland', 'aland')
    scene.wait(30, 'both know each other', lambda: pair.agree(a, b))
    check('it ends', b.stop() == 0)
    open(top + '/password', 'w').write('a long password\n')
    cli('aland', 'exchange', 'user', 'add', 'own', '--password-file', 'password')
    cli('aland', 'exchange', 'user', 'add', 'bland', '--password-file', 'password', '--party', 'bland')
    global ours
    ours = cli('aland', 'exchange', 'collection', 'add', '--title', 'Ours, of \u00e4ll', '--alias', 'ours', '--pact', 'aland-bland', '--reader', 'own', '--writer', 'own',
               '--reader', 'bland').strip()
    cli('aland', 'exchange', 'collection', 'add', '--title', 'Of no pact', '--alias', 'private', '--reader', 'own', '--writer', 'own')
    cli('aland', 'exchange', 'collection', 'add', '--title', 'From elsewhere', '--alias', 'elsewhere', '--pact', 'aland-bland', '--from', 'cland', '--writer', 'own')
    pack('before')
    copy('bare')
    cli('bland', 'exchange', 'collection', 'add', '--title', 'Theirs', '--alias', 'theirs', '--from', 'aland')
    url = a.url.rstrip('/') + '/taxii2/'
    source('bland', 'theirs')
    copy('off')


def source(who, into, good=0):
    return cli(who, 'exchange', 'source', 'add', 'a', '--url', url, '--collection', ours, '--into', into, '--user', 'bland', '--password-file', 'password', good=good)


def markings():
    """Every marking, two versions of some."""
    global things
    things = {what: indicator(name=what, **more) for what, (more, _) in MARKINGS.items()}
    again = [{**o, 'modified': '2026-01-02T00:00:00.000Z', 'name': o['name'] + ' once more'} for o in list(things.values())[::2]]
    add(DEFINITIONS + list(things.values()) + again)
    may = {o['id'] for w, o in things.items() if MARKINGS[w][1] in RANK[:RANK.index(CEILING) + 1]}
    private = indicator(name='private', **GREEN)
    with open(top + '/other.json', 'w') as f:
        json.dump([private], f)
    cli('aland', 'exchange', 'import', 'other.json', '--into', 'private')
    leaves = len(exports())
    pack('one')
    check('a leaf of what went', len(exports()) == leaves + 1, exports())
    leaf = cli('aland', 'log', 'show', str(max(exports())))
    check('as it went', '"exit":"bundle"' in leaf and '"to":"bland"' in leaf and '"tlp":"TLP:AMBER"' in leaf, leaf)
    n = pull('bland')
    check('online', n[0] > len(may) and n[2] == 0, n)
    said = cli('off', 'bundle', 'verify', 'one')
    check('verified', f'({ours}): {n[0]} objects, root {root("bland", "theirs")}\n' in said, said)
    check('only what is one\'s own and of the pact', said.count('collection ') == 1, said)
    check('nothing yet', root('off', 'theirs') == EMPTY)
    check('offline', counts(take('off', 'one')) == {'theirs': (n[0], 0, 0)})
    check('equal roots', root('off', 'theirs') == root('bland', 'theirs'))
    check('byte by byte', objects('off', 'theirs') == objects('bland', 'theirs'))
    got = {o for o, _ in objects('off', 'theirs')} - {d['id'] for d in DEFINITIONS}
    check('what may go', got == may, got ^ may)
    check('no more in the file', private['id'] not in (text := unpacked('one')) and things['red']['id'] not in text and things['strict']['id'] not in text)
    check('once', take('off', 'one') == 'nothing new\n')
    check('a pull asks for what is newer', pull('off') == (0, 0, 0, 1))
    check('a bundle behind a pull', counts(take('bland', 'one')) == {} and root('bland', 'theirs') == root('off', 'theirs'))
    got = counts(take('bare', 'one'))
    check('where nothing was made for it', got == {'aland-ours': (n[0], 0, 0)}, got)
    row = boxes('bare')['aland-ours']
    check('it is theirs', row['title'] == 'Ours, of \u00e4ll' and row['from'] == 'aland' and not row['pact'], row)
    check('the same root', root('bare', 'aland-ours') == root('bland', 'theirs'))
    check('once there too', take('bare', 'one') == 'nothing new\n')


def kept():
    """A node that comes back from its backup knows how far bundles brought it."""
    cli('bare', 'backup', 'bare.backup')
    os.mkdir(f'{top}/again', 0o700)
    shutil.copy(f'{top}/bare/mark', f'{top}/again/mark')
    cli('again', 'restore', 'bare.backup')
    places = [{n: open(f'{top}/{who}/exchange/carried/{n}').read() for n in os.listdir(f'{top}/{who}/exchange/carried')} for who in ('bare', 'again')]
    check('places', places[0] and places[0] == places[1], places)
    check('nobody else\'s', os.stat(f'{top}/again/exchange/carried').st_mode & 0o777 == 0o700)


def exports():
    return [int(r['index']) for r in (json.loads(x) for x in cli('aland', 'log', '--limit', '0', '-o', 'jsonl').splitlines()) if r['type'] == 'export']


def in_turn():
    """Bundle, pull, bundle: each goes on behind the other."""
    add([indicator(name='second', **GREEN)])
    pack('two')
    add([indicator(name='third', **GREEN)])
    check('online', pull('bland')[0] == 2)
    check('behind the first', counts(take('off', 'two')) == {'theirs': (1, 0, 0)})
    check('the pull has the third', pull('off') == (1, 0, 0, 1))
    check('an older one changes nothing', take('off', 'one') == 'nothing new\n' and root('off', 'theirs') == root('bland', 'theirs'))
    pack('three')
    check('all of it at once', counts(take('bare', 'three')) == {'aland-ours': (2, 0, 0)} and root('bare', 'aland-ours') == root('bland', 'theirs'))
    source('bare', 'aland-ours')
    check('a source that comes later goes on', pull('bare') == (0, 0, 0, 1))
    time.sleep(0.01)
    moment = time.time()
    add([indicator(name='fourth', **GREEN)])
    pack('four')
    check('and its bundles go there', counts(take('bare', 'four')) == {'aland-ours': (1, 0, 0)} and pull('bare') == (0, 0, 0, 1))
    # one that begins behind what is here: nothing is passed over
    copy('gap')
    cli('gap', 'exchange', 'source', 'remove', 'a')
    pack('late', '--after', time.strftime('%Y-%m-%dT%H:%M:%S', time.gmtime(moment)) + f'{moment % 1:.6f}'[1:] + 'Z')
    check('one where nothing is missing', counts(take('off', 'late')) == {'theirs': (1, 0, 0)} and pull('off') == (0, 0, 0, 1))
    got = subprocess.run([detente, '--dir', 'gap', 'bundle', 'import', 'late'], cwd=top, capture_output=True, text=True)
    check('what lies before is missing', got.returncode == 0 and 'without --after' in got.stderr and counts(got.stdout) == {'aland-ours': (1, 0, 0)}, got)
    got = counts(take('gap', 'four'))
    check('and is taken later', got['aland-ours'][1:] == (1, 0) and root('gap', 'aland-ours') == root('bare', 'aland-ours'), got)
    pull('bland')


def taken_back():
    """aland deletes one; bland hears of it offline, and its receipt goes back in a bundle."""
    one = things['green']
    status, _, _ = Client(a, 'own').ask(ROOT + f'collections/{ours}/objects/{one["id"]}/', method='DELETE')
    check('deleted', status == 200)
    pack('five')
    check('online', pull('bland')[0] == 1)
    said = take('off', 'five')
    check('removed', re.search(r'[12] objects were removed', said), said)
    check('gone', not any(i == one['id'] for i, _ in objects('off', 'theirs')))
    check('equal roots', root('off', 'theirs') == root('bland', 'theirs'))
    before = root('off', 'theirs')
    take('off', 'one')
    check('an old bundle does not bring it back', root('off', 'theirs') == before)
    said = take('bare', 'five')
    check('everywhere', root('bare', 'aland-ours') == before, said)
    rows = json.loads(cli('aland', 'exchange', 'retractions', '-o', 'json'))
    check('it waits', [r['state'] for r in rows] == ['waiting'], rows)
    pack('back', who='off', to='aland')
    check('the receipt', list(counts(take('aland', 'back'))) == ['bland-aland-bland-removals'])
    rows = json.loads(cli('aland', 'exchange', 'retractions', '-o', 'json'))
    check('it is done', [r['state'] for r in rows] == ['removed'], rows)


def put_again():
    """One version that goes takes no other with it; what is put there anew is not meant by what was taken back before."""
    at = [f'2026-0{n}-01T00:00:00.000Z' for n in range(1, 5)]
    n, of = uuid.uuid4(), {'created_by_ref': 'identity--' + str(uuid.uuid4()), **GREEN}
    many = [indicator(n, modified=t, name=t, **of) for t in at]
    many.append({k: v for k, v in {**many[0], 'modified': '2026-05-01T00:00:00.000Z'}.items() if k != 'spec_version'})  # of STIX 2.0
    same, newer, gone = (indicator(name=x, **of) for x in ('same', 'newer', 'gone'))
    ids = {many[0]['id'], same['id'], newer['id'], gone['id']}

    def held(who, box):
        return {k: o for k, o in objects(who, box).items() if k[0] in ids}

    def drop(one, version=''):
        status, _, _ = Client(a, 'own').ask(ROOT + f'collections/{ours}/objects/{one["id"]}/{version}', method='DELETE')
        check('deleted', status == 200)
    add(many + [same, newer, gone])
    pack('seven')
    check('there', pull('bland')[0] == 7 and counts(take('off', 'seven')) == {'theirs': (8, 0, 0)})
    drop(many[0], '?match[version]=' + at[2])
    said = json.loads(cli('aland', 'exchange', 'export', 'ours', '--all'))['objects'][-1]
    text = [hashlib.sha256(x).hexdigest() for x in said['version_hashes'] and [json.dumps(many[2], separators=(',', ':')).encode(), json.dumps(many[2]).encode()]]
    check('which is said', said['object_refs'] == [many[0]['id']] and len(said['version_hashes']) == 1 and said['version_hashes'][0] in text, (said, text))
    drop(many[0], '?match[spec_version]=2.0')
    said = json.loads(cli('aland', 'exchange', 'export', 'ours', '--all'))['objects'][-1]
    check('by its specification too', len(said['version_hashes']) == 1, said)
    for one in same, newer, gone:
        drop(one)
    later = {**newer, 'modified': '2026-06-01T00:00:00.000Z'}
    add([same, later])
    want = held('aland', 'ours')
    check('at its maker', sorted(k[1] for k in want if k[0] == many[0]['id']) == at[:2] + at[3:] and len(want) == 5, want.keys())
    check('in one pull', pull('bland')[2] == 0 and held('bland', 'theirs') == want, held('bland', 'theirs').keys())
    pack('eight')
    said = take('off', 'eight')
    check('in a bundle', held('off', 'theirs') == want and '5 objects were removed' in said, (held('off', 'theirs').keys(), said))
    check('equal roots', root('off', 'theirs') == root('bland', 'theirs'))
    cli('bland', 'exchange', 'removals')
    check('and it stays', held('bland', 'theirs') == want)
    drop(same)
    check('again', pull('bland')[0] == 1 and not any(k[0] == same['id'] for k in held('bland', 'theirs')))
    take('off', pack('nine'))
    check('equal roots again', root('off', 'theirs') == root('bland', 'theirs'))


# ---- what is wrong ----

def raw(name):
    return subprocess.run(['zstd', '-dcq', f'{top}/{name}'], check=True, capture_output=True).stdout


def unpacked(name):
    return raw(name).decode('latin-1')


def squeeze(name, tar):
    subprocess.run(['zstd', '-qf', '-o', f'{top}/{name}'], input=tar, check=True)


def members(name):
    return [(m.name, f.extractfile(m).read()) for f in [tarfile.open(fileobj=io.BytesIO(raw(name)))] for m in f]


def sign(manifest):
    """The note of these members, by aland's message key, with openssl."""
    import base64
    text = open(f'{top}/aland/keys/message.key').read().strip().removeprefix('PRIVATE+KEY+')
    who, kid, rest = text.split('+', 2)
    with open(f'{top}/seed.der', 'wb') as f:
        f.write(bytes.fromhex('302e020100300506032b657004220420') + base64.b64decode(rest)[1:])
    with open(f'{top}/text', 'wb') as f:
        f.write(manifest)
    sig = pair.sh('openssl', 'pkeyutl', '-sign', '-rawin', '-inkey', 'seed.der', '-keyform', 'DER', '-in', 'text')
    return manifest + b'\n' + f'\u2014 {who} '.encode() + base64.b64encode(bytes.fromhex(kid) + sig) + b'\n'


def forge(name, change, whom='one'):
    """A bundle that aland signed in all its parts, but which is not what its collections say."""
    all = members(whom)
    head, (line, body) = all[0][1], all[0][1].decode().split('\n')[:2]
    body = json.loads(body)
    rest = sorted(change(all[1:]))
    body['files'] = [[p, len(b), hashlib.sha256(b).hexdigest()] for p, b in rest]
    note = sign((line + '\n' + json.dumps(body, separators=(',', ':'), sort_keys=True, ensure_ascii=False) + '\n').encode())
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode='w', format=tarfile.USTAR_FORMAT) as f:
        for p, b in [('manifest', note)] + rest:
            i = tarfile.TarInfo(p)
            i.size = len(b)
            f.addfile(i, io.BytesIO(b))
    text = bytearray(out.getvalue())
    at = 0
    while any(text[at:at + 512]):  # as our archives have it: no device numbers, digits of its own
        size = int(text[at + 124:at + 135], 8)
        text[at + 329:at + 345] = bytes(16)
        text[at + 148:at + 156] = b' ' * 8
        text[at + 148:at + 156] = b'%06o\0 ' % sum(text[at:at + 512])
        at += 512 + (size + 511) // 512 * 512
    squeeze(name, bytes(text))
    return name


def part_of(change):
    """Change the first part of the collection, as JSON."""
    def do(all):
        return [(p, json.dumps(change(json.loads(b)), separators=(',', ':')).encode() if p.endswith('/00001') else b) for p, b in all]
    return do


def about_of(**more):
    def do(all):
        return [(p, json.dumps({**json.loads(b), **more}, separators=(',', ':'), sort_keys=True).encode() if p.endswith('/about') else b) for p, b in all]
    return do


def without(end):
    return lambda all: [(p, b) for p, b in all if not p.endswith(end)]


def renamed(was, now):
    return lambda all: [(p.replace(was, now), b) for p, b in all]


def refused():
    """Nothing is taken of these, and it is said why."""
    copy_of = boxes('fresh')
    logs = cli('fresh', 'exchange', 'status', '-o', 'json')

    def same(what, name, good=3, why='', who='fresh'):
        said = take(who, name, good)
        check(f'{what}: a reason', why in said, said)
        cli(who, 'bundle', 'verify', name, good=good)
        check(f'{what}: nothing was taken', boxes('fresh') == copy_of and cli('fresh', 'exchange', 'status', '-o', 'json') == logs and root('fresh', 'theirs') == EMPTY)
    whole = raw('one')
    at = whole.index(b'"objects":[')
    squeeze('bent', whole[:at + 400] + bytes([whole[at + 400] ^ 1]) + whole[at + 401:])
    same('damaged', 'bent', why='another than the manifest says')
    squeeze('cut', whole[:at + 1000])
    same('cut', 'cut', why='cut')
    with open(f'{top}/short', 'wb') as f:
        f.write(open(f'{top}/one', 'rb').read()[:-40])
    same('cut as it is compressed', 'short', why='cut')
    swapped = [m for m in tarfile.open(fileobj=io.BytesIO(whole)) if '/collection/' in m.name]
    ends = [(m.offset, m.offset_data + (m.size + 511) // 512 * 512) for m in swapped]
    (x, y), (y2, z) = ends
    squeeze('swapped', whole[:x] + whole[y2:z] + whole[x:y] + whole[z:])
    same('its files in another order', 'swapped', why='not the next')
    same('to somebody else', 'one', good=5, why='another party', who='aland')
    check('that can be forged at all', counts(take('trial', forge('f0', lambda all: all))) != {})
    same('its list in another order', forge('f1', part_of(lambda d: {**d, 'objects': d['objects'][::-1], 'added': d['added'][::-1]})), why='order')
    same('objects in another order', forge('f2', part_of(lambda d: {**d, 'objects': [{**d['objects'][0], 'x_more': 1}] + d['objects'][1:]})), why='root')
    same('fewer objects', forge('f3', part_of(lambda d: {'objects': d['objects'][:-1], 'added': d['added'][:-1]})), why='missing')
    same('fewer dates', forge('f4', part_of(lambda d: {**d, 'added': d['added'][:-1]})), why='a time for each')
    same('a date that is none', forge('f5', part_of(lambda d: {**d, 'added': ['x'] + d['added'][1:]})), why='no time')
    same('no objects', forge('f6', part_of(lambda d: {'added': [], 'objects': []})), why='no objects')
    same('something else in it', forge('f7', part_of(lambda d: {**d, 'more': True})), why='`added` and `objects`')
    same('no part', forge('f8', without('/00001')), why='missing')
    same('a later part', forge('f9', renamed('/00001', '/00002')), why='missing')
    same('nothing is said', forge('f10', without('/about')), why='nothing is said')
    same('no name', forge('f11', about_of(title='')), why='malformed')
    same('a bad alias', forge('f12', about_of(alias='../x')), why='malformed')
    same('another end', forge('f13', about_of(last='2027-01-01T00:00:00.000000Z')), why='last object')
    same('a root of another', forge('f14', about_of(root=EMPTY)), why='root')
    same('of another pact', forge('f15', renamed('pact/aland-bland/collection', 'pact/other/collection')), why='another pact')
    for n, bad in enumerate(('/0001', '/1', '/00000', '/000001', '/x', '/about/x', '/')):
        same(f'a path {bad}', forge(f'p{n}', renamed('/00001', bad)), why='no bundle has')
    same('no UUID', forge('p9', renamed(ours, 'ours')), why='no bundle has')
    same('ever new ones', forge('f17', lambda all: without(f'{ours}/00001')(without(f'{ours}/about')(all)) + [
        (f'pact/aland-bland/collection/{uuid.UUID(int=n, version=4)}/about', nothing_in(all)) for n in range(257)]), good=3, why='more than 256')
    same('a large word', forge('f16', about_of(description='x' * 20000)), why='too large')
    # what is bad in one object costs only itself, as in a pull
    good = json.loads(dict(members('one'))[f'pact/aland-bland/collection/{ours}/00001'])
    stranger = {**good['objects'][-1], 'created_by_ref': 'identity--' + str(uuid.uuid4()), 'modified': '2026-05-01T00:00:00.000Z'}
    late = '2027-01-01T00:00:00.000000Z'
    name = forge('stranger', lambda all: about_of(objects=len(good['objects']) + 1, last=late, root=root_of(good['objects'] + [stranger]))(
        part_of(lambda d: {'added': d['added'] + [late], 'objects': d['objects'] + [stranger]})(all)))
    got = counts(take('fresh', name))
    check('a version by another creator', got == {'theirs': (len(good['objects']), 0, 1)}, got)


def nothing_in(all):
    return dict(about_of(after='', last='', objects=0, parts=0, root=EMPTY)(all))[f'pact/aland-bland/collection/{ours}/about']


def root_of(all):
    """Of objects as json.dumps() writes them."""
    lines = sorted((o['id'], o.get('modified', o.get('created', '')), hashlib.sha256(json.dumps(o, separators=(',', ':')).encode()).hexdigest()) for o in all)
    return hashlib.sha256(''.join(f'{i} {v} {h}\n' for i, v, h in lines).encode()).hexdigest()


def others():
    """Ids of collections are no way into what is another's."""
    mine = cli('guard', 'exchange', 'collection', 'add', '--title', 'My own', '--alias', 'mine').strip()
    third = cli('guard', 'exchange', 'collection', 'add', '--title', 'Of a third', '--alias', 'third', '--from', 'cland').strip()
    for box in mine, third:
        got = counts(take('guard', forge('g' + box, renamed(ours, box))))
        check('into one that is made for it', len(got) == 1 and not {'mine', 'third'} & set(got), got)
    check('nothing in there', root('guard', 'mine') == root('guard', 'third') == EMPTY)
    # a source whose collection is a third's
    cli('guard', 'exchange', 'source', 'remove', 'a')
    source('guard', 'third')
    got = counts(take('guard', 'one'))
    check('nor by a source', root('guard', 'third') == EMPTY and len(got) == 1, got)


def many():
    """Twenty thousand, more than one part and more than one page."""
    add([{'type': 'identity', 'spec_version': '2.1', 'id': f'identity--{uuid.UUID(int=n, version=4)}', 'created': '2026-01-01T00:00:00.000Z',
          'modified': '2026-01-01T00:00:00.000Z', 'name': f'Nr. {n}', 'description': 'x' * 300, **GREEN} for n in range(20000)])
    clock = [time.time()]

    def lap():
        clock.append(time.time())
        return clock[-1] - clock[-2]
    lap()
    pack('large')
    made = lap()
    said = cli('off', 'bundle', 'verify', 'large')
    checked = lap()
    got = counts(take('off', 'large'))
    took = lap()
    check('all', got['theirs'][0] >= 20000 and got['theirs'][2] == 0, (got, said))
    pull('bland')
    pulled = lap()
    check('equal roots', root('off', 'theirs') == root('bland', 'theirs'))
    check('in parts', len([p for p, _ in members('large') if '/collection/' in p]) == 4, [p for p, _ in members('large')])
    again = time.time()
    check('once', take('off', 'large') == 'nothing new\n')
    again = time.time() - again
    return f'20,000 objects: made in {made:.1f} s, {os.path.getsize(top + "/large"):,} bytes, verified in {checked:.1f} s, imported in {took:.1f} s, again in {again:.1f} s; pulled in {pulled:.1f} s'


def running():
    """By a node that runs."""
    b = Party('off', 'aland')
    add([indicator(name='fifth', **GREEN)])
    pack('six')
    check('it takes them', counts(take('off', 'six')) == {'theirs': (1, 0, 0)})
    check('online', pull('bland')[0] == 1 and root('off', 'theirs') == root('bland', 'theirs'))
    check('it ends', b.stop() == 0)


if __name__ == '__main__':
    setup()
    copy('fresh')
    copy('trial')
    copy('guard')
    markings()
    kept()
    in_turn()
    taken_back()
    put_again()
    check('one without collections', 'into' not in take('trial', 'before'))
    refused()
    others()
    running()
    figures = many()
    check('it ends', a.stop() == 0)
    for who in 'aland', 'bland', 'off', 'bare':
        cli(who, 'log', 'fsck')
    scene.end(figures)
