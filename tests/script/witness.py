#!/usr/bin/env python3
"""A node as a witness of another's log (C2SP tlog-witness): witness.py DETENTE.

One node grows a log, another cosigns it; every answer that the protocol knows is asked for, in the
order in which it must come, over kills and restarts, and a log that forks is caught with both of
its notes.  Proofs and cosignatures are made and checked here, by code of its own."""
import base64, hashlib, os, re, subprocess, time, urllib.error, urllib.request

import scene
from hostile import NO, root
from scene import check, detente, run, top

A = top + '/a'


def ours(*args, dir=None, code=0):
    p = subprocess.run([detente, '--dir', dir or A, *args], cwd=top, capture_output=True, text=True, timeout=60)
    check(f'{args}', p.returncode == code, p.stdout + p.stderr)
    return p.stdout


def public(vkey):
    name, kid, rest = vkey.strip().split('+', 2)
    raw = base64.b64decode(rest)
    return name, bytes.fromhex(kid), raw[0], raw[1:]


def verifies(key, message, signature):
    """By openssl, which knows nothing of notes."""
    for name, data in ('k', bytes.fromhex('302a300506032b6570032100') + key), ('m', message), ('s', signature):
        with open(f'{top}/{name}', 'wb') as f:
            f.write(data)
    return subprocess.run(['openssl', 'pkeyutl', '-verify', '-pubin', '-keyform', 'DER', '-inkey', top + '/k', '-rawin',
                           '-in', top + '/m', '-sigfile', top + '/s'], capture_output=True).returncode == 0


def signed(text):
    """By the log's own key, as only its owner can."""
    name, kid, rest = open(A + '/keys/log.key').read().strip().removeprefix('PRIVATE+KEY+').split('+', 2)
    with open(top + '/k', 'wb') as f:
        f.write(bytes.fromhex('302e020100300506032b657004220420') + base64.b64decode(rest)[1:])
    with open(top + '/m', 'wb') as f:
        f.write(text.encode())
    raw = subprocess.run(['openssl', 'pkeyutl', '-sign', '-keyform', 'DER', '-inkey', top + '/k', '-rawin', '-in', top + '/m'],
                         capture_output=True, check=True).stdout
    return f'{text}\n— {name} {base64.b64encode(bytes.fromhex(kid) + raw).decode()}\n'


def leaves():
    """Leaf hashes of the log, from its exported entries."""
    ours('log', 'export', 'x')
    out = []
    files = []
    for base, _, names in os.walk(f'{top}/x/tile/entries'):
        files += [os.path.join(base, x) for x in names]
    full = sorted(f for f in files if '.p/' not in f)
    last = sorted((f for f in files if '.p/' in f), key=lambda f: (f.split('.p/')[0], int(f.rsplit('/', 1)[1])))
    for f in full + last[-1:]:
        data, at = open(f, 'rb').read(), 0
        while at < len(data):
            n = int.from_bytes(data[at:at + 2], 'big')
            out.append(hashlib.sha256(b'\0' + data[at + 2:at + 2 + n]).digest())
            at += 2 + n
    return out


def proof(m, h, whole=True):
    """RFC 6962 2.1.2"""
    if m == len(h):
        return [] if whole else [root(h)]
    k = 1 << (len(h) - 1).bit_length() - 1
    if m <= k:
        return proof(m, h[:k], whole) + [root(h[k:])]
    return proof(m - k, h[k:], False) + [root(h[:k])]


def ask(old, path, note, expect):
    body = f'old {old}\n' + ''.join(base64.b64encode(x).decode() + '\n' for x in path) + '\n' + note
    status, answer = post(body)
    check(f'old {old}, {len(path)} hashes: {expect}', status == expect, (status, answer))
    return answer


def post(body):
    r = urllib.request.Request(node.url.rstrip('/') + '/witness/add-checkpoint', data=body.encode(), method='POST')
    try:
        with urllib.request.urlopen(r, timeout=20) as f:
            return f.status, f.read().decode()
    except urllib.error.HTTPError as e:
        if e.code == 409:
            check('type of 409', e.headers['Content-Type'] == 'text/x.tlog.size', e.headers['Content-Type'])
        return e.code, e.read().decode()


def cosigned(line, note, key, since):
    """That line is the witness's, over that checkpoint, of now."""
    name, kid, alg, pub = key
    m = re.fullmatch(r'— (\S+) (\S+)\n', line)
    check('form of a cosignature', m is not None and m[1] == name, line)
    raw = base64.b64decode(m[2])
    stated = int.from_bytes(raw[4:12], 'big')
    text = note.split('\n\n')[0] + '\n'
    check('key id', raw[:4] == kid and alg == 4 and len(raw) == 4 + 8 + 64, line)
    check('time', since - 1 <= stated <= time.time() + 1, stated)
    check('signature', verifies(pub, f'cosignature/v1\ntime {stated}\n{text}'.encode(), raw[12:]))
    return stated


def grow(n):
    with open(top + '/s.json', 'a') as f:
        f.write(subprocess.run([detente, 'sample', '--count', '40', '--seed', str(n)], capture_output=True, text=True).stdout)
    ours('ingest', 's.json')


ours('init', '--origin', 'a.example/detente/log')
with open(A + '/detente.yaml', 'w') as f:
    f.write('block: {events: 4}\n')
grow(1)
vkey = ours('log', 'key').strip()
ours('init', '--origin', 'b.example/detente/log', dir=top + '/b')
scene.init(f'    what: page\nwitness:\n  logs: ["{vkey}"]\n')
made = run('log', 'witness', 'key').stdout
key = public(made)
node = scene.Node()
try:
    check('the key stays', run('log', 'witness', 'key').stdout == made)
    first = ours('log', 'head')
    size = int(first.split('\n')[1])
    hexed = hashlib.sha256(b'a.example/detente/log').hexdigest()
    check('nothing yet', node.ask(f'/witness/{hexed}/checkpoint')[0] == 404)
    check('no hash', node.ask('/witness/abc/checkpoint')[0] == 400)
    # order: form, origin, signature, sizes, state, proof
    for bad in '', 'old\n\n' + first, 'old -1\n\n' + first, 'old 0\nAAAA\n\n' + first, 'old 0\n' + first, 'old 01\n\n' + first, \
            'old 0\n' + (base64.b64encode(NO).decode() + '\n') * 64 + '\n' + first:
        check('malformed', post(bad)[0] == 400, bad[:40])
    ask(0, [], ours('log', 'head', dir=top + '/b'), 404)
    ask(0, [], first[:-12] + ('A' if first[-12] != 'A' else 'B') + first[-11:], 403)
    bent = first.split('\n')
    bent[1] = str(size + 1)
    ask(0, [], '\n'.join(bent), 403)
    ask(size + 1, [], first, 400)
    check('409 says the size', ask(1, [], first, 409) == '0\n')
    ask(0, [NO], first, 422)
    since = time.time()
    stated = cosigned(ask(0, [], first, 200), first, key, since)
    check('409 says the size', ask(0, [], first, 409) == f'{size}\n')
    cosigned(ask(size, [], first, 200), first, key, since)  # the heartbeat, and a reply that was lost
    ask(size, [NO], first, 422)
    status, served = node.ask(f'/witness/{hexed}/checkpoint')
    check('it is served', status == 200, status)
    # a larger tree, with its proof and no other
    grow(2)
    second, h = ours('log', 'head'), leaves()
    check('our own tree', root(h) == base64.b64decode(second.split('\n')[2]))
    path = proof(size, h)
    ask(size, path[:-1], second, 422)
    ask(size, path + [NO], second, 422)
    ask(size, [NO] * len(path), second, 422)
    was = node.roles()['detente-engine']
    os.kill(was, 9)
    scene.wait(20, 'the engine is back', lambda: node.roles().get('detente-engine', was) != was)
    scene.wait(20, 'and answers', lambda: post('old 0\n\n')[0] == 400)
    cosigned(ask(size, path, second, 200), second, key, since)
    check('back is no way', ask(size, [], first, 409) == f'{len(h)}\n')
    node.stop()
    node = scene.Node()
    check('after a restart too', ask(size, path, second, 409) == f'{len(h)}\n')
    cosigned(ask(len(h), [], second, 200), second, key, since)
    # a log that grows without end is put off, and not by who only shows its tree
    with open(top + '/s.json', 'a') as f:
        f.write(subprocess.run([detente, 'sample', '--count', '700', '--seed', '3'], capture_output=True, text=True).stdout)
    ours('ingest', 's.json')
    old, h, codes = len(h), leaves(), []
    while old < len(h) and 429 not in codes:
        note = signed(f'a.example/detente/log\n{old + 1}\n{base64.b64encode(root(h[:old + 1])).decode()}\n')
        path = proof(old, h[:old + 1])
        codes.append(post(f'old {old}\n' + ''.join(base64.b64encode(x).decode() + '\n' for x in path) + '\n' + note)[0])
        if codes[-1] == 200:
            old, last = old + 1, note
    check('a pace', set(codes) == {200, 429} and len(codes) > 100, (len(codes), set(codes)))
    check('its tree again', {post(f'old {old}\n\n{last}')[0] for _ in range(200)} == {200})
    time.sleep(1)
    second = ours('log', 'head')
    cosigned(ask(old, proof(old, h), second, 200), second, key, since)
    # the log's key signs two trees of one size
    fork = signed(f'a.example/detente/log\n{len(h)}\n{base64.b64encode(NO).decode()}\n')
    check('a fork is told', 'forked' in ask(len(h), [], fork, 422))
    scene.wait(5, 'and said', lambda: 'two trees of one size' in node.said)
    cosigned(ask(len(h), [], second, 200), second, key, since)
    # and both notes make a proof that needs nobody's word
    made = run('log', 'prove-fork', '--key', vkey, '-o', scene.top + '/fork')
    check('a fork is proved', made.returncode == 0, made.stderr)
    checked = run('log', 'verify-fork', scene.top + '/fork', '--key', vkey)
    check('and checked', checked.returncode == 0 and f'two roots for {len(h)} entries' in checked.stdout, checked)
    bent = open(scene.top + '/fork').read().replace(base64.b64encode(NO).decode(), base64.b64encode(b'x' * 32).decode())
    open(scene.top + '/bent', 'w').write(bent)
    check('a bent one is none', run('log', 'verify-fork', scene.top + '/bent', '--key', vkey).returncode == 6)
    check('whoever did not fork is not accused', run('log', 'prove-fork', '--key', run('log', 'key').stdout.strip()).returncode == 1)
    answer = post('old 0\n\n' + 'x' * 140000)[0]
    check('too long', answer == 413, answer)
finally:
    check('exit', node.stop() == 0)
check('fsck', run('log', 'fsck').returncode == 0)
types = [run('log', 'show', str(i)).stdout for i in range(2, 8)]
check('a leaf for each key', sum('"role":"witness"' in t for t in types) == 1 and sum('"role":"message"' in t for t in types) == 1, types)
scene.end('')
