#!/usr/bin/env python3
"""The live view against a naive model over random events under a moving clock: live.py LIVE_FEED.

The model keeps every event and counts anew each time.  After each publication the snapshot must
say what the model says, and the previous snapshot with the delta applied must be the snapshot."""
import random, subprocess, sys

MINUTE, DAY = 60_000_000, 86_400_000_000
CHIPS = 'OTHER OTHER OTHER OTHER MALWARE MALWARE MALWARE MALWARE SCAN SCAN PHISHING EXPLOIT BRUTE EXPLOIT'.split()
NAMES = ['SCAN', 'BRUTE', 'EXPLOIT', 'MALWARE', 'DOS', 'PHISHING', 'THEFT', 'OTHER']
KEYS = {'networks': (lambda r: r[0], (3, 4)), 'economies': (lambda r: r[0], (1, 2)), 'parties': (lambda r: r[0], ()),
        'targets': (lambda r: r[0], (2,)), 'corridors': (lambda r: (r[0], r[1]), (2,))}
faults = 0


def check(what, got, want):
    global faults
    if got != want and faults < 20:
        faults += 1
        print(f'{what}:\n  is     {got}\n  should {want}')


class Model:
    def __init__(self):
        self.rows, self.series, self.recent, self.seen = [], {}, [], {}

    def add(self, time, seen, skewed, cls, origin, asn, cc, target, now):
        t = seen if skewed else time
        chip = NAMES.index(CHIPS[cls])
        if t // MINUTE > now // MINUTE:
            t = now
        # 24 hours are 288 buckets, the one that goes on included
        if now - t >= DAY or t // (5 * MINUTE) <= now // (5 * MINUTE) - 288:
            return
        self.series[(chip, t // (5 * MINUTE))] = self.series.get((chip, t // (5 * MINUTE)), 0) + 1
        self.recent = [(origin, target, asn)] + self.recent[:19]
        self.rows.append((t // MINUTE, chip, origin, asn, cc, target))

    def said(self, now):
        m, b = now // MINUTE, now // (5 * MINUTE)
        ages = [(m - r[0], r) for r in self.rows]

        def three(rows):
            return (sum(a < 15 for a, _ in rows), sum(a < 60 for a, _ in rows), sum(60 <= a < 120 for a, _ in rows))
        out, live = {}, [(a, r) for a, r in ages if a < 120]
        now15 = [(a, r) for a, r in live if a < 15]
        groups = lambda rows, key: {k: [x for x in rows if key(x[1]) == k] for k in {key(r) for _, r in rows}}
        out['networks'] = {k: three(v) for k, v in groups(live, lambda r: r[3]).items()}
        out['economies'] = {k: (*three(v), len({r[2] for a, r in v if a < 15}), len({r[3] for a, r in v if a < 15 and r[3]}))
                            for k, v in groups(live, lambda r: r[4]).items()}
        out['targets'] = {k: len(v) for k, v in groups(now15, lambda r: r[5]).items()}
        out['corridors'] = {k: (len(v), [sum(r[1] == c for _, r in v) for c in range(8)])
                            for k, v in groups(now15, lambda r: (r[4], r[3])).items() if k[0]}
        out['totals'] = [len(now15), len({r[3] for _, r in now15 if r[3]}), len({r[4] for _, r in now15 if r[4]}), len({r[2] for _, r in now15})]
        out['parties'] = [['', *three(live)]]
        out['unknown'] = sum(not r[4] for _, r in now15)
        out['series'] = [[self.series.get((c, i), 0) for i in range(b - 287, b + 1)] for c in range(8)]
        return out


def top(rows, most, count):
    """A list is cut behind the best `most` rows: which of equal ones is not promised."""
    counts = sorted((count(v) for v in rows.values()), reverse=True)
    return counts[:most]


def compare(model, s, now):
    want = model.said(now)
    shown = {k: v for k, v in want['networks'].items() if v[1] > 0}
    got = {r[0]: tuple(r[3:]) for r in s['networks']}
    check('networks', got, {k: v for k, v in shown.items() if k in got})
    check('networks, the best', [v[0] for v in got.values()], top(shown, 50, lambda v: v[0]))
    check('economies', {r[0]: tuple(r[1:]) for r in s['economies']}, {k: v for k, v in want['economies'].items() if v[1] > 0})
    got = {r[0]: r[2] for r in s['targets']}
    check('targets', got, {k: v for k, v in want['targets'].items() if k in got})
    check('targets, the best', list(got.values()), top(want['targets'], 20, lambda v: v))
    for cc, asn, n, chip in s['corridors']:
        count, chips = want['corridors'].get((cc, asn), (0, [0] * 8))
        check(f'corridor {cc} {asn}', n, count)
        check(f'chip of {cc} {asn}', chips[chip], max(chips))
    check('corridors, the best', [r[2] for r in s['corridors']], top(want['corridors'], 60, lambda v: v[0]))
    check('corridor_count', s['corridor_count'], len(want['corridors']))
    for k in ('totals', 'parties', 'unknown'):
        check(k, s[k], want[k])
    check('series', s['series']['rows'], want['series'])
    check('start', s['series']['start'], (now // (5 * MINUTE) - 287) * 300)
    check('chips', s['chips'], [sum(r) for r in want['series']])
    check('recent', [(r[6], r[7], r[5]) for r in s['recent']], model.recent)


def apply(s, d):
    """What a viewer does with a delta."""
    out = dict(s)
    for k, v in d.items():
        if k == 'series':
            rows, start = s['series']['rows'], s['series']['start']
            last = max([start + 287 * 300] + [x[1] for x in v])
            shift = (last - 287 * 300 - start) // 300
            rows = [(r + [0] * shift)[-288:] if shift < 288 else [0] * 288 for r in rows]
            for c, at, n in v:
                rows[c][(at - last) // 300 + 287] = n
            out['series'] = {'step': 300, 'start': last - 287 * 300, 'rows': rows}
        elif k in KEYS:
            key, counts = KEYS[k]
            rows = {key(r): r for r in s[k]}
            for r in v:
                rows[key(r)] = r
            out[k] = [r for r in rows.values() if not counts or any(r[i] for i in counts)]
        else:
            out[k] = v
    return out


def same(a, b):
    order = lambda s: {k: sorted(v) if k in KEYS else v for k, v in s.items()}
    a, b = order(a), order(b)
    for k in b:
        if k not in ('now', 'pos'):
            check(f'delta: {k}', a[k], b[k])


def run(seed, networks, steps):
    import json
    random.seed(seed)
    p = subprocess.Popen([sys.argv[1]], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    model, now, snapshot = Model(), 1_772_366_400_000_000 + random.randrange(DAY), None
    places = [(random.choice((0, 64500 + i % networks, 64500 + i % networks)), random.choice(('', 'XA', 'XB', 'XC', 'XD'))) for i in range(4 * networks)]
    for _ in range(steps):
        now += random.choice((0, 250_000, 5_000_000, 20_000_000, MINUTE, 3 * MINUTE, 16 * MINUTE, 61 * MINUTE, 119 * MINUTE, 121 * MINUTE, 7 * 60 * MINUTE, 25 * 60 * MINUTE)
                             if random.random() < .3 else (0, 250_000, 10_000_000))
        for _ in range(random.choice((0, 1, 5, 40))):
            i = random.randrange(len(places))
            asn, cc = places[i]
            age = random.choice((0, 1_000_000, random.randrange(20 * MINUTE), random.randrange(130 * MINUTE), random.randrange(DAY + MINUTE), -random.randrange(3 * MINUTE)))
            event = (now - age, now, int(random.random() < .1), random.randrange(len(CHIPS)), f'198.51.{i >> 8}.{i & 255}', asn, cc, f'192.0.2.{random.randrange(30)}', now)
            model.add(*event)
            p.stdin.write('e %d %d %d %d %s %d %s %s %d\n' % (*event[:6], cc or '-', *event[7:]))
        p.stdin.write(f'p {now}\n')
        p.stdin.flush()
        delta, new = json.loads(p.stdout.readline()), json.loads(p.stdout.readline())
        compare(model, new, now)
        if snapshot is not None:
            same(apply(snapshot, delta), new)
        snapshot = new
    p.stdin.close()
    check('exit', p.wait(), 0)


for seed, networks, steps in ((1, 5, 300), (2, 20, 300), (3, 200, 200)):
    run(seed, networks, steps)
    print(f'seed {seed}: {steps} publications, {faults} faults so far')
sys.exit(faults != 0)
