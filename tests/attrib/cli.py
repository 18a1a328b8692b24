#!/usr/bin/env python3
"""detente tables, over made-up data.  Argument: the program."""
import csv, io, json, os, subprocess, sys, tempfile

detente = os.path.abspath(sys.argv[1])
failures = 0


def check(name, got, want):
    global failures
    if got != want:
        failures += 1
        print(f'FAIL {name}: got {got!r}, want {want!r}')


def run(*args, stdin=''):
    p = subprocess.run([detente, '--dir', node, 'tables', *args], input=stdin, capture_output=True, text=True)
    return p.returncode, p.stdout, p.stderr


def lookup(address):
    status, out, _ = run('lookup', address, '-o', 'json')
    return status, json.loads(out)[0]


with tempfile.TemporaryDirectory() as top:
    node = os.path.join(top, 'node')
    os.mkdir(node)

    def write(name, text):
        path = os.path.join(top, name)
        with open(path, 'w') as f:
            f.write(text)
        return path

    status, _, err = run('lookup', '192.0.2.1')
    check('no tables', (status, 'tables build' in err), (3, True))
    status, _, err = run('build', '--data', os.path.join(top, 'nowhere'))
    check('a build says what it found', status in (0, 3), True)
    networks = write('networks.csv', '192.0.2.0,192.0.2.255,64500,"Example, Ltd."\n2001:db8::,2001:db8::ffff,64501,Other\n')
    status, out, err = run('import', networks, '--date', '2026-01-02', '--source', 'made up', '-o', 'jsonl')
    check('import', status, 0)
    row = [r for r in map(json.loads, out.splitlines()) if r['name'] == 'networks'][0]
    check('shown', [row[k] for k in ('kind', 'date', 'rows', 'rejected', 'source')], ['asn', '2026-01-02', 2, 0, 'made up'])
    os.unlink(networks)  # a copy was kept
    first = write('First Vote.csv', 'prefix,country\n192.0.2.0/25,XA\n')
    second = write('second.csv', 'prefix,country\n192.0.2.0/24,XB\nnonsense,XB\n')
    check('import again', run('import', first, '--kind', 'country', '--date', '2026-01-03')[0], 0)
    status, _, err = run('import', second, '--name', 'second', '--date', '2026-01-04')
    check('malformed rows are told', (status, '1 malformed rows' in err, ':3:1: is no prefix' in err), (0, True, True))

    status, a = lookup('192.0.2.9')
    check('lookup', [a[k] for k in ('address', 'country', 'asn', 'name', 'prefix', 'dataset', 'date', 'disputed')],
          ['192.0.2.9', 'XA', 64500, 'Example, Ltd.', '192.0.2.0/25', 'networks', '2026-01-02', True])
    check('votes', (a['country_dataset'], a['votes']['first-vote'], a['votes']['second']), ('first-vote', 'XA', 'XB'))
    status, a = lookup('192.0.2.200')
    check('other half', (a['country'], a['disputed'], a['prefix']), ('XB', False, '192.0.2.128/25'))
    status, a = lookup('10.1.2.3')
    check('bogon', (status, a['asn'], a['country'], a['kind'], a['prefix']), (1, 0, '', 'private', '10.1.2.3/32'))
    status, out, _ = run('lookup', '-', '-o', 'csv', stdin='2001:db8::7\n\n192.0.2.1\n')
    rows = list(csv.DictReader(io.StringIO(out)))
    check('from standard input', (status, [r['asn'] for r in rows], rows[1]['name']), (0, ['64501', '64500'], 'Example, Ltd.'))
    status, out, err = run('lookup', '-', '-o', 'csv', stdin='192.0.2.1 \r\n\t2001:db8::7\t\nnonsense\n' + 'x' * 5000 + '\n192.0.2.1\x1b\n\n  \n192.0.2.2')
    rows = list(csv.DictReader(io.StringIO(out)))
    check('bad lines are named, the others answered', (status, [r['address'] for r in rows]), (3, ['192.0.2.1', '2001:db8::7', '192.0.2.2']))
    told = err.splitlines()
    check('each with its number', [t.split('`')[0] for t in told], [f'detente: (standard input):{n}: ' for n in (3, 4, 5)])
    check('in a line that is short and harmless', (len(told[1]) < 120, '\x1b' in err), (True, False))
    check('no address', run('lookup', 'nonsense')[0], 2)
    status, out, err = run('lookup', 'nonsense', '192.0.2.1', '-o', 'jsonl')
    check('nor do arguments stop at it', (status, len(out.splitlines())), (2, 1))

    write('node/detente.yaml', 'tables:\n  stale: 36500d\n  country-order: [second]\n')
    third = write('third.csv', 'prefix,country\n198.51.100.0/24,XC\n')
    check('import a third', run('import', third, '--date', '2026-01-05')[0], 0)
    check('the order of the configuration', lookup('192.0.2.9')[1]['country'], 'XB')
    check('nothing is stale', run('show')[0], 0)
    write('node/detente.yaml', 'tables: {stale: 1d}\n')
    check('stale', run('show')[0], 1)
    write('node/detente.yaml', 'tables: {stale: 1}\n')
    status, _, err = run('show')
    check('bad configuration', (status, 'detente.yaml:1:17: ' in err), (3, True))
    os.unlink(os.path.join(node, 'detente.yaml'))

    before = lookup('192.0.2.9')
    bad = write('bad.csv', 'hello\n')
    status, _, err = run('import', bad)
    check('not a dataset', (status, 'bad.csv:1:1: ' in err), (3, True))
    check('kind', run('import', third, '--kind', 'city')[0], 2)
    check('date', run('import', third, '--date', 'today')[0], 2)
    status, _, err = run('import', third, '--date', '2999-01-01')
    check('a date to come', (status, 'in the future' in err), (2, True))
    check('a failed import changes nothing', lookup('192.0.2.9'), before)
    with open(os.path.join(node, 'tables', 'tables.bin'), 'r+b') as f:
        f.seek(5000)
        f.write(b'\xff\xff')
    status, _, err = run('lookup', '192.0.2.1')
    check('damaged', (status, 'checksum' in err and 'tables build' in err), (3, True))

print('ok' if failures == 0 else f'{failures} failures')
sys.exit(failures > 0)
