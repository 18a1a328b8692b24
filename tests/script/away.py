#!/usr/bin/env python3
"""Out of contact for three days, and the joint report of both sides: away.py DETENTE.

The line between two real nodes is cut, under a clock that a file moves.  Deadlines stand still, status and verdict say so,
and people go on: what they say is carried by hand, in bundles.  Together again both logs agree, nothing is late that could not
be done, and of a day that is over either node makes the same report."""
import calendar, html.parser, json, re, subprocess, time, urllib.request

import pair, scene
from hostile import Front, conf
from pair import Clock, Party, adopt, agree, begin, reborn
from scene import check, detente, top

H, DAY = 3600, 86400
SUSPENDED = 'suspended: out of contact'


def run(who, *args, code=(0,)):
    p = subprocess.run([detente, '--dir', who, *args], cwd=top, capture_output=True, text=True, timeout=60)
    check(f'{who}: {args}', p.returncode in code, (p.returncode, p.stderr))
    return p.stdout


def attack(origin):
    at = time.strftime('%Y-%m-%dT%H:%M:%S', time.gmtime(clock.now()))
    open(top + '/e.json', 'w').write(''.join(json.dumps({
        'timestamp': f'{at}.{i:06d}+0000', 'event_type': 'alert', 'src_ip': origin, 'src_port': 40000 + i,
        'dest_ip': f'192.0.2.{10 + i % 2}', 'dest_port': 443, 'proto': 'TCP', 'app_proto': 'http',
        'flow': {'pkts_toserver': 5, 'pkts_toclient': 4}, 'alert': {
            'action': 'allowed', 'gid': 1, 'signature_id': 2030001, 'rev': 2, 'signature': 'x',
            'category': 'Attempted Administrator Privilege Gain', 'severity': 1}}) + '\n' for i in range(5)))
    run('aland', 'ingest', 'e.json')


def moment(text):
    return calendar.timegm(time.strptime(text[:19], '%Y-%m-%dT%H:%M:%S'))


def until(what, test, seconds=30, step=3):
    end = time.time() + seconds
    while not test():
        if time.time() > end:
            check(what, False, (a.state(), b.state()))
            return
        clock.jump(step)
        time.sleep(0.2)


def meet(what='in contact'):
    until(what, lambda: agree(a, b))


def pass_by(seconds):
    """As it goes by for nodes that run: in steps, each with work in it."""
    while seconds > 0:
        clock.jump(min(seconds, 2 * H))
        seconds -= 2 * H
        time.sleep(0.25)


def row(who, name):
    for r in {'aland': a, 'bland': b}[who].ask('/api/v1/incidents')[1]['incidents']:
        if r['incident'] == name:
            return r
    return {'state': '', 'late': None, 'overdue': None, 'owed': {}, 'suspended_since': ''}


def words(who, bound):
    whole = json.loads(run(who, 'verdict', '--json', code=(0, 1)))
    return {r['obligation']: r['now']['word'] for p in whole['pacts'][0]['pairs'] if p['bound'] == bound for r in p['obligations']}


def carry(who, to):
    """By hand, from one that the network does not reach to the other."""
    run(who, 'bundle', 'create', to, '-o', f'{top}/usb-{who}.tar.zst')
    return run(to, 'bundle', 'import', f'{top}/usb-{who}.tar.zst')


def away():
    attack('203.0.113.7')
    until('it is received', lambda: row('aland', 'aland-1')['state'] == row('bland', 'aland-1')['state'] == 'RECEIVED')
    meet()
    due = moment(row('bland', 'aland-1')['owed']['acknowledge'])
    check('due in a day', abs(due - clock.now() - 24 * H) < 2 * H, (due, clock.now()))
    for who in 'aland', 'bland':
        check(f'{who}: in contact', 'suspended' not in run(who, 'status') and json.loads(run(who, 'status', '--json'))['counterparts'][0]['silent_since'] == '')
    fa.twist = fb.twist = 'cut'
    began = clock.now()
    pass_by(4 * H)
    for who in 'aland', 'bland':
        check(f'{who}: a short cut is none', words(who, 'aland')['refrain-exploit'] != SUSPENDED and 'suspended' not in run(who, 'status'))
    pass_by(8 * H)
    for who in 'aland', 'bland':
        check(f'{who}: status', f'{SUSPENDED} since ' in run(who, 'status'), run(who, 'status'))
        since = json.loads(run(who, 'status', '--json'))['counterparts'][0]['silent_since']
        check(f'{who}: since when', abs(moment(since) - began) < 15 * 60, (since, began))
        told = {'aland': a, 'bland': b}[who].state()
        check(f'{who}: and to the page', (told['silent_since'], told['carried_at']) == (since, ''), told)
        check(f'{who}: what is owed one way', words(who, 'aland')['refrain-exploit'] == SUSPENDED, words(who, 'aland'))
        check(f'{who}: what is open is open', words(who, 'bland')['refrain-exploit'] == 'open incidents', words(who, 'bland'))
        check(f'{who}: and what is not', words(who, 'bland')['refrain-ddos'] == SUSPENDED, words(who, 'bland'))
        check(f'{who}: sentences', 'Nothing was heard since ' in run(who, 'verdict', '--explain', code=(0, 1)))
        check(f'{who}: the incident says so', row(who, 'aland-1')['suspended_since'], row(who, 'aland-1'))
    return due, began


def by_hand():
    """A day and a half later, far behind the deadline: nobody is late, and what is said is carried."""
    pass_by(28 * H)
    for who in 'aland', 'bland':
        check(f'{who}: nothing is overdue', words(who, 'bland')['respond'] == 'open incidents', words(who, 'bland'))
        check(f'{who}: nor in the period', 'not answered in time' not in run(who, 'verdict', '--explain', code=(0, 1)))
        check(f'{who}: and none is late', json.loads(run(who, 'status', '--json'))['incidents']['late'] == 0, run(who, 'status'))
        firing = [x['key'] for x in {'aland': a, 'bland': b}[who].ask('/api/v1/alerts')[1]['alerts'] if x['state'] == 'firing']
        check(f'{who}: nor is anybody told so', not any('overdue' in k or 'unanswered' in k for k in firing), firing)
    run('bland', 'incident', 'ack', 'aland-1')
    attack('203.0.113.8')
    clock.jump(20 * 60)  # its evidence waits for a cosignature that does not come
    until('a notice in the meantime', lambda: row('aland', 'aland-2')['state'] == 'NOTIFIED')
    check('which is not there', row('bland', 'aland-2')['state'] == '', row('bland', 'aland-2'))
    check('there is something in it', '1 messages' in carry('bland', 'aland'))
    check('when a bundle came', abs(moment(a.state()['carried_at']) - clock.now()) < 60 and b.state()['carried_at'] == '', (a.state(), b.state()))
    check('the word is there', row('aland', 'aland-1')['state'] == 'ACKNOWLEDGED', row('aland', 'aland-1'))
    check('a bundle twice is one', run('aland', 'bundle', 'import', top + '/usb-bland.tar.zst') == 'nothing new\n')
    carry('aland', 'bland')
    until('the notice is there', lambda: row('bland', 'aland-2')['state'] == 'RECEIVED')
    run('bland', 'incident', 'answer', 'aland-2', 'spoofed', '--reason', 'Nothing left our border then.')
    carry('bland', 'aland')
    until('receipt and answer came back', lambda: row('aland', 'aland-2')['state'] == 'ANSWERED')
    pass_by(32 * H)
    for who in 'aland', 'bland':
        check(f'{who}: still out of contact', words(who, 'aland')['refrain-exploit'] == SUSPENDED, words(who, 'aland'))


def together(due, began):
    fa.twist = fb.twist = None
    gone = clock.now() - began
    check('three days', 71 * H < gone < 76 * H, gone / H)
    meet('together again')
    same = 'state late overdue late_notifier overdue_notifier owed undelivered messages finding suspended_since'.split()
    for name, state in ('aland-1', 'ACKNOWLEDGED'), ('aland-2', 'ANSWERED'):
        until(f'{name}: both see the same', lambda: all(row('aland', name).get(k) == row('bland', name).get(k) for k in same) and row('aland', name)['suspended_since'] == '')
        x = row('aland', name)
        check(f'{name}: nothing is late', (x['state'], x['late'], x['overdue'], x['undelivered']) == (state, [], [], False), x)
        spans = [n.ask(f'/api/v1/incidents/aland-bland/{name}')[1]['suspended'] for n in (a, b)]
        check(f'{name}: the same time is suspended', spans[0] == spans[1] and spans[0], spans)
    stood = sum(moment(y) - moment(x) for x, y in spans[0])
    check('nearly all of it', 60 * H < stood <= gone + H, (stood / H, gone / H, spans[0]))
    answer = moment(row('aland', 'aland-1')['owed']['answer'])
    check('what was owed is owed as much later', abs(answer - due - 2 * DAY - stood) < 2 * H, ((answer - due) / H, stood / H))
    for who in 'aland', 'bland':
        check(f'{who}: in contact', 'suspended' not in run(who, 'status'))
        check(f'{who}: by its word too', SUSPENDED not in words(who, 'aland').values() and SUSPENDED not in words(who, 'bland').values())


# ---- the report -----------------------------------------------------------------------------------

class Page(html.parser.HTMLParser):
    def __init__(self, text):
        super().__init__()
        self.tags, self.links, self.text = set(), [], ''
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        self.links += [v for k, v in attrs if k in ('src', 'href') or k.startswith('on')]

    def handle_data(self, data):
        self.text += data


def joint(pact):
    """What both are to have alike."""
    return {**{k: pact[k] for k in ('pact', 'title', 'parties', 'from', 'until', 'incident_count', 'incidents')},
            'pairs': [{**{k: v for k, v in p.items() if k != 'obligations'}, 'joint': {r['obligation']: r['joint'] for r in p['obligations']}} for p in pact['pairs']]}


def reports():
    run('aland', 'incident', 'close', 'aland-2', 'accepted-explanation')
    run('bland', 'incident', 'answer', 'aland-1', 'corroborated')
    run('bland', 'incident', 'act', 'aland-1', 'remediated', '--reference', 'B-<1>')
    meet()
    day = time.strftime('%Y-%m-%d', time.gmtime(began))
    last = time.strftime('%Y-%m-%d', time.gmtime(clock.now()))
    pass_by(26 * H)
    meet('a day later')
    period = f'{day}..{last}'
    got = {who: json.loads(run(who, 'report', '--period', period, '--json')) for who in ('aland', 'bland')}
    x, y = (joint(got[who]['pacts'][0]) for who in ('aland', 'bland'))
    check('either log says the same', x == y, (x, y))
    check('both incidents', [i['incident'] for i in x['incidents']] == ['aland-2', 'aland-1'] and x['incident_count'] == 2, x['incidents'])
    one = x['incidents'][1]
    check('with its times', list(one['said']) == ['ack', 'action', 'answer', 'notice', 'receipt'] and one['took_us']['acknowledge'] < 24 * H * 1e6, one)
    of = [p for p in x['pairs'] if p['bound'] == 'bland'][0]
    check('precision and times', (of['notices'], of['wrong_ppm'], of['took']['answer']['count']) == (2, 0, 2), of)
    check('a word from both logs', of['joint']['refrain-exploit']['word'] == 'open incidents' and of['joint']['refrain-exploit']['incidents'] == 2, of['joint'])
    # what one says of the other's verdict is what that one says, where no figures of its own are in it
    say = {who: {(p['bound'], r['obligation']): r for p in got[who]['pacts'][0]['pairs'] for r in p['obligations']} for who in got}
    for mine, other in ('aland', 'bland'), ('bland', 'aland'):
        for key, r in say[mine].items():
            if not say[other][key]['period']['known']:
                check(f'{mine} knows the word of {other}: {key}', r['theirs']['word'] == say[other][key]['period']['word'], (r, say[other][key]))
    pages = {}
    for who, node in ('aland', a), ('bland', b):
        run(who, 'report', '--period', period, '--html', top + '/report.html')
        text = open(top + '/report.html').read()
        page = pages[who] = Page(text)
        check(f'{who}: nothing but itself', not page.links and not page.tags & {'script', 'img', 'link', 'iframe', 'form', 'object', 'a'}, (page.links, page.tags))
        check(f'{who}: text is text', '<script>alert(1)</script> & ' in page.text, page.text[:300])
        check(f'{who}: all of it', all(w in page.text for w in ('aland-1', 'aland-2', 'refrain-exploit', 'open incidents', 'remediated', 'spoofed', period[:10])), page.text)
        with urllib.request.urlopen(f'{node.url}/report?period={period}', timeout=20) as r:
            served = r.read().decode()
            check(f'{who}: served', r.headers['Content-Type'] == 'text/html; charset=utf-8' and "script" not in r.headers['Content-Security-Policy'], r.headers)
        cut = lambda s: s[:s.index('<footer>')]
        check(f'{who}: the same page', cut(served) == cut(text))
        # in other languages it is the same page: as many tags and the same figures, and no English left
        for lang, must in ('ru', ('Совместный отчёт', 'открытые инциденты', 'устранено', 'адрес подделан', 'меры приняты')), ('zh', ('联合报告', '有未结事件', '已修复', '地址系伪造', '已处置')):
            run(who, 'report', '--period', period, '--lang', lang, '--html', top + '/report.html')
            other = open(top + '/report.html').read()
            check(f'{who}: lang={lang}', f'<html lang={lang}>' in other and [m for m in must if m not in other] == [], other[:600])
            check(f'{who}: {lang}: the same page', re.findall('<[a-z/]+', other) == re.findall('<[a-z/]+', text)
                  and sorted(re.findall(r'\d+', cut(other))) == sorted(re.findall(r'\d+', cut(text))))
            left = [e for e in ('incident<', 'coverage', 'open incidents', 'spoofed', 'remediated', 'Notices', 'median', 'owes', 'Nowhere', ' of ') if e in Page(cut(other)).text]
            check(f'{who}: {lang}: no English left', left == [], left)
            with urllib.request.urlopen(f'{node.url}/report?period={period}&lang={lang}', timeout=20) as r:
                check(f'{who}: {lang}: served', cut(r.read().decode()) == cut(other))
        check(f'{who}: no such language', node.ask('/report?lang=de')[0] == 400)
        status, api = node.ask(f'/api/v1/report?period={period}')
        check(f'{who}: over HTTP', status == 200 and joint(api['pacts'][0]) == x, status)
        for path, status in ('/report?pact=none', 404), ('/report?period=7', 400), ('/report?limit=1', 400), ('/api/v1/report?pact=none', 404):
            check(f'{who}: {path}', node.ask(path)[0] == status, node.ask(path))
        # which parameter is refused, and what it takes, in the language asked, wherever that stands
        for path, must in (('/report?period=xx', 'The parameter period takes'), ('/report?period=xx&lang=ru', 'Параметр period принимает'), ('/report?lang=zh&period=xx', '参数 period'),
                           ('/report?pact=none&lang=ru', 'Параметр pact'), ('/report?party=none', 'The parameter party'), ('/report?pact=none&party=none', 'parameters pact and party'),
                           ('/report?limit=1&lang=ru', 'принимает pact, party, period, lang'), ('/report?lang=de', 'lang takes en, ru or zh'), ('/report?period=&lang=zh', '参数 period'),
                           ('/report?pact=a&pact=b', 'pact is given twice'), ('/api/v1/report?period=xx', 'The parameter period'), ('/api/v1/verdict?period=xx', 'The parameter period')):
            text = node.ask(path)[1]
            check(f'{who}: why not {path}', must in str(text), text)
        check(f'{who}: alerts heed their language', node.ask('/api/v1/alerts?lang=de')[0] == 400 and node.ask('/api/v1/alerts?lang=zh')[0] == 200)
        check(f'{who}: the language of the browser', 'Параметр period' in str(node.ask('/report?period=xx', **{'Accept-Language': 'ru-RU,ru;q=0.9'})[1]))
    for how, must in ((('--period', 'xx'), '--period takes 30d'), (('--pact', 'none'), 'there is no pact `none`'), (('--party', 'none'), 'no counterpart `none`'), (('--pact', 'none', '--party', 'bland'), 'no pact `none` with `bland`')):
        for what in 'report', 'verdict':
            p = subprocess.run([detente, '--dir', 'aland', what, *how], cwd=top, capture_output=True, text=True, timeout=60)
            check(f'{what} {how}', p.returncode in (1, 2) and must in p.stderr, (p.returncode, p.stderr))
    run('aland', 'report', '-o', 'csv', code=(2,))
    run('aland', 'report', '--lang', 'de', code=(2,))
    run('aland', 'report', '--pact', 'none', code=(1,))


clock = Clock()
pair.clocks.update(aland=clock.path, bland=clock.path)
begin(lambda pact: pact.replace('title: ', 'title: "<script>alert(1)</script> & ', 1).replace('\nversion: 1', '"\nversion: 1', 1))
adopt('aland', 'bland')
fa, fb = Front('aland', 'bland'), Front('bland', 'aland')
conf('aland', 'bland', fb)
conf('bland', 'aland', fa)
a, b = Party('aland', 'bland'), Party('bland', 'aland')
meet()
for _ in range(2):
    clock.jump(60)
    meet()
time.sleep(0.3)
due, began = away()
by_hand()
together(due, began)
reports()
for who, node in ('aland', a), ('bland', b):
    check(f'{who} ends', node.stop() == 0, node.said)
    check(f'{who}: fsck', subprocess.run([detente, '--dir', who, 'log', 'fsck'], cwd=top, capture_output=True).returncode == 0)
scene.end()
