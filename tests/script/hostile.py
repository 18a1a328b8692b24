"""What a party that means no good has in scripts: a front before its node, its log's key, and trees of its own."""
import base64, hashlib, http.client, re, socket, ssl, threading

from pair import port, ports, sh
from scene import top

NO = hashlib.sha256(b'').digest()


class Front:
    """Answers as `name` for `other`, with what `name` answers, unless `twist` has another answer: (status, body), or a function
    that writes to the socket; 'cut': nothing at all."""

    def __init__(self, name, other):
        self.keys, self.to, self.at = (f'{top}/{x}/keys/tls.pem' for x in (name, other)), ports[name], port()
        self.own, self.as_whom = self.keys
        self.twist, self.sent, self.twisted = None, 0, 0
        self.socket = socket.create_server(('127.0.0.1', self.at))
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        while True:
            c, _ = self.socket.accept()
            threading.Thread(target=self.one, args=(c,), daemon=True).start()

    def fetch(self, method, path, body):
        c = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        c.check_hostname, c.verify_mode = False, ssl.CERT_NONE
        c.load_cert_chain(self.as_whom)
        h = http.client.HTTPSConnection('127.0.0.1', self.to, context=c, timeout=20)
        h.request(method, path, body or None)
        r = h.getresponse()
        return r.status, r.read()

    def one(self, c):
        twist = self.twist
        try:
            c.settimeout(30)
            if twist == 'cut':
                return
            t = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            t.load_cert_chain(self.own)
            c = t.wrap_socket(c, server_side=True)
            got = b''
            while b'\r\n\r\n' not in got:
                got += c.recv(65536) or 1 / 0
            head, body = got.split(b'\r\n\r\n', 1)
            method, path = head.split(b' ')[:2]
            size = re.search(rb'(?i)content-length: *(\d+)', head)
            while size and len(body) < int(size[1]):
                body += c.recv(65536) or 1 / 0
            status, answer = self.fetch(method.decode(), path.decode(), body)
            other = twist(path.decode(), status, answer) if twist else None
            if other:
                self.twisted += 1
            if callable(other):
                return other(self, c)
            status, answer = other or (status, answer)
            more = 'Content-Type: text/x.tlog.size\r\n' if status == 409 and answer.strip().isdigit() else ''
            c.sendall(f'HTTP/1.1 {status} So\r\n{more}Content-Length: {len(answer)}\r\nConnection: close\r\n\r\n'.encode() + answer)
        except (OSError, ZeroDivisionError, http.client.HTTPException):
            pass
        finally:
            c.close()


def conf(name, other, front):
    with open(f'{top}/{name}/detente.yaml', 'w') as f:
        f.write(f'party: {name}\nlisten:\n  - address: 127.0.0.1:0\n  - {{address: "127.0.0.1:{ports[name]}", what: peers, tls: true}}\n')
        f.write(f'peers:\n  - {{party: {other}, endpoint: "https://127.0.0.1:{front.at}/", inside: true}}\nblock: {{events: 4}}\n')


def signed(name, text):
    """By the log's own key, as only its owner can."""
    who, kid, rest = open(f'{top}/{name}/keys/log.key').read().strip().removeprefix('PRIVATE+KEY+').split('+', 2)
    open(top + '/k', 'wb').write(bytes.fromhex('302e020100300506032b657004220420') + base64.b64decode(rest)[1:])
    open(top + '/m', 'wb').write(text.encode())
    raw = sh('openssl', 'pkeyutl', '-sign', '-keyform', 'DER', '-inkey', 'k', '-rawin', '-in', 'm')
    return f'{text}\n— {who} {base64.b64encode(bytes.fromhex(kid) + raw).decode()}\n'


def root(h):
    if len(h) < 2:
        return h[0] if h else NO
    k = 1 << (len(h) - 1).bit_length() - 1
    return hashlib.sha256(b'\1' + root(h[:k]) + root(h[k:])).digest()
