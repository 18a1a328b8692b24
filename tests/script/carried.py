#!/usr/bin/env python3
"""Nodes that only files reach: carried.py DETENTE.

Neither node runs while bundles are taken in.  A word, then the log of one goes on under another origin before the other has read
what it said last; an old bundle is no fault, and none that was taken is taken again."""
import json, shutil

import scene
from pair import PHRASE, Party, adopt, agree, begin
from scene import check, top
from conversation_parts import cli, eve, in_force, shown


def pack(who, to, name, *more):
    cli(who, 'bundle', 'create', to, '-o', name, *more)


def take(who, name, good=0):
    return cli(who, 'bundle', 'import', name, good=good)


def state(who):
    return shown(who, 'aland-1')['state']


begin()
adopt('aland', 'bland')
a, b = Party('aland', 'bland'), Party('bland', 'aland')
in_force()
eve('203.0.113.7', 6)
scene.wait(20, 'an incident', lambda: state('aland') == state('bland') == 'RECEIVED')
scene.wait(20, 'they agree', lambda: agree(a, b))
for n in b, a:
    check('it ends', n.stop() == 0)
pack('bland', 'aland', 'old')
cli('bland', 'incident', 'ack', 'aland-1')
pack('bland', 'aland', 'b1')
check('a word for a node that does not run', ' 1 messages' in take('aland', 'b1') and state('aland') == 'ACKNOWLEDGED')
check('once', take('aland', 'b1') == 'nothing new\n')
check('an older one is no fault', take('aland', 'old') == 'nothing new\n')
# the last word of a log that goes on
cli('aland', 'incident', 'withdraw', 'aland-1', '--cause', 'error', '--reason', 'It was a test.')
cli('aland', 'log', 'successor', '--reason', 'key-stolen', '--key', 'aland.key', '--passphrase-file', PHRASE)
pack('aland', 'bland', 'a2')
check('what comes first is named', '--generation' in take('bland', 'a2', good=1) and state('bland') == 'ACKNOWLEDGED')
check('nor one of number 0', 'no generation 0' in cli('aland', 'log', 'head', '--generation', '0', good=1))
check('no such one', 'no generation 3' in cli('aland', 'bundle', 'create', 'bland', '-o', 'a3', '--generation', '3', good=1))
pack('aland', 'bland', 'a1', '--generation', '1')
check('the end of the old one', ' 1 messages' in take('bland', 'a1') and state('bland') == 'CLOSED')
check('the note', ' 1 notes' in take('bland', 'a2'))
check('and what stands under it', 'entries' in take('bland', 'a2'))
check('all of it', take('bland', 'a2') == 'nothing new\n')
check('an older one', take('bland', 'a1') == 'nothing new\n')
cli('aland', 'pact', 'annex', 'new', '-o', 'aland.annex')
cli('aland', 'pact', 'annex', 'sign', 'aland.annex', '--key', 'aland.key', '--passphrase-file', PHRASE)
cli('aland', 'pact', 'adopt', 'aland.annex')
pack('aland', 'bland', 'a4')
check('an annex of the new one', ' 1 notes' in take('bland', 'a4'))
pack('bland', 'aland', 'b4')
take('aland', 'b4')
rows = [r for r in json.loads(cli('aland', 'pact', 'list', '-o', 'json')) if r['party'] == 'aland']
check('is seen', [(r['annex'], r['seen_by']) for r in rows] == [(2, 'bland')] and 0 < rows[0]['leaf'] < 100, rows)
for m in shown('aland', 'aland-1')['conversation']:
    cli('aland', 'log', 'prove', m['id'], '--out', 'm')
    check('it is proved', m['type'] in cli('bland', 'log', 'verify', 'm'))
# the disk is lost behind words and leaves that were never carried: nobody can bring the end of that log any more
shutil.copytree(top + '/aland', top + '/aland.old', symlinks=True)
cli('aland', 'incident', 'reopen', 'aland-1', '--reason', 'It was none.')
cli('aland', 'log', 'export', 'seen')
shutil.rmtree(top + '/aland')
shutil.move(top + '/aland.old', top + '/aland')
cli('aland', 'log', 'successor', '--reason', 'disk-lost', '--seen', 'seen/checkpoint', '--key', 'aland.key', '--passphrase-file', PHRASE)
pack('aland', 'bland', 'a5')
check('the note of a lost log', ' 1 notes' in take('bland', 'a5'))
check('and what stands under that', 'entries' in take('bland', 'a5') and state('bland') == 'CLOSED')
# met again they have nothing against each other
a, b = Party('aland', 'bland'), Party('bland', 'aland')
scene.wait(30, 'they agree', lambda: agree(a, b))
said = shown('aland', 'aland-1')['conversation']
check('leaves by their index', all(m['generation'] == 1 and m['leaf'] < 100 for m in said), said)
check('which log they hold', a.state()['generation'] == 3, a.state())
for who, n in ('aland', a), ('bland', b):
    check(f'{who} ends', n.stop() == 0, n.said)
    cli(who, 'log', 'fsck')
scene.end('')
