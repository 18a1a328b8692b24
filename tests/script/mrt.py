#!/usr/bin/env python3
"""Routing tables as the source of links: mrt.py DETENTE.

Tables made by hand after RFC 6396, of a made-up world whose links are known; what is in a table besides routes; what is wrong with
one, by byte; who stays where."""
import bz2, gzip, json, re

import scene
from scene import check, run, top

DAY = 1704067200  # 2024-01-01
# 1 and 2 at the top; 10, 11 buy from 1, 20, 21 from 2, 10 and 20 peer; the others carry nobody.
BUYS = {10: [1], 11: [1], 20: [2], 21: [2], 101: [10], 102: [11], 103: [11], 104: [1], 201: [20], 202: [20], 203: [21], 204: [2], 300000: [10, 20]}
PEERS = [(1, 2), (10, 20)]


def be(n, size):
    return n.to_bytes(size, 'big')


def record(kind, subtype, body, when=DAY):
    return be(when, 4) + be(kind, 2) + be(subtype, 2) + be(len(body), 4) + body


def peers(numbers):
    return record(13, 1, be(0xc0000201, 4) + be(4, 2) + b'view' + be(len(numbers), 2)
                  + b''.join(bytes([2]) + be(i, 4) + be(0xc6336401 + i, 4) + be(n, 4) if i % 2 else bytes([3]) + be(i, 4) + be(i, 16) + be(n, 4) for i, n in enumerate(numbers)))


def segment(kind, *numbers):
    return bytes([kind, len(numbers)]) + b''.join(be(n, 4) for n in numbers)


def route(peer, path, more=b''):
    attributes = b'\x40\x01\x01\x00' + (b'\x50\x02' + be(len(path), 2) if peer % 2 else b'\x40\x02' + be(len(path), 1)) + path + more
    return be(peer, 2) + be(DAY, 4) + be(len(attributes), 2) + attributes


def rib(prefix, length, routes, subtype=2):
    return record(13, subtype, be(0, 4) + bytes([length]) + prefix[:(length + 7) // 8] + be(len(routes), 2) + b''.join(routes))


def above(n):
    return {n: [n]} | {k: [n] + v for up in BUYS.get(n, ()) for k, v in above(up).items()}


def best(source, target):
    """The path by policy: up to a network that both stand below, or over one link of peers."""
    ways = []
    ups, downs = above(source), above(target)
    for a, up in ups.items():
        for b, down in downs.items():
            if a == b or (a, b) in PEERS or (b, a) in PEERS:
                way = up + (down[::-1] if a != b else down[::-1][1:])
                if len(set(way)) == len(way):
                    first = 0 if a == source and a == b else 1 if a == source else 2
                    ways.append((first, len(way), way))
    return min(ways)[2] if ways else None


def table(points, extra=lambda i, n: b''):
    out = peers(points)
    for i, n in enumerate(sorted(BUYS) + [1, 2]):
        routes = [(k, best(p, n)) for k, p in enumerate(points) if p != n]
        out += rib(bytes([44, i, 0, 0]), 16, [route(k, segment(2, *way)) for k, way in routes if way]) + extra(i, n)
        out += rib(be(0x20010db8 + i, 4), 32, [route(k, segment(2, *way[:1], *way)) for k, way in routes if way], 4)
    return out


def put(name, data, pack=lambda b: b):
    with open(f'{top}/{name}', 'wb') as f:
        f.write(pack(data))
    return f'{top}/{name}'


def rows(*args):
    got = run(*args, '-o', 'json')
    check(' '.join(args), got.returncode == 0, got.stderr)
    return json.loads(got.stdout or 'null')


def whole():
    points = [101, 103, 201, 203, 102, 202, 104, 204]
    links = sum(map(len, BUYS.values()))
    one, two = table(points[:4]), table(points[4:], lambda i, n: record(16, 4, b'abc') + record(13, 6, b'x' * 20) + record(4711, 1, b''))
    got = run('topology', 'import', '--mrt', put('rib.one.bz2', one, bz2.compress), put('rib.two.gz', two, gzip.compress))
    check('import', got.returncode == 0 and f'2024-01-01: 15 networks, {links} links from provider to customer, 2 between peers, 2 at the top' in got.stderr, got.stderr)
    check('what was read', re.search(r'\d+ routes to 60 prefixes from 8 vantage points', got.stderr), got.stderr)
    check('what was not', all(f'15 records that are not read: {n}' in got.stderr for n in ('TABLE_DUMP_V2 RIB_GENERIC', 'BGP4MP', 'of an unknown type')), got.stderr)
    check('of what it is made', [(x['kind'], x['file']) for x in rows('topology', 'show')] == [('mrt', 'rib.one.bz2'), ('mrt', 'rib.two.gz')])
    check('pairs', rows('topology', 'pairs')[0]['pairs'] == 15 * 15)
    cc = put('cc', b'10 XA\n101 XA\n300000 XA\n11 XB\n')
    got = run('topology', 'import', '--mrt', f'{top}/rib.one.bz2', f'{top}/rib.two.gz', '--as-cc', cc, '--clique', '1,2', '--date', '2024-02-01', '--presence', put('stay', b'1 XA\n1 XB\n2\tXA\n77 XA\n'))
    check('the clique, and who stays', got.returncode == 0 and '3 times a network stays in a country' in got.stderr and '1 times a network would stay that no link names' in got.stderr and 'with a country that' not in got.stderr, got.stderr)
    a = rows('cutoff', 'country', 'XA')[0]
    check('XA: all of it under 10', (a['networks'], a['strict_pairs'], a['islands']) == (3, 1.0, 1), a)
    check('how links were inferred', 'inferred from paths of routes (AS-Rank' in run('topology', 'show').stderr)
    check('show says it again', '3 times a network stays' in run('topology', 'show').stderr)
    # addresses: the longest prefix counts, of two origins the one with more routes, defaults not at all
    r = lambda *ways: [route(k, segment(2, *w)) for k, w in enumerate(ways)]
    wide = one + rib(bytes([44, 4, 128, 0]), 17, r([101], [103, 11, 1, 2, 204], [201, 20, 2, 204])) + rib(b'', 0, r([101, 10, 1]))
    got = run('topology', 'import', '--mrt', put('wide', wide), '--as-cc', put('cc2', b'101 XA\n204 XA\n'), '--date', '2024-03-01')
    check('with more prefixes', got.returncode == 0, got.stderr)
    a = rows('cutoff', 'country', 'XA')[0]  # a half of a /16, and a /16 and that other half
    check('addresses', (a['strict_pairs'], a['strict_addresses']) == (0.0, round((1 + 3 * 3) / 4 ** 2, 4)), a)
    # what is dropped is counted
    odd = one + rib(bytes([45, 0, 0, 0]), 8, [route(1, p) for p in (segment(2, 101, 10, 101), segment(2, 101, 64512, 1), segment(2, 101) + segment(1, 7, 8) + segment(2, 9), b'',
                                              segment(2, 101, 10) + segment(1, 7, 8), segment(2, *range(1000, 1100)))])
    got = run('topology', 'import', '--mrt', put('odd', odd), '--date', '2024-04-01')
    check('odd paths', got.returncode == 0 and all(f'1 routes {w}' in got.stderr for w in ('without a path', 'with a network twice', "with a number that is nobody's", 'with a set inside', 'that are too long', 'whose set at the end')), got.stderr)


def wrong():
    one = table([101, 203])
    for what, args, status, text in (
            ('cut off', ['--mrt', put('w1', one[:-3])], 3, r'/w1: byte \d+: the file ends inside the record'),
            ('cut off and packed', ['--mrt', put('w2', gzip.compress(one)[:-20])], 3, r'/w2: '),
            ('a length that lies', ['--mrt', put('w3', one[:11] + b'\x05' + one[12:])], 3, r'/w3: byte \d+: its peers do not fit in it \(TABLE_DUMP_V2 PEER_INDEX_TABLE, whose record begins at byte 0\)'),
            ('routes of nobody', ['--mrt', put('w4', rib(b'\x2c', 8, [route(0, segment(2, 1, 2))]))], 3, r'/w4: byte 12: routes before the table of peers'),
            ('text', ['--mrt', put('w5', b'1|2|-1\n3|4|-1\n')], 3, r'/w5: byte 0: the file ends inside'),
            ('empty', ['--mrt', put('w6', b'')], 3, r'/w6: is empty'),
            ('no routes', ['--mrt', put('w7', peers([1, 2]))], 3, r'/w7 has no links'),
            ('several days', ['--mrt', put('w8', one), put('w9', peers([1]) + record(12, 1, b'', DAY + 3 * 86400))], 2, 'of several days'),
            ('not there', ['--mrt', f'{top}/none'], 3, r'/none: cannot be read'),
            ('two sources', ['--mrt', f'{top}/w8', '--as-rel', f'{top}/w8', '--date', '2024-01-01'], 2, 'one of both'),
            ('no source', [], 2, '--as-rel names'),
            ('a file without --mrt', ['--as-rel', f'{top}/w8', f'{top}/w9'], 2, 'takes options only'),
            ('too many', ['--mrt'] + [f'{top}/w8'] * 12, 2, 'are the most'),
            ('a clique that is none', ['--mrt', f'{top}/w8', '--clique', '1,x'], 2, '--clique takes'),
            ('a clique of links', ['--as-rel', f'{top}/w8', '--clique', '1'], 2, 'goes with --mrt'),
            ('no country', ['--mrt', f'{top}/w8', '--presence', put('p1', b'1 XA\n1 Xa\n')], 3, r'/p1:2:3: a country is')):
        got = run('topology', 'import', *args)
        check(what, got.returncode == status and re.search(text, got.stderr), (got.returncode, got.stderr))
    check('nothing was kept of that', [x['date'] for x in rows('topology', 'list')] == ['2024-01-01', '2024-02-01', '2024-03-01', '2024-04-01'])


check('init', scene.run('init').returncode == 0)
whole()
wrong()
scene.end()
