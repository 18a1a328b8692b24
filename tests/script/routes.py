#!/usr/bin/env python3
"""Which way traffic goes: routes.py DETENTE [SHARED].

A made-up world whose routes can be worked out by hand; over the world of January 2024, where it is there, every pair that has
reach has a route, and no other."""
import json, os, subprocess, sys

import scene
from scene import check, detente, top

# 1 and 2 at the top; 10 and 20 buy from both; 11 and 12 buy from 10 alone, 21 from 20; 12 and 21 are peers; 31 and 32 buy from 20 and 10 each;
# 40 is nobody's customer, and peers with 11
REL = '1|2|0\n1|10|-1\n2|10|-1\n1|20|-1\n2|20|-1\n10|11|-1\n10|12|-1\n20|21|-1\n12|21|0\n10|31|-1\n20|31|-1\n10|32|-1\n20|32|-1\n40|11|0\n'


def run(*args):
    """With time for all routes of the world under a sanitizer."""
    return subprocess.run([detente, '--dir', 'n', *args], capture_output=True, text=True, cwd=top, timeout=500)


def rows(*args, code=0):
    got = run(*args, '-o', 'json')
    check(' '.join(args), got.returncode == code, (got.returncode, got.stderr))
    return json.loads(got.stdout or '[]')


def tree(to):
    return {r['network']: (r['kind'], r['length'], r['next']) for r in rows('topology', 'routes', to)}


def by_hand():
    open(f'{top}/rel', 'w').write(REL)
    open(f'{top}/cc', 'w').write('10 XA\n20 XB\n')
    got = run('topology', 'import', '--as-rel', f'{top}/rel', '--as-cc', f'{top}/cc', '--date', '2026-01-01')
    check('import', got.returncode == 0, got.stderr)
    to = tree('AS21')
    check('to one', to == {
        'AS1': ('customer', 2, 'AS20'), 'AS2': ('customer', 2, 'AS20'), 'AS10': ('provider', 3, 'AS1'), 'AS11': ('provider', 4, 'AS10'),
        'AS12': ('peer', 1, 'AS21'), 'AS20': ('customer', 1, 'AS21'), 'AS21': ('customer', 0, 'AS21'), 'AS31': ('provider', 2, 'AS20'),
        'AS32': ('provider', 2, 'AS20'), 'AS40': ('none', 0, '')}, to)
    check('in another way of writing', tree('21') == to)
    # those that no policy can tell apart reach each other by what they share, the one with the lowest number of it
    to = tree('as31')
    check('twins', (to['AS32'], to['AS31'], to['AS12'], to['AS40']) == (('provider', 2, 'AS10'), ('customer', 0, 'AS31'), ('provider', 2, 'AS10'), ('none', 0, '')), to)
    check('a peer without customers', tree('40')['AS11'] == ('peer', 1, 'AS40') and tree('40')['AS10'][0] == 'none', tree('40'))
    names = [r['network'] for r in rows('topology', 'routes', '21')]
    trees = {n: tree(n) for n in names}
    carried, kinds = {}, {}
    for n in names:
        for a in names:
            if a == n or trees[n][a][0] == 'none':
                continue
            kinds[trees[n][a][:2]] = kinds.get(trees[n][a][:2], 0) + 1
            x = trees[n][a][2]
            while x != n:
                carried[x] = carried.get(x, 0) + 1
                x = trees[n][x][2]
    got = {(r['kind'], r['length']): r['pairs'] for r in rows('topology', 'routes', '--lengths')}
    check('all of them by kind and length', got == kinds, (got, kinds))
    check('are the pairs', sum(got.values()) + len(names) == rows('topology', 'pairs')[0]['pairs'])
    got = rows('topology', 'routes')
    check('who carries most', {r['network']: r['carried'] for r in got} == carried and [r['carried'] for r in got] == sorted(carried.values(), reverse=True), (got, carried))
    check('with country and share', got[0]['country'] == 'XA' and abs(got[0]['share'] - got[0]['carried'] / sum(kinds.values())) < 1e-6, got[0])
    check('so many', len(rows('topology', 'routes', '--limit', '1')) == 1)
    check('so many to one', [r['network'] for r in rows('topology', 'routes', '21', '--limit', '3')] == names[:3] and rows('topology', 'routes', '21', '--limit', '0') == rows('topology', 'routes', '21'))
    for args, code, says in ((('AS99',), 1, 'AS99 is not in this snapshot'), (('XA',), 2, 'one network'), (('1', '2'), 2, 'one network'),
                             (('1', '--lengths'), 2, 'not of one'), (('ASX',), 2, 'one network'), (('4294967296',), 2, 'one network')):
        got = run('topology', 'routes', *args)
        check(f'{args}', got.returncode == code and says in got.stderr, (got.returncode, got.stderr))


def world(shared):
    at = f'{shared}/data/topology/asgraph'
    if not os.path.isdir(at):
        print('SKIP: no shared data')
        return
    got = run('topology', 'import', '--as-rel', f'{at}/20240101.as-rel2.txt.bz2', '--date', '2024-01-01')
    check('the world', got.returncode == 0, got.stderr)
    args = ('--date', '2024-01-01')
    got = rows('topology', 'routes', '--lengths', *args)
    pairs = rows('topology', 'pairs', *args)[0]
    links = next(x for x in rows('topology', 'list') if x['date'] == args[1])
    check('every pair has a route', sum(r['pairs'] for r in got) + pairs['networks'] == pairs['pairs'], pairs)
    one = {r['kind']: r['pairs'] for r in got if r['length'] == 1}
    check('a link is one to its customer', one['customer'] == links['transit_links'] and one['peer'] <= 2 * links['peer_links'], (one, links))


check('init', run('init').returncode == 0)
by_hand()
if len(sys.argv) > 2:
    world(sys.argv[2])
scene.end()
