#!/usr/bin/env python3
"""What no annex can do, whatever date it bears: annexes.py DETENTE.

Two real nodes.  Each signs an annex of now that says to be of long ago: one gives away the space that an attack comes from, the
other adds space that was attacked before.  Then the first signs another first annex, and its own log says so."""
import base64, hashlib, json, re, subprocess, time

import scene
from hostile import Front, conf, root, signed
from pair import PHRASE, Party, adopt, agree, begin, sh
from scene import check, detente, top
from conversation_parts import cli, in_force, listed, shown


def eve(origin, times, target='192.0.2.', at=None):
    at = time.strftime('%Y-%m-%dT%H:%M:%S', time.gmtime(at or time.time()))
    open(top + '/e.json', 'w').write(''.join(json.dumps({
        'timestamp': f'{at}.{i:06d}+0000', 'event_type': 'alert', 'src_ip': origin, 'src_port': 40000 + i,
        'dest_ip': f'{target}{10 + i % 2}', 'dest_port': 443, 'proto': 'TCP', 'app_proto': 'http',
        'flow': {'pkts_toserver': 5, 'pkts_toclient': 4}, 'alert': {
            'action': 'allowed', 'gid': 1, 'signature_id': 2030001, 'rev': 2, 'signature': 'x',
            'category': 'Attempted Administrator Privilege Gain', 'severity': 1}}) + '\n' for i in range(times)))
    cli('aland', 'ingest', 'e.json')


def again(name, sequence, *changes):
    """Its annex, as `sequence` and with other words, signed by its party."""
    text = open(f'{top}/{name}.annex').read().split('\n— ')[0].rstrip('\n') + '\n'
    for old, new in (('sequence: 1', f'sequence: {sequence}'), *changes):
        check(f'{old} stands there', old in text, text)
        text = text.replace(old, new)
    open(f'{top}/{name}.again', 'w').write(text)
    sh(detente, 'pact', 'sign', f'{name}.again', '--key', f'{name}.key', '--passphrase-file', PHRASE, '--pact', 'pact')
    return text


def annex_of(who, party):
    return next(r for r in json.loads(cli(who, 'pact', 'list', '-o', 'json')) if r['party'] == party)


def adopted(name):
    cli(name, 'pact', 'adopt', f'{name}.again')
    scene.wait(20, 'both have it, and a witness saw it', lambda: all(annex_of(x, name)['annex'] == 2 for x in ('aland', 'bland')))
    in_force()


begin()
adopt('aland', 'bland')
fa, fb = Front('aland', 'bland'), Front('bland', 'aland')
conf('aland', 'bland', fb)
conf('bland', 'aland', fa)
a, b = Party('aland', 'bland'), Party('bland', 'aland')
in_force()

# space that is given away in an attack, as of long ago, is the giver's for the month
eve('203.0.113.7', 4)
again('bland', 2, ('v4: [203.0.113.0/24]', 'v4: [198.51.100.0/24]'), ('203.0.113.240/28', '198.51.100.240/28'),
      ('203.0.113.0/25', '198.51.100.0/25'), ('watches: [203.0.113.0/24]', 'watches: [198.51.100.0/24]'))
adopted('bland')
eve('203.0.113.7', 2)
scene.wait(20, 'an attack from it is bland\'s all the same', lambda: 'aland-1' in listed('bland'))
check('with all of it', shown('bland', 'aland-1')['events'] >= 5, shown('bland', 'aland-1'))

# space that is added as of long ago was not attacked long ago
before = time.time()
eve('203.0.113.30', 6, '198.51.101.')
again('aland', 2, ('v4: [192.0.2.0/24]', 'v4: [192.0.2.0/24, 198.51.101.0/24]'))
adopted('aland')
eve('203.0.113.30', 1, '198.51.101.', before)
eve('203.0.113.31', 6, '198.51.101.', before)
time.sleep(3)
check('what was before is nobody\'s', list(listed('aland')) == ['aland-1'], listed('aland'))
eve('203.0.113.32', 6, '198.51.101.')
scene.wait(20, 'from then on it counts', lambda: 'aland-2' in listed('bland'))
check('and nothing else does', sorted(listed('aland')) == ['aland-1', 'aland-2'], listed('aland'))
scene.wait(20, 'no fault', lambda: agree(a, b))

# its log, signed by its key, comes to name another first annex
text = again('bland', 1, ('valid_from: 2026-02-01T00:00:00Z', 'valid_from: 2026-02-02T00:00:00Z'))
note = open(top + '/bland.again', 'rb').read()
size = b.size()
status, entries = fb.fetch('GET', f'/log/tile/entries/000.p/{size}', b'')
check('its entries', status == 200 and size < 256, (status, size))
leaf = 'detente/annex/1\n' + json.dumps({
    'at': time.strftime('%Y-%m-%dT%H:%M:%S.000000Z', time.gmtime(time.time() + 1)), 'pact': 'aland-bland', 'party': 'bland', 'sequence': 1,
    'sha256': hashlib.sha256(text.encode()).hexdigest(), 'valid_from': '2026-02-02T00:00:00.000000Z'}, separators=(',', ':'))
entries += len(leaf).to_bytes(2, 'big') + leaf.encode()
hashes, i = [], 0
while i < len(entries):
    n = int.from_bytes(entries[i:i + 2], 'big')
    hashes.append(hashlib.sha256(b'\0' + entries[i + 2:i + 2 + n]).digest())
    i += 2 + n
check('as many as it says', len(hashes) == size + 1, (len(hashes), size))
checkpoint = signed('bland', f'bland.example/detente/log\n{size + 1}\n{base64.b64encode(root(hashes)).decode()}\n').encode()
named = set()
fb.twist = lambda path, status, body: (200, checkpoint) if path == '/log/checkpoint' else (200, entries) if '/tile/entries/' in path else \
    (200, note) if path.endswith('/annex/bland/1') else None


def is_named():
    s = a.state()
    named.add((s['fault'], s['why']))
    return any(f == 'malformed' and 'annex 1 of bland is not taken' in why for f, why in named)


scene.wait(20, 'it is named', is_named)
check('and said', 'annex 1 of bland is not taken: its log names another than it gave' in a.said, (named, a.said))
check('and what was agreed stays', annex_of('aland', 'bland')['annex'] == 2, annex_of('aland', 'bland'))
# and whoever's key it was hears of its signature over what it never had
scene.wait(20, 'the node whose key it was ends', lambda: b.process.poll() is not None)
check('and says why', b.process.poll() == 6 and 'the key copied' in b.said, (b.process.poll(), b.said))
eve('203.0.113.7', 1)
check('events are taken', 'died' not in a.said and a.stop() == 0, a.said)
for who in 'aland', 'bland':
    check('fsck', subprocess.run([detente, '--dir', who, 'log', 'fsck'], cwd=top, capture_output=True).returncode == 0)
scene.end()
