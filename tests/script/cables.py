#!/usr/bin/env python3
"""Submarine cables: cables.py DETENTE [SHARED].

A made-up sea whose answers can be worked out by hand, from an archive, a folder and single files; what is wrong with a file,
by file and line; the cables of 2021, where they are there, beside the lists of each country that their publisher made."""
import csv, io, json, os, re, shutil, sys, tarfile

import scene
from scene import check, run, top

DAY = 1624960000  # 2021-06-29


def point(id, name, **more):
    return {'id': id, 'name': name, 'is_tbd': 'false', **more}


NORTH, SOUTH, WEST, WEST2 = point('ayr', 'Ayr, Northland'), point('brig', 'Brig, Southmark'), point('cove', 'Cove, Westvale'), point('dale', 'Dale, Westvale')
WEST3 = point('elm', 'Elm, Westvale')
ISLE, MARSH = point('eye', 'Eye, Isle'), point('ford', 'Ford, Marsh, Rep.')
# North, South and West hang together; Isle hangs on one cable, Marsh on another that ends in Isle.
CABLES = [('ring-1', 'Ring 1', '2001', [NORTH, SOUTH]), ('ring-2', 'Ring 2', '2005 May', [SOUTH, WEST]), ('ring-3', 'Ring 3', '2010 Q2', [WEST2, NORTH]),
          ('isle', 'Isle Line', '1999', [WEST, ISLE]), ('marsh', 'Marsh Line', 'n.a.', [ISLE, MARSH]), ('home', 'Westvale Coast', '2012', [WEST, WEST2, WEST3]),
          ('soon', 'Soon', '2021 Q3', [NORTH, MARSH]), ('late', 'Late', '2021', [NORTH, SOUTH, point('x1', 't.b.d., Southmark', is_tbd='true')])]


def documents():
    for id, name, rfs, points in CABLES:
        yield f'cable/{id}.json', {'id': id, 'name': name, 'cable_id': 1, 'landing_points': points, 'length': '1 km', 'rfs': rfs, 'owners': 'O', 'url': None, 'notes': None}
    yield 'cable/all.json', [{'id': c[0], 'name': c[1]} for c in CABLES]
    yield 'country/marsh.json', {'name': 'Marsh, Rep.', 'cables': [{'id': 'marsh'}], 'landing_points': [], 'latlon': []}


def archive(name, files, mode='w:gz'):
    with tarfile.open(f'{top}/{name}', mode) as t:
        for path, what in files:
            data = what if isinstance(what, bytes) else json.dumps(what).encode()
            info = tarfile.TarInfo(path)
            info.size, info.mtime = len(data), DAY
            t.addfile(info, io.BytesIO(data))
    return f'{top}/{name}'


def rows(*args):
    got = run(*args, '-o', 'json')
    check(' '.join(args), got.returncode == 0, got.stderr)
    return json.loads(got.stdout or 'null')


def kept(day):
    """What is kept of a day, without where it is from."""
    with open(f'{top}/n/topology/{day}.cables') as f:
        return [line for line in f if not line.startswith(('source', 'sha256', 'date'))]


def by_hand():
    codes = f'{top}/codes.csv'
    with open(codes, 'w') as f:
        f.write('name,code\nNorthland,XN\n"Marsh, Rep.",XM\n')
    got = run('topology', 'import', '--cables', archive('sea.tar.gz', documents()), '--country-codes', codes)
    check('import', got.returncode == 0 and all(w in got.stderr for w in (
        'so that is the date', 'cables of 2021-06-29: 8, which land at 7 points in 5 countries', '1 cables that are planned', '1 cables whose time of service includes',
        '1 cables without a time of service', '1 landings that are to be determined', '1 documents that are neither', '2 countries have a code')), got.stderr)
    listed = {r['id']: r for r in rows('topology', 'cables')}
    check('listed', len(listed) == 8 and listed['marsh'] == {'id': 'marsh', 'name': 'Marsh Line', 'since': '', 'planned': False, 'points': 2, 'countries': ['Isle', 'Marsh, Rep.']}
          and listed['soon']['planned'] and listed['soon']['since'] == '2021-Q3' and listed['late']['since'] == '2021' and listed['ring-2']['since'] == '2005-05', listed)
    points = {r['id']: r for r in rows('topology', 'cables', '--points')}
    check('points', points['ford'] == {'id': 'ford', 'name': 'Ford, Marsh, Rep.', 'country': 'Marsh, Rep.', 'code': 'XM', 'cables': 1} and points['cove']['cables'] == 3, points)
    check('days', [(d['date'], d['cables'], d['planned']) for d in rows('topology', 'cables', '--dates')] == [('2021-06-29', 8, 1)])

    cut = {r['country']: r for r in rows('cutoff', 'cable', 'isle')}
    check('one cable', set(cut) == {'Isle', 'Westvale'} and cut['Isle'] == {
        'country': 'Isle', 'code': '', 'cables_before': 2, 'cables': 1, 'abroad_before': 2, 'abroad': 1, 'points_before': 1, 'points': 1, 'near_before': 2, 'near': 1,
        'joined_before': 5, 'joined': 2, 'loses_last': False, 'lost': ['Westvale']} and cut['Westvale']['joined'] == 3 and not cut['Westvale']['loses_last'], cut)
    whole = json.loads(run('cutoff', 'cable', 'isle', '--json').stdout)
    check('as one object', (whole['parts_before'], whole['parts'], whole['largest'], whole['countries_all'], whole['planned']) == (1, 2, 3, 5, 1)
          and whole['apart'] == [['Isle', 'Marsh, Rep.']] and whole['fails'] == [{'kind': 'cable', 'id': 'isle', 'name': 'Isle Line'}] and 'satellites are not in it' in whole['note']
          and '2021-06-29' in whole['note'] and {c['country']: c for c in whole['countries']} == cut, whole)
    text = run('cutoff', 'cable', 'marsh')
    check('for eyes', text.returncode == 0 and 'Lose their last cable to another country: 1: Marsh, Rep.. No other is in this data.' in text.stdout
          and 'By itself now: Marsh, Rep..' in text.stdout and text.stdout.rstrip().endswith('1 planned cables, 1 landings to be determined.'), text.stdout)
    lines = run('cutoff', 'cable', 'marsh', '-o', 'csv')
    check('for programs', len(list(csv.reader(io.StringIO(lines.stdout)))) == 3 and 'satellites are not in it' in lines.stderr, lines)

    # two of the ring, by name or by where they land; only one landing leaves the rest of a cable
    pair = rows('cutoff', 'cable', 'ring-1', 'ring-2', 'late')
    check('several', [r['country'] for r in pair if r['loses_last']] == ['Southmark'], pair)
    check('all that land there', rows('cutoff', 'cable', '--landing', 'brig') == pair)
    check('a station', {r['country']: (r['cables'], r['points']) for r in rows('cutoff', 'cable', '--station', 'cove')} == {'Southmark': (2, 1), 'Westvale': (2, 2), 'Isle': (1, 1)})
    check('a landing', {r['country']: (r['cables'], r['points']) for r in rows('cutoff', 'cable', '--landing', 'cove')} == {'Southmark': (2, 1), 'Westvale': (1, 1), 'Isle': (1, 1)})

    rank = rows('cutoff', 'cable', '--rank', '--limit', '0')
    first = [(r['kind'], r['id'], r['last'], r['apart'], r['parts'], r['loses_last']) for r in rank]
    # where Isle's only station fails, both lines end: Isle and Marsh lose all; Brig takes Southmark's
    check('rank', first[:5] == [('landing', 'eye', 2, 2, 2, ['Isle', 'Marsh, Rep.']), ('cable', 'marsh', 1, 1, 1, ['Marsh, Rep.']),
                                ('landing', 'ayr', 1, 1, 1, ['Northland']), ('landing', 'brig', 1, 1, 1, ['Southmark']), ('landing', 'ford', 1, 1, 1, ['Marsh, Rep.'])], first)
    check('rank of all', len(rank) == 7 + 7 and {r['id'] for r in rank if r['apart'] == 2} == {'eye', 'isle', 'cove'} and not any(r['id'] == 'soon' for r in rank), first)
    of = [(r['kind'], r['id'], r['cables'], r['abroad'], r['near'], r['joined'], r['loses_last'], r['lost']) for r in rows('cutoff', 'cable', '--of', 'Westvale')]
    # without Cove only ring-3 and the line along the coast are left; the line to Isle alone takes Isle and Marsh
    check('of one', of[:3] == [('landing', 'cove', 2, 1, 1, 3, False, ['Isle', 'Southmark']), ('cable', 'isle', 3, 2, 2, 3, False, ['Isle']), ('cable', 'ring-2', 3, 2, 2, 5, False, ['Southmark'])]
          and len(of) == 4 + 3, of)
    check('of one by code', [r['id'] for r in rows('cutoff', 'cable', '--of', 'XM')] == ['marsh', 'ford'] and all(r['loses_last'] for r in rows('cutoff', 'cable', '--of', 'Marsh, Rep.')))
    for r in rank:  # the same by one cut each
        what = [r['id']] if r['kind'] == 'cable' else ['--station', r['id']]
        one = json.loads(run('cutoff', 'cable', *what, '--json').stdout)
        check(r, [c['country'] for c in one['countries'] if c['loses_last']] == r['loses_last'] and one['parts'] - one['parts_before'] == r['parts'], one)


def other_ways():
    folder = f'{top}/sea'
    for path, what in documents():
        os.makedirs(os.path.dirname(f'{folder}/{path}'), exist_ok=True)
        with open(f'{folder}/{path}', 'w') as f:
            json.dump(what, f)
    codes = ['--country-codes', f'{top}/codes.csv']
    check('a folder', run('topology', 'import', '--cables', folder, '--date', '2021-06-28', *codes).returncode == 0 and kept('2021-06-28') == kept('2021-06-29'))
    files = [f'{folder}/{path}' for path, _ in documents()]
    check('files', run('topology', 'import', '--cables', files[0], '--date', '2021-06-27', *codes, *files[1:]).returncode == 0 and kept('2021-06-27') == kept('2021-06-29'))
    shutil.rmtree(folder)
    got = run('topology', 'import', '--cables', archive('plain.tar', documents(), 'w'), '--date', '2021-06-26')
    check('a plain archive, without codes', got.returncode == 0 and 'have a code' not in got.stderr, got.stderr)
    check('the newest unless told', json.loads(run('cutoff', 'cable', 'isle', '--json').stdout)['date'] == '2021-06-29'
          and json.loads(run('cutoff', 'cable', 'isle', '--json', '--date', '2021-06-26').stdout)['date'] == '2021-06-26')
    check('drop', run('topology', 'drop', '2021-06-26', '--cables').returncode == 0 and run('topology', 'drop', '2021-06-26', '--cables').returncode == 1)


def wrong():
    good = json.dumps({'id': 'a', 'landing_points': [point('p', 'P, Q')], 'rfs': '2000'}).encode()
    for what, args, status, text in (
            ('no JSON', [archive('w1.tgz', [('cable/a.json', good), ('cable/b.json', b'{"id":\n"b"')])], 3, r'cable/b.json:2:4: '),
            ('no id of a point', [archive('w2.tgz', [('cable/a.json', b'{"id":"a",\n"landing_points":[{"name":"P"}]}')])], 3, r'cable/a.json:2:1: a landing point has'),
            ('cut off', [f'{top}/w3.tgz'], 3, r'w3.tgz'),
            ('no cable', [archive('w4.tgz', [('a.json', b'{}'), ('b.txt', b'hello')])], 3, 'no document is of a cable'),
            ('none lands', [archive('w5.tgz', [('a.json', b'{"id":"a","rfs":"2000","landing_points":[]}')])], 3, 'no document is of a cable'),
            ('not there', [f'{top}/none'], 3, 'none: cannot be read'),
            ('with networks', [f'{top}/sea.tar.gz', '--as-rel', 'x'], 2, '--cables goes without --as-rel'),
            ('a day that is none', [f'{top}/sea.tar.gz', '--date', '2021-02-30'], 2, '--date says'),
            ('no code', [f'{top}/sea.tar.gz', '--country-codes', f'{top}/c1.csv'], 3, r'c1.csv:2:6: a code is'),
            ('no header', [f'{top}/sea.tar.gz', '--country-codes', f'{top}/c2.csv'], 3, r'c2.csv:1:1: the first line')):
        if what == 'cut off':
            with open(f'{top}/sea.tar.gz', 'rb') as f, open(f'{top}/w3.tgz', 'wb') as g:
                g.write(f.read()[:-60])
        for name, lines in ('c1', 'name,code\nIsle,xi\n'), ('c2', 'Isle,XI\n'):
            with open(f'{top}/{name}.csv', 'w') as f:
                f.write(lines)
        got = run('topology', 'import', '--cables', *args)
        check(what, got.returncode == status and re.search(text, got.stderr), (got.returncode, got.stderr))
    with open(f'{top}/one.json', 'wb') as f:
        f.write(good)
    got = run('topology', 'import', '--cables', f'{top}/one.json')
    check('no day', got.returncode == 2 and '--date says' in got.stderr, got.stderr)
    for args, status, text in ((['none'], 1, 'there is no cable `none`'), (['soon'], 1, 'was only planned'), ([], 2, 'takes ids of cables'), (['isle', '--rank'], 2, 'take no cables'), (['--of', 'Nowhere'], 1, 'lands in a country `Nowhere`'),
                               (['--landing', 'none'], 1, 'no landing point `none`'), (['isle', '--date', '1999-01-01'], 1, 'no cables of 1999-01-01')):
        got = run('cutoff', 'cable', *args)
        check(args, got.returncode == status and text in got.stderr, (got.returncode, got.stderr))
    path = f'{top}/n/topology/2021-06-29.cables'
    with open(path, 'rb') as f:
        data = f.read()
    with open(path, 'wb') as f:
        f.write(data.replace(b'Isle Line', b'Isle line'))
    got = run('topology', 'cables')
    check('a byte of it', got.returncode == 3 and 'not those that were written' in got.stderr, got.stderr)
    with open(path, 'wb') as f:
        f.write(data)
    got = run('topology', 'import', '--cables', archive('twice.tgz', [('a.json', good), ('b.json', good), ('c.json', b'{"id":"c","rfs":"","landing_points":[]}'),
                                                                      ('d.json', b'{"id":"d","landing_points":[{"id":"q","name":"Q"}]}')]), '--date', '2020-01-01')
    check('counted', all(w in got.stderr for w in ('1 cables whose id an earlier one has', '1 cables without landing points', '1 landing points whose name has no country')), got.stderr)


def sea(shared):
    at = f'{shared}/data/topology/cables/cable+country-json.tar.gz'
    if not os.path.isfile(at):
        print('SKIP: no shared data')
        return
    got = run('topology', 'import', '--cables', at)
    check('the sea of 2021', got.returncode == 0 and 'cables of 2021-06-29: 484, which land at 1298 points in 182 countries' in got.stderr and '169 countries have a code' in got.stderr, got.stderr)
    day = ['--date', '2021-06-29']
    ours, theirs = {}, {}
    for r in rows('topology', 'cables', *day):
        for country in r['countries']:
            ours.setdefault(country, set()).add(r['id'])
    undetermined = {}
    with tarfile.open(at) as t:
        for m in t:
            what = json.load(t.extractfile(m)) if m.name.endswith('.json') else []
            if m.name.startswith('country/') and isinstance(what, dict):
                theirs[what['name']] = {c['id'] for c in what['cables']}
            elif isinstance(what, dict):
                for p in what['landing_points']:
                    if p['is_tbd'] == 'true':
                        undetermined.setdefault(p['name'].split(', ')[-1], set()).add(what['id'])
    # a list of the publisher's own for each country; what lands where nobody knows yet is in theirs only
    differ = {c: (ours.get(c, set()) ^ theirs[c]) - undetermined.get(c, set()) for c in theirs}
    check('as each country lists them', set(ours) == set(theirs) and not any(differ.values()), {c: d for c, d in differ.items() if d})
    # Tonga: one cable to Fiji, and one at home; in January 2022 the first broke
    cut = {r['country']: r for r in rows('cutoff', 'cable', 'tonga-cable', *day)}
    check('Tonga', set(cut) == {'Fiji', 'Tonga'} and (cut['Tonga']['cables_before'], cut['Tonga']['abroad'], cut['Tonga']['joined'], cut['Tonga']['loses_last']) == (2, 0, 1, True)
          and cut['Tonga']['lost'] == ['Fiji'] and not cut['Fiji']['loses_last'], cut)
    worst = rows('cutoff', 'cable', '--rank', '--limit', '1', *day)
    check('the worst', worst[0]['id'] == 'africa-coast-to-europe-ace' and worst[0]['last'] == 7 and 'Gambia' in worst[0]['loses_last'], worst)


check('init', scene.run('init').returncode == 0)
by_hand()
other_ways()
wrong()
if len(sys.argv) > 2:
    sea(sys.argv[2])
scene.end()
