#!/usr/bin/env python3
"""The state machine of incidents between two real nodes, under a clock that a file moves: scenarios.py DETENTE [KILL].

Every scenario of scenarios.txt is an incident of one pair of nodes; all of them go through the same weeks side by side, so that
a month takes less than a minute.  KILL: behind each exchange of words `notifier` or `origin` is killed as a whole and started
again, with words on their way; `restart`: both are ended and started again."""
import concurrent.futures, json, os, re, subprocess, sys, time

import pair, scene
from pair import Clock, Party, adopt, agree, begin, reborn
from scene import check, detente, top

LISTS = 'late overdue late_notifier overdue_notifier'.split()
SAME = LISTS + 'state severity finding action result owed undelivered recurrences reopened extensions rejected messages class origin suspended_since'.split()
mode = sys.argv[2] if len(sys.argv) > 2 else 'plain'
PLACES = {'T': 'aland', 'O': 'bland'}


class Line:
    def __init__(self, text):
        when, rest = text.split(None, 1)
        self.text = text
        self.hours = sum(int(n) * {'d': 24, 'h': 1}[unit] for n, unit in re.findall(r'(\d+)([dh])', when))
        self.who, rest = rest.split(None, 1)
        self.refused = None
        if self.who != '=' and ' ! ' in rest:
            rest, self.refused = rest.rsplit(' ! ', 1)
        # options take one word, `--text` and `--reason` what follows up to the next option
        self.words = []
        for part in re.split(r' (?=--)', rest):
            name, _, value = part.partition(' ')
            self.words += [name, value] if name.startswith('--') else part.split()


class Scenario:
    def __init__(self, title, number):
        self.title, self.lines, self.origin = title, [], f'203.0.113.{number + 10}'
        self.name, self.at = None, 0

    def next(self, hours):
        return self.lines[self.at] if self.at < len(self.lines) and self.lines[self.at].hours <= hours else None


def read():
    out = []
    for line in open(os.path.join(os.path.dirname(os.path.abspath(__file__)), 'scenarios.txt')):
        line = line.strip()
        if line.startswith('=='):
            out.append(Scenario(line[2:].strip(), len(out)))
        elif line and not line.startswith('#'):
            out[-1].lines.append(Line(line))
    for s in out:
        check(f'{s.title}: in order', [x.hours for x in s.lines] == sorted(x.hours for x in s.lines))
    return out


def say(who, *words):
    return subprocess.run([detente, '--dir', PLACES[who], 'incident', *words], cwd=top, capture_output=True, text=True, timeout=60)


def consult(s, who, result, *text):
    """One side drafts and signs, the other adds its signature and says it."""
    draft = f'{s.name}.draft'
    p = say(who, 'consult', s.name, '--result', result, '--text', ' '.join(text), '-o', draft)
    if p.returncode:
        return p
    again = say(who, 'consult', draft, '--dry-run')
    check(f'{s.title}: nobody signs twice', again.returncode == 3 and 'this side' in again.stderr, again)
    other = 'TO'[who == 'T']
    bent = json.load(open(f'{top}/{draft}'))
    bent['record']['text'] += ' And more.'
    json.dump(bent, open(f'{top}/{draft}.bent', 'w'))
    again = say(other, 'consult', f'{draft}.bent')
    check(f'{s.title}: only what the other signed', again.returncode == 3 and 'did not sign' in again.stderr, again)
    return say(other, 'consult', draft)


def act(s, line):
    verb, *rest = line.words
    p = consult(s, line.who, *rest) if verb == 'consult' else say(line.who, verb, s.name, *rest)
    if line.refused is None:
        check(f'{s.title}: {line.text}', p.returncode == 0, p.stderr)
    else:
        check(f'{s.title}: {line.text}', p.returncode in (1, 3) and line.refused in p.stderr, (p.returncode, p.stderr))


def wanted(words):
    want = {k: [] for k in LISTS}
    want['state'] = words[0]
    for word in words[1:]:
        key, value = word.split(':', 1)
        want[key] = [x for x in value.split(',') if x] if key in LISTS + ['owed'] else int(value) if value.isdigit() else value
    return want


def in_force(place):
    return json.loads(pair.sh(detente, '--dir', place, 'pact', 'list', '-o', 'json'))


def listed(node):
    return {r['incident']: r for r in node.ask('/api/v1/incidents')[1]['incidents']}


def as_seen(row, key):
    return sorted(row[key]) if key in LISTS + ['owed'] else row[key]


def look(rows, s, line):
    for place, side in rows.items():
        row = side.get(s.name, {})
        got = {k: as_seen(row, k) for k in wanted(line.words)} if row else {}
        check(f'{s.title}: {line.text}', got == wanted(line.words), (place, got))


class World:
    def __init__(self, scenarios):
        self.all, self.waves, self.deaths, self.waited = scenarios, 0, 0, 0.0
        self.a, self.b = Party('aland', 'bland'), Party('bland', 'aland')

    def meet(self, what):
        """Words have gone to and fro; rounds are made at once, as the clock runs."""
        began = time.time()
        while not agree(self.a, self.b):
            if time.time() - began > 30:
                check(f'{what}: in contact', False, (self.a.state(), self.b.state()))
                break
            clock.jump(3)
            until = time.time() + 0.15
            while time.time() < until and not agree(self.a, self.b):
                time.sleep(0.02)
        self.waited += time.time() - began

    def perish(self):
        if mode == 'plain':
            return
        self.deaths += 1
        if mode == 'notifier':
            self.a = reborn(self.a, 'bland')
        elif mode == 'origin':
            self.b = reborn(self.b, 'aland')
        else:
            check('both end', self.a.stop() == 0 and self.b.stop() == 0)
            self.a, self.b = Party('aland', 'bland'), Party('bland', 'aland')

    def wave(self, hours):
        """What can be said before the other side has heard of it, in all incidents; False: nothing is left to say."""
        todo = []
        for s in self.all:
            who = None
            while (line := s.next(hours)) and line.who != '=' and who in (None, line.who):
                # what one side refuses, it refuses without the other
                who = line.who
                todo.append((s, line))
                s.at += 1
                if line.words[0] == 'consult':
                    break
        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            for _ in pool.map(lambda who: [act(s, x) for s, x in todo if x.who == who], PLACES):
                pass
        if any(x.refused is None for _, x in todo):
            self.waves += 1
            self.perish()
            self.meet(f'{hours} h')
        rows = None
        for s in self.all:
            while (line := s.next(hours)) and line.who == '=':
                rows = rows or self.both()
                look(rows, s, line)
                s.at += 1
                todo.append((s, line))
        return todo != []

    def both(self):
        now = time.strftime('%Y-%m-%dT%H:%M:%S', time.gmtime(clock.now()))
        x = y = {}
        until = time.time() + 5
        while not all(r['at'] >= now for r in [*x.values(), *y.values()] or [{'at': ''}]) and time.time() < until:
            x, y = listed(self.a), listed(self.b)
        for s in self.all:
            one, two = ([r.get(s.name, {}).get(k) for k in SAME] for r in (x, y))
            check(f'{s.title}: both nodes show the same', one == two, [(k, p, q) for k, p, q in zip(SAME, one, two) if p != q])
        return {'aland': x, 'bland': y}

    def begin(self):
        events = ''
        for s in self.all:
            for i in range(5):
                at = time.strftime('%Y-%m-%dT%H:%M:%S', time.gmtime(clock.now()))
                events += json.dumps({
                    'timestamp': f'{at}.{i:06d}+0000', 'event_type': 'alert', 'src_ip': s.origin, 'src_port': 40000 + i,
                    'dest_ip': f'192.0.2.{10 + i % 2}', 'dest_port': 443, 'proto': 'TCP', 'app_proto': 'http',
                    'flow': {'pkts_toserver': 5, 'pkts_toclient': 4}, 'alert': {
                        'action': 'allowed', 'gid': 1, 'signature_id': 2030001, 'rev': 2, 'signature': 'x',
                        'category': 'Attempted Administrator Privilege Gain', 'severity': 1}}) + '\n'
        open(top + '/e.json', 'w').write(events)
        p = subprocess.run([detente, '--dir', 'aland', 'ingest', 'e.json'], cwd=top, capture_output=True, text=True, timeout=60)
        check('events are taken', p.returncode == 0, p.stderr)

        def received():
            clock.jump(2)
            time.sleep(0.2)
            return [r['state'] for r in listed(self.b).values()] == ['RECEIVED'] * len(self.all)
        scene.wait(40, 'all are received', received)
        names = {r['origin']: r['incident'] for r in listed(self.b).values()}
        for s in self.all:
            s.name = names.get(s.origin + '/32', 'none')
        self.meet('the beginning')
        return clock.now() - 600  # what is due at the full hour is due some minutes behind it


def main():
    scenarios = read()
    began = time.time()
    begin(lambda pact: pact.replace('out_of_contact_after: 6h ', 'out_of_contact_after: 20d '))
    adopt('aland', 'bland')
    w = World(scenarios)
    w.meet('both are up')
    scene.wait(20, 'both annexes are in force', lambda: all('none' not in r['witnessed'] and r['witnessed'] for x in PLACES.values() for r in in_force(x)))
    clock.jump(60)
    w.meet('both judge')
    clock.jump(60)
    time.sleep(0.3)
    t0 = w.begin()
    for hours in sorted({x.hours for s in scenarios for x in s.lines}):
        ahead = t0 + hours * 3600 - clock.now()
        if ahead > 0:
            clock.jump(ahead)
        w.meet(f'{hours} h')
        while w.wave(hours):
            pass
    w.both()
    for who, node in ('aland', w.a), ('bland', w.b):
        check(f'{who} ends', node.stop() == 0, node.said)
        check(f'{who}: fsck', subprocess.run([detente, '--dir', who, 'log', 'fsck'], cwd=top, capture_output=True).returncode == 0)
    scene.end(f'{mode}: {len(scenarios)} incidents, {w.waves} exchanges, {w.deaths} deaths, {time.time() - began:.0f} s ({w.waited:.0f} waiting); ')


clock = Clock()
pair.clocks.update(aland=clock.path, bland=clock.path)
main()
