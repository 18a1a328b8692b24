#!/usr/bin/env python3
"""What the page gets of the exchange: shown.py DETENTE.

Collections, partners, what was taken back, sources, and why an object goes or not; nobody else hears it, and no secret goes."""
import json, os, sys, urllib.parse, uuid

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '../script'))
import pair, scene
from pair import Party, adopt, begin
from scene import check, top
from conversation_parts import cli
from leak import MARK
from server import ROOT, Client, indicator

GREEN = {'object_marking_refs': [MARK + 'bab4a63c-aed9-4cf5-a766-dfca5abac2bb']}


def shown(n):
    status, got = n.ask('/api/v1/exchange')
    check('exchange', status == 200, got)
    return got


def explain(n, status=200, **query):
    code, got = n.ask('/api/v1/exchange/explain' + ('?' + urllib.parse.urlencode(query) if query else ''))
    check(f'explain {query}: {status}', code == status, (code, got))
    return got


begin()
with open(f'{top}/aland/detente.yaml', 'a') as f:
    f.write('egress: {removal: 1h}\n')
adopt('aland', 'bland')
node = {'aland': Party('aland', 'bland'), 'bland': Party('bland', 'aland')}
a = node['aland']
scene.wait(30, 'both know each other', lambda: pair.agree(node['aland'], node['bland']))
got = shown(a)
check('partners', got['partners'] == [{'pact': 'aland-bland', 'party': 'bland', 'bound': True, 'ceiling': got['partners'][0]['ceiling'], 'waiting': 0, 'overdue': 0, 'removed': 0}] and
      got['partners'][0]['ceiling'].startswith('TLP:') and got['within_s'] == 3600, got)
check('nothing yet', got['collections'] == [] and got['sources'] == [] and got['source_count'] == 0, got)
open(top + '/password', 'w').write('a long password\n')
cli('aland', 'exchange', 'user', 'add', 'own', '--password-file', top + '/password')
box = cli('aland', 'exchange', 'collection', 'add', '--title', 'Ours <b>', '--alias', 'ours', '--pact', 'aland-bland', '--reader', 'own', '--writer', 'own').strip()
kept = cli('aland', 'exchange', 'collection', 'add', '--title', 'Kept', '--alias', 'kept', '--writer', 'own').strip()
client = Client(a, 'own')
thing = indicator(name='secret name', **GREEN)
for where in 'ours', 'kept':
    check('taken', client.ask(ROOT + f'collections/{where}/objects/', {'objects': [thing]})[0] == 202)
other = indicator(name='2', **GREEN)
client.ask(ROOT + 'collections/ours/objects/', {'objects': [other]})
check('deleted', client.ask(ROOT + f'collections/ours/objects/{other["id"]}/', method='DELETE')[0] == 200)
old = [o for o in client.ask(ROOT + 'collections/ours/objects/')[2]['objects'] if o['type'] == 'x-detente-retraction'][0]
old = {**old, 'id': 'x-detente-retraction--' + str(uuid.uuid4()), 'retracted': '2026-01-01T00:00:00.000000Z'}
client.ask(ROOT + 'collections/ours/objects/', {'objects': [old]})
sources = f'{top}/aland/exchange/sources'
os.makedirs(sources)


def put(name, text):
    with open(f'{sources}/{name}.new', 'w') as f:
        f.write(text)
    os.rename(f'{sources}/{name}.new', f'{sources}/{name}')


put('cert.json', json.dumps({'url': 'https://x.test/', 'title': 'The "CERT"', 'user': 'u', 'added': 12, 'refused': 1, 'tried': '2026-03-01T10:00:00.000000Z', 'succeeded': '2026-03-01T09:00:00.000000Z',
                             'fault': 'it says no', 'fault_since': '2026-03-01T10:00:00.000000Z'}))
put('cert.secret', 'very secret')
put('broken.json', '{')
put('bare.json', '{}')
scene.wait(30, 'sources are told', lambda: shown(a)['source_count'] == 3)
got = shown(a)
c = {x['alias']: x for x in got['collections']}
check('collections', got['collection_count'] == 2 and c['ours'] == {'id': box, 'alias': 'ours', 'title': 'Ours <b>', 'pact': 'aland-bland', 'from': '', 'objects': 3, 'readers': 1, 'writers': 1} and
      (c['kept']['readers'], c['kept']['writers'], c['kept']['objects']) == (0, 1, 1), got)
check('what waits', [(p['waiting'], p['overdue'], p['removed']) for p in got['partners']] == [(1, 1, 0)], got['partners'])
s = {x['name']: x for x in got['sources']}
check('a source', s['cert'] == {'name': 'cert', 'title': 'The "CERT"', 'tried': '2026-03-01T10:00:00.000000Z', 'succeeded': '2026-03-01T09:00:00.000000Z', 'fault': 'it says no',
                                'fault_since': '2026-03-01T10:00:00.000000Z', 'every_s': 0, 'next': '', 'added': 12, 'refused': 1}, s)
check('of other forms', s['bare']['succeeded'] == '' and s['bare']['fault'] == '' and s['broken']['fault'] != '', s)
check('nothing of objects, and no secret', not any(w in json.dumps(got) for w in ('secret name', 'very secret', thing['id'])), got)
put('cert.json', '{"added": 13}')
scene.wait(30, 'a source goes on', lambda: {x['name']: x['added'] for x in shown(a)['sources']}.get('cert') == 13)
for name in 'cert', 'broken', 'bare':
    os.unlink(f'{sources}/{name}.json')
scene.wait(30, 'sources go', lambda: shown(a)['source_count'] == 0 and shown(a)['sources'] == [])

rows = explain(a, object=thing['id'], to='bland')
want = json.loads(scene.subprocess.run([scene.detente, '--dir', 'aland', 'exchange', 'explain', thing['id'], '--to', 'bland', '-o', 'json'], cwd=top, capture_output=True, text=True).stdout)
check('as at the command line', rows['rows'] == want and rows['row_count'] == 2 and rows['object'] == thing['id'] and rows['to'] == 'bland', (rows, want))
check('goes, and stays', {r['collection']: (r['goes'], r['word']) for r in rows['rows']} == {'ours': (True, 'allowed'), 'kept': (False, 'no-reader')}, rows)
check('to a stranger', {r['word'] for r in explain(a, object=thing['id'], to='cland')['rows']} == {'no-party'})
check('none', explain(a, object='indicator--x', to='bland')['rows'] == [])
for query in {}, {'object': 'x'}, {'to': 'bland'}, {'object': 'x', 'to': 'B'}, {'object': 'x' * 400, 'to': 'bland'}, {'object': 'x', 'to': 'bland', 'more': '1'}, {'object': '', 'to': 'bland'}:
    explain(a, 400, **query)
check('nothing else stands there', a.ask('/api/v1/exchange/x')[0] == 404)
for n in node.values():
    check('it ends', n.stop() == 0)
scene.end()
