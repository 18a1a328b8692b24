#!/usr/bin/env python3
"""The past over HTTP, of a node that runs: replay.py DETENTE.

What a stream of the past says is what `top` says with `until`; its virtual clock goes as fast as
asked; its end says why; more than there is room for get 503; who is slow or leaves frees his
place, and live viewers go on meanwhile."""
import datetime, http.client, json, os, signal, socket, subprocess, sys, tempfile, time

detente = os.path.abspath(sys.argv[1])
PORT, REPLAYS = 18479, 8
faults = 0


def check(what, got, want=True):
    global faults
    if got != want:
        faults += 1
        print(f'{what}: {got!r}, not {want!r}')


def text(t):
    return datetime.datetime.fromtimestamp(t, datetime.timezone.utc).strftime('%Y-%m-%dT%H:%M:%S.%fZ')


def when(s):
    return datetime.datetime.fromisoformat(s.replace('Z', '+00:00')).timestamp()


def ask(path):
    c = http.client.HTTPConnection('127.0.0.1', PORT, timeout=30)
    c.request('GET', path)
    r = c.getresponse()
    body = r.read()
    c.close()
    return r.status, body.decode()


class Stream:
    """Frames one by one, as `curl -N` would show them."""

    def __init__(self, query, room=None):
        self.s = socket.socket()
        if room:
            self.s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, room)
        self.s.connect(('127.0.0.1', PORT))
        self.s.settimeout(30)
        self.s.sendall(f'GET /api/v1/live{query} HTTP/1.1\r\nHost: 127.0.0.1:{PORT}\r\n\r\n'.encode())
        self.file = self.s.makefile('rb')
        self.status = int(self.file.readline().split()[1])
        while self.file.readline() not in (b'\r\n', b''):
            pass
        self.left = b''

    def chunk(self):
        line = self.file.readline()
        n = int(line, 16) if line.strip() else 0
        data = self.file.read(n)
        self.file.readline()
        return data

    def frame(self):
        """(event, object); None at the end."""
        while b'\n\n' not in self.left:
            data = self.chunk()
            if not data:
                return None
            self.left += data
        frame, self.left = self.left.split(b'\n\n', 1)
        fields = dict(x.split(': ', 1) for x in frame.decode().split('\n') if ': ' in x)
        return (fields['event'], json.loads(fields['data'])) if 'event' in fields else self.frame()

    def close(self):
        self.file.close()
        self.s.close()


def moment(t):
    s = Stream(f'?at={text(t)}&speed=0')
    event, snapshot = s.frame()
    check('first', event, 'snapshot')
    check('then', s.frame()[0:1] + (), ('end',))
    check('closed', s.frame(), None)
    s.close()
    return snapshot


def figures(now):
    """Against what is found by queries, at some moments of the day before."""
    for hours in (0.5, 3, 11.3, 23):
        t = now - hours * 3600
        s = moment(t)
        check('its moment', s['now'], text(t))
        status, body = ask(f'/api/v1/top/classes?until={text(t)}&since={text(int(t) // 300 * 300 - 287 * 300)}&limit=1000')
        chips = [0] * 8
        for row in json.loads(body)['rows']:
            chips[row['chip']] += row['events']
        check(f'chips {hours} h ago', s['chips'], chips)
        minute = int(t) // 60 * 60
        status, body = ask(f'/api/v1/top/targets?by=address&until={text(t)}&since={text(minute - 14 * 60)}&limit=10000')
        check(f'events of 15 min {hours} h ago', s['totals'][0], json.loads(body)['events'])
        status, body = ask(f'/api/v1/events?until={text(t)}&limit=1')
        check(f'newest {hours} h ago', s['recent'][0][1], json.loads(body)['events'][0]['time'])
        check('nothing erased', (s['replay']['erased'], s['replay']['left_out']), (0, 0))
    s = moment(now - 400 * 86400)
    check('before all', s['totals'], [0, 0, 0, 0])
    check('from', abs(when(s['replay']['from']) - now + 86400) < 3600)
    for query, word in (('at=yesterday', 'at is a time'), ('at=1h&speed=2', 'speed is 1, 10, 60 or 300'), ('speed=1', 'speed goes with at'),
                        ('at=2099-01-01', 'leave it out for the live stream'), ('since=1h', 'no parameter of this name')):
        status, body = ask('/api/v1/live?' + query)
        check(query, (status, word in body), (400, True))
    check('seconds since 1970', moment(int(now) - 7200)['now'], moment(float(int(now) - 7200))['now'])


def clock(now):
    """At speed 60: a minute in a second; deltas never go back; applied they are the snapshot."""
    s = Stream(f'?at={int(now) - 4 * 3600}&speed=60')
    event, first = s.frame()
    began, seen, frames = time.time(), first['now'], 0
    while time.time() - began < 4:
        event, d = s.frame()
        check('a delta', event, 'delta')
        check('forward', d['now'] > seen)
        seen, frames = d['now'], frames + 1
    rate = (when(seen) - when(first['now'])) / (time.time() - began)
    check(f'speed {rate:.1f}', 40 <= rate <= 66)
    check(f'{frames} frames', 8 <= frames <= 20)
    s.close()
    s = Stream(f'?at={int(now) - 60}&speed=300')
    last = None
    while (f := s.frame()) is not None:
        last = f
    check('reaches now', (last[0], last[1]['why']), ('end', 'now'))
    s.close()


def bounds(now):
    live = Stream('')
    live.frame()
    all = [Stream(f'?at={int(now) - 7200}&speed=300', room=4096) for _ in range(REPLAYS)]
    check('all are served', [s.frame()[0] for s in all], ['snapshot'] * REPLAYS)
    status, body = ask(f'/api/v1/live?at={int(now) - 3600}')
    check('one too many', (status, 'too many look at the past' in body), (503, True))
    # nobody reads those; a live viewer is not late for that
    late = []
    end = time.time() + 4
    while time.time() < end:
        event, d = live.frame()
        late.append(time.time() - when(d['now']))
    check(f'live is in time: {max(late):.2f} s', max(late) < 1)
    all.pop().close()
    for _ in range(50):
        s = Stream(f'?at={int(now) - 3600}&speed=0')
        if s.status == 200:
            break
        s.close()
        time.sleep(0.1)
    check('a place is free again', s.frame()[0], 'snapshot')
    for x in all + [s, live]:
        x.close()


with tempfile.TemporaryDirectory() as where:
    node, log = where + '/n', where + '/talk'
    subprocess.run([detente, '--dir', node, 'init'], check=True, capture_output=True)
    with open(node + '/detente.yaml', 'w') as f:
        f.write(f'party: local\nlisten:\n  - address: 127.0.0.1:{PORT}\n    what: page\n')
    now = time.time()
    sample = subprocess.run([detente, 'sample', '--count', '20000', '--since', '24h'], check=True, capture_output=True).stdout
    with open(where + '/s.json', 'wb') as f:
        f.write(sample)
    subprocess.run([detente, '--dir', node, 'ingest', where + '/s.json'], check=True, capture_output=True)
    with open(log, 'w') as f:
        p = subprocess.Popen([detente, '--dir', node, 'serve'], stderr=f, stdout=f)
    try:
        for _ in range(100):
            try:
                if ask('/readyz')[0] == 200:
                    break
            except OSError:
                pass
            time.sleep(0.1)
        for part in (figures, clock, bounds):
            part(now)
            print(part.__name__, 'done,', faults, 'faults')
    finally:
        p.send_signal(signal.SIGTERM)
        p.wait()
        print(open(log).read() if faults else '', end='')
sys.exit(faults != 0)
