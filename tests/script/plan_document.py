#!/usr/bin/env python3
"""The plan as a document: plan_document.py DETENTE.  With --golden tests/cutoff/plan.md is written anew.

A made-up world and made-up services, of which all is known: the document to the byte, in two forms and three languages, and
the same again; signed into the log while the node runs and while it does not, once; found there, and not when it was changed;
what somebody else wrote is never markup; what is wrong with a file, by file, line and column; a bill of materials in an audit."""
import hashlib, html.parser, json, os, re, subprocess, sys

import scene
from scene import check, detente, top

REL = '# input clique: 1 2\n1|2|0\n1|10|-1\n2|10|-1\n1|20|-1\n2|20|-1\n10|11|-1\n10|12|-1\n10|13|-1\n11|13|-1\n20|21|-1\n20|14|-1\n14|15|-1\n12|21|0\n'
CC = '1 XT\n2 XT\n10 XA\n11 XA\n12 XA\n13 XA\n14 XA\n15 XA\n20 XB\n21 XB\n'
V4 = '10 1000\n11 500\n12 300\n13 100\n14 60\n15 40\n20 256\n21 256\n'
EVIL = '<script>alert(1)</script> **b** | [x](y) \u202e&'
OWN = '''title: Plan of %s
organisation: Us & Co
review: 2027-03-01
triggers:
  - when: two lines are lost
    then: declare
    who: duty officer
decides:
  - {role: duty officer, what: declares, deputy: head}
contacts:
  - {role: duty officer, reach: channel 4}
first_hour:
  - what: look
    who: duty officer
  - 1. ask
first_day: [time source over]
drills:
  - {date: 2026-09-15, what: first drill, done: 2026-09-15, result: good}
  - {date: 2026-10-15, what: second drill}
  - {date: 2027-10-15, what: third drill}
''' % json.dumps(EVIL, ensure_ascii=False)[1:-1].replace('\u202e', '')
SERVICES = 'id,name,owner,criticality,cost,lead_days,time_source,cloud\nmail,Mail,Office,5,1000,30,,\nweb,"Web | <b>",Office,3,500,10,,Skyhost\nintra,Intranet,Office,1,,,192.0.2.1,\n'
SUPPLIERS = 'supplier,country,kind,home_alternative,lease_until\nBigsoft,XB,software,,\nBigsoft,XB,licence,Own suite,2027-01-01\nSkyhost,XC,cloud,Own hall,\nHomeware,XA,software,,\n'
BILL = {'bomFormat': 'CycloneDX', 'specVersion': '1.5', 'metadata': {'timestamp': '2026-10-01T00:00:00Z', 'component': {'name': 'mail'}},
        'components': [{'name': 'suite', 'version': '9', 'supplier': {'name': 'Bigsoft'}, 'components': [{'name': 'inner', 'version': '1', 'publisher': 'Homeware'}]},
                       {'name': 'orphan', 'version': '1'}, {'name': 'orphan', 'version': '1'}, {'name': EVIL, 'supplier': {'name': EVIL}}]}
SPDX = {'spdxVersion': 'SPDX-2.3', 'name': 'intra', 'packages': [{'name': 'lib', 'versionInfo': '2', 'supplier': 'Organization: Bigsoft (x@y.example)'}]}
MADE = ['OPERATOR.yaml', '--country', 'XA', '--services', 's.csv', '--suppliers', 'sup.csv', '--sbom', 'bill.json', '--sbom', 'intra=spdx.json', '--at', '2026-12-01', '--links', '3']
home = os.path.dirname(os.path.abspath(__file__))


def put(name, text):
    with open(f'{top}/{name}', 'w', newline='') as f:
        f.write(text)
    return name


def call(where, *args):
    return subprocess.run([detente, '--dir', where, *args], capture_output=True, text=True, cwd=top, timeout=60)


def plan(where, *args):
    return call(where, 'cutoff', 'plan-document', *args)


def text(name):
    with open(f'{top}/{name}', encoding='utf-8', newline='') as f:
        return f.read()


class Page(html.parser.HTMLParser):
    def __init__(self, page):
        super().__init__()
        self.tags, self.cells = set(), []
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)


def files():
    put('OPERATOR.yaml', OWN)
    put('s.csv', SERVICES)
    put('sup.csv', SUPPLIERS)
    put('bill.json', json.dumps(BILL, indent=1, ensure_ascii=False) + '\n')
    put('spdx.json', json.dumps(SPDX) + '\n')
    for name, what in ('rel', REL), ('cc', CC), ('v4', V4):
        put(name, what)
    os.mkdir(f'{top}/bare')
    for where in 'bare', 'n':
        got = call(where, 'topology', 'import', '--as-rel', 'rel', '--as-cc', 'cc', '--as-ipv4', 'v4', '--date', '2026-11-01')
        check('import', got.returncode == 0, got.stderr)


def drafts():
    got = plan('bare', *MADE, '--draft', '-o', 'markdown', '--out', 'd.md')
    check('a draft', got.returncode == 0, got.stderr)
    check('what is counted', 'bill.json: 4 components and 0 services; 1 duplicates, 0 without a name passed over, 1 without a version, 1 without a supplier' in got.stderr, got.stderr)
    golden = f'{home}/../cutoff/plan.md'
    if '--golden' in sys.argv:
        with open(golden, 'w', encoding='utf-8', newline='') as f:
            f.write(text('d.md'))
    with open(golden, encoding='utf-8', newline='') as f:
        check('the document, to the byte', f.read() == text('d.md'), text('d.md'))
    for form in 'html', 'markdown':
        pages = {}
        for lang in 'en', 'ru', 'zh':
            for twice in 'a', 'b':
                plan('bare', *MADE, '--draft', '-o', form, '--lang', lang, '--out', twice)
            check(f'{form} {lang}: the same again', text('a') == text('b') != '')
            pages[lang] = text('a')
            check(f'{form} {lang}: nothing turns the direction', '\u202e' not in pages[lang])
        check(f'{form}: three languages', len(set(pages.values())) == 3)
        numbers = {lang: re.findall(r'\d+\.\d %', p) for lang, p in pages.items()}
        check(f'{form}: the same figures in all', numbers['en'] == numbers['ru'] == numbers['zh'] and len(numbers['en']) > 10, numbers)
    plan('bare', *MADE, '--draft', '--out', 'd.html')
    page = Page(text('d.html'))
    check('no script', 'script' not in page.tags and 'b' not in page.tags and 'table' in page.tags, page.tags)
    check('nothing from elsewhere', not re.search(r'(src|href)=', text('d.html')))
    check('to standard output', plan('bare', *MADE, '--draft').stdout == text('d.html'))


def facts():
    d = text('d.md')
    # of six inside, 14 and 15 are apart; the other four reach each other
    check('the range', '| no foreign network stays | 46.7 % |' in d and '| before the cut | 100.0 % |' in d, d)
    check('islands', 'Islands that no link joins: 2, of which 0 of a single network; the largest has 4.' in d and '- 2 networks: AS14, AS15' in d)
    check('failures', '| AS10 (XA) | 3 | 50.0 % |' in d and '| AS20 (XB) | 2 | 33.3 % |' in d)
    check('links to add', '| AS10 (XA) – AS14 (XA) | 16 | 100.0 % |' in d)
    check('the cloud stops at once', re.search(r'\| Web .*\| at once \|.*cloud Skyhost', d))
    check('the lease', re.search(r'\| Mail \|.*\| 31\.0 \| 2027-01-01 \| licence Bigsoft \|', d))
    check('suppliers beside hosts', '| licence | Bigsoft | XB | outside, lasts until 2027-01-01 | 2 |' in d and '| cloud | Skyhost | XC | outside | 1 |' in d and '| sup.csv:4 |' in d)
    check('home is not outside', 'Homeware' not in d)
    check('nobody names it', '1 component names no supplier' in d)
    check('past due', '| 2026-10-15 **past due** | second drill |' in d and '2026-09-15 **past' not in d and '2027-10-15 **past' not in d)
    check('not looked at yet', 'The day of review is past' not in d)
    check('its files', all(f'| {f} | `{hashlib.sha256(text(f).encode()).hexdigest()}` |' in d for f in ('OPERATOR.yaml', 's.csv', 'sup.csv', 'bill.json', 'spdx.json')), d)
    snapshot = hashlib.sha256(open(f'{top}/bare/topology/2026-11-01.topology', 'rb').read()).hexdigest()
    check('its snapshot', snapshot in d or re.search('SHA-256 `[0-9a-f]{64}`; from as-rel rel, as-cc cc, as-ipv4 v4', d))
    late = plan('bare', *MADE[:-4], '--at', '2027-04-01', '--draft', '-o', 'markdown').stdout
    check('a review that is past', 'The day of review is past' in late and '2026-10-15 **past due**' in late)


def leaves(where):
    got = call(where, 'log', 'show', '--limit', '0')
    return got.stdout


def signed():
    got = plan('n', *MADE, '--out', 'p.html')
    check('signed', got.returncode == 0 and hashlib.sha256(open(f'{top}/p.html', 'rb').read()).hexdigest() in got.stderr, got.stderr)
    first = re.search(r'is leaf (\d+)', got.stderr)[1]
    check('once', re.search(r'is leaf (\d+)', plan('n', *MADE, '--out', 'p.html').stderr)[1] == first)
    check('no log', plan('bare', *MADE).returncode == 2 or 'there is no log' in plan('bare', *MADE).stderr)
    key = call('n', 'log', 'key').stdout.strip()
    check('how to check it', key in text('p.html') and '--verify FILE' in text('p.html'))
    got = plan('n', '--verify', 'p.html', '--split', 'proof')
    check('it is in the log', got.returncode == 0 and f'leaf {first},' in got.stdout and key in got.stdout, (got.stdout, got.stderr))
    entry = text('proof/entry')
    check('the entry names it', hashlib.sha256(open(f'{top}/p.html', 'rb').read()).hexdigest() in entry and '"document.sign"' in entry, entry)
    check('and its proof', text('proof/p.html.tlog-proof').startswith('c2sp.org/tlog-proof@v1\n'))
    put('changed.html', text('p.html') + ' ')
    got = plan('n', '--verify', 'changed.html')
    check('a changed one is not', got.returncode == 1 and 'no such document' in got.stderr, (got.returncode, got.stderr))
    plan('n', *MADE, '--draft', '--lang', 'zh', '--out', 'draft.html')
    check('a draft is not', plan('n', '--verify', 'draft.html').returncode == 1)
    node = scene.Node()
    got = plan('n', *MADE, '-o', 'markdown', '--out', 'p.md')
    check('while it runs', got.returncode == 0, got.stderr)
    again = plan('n', *MADE, '-o', 'markdown', '--out', 'p.md')
    check('once, while it runs', got.stderr == again.stderr, (got.stderr, again.stderr))
    check('found while it runs', plan('n', '--verify', 'p.md').returncode == 0 and plan('n', '--verify', 'p.html').returncode == 0)
    node.stop()
    check('and after', plan('n', '--verify', 'p.md').returncode == 0)
    got = call('n', 'log', 'fsck')
    check('fsck', got.returncode == 0, got.stdout + got.stderr)


def wrong():
    for name, args, say in (
            ('unknown key', [put('w.yaml', OWN + 'trigger: []\n'), '--country', 'XA'], 'w.yaml:21:1: unknown key "trigger" (did you mean "triggers"?)'),
            ('a day', [put('w2.yaml', OWN.replace('2027-03-01', 'soon')), '--country', 'XA'], 'w2.yaml:3:9: `review` takes a day'),
            ('no file', ['none.yaml', '--country', 'XA'], 'none.yaml'),
            ('no country', ['OPERATOR.yaml', '--country', 'xa'], 'is no country'),
            ('none of it', ['OPERATOR.yaml', '--country', 'XQ'], 'no network of the snapshot'),
            ('no segment', ['OPERATOR.yaml'], 'what is cut off?'),
            ('a form', ['OPERATOR.yaml', '-o', 'pdf'], 'html or markdown'),
            ('a language', ['OPERATOR.yaml', '--lang', 'xx'], 'en, ru or zh'),
            ('no argument', [], "takes the operator's file"),
            ('two', ['--verify', 'x', 'OPERATOR.yaml'], "takes the operator's file"),
            ('a version', ['OPERATOR.yaml', '--country', 'XA', '--sbom', put('old.json', '{\n "specVersion": "1.2"}\n')], 'old.json:2:1: is of version `1.2`'),
            ('a kind', ['OPERATOR.yaml', '--country', 'XA', '--sbom', 'bill.json', '--suppliers', put('k.csv', 'supplier,kind\na,b\n')], 'k.csv:2:3: kind is software')):
        got = plan('bare', *args, '--draft')
        check(f'wrong: {name}', got.returncode != 0 and say in got.stderr and got.stdout == '', (got.returncode, got.stderr))


def in_audit():
    got = call('bare', 'depend', 'audit', 's.csv', '--suppliers', 'sup.csv', '--sbom', 'bill.json', '--home', 'XA', '--at', '2026-12-01', '--level', 'link', '-o', 'json')
    check('audit', got.returncode == 0, got.stderr)
    rows = {(x['level'], x['service'], x['kind'], x['what']): x for x in json.loads(got.stdout or '[]')}
    x = rows.get(('need', 'mail', 'software', 'suite 9'), {})
    check('software', (x.get('verdict'), x.get('days'), x.get('file'), x.get('file_date')) == ('outside', None, 'bill.json', '2026-10-01') and x.get('line', 0) > 1, x)
    x = rows.get(('link', 'mail', 'software', 'Bigsoft'), {})
    check('its supplier', (x.get('country'), x.get('file'), x.get('line'), x.get('reason')) == ('XB', 'sup.csv', 2, 'registered elsewhere'), x)
    x = rows.get(('need', 'mail', 'licence', 'Bigsoft'), {})
    check('a licence', (x.get('verdict'), x.get('days'), x.get('file'), x.get('line'), x.get('reason')) == ('cached', 31.0, 'sup.csv', 3, 'the lease ends'), x)
    check('a cloud', rows.get(('need', 'web', 'cloud', 'Skyhost'), {}).get('verdict') == 'outside')
    check('inside', rows.get(('need', 'mail', 'software', 'inner 1'), {}).get('verdict') == 'inside')
    check('unknown', rows.get(('need', 'mail', 'software', 'orphan 1'), {}).get('verdict') == 'unknown')
    alone = call('bare', 'depend', 'audit', '--sbom', 'spdx.json', '--suppliers', 'sup.csv', '--home', 'XA', '-o', 'json')
    check('a bill alone', [r['service'] for r in json.loads(alone.stdout or '[]') if r['level'] == 'service'] == ['intra'], alone.stderr)


def dated():
    """A newer snapshot changes nothing of a document of an older day, and places the networks of services in one of its own."""
    put('as.csv', 'id,name,login_idp\n1,a,AS21\n')
    args = ['OPERATOR.yaml', '--country', 'XA', '--services', 'as.csv', '--at', '2026-12-01', '--draft', '-o', 'markdown']
    before = plan('bare', *args).stdout
    put('cc2', CC.replace('21 XB', '21 XA'))
    got = call('bare', 'topology', 'import', '--as-rel', 'rel', '--as-cc', 'cc2', '--as-ipv4', 'v4', '--date', '2026-11-15')
    check('a newer snapshot', got.returncode == 0, got.stderr)
    check('the same bytes', before == plan('bare', *args, '--date', '2026-11-01').stdout and '| sign-in | AS21 | XB | outside | 1 |' in before, before)
    now = plan('bare', *args).stdout
    check('the newest', '| AS21 |' not in now and now == plan('bare', *args, '--date', '2026-11-15').stdout, now)


scene.init()
files()
drafts()
facts()
signed()
wrong()
in_audit()
dated()
scene.end()
