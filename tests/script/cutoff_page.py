#!/usr/bin/env python3
"""A planner who prints it and who shows it: cutoff_page.py DETENTE [SHARED].

`cutoff keep` and `cutoff report` over a made-up world whose answers can be worked out by hand (topology.py has the same); the
report's structure, in three languages; what others wrote stays text; what a running node gives out; and, where it is there, the
world of January 2024."""
import html.parser, json, os, re, sys
import xml.etree.ElementTree as ET

import scene
from scene import check, run, top

REL = '# input clique: 1 2\n1|2|0\n1|10|-1\n2|10|-1\n1|20|-1\n2|20|-1\n10|11|-1\n10|12|-1\n10|13|-1\n11|13|-1\n20|21|-1\n20|14|-1\n12|21|0\n'
CC = '1 XT\n2 XT\n10 XA\n11 XA\n12 XA\n13 XA\n14 XA\n20 XB\n21 XB\n'
V4 = '10 1000\n11 500\n12 300\n13 100\n14 100\n20 256\n21 256\n'
SERVICES = 'id,name,criticality,a/aaaa,login_idp\nsso,Sign-on,5,,idp.away.example\nevil,<script>alert(1)</script>,3,203.0.113.7,\nduty,"Duty desk, CERT",4,192.0.2.9,\n'
HOME = '192.0.2.0/24\tour exchange\n!203.0.113.0/24\tabroad\n!name:away.example\tabroad\n'
AUDIT = ['--services', f'{top}/s.csv', '--home-file', f'{top}/home', '--at', '2026-11-01']


def put(name, text):
    with open(f'{top}/{name}', 'w') as f:
        f.write(text)
    return f'{top}/{name}'


def kept(name):
    with open(f'{top}/n/cutoff/{name}.json') as f:
        return json.load(f)


class Outline(html.parser.HTMLParser):
    """Headings, tables by their columns, pictures; and nothing that runs or is fetched."""
    def __init__(self, text):
        super().__init__()
        self.seen, self.bad = [], []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        a = dict(attrs)
        self.bad += [tag] if tag in ('script', 'link', 'img', 'iframe', 'object', 'a') else []
        self.bad += [k for k, v in attrs if k.startswith('on') or k in ('src', 'href')]
        if tag in ('h1', 'h2', 'table', 'svg', 'figure', 'footer'):
            self.seen.append(tag + (f'[{a["role"]}]' if 'role' in a else ''))
        elif tag == 'th' and a.get('scope') == 'col':
            self.seen.append('th')


WANT = ('h1 h2 figure svg[img] table th th th th h2 figure svg[img] table th th th h2 figure svg[img] h2 table th th th th th h2 table th th th th h2 '
        'h2 figure svg[img] table th th th h2 figure svg[img] table th th th th th th h2 table th th th footer')


def keeping():
    got = run('topology', 'import', '--as-rel', put('20240101.rel', REL), '--as-cc', put('cc', CC), '--as-ipv4', put('v4', V4))
    check('import', got.returncode == 0, got.stderr)
    check('nothing has networks enough', run('cutoff', 'keep').returncode == 0 and kept('world')['countries'] == [])
    put('s.csv', SERVICES)
    put('home', HOME)
    got = run('cutoff', 'keep', '--least', '2', *AUDIT)
    check('keep', got.returncode == 0 and 'the page shows 3 countries by the networks of 2024-01-01' in got.stderr, got.stderr)
    w = kept('world')
    check('the world', ([c['country'] for c in w['countries']], w['networks'], w['transit_links'], w['peer_links'], w['neighbours'], w['date']) == (['XA', 'XB', 'XT'], 9, 10, 2, [0, 20, 5], '2024-01-01'), w)
    a = w['countries'][0]
    check('a row', (a['networks'], a['before_ppm'], a['strict_pairs_ppm'], a['islands'], a['singleton_islands'], a['worst_ppm']) == (5, 1000000, [600000] * 3, 2, 1, 600000), a)
    c = kept('XA')
    check('one snapshot', c['sha256'] == w['sha256'] and len(c['sha256']) == 64 and [s['lines'] for s in c['sources']] == [12, 9, 7], c)
    # before, everybody reaches everybody; three links to providers and one to a peer are cut
    check('across', c['before']['across_ppm'] == 1000000 and c['links_cut'] == {'transit': 3, 'peers': 1} and
          c['neighbours'] == [{'country': 'XB', 'transit': 1, 'peers': 1}, {'country': 'XT', 'transit': 2, 'peers': 0}], c)
    check('islands', [(i['networks'], i['addresses'], [m['asn'] for m in i['members']]) for i in c['islands']] == [(4, 1900, [10, 11, 12, 13]), (1, 100, [14])], c['islands'])
    # 10 strands 11, 12 and 13; 13 hangs on 11, so two links cure it
    f = c['critical'][0]
    check('the worst', (f['kind'], f['asn'], f['stranded'], f['stranded_ppm'], f['cure']) == ('network', 10, 3, 600000, 2), f)
    check('a link', [(x['asn'], x['carries'], x['stranded'], x['cure']) for x in c['critical'] if x['kind'] == 'link' and x['carries'] == 11] == [(10, 11, 1, 1)], c['critical'])
    # a link from 14 to 10 brings all that there is: 8 of 20 pairs
    check('links', [({x['a']['asn'], x['b']['asn']}, x['gain'], x['share_ppm']) for x in c['links']] == [({10, 14}, 8, 1000000)], c['links'])
    s = kept('services')
    check('services', (s['services'], s['at_once'], s['never']) == (3, 2, 1) and [(x['id'], x['least_s'], x['most_s'], x['kind']) for x in s['list']] ==
          [('sso', 0, 0, 'login_idp'), ('evil', 0, 0, 'address'), ('duty', -1, -1, '')], s)
    check('the plan', s['plan']['already'] == 1 and [x['services_so_far'] for x in s['plan']['steps']] == [2, 3], s['plan'])
    check('without a list what was kept stays', run('cutoff', 'keep', '--least', '4').returncode == 0 and kept('services') == s)
    check('countries that are no longer looked at go', sorted(os.listdir(f'{top}/n/cutoff')) == ['XA.json', 'services.json', 'world.json'])
    check('again', run('cutoff', 'keep', '--least', '2').returncode == 0)


def report():
    out = f'{top}/r.html'
    for lang, word in ('en', 'What breaks when'), ('ru', 'Что и когда откажет'), ('zh', '何时失效'):
        got = run('cutoff', 'report', 'XA', *AUDIT, '--html', out, '--svg', f'{top}/svg-{lang}', '--lang', lang)
        text = open(out, encoding='utf-8').read()
        o = Outline(text)
        check(f'{lang}: written', got.returncode == 0 and f'<html lang={lang}>' in text and word in text, got.stderr)
        check(f'{lang}: structure', ' '.join(o.seen) == WANT, ' '.join(o.seen))
        check(f'{lang}: nothing runs and nothing is fetched', o.bad == [] and 'http' not in text.replace('http://www.w3.org/2000/svg', ''), o.bad)
        check(f'{lang}: what others wrote is text', '&lt;script&gt;alert(1)&lt;/script&gt;' in text)
        names = sorted(os.listdir(f'{top}/svg-{lang}'))
        check(f'{lang}: pictures', names == ['breaks.svg', 'islands.svg', 'moves.svg', 'reach.svg', 'world.svg'], names)
        for n in names:
            svg = ET.parse(f'{top}/svg-{lang}/{n}').getroot()
            check(f'{lang}: {n} is whole, named, and runs nothing', svg.tag.endswith('}svg') and svg.get('aria-label') and not any(e.tag.endswith('}script') for e in svg.iter()))
    # three services: the middle line is at one of three, and says so
    svg = open(f'{top}/svg-en/moves.svg', encoding='utf-8').read()
    got = [(float(y), n) for n, y in re.findall(r'<text[^>]*>([^<]*)</text><path class="g" d="M\d+ ([\d.]+)H', svg)]
    check('lines of the curve', [n for _, n in got] == ['0', '1', '3'] and abs(got[1][0] - (2 * got[0][0] + got[2][0]) / 3) < .1, (got, svg))
    text = run('cutoff', 'report', 'XA', *AUDIT, '--lang', 'en').stdout
    check('the sentence', 'If XA is cut off from all others, 60.0\xa0% of all pairs of networks inside still reach each other. 2 of 3 services stop at once; 1 keeps working.' in text)
    check('what it is worth', 'Country is where a network\'s owner is registered, not where a router stands.' in text and 'lower bound' in text)
    check('without services', 'What breaks when' not in run('cutoff', 'report', 'XB', '--lang', 'en').stdout)
    check('its JSON', json.loads(run('cutoff', 'report', 'XA', '-o', 'json').stdout)['islands'] == kept('XA')['islands'])


def refusals():
    for what, status, words in ((['report'], 2, 'takes one country'), (['report', 'xa'], 2, 'takes one country'), (['report', 'XA', '--lang', 'de'], 2, 'en, ru or zh'),
                                (['report', 'XQ'], 1, 'no network of the snapshot is of country XQ'), (['report', 'XA', '-o', 'csv'], 2, '--svg DIR'),
                                (['keep', 'XA'], 2, 'takes no argument'), (['keep', '--date', '1999-01-01'], 1, 'no snapshot of 1999-01-01'),
                                (['keep', '--services', f'{top}/none.csv', '--home-file', f'{top}/home'], None, 'none.csv')):
        got = run('cutoff', *what)
        check(' '.join(what), got.returncode == (got.returncode if status is None else status) and got.returncode > 0 and words in got.stderr, (got.returncode, got.stderr))


def shared(at):
    at = f'{at}/data/topology'
    if not os.path.isdir(at):
        print('SKIP: no shared data')
        return
    got = run('topology', 'import', '--as-rel', f'{at}/asgraph/20240101.as-rel2.txt.bz2', '--as-cc', f'{at}/asgraph/as-cc-20240101.txt.gz', '--as-ipv4', f'{at}/asgraph/as-ipv4-20240101.txt.gz')
    check('the world of 2024', got.returncode == 0, got.stderr)
    c = json.loads(run('cutoff', 'report', 'FI', '-o', 'json').stdout)
    p = c['presence'][0]
    got = [round(p[k] / 1e6, 3) for k in ('strict_pairs_ppm', 'strict_addresses_ppm', 'component_pairs_ppm', 'component_addresses_ppm')]
    check('FI, as expected', got == [.592, .721, .812, .952] and (p['islands'], p['singleton_islands'], c['stranded_count']) == (29, 28, 11) and c['links_cut'] == {'transit': 173, 'peers': 1898}, (got, p))
    check('FI as a page', Outline(run('cutoff', 'report', 'FI').stdout).bad == [])


def dated():
    """Services are placed by the snapshot of the day that is asked for, not by the newest."""
    got = run('topology', 'import', '--as-rel', put('rel22', REL + '1|22|-1\n1|23|-1\n'), '--as-cc', put('cc22', CC + '22 XA\n23 XA\n'), '--date', '2023-01-01')
    check('an older snapshot', got.returncode == 0, got.stderr)
    # 12 of 42 pairs: 28.57 %
    for args in ('report', 'XA', '--lang', 'en'), ('country', 'XA'):
        text = run('cutoff', *args, '--date', '2023-01-01').stdout.replace('\xa0', ' ')
        check(f'{args}: rounded', '28.6 %' in text and '28.5 %' not in text, text)
    args = ['--services', put('as.csv', 'id,name,login_idp\n1,a,AS22\n'), '--home', 'XA', '--at', '2026-11-01']
    for date, never in ('2023-01-01', 1), ('2024-01-01', 0):
        got = run('cutoff', 'keep', '--least', '2', '--date', date, *args)
        s = kept('services')
        check(f'services of {date}', got.returncode == 0 and s['never'] == never, (got.stderr, s))


def given_out():
    """A node that runs before anything is kept gives it out as soon as it is."""
    for name in os.listdir(f'{top}/n/cutoff'):
        os.remove(f'{top}/n/cutoff/{name}')
    os.rmdir(f'{top}/n/cutoff')
    node = scene.Node()
    check('nothing was kept', [node.ask(f'/api/v1/cutoff{p}')[0] for p in ('', '/XA', '/services')] == [404] * 3)
    check('keep beside a node that runs', run('cutoff', 'keep', '--least', '2', *AUDIT).returncode == 0)
    for path, name in ('', 'world'), ('/XA', 'XA'), ('/services', 'services'):
        check(f'/api/v1/cutoff{path}', node.ask(f'/api/v1/cutoff{path}') == (200, kept(name)), name)
    check('what is none', [node.ask(f'/api/v1/cutoff/{p}')[0] for p in ('XQ', 'xa', '..%2f..%2fdetente', 'XA.json', 'world', '')] == [404, 400, 400, 400, 400, 400],
          [node.ask(f'/api/v1/cutoff/{p}')[0] for p in ('XQ', 'xa', '..%2f..%2fdetente', 'XA.json', 'world', '')])
    node.stop()


scene.init()
keeping()
report()
refusals()
dated()
given_out()
shared(sys.argv[2] if len(sys.argv) > 2 else '')
scene.end()
