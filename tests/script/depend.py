#!/usr/bin/env python3
"""A planner's later questions: depend.py DETENTE [SHARED].  With --golden tests/depend/golden.csv is written anew.

Which services outlive a cut and until when, of lists, zones, certificates and recorded answers that were made up, against a
naive second opinion; what to move home; what differs between two audits; what is wrong with a file, by file and line; the
root zone and published measurements, where they are there."""
import csv, io, json, os, random, re, subprocess, sys

import scene
from scene import check, detente, run, top

AT = ['--at', '2026-06-01']
DAY = 86400


def put(name, text):
    with open(f'{top}/{name}', 'w', newline='') as f:
        f.write(text)
    return name


def table(name, *rows):
    out = io.StringIO()
    w = csv.writer(out, lineterminator='\r\n')
    w.writerows(rows)
    return put(name, out.getvalue())


def alone(*args):
    """Without a node: its tables would place addresses."""
    env = {k: v for k, v in os.environ.items() if k != 'DETENTE_DIR'}
    return subprocess.run([detente, *args], capture_output=True, text=True, cwd=top, timeout=60, env=env)


def rows(*args, status=0):
    got = alone('depend', *args, '-o', 'json')
    check(' '.join(args), got.returncode == status, (got.returncode, got.stderr))
    return json.loads(got.stdout or '[]')


def by_hand():
    put('root.zone', '. 86400 IN SOA a.root. n. 1 1800 900 604800 86400\n. 518400 IN NS a.root.\na.root. 518400 IN A 198.51.100.1\nxa. 172800 IN NS n.nic.xa.\nn.nic.xa. 172800 IN A 192.0.2.2\n')
    put('e.zone', '$TTL 300\n@ 3600 SOA ns1 h ( 1 2 3 1w 5 )\n@ NS ns1\n  NS ns2.away.\nns1 A 192.0.2.53\nwww A 192.0.2.80\n@ MX 10 mx.away.\nmx.away. A 198.51.100.25\n')
    put('home', '# what is ours\n192.0.2.0/24\tour exchange, by contract\n!198.51.100.0/24 abroad\n!org:Foreign CA\n')
    s = table('s.csv', ['id', 'name', 'owner', 'criticality', 'domain', 'login_idp', 'ca_issuer', 'cost', 'lead_days', 'home_alternative'],
              ['1', 'Portal, main', 'Ministry', 5, 'www.e.xa', '', '', '', '', ''], ['2', 'Mail', 'Ministry', 3, 'e.xa', '', '', 100, 5, 'own relay'], ['3', 'Files', 'Office', 1, '', '192.0.2.9', 'Foreign CA', 10, 1, ''])
    args = [s, '--zone', 'root.zone', '--zone', 'e.xa=e.zone', '--home-file', 'home', *AT]
    r = rows('audit', *args, '--level', 'link')
    need = {(x['service'], x['kind']): x for x in r if x['level'] != 'link'}
    check('columns', list(r[0]) == 'level service owner criticality kind what verdict until days days_most country network file line file_date table table_date reason'.split(), list(r[0]))
    check('the root is cached as long as the TLD', (need['1', 'root']['verdict'], need['1', 'root']['days'], need['1', 'root']['file'], need['1', 'root']['line']) == ('cached', 2.0, 'root.zone', 4), need['1', 'root'])
    check('one server at home is enough', need['1', 'ns']['verdict'] == 'inside' and need['1', 'ns']['what'] == 'ns1.e.xa;ns2.away', need['1', 'ns'])
    check('the portal', (need['1', '']['verdict'], need['1', '']['until'], need['1', '']['reason']) == ('cached', '2026-06-03T00:00:00.000000Z', 'root'), need['1', ''])
    check('mail stops at once', (need['2', '']['verdict'], need['2', '']['days'], need['2', '']['reason']) == ('outside', 0.0, 'mx'), need['2', ''])
    check('nobody has the end of the certificate', (need['3', '']['verdict'], need['3', '']['days'], need['3', '']['days_most']) == ('unknown', 0.0, None), need['3', ''])
    link = {(x['service'], x['kind'], x['what']): x for x in r if x['level'] == 'link'}
    check('why it is home', (link['1', 'ns', 'ns1.e.xa']['reason'], link['1', 'ns', 'ns1.e.xa']['line']) == ('home: 192.0.2.0/24 (our exchange, by contract)', 5), link['1', 'ns', 'ns1.e.xa'])
    check('unknown is not guessed', (link['1', 'ns', 'ns2.away']['verdict'], link['1', 'ns', 'ns2.away']['reason']) == ('unknown', 'no file has an address of it'), link['1', 'ns', 'ns2.away'])
    check('levels', len(rows('audit', *args, '--level', 'service')) == 3 and len(rows('audit', *args)) == len(need))
    # all of it, to the byte
    golden = os.path.join(os.path.dirname(os.path.abspath(__file__)), '../depend/golden.csv')
    for name in 'root.zone', 'e.zone':
        os.utime(f'{top}/{name}', (1767225600, 1767225600))
    got = subprocess.run([detente, 'depend', 'audit', *args, '--level', 'link', '-o', 'csv'], capture_output=True, cwd=top, timeout=60, env={k: v for k, v in os.environ.items() if k != 'DETENTE_DIR'})
    if '--golden' in sys.argv:
        open(golden, 'wb').write(got.stdout)
    check('tests/depend/golden.csv, written anew by depend.py DETENTE --golden', got.stdout == open(golden, 'rb').read(), got.stdout.decode())
    # a copy of the root at home holds until it expires
    n = {(x['service'], x['kind']): x for x in rows('audit', *args, '--home', 'root')}
    check('a copy of the root', (n['1', 'root']['verdict'], n['1', 'root']['days'], n['1', '']['days']) == ('cached', 7.0, 7.0), n['1', 'root'])
    p = rows('plan', *args)
    check('plan', [(x['step'], x['what'], x['services'], x['cost']) for x in p] == [(1, ['root:.'], 1, 50.0), (2, ['ca_issuer:Foreign CA'], 1, 10.0), (3, ['mx:mx.away'], 1, 50.0)], p)
    check('curve', [(x['services_so_far'], x['share_so_far'], x['criticality_so_far'], x['cost_so_far']) for x in p] == [(1, 0.3333, 5, 50.0), (2, 0.6667, 6, 60.0), (3, 1.0, 9, 110.0)], p)
    check('what stands ready', p[2]['alternative'] == 'own relay' and p[2]['lead_days'] == 5 and p[2]['action'] == 'move', p[2])
    check('a horizon', [x['what'] for x in rows('plan', *args, '--days', '2')] == [['ca_issuer:Foreign CA'], ['mx:mx.away']])
    # before and after
    saved = alone('depend', 'audit', *args, '-o', 'csv')
    put('old.csv', saved.stdout)
    put('home2', open(f'{top}/home').read() + 'name:mx.away moved\n')
    new = [*args[:-4], '--home-file', 'home2', *AT]
    d = rows('diff', 'old.csv', *new, status=1)
    check('diff', [(x['change'], x['level'], x['service'], x['kind'], x['verdict_before'], x['verdict']) for x in d] == [('changed', 'service', '2', '', 'outside', 'cached'), ('changed', 'need', '2', 'mx', 'outside', 'inside')], d)
    check('no difference', rows('diff', 'old.csv', *args) == [] and rows('diff', s, s, *args[1:]) == [])
    got = alone('depend', 'diff', 'old.csv', 'old.csv')
    check('two that were saved: nothing is asked', (got.returncode, got.stderr, got.stdout.count('\n')) == (0, '', 1), (got.returncode, got.stderr))
    got = alone('depend', 'diff', 'old.csv', s)
    check('a list needs a home', got.returncode == 2 and 'what is home' in got.stderr and got.stdout == '', (got.returncode, got.stderr))
    put('sc', '# a segment\ncountry XA\nas 64500\nlink 1-2\n')
    table('as.csv', ['id', 'name', 'login_idp'], [1, 'a', 'AS64500'], [2, 'b', 'AS64501'])
    check('the segment of a scenario', [x['verdict'] for x in rows('audit', 'as.csv', '--cut', 'sc', '--level', 'service')] == ['inside', 'unknown'])
    check('a segment by its name', [x['verdict'] for x in rows('audit', 'as.csv', '--cut', 'AS64501', '--cut', 'XA', '--level', 'service')] == ['unknown', 'inside'])


def costs():
    for cost, lacks in (100, 3), (0.01, 3), (99.98, 7), (1, 8):
        kinds = ['mx', 'cdn', 'login_idp', 'cloud', 'licence', 'a/aaaa', 'ns', 'time_source'][:lacks]
        table('cost.csv', ['id', 'name', 'cost', *kinds], [1, 'a', cost, *[f'198.51.100.{i}' for i in range(lacks)]])
        p = rows('plan', 'cost.csv', '--home', 'XA,!198.51.100.0/24', *AT)
        check(f'{cost} for {lacks} adds up', [(x['cost'], len(x['what'])) for x in p] == [(cost, lacks)], p)


def who_says():
    """Of what has no address either: the line that names it."""
    put('w.zone', '$TTL 300\n@ SOA ns1 h 2026052901 2 3 1w 5\n@ NS ns1\nns1 A 192.0.2.53\n@ MX 10 mx.away.example.\n')
    table('w.csv', ['id', 'name', 'domain', 'cloud', 'measured_at'], [1, 'a', 'e.xa', 'Skyhost', '2026-05-01'])
    put('w.json', json.dumps({'bomFormat': 'CycloneDX', 'specVersion': '1.5', 'metadata': {'component': {'name': '1'}},
                              'components': [{'name': 'lib', 'version': '1', 'supplier': {'name': 'Far'}}]}, indent=1) + '\n')
    args = ['w.csv', '--zone', 'e.xa=w.zone', '--sbom', 'w.json', '--home', '192.0.2.0/24', '--level', 'link', *AT]
    r = {(x['level'], x['kind']): (x['verdict'], x['file'], x['line'], x['file_date']) for x in rows('audit', *args)}
    said = ('unknown', 'w.zone', 5, '2026-05-29')
    check('the line of its MX, of the day of the serial', (r['need', 'mx'], r['link', 'mx']) == (said, said), r)
    check('what names the supplier', r['link', 'cloud'] == ('unknown', 'w.csv', 2, '2026-05-01'), r)
    check('the bill that names the component', r['link', 'software'][:3] == ('unknown', 'w.json', 10), r)
    check('nothing is said by nobody', all(f and n for _, f, n, _ in r.values()), r)
    # a serial that is no day, or a day that was not yet when the file was written
    for serial, day in ('2026053201', '2026-02-03'), ('1', '2026-02-03'), ('2026020400', '2026-02-04'), ('2026022000', '2026-02-03'), ('2020091300', '2020-09-13'):
        put('w.zone', f'$TTL 300\n@ SOA ns1 h {serial} 2 3 1w 5\n@ NS ns1\n@ MX 10 mx.away.example.\n')
        os.utime(f'{top}/w.zone', (1770076800, 1770076800))
        check(f'serial {serial}', {x['file_date'] for x in rows('audit', *args) if x['file'] == 'w.zone'} == {day}, day)
    got = alone('depend', 'audit', '--answers', put('w.answers', '{"generated":"2026-03-01","entries":[\n{"id":"7","name":"n","domain":"e.xa","mx":["mx.away.example"]}]}'), '--home', 'XA', '--level', 'link', '-o', 'json')
    r = json.loads(got.stdout or '[]')
    check('answers that name a service', r != [] and {(x['file'], x['line']) for x in r} == {('w.answers', 2)}, r)


def certificates():
    key = 'openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout'.split()
    def openssl(*a):
        return subprocess.run(a, capture_output=True, text=True, cwd=top, timeout=60)
    os.mkdir(f'{top}/pem')
    put('ca.cnf', '[req]\ndistinguished_name=dn\nprompt=no\n[dn]\nC=XB\nO=Foreign CA\nCN=Root 1\n[ext]\nbasicConstraints=critical,CA:TRUE\n[leaf]\nsubjectAltName=DNS:*.e.xa,DNS:e.xa\nauthorityInfoAccess=OCSP;URI:http://ocsp.away.xb:80/x\ntlsfeature=status_request\n')
    made = openssl(*key, 'ca.key', '-config', 'ca.cnf', '-extensions', 'ext', '-days', '900', '-out', 'ca.pem').returncode == 0
    made &= openssl('openssl', 'req', '-new', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-keyout', 'leaf.key', '-subj', '/CN=e.xa', '-out', 'leaf.csr').returncode == 0
    made &= openssl('openssl', 'x509', '-req', '-in', 'leaf.csr', '-CA', 'ca.pem', '-CAkey', 'ca.key', '-set_serial', '7', '-days', '30', '-extfile', 'ca.cnf', '-extensions', 'leaf', '-out', 'leaf.pem').returncode == 0
    check('certificates were made', made)
    put('pem/chain.pem', 'a comment\n' + open(f'{top}/leaf.key').read() + open(f'{top}/leaf.pem').read() + open(f'{top}/ca.pem').read())
    table('c.csv', ['id', 'name', 'domain'], [1, 'a', 'www.e.xa'], [2, 'b', 'e.xa'])
    r = rows('audit', 'c.csv', '--pem', 'pem', '--home', 'XA,tld:xa,root,name:e.xa', '--level', 'link')
    need = {(x['service'], x['kind']): x for x in r if x['level'] == 'need'}
    check('until the certificate ends', need['2', 'ca_issuer']['verdict'] == 'cached' and 29 <= need['2', 'ca_issuer']['days'] <= 30 and need['2', 'ca_issuer']['file'] == 'pem/chain.pem', need['2', 'ca_issuer'])
    check('under a wildcard too', need.get(('1', 'ca_issuer'), {}).get('verdict') == 'cached', need.keys())
    check('its country is in its name', [x['country'] for x in r if x['level'] == 'link' and x['kind'] == 'ca_issuer'][0] == 'XB')
    check('it must be stapled', need['2', 'ocsp_crl_host']['days'] == 0 and need['2', 'ocsp_crl_host']['what'] == 'ocsp.away.xb', need['2', 'ocsp_crl_host'])
    where = (need['2', 'ocsp_crl_host']['file'], need['2', 'ocsp_crl_host']['line'])
    check('the certificate names its host', where[0] == 'pem/chain.pem' and [(x['file'], x['line']) for x in r if x['level'] == 'link' and x['kind'] == 'ocsp_crl_host'] == [where] * 2, (where, r))
    for name, text, line in (('cut', '\n-----BEGIN CERTIFICATE-----\nAAAA\n', 2), ('no', '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n', 1)):
        got = alone('depend', 'audit', 'c.csv', '--pem', put(f'{name}.pem', text), '--home', 'XA')
        check(name, got.returncode == 3 and f'{name}.pem:{line}:1: ' in got.stderr, got.stderr)


def naive(service, drift):
    """Seconds that a service holds, least and most: None is for ever."""
    least, most = [], []
    for kind, hosts in service.items():
        if not hosts:
            continue
        side = 'inside' if any(h.startswith('192.0.2.') for h in hosts) else 'unknown' if any(not h.startswith('198.51.100.') for h in hosts) else 'outside'
        after = {'time_source': drift}.get(kind, 0)
        if side == 'inside' or kind in ('package_mirror', 'registrar', 'ocsp_crl_host'):
            continue
        least.append(0 if kind == 'ca_issuer' else after)
        if side == 'outside' and kind != 'ca_issuer':
            most.append(after)
    return (min(least) if least else None, min(most) if most else None)


def second_opinion():
    rnd, kinds = random.Random(6), ['ns', 'mx', 'a/aaaa', 'cdn', 'ca_issuer', 'ocsp_crl_host', 'time_source', 'login_idp', 'package_mirror', 'registrar']
    services = [{k: [f'{rnd.choice(["192.0.2", "192.0.2", "198.51.100", "203.0.113"])}.{rnd.randrange(256)}' for _ in range(rnd.choice([0, 1, 1, 2]))] for k in kinds} for _ in range(2000)]
    s = table('many.csv', ['id', 'name', *kinds], *[[i, f'Service {i}', *[';'.join(x[k]) for k in kinds]] for i, x in enumerate(services)])
    got = rows('audit', s, '--home', '192.0.2.0/24,!198.51.100.0/24', '--level', 'service', '--clock-ppm', '100', '--clock-limit', '864s')
    check('as many', len(got) == len(services))
    for x, service in zip(got, services):
        if not any(service.values()):
            continue
        least, most = naive(service, 100 * DAY)
        want = 'inside' if least is None else 'outside' if most == 0 else 'cached' if least == most else 'unknown'
        days = lambda t: None if t is None else t / DAY
        if (x['verdict'], x['days'], x['days_most']) != (want, days(least), days(most)):
            check('a naive audit says otherwise', False, (x, service, want, least, most))
            break


def wrong():
    put('ok.csv', 'id,name\n1,a\n')
    for what, args, status, text in (
            ('no list', ['audit', '--home', 'XA'], 2, 'which services'), ('no home', ['audit', 'ok.csv'], 2, 'what is home'),
            ('only what is not', ['audit', 'ok.csv', '--home', '!XA'], 2, 'what is home'), ('no rule', ['audit', 'ok.csv', '--home', 'XA,Germany'], 2, '--home: `Germany` is no rule'),
            ('not there', ['audit', 'none.csv', '--home', 'XA'], 3, 'none.csv: cannot be read'), ('two lists', ['audit', 'ok.csv', 'ok.csv', '--home', 'XA'], 2, 'takes one list'),
            ('no column', ['audit', put('w1.csv', 'id,name,color\n'), '--home', 'XA'], 3, 'w1.csv:1:9: `color` is no column'),
            ('missing', ['audit', put('w2.csv', 'id,ns\n1,a\n'), '--home', 'XA'], 3, 'w2.csv:1:1: the column `name` is missing'),
            ('quotes', ['audit', put('w3.csv', 'id,name\n1,"a" b\n'), '--home', 'XA'], 3, 'w3.csv:2:6: a comma stands'),
            ('too many', ['plan', put('w4.csv', 'id,name\n1,a\n2,b,c\n'), '--home', 'XA'], 3, 'w4.csv:3:1: has 3 fields'),
            ('a zone', ['audit', 'ok.csv', '--home', 'XA', '--zone', put('w5.zone', 'a. 60 IN A x\n')], 3, 'w5.zone:1:12: is no IPv4 address'),
            ('answers', ['audit', '--home', 'XA', '--answers', put('w6.json', '{"a":1}')], 3, 'w6.json:1:1: has neither'),
            ('a list of home', ['audit', 'ok.csv', '--home-file', put('w7', 'XA\n\n300.0.0.0/8 x\n')], 3, 'w7:3:1: `300.0.0.0/8` is no rule'),
            ('a scenario', ['audit', 'ok.csv', '--cut', put('w8', 'country Germany\n')], 3, 'w8:1:1: is neither'),
            ('links only', ['audit', 'ok.csv', '--cut', put('w9', 'link 1-2\n')], 2, 'what is home? w9 has neither a country nor a network'),
            ('a long name', ['audit', 'ok.csv', '--cut', 'org:' + 'x' * 4000], 3, 'cannot be read'), ('a level', ['audit', 'ok.csv', '--home', 'XA', '--level', 'all'], 2, '--level takes'), ('one of two', ['diff', 'ok.csv', '--home', 'XA'], 2, 'takes two files'),
            ('a clock', ['audit', 'ok.csv', '--home', 'XA', '--clock-limit', 'long'], 2, '--clock-limit takes')):
        got = alone('depend', *args)
        check(what, got.returncode == status and text in got.stderr and got.stdout == '', (got.returncode, got.stderr))
    got = alone('depend', 'audit', 'ok.csv', '--home', '192.0.2.0/24')
    check('nothing is known', 'nothing is known of what it needs' in got.stdout, got.stdout)


def tables():
    """A node's own tables and country."""
    put('t.csv', '192.0.2.0/24,64500,Home Net,XA\n198.51.100.0/24,64501,Away Net,XB\n')
    with open(f'{top}/n/detente.yaml', 'a') as f:
        f.write('country: XA\n')
    got = run('tables', 'import', f'{top}/t.csv', '--name', 'made', '--date', '2026-02-03')
    check('tables', got.returncode == 0, got.stderr)
    table('n.csv', ['id', 'name', 'login_idp', 'measured_at'], [1, 'a', '192.0.2.1', '2026-01-02'], [2, 'b', '198.51.100.1', ''], [3, 'c', '203.0.113.1', ''])
    got = run('depend', 'audit', f'{top}/n.csv', '--level', 'link', '-o', 'json')
    check('audit by tables', got.returncode == 0, got.stderr)
    r = [x for x in json.loads(got.stdout or '[]') if x['level'] == 'link']
    check('places', [(x['verdict'], x['country'], x['network'], x['table'], x['table_date']) for x in r] == [('inside', 'XA', 'AS64500', 'made', '2026-02-03'), ('outside', 'XB', 'AS64501', 'made', '2026-02-03'), ('unknown', '', '', '', '')], r)
    check('of which day', r[0]['file_date'] == '2026-01-02', r)
    check('its own country', r and r[0]['reason'] == "home: XA (the node's country)", r)
    got = run('depend', 'audit', f'{top}/n.csv', '--level', 'service', '-o', 'json', '--home', 'org:away net')
    check('by organisation', [x['verdict'] for x in json.loads(got.stdout or '[]')] == ['outside', 'inside', 'unknown'], got.stdout)


def networks():
    """Where the owner of a network is registered: by the newest snapshot."""
    put('rel', '# input clique: 1\n1|64510|-1\n1|64511|-1\n')
    put('cc', '64510 XA\n64511 XB\n')
    got = run('topology', 'import', '--as-rel', f'{top}/rel', '--as-cc', f'{top}/cc', '--date', '2026-01-01')
    check('topology', got.returncode == 0, got.stderr)
    table('as.csv', ['id', 'name', 'login_idp'], *[[n, 'a', f'AS{n}'] for n in (64510, 64511, 64512)])
    got = run('depend', 'audit', f'{top}/as.csv', '--level', 'link', '-o', 'json')
    r = [x for x in json.loads(got.stdout or '[]') if x['level'] == 'link']
    for cut, say in (('ZZ', '--cut: `ZZ`: no network'), ('AS64599', '--cut: `AS64599`: the snapshot has no such network'), (f'{top}/zz', f'{top}/zz:2:1: `ZZ`: no network')):
        put('zz', 'country XA\ncountry ZZ\n')
        got2 = run('depend', 'audit', f'{top}/as.csv', '--cut', cut)
        check(f'nobody is in {cut}', got2.returncode == 1 and say in got2.stderr and got2.stdout == '', (got2.returncode, got2.stderr))
    check('somebody is in XB', run('depend', 'audit', f'{top}/as.csv', '--cut', 'XB').returncode == 0)
    check('networks', [(x['verdict'], x['country'], x['table'], x['table_date']) for x in r] == [('inside', 'XA', 'topology', '2026-01-01'), ('outside', 'XB', 'topology', '2026-01-01'), ('unknown', '', '', '')], (r, got.stderr))


def parties():
    """The space of a party of a pact, as its annex declares it."""
    import pair
    pair.begin()
    pair.adopt('aland')
    table('party.csv', ['id', 'name', 'login_idp'], [1, 'a', '203.0.113.1'], [2, 'b', 'AS64500'], [3, 'c', '192.0.2.1'])
    for args, want, status in ((['--home', 'party:bland'], ['inside', 'inside', 'unknown'], 0), (['--home', 'party:bland,party:aland'], ['inside'] * 3, 0), (['--home', 'party:cland'], [], 1)):
        got = subprocess.run([detente, '--dir', 'aland', 'depend', 'audit', 'party.csv', '--level', 'service', '-o', 'json', *args], capture_output=True, text=True, cwd=top, timeout=60)
        check(str(args), got.returncode == status and [x['verdict'] for x in json.loads(got.stdout or '[]')] == want, (got.stdout, got.stderr))


def real(shared):
    data = f'{shared}/data/topology'
    mx, ca = f'{data}/domains/mxmap-ch-even.json', f'{data}/domains/camap-se-dk-no.json'
    r = rows('audit', '--answers', mx, '--home', 'CH', '--level', 'link', *AT)
    m = json.load(open(mx))['municipalities']
    check('every municipality with a domain', sum(x['level'] == 'service' for x in r) == sum(1 for v in m.values() if v['domain']))
    with_mail = {v['bfs'] for v in m.values() if v['domain'] and v['mx']}
    check('mail', {x['service'] for x in r if x['kind'] == 'mx'} == with_mail)
    asn = lambda v: {'AS' + s['detail'].split()[1] for s in v['classification_signals'] if s['kind'] == 'asn'}
    got = {}
    for x in r:
        if x['level'] == 'link' and x['kind'] == 'mx' and x['network']:
            got.setdefault(x['service'], set()).add(x['network'])
    check('networks as recorded', got == {v['bfs']: asn(v) for v in m.values() if v['mx'] and asn(v)}, len(got))
    c = json.load(open(ca))['municipalities']
    r = {x['service']: x for x in rows('audit', '--answers', ca, '--home', 'SE', '--at', '2026-04-12') if x['kind'] == 'ca_issuer'}
    bad = [k['id'] for k in c if k['cert_chain'] and k['ca_owner'] and k['id'] in r and (r[k['id']]['verdict'] == 'inside') != (k['ca_country'] == 'SE')]
    ends = [k['id'] for k in c if k['id'] in r and r[k['id']]['verdict'] == 'cached' and r[k['id']]['until'][:19] != k['cert_chain'][0]['not_after'][:19]]
    check('certificates of authorities abroad, until they end', len(r) > 600 and not bad and not ends, (len(r), bad[:5], ends[:5]))


def root_zone(shared):
    """Of 248 ccTLDs 90 had no name server at home in September 2020, and 13 had all there; with tables of other days a few differ."""
    zone = f'{shared}/data/topology/dns/root.zone.20200913'
    data = os.path.join(os.path.dirname(os.path.abspath(__file__)), '../../node_modules')
    if not os.path.exists(f'{data}/@ip-location-db') or run('tables', 'build', '--data', data).returncode not in (0, 1):
        return
    tlds = sorted({m[1] for m in re.finditer(r'^([a-z]{2})\.\s+\d+\s+IN\s+NS', open(zone).read(), re.M)})
    table('cc.csv', ['id', 'name', 'tld'], *[[t, t, t] for t in tlds])
    got = run('depend', 'audit', f'{top}/cc.csv', '--zone', zone, '--home', 'XA', '--level', 'link', '-o', 'json')
    check('root zone', got.returncode == 0, got.stderr)
    where = {}
    for x in json.loads(got.stdout or '[]'):
        if x['level'] == 'link' and x['kind'] == 'tld':
            where.setdefault(x['service'], set()).add(x['country'])
    home = lambda t: {'uk': 'GB', 'su': 'RU'}.get(t, t.upper())
    some, every = [t for t in tlds if home(t) in where[t]], [t for t in tlds if where[t] == {home(t)}]
    check('ccTLDs without a server at home', len(tlds) == 248 and abs(len(tlds) - len(some) - 90) <= 4, (len(tlds), len(some)))
    check('ccTLDs all at home', abs(len(every) - 13) <= 2, every)


scene.init()
by_hand()
costs()
who_says()
certificates()
second_opinion()
wrong()
tables()
networks()
parties()
if len(sys.argv) > 2 and os.path.exists(f'{sys.argv[2]}/data/topology/domains/mxmap-ch-even.json'):
    real(sys.argv[2])
    root_zone(sys.argv[2])
sys.exit(scene.faults > 0)
