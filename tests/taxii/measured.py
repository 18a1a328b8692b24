#!/usr/bin/env python3
"""Taking back, measured: whoever may have had any version hears of it, who could not have is not waited for, and what is
revoked is answered too.  measured.py DETENTE"""
import json, os, sys, uuid

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '../script'))
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import pair, scene
from pair import Party, adopt, begin
from scene import check, top, wait
from client import cli, pull, rows
from server import ROOT, Client, indicator

MARK = {k: {'object_marking_refs': ['marking-definition--' + v]} for k, v in (('green', 'bab4a63c-aed9-4cf5-a766-dfca5abac2bb'), ('red', 'e828b379-4e03-4974-9ac4-e53a884c97c1'))}


def give(*objects):
    status, _, got = own.ask(ROOT + f'collections/{box}/objects/', {'objects': objects})
    check('taken', status == 202 and got['failure_count'] == 0 and got['total_count'] == got['success_count'] == len(objects), got)


def drop(one, query=''):
    check('deleted', own.ask(ROOT + f'collections/{box}/objects/{one["id"]}/{query}', method='DELETE')[0] == 200)


def held():
    """Names at bland, of the newest versions."""
    return sorted(o['name'] for o in json.loads(cli('bland', 'exchange', 'export', 'theirs')[0])['objects'] if o['type'] == 'indicator')


def states(code=0):
    return [r['state'] for r in rows('aland', 'exchange', 'retractions', code=code)[0]]


begin()
adopt('aland', 'bland')
a, b = Party('aland', 'bland'), Party('bland', 'aland')
wait(30, 'both know each other', lambda: pair.agree(a, b))
open(top + '/password', 'w').write('a long password\n')
cli('aland', 'exchange', 'user', 'add', 'own', '--password-file', 'password')
box = cli('aland', 'exchange', 'collection', 'add', '--title', 'For you', '--alias', 'given', '--pact', 'aland-bland', '--reader', 'own', '--writer', 'own')[0].strip()
cli('bland', 'exchange', 'collection', 'add', '--title', 'Theirs', '--alias', 'theirs', '--from', 'aland')
cli('bland', 'exchange', 'source', 'add', 'aland', '--counterpart', 'aland', '--into', 'theirs')
own = Client(a, 'own')
# one that became stricter, and one that was: bland has a version of each
one, two, red = (indicator(uuid.uuid4(), name=n) for n in ('one', 'two', 'red'))
give({**one, **MARK['green'], 'modified': '2026-02-01T00:00:00.000Z'}, {**one, **MARK['red'], 'modified': '2026-03-01T00:00:00.000Z'},
     {**two, **MARK['red'], 'modified': '2026-02-01T00:00:00.000Z'}, {**two, **MARK['green'], 'modified': '2026-03-01T00:00:00.000Z'}, {**red, **MARK['red'], 'modified': '2026-02-01T00:00:00.000Z'})
pull('bland', 'aland')
check('what may go', held() == ['one', 'two'], held())
# the red version of one alone, which bland never had
drop(one, '?match[version]=2026-03-01T00:00:00.000Z')
check('nobody could have it', states() == ['withheld'], states())
for x in one, two, red:
    drop(x)
check('who may have had it is asked', sorted(states()) == ['waiting', 'waiting', 'withheld', 'withheld'], states())
said = [o for o in json.loads(cli('aland', 'exchange', 'export', 'given')[0])['objects'] if o['type'] == 'x-detente-retraction']
check('no hash of what is stricter', all('version_hashes' not in o or o['object_marking_refs'] == MARK['red']['object_marking_refs'] for o in said), said)
_, told = pull('bland', 'aland')
check('it is gone', held() == [] and '2 objects were removed' in told, (held(), told))
# revoked: it stays, and is answered
three = indicator(uuid.uuid4(), name='three', **MARK['green'])
give({**three, 'modified': '2026-02-01T00:00:00.000Z'})
pull('bland', 'aland')
give({**three, 'modified': '2026-03-01T00:00:00.000Z', 'revoked': True})
check('it waits', states().count('waiting') == 3, states())
pull('bland', 'aland')
got = json.loads(cli('bland', 'exchange', 'export', 'theirs', '--all')[0])['objects']
check('they have both', [o.get('revoked', False) for o in got if o.get('name') == 'three'] == [False, True], got)
cli('aland', 'exchange', 'collection', 'add', '--title', 'Receipts', '--alias', 'receipts', '--from', 'bland')
cli('aland', 'exchange', 'source', 'add', 'bland', '--counterpart', 'bland', '--into', 'receipts')
pull('aland', 'bland')
check('they say so', sorted(states()) == ['removed'] * 3 + ['withheld'] * 2, states())
check('they end', a.stop() == 0 and b.stop() == 0)
# what one takes back keeps its place: what is there behind it is not meant
cli('aland', 'exchange', 'offer', 'given', said[0]['id'], code=1)
for who in 'aland', 'bland':
    cli(who, 'log', 'fsck')
scene.end()
