#!/usr/bin/env python3
"""A source that is a counterpart's listener: what a pact's other party may read is pulled there by the keys of the annexes.
Then a certificate that a user of the other node has, and what is refused.  counterpart.py DETENTE"""
import json, os, re, subprocess, sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '../script'))
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import pair, scene
from pair import Party, adopt, begin, ports
from scene import check, top
from client import cli, identity, numbers, pull, root, rows

GREEN = {'object_marking_refs': ['marking-definition--bab4a63c-aed9-4cf5-a766-dfca5abac2bb']}


def certificate(name):
    """One that nobody knows."""
    pair.sh('openssl', 'req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2', '-subj', f'/CN={name}', '-keyout', f'{name}.key', '-out', f'{name}.pem')
    os.chmod(f'{top}/{name}.key', 0o600)


def listed(name):
    return next(x for x in rows('bland', 'exchange', 'source', 'list')[0] if x['source'] == name)


def by_pact():
    url = f'https://127.0.0.1:{ports["aland"]}/taxii2/'
    cli('bland', 'exchange', 'collection', 'add', '--title', 'Own', '--alias', 'own')
    cli('bland', 'exchange', 'collection', 'add', '--title', 'Theirs', '--alias', 'theirs', '--from', 'aland')
    add = ('exchange', 'source', 'add', 'aland', '--counterpart', 'aland', '--into')
    for args, code, why in (((*add, 'own'), 3, '--from aland'), ((*add[:-2], 'nobody', '--into', 'theirs'), 1, 'no pact with'),
                            ((*add, 'theirs', '--token-file', 'phrase'), 2, 'known by its key'), ((*add, 'theirs', '--url', 'http://127.0.0.1/taxii2/'), 2, 'by https://')):
        _, said = cli('bland', *args, code=code)
        check(f'{args}: says why', why in said, said)
    cli('bland', *add, 'theirs', '--type', 'identity')
    x = listed('aland')
    check('where its annex or the configuration says', x['url'].startswith(url) and x['counterpart'] == 'aland' and x['certificate'] == "the node's", x)
    got, _ = pull('bland', 'aland')
    check('all that may go', numbers(got) == (40, 0, 0, 1), got)
    got, _ = pull('bland', 'aland')
    check('nothing new', numbers(got) == (0, 0, 0, 1), got)
    give(100, 5)
    got, _ = pull('bland', 'aland')
    check('what is new', numbers(got) == (5, 0, 0, 1), got)
    # Shown another certificate, it refuses; and goes on with the right one.
    certificate('stranger')
    cli('bland', 'exchange', 'source', 'set', 'aland', '--certificate', 'stranger.pem', '--key', 'stranger.key')
    check('its own now', listed('aland')['certificate'] == 'its own', listed('aland'))
    got, _ = pull('bland', 'aland', code=5)
    check('a stranger is refused', 'answered 401' in got['fault'], got)
    cli('bland', 'exchange', 'source', 'set', 'aland', '--certificate', 'bland/keys/tls.pem')
    got, _ = pull('bland', 'aland')
    check('the right one is not', numbers(got) == (0, 0, 0, 1) and not got['fault'], got)
    os.chmod(f'{top}/bland/exchange/sources/aland.pem', 0o640)
    got, _ = pull('bland', 'aland', code=3)
    check('a key that others can read is not used', 'chmod go=' in got['fault'], got)
    out, _ = cli('bland', 'doctor', '-o', 'json', code=None)
    check('the doctor says so too', 'aland.pem' in out, out)
    os.chmod(f'{top}/bland/exchange/sources/aland.pem', 0o600)
    # Where the configuration does not say `inside` it is not connected to.
    with open(f'{top}/bland/detente.yaml') as f:
        conf = f.read()
    with open(f'{top}/bland/detente.yaml', 'w') as f:
        f.write(conf.replace('inside: true', 'inside: false'))
    got, _ = pull('bland', 'aland', code=4)
    check('not at an address of this machine', 'inside: true' in got['fault'], got)
    with open(f'{top}/bland/detente.yaml', 'w') as f:
        f.write(conf)
    # Where it answers from now on it is asked, and a source whose address was given stays there.
    cli('bland', 'exchange', 'collection', 'add', '--title', 'Fixed', '--alias', 'fixed', '--from', 'aland')
    cli('bland', 'exchange', 'source', 'add', 'there', '--counterpart', 'aland', '--url', url, '--into', 'fixed', '--type', 'identity')
    with open(f'{top}/bland/detente.yaml', 'w') as f:
        f.write(conf.replace(f'https://127.0.0.1:{ports["aland"]}/', f'https://localhost:{ports["aland"]}/'))
    give(150, 5)
    got, said = pull('bland', 'aland')
    check('it moved', numbers(got) == (5, 0, 0, 1) and 'aland answers at https://localhost:' in said, (got, said))
    check('and so did the source', listed('aland')['url'] == x['url'].replace('127.0.0.1', 'localhost'), (listed('aland'), x))
    got, said = pull('bland', 'there')
    check('one does not move', numbers(got)[0] == 50 and 'answers at' not in said and listed('there')['url'].startswith(url), (got, said))
    cli('bland', 'exchange', 'source', 'remove', 'there')
    with open(f'{top}/bland/detente.yaml', 'w') as f:
        f.write(conf)
    # By the running node itself, within its fence.
    cli('bland', 'exchange', 'source', 'remove', 'aland')
    cli('bland', *add, 'theirs', '--type', 'identity', '--every', '1s')
    give(200, 5)
    scene.wait(20, 'the node pulls it', lambda: root('aland', 'given') == root('bland', 'theirs'))
    cli('bland', 'exchange', 'source', 'set', 'aland', '--every', '0')
    check('nothing was forbidden', 'puller died' not in node['bland'].said, node['bland'].said)


def other_key(a):
    """Somebody else answers there."""
    check('it ends', a.stop() == 0)
    certificate('between')
    with open(f'{top}/both.pem', 'w') as f:
        f.write(open(f'{top}/between.key').read() + open(f'{top}/between.pem').read())
    os.rename(f'{top}/aland/keys/tls.pem', f'{top}/kept.pem')
    server = subprocess.Popen(['openssl', 's_server', '-accept', f'127.0.0.1:{ports["aland"]}', '-cert', 'both.pem', '-key', 'both.pem', '-tls1_3', '-quiet', '-www'], cwd=top,
                              stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    got, _ = pull('bland', 'aland', code=4)
    check('another key is not believed', 'TLS key is none' in got['fault'], got)
    server.kill()
    server.wait()
    os.rename(f'{top}/kept.pem', f'{top}/aland/keys/tls.pem')


def give(first, count):
    with open(f'{top}/some.json', 'w') as f:
        json.dump([identity(n, **GREEN) for n in range(first, first + count)], f)
    cli('aland', 'exchange', 'import', 'some.json', '--into', 'given')


def by_user():
    """A user of another node who is known by a certificate."""
    certificate('alice')
    with open(f'{top}/aland/detente.yaml') as f:
        conf = f.read()
    with open(f'{top}/aland/detente.yaml', 'w') as f:
        f.write('hosts: [localhost]\n' + re.sub('- address: 127.0.0.1:0', '- {address: "127.0.0.1:0", tls: true}', conf))
    cli('aland', 'exchange', 'user', 'add', 'alice')
    cli('aland', 'user', 'cert', 'alice', '--pem', 'alice.pem')
    cli('aland', 'exchange', 'collection', 'permit', 'given', '--reader', 'alice')
    a = Party('aland', 'bland')
    url = a.url.replace('127.0.0.1', 'localhost').rstrip('/') + '/taxii2/'
    cli('bland', 'exchange', 'collection', 'add', '--title', 'By certificate', '--alias', 'shown')
    add = ('exchange', 'source', 'add', 'alice', '--url', url, '--into', 'shown', '--ca', 'aland/keys/ca.pem')
    os.chmod(f'{top}/alice.key', 0o644)
    pair.sh('openssl', 'pkey', '-in', 'alice.key', '-aes256', '-passout', 'pass:secret', '-out', 'sealed.key')
    os.chmod(f'{top}/sealed.key', 0o600)
    for args, code, why in ((('--certificate', 'alice.pem', '--key', 'alice.key'), 3, 'chmod go='), (('--certificate', 'alice.pem'), 3, 'no key in PEM'), (('--key', 'stranger.key'), 2, '--certificate'),
                            (('--certificate', 'alice.pem', '--key', 'stranger.key'), 3, 'not that of'), (('--certificate', 'alice.pem', '--key', 'sealed.key'), 3, 'passphrase'),
                            (('--certificate', 'some.json', '--key', 'stranger.key'), 3, 'no certificate'), (('--certificate', 'stranger.pem', '--key', 'stranger.key'), 5, 'answered 401'), ((), 5, 'answered 401')):
        _, said = cli('bland', *add, *args, code=code)
        check(f'{args}: says why', why in said, said)
    check('what failed leaves nothing', not [f for f in os.listdir(f'{top}/bland/exchange/sources') if f.startswith('alice.')])
    os.chmod(f'{top}/alice.key', 0o600)
    cli('bland', *add, '--certificate', 'alice.pem', '--key', 'alice.key')
    kept = f'{top}/bland/exchange/sources/alice.pem'
    check('its key is nobody else\'s', os.stat(kept).st_mode & 0o777 == 0o600)
    got, _ = pull('bland', 'alice')
    check('by the certificate of a user', numbers(got) == (55, 0, 0, 1), got)
    check('the roots are equal', root('aland', 'given') == root('bland', 'shown') == root('bland', 'theirs'))
    cli('bland', 'exchange', 'source', 'remove', 'alice')
    check('nothing is left of it', not os.path.exists(kept))
    return a


begin()
adopt('aland', 'bland')
node = {'aland': Party('aland', 'bland'), 'bland': Party('bland', 'aland')}
scene.wait(30, 'both know each other', lambda: pair.agree(node['aland'], node['bland']))
cli('aland', 'exchange', 'collection', 'add', '--title', 'Given', '--alias', 'given', '--pact', 'aland-bland')
give(0, 40)
by_pact()
other_key(node['aland'])
node['aland'] = by_user()
for n in node.values():
    check('it ends', n.stop() == 0)
scene.end()
