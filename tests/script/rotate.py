#!/usr/bin/env python3
"""Keys that follow others: rotate.py DETENTE.

Between two real nodes the keys of one for witnessing, holding and messages are replaced in their time, by an annex that names
them.  Nothing is lost on the way, what was signed before verifies after, and a key that no annex names is never used."""
import json, os, time

import scene
from pair import PHRASE, Party, adopt, agree, begin, public, sh
from scene import check, detente, top
from conversation_parts import cli, eve, in_force, shown

ROLES = 'witness', 'holder', 'message'


def stamp(seconds):
    return time.strftime('%Y-%m-%dT%H:%M:%SZ', time.gmtime(time.time() + seconds))


def state(name, who):
    return shown(who, name)['state']


begin()
adopt('aland', 'bland')
a, b = Party('aland', 'bland'), Party('bland', 'aland')
in_force()
eve('203.0.113.7', 6)
scene.wait(20, 'an incident before', lambda: state('aland-1', 'aland') == state('aland-1', 'bland') == 'RECEIVED')
before = shown('aland', 'aland-1')['conversation']
for i, m in enumerate(before):
    cli('aland', 'log', 'prove', m['id'], '--out', f'm{i}')
event = '{block}-{index}'.format(**before[0]['body']['evidence'][0])
cli('aland', 'log', 'prove', event, '--out', 'e')
old = {r: public('aland', r) for r in ROLES}
for r in ROLES:
    cli('aland', 'key', 'rotate', r)
    check('once', 'is there already' in cli('aland', 'key', 'rotate', r, good=4))
check('no other', 'witness, holder or message' in cli('aland', 'key', 'rotate', 'log', good=2))
time.sleep(5)
check('nobody named them', {r: public('aland', r) for r in ROLES} == old)
scene.wait(20, 'all goes on', lambda: agree(a, b))
# an annex names them, from in a while
when = stamp(12)
made = cli('aland', 'pact', 'annex', 'new', '--switch', when, '-o', 'aland.annex')
text = open(top + '/aland.annex').read()
check('each with its time', text.count(f'from: {when}') == 3 and 'sequence: 2' in text, text)
check('the old ones a day more', text.count(f'until: {stamp(86400 + 12)[:10]}') == 3, text)
sh(detente, 'pact', 'sign', 'aland.annex', '--key', 'aland.key', '--passphrase-file', PHRASE, '--pact', 'pact')
cli('aland', 'pact', 'adopt', 'aland.annex')
scene.wait(10, 'the other has it', lambda: any(r['party'] == 'aland' and r['annex'] == 2 for r in json.loads(cli('bland', 'pact', 'list', '-o', 'json'))))
check('not before its time', {r: public('aland', r) for r in ROLES} == old)
# meanwhile an incident opens under the old keys
eve('203.0.113.9', 6)
scene.wait(10, 'an incident on the way', lambda: state('aland-2', 'bland') == 'RECEIVED')
scene.wait(30, 'they take over', lambda: all(public('aland', r) != old[r] for r in ROLES))
check('no file waits', not any('next' in f for f in os.listdir(top + '/aland/keys')), os.listdir(top + '/aland/keys'))
scene.wait(30, 'under the new ones', lambda: agree(a, b))
# the conversations go on, and one opens
cli('aland', 'incident', 'withdraw', 'aland-1', '--cause', 'error', '--reason', 'It was a test.')
cli('bland', 'incident', 'ack', 'aland-2')
eve('203.0.113.11', 6)
scene.wait(20, 'an incident after', lambda: state('aland-3', 'aland') == state('aland-3', 'bland') == 'RECEIVED')
scene.wait(20, 'words after', lambda: state('aland-1', 'bland') == 'CLOSED' and state('aland-2', 'aland') == 'ACKNOWLEDGED')
scene.wait(20, 'its proofs', lambda: shown('bland', 'aland-3')['conversation'][0]['proofs'] == ['holds'] * len(shown('bland', 'aland-3')['conversation'][0]['proofs']))
# what was proved before holds, and so does what is proved now
for i, m in enumerate(before):
    check('a message from before', cli('bland', 'log', 'verify', f'm{i}').startswith(m['type'] + ' from '))
check('an event from before', 'witness' in cli('bland', 'log', 'verify', 'e'))
for m in shown('aland', 'aland-1')['conversation']:
    cli('aland', 'log', 'prove', m['id'], '--out', 'm')
    check('each message of all times', m['type'] in cli('bland', 'log', 'verify', 'm'))
scene.wait(20, 'no fault', lambda: not a.state()['fault'] and not b.state()['fault'])
told = {x['key'] for p in (a, b) for x in p.ask('/api/v1/alerts')[1]['alerts'] if x['key'].startswith('peer-fault')}
check('and nobody was told of one', told == set(), told)
for who, node in ('aland', a), ('bland', b):
    check(f'{who} ends', node.stop() == 0, node.said)
    cli(who, 'log', 'fsck')
scene.end('')
