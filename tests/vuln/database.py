#!/usr/bin/env python3
"""The database of vulnerabilities as a whole: database.py DETENTE SHARED-FOLDER

Feeds of each kind in, twice, older, broken anywhere, killed, on a full disk; what a scan finds,
its reports, and what came between two scans.  With shared data: exactly what others find there.
Exit 77 when only that last part could not be done."""
import calendar, gzip, hashlib, json, os, pathlib, random, re, signal, sqlite3, subprocess, sys, tempfile, time

DETENTE, SHARED = sys.argv[1], pathlib.Path(sys.argv[2])
faults = 0
NOW = calendar.timegm((2099, 1, 3, 0, 0, 0))  # by the clock of all nodes here, when this begins
AHEAD = int(NOW - time.time())


def check(what, ok, got=None):
    global faults
    if not ok:
        faults += 1
        print('FAULT', what, str(got)[-1500:])


class Node:
    def __init__(self, path):
        self.dir = pathlib.Path(path)
        self.dir.mkdir(exist_ok=True)
        clock = self.dir / 'clock'
        clock.write_text(str(AHEAD))
        (self.dir / 'test-clock').write_text(str(clock))

    def run(self, *args, **kw):
        return subprocess.run([DETENTE, '--dir', self.dir, *map(str, args)], capture_output=True, text=True, **kw)

    def take(self, kind, path, *args):
        return self.run('vuln', 'import', kind, path, *args)

    def rows(self, *args):
        p = self.run('vuln', 'scan', '-o', 'json', '--limit', '0', *args)
        return json.loads(p.stdout) if p.stdout else p

    def state(self):
        """All that is there, but for when it was taken in."""
        db = sqlite3.connect(self.dir / 'vuln' / 'vuln.db')
        h = hashlib.sha256()
        for (table,) in db.execute("SELECT name FROM sqlite_master WHERE type='table' ORDER BY name").fetchall():
            columns = [c[1] for c in db.execute(f'PRAGMA table_info({table})') if (table, c[1]) != ('feed', 'taken')]
            for row in db.execute(f'SELECT {",".join(columns)} FROM {table} ORDER BY {",".join(columns)}'):
                h.update(repr(row).encode())
        db.close()
        return h.hexdigest()


# ---- feeds of our own invention ------------------------------------------------------------

def kev(version='2099.01.02', day='2099-01-02', n=2):
    return json.dumps({'title': 'CISA Catalog of Known Exploited Vulnerabilities', 'catalogVersion': version, 'dateReleased': day + 'T00:00:00.0000Z', 'count': n,
                       'vulnerabilities': [{'cveID': f'CVE-2099-{1002 + i}', 'vendorProject': 'Example', 'product': 'Thing', 'vulnerabilityName': 'Example Thing', 'dateAdded': '2099-01-01', 'shortDescription': 'x',
                                            'requiredAction': 'Apply.', 'dueDate': '2099-01-22', 'knownRansomwareCampaignUse': 'Known' if i == 0 else 'Unknown', 'notes': '', 'cwes': ['CWE-79']} for i in range(n)]}, indent=1)


def epss(day='2099-01-02', n=700):
    rows = [f'CVE-2099-{1000 + (i * 37) % n},{i % 1000 / 1000:.5f},{i % 997 / 997:.5f}' for i in range(n)]
    return f'#model_version:v2099.01.01,score_date:{day}T00:00:00Z\ncve,epss,percentile\n' + '\n'.join(rows) + '\n'


def nvd(ids=range(1000, 1040), stamp='2099-01-02T00:00:00.000', text='A flaw.'):
    def one(n):
        return {'cve': {'id': f'CVE-2099-{n}', 'sourceIdentifier': 'x@example.org', 'published': '2099-01-01T00:00:00.000', 'lastModified': '2099-01-01T10:00:00.000', 'vulnStatus': 'Analyzed',
                        'descriptions': [{'lang': 'en', 'value': f'{text} {{"[,]"}} \\ {n}'}],
                        'metrics': {'cvssMetricV31': [{'source': 'nvd@nist.gov', 'type': 'Primary', 'cvssData': {'version': '3.1', 'vectorString': 'CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H', 'baseScore': 9.8, 'baseSeverity': 'CRITICAL'}}]},
                        'configurations': [{'nodes': [{'operator': 'OR', 'negate': False, 'cpeMatch': [{'vulnerable': True, 'criteria': f'cpe:2.3:a:example:thing{n % 7}:*:*:*:*:*:*:*:*', 'versionEndExcluding': f'{n % 9}.2', 'matchCriteriaId': 'x'}]}]}],
                        'references': []}}
    return json.dumps({'resultsPerPage': 1, 'startIndex': 0, 'totalResults': 1, 'format': 'NVD_CVE', 'version': '2.0', 'timestamp': stamp, 'vulnerabilities': [one(n) for n in ids]})


def cve5():
    return ''.join(json.dumps({'dataType': 'CVE_RECORD', 'dataVersion': '5.1', 'cveMetadata': {'cveId': f'CVE-2099-{n}', 'state': 'PUBLISHED', 'datePublished': '2099-01-01T00:00:00Z', 'dateUpdated': '2099-01-01T12:00:00Z'},
                               'containers': {'cna': {'descriptions': [{'lang': 'en', 'value': 'A flaw.'}], 'affected': [], 'references': []},
                                              'adp': [{'title': 'CISA ADP Vulnrichment', 'metrics': [{'other': {'type': 'ssvc', 'content': {'id': f'CVE-2099-{n}', 'role': 'CISA Coordinator', 'version': '2.0.3', 'timestamp': '2099-01-01T12:00:00Z',
                                                       'options': [{'Exploitation': 'active'}, {'Automatable': 'yes'}, {'Technical Impact': 'total'}]}}}]}]}}) + '\n' for n in (1000, 1002, 1003))


def osv(fixed='2.0-1', modified='2099-01-01T00:00:00Z'):
    return ''.join(json.dumps({'schema_version': '1.6.0', 'id': f'DEBIAN-CVE-2099-{n}', 'aliases': [f'CVE-2099-{n}'], 'modified': modified,
                               'affected': [{'package': {'ecosystem': 'Debian:12', 'name': f'src{n % 3}'}, 'ranges': [{'type': 'ECOSYSTEM', 'events': [{'introduced': '0'}, {'fixed': fixed}]}]}]}) + '\n' for n in range(1000, 1012))


def debian():
    return json.dumps({f'src{i}': {f'CVE-2099-{2000 + i}': {'scope': 'remote', 'releases': {'bookworm': {'status': 'resolved', 'fixed_version': '3.0-1', 'urgency': 'medium', 'repositories': {'bookworm': '1'}}}},
                                   f'TEMP-0000000-{i:06X}': {'releases': {'bookworm': {'status': 'open', 'urgency': 'low', 'repositories': {'bookworm': '1'}}}}} for i in range(3)})


FEEDS = {'kev': kev, 'epss': epss, 'nvd': nvd, 'cve5': cve5, 'osv': osv, 'debian': debian}
DPKG = ''.join(f'Package: bin{i}\nStatus: install ok installed\nArchitecture: amd64\nSource: src{i}\nVersion: {v}\n\n' for i, v in enumerate(['1.0-1', '2.5-1', '9.0-1']))


def write(top, name, text):
    (top / name).write_text(text)
    os.utime(top / name, (NOW - 3600, NOW - 3600))
    return top / name


def fill(node, top):
    for kind, make in FEEDS.items():
        p = node.take(kind, write(top, kind, make()))
        check(f'{kind} is taken in', p.returncode == 0 and ' new, 0 changed, 0 as they were' in p.stderr, p)
    p = node.run('inventory', 'import', 'dpkg', write(top, 'status', DPKG), '--asset', 'host', '--release', 'Debian:12')
    check('dpkg', p.returncode == 0, p)
    p = node.run('inventory', 'import', 'cpe', write(top, 'cpes', 'box\tcpe:2.3:a:example:thing3:1.0:*:*:*:*:*:*:*\n'))
    check('CPEs', p.returncode == 0, p)


# ---- what is tested ------------------------------------------------------------------------

def feeds(node, top):
    p = node.run('vuln', 'feeds')
    check('no feed: exit 1', p.returncode == 1, p)
    fill(node, top)
    got = {(r['asset'], r['package'], r['cve']) for r in node.rows('--fields', 'asset,package,cve')}
    # by OSV until 2.0-1, by the tracker until 3.0-1 and without end, by NVD below n % 9 . 2
    want = {('host', f'bin{n % 3}', f'CVE-2099-{n}') for n in range(1000, 1012) if n % 3 == 0}
    want |= {('host', f'bin{i}', f'CVE-2099-{2000 + i}') for i in range(2)} | {('host', f'bin{i}', f'TEMP-0000000-{i:06X}') for i in range(3)}
    boxes = {f'CVE-2099-{n}' for n in range(1000, 1040) if n % 7 == 3 and n % 9 >= 1}
    check('what is found', {g for g in got if g[0] == 'host'} == want, (got, want))
    check('by CPE', {g[2] for g in got if g[0] == 'box'} == boxes, (got, boxes))
    rows = {r['cve']: r for r in node.rows('--fields', 'cve,kev,severity,cvss,risk')}
    check('what is known of one', rows['CVE-2099-1002'] == {'cve': 'CVE-2099-1002', 'kev': 'ransomware', 'severity': 'critical', 'cvss': 9.8, 'risk': 100.0}, rows['CVE-2099-1002'])
    check('and that it is more urgent', rows['CVE-2099-1005']['kev'] == '' and rows['CVE-2099-1005']['risk'] < 100, rows['CVE-2099-1005'])
    scores = {r['cve']: r['epss'] for r in node.rows('--fields', 'cve,epss')}
    for line in epss().splitlines()[2:]:
        cve, score, _ = line.split(',')
        if cve in scores:
            check(f'score of {cve}', abs(float(scores[cve]) - float(score)) < 1e-9, (scores[cve], score))


def again(node, top):
    before = node.state()
    for kind in FEEDS:
        p = node.take(kind, top / kind)
        check(f'{kind} again: nothing is new', p.returncode == 0 and ': 0 new, 0 changed' in p.stderr and ' 0 as they were' not in p.stderr and ', 0 gone' in p.stderr, p)
    with gzip.open(top / 'packed.gz', 'wb') as f:
        f.write(nvd().encode())
    check('packed', node.take('nvd', top / 'packed.gz').returncode == 0)
    node.take('nvd', top / 'nvd')
    check('the same again changes nothing', node.state() == before)


def older(node, top):
    before = node.state()
    for kind, text in ('kev', kev('2099.01.01', '2099-01-01', 1)), ('epss', epss('2099-01-01', 5)), ('nvd', nvd(range(1000, 1001), '2099-01-01T00:00:00.000', 'Other.')):
        p = node.take(kind, write(top, 'older', text))
        check(f'older {kind}: exit 1 and why', p.returncode == 1 and 'older one is not taken in' in p.stderr, p)
    p = node.take('osv', write(top, 'older', osv('7.0-1', '2098-01-01T00:00:00Z')))
    check('older records are passed over', '0 new, 0 changed, 0 as they were, 12 older' in p.stderr or p.returncode == 1, p)
    check('older ones change nothing', node.state() == before)


def broken(node, top):
    rng = random.Random(7)
    before = node.state()
    for kind, make in FEEDS.items():
        text = make()
        cuts = {len(text) // 2, 1, len(text) - 3, *(rng.randrange(1, len(text)) for _ in range(9))}
        for at in sorted(cuts):
            part = text[:at]
            if kind in ('cve5', 'osv', 'epss') and (part.endswith('\n') or (kind == 'epss' and re.search(r',[0-9.]+,[0-9.]+$', part))):
                continue  # whole lines are a shorter feed
            p = node.take(kind, write(top, 'broken', part))
            check(f'{kind} cut at {at}: an error with the place', p.returncode == 3 and 'broken' in p.stderr, p)
        at = re.search('2099-[12]0', text).start() + 2
        p = node.take(kind, write(top, 'broken', text[:at] + '\x01"}' + text[at:]))
        check(f'{kind} with a wrong byte', p.returncode == 3 and re.search(r'broken:\d+:\d+: ', p.stderr), p)
    blob = gzip.compress(nvd().encode())
    p = node.take('nvd', (top / 'cut.gz').write_bytes(blob[:len(blob) // 2]) and top / 'cut.gz')
    check('packed and cut', p.returncode == 3, p)
    check('not there', node.take('nvd', top / 'nothing').returncode == 3)
    check('no record', node.take('nvd', write(top, 'empty', '')).returncode == 3)
    check('what is broken changes nothing', node.state() == before)


def places(node, top):
    """Where a file is wrong, to the column."""
    def wrong(kind, text, place, words):
        p = node.take(kind, write(top, 'placed', text))
        check(f'{kind} is wrong at {place}', p.returncode == 3 and f'/placed:{place}: ' in p.stderr and words in p.stderr, p)

    text = kev()
    wrong('kev', text.replace('"count": 2', '"count": 3'), '5:2', '`count` is not the number')
    wrong('kev', text.replace('"2099.01.02"', '"Monday"'), '3:2', '`catalogVersion`')
    wrong('kev', text.replace('"catalogVersion"', '"version"'), '1:1', '`catalogVersion`')
    wrong('kev', '\n ' + text.replace('"vulnerabilities"', '"list"'), '2:2', 'no list')
    wrong('kev', text.replace('"vulnerabilities": [', '"vulnerabilities": "x", "y": ['), '6:2', 'no list')
    wrong('kev', text.replace('dateReleased": "', 'dateReleased": "x'), '4:2', '`dateReleased`')
    wrong('kev', text.replace('"Example",', '"Example,'), '9:21', 'is no JSON')
    wrong('osv', osv().splitlines()[0] + '\n{"id":"x,\n"y":1}\n', '2:7', 'no end')
    wrong('debian', '{"a":{"CVE-2099-1":{"x":"y}}}', '1:25', 'begins here')
    wrong('openvex', '{"@context":"x",\n "@id":"y}\n', '2:8', 'no end')
    for name, packed in ('xz', subprocess.run(['xz', '-c'], input=nvd().encode(), capture_output=True).stdout), ('gz', gzip.compress(nvd().encode())):
        path = top / f'placed.{name}'
        for n in len(packed) // 2, len(packed) - 1:
            path.write_bytes(packed[:n])
            p = node.take('nvd', path)
            check(f'{name} of {n} bytes', p.returncode == 3 and f'{path}: ends too early: ' in p.stderr and f'truncated after {n} bytes' in p.stderr, p)
        path.write_bytes(packed[:len(packed) // 2] + bytes(200) + packed[len(packed) // 2:])
        p = node.take('nvd', path)
        check(f'{name} that is broken is not truncated', p.returncode == 3 and 'too early' not in p.stderr, p)


def counts(top):
    """New, changed, as they were and gone, of what is kept whole too."""
    node = Node(top / 'counts')

    def take(kind, text, says, differs=None):
        p = node.take(kind, write(top, 'counted', text))
        check(f'{kind}: {says}', p.returncode == 0 and says in p.stderr and (f'in force in {differs}' in p.stderr if differs else 'differs' not in p.stderr), p)

    text = kev(n=5)
    take('kev', text, '5 new, 0 changed, 0 as they were')
    take('kev', text, '0 new, 0 changed, 5 as they were, 0 older than what is here, 0 gone')
    take('kev', json.dumps(json.loads(text)), '0 new, 0 changed, 5 as they were, 0 older than what is here, 0 gone')
    take('kev', text.replace('Apply.', 'Mend.', 1), '0 new, 1 changed, 4 as they were, 0 older than what is here, 0 gone', '1 records: CVE-2099-1002')
    take('kev', kev('2099.01.03', n=4), '0 new, 1 changed, 3 as they were, 0 older than what is here, 1 gone')
    take('kev', kev('2099.01.03', n=6), '2 new, 0 changed, 4 as they were', '2 records: CVE-2099-1006, CVE-2099-1007')
    text = epss(n=700)
    take('epss', text, '700 new, 0 changed, 0 as they were')
    rows = text.splitlines(True)
    take('epss', ''.join(rows[:2] + rows[:1:-1]), '0 new, 0 changed, 700 as they were, 0 older than what is here, 0 gone')
    take('epss', epss('2099-01-03').replace(',0.00000,', ',0.00001,', 1).replace('CVE-2099-1037,', 'CVE-2098-1037,'), '1 new, 1 changed, 698 as they were, 0 older than what is here, 1 gone')


def earlier(top):
    """A database of the schema before: read as it is, brought up by who writes."""
    node = Node(top / 'earlier')
    node.take('kev', write(top, 'kev1', kev()))
    db = sqlite3.connect(node.dir / 'vuln' / 'vuln.db')
    db.executescript('ALTER TABLE kev DROP COLUMN hash; PRAGMA user_version=1')
    db.close()
    check('read', node.run('vuln', 'feeds').returncode == 0 and 'ransomware: yes' in node.run('vuln', 'show', 'CVE-2099-1002').stdout)
    p = node.take('epss', write(top, 'epss1', epss()))
    check('written', p.returncode == 0, p)
    p = node.take('kev', top / 'kev1')
    check('and known from then on', ' 2 as they were' in node.take('kev', top / 'kev1').stderr, p)


def dates(top):
    """Of a feed that does not say its date its file does; of one that is ahead of the clock nothing is believed."""
    node = Node(top / 'dates')

    def take(kind, text, code, words, *args, at=NOW - 3600, input=None):
        path = write(top, 'dated', text)
        os.utime(path, (at, at))
        before = node.state() if (node.dir / 'vuln').is_dir() else None
        p = node.take(kind, path, *args) if input is None else node.run('vuln', 'import', kind, '-', *args, input=input)
        check(f'{kind} {args}: {words}', p.returncode == code and all(w in p.stderr for w in words), p)
        check('nothing changed', code == 0 or before is None or node.state() == before)
        return p

    def date(feed):
        return {r['feed']: r['date'][:10] for r in json.loads(node.run('vuln', 'feeds', '-o', 'json').stdout)}[feed]

    newer = debian().replace('3.0-1', '3.0-2')
    take('debian', newer, 0, ['debian of 2099-01-01'], at=NOW - 2 * 86400)
    take('debian', debian(), 1, ['is of 2098-12-31', 'older one is not taken in'], at=NOW - 3 * 86400)
    take('debian', newer, 0, ['0 new, 0 changed'], at=NOW - 3 * 86400)  # the same bytes are as new as ever
    check('as it was', date('debian') == '2099-01-01')
    take('debian', debian(), 1, ['older one'], '--date', '2098-12-01')
    take('debian', debian(), 3, ['ahead of this node'], '--date', '2099-01-06')
    take('debian', debian(), 3, ['ahead of this node'], at=NOW + 3 * 86400)
    take('debian', debian(), 0, ['of 2099-01-02'], '--date', '2099-01-02T10:00')
    take('debian', newer, 0, ['debian of 2099-01-03'], input=newer)
    check('of now', date('debian') == '2099-01-03')
    take('debian', newer, 2, ['--date'], '--date', 'soon')
    old = Node(top / 'dates-old')
    path = write(top, 'dated', debian())
    os.utime(path, (NOW - 30 * 86400,) * 2)
    old.take('debian', path)
    p = old.run('vuln', 'feeds')
    check('old by its file', p.returncode == 1 and 'are stale' in p.stderr, p)
    rules = 'alert tcp any any -> any any (msg:"x CVE-2099-0001"; reference:cve,2099-0001; sid:1; rev:1;)\n'
    take('rules', rules, 0, ['rules of 2099-01-01'], at=NOW - 2 * 86400)
    take('rules', rules * 2, 1, ['older one'], at=NOW - 3 * 86400)
    # ahead of the clock
    take('kev', kev(), 0, [])
    for words, text in (['dated:4:', '2135-01-01'], kev(day='2135-01-01')), (['dated:3:', '2099-01-06'], kev('2099.01.06')):
        take('kev', text, 3, words + ['ahead'])
    take('kev', kev('2099.01.01', '2099-01-03'), 1, ['version 2099.01.01', 'older one'])
    take('kev', kev('2099.01.03', '2099-01-01'), 1, ['older one'])
    take('kev', kev('2099.01.04', '2099-01-04'), 0, [])
    take('kev', kev('2099.01.04', '2099-01-04'), 2, ['says itself'], '--date', '2099-01-01')
    take('epss', epss('2099-01-06'), 3, ['dated:1:', 'score_date', 'ahead'])
    take('nvd', nvd(stamp='2099-02-01T00:00:00.000'), 3, ['dated: is of 2099-02-01', 'ahead'])
    take('nvd', nvd().replace('lastModified": "2099-01-01', 'lastModified": "2999-01-01').replace('{"cve"', '\n{"cve"'), 3, ['dated:2:', 'CVE-2099-1000 is of 2999-01-01', 'ahead'])
    take('osv', osv() + osv(modified='2999-01-01T00:00:00Z'), 3, ['dated:13:', 'DEBIAN-CVE-2099-1000 is of 2999'])
    take('cve5', cve5().replace('dateUpdated": "2099', 'dateUpdated": "2999'), 3, ['dated:1:', 'CVE-2099-1000 is of 2999'])
    vex = json.dumps({'@context': 'https://openvex.dev/ns/v0.2.0', '@id': 'https://example.org/1', 'author': 'A', 'timestamp': '2099-01-01T00:00:00Z', 'version': 1,
                      'statements': [{'vulnerability': {'name': 'CVE-2099-1'}, 'products': [{'@id': 'pkg:pypi/one@1'}], 'status': 'fixed'}]})
    take('openvex', vex.replace('"statements', '\n"statements').replace('p": "2099', 'p": "2999'), 3, ['dated:2:', 'is of 2999'])
    take('openvex', vex, 0, [])
    # What was taken in while the clock was wrong keeps nothing out once it is right.
    far = Node(top / 'far')
    (far.dir / 'clock').write_text(str(AHEAD + 30 * 86400))
    later = nvd(stamp='2099-01-30T00:00:00.000').replace('lastModified": "2099-01-01', 'lastModified": "2099-01-29')
    for kind, text in ('kev', kev('2099.01.30', '2099-01-30')), ('nvd', later), ('epss', epss('2099-01-30')):
        check(f'{kind} of another time', far.take(kind, write(top, 'afar', text)).returncode == 0)
    (far.dir / 'clock').write_text(str(AHEAD))
    for kind, n in ('kev', '2 as they were'), ('nvd', '0 new, 40 changed'), ('epss', '700 as they were'):
        p = far.take(kind, write(top, 'afar', FEEDS[kind]()))
        check(f'{kind} of now', p.returncode == 0 and n in p.stderr, p)


def types(node, top):
    """A value of another type is no empty one, and one id twice is no two records."""
    before = node.state()
    text = nvd(range(1000, 1002)).replace('A flaw.', 'Other.').replace('lastModified": "2099-01-01T1', 'lastModified": "2099-01-01T2')
    for old, new in ('"configurations": [', '"configurations": "x", "y": ['), ('"nodes": [', '"nodes": 7, "y": ['), ('"cpeMatch": [', '"cpeMatch": {}, "y": [') :
        p = node.take('nvd', write(top, 'typed', text.replace(old, '\n' + new)))
        check(f'{new} is refused', p.returncode == 3 and 'typed:2:' in p.stderr, p)
    check('and changes nothing', node.state() == before)
    twice = Node(top / 'twice')
    p = twice.take('nvd', write(top, 'twice.json', nvd([1000, 1001, 1000, 1002, 1000])))
    check('one id thrice', ' 3 new, 0 changed' in p.stderr and ': 2 records of an id that was there before' in p.stderr, p)
    p = twice.take('nvd', top / 'twice.json')
    check('and again', ' 0 new, 0 changed, 3 as they were' in p.stderr and ': 2 records of an id' in p.stderr, p)
    check('counted once', json.loads(twice.run('vuln', 'feeds', '-o', 'json').stdout)[0]['records'] == 3)


def ages(node, top):
    p = node.run('vuln', 'feeds', '-o', 'json')
    rows = {r['feed']: r for r in json.loads(p.stdout)}
    check('feeds by name', set(rows) == {'kev', 'epss', 'nvd/2099', 'cve5/2099', 'osv/Debian:12', 'debian'}, rows)
    check('their files', rows['kev']['sha256'] == hashlib.sha256((top / 'kev').read_bytes()).hexdigest(), rows)
    check('none is stale yet: exit 0', p.returncode == 0 and not any(r['stale'] for r in rows.values()), p)
    old = Node(top / 'old')
    old.take('kev', write(top, 'kev.old', kev('2020.01.01', '2020-01-01')))
    p = old.run('vuln', 'feeds')
    check('stale: exit 1', p.returncode == 1 and '1 of 1 feeds are stale' in p.stderr, p)
    check('not by an age of our own', old.run('vuln', 'feeds', '--max-age', '30000d').returncode == 0)
    check('no span', old.run('vuln', 'feeds', '--max-age', 'x').returncode == 2)


def killed(top):
    """Old or new, whole: at whatever moment the process goes."""
    node = Node(top / 'killed')
    small, large = write(top, 'small', nvd(range(1000, 1200))), write(top, 'large', nvd(range(1000, 21000), '2099-01-03T00:00:00.000', 'Later.' * 20))
    node.take('nvd', small)
    before = node.state()
    begun = time.time()
    other = Node(top / 'other')
    other.take('nvd', small)
    begun = time.time()
    other.take('nvd', large)
    span = time.time() - begun
    after = other.state()
    seen = []
    for i in range(12):
        p = subprocess.Popen([DETENTE, '--dir', node.dir, 'vuln', 'import', 'nvd', large], stderr=subprocess.DEVNULL)
        time.sleep(span * (i + 0.5) / 11)
        p.send_signal(signal.SIGKILL)
        p.wait()
        reader = node.run('vuln', 'feeds', '--max-age', '30000d')
        check('it can be read', reader.returncode == 0, reader)
        now = node.state()
        check('old or new, whole', now in (before, after), i)
        seen.append('new' if now == after else 'old')
        if now == after:
            break
    check('killed while it was at work', 'old' in seen, seen)
    check('and taken in the next time', node.take('nvd', large).returncode == 0 and node.state() == after)
    free = node.dir / 'vuln'
    check('nothing is left behind', all(x.name in ('vuln.db', 'vuln.db-shm') or (x.name == 'vuln.db-wal' and x.stat().st_size == 0) for x in free.iterdir()), list(free.iterdir()))


def full(top):
    disk = top / 'disk'
    disk.mkdir()
    if subprocess.run(['mount', '-t', 'tmpfs', '-o', 'size=6m', 'tmpfs', disk], capture_output=True).returncode != 0:
        print('SKIP a full disk: no tmpfs can be mounted here')
        return
    try:
        node = Node(disk / 'node')
        check('it fits', node.take('nvd', top / 'small').returncode == 0)
        before = node.state()
        p = node.take('nvd', top / 'large')
        check('a full disk says so', p.returncode == 4 and 'no space is left on the disk' in p.stderr, p)
        check('and leaves what was there', node.state() == before)
        check('and can be asked', node.run('vuln', 'feeds', '--max-age', '30000d').returncode == 0)
    finally:
        subprocess.run(['umount', disk])


def history(node, top):
    def moment():
        time.sleep(0.01)
        now = time.time() + AHEAD
        time.sleep(0.01)
        return time.strftime('%Y-%m-%dT%H:%M:%S', time.gmtime(now)) + f'.{int(now * 1e6) % 1000000:06d}Z'
    start = moment()
    p = node.run('vuln', 'scan', '--keep', '--limit', '1')
    check('kept', p.returncode == 0 and ' came, 0 went, 0 changed, 0 as they were' in p.stderr, p)
    first = moment()
    p = node.run('vuln', 'scan', '--keep', '--limit', '1')
    check('nothing new', ': 0 came, 0 went, 0 changed' in p.stderr, p)
    check('with a filter it is refused', node.run('vuln', 'scan', '--keep', '--kev').returncode == 2)
    node.run('inventory', 'import', 'dpkg', write(top, 'mended', DPKG.replace('1.0-1', '2.7-1')), '--asset', 'host', '--release', 'Debian:12')
    node.run('vuln', 'scan', '--keep', '--limit', '1')
    second = moment()
    p = node.run('vuln', 'diff', '--since', first, '--until', second, '-o', 'json')
    went = {(r['change'], r['package'], r['cve']) for r in json.loads(p.stdout)}
    check('what went', p.returncode == 0 and went == {('went', 'bin0', f'CVE-2099-{n}') for n in range(1000, 1012) if n % 3 == 0}, p)
    node.run('inventory', 'import', 'dpkg', top / 'status', '--asset', 'host', '--release', 'Debian:12')
    node.run('vuln', 'scan', '--keep', '--limit', '1')
    third = moment()
    p = node.run('vuln', 'diff', '--since', second, '-o', 'json')
    rows = json.loads(p.stdout)
    check('what came: exit 1', p.returncode == 1 and {(r['package'], r['cve']) for r in rows} == {w[1:] for w in went} and {r['change'] for r in rows} == {'came'}, p)
    p = node.run('vuln', 'diff', '--since', first, '--until', third)
    check('there and back is no difference', p.returncode == 0, p)
    p = node.run('vuln', 'diff', '--since', start, '--until', first, '-o', 'json')
    check('all came', p.returncode == 1 and len(json.loads(p.stdout)) == len(node.rows()) and 'first time' in p.stderr, p)
    p = node.run('vuln', 'except', 'host', 'CVE-2099-1002', '--until', '2099-12-31', '--because', 'Shut off on Friday.')
    check('an exception', p.returncode == 0, p)
    node.run('vuln', 'scan', '--keep', '--limit', '1')
    fourth = moment()
    p = node.run('vuln', 'diff', '--since', third, '-o', 'json')
    rows = json.loads(p.stdout)
    check('what changed: nothing came', p.returncode == 0 and [(r['change'], r['cve'], r['before'], r['after']) for r in rows] == [('changed', 'CVE-2099-1002', 'affected', 'excepted')], p)
    results = lambda *a: {r['ruleId']: r for r in json.loads(node.run('vuln', 'report', '--format', 'sarif', *a).stdout)['runs'][0]['results']}
    check('it is left out of reports', 'CVE-2099-1002' not in results() and results('--all')['CVE-2099-1002']['suppressions'][0] == {'kind': 'external', 'status': 'accepted', 'justification': 'excepted'}, results('--all').get('CVE-2099-1002'))
    check('and of OpenVEX', 'CVE-2099-1002' not in node.run('vuln', 'report', '--format', 'openvex', '--asset', 'host', '--all').stdout)
    p = node.run('vuln', 'vex', 'drop', '1')
    node.run('vuln', 'scan', '--keep', '--limit', '1')
    p = node.run('vuln', 'diff', '--since', fourth, '-o', 'json')
    check('it ended: exit 1', p.returncode == 1 and [(r['change'], r['cve'], r['after']) for r in json.loads(p.stdout)] == [('changed', 'CVE-2099-1002', 'affected')], p)
    due = lambda: {r['cve']: r['due'] for r in node.rows('--fields', 'cve,due', '--asset', 'host')}['CVE-2099-2000']
    before, db = due(), sqlite3.connect(node.dir / 'vuln' / 'vuln.db')
    db.execute('UPDATE finding SET first=first-10*86400*1000000')
    db.commit()
    db.close()
    day = lambda text: time.mktime(time.strptime(text, '%Y-%m-%d')) / 86400
    check('a deadline counts from when it was found first', round(day(before) - day(due())) == 10, (before, due()))
    check('--since is needed', node.run('vuln', 'diff').returncode == 2)
    check('of no such asset', node.run('vuln', 'diff', '--since', first, '--asset', 'nobody').returncode == 1)


def reports(node):
    """What the specification demands (SARIF 2.1.0, sections named), and what we promise."""
    p = node.run('vuln', 'report', '--format', 'sarif')
    again = node.run('vuln', 'report', '--format', 'sarif')
    s = json.loads(p.stdout)
    check('the same findings, the same bytes', p.stdout == again.stdout)
    check('log file (3.13)', s['version'] == '2.1.0' and s['$schema'].endswith('sarif-schema-2.1.0.json') and len(s['runs']) == 1, s.keys())
    run = s['runs'][0]
    rules = run['tool']['driver']['rules']  # 3.14.6, 3.18.2, 3.19.23
    check('driver (3.19.8)', run['tool']['driver']['name'] == 'detente', run['tool'])
    check('rules have ids, each once (3.49.3)', len({r['id'] for r in rules}) == len(rules) > 0 and all(r['shortDescription']['text'] for r in rules))
    check('levels (3.50.3)', all(r['defaultConfiguration']['level'] in ('none', 'note', 'warning', 'error') for r in rules))
    check('security-severity', all(0 <= float(r['properties']['security-severity']) <= 10 for r in rules if 'security-severity' in r['properties']) and any(r['properties'].get('security-severity') == '9.8' for r in rules), rules[:2])
    for r in run['results']:
        place = r['locations'][0]['logicalLocations'][0]
        ok = (r['message']['text']  # 3.27.11
              and rules[r['ruleIndex']]['id'] == r['ruleId']  # 3.27.6
              and (r['kind'] == 'fail' or r['level'] == 'none')  # 3.27.10
              and r['level'] in ('none', 'note', 'warning', 'error')
              and place['fullyQualifiedName'].startswith(('host/', 'box/')) and place['kind'] == 'package'  # 3.33.5, 3.33.7
              and all(isinstance(v, str) and re.fullmatch('[0-9a-f]{64}', v) for v in r['partialFingerprints'].values()))  # 3.27.17
        check('a result', ok, r)
    check('as many as there are', len(run['results']) == len(node.rows()))
    marks = {json.dumps(r['partialFingerprints']) for r in run['results']}
    check('fingerprints differ', len(marks) == len(run['results']))
    vex = node.run('vuln', 'report', '--format', 'openvex', '--asset', 'host', '--author', 'Example')
    d = json.loads(vex.stdout)
    check('OpenVEX', d['author'] == 'Example' and d['@context'].startswith('https://openvex.dev/ns') and vex.stdout == node.run('vuln', 'report', '--format', 'openvex', '--asset', 'host', '--author', 'Example').stdout, d)
    check('its statements', {(x['vulnerability']['name'], y['@id']) for x in d['statements'] for y in x['products'] if x['status'] == 'affected' and x['action_statement']} ==
          {(r['cve'], f'pkg:deb/debian/{r["package"]}@{r["version"]}?arch=amd64&distro=debian-12') for r in node.rows('--asset', 'host', '--fields', 'package,version,cve')}, d['statements'][:2])
    check('of no asset', node.run('vuln', 'report', '--format', 'openvex').returncode == 2)
    for lang, word in ('en', 'Vulnerabilities of our own systems'), ('ru', 'Уязвимости наших систем'), ('zh', '本方系统的漏洞'):
        p = node.run('vuln', 'report', '--format', 'html', '--lang', lang)
        check(f'page in {lang}', p.returncode == 0 and f'<h1><bdi>{word}</bdi></h1>' in p.stdout and p.stdout.count('CVE-2099-1002') >= 1 and '<script' not in p.stdout, p.stdout[:300])
    check('no such form', node.run('vuln', 'report', '--format', 'pdf').returncode == 2)


def lines(path):
    return [x.split('\t') for x in path.read_text().splitlines()]


def real(top):
    """What others find in the same data, exactly."""
    data = SHARED / 'data' / 'vuln'
    if not data.is_dir():
        return False
    node = Node(top / 'real')
    for kind, name in ('osv', 'debian/debian-12-osv.jsonl'), ('nvd', 'nvd/nvdcve-2.0-2021.json.xz'), ('kev', 'kev/known_exploited_vulnerabilities.json'), ('epss', 'epss/epss-real-head.csv'), ('cve5', 'cve5/cve5-vulnrichment-2024.jsonl.xz'):
        p = node.take(kind, data / name)
        check(name, p.returncode == 0, p)
    node.run('inventory', 'import', 'dpkg', data / 'debian' / 'dpkg-status-a', '--asset', 'a')
    node.run('inventory', 'import', 'cpe', data / 'cpe' / 'cpe-inventory-a.tsv')
    want = {tuple(x[:2]) for x in lines(data / 'debian' / 'expected-a.tsv')}
    got = {(r['package'], r['cve']) for r in node.rows('--asset', 'a', '--fields', 'package,cve')}
    check('what debsecan finds', len(want) == 13308 and got == want, (len(got), list(got ^ want)[:5]))
    unsure = {tuple(x[:2]) for x in lines(data / 'cpe' / 'cpe-ambiguous-a.tsv')}
    for kind, args in ('strict', []), ('lenient', ['--lenient']):
        want = {tuple(x[:3]) for x in lines(data / 'cpe' / f'cpe-expected-a-{kind}.tsv') if (x[0], x[2]) not in unsure}
        got = {(r['asset'], r['cpe'], r['cve']) for r in node.rows('--all', '--fields', 'asset,cpe,cve', *args) if r['asset'] != 'a'}
        got = {x for x in got if (x[0], x[2]) not in unsure}
        check(f'CPEs, {kind}', got == want, (len(got), len(want), list(got ^ want)[:5]))
    return True


with tempfile.TemporaryDirectory(prefix='detente-test.') as top:
    top = pathlib.Path(top)
    node = Node(top / 'node')
    feeds(node, top)
    again(node, top)
    older(node, top)
    broken(node, top)
    types(node, top)
    places(node, top)
    counts(top)
    earlier(top)
    dates(top)
    ages(node, top)
    killed(top)
    full(top)
    reports(node)
    history(node, top)
    whole = real(top)
print(faults, 'faults')
sys.exit(1 if faults else 0 if whole else 77)
