#!/usr/bin/env python3
"""Two nodes and a pact: peer.py DETENTE.

Both pull from each other over TLS 1.3 with pinned certificates until each log is witnessed and held by the other, over kills
of every process on the way.  Then the other is a hostile one, under the right key: each thing that it does is named and
bounded, and events are taken in meanwhile."""
import base64, hashlib, http.client, json, os, re, socket, ssl, subprocess, threading, time

import scene
from hostile import signed
from pair import Party, agree, adopt, begin, conf, kill, port, ports, sh
from scene import check, detente, top


def fetch(path, cert=None, method='GET', to='bland', version=None):
    c = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    c.check_hostname, c.verify_mode = False, ssl.CERT_NONE
    if version:
        c.maximum_version = version
    if cert:
        c.load_cert_chain(cert)
    h = http.client.HTTPSConnection('127.0.0.1', ports[to], context=c, timeout=10)
    try:
        h.request(method, path, headers={'Host': 'what.ever.example'})
        r = h.getresponse()
        return r.status, r.getheader('Content-Type'), r.read(), r.getheader('Cache-Control')
    except (OSError, http.client.HTTPException) as e:
        return 0, '', str(e).encode(), ''
    finally:
        h.close()


def grow(node, n):
    sample = subprocess.run([detente, 'sample', '--count', '40', '--seed', str(n)], capture_output=True, text=True).stdout
    open(top + '/s.json', 'w').write(sample)
    before = node.ask('/api/v1/now')[1].get('honesty', {}).get('events', 0)
    p = subprocess.run([detente, '--dir', node.name, 'ingest', 's.json'], cwd=top, capture_output=True, text=True, timeout=30)
    check('events are taken', p.returncode == 0, p.stderr)
    return before


def settle(what, seconds=15):
    began = time.time()
    scene.wait(seconds, what, lambda: agree(a, b))
    return time.time() - began


# ---- a counterpart that means no good, under the right key or a wrong one ------------------------

class Hostile:
    def __init__(self, at, key):
        self.mode, self.key, self.sent, self.asked = 'plain', key, 0, 0
        self.socket = socket.create_server(('127.0.0.1', at))
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        while True:
            try:
                c, _ = self.socket.accept()
            except OSError:
                return
            threading.Thread(target=self.one, args=(c,), daemon=True).start()

    def one(self, c):
        mode = self.mode
        try:
            c.settimeout(30)
            if mode == 'plain':
                c.recv(4096)
                c.sendall(b'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi')
                return
            t = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            t.load_cert_chain(top + '/other.pem' if mode == 'pin' else self.key)
            if mode == 'tls12':
                t.maximum_version = ssl.TLSVersion.TLSv1_2
            c = t.wrap_socket(c, server_side=True)
            got = b''
            while b'\r\n\r\n' not in got:
                more = c.recv(65536)
                if not more:
                    return
                got += more
            self.asked += 1
            self.path = got.split(b' ')[1].decode()
            self.answer(c, mode)
        except OSError:
            pass
        finally:
            c.close()

    def answer(self, c, mode):
        if mode == 'checkpoint':
            note = self.note.encode()
            c.sendall(b'HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n' % len(note) + note if self.path == '/log/checkpoint' else
                      b'HTTP/1.1 404 No\r\nContent-Length: 3\r\n\r\nno\n')
        if mode == 'redirect':
            c.sendall(f'HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:{inner}/\r\nContent-Length: 0\r\n\r\n'.encode())
        if mode == 'status':
            c.sendall(b'HTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n')
        if mode == 'garbage':
            c.sendall(b'HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nnonsense\n')
        if mode == 'gzip':
            c.sendall(b'HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 9\r\n\r\nnonsense\n')
        if mode == 'headers':
            c.sendall(b'HTTP/1.1 200 OK\r\n')
            while True:
                c.sendall(b'X-More: ' + b'x' * 1000 + b'\r\n')
        if mode == 'endless':
            c.sendall(b'HTTP/1.1 200 OK\r\n\r\n')
            while True:
                self.sent += c.send(b'x' * 16384)
        if mode == 'slow':
            c.sendall(b'HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n')
            while True:
                c.sendall(b'x')
                time.sleep(1)


begin()
adopt('aland')
# of bland's own authority, and yet of another key than its annex names
sh('openssl', 'req', '-new', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-keyout', 'other.key', '-out', 'other.csr', '-subj', '/CN=detente')
sh('openssl', 'x509', '-req', '-in', 'other.csr', '-CA', 'bland/keys/ca.pem', '-CAkey', 'bland/keys/ca.key', '-set_serial', '7', '-days', '9', '-out', 'other.crt')
open(top + '/other.pem', 'w').write(open(top + '/other.key').read() + open(top + '/other.crt').read())

conf('bland', 'aland', host='localhost')
a, b = Party('aland', 'bland'), Party('bland', 'aland')
scene.wait(10, 'one side alone', lambda: a.state()['fault'] == 'not-witnessed')
# a pact that comes while a node runs: first without the other's annex, then with it
was = b.roles()['detente-engine']
sh(detente, '--dir', 'bland', 'pact', 'adopt', 'pact', 'bland.annex')
scene.wait(10, 'the gate knows the pact', lambda: fetch('/pact/aland-bland/pact', top + '/bland/keys/tls.pem')[0] == 200)

def adopted(*what):
    p = subprocess.run([detente, '--dir', 'bland', 'pact', 'adopt', *what], cwd=top, capture_output=True, text=True, timeout=60)
    check('refused for nothing else', p.returncode == 0 or 'ask again' in p.stderr, p.stderr)
    return p.returncode == 0


scene.wait(10, 'it is taken, also when the engine begins anew just then', lambda: adopted('aland.annex'))
scene.wait(10, 'the engine begins anew', lambda: b.roles().get('detente-engine', was) != was)
scene.wait(10, 'and asks', lambda: 'detente-peer' in b.roles())
check('nobody died', 'died' not in b.said, b.said)
settle('both are witnessed and held')
for x in a, b:
    check('it ends', x.stop() == 0)
a, b = Party('aland', 'bland'), Party('bland', 'aland')
grow(a, 9)
took = settle('both are witnessed and held')
# what stands there for whom
own = top + '/aland/keys/tls.pem'
check('without a certificate', fetch('/log/checkpoint')[0] == 0)
check('TLS 1.2', fetch('/log/checkpoint', own, version=ssl.TLSVersion.TLSv1_2)[0] == 0)
got = fetch('/pact/aland-bland/pact', own)
check('the pact', got[0] == 200 and got[1].startswith('text/plain') and got[2] == open(top + '/pact', 'rb').read(), got)
check('an annex', fetch('/pact/aland-bland/annex/bland/1', own)[2] == open(top + '/bland.annex', 'rb').read())
none = fetch('/pact/aland-bland/message/' + '0' * 64, own)
check('no message', none[0] == 404 and none[2].count(b'\n') == 1, none)
check('bad name', fetch('/pact/aland-bland/message/xyz', own)[0] == 400)
stranger = fetch('/pact/aland-bland/pact', top + '/other.pem')
check('not for strangers, as if it were not there', stranger[:3] == fetch('/pact/none/pact', own)[:3] and stranger[0] == 404, stranger)
check('the log is for all', fetch('/log/checkpoint', top + '/other.pem')[0] == 200)
hexed = hashlib.sha256(b'aland.example/detente/log').hexdigest()
for kind in 'witness', 'holder':
    got = fetch(f'/{kind}/{hexed}/checkpoint', top + '/other.pem')
    check(f'{kind} checkpoint', got[0] == 200 and got[2].startswith(b'aland.example/detente/log\n'), got)
check('no page', [fetch(p, own)[0] for p in ('/', '/api/v1/node', '/metrics', '/api/v1/peers')] == [404] * 4)
check('no other method', fetch('/log/checkpoint', own, 'DELETE')[0] == 405)
head = fetch('/pact/aland-bland/pact', own, 'HEAD')
check('HEAD', head[0] == 200 and head[2] == b'', head)
check('the page has no pacts', b.ask('/pact/aland-bland/pact')[0] == 401)
check('but says what is held', b.ask(f'/holder/{hexed}/checkpoint')[0] == 200)
check('metrics', 'detente_counterparts 1\n' in a.ask('/metrics')[1])
got = subprocess.run([detente, '--dir', 'aland', 'status'], cwd=top, capture_output=True, text=True).stdout
check('status', re.search(r'pact +aland-bland with bland, witnessed \d+ of \d+ leaves \(\d+ s ago\), held ', got), got)
got = json.loads(subprocess.run([detente, '--dir', 'aland', 'status', '--json'], cwd=top, capture_output=True, text=True).stdout)
check('status --json', got['counterparts'][0]['held'] > 0, got)
check('doctor', 'no-peers-listener' not in subprocess.run([detente, '--dir', 'aland', 'doctor'], cwd=top, capture_output=True, text=True).stdout)
old = b.ask('/log/checkpoint')[1]
# readers that do not read
slow = []
for _ in range(30):
    c = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    c.check_hostname, c.verify_mode = False, ssl.CERT_NONE
    c.load_cert_chain(top + '/other.pem')
    t = c.wrap_socket(socket.create_connection(('127.0.0.1', ports['bland'])))
    t.sendall(b'GET /log/tile/entries/000.p/9 HTTP/1.1\r\nHost: x\r\n\r\n' * 20)
    slow.append(t)
grow(b, 8)
settle('beside slow readers')
for t in slow:
    t.close()
# kills
for who, role in (a, 'detente-peer'), (b, 'detente-peer'), (a, 'detente-engine'), (b, 'detente-gate'), (b, 'detente-engine'):
    kill(who, role)
    grow(a, 1)
    settle(f'after {role} of {who.name} died', 30)
grow(b, 2)
settle('b grows')
b_last = b.ask('/log/checkpoint')[1]
check('b ends', b.stop() == 0)
# the connection that there was is reset first, then there is none
scene.wait(20, 'silence is named', lambda: a.state()['fault'] == 'unreachable' and 'refused' in a.state()['why'])
check('and why', 'refused' in a.state()['why'], a.state())
check('a ends', a.stop() == 0)

# ---- hostility ----
inner = port()
trap = socket.create_server(('127.0.0.1', inner))
trap.settimeout(0.2)
hostile = Hostile(ports['bland'], top + '/bland/keys/tls.pem')
for mode, fault, why, seconds in (
        ('plain', 'unreachable', 'no TLS 1.3', 10), ('tls12', 'unreachable', 'no TLS 1.3', 10), ('pin', 'unreachable', 'TLS key', 10),
        ('redirect', 'unreachable', 'redirect', 10), ('status', 'not-witnessed', '500', 10), ('garbage', 'unsigned', '', 10),
        ('gzip', 'unsigned', '', 10), ('headers', 'unreachable', 'headers', 10), ('endless', 'unreachable', 'longer', 10), ('slow', 'unreachable', 'slow', 40)):
    hostile.mode, hostile.sent = mode, 0
    a = Party('aland', 'bland')
    grow(a, 3)
    scene.wait(seconds, f'{mode} is named', lambda: a.state()['fault'] == fault and why in a.state()['why'])
    check(f'{mode}: {fault} {why}', a.state()['fault'] == fault and why in a.state()['why'], a.state())
    grow(a, 4)
    check(f'{mode}: what is taken of it', hostile.sent < 8 << 20, hostile.sent)
    check(f'{mode}: a ends', a.stop() == 0, a.said)
# what it signed itself
newest = b_last.split('\n')
other = signed('bland', '\n'.join([newest[0], newest[1], base64.b64encode(b'x' * 32).decode()]) + '\n')
hostile.mode = 'checkpoint'
for note, fault in (old, 'rollback'), (other, 'fork'), (other[:-5] + 'AAA=\n', 'unsigned'):
    hostile.note = note
    a = Party('aland', 'bland')
    scene.wait(10, f'{fault} is named', lambda: a.state()['fault'] == fault)
    check(f'{fault} is named', a.state()['fault'] == fault, a.state())
    if fault != 'unsigned':
        key = f'peer-fault:bland {fault}'
        scene.wait(10, f'{fault} is told', lambda: key in [x['key'] for x in a.ask('/api/v1/alerts')[1]['alerts'] if x['state'] == 'firing'])
    check(f'{fault}: a ends', a.stop() == 0, a.said)
try:
    trap.accept()
    check('nobody follows a redirect', False)
except OSError:
    pass
conf('aland', 'bland', 'inside: false')
hostile.mode, hostile.asked = 'garbage', 0
a = Party('aland', 'bland')
scene.wait(10, 'loopback is refused', lambda: 'loopback' in a.state()['why'])
check('and says what to do', 'inside: true' in a.state()['why'] and hostile.asked == 0, a.state())
check('a ends', a.stop() == 0)
conf('aland', 'bland', host='nowhere.invalid')
text = open(top + '/aland/detente.yaml').read()
open(top + '/aland/detente.yaml', 'w').write(re.sub(r'.*what: peers.*\n', '', text))  # it asks all the same, as whom it is
check('doctor', 'no-peers-listener' in subprocess.run([detente, '--dir', 'aland', 'doctor'], cwd=top, capture_output=True, text=True).stdout)
a = Party('aland', 'bland')
scene.wait(25, 'a name of nobody', lambda: 'cannot be looked up' in a.state()['why'])
check('a name of nobody', 'cannot be looked up' in a.state()['why'], a.state())
check('a ends', a.stop() == 0)
check('fsck', subprocess.run([detente, '--dir', 'aland', 'log', 'fsck'], cwd=top, capture_output=True).returncode == 0)
scene.end(f'{took:.1f} s; ')
