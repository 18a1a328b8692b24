#!/usr/bin/env python3
"""What a cut from outside costs: drill.py DETENTE.

A node that names nothing outside calls nobody, at its start or later.  One that names a counterpart, receivers and a mail relay
is held in a drill, by a network namespace where one may be made and by the filter alone: what it called is listed, what it took
meanwhile is there, and all of it heals when the drill is over."""
import hashlib, http.server, json, os, re, shutil, signal, subprocess, threading, time, urllib.request

import scene
from pair import Party, adopt, agree, begin, conf, port, ports
from scene import check, detente, top


class Hook:
    """A receiver on this machine, which a drill shuts too."""

    def __init__(self):
        self.got = []
        hook = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                hook.got.append(json.loads(self.rfile.read(int(self.headers['Content-Length']))))
                self.send_response(204)
                self.end_headers()

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(('127.0.0.1', 0), Handler)
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, daemon=True).start()


class Drill:
    """One that is under way; `said` fills up."""

    def __init__(self, name, *args):
        self.process = subprocess.Popen([detente, '--dir', name, 'drill', 'cutoff', *args], cwd=top, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.said, self.url = '', None
        threading.Thread(target=self.hear, daemon=True).start()
        scene.wait(30, 'the drill begins', lambda: self.url or self.process.poll() is not None)

    def hear(self):
        for line in self.process.stderr:
            self.said += line
            at = re.search(r'outside is shut, and the page is at (\S+)', line)
            self.url = at[1] if at else self.url

    def page(self, path):
        with urllib.request.urlopen(self.url + path, timeout=10) as r:
            return json.load(r)

    def end(self, seconds=60):
        try:
            code = self.process.wait(seconds)
            out = self.process.stdout.read()
        except subprocess.TimeoutExpired:
            self.process.kill()
            check('it ends by itself', False, self.said)
            return -1, ''
        time.sleep(0.2)
        return code, out


def sample(n, seed, to):
    text = subprocess.run([detente, 'sample', '--count', str(n), '--seed', str(seed)], capture_output=True, text=True).stdout
    with open(to, 'a') as f:
        f.write(text)


def quiet():
    """Page, sensors, and nothing outside: nobody is called."""
    scene.init('sensors:\n  - {name: east, path: "' + top + '/east.json"}\n')
    open(top + '/east.json', 'w').close()
    for date in '2024-01-01', '2023-01-01':
        open(top + '/rel', 'w').write('1|2|-1\n')
        p = subprocess.run([detente, '--dir', 'n', 'topology', 'import', '--as-rel', 'rel', '--date', date], cwd=top, capture_output=True, text=True)
        check('a snapshot', p.returncode == 0, p.stderr)
    for how in ((), ('--no-namespace',)):
        d = Drill('n', '--for', '9s', '--json', *how)
        check('the page is there', d.page('/api/v1/now')['honesty']['drill'] is True)
        sample(20, 5 + len(how), top + '/east.json')
        code, out = d.end()
        got = json.loads(out)
        check('it held', code == 0 and got['held'] and got['failed'] == [], (code, out, d.said))
        check('nobody is called', got['listed'] and got['calls'] == [] and got['calls_unlisted'] == 0 and got['places'] == [], got['calls'])
        check('what ages: the newest snapshot', [(x['kind'], x['name'], x['date'][:10]) for x in got['data']] == [('topology', '2024-01-01', '2024-01-01')], got['data'])
        check('events are taken', got['kept']['lines'][1] - got['kept']['lines'][0] == 20 and got['kept']['grew'] == 1, got['kept'])
        check('by which way', got['way'] == ('filter' if how else got['way']), got['way'])
        if not how:
            print('way:', got['way'])
        h = hashlib.sha256(out.encode()).hexdigest()
        check('what it prints is what the log has', h in d.said, (h, d.said))
        p = subprocess.run([detente, '--dir', 'n', 'log', 'fsck'], cwd=top, capture_output=True, text=True)
        check('its log is whole', p.returncode == 0, p.stderr)
        open(top + '/report.json', 'w').write(out)
        p = subprocess.run([detente, '--dir', 'n', 'cutoff', 'plan-document', '--verify', 'report.json'], cwd=top, capture_output=True, text=True)
        check('and proves', p.returncode == 0 and h in p.stdout, (p.stdout, p.stderr))


def traced():
    """The same by the calls themselves, from the very start, in a node that nobody shuts in."""
    try:
        probe = subprocess.run(['strace', '-f', '-o', '/dev/null', 'true'], capture_output=True)
    except FileNotFoundError:
        probe = None
    if probe is None or probe.returncode != 0:
        print('SKIP: strace is not there, or may not trace')
        return
    p = subprocess.Popen(['strace', '-f', '-qq', '-e', 'trace=socket,connect,bind,sendto,sendmsg,sendmmsg', '-e', 'signal=none', '-o', top + '/trace', detente, '--dir', 'n', 'serve'],
                         cwd=top, stderr=subprocess.PIPE, text=True,
                         env=dict(os.environ, ASAN_OPTIONS=os.environ.get('ASAN_OPTIONS', '') + ':detect_leaks=0'))  # not while traced
    line = ''
    while 'the page is at' not in line:
        line = p.stderr.readline()
        if not line:
            break
    url = line.split()[-1]
    urllib.request.urlopen(url + '/api/v1/now', timeout=10).read()
    sample(20, 9, top + '/east.json')
    time.sleep(4)
    for child in open(f'/proc/{p.pid}/task/{p.pid}/children').read().split():
        os.kill(int(child), signal.SIGTERM)
    check('it ends', p.wait(30) == 0)
    lines = open(top + '/trace').read().split('\n')
    inet = [x for x in lines if 'AF_INET' in x]
    listens = [x for x in inet if ' socket(AF_INET, SOCK_STREAM' in x or ' bind(' in x and '"127.0.0.1"' in x]
    check('sockets of the internet are those that it listens on', len(listens) == len(inet) == 2, inet)
    out = [x for x in lines if ' connect(' in x and 'AF_UNIX' not in x]
    check('nobody is connected to', out == [], out)
    out = [x for x in lines if re.search(r'msg_name=\{sa_family=AF_INET|sendto\(.*sa_family=AF_INET', x)]
    check('nothing is sent to anybody', out == [], out)


def outside():
    """With a counterpart, a receiver on this machine, one by number, one by name, a mail relay; then it is over."""
    begin()
    adopt('aland', 'bland')
    conf('bland', 'aland')
    conf('aland', 'bland')
    hook = Hook()
    open(top + '/aland.json', 'w').close()
    b = Party('bland', 'aland')
    a = Party('aland', 'bland')
    scene.wait(30, 'in contact', lambda: agree(a, b))
    p = subprocess.run([detente, '--dir', 'aland', 'drill', 'cutoff', '--for', '5s'], cwd=top, capture_output=True, text=True, timeout=60)
    check('not beside one that runs', p.returncode == 4 and 'a node runs there' in p.stderr, (p.returncode, p.stderr))
    check('it ends', a.stop() == 0)
    with open(top + '/aland/hook.key', 'w') as f:
        f.write('a key')
    os.chmod(top + '/aland/hook.key', 0o600)
    receivers = {'near': f'http://127.0.0.1:{hook.port}/', 'far': 'https://192.0.2.7/hook', 'named': 'https://hooks.example/x'}
    with open(top + '/aland/detente.yaml', 'a') as f:
        f.write('sensors:\n  - {name: east, path: "' + top + '/aland.json", silent: 3s}\nnotify:\n')
        for name, url in receivers.items():
            f.write(f'  - {{name: {name}, url: "{url}", secret: hook.key, least: info}}\n')
        f.write('  - {name: post, url: "smtp://192.0.2.25:587", from: "a@aland.example", to: ["b@aland.example"], least: info}\n')
    reports = []
    for n, how in enumerate(((), ('--no-namespace',))):
        shutil.rmtree(top + '/aland/alerts')  # so that each tells anew
        got_before = len(hook.got)
        d = Drill('aland', '--for', '14s', '--json', *how)
        check('drill on the page', d.page('/api/v1/now')['honesty']['drill'] is True)
        sample(30, 20 + n, top + '/aland.json')
        scene.wait(10, 'the counterpart is not reached', lambda: d.page('/api/v1/peers')['peers'][0]['fault'] == 'unreachable')
        code, out = d.end()
        got = json.loads(out)
        check(f'{how}: it held', code == 0 and got['held'], (code, out, d.said))
        check(f'{how}: what was written is taken', got['kept']['lines'][1] - got['kept']['lines'][0] == 30, got['kept'])
        check(f'{how}: the page', got['kept']['page_answered'] == got['kept']['page_asked'] > 2, got['kept'])
        calls = {(c['role'], c['purpose'], c['name']): c for c in got['calls']}
        for want in ('peer', 'counterpart', 'bland'), ('courier', 'webhook', 'near'), ('courier', 'webhook', 'far'), ('courier', 'name look-up', 'named'):
            check(f'{how}: {want} is listed', want in calls, got['calls'])
        check(f'{how}: and no other', len(calls) == 4 + (('courier', 'mail', 'post') in calls), list(calls))
        c = calls.get(('peer', 'counterpart', 'bland'), {'to': '', 'count': 0, 'error': ''})
        check(f'{how}: where, how often and why', c['to'] == f'127.0.0.1:{ports["bland"]}' and c['count'] >= 2 and c['error'] == 'Network is unreachable', c)
        places = {x['name']: x for x in got['places']}
        check(f'{how}: places as they are configured', places['bland']['where'] == f'https://127.0.0.1:{ports["bland"]}/' and {k: places[k]['where'] for k in receivers} == receivers, places)
        check(f'{how}: leaves wait for the counterpart', places['bland']['waiting'] > 0 and places['bland']['clocks_stand_after_s'] > 0, places['bland'])
        for name in 'near', 'far', 'named', 'post':
            check(f'{how}: messages wait for {name}', places[name]['waiting'] >= 1 and (name == 'post' or places[name]['tries'] >= 1 and places[name]['error']), places[name])  # mails are gathered
        check(f'{how}: an alert is what is told', any(x['key'] == 'sensor-silent:east' for x in got['alerts']), got['alerts'])
        check(f'{how}: nothing got out', len(hook.got) == got_before, hook.got)
        check(f'{how}: nobody is left', nobody_after(d), '')
        reports.append(out)
    return b, hook, reports


def nobody_after(d):
    """All that the drill started has ended with it."""
    mine = [x for x in filter(str.isdigit, os.listdir('/proc')) if of_drill(x)]
    return mine == []


def of_drill(pid):
    try:
        return 'drill' in open(f'/proc/{pid}/cmdline').read().split('\0') and os.readlink(f'/proc/{pid}/cwd') == top
    except OSError:
        return False


def healed(b, hook, reports):
    """The line is back: what waited goes out, the other side has all of it, and the acts stand in the log."""
    a = Party('aland', 'bland')
    check('no drill any more', a.ask('/api/v1/now')[1]['honesty']['drill'] is False)
    scene.wait(40, 'in contact again', lambda: agree(a, b))
    scene.wait(100, 'what waited comes', lambda: len(hook.got) >= 1)
    check('it ends', a.stop() == 0 and b.stop() == 0)
    for out in reports:
        open(top + '/report.json', 'w').write(out)
        p = subprocess.run([detente, '--dir', 'aland', 'cutoff', 'plan-document', '--verify', 'report.json'], cwd=top, capture_output=True, text=True)
        check('each is in the log', p.returncode == 0, p.stderr)


def refused():
    run = lambda *args: subprocess.run([detente, '--dir', 'n', 'drill', 'cutoff', *args], cwd=top, capture_output=True, text=True, timeout=60)
    for span in '4s', '2d', 'soon', '-5s':
        p = run('--for', span)
        check(f'--for {span}', p.returncode == 2 and '--for' in p.stderr and p.stdout == '', (p.returncode, p.stderr))
    # ended by a person: it says so, and nobody is left
    d = Drill('n', '--for', '10m')
    d.process.send_signal(signal.SIGTERM)
    code, out = d.end()
    check('ended before its time', code == 1 and 'ended by a person' in out and 'did not go on' in out, (code, out))
    # the one that watches dies: so does the node
    d = Drill('n', '--for', '10m')
    d.process.kill()
    d.process.wait()
    scene.wait(20, 'the node ends with it', lambda: nobody_after(d))
    # a role that dies during it is told of
    d = Drill('n', '--for', '10s', '--json')
    for x in filter(str.isdigit, os.listdir('/proc')):
        if of_drill(x) and open(f'/proc/{x}/comm').read().strip() == 'detente-engine':
            os.kill(int(x), signal.SIGKILL)
    code, out = d.end()
    got = json.loads(out)
    check('a process that died', code == 1 and not got['held'] and got['kept']['roles_died'] >= 1 and got['failed'] == ['a process of the node died'], (code, got['failed'], got['kept']))


quiet()
traced()
refused()
b, hook, reports = outside()
healed(b, hook, reports)
scene.end()
