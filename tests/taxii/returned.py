#!/usr/bin/env python3
"""What was met of a counterpart's indicators goes back to it by itself: indicators are pulled and followed, records meet them,
sightings come into a collection of the pact, and the other side pulls these.  returned.py DETENTE"""
import datetime, json, os, sys, uuid

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '../script'))
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import pair, scene
from pair import Party, adopt, begin
from scene import check, top, wait
from client import cli, pull, rows

MARK = {'green': 'bab4a63c-aed9-4cf5-a766-dfca5abac2bb', 'amber': '55d920b0-5e8b-4f79-9ee9-91f868d9b421', 'red': 'e828b379-4e03-4974-9ac4-e53a884c97c1'}
NOW = datetime.datetime.now(datetime.timezone.utc)
sent = 0


def indicator(name, tlp):
    return {'type': 'indicator', 'spec_version': '2.1', 'id': f'indicator--{uuid.uuid4()}', 'created': '2026-01-01T00:00:00.000Z', 'modified': '2026-01-01T00:00:00.000Z', 'name': name,
            'pattern': f"[domain-name:value = '{name}']", 'pattern_type': 'stix', 'valid_from': '2026-01-01T00:00:00Z', 'object_marking_refs': ['marking-definition--' + MARK[tlp]]}


def give(who, box, *objects):
    with open(f'{top}/some.json', 'w') as f:
        json.dump({'type': 'bundle', 'id': f'bundle--{uuid.uuid4()}', 'objects': objects}, f)
    cli(who, 'exchange', 'import', 'some.json', '--into', box)


def see(*names):
    """Somebody at bland asks for names."""
    global sent
    with open(f'{top}/more.json', 'w') as f:
        for name in names:
            sent += 1
            at = (NOW + datetime.timedelta(milliseconds=sent)).strftime('%Y-%m-%dT%H:%M:%S.%f+0000')
            f.write(json.dumps({'timestamp': at, 'event_type': 'dns', 'src_ip': '192.0.2.1', 'dest_ip': '192.0.2.53', 'proto': 'UDP', 'dns': {'queries': [{'rrname': name}]}}) + '\n')
    cli('bland', 'ingest', 'more.json')


def sightings(who, box, party=None):
    text, _ = cli(who, 'exchange', 'export', box, *(['--to', party] if party else []))
    check('no address', '192.0.2.' not in text)
    found = [o for o in json.loads(text)['objects'] if o['type'] == 'sighting']
    return {o['sighting_of_ref']: o['count'] for o in found}


def main():
    begin()
    adopt('aland', 'bland')
    a, b = Party('aland', 'bland'), Party('bland', 'aland')
    wait(30, 'both know each other', lambda: pair.agree(a, b))
    cli('aland', 'exchange', 'collection', 'add', '--title', 'For you', '--alias', 'given', '--pact', 'aland-bland')
    cli('aland', 'exchange', 'collection', 'add', '--title', 'Back', '--alias', 'back', '--from', 'bland')
    cli('bland', 'exchange', 'collection', 'add', '--title', 'Theirs', '--alias', 'theirs', '--from', 'aland')
    cli('bland', 'exchange', 'collection', 'add', '--title', 'Seen', '--alias', 'seen', '--pact', 'aland-bland')
    green, amber, red, own = indicator('green.test', 'green'), indicator('amber.test', 'amber'), indicator('red.test', 'red'), indicator('own.test', 'green')
    give('aland', 'given', green, amber)
    add = ('exchange', 'source', 'add', 'aland', '--counterpart', 'aland', '--into', 'theirs', '--sightings')
    for box, code, why in ('theirs', 3, 'of this node\'s own'), ('nowhere', 1, 'no collection'):
        _, said = cli('bland', *add, box, code=code)
        check(f'not into {box}', why in said, said)
    cli('bland', *add, 'seen')
    check('listed', len(rows('bland', 'exchange', 'source', 'list')[0][0]['sightings']) == 36)
    pull('bland', 'aland')
    cli('bland', 'indicator', 'follow', 'theirs')
    give('bland', 'theirs', red)  # by another way: what is red came in confidence
    with open(f'{top}/list', 'w') as f:
        f.write('own.test\n')
    cli('bland', 'indicator', 'import', 'list', '--kind', 'domains', '--valid-from', '2026-01-01T00:00:00Z')
    wait(20, 'all are looked for', lambda: b.ask('/api/v1/exchange')[1]['hits']['looked_for'] == 4)
    see('green.test', 'green.test', 'amber.test', 'red.test', 'own.test', 'other.test')
    _, said = pull('bland', 'aland')
    check('by hand', '3 sightings are new' in said, said)
    check('of theirs alone', sightings('bland', 'seen') == {green['id']: 2, amber['id']: 1, red['id']: 1}, sightings('bland', 'seen'))
    _, said = pull('bland', 'aland')
    check('once', 'sightings' not in said, said)
    check('as strictly as they were', sightings('bland', 'seen', 'aland') == {green['id']: 2, amber['id']: 1}, sightings('bland', 'seen', 'aland'))
    cli('aland', 'exchange', 'source', 'add', 'bland', '--counterpart', 'bland', '--into', 'back')
    pull('aland', 'bland')
    check('and they know', sightings('aland', 'back') == {green['id']: 2, amber['id']: 1}, sightings('aland', 'back'))
    # nobody revokes what is another's: theirs has later versions of an indicator of bland's own, and another pattern of one
    mine = json.loads(cli('bland', 'indicator', 'list', '-o', 'json')[0])
    mine = next(r['id'] for r in mine if r['name'] == 'list')
    made = b.said.count('indicators are looked for')
    for n, more in enumerate(({'revoked': True}, {'pattern': "[domain-name:value = 'mine.test']"})):
        give('bland', 'theirs', {**own, 'id': mine, 'modified': f'2099-01-0{n + 1}T00:00:00.000Z', **more} if n == 0 else {**own, 'id': mine, 'modified': '2026-01-01T00:00:00.000Z', **more})
    wait(20, 'the list is made anew', lambda: b.said.count('indicators are looked for') > made)
    check('it is looked for', [r['state'] for r in rows('bland', 'indicator', 'list')[0] if r['id'] == mine] == ['in-force'], rows('bland', 'indicator', 'list')[0])
    see('own.test', 'mine.test')
    wait(20, 'and met', lambda: [r['count'] for r in rows('bland', 'indicator', 'hits')[0] if r['indicator'] == mine] == [2])
    pull('bland', 'aland')
    check('what is met of one\'s own goes to nobody', mine not in sightings('bland', 'seen'), sightings('bland', 'seen'))
    # by hand too, what was met of what may not go does not go
    cli('bland', 'exchange', 'collection', 'add', '--title', 'By hand', '--alias', 'hand', '--pact', 'aland-bland')
    _, said = cli('bland', 'indicator', 'sightings', '--into', 'hand', '--tlp', 'TLP:CLEAR')
    check('as their indicators are', '3 are marked more strictly than TLP:CLEAR' in said, said)
    check('not what is red', red['id'] in sightings('bland', 'hand') and red['id'] not in sightings('bland', 'hand', 'aland'), sightings('bland', 'hand', 'aland'))
    # by the running nodes alone
    cli('bland', 'exchange', 'source', 'set', 'aland', '--every', '1s')
    cli('aland', 'exchange', 'source', 'set', 'bland', '--every', '1s')
    see('green.test', 'amber.test', 'amber.test')
    wait(30, 'by themselves', lambda: sightings('aland', 'back') == {green['id']: 3, amber['id']: 3})
    check('in versions', b.said.count('sightings are new') >= 1, b.said)
    cli('bland', 'exchange', 'source', 'set', 'aland', '--sightings', '-')
    see('green.test')
    cli('bland', 'exchange', 'source', 'set', 'aland', '--every', '0')
    pull('bland', 'aland')
    check('no more', sightings('bland', 'seen')[green['id']] == 3)
    check('nothing was forbidden', 'puller died' not in a.said + b.said and 'lister died' not in b.said, b.said)
    check('they end', a.stop() == 0 and b.stop() == 0)
    for who in 'aland', 'bland':
        cli(who, 'log', 'fsck')
    scene.end()


main()
