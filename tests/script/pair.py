"""Two nodes, aland and bland, and a pact of both, for scripts that need them: keys, documents, configurations.  Each answers
the other on a port of its own of loopback."""
import base64, hashlib, os, random, re, socket, subprocess, time

import scene
from scene import check, detente, top

PHRASE = top + '/phrase'
clocks = {}  # party: the file of its test clock; nodes are then made for tests


class Clock:
    """A file that moves the clock of whoever follows it."""

    def __init__(self, name='clock'):
        self.path, self.ahead = f'{top}/{name}', 0
        self.jump(0)

    def now(self):
        return time.time() + self.ahead

    def jump(self, seconds):
        self.ahead += seconds
        with open(self.path + '.new', 'w') as f:
            f.write(f'{self.ahead:.6f}\n')
        os.rename(self.path + '.new', self.path)


def sh(*args, **more):
    p = subprocess.run(args, cwd=top, capture_output=True, timeout=60, **more)
    check(f'{args}', p.returncode == 0, p.stdout + p.stderr)
    return p.stdout


def port():
    """A free one below those that the kernel gives to whoever connects: a node that is started again must find it free."""
    while True:
        n = random.randrange(20000, 32000)
        with socket.socket() as s:
            try:
                s.bind(('127.0.0.1', n))
            except OSError:
                continue
        return n


def public(name, role):
    """The verifier key of a node's key, by openssl."""
    text = open(f'{top}/{name}/keys/{role}.key').read().strip().removeprefix('PRIVATE+KEY+')
    who, kid, rest = text.split('+', 2)
    raw = base64.b64decode(rest)
    der = bytes.fromhex('302e020100300506032b657004220420') + raw[1:]
    key = sh('openssl', 'pkey', '-inform', 'DER', '-pubout', '-outform', 'DER', input=der)[-32:]
    return f'{who}+{kid}+{base64.b64encode(raw[:1] + key).decode()}'


def spki(pem):
    key = sh('openssl', 'x509', '-in', pem, '-noout', '-pubkey')
    return hashlib.sha256(sh('openssl', 'pkey', '-pubin', '-outform', 'DER', input=key)).hexdigest()


class Party(scene.Node):
    def __init__(self, name, other, inside=True):
        self.name = name
        super().__init__(*(['--test-clock', clocks[name]] if name in clocks else []), dir=name)
        self.inside = inside

    def state(self):
        status, got = self.ask('/api/v1/peers')
        return got['peers'][0] if status == 200 and got['peers'] else {'fault': 'none', 'why': '', 'witnessed': -1, 'held': -1, 'size': -1}

    def size(self):
        return int(self.ask('/log/checkpoint')[1].split('\n')[1])


def conf(name, other, more='inside: true', host='127.0.0.1'):
    with open(f'{top}/{name}/detente.yaml', 'w') as f:
        f.write(f'party: {name}\nlisten:\n  - address: 127.0.0.1:0\n  - {{address: "127.0.0.1:{ports[name]}", what: peers, tls: true}}\n')
        f.write(f'peers:\n  - {{party: {other}, endpoint: "https://{host}:{ports[other]}/", {more}}}\nblock: {{events: 4}}\n')


def annex(name, other):
    text = open(os.path.join(os.path.dirname(os.path.abspath(__file__)), '../pact/base.annex.yaml')).read()
    for role in 'log', 'witness', 'holder', 'message':
        text = re.sub(rf'vkey: "aland\.example/detente/{role}\+[^"]*"', f'vkey: "{public(name, role)}"', text)
    text = re.sub(r'spki: [0-9a-f]{64}', 'spki: ' + spki(f'{top}/{name}/keys/tls.pem'), text)
    text = re.sub(r'pact: \S+', 'pact: aland-bland', text.replace('aland', name))
    if name == 'bland':
        text = re.sub(r'192\.0\.2\.', '203.0.113.', text).replace('2001:db8:a:', '2001:db8:b:').replace('64496, 64497', '64500, 64501')
        text = text.replace('x25519: 0000000000000000000000000000000000000000000000000000000000000002', 'x25519: ' + '00' * 31 + '03')
    if name == 'cland':
        text = re.sub(r'192\.0\.2\.', '198.51.100.', text).replace('2001:db8:a:', '2001:db8:c:').replace('64496, 64497', '64510, 64511')
        text = text.replace('x25519: 0000000000000000000000000000000000000000000000000000000000000002', 'x25519: ' + '00' * 31 + '04')
    open(f'{top}/{name}.annex', 'w').write(text)
    sh(detente, 'pact', 'sign', f'{name}.annex', '--key', f'{name}.key', '--passphrase-file', PHRASE, '--pact', 'pact')


def agree(a, b):
    """Each is witnessed and held by the other up to its newest leaf."""
    for x, y in (a, b), (b, a):
        s = x.state()
        if s['fault'] or s['witnessed'] != x.size() or s['held'] != x.size() or s['size'] != y.size() or s['missing']:
            return False
    return True


def begin(change=lambda pact: pact):
    """Both nodes with keys, the pact signed by both, and their annexes signed: files `pact`, `aland.annex`, `bland.annex`."""
    open(PHRASE, 'w').write('correct horse battery\n')
    for name, other in ('aland', 'bland'), ('bland', 'aland'):
        sh(detente, '--dir', name, 'init', '--origin', f'{name}.example/detente/log', *(['--test'] if name in clocks else []))
        conf(name, other)
        n = Party(name, other)  # makes the keys
        check('no pact, no process', 'detente-peer' not in n.roles(), n.roles())
        check('no pact', n.ask('/api/v1/peers') == (200, {'peers': [], 'clock': {'others': 0}}), n.ask('/api/v1/peers'))
        check('it ends', n.stop() == 0)
        open(f'{top}/{name}.vkey', 'wb').write(sh(detente, 'pact', 'key', f'{name}.example/detente/party', '-o', f'{name}.key', '--passphrase-file', PHRASE))
    sh(detente, 'pact', 'new', 'aland-bland', *[f'{x},{x}.example/detente/log,' + open(f'{top}/{x}.vkey').read().strip() for x in ('aland', 'bland')],
       '--from', '2026-02-01', '-o', 'pact')
    text = change(open(top + '/pact').read())
    open(top + '/pact', 'w').write(text)
    for x in 'aland', 'bland':
        sh(detente, 'pact', 'sign', 'pact', '--key', f'{x}.key', '--passphrase-file', PHRASE)
    annex('aland', 'bland')
    annex('bland', 'aland')
    sh(detente, 'pact', 'check', 'pact', 'aland.annex', 'bland.annex')


def adopt(*names):
    for x in names:
        sh(detente, '--dir', x, 'pact', 'adopt', 'pact', 'aland.annex', 'bland.annex')


def reborn(node, other):
    """Killed as a whole, at once, and started again."""
    them = list(node.roles().values())
    node.process.kill()
    node.process.wait()
    scene.wait(10, 'all of it is gone', lambda: not any(os.path.exists(f'/proc/{x}') for x in them))
    return Party(node.name, other)


def kill(node, role):
    was = node.roles()[role]
    os.kill(was, 9)
    scene.wait(20, f'{role} is back', lambda: node.roles().get(role, was) != was)


ports = {'aland': port(), 'bland': port()}
