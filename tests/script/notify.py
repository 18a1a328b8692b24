#!/usr/bin/env python3
"""People are told: notify.py DETENTE.  Alerts of a running node reach real receivers on loopback:
a mail server (aiosmtpd) with STARTTLS and sign-in, an HTTPS server that checks the signature, and
syslog over UDP, TCP, TLS and a local socket (rsyslogd where it is installed, beside receivers that
read RFC 5424 strictly)."""
import email, email.policy, hashlib, hmac, http.client, http.server, json, logging, os, re, shutil, signal
import socket, sqlite3, ssl, subprocess, sys, tempfile, threading, time

detente = os.path.abspath(sys.argv[1])
top = tempfile.mkdtemp(prefix='detente-notify.')
logging.disable()  # aiosmtpd warns of itself
faults = 0
skipped = 0
KEY = b'a key of the webhook'
PASSWORD = 'a password of the mail user'


def check(what, good, more=''):
    global faults
    if not good:
        faults += 1
        print('FAULT', what, more)


def wait(what, until, seconds=20):
    end = time.time() + seconds
    while time.time() < end:
        if until():
            return True
        time.sleep(0.1)
    check(what, False, 'not in time')
    return False


def certificate():
    subprocess.run(['openssl', 'req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes',
                    '-keyout', top + '/tls.key', '-out', top + '/tls.pem', '-days', '2', '-subj', '/CN=localhost',
                    '-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1'], check=True, capture_output=True)


def tls():
    c = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    c.load_cert_chain(top + '/tls.pem', top + '/tls.key')
    return c


# ---- receivers ----------------------------------------------------------------------------------

class Hook:
    """Says what it was told to; keeps what came."""
    def __init__(self):
        self.got, self.tries, self.answers = [], 0, []
        hook = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers['Content-Length']))
                hook.tries += 1
                status = hook.answers.pop(0) if hook.answers else 204
                if status == 204:
                    hook.got.append((dict(self.headers), body))
                self.send_response(status)
                if status == 302:
                    self.send_header('Location', '/elsewhere')
                self.send_header('Content-Length', '0')
                self.end_headers()

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(('127.0.0.1', 0), Handler)
        self.server.socket = tls().wrap_socket(self.server.socket, server_side=True)
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def bodies(self):
        return [json.loads(b) for _, b in list(self.got)]


class Mail:
    def __init__(self, port=0):
        from aiosmtpd.controller import Controller
        from aiosmtpd.smtp import AuthResult, LoginPassword
        self.got = []
        mail = self

        class Keep:
            async def handle_DATA(self, server, session, envelope):
                mail.got.append((envelope.mail_from, envelope.rcpt_tos,
                                 email.message_from_bytes(envelope.content, policy=email.policy.default),
                                 session.ssl is not None, envelope.content))
                return '250 kept'

        def sign_in(server, session, envelope, mechanism, data):
            good = isinstance(data, LoginPassword) and data.login == b'detente' and data.password == PASSWORD.encode()
            return AuthResult(success=good)

        if port == 0:
            with socket.socket() as s:
                s.bind(('127.0.0.1', 0))
                port = s.getsockname()[1]
        self.port = port
        self.controller = Controller(Keep(), hostname='127.0.0.1', port=port, tls_context=tls(), require_starttls=True,
                                     authenticator=sign_in, auth_required=True)
        self.controller.start()

    def stop(self):
        self.controller.stop()


SYSLOG = re.compile(rb'^<(\d{1,3})>1 (\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{1,6}Z) ([!-~]{1,255}) detente - '
                    rb'(trigger|remind|acknowledge|resolve) \[alert@32473((?: [a-z]+="(?:[^"\\\]]|\\.)*")+)\] ([ -~]*)$')


class Syslog:
    """RFC 5424 by datagrams, and in streams with octet counting."""
    def __init__(self, kind):
        self.got, self.kind = [], kind
        if kind == 'unix':
            self.s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
            self.s.bind(top + '/log')
            self.url = 'syslog+unix://' + top + '/log'
        else:
            self.s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM if kind == 'udp' else socket.SOCK_STREAM)
            self.s.bind(('127.0.0.1', 0))
            self.url = f'syslog+{kind}://localhost:{self.s.getsockname()[1]}'
            if kind != 'udp':
                self.s.listen(9)
        threading.Thread(target=self.datagrams if kind in ('udp', 'unix') else self.streams, daemon=True).start()

    def datagrams(self):
        while True:
            self.take(self.s.recv(65536))

    def streams(self):
        while True:
            c, _ = self.s.accept()
            try:
                if self.kind == 'tls':
                    c = tls().wrap_socket(c, server_side=True)
                data = b''
                while part := c.recv(65536):
                    data += part
                while data:
                    count, _, data = data.partition(b' ')
                    self.take(data[:int(count)])
                    data = data[int(count):]
            except OSError as e:
                check('syslog stream', False, e)
            c.close()

    def take(self, message):
        m = SYSLOG.match(message)
        check(f'syslog {self.kind}: form', m is not None, message)
        if m:
            params = dict(re.findall(rb'([a-z]+)="((?:[^"\\\]]|\\.)*)"', m[5]))
            self.got.append((int(m[1]), m[4].decode(), {k.decode(): v.decode() for k, v in params.items()}))


class Rsyslog:
    """The real one, as an operator has it."""
    def __init__(self):
        with socket.socket() as s:
            s.bind(('127.0.0.1', 0))
            self.port = s.getsockname()[1]
        with open(top + '/rsyslog.conf', 'w') as f:
            f.write(f'''module(load="imtcp")
input(type="imtcp" address="127.0.0.1" port="{self.port}")
template(name="t" type="string" string="%pri%|%app-name%|%msgid%|%structured-data%|%msg%\\n")
action(type="omfile" file="{top}/rsyslog.out" template="t")
''')
        self.p = subprocess.Popen(['rsyslogd', '-n', '-iNONE', '-f', top + '/rsyslog.conf'],
                                  stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def lines(self):
        try:
            with open(top + '/rsyslog.out') as f:
                return [x.rstrip('\n').split('|') for x in f]
        except OSError:
            return []


# ---- the node -----------------------------------------------------------------------------------

def run(*args, code=0):
    p = subprocess.run([detente, '--dir', 'n', *args], cwd=top, capture_output=True, text=True, timeout=60)
    check(' '.join(args), p.returncode == code, f'gives {p.returncode}: {p.stdout}{p.stderr}')
    return p.stdout


def alerts(*args):
    return json.loads(run('alert', 'list', '-o', 'json', *args))


def ask(method, path, token=None):
    """Status and answer of the running node's interface."""
    port = int(re.findall(r'127.0.0.1:(\d+)', open(top + '/err').read())[-1])
    c = http.client.HTTPConnection('127.0.0.1', port, timeout=20)
    c.request(method, path, headers={'Authorization': 'Bearer ' + token} if token else {})
    r = c.getresponse()
    body = r.read()
    return r.status, json.loads(body) if r.headers['Content-Type'] == 'application/json' else body


class Node:
    def __init__(self):
        self.p = subprocess.Popen([detente, '--dir', 'n', 'serve'], cwd=top, stderr=open(top + '/err', 'a'),
                                  stdout=subprocess.DEVNULL)

    def stop(self):
        self.p.terminate()
        check('exit of serve', self.p.wait(timeout=30) == 0)

    def pid(self, role):
        for pid in subprocess.run(['pgrep', '-P', str(self.p.pid)], capture_output=True, text=True).stdout.split():
            try:
                with open(f'/proc/{pid}/comm') as f:
                    if f.read().strip() == f'detente-{role}'[:15]:
                        return int(pid)
            except OSError:
                pass  # it went meanwhile
        return 0


def line():
    with open(top + '/eve.json', 'a') as f:
        f.write(json.dumps({'timestamp': time.strftime('%Y-%m-%dT%H:%M:%S.000000+0000', time.gmtime()),
                            'event_type': 'alert', 'src_ip': '198.51.100.7', 'src_port': 4444, 'dest_ip': '192.0.2.1',
                            'dest_port': 22, 'proto': 'TCP',
                            'alert': {'signature_id': 1, 'gid': 1, 'rev': 1, 'signature': 'a rule', 'category': '',
                                      'severity': 2, 'action': 'allowed'}}) + '\n')


def configure(hook, mail, logs, rsyslog):
    with open(top + '/n/hook.key', 'wb', opener=lambda p, f: os.open(p, f, 0o600)) as f:
        f.write(KEY + b'\n')
    with open(top + '/n/mail.key', 'w', opener=lambda p, f: os.open(p, f, 0o600)) as f:
        f.write(PASSWORD + '\n')
    receivers = [f'  - {{name: hook, url: "https://localhost:{hook.port}/x?y=1", secret: hook.key, ca: {top}/tls.pem}}',
                 f'  - {{name: mail, url: "smtp://localhost:{mail.port}", from: node@example.net, '
                 f'to: [noc@example.net, duty@example.org], user: detente, secret: mail.key, ca: {top}/tls.pem}}',
                 f'  - {{name: strict, url: "https://localhost:{hook.port}/z", secret: hook.key, ca: {top}/tls.pem, '
                 'least: critical}']
    for s in logs:
        receivers.append(f'  - {{name: log-{s.kind}, url: "{s.url}"' +
                         (f', ca: {top}/tls.pem}}' if s.kind == 'tls' else '}'))
    if rsyslog:
        receivers.append(f'  - {{name: rsyslog, url: "syslog+tcp://127.0.0.1:{rsyslog.port}"}}')
    with open(top + '/n/detente.yaml', 'w') as f:
        f.write('listen: [{address: 127.0.0.1:0, what: page}]\nnetworks: [192.0.2.0/24]\n'
                f'sensors: [{{name: north, path: {top}/eve.json, silent: 2s}}]\n'
                'notify:\n' + '\n'.join(receivers) + '\n')


def of(bodies, rule, action=None):
    return [b for b in bodies if b['rule'] == rule and (action is None or b['action'] == action)]


def check_hook(hook):
    for headers, body in hook.got:
        b = json.loads(body)
        seconds, _, mac = headers['Detente-Signature'].partition(',v1=')
        seconds = seconds[2:]
        check('signature', hmac.compare_digest(hmac.new(KEY, seconds.encode() + b'.' + body, hashlib.sha256).hexdigest(),
                                               mac), headers)
        check('time of the signature', abs(time.time() - int(seconds)) < 120)
        check('delivery', headers['Detente-Delivery'] == b['delivery'])
        check('type', headers['Content-Type'] == 'application/json')


def check_mail(mail):
    for sender, to, m, secure, raw in mail.got:
        check('mail: sender', sender == 'node@example.net')
        check('mail: all of them', to == ['noc@example.net', 'duty@example.org'])
        check('mail: TLS', secure)
        check('mail: no person wrote it', m['Auto-Submitted'] == 'auto-generated')
        check('mail: has what it must', m['Date'] and m['Message-ID'] and m['From'] and m['Subject'], raw)
        check('mail: lines', all(len(x) <= 998 and b'\n' not in x for x in raw.split(b'\r\n')), raw)


def scenario(node, hook, mail, logs, rsyslog):
    """A sensor falls silent, somebody sees it, it comes back."""
    line()
    wait('silence is told', lambda: of(hook.bodies(), 'sensor-silent', 'trigger'))
    opened = of(hook.bodies(), 'sensor-silent', 'trigger')[0]
    check('key', opened['dedup_key'].endswith(' sensor-silent:north'), opened)
    check('what to do', 'silent' in opened['to_do'])
    listed = [a for a in alerts() if a['key'] == 'sensor-silent:north']
    check('listed', len(listed) == 1 and listed[0]['state'] == 'firing', listed)
    wait('mail', lambda: len(mail.got) >= 1, 30)
    size = int(json.loads(run('status', '--json'))['log_size'])
    run('alert', 'ack', 'sensor-silent:north')
    check('the act is in the log', int(json.loads(run('status', '--json'))['log_size']) > size)
    wait('acknowledged', lambda: of(hook.bodies(), 'sensor-silent', 'acknowledge'))
    check('by whom', of(hook.bodies(), 'sensor-silent', 'acknowledge')[0]['acknowledged_by'].startswith('local:'))
    run('alert', 'ack', 'sensor-silent:north')
    run('alert', 'ack', 'no-such', code=1)
    stop = threading.Event()

    def write():
        while not stop.is_set():
            line()
            time.sleep(0.3)

    writer = threading.Thread(target=write)
    writer.start()
    try:
        wait('resolved', lambda: of(hook.bodies(), 'sensor-silent', 'resolve'), 30)
        wait('at all of syslog', lambda: all(any(g[1] == 'resolve' for g in s.got) for s in logs))
        crash(node, hook)
        spool(node, hook, mail)
    finally:
        stop.set()
        writer.join()
    first = [b for b in of(hook.bodies(), 'sensor-silent') if b['alert'] == opened['alert']]
    check('once each', [b['action'] for b in first] == ['trigger', 'acknowledge', 'resolve'], first)
    for s in logs:
        mine = [g[1] for g in s.got if g[2].get('key') == 'sensor-silent:north' and g[2]['alert'] == str(opened['alert'])]
        check(f'once each, syslog {s.kind}', mine == ['trigger', 'acknowledge', 'resolve'], mine)
        check('severity', all(g[0] == (29 if g[1] in ('acknowledge', 'resolve') else 26 if g[2]['severity'] == 'critical'
                                       else 28) for g in s.got), s.got)
    if rsyslog:
        wait('rsyslog', lambda: any(x[2] == 'resolve' and 'sensor-silent:north' in x[3] for x in rsyslog.lines()))
        check('rsyslog: form', all(x[1] == 'detente' and x[0] in ('26', '28', '29') for x in rsyslog.lines()))


def by_interface():
    """What the page does: everybody reads, and only who may acknowledges."""
    token = {r: run('token', 'add', r, '--role', r).strip() for r in ('viewer', 'analyst', 'approver', 'auditor')}
    mine = [a for a in ask('GET', '/api/v1/alerts')[1]['alerts'] if a['key'] == 'crash:gate']
    check('shown', len(mine) == 1 and mine[0]['state'] == 'firing', mine)
    path = f'/api/v1/alerts/{mine[0]["number"]}/ack'
    check('nobody', ask('POST', path) == (401, {'error': 'sign_in'}), ask('POST', path))
    for role in ('viewer', 'auditor'):
        check(role, ask('POST', path, token[role]) == (403, {'error': 'role'}))
    check('no token', ask('POST', path, 'A' * 43)[0] == 401)
    check('none', ask('POST', '/api/v1/alerts/0/ack', token['analyst'])[0] == 400)
    check('a body', ask('GET', path, token['analyst'])[0] == 405)
    size = int(json.loads(run('status', '--json'))['log_size'])
    check('analyst', ask('POST', path, token['analyst']) == (200, {'done': True}))
    check('a leaf', int(json.loads(run('status', '--json'))['log_size']) > size)
    mine = [a for a in alerts('--all') if a['key'] == 'crash:gate']
    check('by whom', wait('seen', lambda: [a for a in alerts('--all') if a['key'] == 'crash:gate'][0]['acknowledged_by'] ==
                          'token:analyst'))


def crash(node, hook):
    """A role that dies is told of once, and a dead courier goes on where it was."""
    gate = node.pid('gate')
    os.kill(gate, signal.SIGKILL)
    wait('a crash is told', lambda: of(hook.bodies(), 'crash', 'trigger'))
    wait('the gate is back', lambda: node.pid('gate') not in (0, gate))
    courier = node.pid('courier')
    os.kill(courier, signal.SIGKILL)
    wait('the courier is back', lambda: node.pid('courier') not in (0, courier))
    wait('its death is told', lambda: any(b['subject'] == 'courier' for b in of(hook.bodies(), 'crash')))
    # A courier that dies between an answer and its note of it sends that delivery again, by the same name.
    told = [b['delivery'] for b in of(hook.bodies(), 'crash', 'trigger')]
    check('each once', len(set(told)) == 2 and len(told) <= 3, told)
    by_interface()
    wait('what happened is over when it was seen',
         lambda: [b['subject'] for b in of(hook.bodies(), 'crash', 'resolve')] == ['gate'])


def spool(node, hook, mail):
    """A receiver that is away gets it later, over a restart of the node, once and in order; one
    that refuses does not hold the others up."""
    hook.answers += [503, 429, 302]
    before = len(hook.got)
    port, count = mail.port, len(mail.got)
    mail.stop()
    run('alert', 'ack', 'crash:courier')
    wait('tried again', lambda: hook.tries and not hook.answers, 60)
    node.stop()
    check('kept', any(r['waiting'] > 0 for r in json.loads(run('notify', 'list', '-o', 'json'))))
    fresh = Mail(port)
    mail.controller, mail.got = fresh.controller, mail.got
    fresh.got.extend(mail.got)
    mail.got = fresh.got
    node.__init__()
    wait('after the restart', lambda: len(hook.got) > before, 60)
    wait('mail after the restart', lambda: len(mail.got) > count, 90)
    resolved = [b for b in of(hook.bodies(), 'crash', 'resolve') if b['subject'] == 'courier']
    check('sent once', len(resolved) == 1, resolved)


def trial(hook):
    count = len(hook.got)
    out = run('notify', 'test')
    check('all were reached', all(x.endswith(': sent') for x in out.strip().split('\n')), out)
    check('a test opens nothing', of(hook.bodies()[count:], 'test')[0]['action'] == 'resolve')
    hook.answers += [401]
    check('says why', 'it answered 401' in run('notify', 'test', 'hook', code=4))
    os.chmod(top + '/n/hook.key', 0o644)
    check('a secret is one', 'others can read' in run('notify', 'test', 'hook', code=4))
    run('check', code=3)
    os.chmod(top + '/n/hook.key', 0o600)


try:
    certificate()
    run('init')
    hook, mail = Hook(), Mail()
    logs = [Syslog(k) for k in ('udp', 'tcp', 'tls', 'unix')]
    rsyslog = Rsyslog() if shutil.which('rsyslogd') else None
    skipped += rsyslog is None
    configure(hook, mail, logs, rsyslog)
    run('check')
    node = Node()
    try:
        scenario(node, hook, mail, logs, rsyslog)
        trial(hook)
        check_hook(hook)
        check_mail(mail)
        node.stop()
    finally:
        node.p.kill()
        if rsyslog:
            rsyslog.p.kill()
        mail.stop()
finally:
    if faults:
        sys.stdout.write(open(top + '/err').read() if os.path.exists(top + '/err') else '')
    shutil.rmtree(top, ignore_errors=True)
print(f'{faults} faults, {skipped} skipped')
sys.exit(faults != 0)
