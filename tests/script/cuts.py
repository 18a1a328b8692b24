#!/usr/bin/env python3
"""Two nodes of a pact, and what stands between them: cuts.py DETENTE.

Each reaches the other through a front with the other's own key, which can cut, withhold, twist and replay.  Under clocks that
files move: a notice that is not delivered, a holder's cosignature as receipt, time out of contact, one side's word on it that is
withheld, a clock that is behind.  Then a front that lies: each lie is named, bounded, and heals, and events are taken meanwhile."""
import calendar, json, os, re, subprocess, time

import pair, scene
from hostile import Front, conf
from pair import Clock, Party, adopt, agree, begin, reborn
from scene import check, detente, top

PACT = 'aland-bland'
H = 3600


def say(who, *words):
    p = subprocess.run([detente, '--dir', who, 'incident', *words], cwd=top, capture_output=True, text=True, timeout=60)
    check(f'{who}: {words}', p.returncode == 0, p.stderr)


def attack(origin, times=5, into='aland'):
    target = '192.0.2' if into == 'aland' else '203.0.113'
    at = time.strftime('%Y-%m-%dT%H:%M:%S', time.gmtime(clocks[into].now()))
    open(top + '/e.json', 'w').write(''.join(json.dumps({
        'timestamp': f'{at}.{i:06d}+0000', 'event_type': 'alert', 'src_ip': origin, 'src_port': 40000 + i,
        'dest_ip': f'{target}.{10 + i % 2}', 'dest_port': 443, 'proto': 'TCP', 'app_proto': 'http',
        'flow': {'pkts_toserver': 5, 'pkts_toclient': 4}, 'alert': {
            'action': 'allowed', 'gid': 1, 'signature_id': 2030001, 'rev': 2, 'signature': 'x',
            'category': 'Attempted Administrator Privilege Gain', 'severity': 1}}) + '\n' for i in range(times)))
    p = subprocess.run([detente, '--dir', into, 'ingest', 'e.json'], cwd=top, capture_output=True, text=True, timeout=60)
    check('events are taken', p.returncode == 0, p.stderr)


def jump(seconds, *whose):
    for name in whose or clocks:
        clocks[name].jump(seconds)


def until(what, test, seconds=20):
    """As the clock runs."""
    end = time.time() + seconds
    while not test():
        if time.time() > end:
            check(what, False, (a.state(), b.state()))
            return
        jump(3)
        stop = time.time() + 0.2
        while time.time() < stop and not test():
            time.sleep(0.02)


def meet(what='in contact'):
    until(what, lambda: agree(a, b))


def contact():
    """Each has the other's word of now."""
    since = clocks['aland'].now()
    jump(65)
    until('word of each other', lambda: all(x.state()['held_at'] and moment(x.state()['held_at']) >= since for x in (a, b)))
    meet()


def row(node, name):
    for r in node.ask('/api/v1/incidents')[1]['incidents']:
        if r['incident'] == name:
            return r
    return {'state': '', 'late': None, 'overdue': None, 'owed': {}, 'undelivered': None, 'messages': 0, 'suspended_since': ''}


def both(what, name, **want):
    keys = 'state late overdue late_notifier overdue_notifier owed undelivered messages rejected finding result suspended_since'.split()
    until(f'{what}: both nodes show the same', lambda: all(row(a, name).get(k) == row(b, name).get(k) for k in keys))
    x = row(a, name)
    for k, v in want.items():
        check(f'{what}: {k}', x.get(k) == v, x)
    return x


def moment(text):
    return calendar.timegm(time.strptime(text[:19], '%Y-%m-%dT%H:%M:%S'))


def opened(origin, into='aland', wait=0):
    """The name of the incident that this opens; its evidence may have to wait for a cosignature that does not come."""
    node = {'aland': a, 'bland': b}[into]
    attack(origin, into=into)
    if wait:
        time.sleep(1)
        jump(wait)
    found = []

    def there():
        found[:] = [r['incident'] for r in node.ask('/api/v1/incidents')[1]['incidents'] if r['origin'] == origin + '/32' and r['state'] != 'DETECTED']
        return found
    until(f'{origin} is noticed', there)
    return found[0] if found else 'none'


def message(kind, answer=(404, b'no such thing\n')):
    return lambda path, status, body: answer if '/message/' in path and f'"type":"{kind}"'.encode() in body else None


# ---- time out of contact --------------------------------------------------------------------------

clocks = {'aland': Clock('clock-a'), 'bland': Clock('clock-b')}
pair.clocks.update({k: v.path for k, v in clocks.items()})
begin()
adopt('aland', 'bland')
fa, fb = Front('aland', 'bland'), Front('bland', 'aland')
conf('aland', 'bland', fb)
conf('bland', 'aland', fa)
a, b = Party('aland', 'bland'), Party('bland', 'aland')
meet()
jump(60)
meet()
jump(60)
time.sleep(0.3)

# the receipt is withheld, and what the holder cosigned is one
fb.twist = message('receipt')
one = opened('203.0.113.21')
until('held is received', lambda: row(a, one)['state'] == 'RECEIVED' and fb.twisted > 0)
check('a cosignature is a receipt', row(a, one)['messages'] == 1 and fb.twisted > 0, row(a, one))
until('and what is withheld is named', lambda: a.state()['fault'] == 'withheld')
b = reborn(b, 'aland')
a = reborn(a, 'bland')
until('after a restart too', lambda: row(a, one)['state'] == 'RECEIVED' and a.state()['fault'] == 'withheld')
fb.twist = None
meet()
both('the receipt came', one, state='RECEIVED', messages=2, late=[], overdue=[])

# a short cut stops no clock
due = moment(row(a, one)['owed']['acknowledge'])
fa.twist = fb.twist = 'cut'
jump(3 * H)
time.sleep(0.3)
fa.twist = fb.twist = None
contact()
x = both('a short cut', one, state='RECEIVED')
check('a short cut: the clocks run', abs(moment(x['owed']['acknowledge']) - due) < 60, x)

# a long one does, and a notice in it is undelivered
fa.twist = fb.twist = 'cut'
attack('203.0.113.22')
until('it is found', lambda: row(a, 'aland-2')['state'] != '')
check('its evidence waits', row(a, 'aland-2')['state'] == 'DETECTED', row(a, 'aland-2'))
jump(20 * 60)
until('nobody can veto a notice', lambda: row(a, 'aland-2')['state'] == 'NOTIFIED')
check('but not for ever', row(a, 'aland-2')['e_grade'] == 1 and not row(a, 'aland-2')['undelivered'], row(a, 'aland-2'))
jump(2 * H)
until('undelivered', lambda: row(a, 'aland-2')['undelivered'])
x = row(a, 'aland-2')
check('undelivered: only the receipt is overdue', x['overdue'] == ['receipt'] and x['state'] == 'NOTIFIED', x)
check('the other side knows nothing of it', row(b, 'aland-2')['state'] == '', row(b, 'aland-2'))
jump(10 * H)
until('suspended', lambda: row(a, 'aland-2')['suspended_since'] and row(b, one)['suspended_since'])
a = reborn(a, 'bland')
until('suspended, after a restart', lambda: row(a, 'aland-2')['suspended_since'])
until('and named', lambda: a.state()['fault'] == b.state()['fault'] == 'unreachable')
# together again, but what bland says of it is withheld: to aland it was silent alone
fb.twist = message('gap-statement')
fa.twist = None
# late while nobody has said who was silent; given when it was due once aland states its gap, and bland none


def deemed(x):
    return x['state'] == 'RECEIVED' and x['took_us'] == {'receipt': H * 1000000}


until('silent alone', lambda: deemed(row(a, 'aland-2')))
x = row(a, 'aland-2')
check('silent alone: the receipt counts as given when it was due', x['late'] == [] and deemed(x) and not x['undelivered'], x)
check('silent alone: the clocks ran', moment(x['owed']['acknowledge']) - clocks['aland'].now() < 16 * H, x)
until('silent alone: what is withheld is named', lambda: a.state()['fault'] == 'withheld')
fb.twist = None
meet()
x = both('both stated their gap', 'aland-2', state='RECEIVED', late=[], overdue=[], undelivered=False, suspended_since='')
check('both stated their gap: clocks begin with the receipt', 23 * H < moment(x['owed']['acknowledge']) - clocks['aland'].now() <= 24 * H, x)
x = both('both stated their gap', one, state='RECEIVED', late=[], overdue=[])
check('what ran before went on behind it', 11.5 * H < moment(x['owed']['acknowledge']) - due < 13.5 * H, (x, due))

# a clock that is behind: what it says counts when a witness saw it
jump(5 * H, 'aland')
for _ in range(3):  # its log is cosigned as it stands, by a clock that is right
    jump(65)
    time.sleep(0.5)
said = clocks['bland'].now()
say('bland', 'ack', 'aland-2')
until('it is there', lambda: row(a, 'aland-2')['state'] == 'ACKNOWLEDGED')
x = a.ask(f'/api/v1/incidents/{PACT}/aland-2')[1]['conversation'][-1]
check('backdated: disputed', x['type'] == 'ack' and x['time_disputed'] and not x['passed_over'] and moment(x['at']) - said < 60, x)
two = opened('192.0.2.21', into='bland', wait=16 * 60)
until('a backdated notice', lambda: row(a, two)['state'] == 'RECEIVED')
x = a.ask(f'/api/v1/incidents/{PACT}/{two}')[1]
check('a backdated notice: disputed', x['conversation'][0]['time_disputed'], x['conversation'][0])
check('a backdated notice: no deadline is behind us', x['overdue'] == [] and moment(x['owed']['acknowledge']) - clocks['aland'].now() > 23 * H, x['owed'])
jump(5 * H, 'bland')
meet('the clock is right again')
both('the clock is right again', 'aland-2', state='ACKNOWLEDGED')

# ---- a front that lies ----------------------------------------------------------------------------

def endless(front, c):
    c.sendall(b'HTTP/1.1 200 OK\r\n\r\n')
    while True:
        front.sent += c.send(b'x' * 16384)


def on(part, answer):
    return lambda path, status, body: answer(body) if part in path and status == 200 else None


def memory(node):
    """The most that any of its processes ever had, in MiB."""
    most = 0
    for pid in node.roles().values():
        most = max(most, int(re.search(r'VmHWM:\s+(\d+)', open(f'/proc/{pid}/status').read())[1]) >> 10)
    return most


old_message = a.ask(f'/api/v1/incidents/{PACT}/aland-2')[1]['conversation'][-1]['id']
old = fb.fetch('GET', f'/pact/{PACT}/message/{old_message}', b'')
check('an old message', old[0] == 200 and b'"type":"ack"' in old[1], old)
checkpoint = b.ask('/log/checkpoint')[1].encode()
size = memory(a)
for name, twist, fault, grave in (
        ('a message withheld', on('/message/', lambda body: (404, b'no such thing\n')), 'withheld', False),
        ('a message replayed', on('/message/', lambda body: old), 'withheld', False),
        ('a message of garbage', on('/message/', lambda body: (200, os.urandom(3000))), 'withheld', False),
        ('an endless message', on('/message/', lambda body: endless), 'unreachable', False),
        ('entries of garbage', on('/tile/entries/', lambda body: (200, os.urandom(3000))), 'malformed', False),
        ('other entries', on('/tile/entries/', lambda body: (200, body[:-1] + bytes([body[-1] ^ 1]))), 'malformed entries', False),
        ('endless entries', on('/tile/entries/', lambda body: endless), 'unreachable', False),
        ('an older checkpoint', on('/log/checkpoint', lambda body: (200, checkpoint)), 'rollback', True),
        ('a checkpoint of nobody', on('/log/checkpoint', lambda body: (200, body[:-9] + b'AAAAAAA=\n')), 'unsigned', False),
        ('an endless checkpoint', on('/log/checkpoint', lambda body: endless), 'unreachable', False),
        ('a redirect', on('/log/checkpoint', lambda body: (302, b'')), 'refuses unreachable', False),
        ('a false cosignature', on('/holder/', lambda body: (200, body[:-9] + b'AAAAAAA=\n')), 'false-cosignature', True),
        ('a false witness', on('/witness/add-checkpoint', lambda body: (200, body[:-9] + b'AAAAAAA=\n')), 'false-cosignature not-witnessed', False)):
    meet(f'before {name}')
    fb.twist, fb.sent, fb.twisted = twist, 0, 0
    say('aland', 'update', one, '--text', name)  # something to cosign …
    say('bland', 'extend', 'aland-2', '--reason', name)  # … and to fetch
    until(f'{name} is named', lambda: a.state()['fault'] in fault.split())
    check(f'{name}: {fault}', a.state()['fault'] in fault.split() and fb.twisted, (a.state(), fb.twisted))
    if grave:
        key = f'peer-fault:bland {fault}'
        until(f'{name} is told', lambda: key in [x['key'] for x in a.ask('/api/v1/alerts')[1]['alerts'] if x['state'] == 'firing'])
    attack('203.0.113.99', 1)
    check(f'{name}: what is taken of it', fb.sent < 32 << 20, fb.sent)  # a bundle of entries may be long
    fb.twist = None
    until(f'{name}: it heals', lambda: agree(a, b) and not a.state()['fault'], 40)
# AddressSanitizer keeps 256 MiB of what was freed
check('memory', memory(a) < size + (320 if b'__asan_init' in open(detente, 'rb').read() else 64), (size, memory(a)))
check('nobody died', 'died' not in a.said + b.said, a.said + b.said)
both('in the end', one, state='RECEIVED')
both('in the end', 'aland-2', state='ACKNOWLEDGED')
for who, node in ('aland', a), ('bland', b):
    check(f'{who} ends', node.stop() == 0, node.said)
    check(f'{who}: fsck', subprocess.run([detente, '--dir', who, 'log', 'fsck'], cwd=top, capture_output=True).returncode == 0)
scene.end()
