#!/usr/bin/env python3
"""`detente inventory show, set, drop, diff, assets`: assets.py DETENTE"""
import json, os, subprocess, sys, tempfile, time

faults = 0
detente = os.path.abspath(sys.argv[1])
folder = tempfile.TemporaryDirectory()
os.chdir(folder.name)


def check(what, ok, got=None):
    global faults
    if not ok:
        faults += 1
        print('FAULT', what, got)


def run(*args, text=None):
    return subprocess.run([detente, '--dir', 'n', *args], input=text, capture_output=True, text=True)


def good(*args, text=None):
    p = run(*args, text=text)
    check(' '.join(args), p.returncode == 0, p)
    return p


def fails(code, word, *args, text=None):
    p = run(*args, text=text)
    check(' '.join(args), p.returncode == code and word in p.stderr, p)


def deb(**packages):
    return ''.join(f'Package: {n}\nStatus: install ok installed\nArchitecture: amd64\nVersion: {v}\n\n' for n, v in packages.items())


def take(asset, **packages):
    good('inventory', 'import', 'dpkg', '-', '--asset', asset, '--release', 'Debian:12', text=deb(**packages))


def show(asset):
    return json.loads(good('inventory', 'show', asset, '--json').stdout)


def diff(*args):
    return [(r['change'], r['package'], r['from'], r['to']) for r in json.loads(good('inventory', 'diff', *args, '-o', 'json').stdout)]


os.mkdir('n')
fails(1, 'inventory import', 'inventory', 'show', 'web')
take('web', a='1.0', b='1:0.9', c='2.0~rc1', d='1')
p = good('inventory', 'set', 'web', '--exposure', 'open', '--criticality', '90', '--owner', 'Ops, "web"', '--country', 'XN', '--address', '192.0.2.0/28', '--address', '2001:db8::1')
check('no word more', p.stderr == '', p)
x = show('web')
check('what was set', (x['exposure'], x['criticality'], x['owner'], x['country'], x['addresses']) == (
    'open', 90, 'Ops, "web"', 'XN', ['192.0.2.0-192.0.2.15', '2001:db8::1']) and x['lists'][0]['packages'] == 4, x)
good('inventory', 'set', 'web', '--criticality', '50')
check('the rest stays', show('web')['exposure'] == 'open' and len(show('web')['addresses']) == 2)
good('inventory', 'set', 'web', '--criticality', '', '--address', '192.0.2.77')
check('nothing said', 'criticality' not in show('web') and show('web')['addresses'] == ['192.0.2.77'])
check('for people', 'owner: Ops' in good('inventory', 'show', 'web').stdout)
check('packages', [(r['package'], r['version']) for r in json.loads(good('inventory', 'show', 'web', '--packages', '-o', 'json').stdout)] == [
    ('a', '1.0'), ('b', '1:0.9'), ('c', '2.0~rc1'), ('d', '1')])
p = good('inventory', 'set', 'new', '--exposure', 'small')
check('is new', 'is new here' in p.stderr, p)
for word, args in (('small, controlled or open', ('--exposure', 'wide')), ('50 to 100', ('--criticality', '49')), ('50 to 100', ('--criticality', '101')),
                   ('whole number', ('--criticality', 'high')), ('two capital', ('--country', 'xn')), ('host bits', ('--address', '192.0.2.1/24')),
                   ('host bits', ('--address', '192.0.2.9-192.0.2.1')), ('give what to set', ())):
    fails(2, word, 'inventory', 'set', 'web', *args)
check('nothing changed', show('web')['addresses'] == ['192.0.2.77'])

# Many at once: what is written is what is read.
good('inventory', 'set', 'web', '--criticality', '70', '--address', '192.0.2.0/28', '--address', '2001:db8::/64')
table = good('inventory', 'list', '-o', 'csv').stdout
good('inventory', 'drop', 'new')
fails(1, 'inventory list', 'inventory', 'show', 'new')
p = good('inventory', 'assets', '-', text=table)
check('counts', '2 assets set, 1 of them new' in p.stderr, p)
check('the same', good('inventory', 'list', '-o', 'csv').stdout == table)
good('inventory', 'assets', '-', text='asset,owner\nweb,Nobody\n')
check('columns that are not there stay', show('web')['owner'] == 'Nobody' and show('web')['criticality'] == 70)
many = 'asset,exposure,criticality\n' + ''.join(f'm{i:05},controlled,60\n' for i in range(20000))
begin = time.time()
good('inventory', 'assets', '-', text=many)
check('fast', time.time() - begin < 5, time.time() - begin)
for word, text in (('-:2:5:', 'asset,exposure\nweb,wide\n'), ('is no column', 'asset,colour\n'), ('`asset` is one', 'owner\nx\n'),
                   ('more or fewer', 'asset,owner\nweb\n'), ('first line', ''), ('1 to 127', 'asset,owner\n"",x\n'), ('-:3:', 'asset,addresses\nweb,192.0.2.1\nweb,no\n')):
    p = run('inventory', 'assets', '-', text=text)
    check(text, p.returncode in (2, 3) and word in p.stderr, p)
check('whole or not at all', len(show('web')['addresses']) == 2)

# What came, went and changed.
fails(1, 'inventory show', 'inventory', 'diff', 'web')
between = time.strftime('%Y-%m-%dT%H:%M:%SZ', time.gmtime(time.time() + 1))
time.sleep(1.2)
take('web', a='1.0', b='1.5', c='2.0', e='1')
want = [('downgraded', 'b', '1:0.9', '1.5'), ('upgraded', 'c', '2.0~rc1', '2.0'), ('removed', 'd', '1', ''), ('added', 'e', '', '1')]
check('the newest against the one before', diff('web') == want, diff('web'))
take('web', a='1.1', e='1')
check('since', diff('web', '--since', between) == [('upgraded', 'a', '1.0', '1.1'), ('removed', 'b', '1:0.9', ''), ('removed', 'c', '2.0~rc1', ''),
                                                   ('removed', 'd', '1', ''), ('added', 'e', '', '1')], diff('web', '--since', between))
fails(1, 'nothing to compare', 'inventory', 'diff', 'web', '--since', '2001-01-01')
take('mail', a='0.9', e='1', f='3')
check('two assets', diff('mail', 'web') == [('upgraded', 'a', '0.9', '1.1'), ('removed', 'f', '3', '')], diff('mail', 'web'))
good('inventory', 'import', 'cyclonedx', '-', '--asset', 'app', text=json.dumps({'bomFormat': 'CycloneDX', 'specVersion': '1.5', 'components': [
    {'type': 'library', 'name': 'x', 'version': v, 'purl': f'pkg:npm/x@{v}'} for v in ('1.0.0', '2.0.0', '2.10.0')]}))
good('inventory', 'import', 'cyclonedx', '-', '--asset', 'app', text=json.dumps({'bomFormat': 'CycloneDX', 'specVersion': '1.5', 'components': [
    {'type': 'library', 'name': 'x', 'version': v, 'purl': f'pkg:npm/x@{v}'} for v in ('1.0.0', '2.9.0', '2.11.0', '3.0.0')]}))
check('several versions', diff('app') == [('upgraded', 'x', '2.0.0', '2.9.0'), ('upgraded', 'x', '2.10.0', '2.11.0'), ('added', 'x', '', '3.0.0')], diff('app'))
for v, n in (('1.0', 'n1'), ('1.1', 'n2')):
    good('inventory', 'import', 'cpe', '-', text=f'box\tcpe:2.3:a:example:{n}:{v}:*:*:*:*:*:*:*\nbox\tcpe:2.3:a:example:edge:{v}:*:*:*:*:*:*:*\n')
check('by CPE', diff('box') == [('changed', 'a:example:edge', '1.0', '1.1'), ('removed', 'a:example:n1', '1.0', ''), ('added', 'a:example:n2', '', '1.1')], diff('box'))
fails(2, 'one asset', 'inventory', 'diff', 'a', 'b', '--since', '7d')
fails(1, 'inventory list', 'inventory', 'diff', 'wep')
print(faults, 'faults')
sys.exit(faults != 0)
