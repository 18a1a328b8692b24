#!/usr/bin/env python3
"""A log that goes on under another origin: successor.py DETENTE.

Its key was stolen, later its disk is lost: the counterpart reads what ended to its end, takes the new origin by the note that
the party's key signed, and the conversation goes on.  What is proved of any generation verifies.  A note that ends the log
before what the counterpart has seen is not taken, and named."""
import json, os, re, shutil, subprocess

import scene
from pair import PHRASE, Party, adopt, agree, begin, sh
from scene import check, detente, top
from conversation_parts import cli, eve, in_force, shown

FIRST = 'aland.example/detente/log'


def state(name, who):
    return shown(who, name)['state']


def head(who, *more):
    return json.loads(cli(who, 'log', 'head', '--json', *more))


def succeed(reason, *more, good=0):
    return cli('aland', 'log', 'successor', '--reason', reason, '--key', 'aland.key', '--passphrase-file', PHRASE, *more, good=good)


def new_annex(n):
    cli('aland', 'pact', 'annex', 'new', '-o', 'aland.annex')
    text = open(top + '/aland.annex').read()
    check('it names the new key', f'{FIRST}/{n}+' in text and f'sequence: {n}' in text, text)
    sh(detente, 'pact', 'sign', 'aland.annex', '--key', 'aland.key', '--passphrase-file', PHRASE, '--pact', 'pact')
    cli('aland', 'pact', 'adopt', 'aland.annex')
    scene.wait(20, 'the other has it', lambda: any(r['party'] == 'aland' and r['annex'] == n for r in json.loads(cli('bland', 'pact', 'list', '-o', 'json'))))


begin()
adopt('aland', 'bland')
a, b = Party('aland', 'bland'), Party('bland', 'aland')
in_force()
eve('203.0.113.7', 6)
scene.wait(20, 'an incident', lambda: state('aland-1', 'aland') == state('aland-1', 'bland') == 'RECEIVED')
scene.wait(20, 'they agree', lambda: agree(a, b))
eve('203.0.113.8', 6)
scene.wait(20, 'another', lambda: state('aland-2', 'aland') == state('aland-2', 'bland') == 'RECEIVED')
scene.wait(20, 'they agree', lambda: agree(a, b))
first = shown('aland', 'aland-1')['conversation']
event = '{block}-{index}'.format(**first[0]['body']['evidence'][0])
check('a running node', 'detente' in succeed('rename', good=4))

# ---- the key is stolen.  A word that the other has not read yet stands in the old log.
check('b ends', b.stop() == 0)
cli('aland', 'incident', 'withdraw', 'aland-1', '--cause', 'error', '--reason', 'It was a test.')
check('a ends', a.stop() == 0)
for args, good, why in ((['--reason', 'boredom'], 2, 'the reason is'), (['--reason', 'rename'], 2, "the party's key must sign"),
                        (['--reason', 'rename', '--key', 'bland.key', '--passphrase-file', PHRASE], 5, "is not the party's key")):
    check(f'{args}', why in cli('aland', 'log', 'successor', *args, good=good))
before = head('aland')
old_key = cli('aland', 'log', 'key')
made = json.loads(succeed('key-stolen', '--json'))
check('what is said of the old one', (made['old_size'], made['old_root'], made['generation'], made['pacts']) == (before['size'], before['root'], 2, 1), made)
check('the new origin', head('aland')['origin'] == f'{FIRST}/2' and head('aland')['size'] == 3, head('aland'))
check('the old one is there', head('aland', '--generation', '1') == before, head('aland', '--generation', '1'))
check('its key too', cli('aland', 'log', 'key', '--generation', '1') == old_key and cli('aland', 'log', 'key') == made['key'] + '\n')
check('no other', 'no generation 3' in cli('aland', 'log', 'head', '--generation', '3', good=1))
secret = open(top + '/aland/keys/log.key').read()
check('the old key is gone', f'{FIRST}/2+' in secret and len([f for f in os.listdir(top + '/aland/keys') if f.startswith('log')]) == 1, os.listdir(top + '/aland/keys'))
leaves = [json.loads(cli('aland', 'log', 'show', str(i)).split('\n', 1)[1]) for i in range(3)]
check('start', leaves[0]['generation'] == 2 and leaves[0]['origin'] == f'{FIRST}/2', leaves[0])
check('successor', leaves[1]['old'] == FIRST and leaves[1]['size'] == before['size'] and leaves[1]['reason'] == 'key-stolen', leaves[1])
check('good', 'leaves of the log before it' in cli('aland', 'log', 'fsck', '--events'), '')
a, b = Party('aland', 'bland'), Party('bland', 'aland')
scene.wait(30, 'the word of the old log came', lambda: state('aland-1', 'bland') == 'CLOSED')
scene.wait(30, 'the new one is taken', lambda: agree(a, b))
held = [s for s in b.ask('/api/v1/peers')[1]['peers'] if s['origin'] == f'{FIRST}/2']
check('by its name', len(held) == 1, b.ask('/api/v1/peers'))
new_annex(2)
eve('203.0.113.9', 6)
scene.wait(20, 'an incident under the new one', lambda: state('aland-3', 'aland') == state('aland-3', 'bland') == 'RECEIVED')
cli('bland', 'incident', 'ack', 'aland-3')
scene.wait(20, 'and an answer', lambda: state('aland-3', 'aland') == 'ACKNOWLEDGED')
scene.wait(20, 'its proofs', lambda: set(shown('bland', 'aland-3')['conversation'][0]['proofs']) == {'holds'})
scene.wait(20, 'they agree', lambda: agree(a, b))
# evidence of the first, asked for under the second
cli('bland', 'incident', 'inquire', 'aland-2', 'raw')
old = '{block}-{index}'.format(**shown('aland', 'aland-2')['conversation'][0]['body']['evidence'][1])
scene.wait(20, 'asked', lambda: any(m['type'] == 'inquiry' for m in shown('aland', 'aland-2')['conversation']))
cli('aland', 'incident', 'evidence', 'aland-2', '--events', old, '--show', 'raw')
scene.wait(20, 'it holds', lambda: shown('bland', 'aland-2')['conversation'][-1].get('proofs') == ['holds'])
check('no fault', not b.state()['fault'], b.state())


def proofs(n):
    """Of all times, each by either side where it can be had."""
    for who in 'aland', 'bland':
        for m in [m for i in range(1, n + 1) for m in shown(who, f'aland-{i}')['conversation']]:
            cli(who, 'log', 'prove', m['id'], '--out', 'm')
            for by in 'aland', 'bland':
                check(f'{who}: {m["type"]} verifies at {by}', m['type'] in cli(by, 'log', 'verify', 'm'))
    cli('aland', 'log', 'prove', event, '--out', 'e')
    check('an event of the first', 'witness' in cli('bland', 'log', 'verify', 'e'))


check('it gives them', set(shown('aland', 'aland-3')['conversation'][0]['proofs']) == {'given'}, shown('aland', 'aland-3')['conversation'][0])
proofs(3)

# ---- the disk is lost, and what is put back is older than what the other has seen
check('a ends', a.stop() == 0)
shutil.copytree(top + '/aland', top + '/old', symlinks=True)
a = Party('aland', 'bland')
eve('203.0.113.11', 6)
scene.wait(20, 'an incident that is lost', lambda: state('aland-4', 'bland') == 'RECEIVED')
cli('aland', 'incident', 'withdraw', 'aland-4', '--cause', 'error', '--reason', 'It was a test.')
scene.wait(20, 'and closed', lambda: state('aland-4', 'bland') == 'CLOSED')
scene.wait(20, 'they agree', lambda: agree(a, b))
lost = head('aland')
check('a ends', a.stop() == 0)
shutil.rmtree(top + '/aland')
shutil.copytree(top + '/old', top + '/aland', symlinks=True)
p = subprocess.run([detente, '--dir', 'aland', 'serve'], cwd=top, capture_output=True, text=True, timeout=60)
check('it refuses', p.returncode == 6 and 'bland holds a tree of this log' in p.stderr, p.stderr)
# … nor does the other take a note that ends the log before what it has seen
shutil.copytree(top + '/aland', top + '/short', symlinks=True)
succeed('disk-lost')
a = Party('aland', 'bland')
scene.wait(20, 'too short', lambda: any(s['fault'] == 'history-shortened' and f"after {lost['size']}" in s['why'] for s in b.ask('/api/v1/peers')[1]['peers']))
check('it keeps what it knows', not any(s['origin'].endswith('/3') for s in b.ask('/api/v1/peers')[1]['peers']))
check('a ends', a.stop() == 0)
shutil.rmtree(top + '/aland')
shutil.move(top + '/short', top + '/aland')
cli('bland', 'log', 'export', '--of', f'{FIRST}/2', 'held')
check('no checkpoint of it', 'no checkpoint of this log' in succeed('disk-lost', '--seen', 'bland/detente.yaml', good=6))
made = json.loads(succeed('disk-lost', '--seen', 'held/checkpoint', '--json'))
check('as far as the other has it', (made['old_size'], made['old_root'], made['generation']) == (lost['size'], lost['root'], 3) and made['here'] < lost['size'], made)
check('no number on a number', head('aland')['origin'] == f'{FIRST}/3', head('aland'))
a = Party('aland', 'bland')
scene.wait(30, 'the third is taken', lambda: agree(a, b))
new_annex(3)
scene.wait(30, 'its own words came back', lambda: state('aland-4', 'aland') == 'CLOSED')
check('as they were', {m['id'] for m in shown('aland', 'aland-4')['conversation']} == {m['id'] for m in shown('bland', 'aland-4')['conversation']},
      (shown('aland', 'aland-4')['conversation'], shown('bland', 'aland-4')['conversation']))
eve('203.0.113.13', 6)
scene.wait(20, 'an incident with a number of its own', lambda: state('aland-5', 'aland') == state('aland-5', 'bland') == 'RECEIVED')
blocks = [int(x) for x in re.findall(r'"block": (\d+)', json.dumps(shown('aland', 'aland-5')['conversation']))]
check('and blocks of their own', min(blocks) > max(int(x) for x in re.findall(r'"block": (\d+)', json.dumps(shown('bland', 'aland-4')['conversation']))), blocks)
cli('bland', 'incident', 'ack', 'aland-5')
scene.wait(20, 'an answer', lambda: state('aland-5', 'aland') == 'ACKNOWLEDGED')
scene.wait(20, 'they agree', lambda: agree(a, b))
scene.wait(20, 'no fault', lambda: not a.state()['fault'] and not b.state()['fault'])

for who, node in ('aland', a), ('bland', b):
    check(f'{who} ends', node.stop() == 0, node.said)
    cli(who, 'log', 'fsck')
scene.end('')
