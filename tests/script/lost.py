#!/usr/bin/env python3
"""A node of which nothing is left: lost.py DETENTE.

Its party has its own key and the signed files.  A node is made anew, its log goes on where the counterpart holds the lost one to,
the words come back, and nobody has proof of a second history."""
import re, shutil, time

import scene
from pair import PHRASE, Party, adopt, agree, begin, conf, public, sh, spki
from scene import check, detente, top
from conversation_parts import cli, eve, in_force, shown


def state(name, who):
    return shown(who, name)['state']


def stamp(seconds):
    return time.strftime('%Y-%m-%dT%H:%M:%SZ', time.gmtime(time.time() + seconds))


begin()
adopt('aland', 'bland')
a, b = Party('aland', 'bland'), Party('bland', 'aland')
in_force()
eve('203.0.113.7', 6)
scene.wait(20, 'an incident', lambda: state('aland-1', 'aland') == state('aland-1', 'bland') == 'RECEIVED')
cli('bland', 'incident', 'ack', 'aland-1')
scene.wait(20, 'an answer', lambda: state('aland-1', 'aland') == 'ACKNOWLEDGED')
scene.wait(20, 'they agree', lambda: agree(a, b))
lost = a.size()
check('a ends', a.stop() == 0)
shutil.rmtree(top + '/aland')

sh(detente, '--dir', 'aland', 'init', '--origin', 'aland.example/detente/log')
conf('aland', 'bland')
cli('aland', 'pact', 'adopt', 'pact', 'aland.annex', 'bland.annex')
check('no second key for a log', 'log successor' in cli('aland', 'pact', 'annex', 'new', '-o', 'new.annex', good=3))
cli('bland', 'log', 'export', '--of', 'aland.example/detente/log', 'held')
open(top + '/bent', 'w').write(open(top + '/held/checkpoint').read().replace(f'\n{lost}\n', f'\n{lost + 1}\n'))
how = ['log', 'successor', '--reason', 'disk-lost', '--key', 'aland.key', '--passphrase-file', PHRASE, '--seen']
check('only what its key signed', 'no checkpoint of this log' in cli('aland', *how, 'bent', good=6))
cli('bland', 'log', 'export', 'other')
check('of its own log', 'no checkpoint of this log' in cli('aland', *how, 'other/checkpoint', good=6))
cli('aland', *how, 'held/checkpoint')
a = Party('aland', 'bland')  # makes its keys
cli('aland', 'pact', 'annex', 'new', '-o', 'new.annex')
text = open(top + '/new.annex').read()
check('it names the log that goes on', 'detente/log/2+' in text, text)
for role in 'witness', 'holder', 'message':
    text = re.sub(rf'( *- ){{vkey: "aland\.example/detente/{role}\+[^"]*", from: [^ ]*, until: ""}}',
                  lambda m: m[0].replace('until: ""', f'until: {stamp(86400)}') + f'\n{m[1]}{{vkey: "{public("aland", role)}", from: {stamp(0)}, until: ""}}', text)
text = re.sub(r'(spki: [0-9a-f]{64}, from: [^ ]*, until: )""}', rf'\g<1>{stamp(86400)}}}, {{spki: {spki(top + "/aland/keys/tls.pem")}, from: {stamp(0)}, until: ""}}', text)
open(top + '/new.annex', 'w').write(text)
sh(detente, 'pact', 'sign', 'new.annex', '--key', 'aland.key', '--passphrase-file', PHRASE, '--pact', 'pact')
for who in 'aland', 'bland':
    cli(who, 'pact', 'adopt', 'new.annex')
scene.wait(40, 'they agree', lambda: agree(a, b))
scene.wait(20, 'its words came back', lambda: state('aland-1', 'aland') == 'ACKNOWLEDGED')
eve('203.0.113.9', 6)
scene.wait(20, 'an incident of its own number', lambda: state('aland-2', 'aland') == state('aland-2', 'bland') == 'RECEIVED')
cli('aland', 'incident', 'withdraw', 'aland-1', '--cause', 'error', '--reason', 'It was a test.')
scene.wait(20, 'the old one goes on', lambda: state('aland-1', 'bland') == 'CLOSED')
scene.wait(20, 'no fault', lambda: not a.state()['fault'] and not b.state()['fault'])
key = re.search(r'aland\.example/detente/log\+[^"]*', text)[0]
check('and no fork', 'detente' in cli('bland', 'log', 'prove-fork', '--key', key, good=1))
for who, node in ('aland', a), ('bland', b):
    check(f'{who} ends', node.stop() == 0, node.said)
    cli(who, 'log', 'fsck')
scene.end('')
