#!/usr/bin/env python3
"""Taking back: retract.py DETENTE.

What one party deletes goes at the other, whose receipt comes back; who does not say so is overdue; nothing else goes."""
import json, os, sys, uuid

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '../script'))
import pair, scene
from pair import Party, adopt, begin
from scene import check, top
from conversation_parts import cli
from leak import MARK
from server import ROOT, Client, indicator

GREEN = {'object_marking_refs': [MARK + 'bab4a63c-aed9-4cf5-a766-dfca5abac2bb']}


def objects(client, box):
    return client.ask(ROOT + f'collections/{box}/objects/')[2].get('objects', [])


def give(client, box, what):
    status, _, got = client.ask(ROOT + f'collections/{box}/objects/', {'objects': what})
    check('taken', status == 202 and got['failure_count'] == 0, got)


begin()
for who in 'aland', 'bland':
    with open(f'{top}/{who}/detente.yaml', 'a') as f:
        f.write('egress: {removal: 1h}\n')
adopt('aland', 'bland')
node = {'aland': Party('aland', 'bland'), 'bland': Party('bland', 'aland')}
scene.wait(30, 'both know each other', lambda: pair.agree(node['aland'], node['bland']))
open(top + '/password', 'w').write('a long password\n')
client, own, mirror = {}, {}, {}
for who, other in ('aland', 'bland'), ('bland', 'aland'):
    cli(who, 'exchange', 'user', 'add', 'own', '--password-file', top + '/password')
    own[who] = cli(who, 'exchange', 'collection', 'add', '--title', 'Ours', '--pact', 'aland-bland', '--reader', 'own', '--writer', 'own').strip()
    mirror[who] = cli(who, 'exchange', 'collection', 'add', '--title', 'Theirs', '--from', other, '--reader', 'own', '--writer', 'own').strip()
    client[who] = Client(node[who], 'own')
things = [indicator(name=str(i), **GREEN) for i in range(4)]
give(client['aland'], own['aland'], things)
give(client['bland'], mirror['bland'], things)  # as a pull would bring them
give(client['bland'], own['bland'], [things[0]])  # … and one of bland's own that has the same id
check('nothing to do', '0 objects of 0' in scene.subprocess.run([scene.detente, '--dir', 'bland', 'exchange', 'removals'], cwd=top, capture_output=True, text=True).stderr)
check('nothing is taken back', json.loads(cli('aland', 'exchange', 'retractions', '-o', 'json')) == [])
# aland deletes two
for one in things[:2]:
    status, _, _ = client['aland'].ask(ROOT + f'collections/{own["aland"]}/objects/{one["id"]}/', method='DELETE')
    check('deleted', status == 200)
left = objects(client['aland'], own['aland'])
said = [o for o in left if o['type'] == 'x-detente-retraction']
check('it is said', [o['object_refs'] for o in said] == [[things[0]['id']], [things[1]['id']]] and all(o['object_marking_refs'] == GREEN['object_marking_refs'] for o in said), said)
check('by who may hear it', cli('aland', 'exchange', 'explain', said[0]['id'], '--to', 'bland', '-o', 'json') and True)
rows = json.loads(cli('aland', 'exchange', 'retractions', '-o', 'json'))
check('it waits', [(r['party'], r['state'], r['objects']) for r in rows] == [('bland', 'waiting', 1)] * 2, rows)
leaves = [json.loads(x) for x in cli('aland', 'log', '--limit', '0', '-o', 'jsonl').splitlines()]
check('leaves of it', sum(x['type'] == 'object' for x in leaves) == 4 + 2 + 2, [x['type'] for x in leaves])
# bland hears of it, and does it
give(client['bland'], mirror['bland'], said)
cli('bland', 'exchange', 'removals')
kept = {o['id'] for o in objects(client['bland'], mirror['bland'])}
check('gone there', kept == {things[2]['id'], things[3]['id'], said[0]['id'], said[1]['id']}, kept)
check('and nothing of its own', [o['id'] for o in objects(client['bland'], own['bland'])] == [things[0]['id']])
boxes = {r['alias']: r for r in json.loads(cli('bland', 'exchange', 'collection', 'list', '-o', 'json'))}
check('receipts', boxes['aland-bland-removals']['objects'] == 2 and boxes['aland-bland-removals']['pact'] == 'aland-bland', boxes)
cli('bland', 'exchange', 'removals')
boxes = {r['alias']: r for r in json.loads(cli('bland', 'exchange', 'collection', 'list', '-o', 'json'))}
check('once', boxes['aland-bland-removals']['objects'] == 2, boxes)
# its receipts come back
cli('bland', 'exchange', 'collection', 'permit', 'aland-bland-removals', '--reader', 'own')
receipts = objects(client['bland'], 'aland-bland-removals')
check('what they say', {o['retraction_ref'] for o in receipts} == {o['id'] for o in said} and all(o['type'] == 'x-detente-removal' for o in receipts), receipts)
give(client['aland'], mirror['aland'], receipts[:1])
rows = json.loads(cli('aland', 'exchange', 'retractions', '-o', 'json'))
check('one is done', sorted(r['state'] for r in rows) == ['removed', 'waiting'], rows)
# somebody else's word does not count
third = cli('aland', 'exchange', 'collection', 'add', '--title', 'Of a third', '--from', 'cland', '--reader', 'own', '--writer', 'own').strip()
give(client['aland'], third, receipts[1:])
check('nor another\'s', sorted(r['state'] for r in json.loads(cli('aland', 'exchange', 'retractions', '-o', 'json'))) == ['removed', 'waiting'])
# one of long ago
old = {**said[0], 'id': 'x-detente-retraction--' + str(uuid.uuid4()), 'retracted': '2026-01-01T00:00:00.000000Z'}
give(client['aland'], own['aland'], [old])
cli('aland', 'exchange', 'retractions', good=1)
rows = json.loads(scene.subprocess.run([scene.detente, '--dir', 'aland', 'exchange', 'retractions', '-o', 'json'], cwd=top, capture_output=True, text=True).stdout)
check('overdue', [r['state'] for r in rows if r['retraction'] == old['id']] == ['overdue'], rows)
for who in 'aland', 'bland':
    check('it ends', node[who].stop() == 0)
    cli(who, 'log', 'fsck')
scene.end()
