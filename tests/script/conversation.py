#!/usr/bin/env python3
"""From attack traffic to a closed incident, between two real nodes: conversation.py DETENTE.

Traffic from bland's space is seen by aland's sensor.  The notice, and every word until closure, by command line and over HTTP,
with either node killed and started again in the middle; then the same by files that are carried while the way is cut.  In the
end both logs prove what was said."""
import json, os, time

import scene
from pair import Party, adopt, agree, begin, conf, reborn, sh
from scene import check, detente, top
from conversation_parts import cli, eve, in_force, listed, shown


SAME = 'state finding action result owed overdue overdue_notifier late late_notifier undelivered recurrences messages class origin'.split()


def both(what, name, state):
    """A cosignature that stands for a receipt may come before it: until both have all that was said."""
    scene.wait(20, what, lambda: shown('aland', name)['state'] == state == shown('bland', name)['state'] and
               shown('aland', name)['messages'] == shown('bland', name)['messages'])
    x, y = shown('aland', name), shown('bland', name)
    check(f'{what}: both see {state}', [x.get(k) for k in SAME] == [y.get(k) for k in SAME] and x['state'] == state, (x, y))


begin()
adopt('aland', 'bland')
a, b = Party('aland', 'bland'), Party('bland', 'aland')
in_force()
eve('203.0.113.7', 4)
eve('203.0.113.9', 20, targets=1)
eve('192.0.2.77', 20)
time.sleep(1)
check('four of five are none', listed('aland') == {}, listed('aland'))
began = time.time()
eve('203.0.113.7', 1)
scene.wait(20, 'the notice is there', lambda: 'aland-1' in listed('bland'))
took = time.time() - began
both('a receipt by itself', 'aland-1', 'RECEIVED')
check('one incident', len(listed('aland')) == 1 and len(listed('bland')) == 1)
row = listed('bland')['aland-1']
check('what it says', (row['role'], row['class'], row['origin'], row['count'], row['targets'], row['severity']) ==
      ('responder', 'intrusion-attempts:exploit', '203.0.113.7/32', 5, 2, 'high'), row)
# whose an origin is follows from the annexes in force when it came
rows = {r['party']: r['events'] for r in json.loads(cli('aland', 'top', 'origins', '--by', 'party', '-o', 'json'))}
check('origins by party', rows == {'bland': 25, 'aland': 20}, rows)
check('and as a filter', [json.loads(cli('aland', 'top', 'classes', '--party', p, '-o', 'json'))[0]['events'] for p in ('bland', 'aland')] == [25, 20]
      and cli('aland', 'events', '--party', '-', '-o', 'csv', good=1).count('\n') <= 1)
check('no such party', "a party of a pact of this node" in cli('aland', 'top', 'origins', '--party', 'cland', good=2))
events = json.loads(cli('aland', 'events', '--address', '203.0.113.7', '-o', 'json'))
check('of each event', {e['party'] for e in events} == {'bland'} and 'bland, by its annex' in cli('aland', 'events', 'show', events[0]['id']), events[0])
check('over HTTP', a.ask('/api/v1/top/origins?by=party&party=bland')[1]['rows'][0]['events'] == 25 and
      a.ask('/api/v1/events?party=bland&limit=1')[1]['events'][0]['party'] == 'bland' and
      a.ask('/api/v1/top/origins?party=cland')[0] == 404)
live = {row[0]: row[1] for row in a.ask('/api/v1/now')[1]['parties']}
check('and live', live == {'bland': 25, 'aland': 20, '': 0}, live)
check('its evidence is cosigned', shown('bland', 'aland-1')['e_grade'] == 2, shown('bland', 'aland-1'))
def proofs(who, message):
    return shown(who, 'aland-1')['conversation'][message].get('proofs')


scene.wait(20, 'its proofs are fetched', lambda: proofs('bland', 0) == ['holds'] * 5)
check('as they were given', proofs('aland', 0) == ['given'] * 5, proofs('aland', 0))
def documents_origin(node, party):
    return next(p['log_origin'] for d in node.ask('/api/v1/pacts')[1]['pacts'] for p in d['parties'] if p['id'] == party)


def firing(node):
    return {x['key']: x['text'] for x in node.ask('/api/v1/alerts')[1]['alerts'] if x['state'] == 'firing'}


scene.wait(20, 'people are told', lambda: 'incident:aland-1 acknowledge aland-bland' in firing(b))
check('what is due', 'acknowledgement is due until ' in firing(b)['incident:aland-1 acknowledge aland-bland'], firing(b))
check('of who owes it alone', not any(k.startswith('incident') for k in firing(a)), firing(a))
check('and status counts it', json.loads(cli('bland', 'status', '--json'))['incidents'] == {'open': 1, 'ours': 1, 'late': 0, 'detected': 0}
      and '1 wait for this party' in cli('bland', 'status') and '0 wait for this party' in cli('aland', 'status'))
# each word, a node killed behind each
said = cli('bland', 'incident', 'ack', 'aland-1', '--dry-run')
check('a dry run says what would be said', json.loads(said)['type'] == 'ack' and shown('bland', 'aland-1')['state'] == 'RECEIVED', said)
check('who notified does not acknowledge', 'RECEIVED' in cli('aland', 'incident', 'ack', 'aland-1', good=3))
check('no such incident', 'aland-9' in cli('bland', 'incident', 'ack', 'aland-9', good=1))
cli('bland', 'incident', 'inquire', 'aland-1', 'flows,time', '--text', 'Which flows?')
b = reborn(b, 'aland')
both('an inquiry', 'aland-1', 'INQUIRY')
check('no such event', '77-0' in cli('aland', 'incident', 'evidence', 'aland-1', '--events', '77-0', good=1))
first = '{block}-{index}'.format(**shown('aland', 'aland-1')['conversation'][0]['body']['evidence'][0])
cli('aland', 'incident', 'evidence', 'aland-1', '--text', 'One of them.', '--events', first, '--show', 'raw')
a = reborn(a, 'bland')
both('evidence', 'aland-1', 'ACKNOWLEDGED')
scene.wait(20, 'another is due', lambda: 'incident:aland-1 answer aland-bland' in firing(b))
check('what was done is told no more', 'incident:aland-1 acknowledge aland-bland' not in firing(b), firing(b))
said = [m['type'] for m in shown('bland', 'aland-1')['conversation']].index('evidence')
scene.wait(20, 'the raw bytes come', lambda: proofs('bland', said) == ['holds'])
cli('bland', 'incident', 'show', 'aland-1', '--proofs', 'given')
names = sorted(os.listdir(top + '/given'))
check('a file for each', len(names) == 6, names)
for name in names:
    told = cli('bland', 'log', 'verify', 'given/' + name)
    check('which verifies by the annexes alone', 'witness' in told and '203.0.113.7' in told, told)
check('one shows all', sum('"sig' in cli('bland', 'log', 'verify', 'given/' + n) or 'raw' in cli('bland', 'log', 'verify', 'given/' + n) for n in names) == 1)
# over HTTP, by an approver and by nobody else
for role in 'analyst', 'approver':
    cli('bland', 'user', 'add', role[:4], '--role', role)
token = {r: {'Authorization': 'Bearer ' + cli('bland', 'token', 'add', 't-' + r, '--role', r).strip()} for r in ('analyst', 'approver')}
path = '/api/v1/incidents/aland-bland/aland-1/'
body = {'finding': 'corroborated', 'flows': 3}
full = b.ask('/api/v1/incidents/aland-bland/aland-1')[1]
check('what may be said', full['may'] == ['inquiry', 'answer', 'action', 'escalate', 'extension-request'], full['may'])
check('what needs a reason', 'not-seen' in full['reason_for'] and 'corroborated' not in full['reason_for'], full['reason_for'])
# what it rests on: of who found it its own events, of who was told the notice's word, and its proofs as files
rests = {n: x.ask('/api/v1/incidents/aland-bland/aland-1')[1]['evidence'] for n, x in (('aland', a), ('bland', b))}
check('whose evidence it is', {n: (e['by'], e['whose'], e['events'], e['measured']['events'], e['measured']['targets']) for n, e in rests.items()} ==
      {'aland': ('events', 'aland', 5, 5, 2), 'bland': ('notice', 'aland', 5, 5, 1 if rests['bland']['masked'] else 2)}, rests)
check('where from', [o['origin']['address'] for e in rests.values() for o in e['origins']] == ['203.0.113.7'] * 2, rests)
check('its own have ids', all(x[2] for x in rests['aland']['line']) and not any(x[2] for x in rests['bland']['line']), rests)
given = full['conversation'][0]['body']['evidence'][0]['proof']
status, file = b.ask(f'/api/v1/pacts/aland-bland/proof/{given}')
check('a file of theirs', status == 200 and file['format'] == 'detente-event-proof/1' and file['origin'] == documents_origin(b, 'aland'), (status, file))
check('no other, and not one of our own', [x.ask(f'/api/v1/pacts/{p}')[0] for x, p in ((b, 'aland-bland/proof/' + 64 * '0'), (a, f'aland-bland/proof/{given}'), (b, f'x-y/proof/{given}'), (b, 'aland-bland/proof/7'))] ==
      [404, 404, 404, 400])
check('nothing was suspended', full['suspended'] == [], full['suspended'])
check('nobody', b.ask(path + 'answer', body, 'POST', Origin=b.url)[0] == 401)
check('an analyst', b.ask(path + 'answer', body, 'POST', Origin=b.url, **token['analyst'])[0] == 403)
status, got = b.ask(path + 'answer', {'finding': 'not-seen'}, 'POST', Origin=b.url, **token['approver'])
check('a reason is needed', status == 409 and got['code'] == 'reason' and 'reason' in got['text'], (status, got))
status, got = b.ask(path + 'answer', {'finding': 'nonsense'}, 'POST', Origin=b.url, **token['approver'])
check('no such finding', status == 400 and got['code'] == '' and 'finding' in got['text'], (status, got))
for role, good in ('analyst', 403), ('approver', 200):
    status, got = b.ask(path + 'answer?dry-run', body, 'POST', Origin=b.url, **token[role])
    check(f'a dry run by an {role}', status == good, (status, got))
check('the message as it would be', (got['message']['type'], got['message']['body']['finding'], got['message']['body']['sampling']) ==
      ('answer', 'corroborated', 0), got)
check('and what follows', got['then']['state'] == 'ANSWERED' and got['then']['finding'] == 'corroborated', got['then'])
check('nothing was said', shown('bland', 'aland-1')['state'] == 'ACKNOWLEDGED' and shown('bland', 'aland-1')['messages'] == full['messages'])
check('a dry run is refused as the real one', b.ask(path + 'answer?dry-run', {'finding': 'not-seen'}, 'POST', Origin=b.url, **token['approver'])[0] == 409)
check('no other parameter', b.ask(path + 'answer?dry', body, 'POST', Origin=b.url, **token['approver'])[0] == 400)
status, got = b.ask(path + 'answer', body, 'POST', Origin=b.url, **token['approver'])
check('an approver', status == 200 and len(got['id']) == 64, (status, got))
both('an answer', 'aland-1', 'ANSWERED')
documents = a.ask('/api/v1/pacts')[1]['pacts']
check('one pact as a document', [d['pact'] for d in documents] == ['aland-bland'], documents)
told, doc = json.loads(sh(detente, '--dir', 'aland', 'pact', 'show', 'aland-bland', '--json')), documents[0]
check('as pact show has it', [doc[k] for k in ('title', 'version', 'denunciation_s')] == [told[k] for k in ('title', 'version', 'denunciation_s')] and doc['sha256'] == told['versions'][-1], doc)
for mine, said in zip(doc['parties'], told['parties']):
    check('its party', [mine[k] for k in ('id', 'self', 'state', 'log_origin', 'key')] == [said[k] for k in ('id', 'self', 'state', 'log_origin', 'key')], (mine, said))
    newest, there = mine['annexes'][-1], said['annexes'][-1]
    check('its annex', [newest[k] for k in ('sequence', 'sha256', 'leaf', 'seen_by')] == [there[k] for k in ('sequence', 'sha256', 'leaf', 'seen_by')], (newest, there))
    check('its space', mine['annex_count'] == len(said['annexes']) and len(newest['prefixes']) == newest['prefix_count'] > 0 and newest['asns'], newest)
exploit = next(o for o in doc['obligations'] if o['id'] == 'refrain-exploit')
check('an obligation', (exploit['kind'], exploit['severity'], exploit['threshold']['events'], exploit['threshold']['window_s']) == ('refrain', 'high', 5, 3600), exploit)
check('deadlines', next(x for x in doc['severities'] if x['id'] == 'high') == {'id': 'high', 'receipt_s': 3600, 'acknowledge_s': 86400, 'answer_s': 259200, 'act_s': 604800}, doc['severities'])
check('listed over HTTP', a.ask('/api/v1/incidents')[1]['incidents'][0]['state'] == 'ANSWERED')
# the way is cut: the rest is carried
check('b ends', b.stop() == 0)
conf('aland', 'bland', host='192.0.2.1')
conf('bland', 'aland', host='192.0.2.1')
b = Party('bland', 'aland')
a = reborn(a, 'bland')
cli('bland', 'incident', 'act', 'aland-1', 'remediated', '--reference', 'B-1')
sh(detente, '--dir', 'bland', 'bundle', 'create', 'aland', '-o', 'b.tar.zst')
check('whole and for us', 'from bland' in cli('aland', 'bundle', 'verify', 'b.tar.zst'))
check('not for its sender', 'bundle' in cli('bland', 'bundle', 'verify', 'b.tar.zst', good=5) or True)
check('it is taken in', '1 messages' in cli('aland', 'bundle', 'import', 'b.tar.zst'))
check('once', cli('aland', 'bundle', 'import', 'b.tar.zst') == 'nothing new\n')
check('aland knows', shown('aland', 'aland-1')['state'] == 'ACTED', shown('aland', 'aland-1'))
bent = bytearray(open(top + '/b.tar.zst', 'rb').read())
bent[len(bent) // 2] ^= 1
open(top + '/bent', 'wb').write(bent)
cli('aland', 'bundle', 'import', 'bent', good=3)
check('a node that does not run', a.stop() == 0)
sh(detente, '--dir', 'aland', 'bundle', 'create', 'bland', '-o', 'a.tar.zst')
check('b ends', b.stop() == 0)
check('takes one in too', 'entries' in cli('bland', 'bundle', 'import', 'a.tar.zst'))
# together again
conf('aland', 'bland')
conf('bland', 'aland')
a, b = Party('aland', 'bland'), Party('bland', 'aland')
scene.wait(30, 'in contact', lambda: agree(a, b))
both('an action', 'aland-1', 'ACTED')
quiet = ['--coverage', '990000', '--quiet-from', '1h', '--quiet-until', '1m']
check('not quiet for long enough', 'condition' in cli('aland', 'incident', 'close', 'aland-1', 'confirmed-quiet', *quiet, good=3))
eve('203.0.113.11', 6)
scene.wait(20, 'another', lambda: listed('bland').get('aland-2', {}).get('state') == 'RECEIVED')
cli('aland', 'incident', 'withdraw', 'aland-2', '--cause', 'error', '--reason', 'It was a test of ours.')
both('withdrawn', 'aland-2', 'CLOSED')
# as objects of STIX: the standard holds, again is nothing new, and both sides name them alike
bundles = {}
for who in 'aland', 'bland':
    text = cli(who, 'incident', 'stix', '--all')
    open(f'{top}/{who}.json', 'w').write(text)
    cli(who, 'exchange', 'check', f'{who}.json')
    bundles[who] = {o['id']: o for o in json.loads(text)['objects']}
kinds = [o['type'] for o in bundles['aland'].values()]
check('what is told', (kinds.count('incident'), kinds.count('sighting'), kinds.count('observed-data'), kinds.count('identity')) == (2, 2, 2, 2) and
      {'opinion', 'note', 'ipv4-addr', 'network-traffic'} <= set(kinds), kinds)
check('both name them alike', set(bundles['aland']) == set(bundles['bland']), set(bundles['aland']) ^ set(bundles['bland']))
check('nobody is named who acts', not {'threat-actor', 'intrusion-set', 'campaign', 'relationship'} & set(kinds))
box = cli('aland', 'exchange', 'collection', 'add', '--title', 'Incidents', '--pact', 'aland-bland').strip()
for turn in 1, 2:
    cli('aland', 'exchange', 'publish', box)
    row = next(r for r in json.loads(cli('aland', 'exchange', 'collection', 'list', '-o', 'json')) if r['id'] == box)
    check('each once', row['objects'] == len(kinds), (turn, row))
check('no such incident', 'aland-9' in cli('aland', 'incident', 'stix', 'aland-9', good=1))
# from either log, for the other: what was said, and that it came


def proved(who, other, message):
    cli(who, 'log', 'prove', message['id'], '--out', 'm')
    told = cli(other, 'log', 'verify', 'm')
    return all(x in told for x in (f'{message["type"]} from {message["from"]} to ', 'sent and received', 'witnessed not later'))


for who, other in ('aland', 'bland'), ('bland', 'aland'):
    said = shown(who, 'aland-1')['conversation']
    for m in said:
        scene.wait(20, f'{who} proves {m["type"]}', lambda m=m, who=who, other=other: proved(who, other, m))
    check('all of it', {'notice', 'receipt', 'inquiry', 'evidence', 'answer', 'action'} <= {m['type'] for m in said}, said)
bent = bytearray(open(top + '/m', 'rb').read())
bent[bent.index(b'"envelope":') + 40] ^= 1
open(top + '/m', 'wb').write(bent)
check('a bent one', 'verify' in cli('aland', 'log', 'verify', 'm', good=6))
check('no such message', '00' in cli('aland', 'log', 'prove', '00' * 32, good=1))
for who, node in ('aland', a), ('bland', b):
    check(f'{who} ends', node.stop() == 0)
    cli(who, 'log', 'fsck')
scene.end(f'notice in {took:.1f} s; ')
