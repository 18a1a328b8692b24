#!/usr/bin/env python3
"""A node that is lost and comes back from its backup goes on with what others give: sources where they were, with what they
show of themselves, and indicators.  kept.py DETENTE"""
import io, os, shutil, subprocess, sys, tarfile
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import client
from client import PASSWORD, cli, identity, make, numbers, post, pull, root, rows
import scene
from scene import check, detente, end, top


def names(file):
    p = subprocess.run(['zstd', '-dc', file], cwd=top, capture_output=True, check=True)
    return sorted(tarfile.open(fileobj=io.BytesIO(p.stdout)).getnames())


def forged(name, content=b'{}'):
    """A backup with a file that none may have."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode='w') as t:
        info = tarfile.TarInfo(name)
        info.size = len(content)
        t.addfile(info, io.BytesIO(content))
    with open(f'{top}/forged', 'wb') as f:
        f.write(subprocess.run(['zstd', '-q'], input=out.getvalue(), capture_output=True, check=True).stdout)
    _, said = cli('b', 'restore', '--verify', 'forged', code=3)
    check(f'{name} is not taken', 'it holds' in said, said)
    cli('forged.dir', 'restore', 'forged', code=3)
    check('nothing came of it', not [f for _, _, fs in os.walk(f'{top}/forged.dir') for f in fs if f != 'restored'])
    shutil.rmtree(f'{top}/forged.dir')


def come_back(file):
    """As the disk was lost, but for its mark."""
    shutil.copy(f'{top}/b/mark', f'{top}/mark')
    shutil.rmtree(f'{top}/b')
    os.mkdir(f'{top}/b', 0o700)
    shutil.copy(f'{top}/mark', f'{top}/b/mark')
    cli('b', 'restore', file)


def main():
    make('a')
    make('b')
    for name, text in (('password', PASSWORD + '\n'), ('list', '198.51.100.7\n203.0.113.9\n')):
        with open(f'{top}/{name}', 'w') as f:
            f.write(text)
    cli('a', 'exchange', 'user', 'add', 'reader', '--password-file', 'password')
    given, _ = cli('a', 'exchange', 'collection', 'add', '--title', 'Given', '--alias', 'given', '--reader', 'reader', '--writer', 'reader')
    cli('b', 'exchange', 'collection', 'add', '--title', 'Taken', '--alias', 'taken')
    a = scene.Node(dir='a')
    post(a, given, [identity(n) for n in range(1200)])
    cli('b', 'exchange', 'source', 'add', 'a', '--url', a.url.rstrip('/') + '/taxii2/', '--into', 'taken', '--user', 'reader', '--password-file', 'password')
    check('pulled', numbers(pull('b', 'a')[0]) == (1200, 0, 0, 2))
    cli('b', 'indicator', 'import', 'list', '--kind', 'addresses', '--valid-from', '2026-01-01T00:00:00Z')
    for odd in ('\u00e4.json', 'x' * 250 + '.json'):
        with open(f'{top}/b/indicators/{odd}', 'w') as f:
            f.write('{"type":"bundle","id":"bundle--00000000-0000-4000-8000-000000000000"}')
    _, said = cli('b', 'backup', 'without')
    check('what is not in it is said', '1 files of exchange/sources' in said and 'left out: 2 files of indicators/' in said, said)
    check('no secret without keys', not [n for n in names('without') if n.endswith(('.secret', '.key', '.lock', '.pem'))] and 'exchange/sources/a.json' in names('without'), names('without'))
    _, said = cli('b', 'backup', '--keys', 'with')
    check('all of it with keys', 'exchange/sources/a.secret' in names('with') and 'of exchange/sources' not in said, (names('with'), said))
    check('no lock', not [n for n in names('with') if n.endswith('.lock')], names('with'))
    for odd in ('\u00e4.json', 'x' * 250 + '.json'):
        os.unlink(f'{top}/b/indicators/{odd}')
    cli('b', 'restore', '--verify', 'with')
    before = [rows('b', *x)[0] for x in (('exchange', 'status'), ('exchange', 'source', 'list'), ('indicator', 'list'))]
    check('there is something to lose', before[0][0]['objects'] and len(before[2]) == 2, before)

    come_back('with')
    after = [rows('b', *x)[0] for x in (('exchange', 'status'), ('exchange', 'source', 'list'), ('indicator', 'list'))]
    check('as before', before == after, (before, after))
    check('indicators are looked for again', os.path.getsize(f'{top}/b/indicators/compiled.bin') > 0)
    for f in ('exchange', 'exchange/sources', 'indicators'):
        check(f'{f} is nobody else\'s', os.stat(f'{top}/b/{f}').st_mode & 0o777 == 0o700)
    for f in os.listdir(f'{top}/b/exchange/sources'):
        check(f'{f} is nobody else\'s', os.stat(f'{top}/b/exchange/sources/{f}').st_mode & 0o777 == 0o600)
    check('one request, and nothing twice', numbers(pull('b', 'a')[0]) == (0, 0, 0, 1))
    post(a, given, [identity(n) for n in range(1200, 1210)])
    check('it goes on', numbers(pull('b', 'a')[0]) == (10, 0, 0, 1))
    check('the roots are equal', root('a', 'given') == root('b', 'taken'))

    # The sources' files are older than the store, never newer: what came between is got again.
    shutil.copy(f'{top}/b/exchange/sources/a.secret', f'{top}/secret')
    shutil.copytree(f'{top}/b/keys', f'{top}/keys')
    cli('b', 'backup', 'later')
    come_back('later')
    shutil.copytree(f'{top}/keys', f'{top}/b/keys', dirs_exist_ok=True)
    got, _ = pull('b', 'a', code=3)
    check('without its password it says so', 'password or token is gone' in got['fault'], got)
    shutil.copy(f'{top}/secret', f'{top}/b/exchange/sources/a.secret')
    check('with it, it goes on', numbers(pull('b', 'a')[0]) == (0, 0, 0, 1))

    # A file that was changed, and names that lead elsewhere.
    with open(f'{top}/with', 'rb') as f:
        text = bytearray(subprocess.run(['zstd', '-dc'], input=f.read(), capture_output=True, check=True).stdout)
    text[text.index(b'"added": 1200') + 9] ^= 1
    with open(f'{top}/changed', 'wb') as f:
        f.write(subprocess.run(['zstd', '-q'], input=bytes(text), capture_output=True, check=True).stdout)
    cli('b', 'restore', '--verify', 'changed', code=6)
    for name in ('exchange/sources/../../x.json', 'exchange/sources/A.json', 'exchange/sources/a.lock', 'exchange/sources/a.json/x', 'exchange/x.json', 'indicators/../x.json',
                 'indicators/.x.json', 'indicators/x', '/indicators/x.json', 'indicators/' + 'x' * 300 + '.json'):
        forged(name)
    a.stop()


main()
end()
