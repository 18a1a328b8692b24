#!/usr/bin/env python3
"""Who may what over HTTP: rights.py DETENTE MANUAL API.

The table in the manual is the list of what is tried, each row with a session and a token of every
role and with nothing, on a listener of loopback and on one that shows nothing to strangers.  No
path that the other manual names takes any other method.  In the end the log has a leaf for each
act that was let through, and no other."""
import re, socket, ssl, sys, urllib.request

import scene
from scene import check, run

ROLES = 'viewer', 'analyst', 'approver', 'auditor'
rows = [(m, p, dict(zip((*ROLES, 'token', 'nobody'), may.split(' Ta '))))
        for m, p, may in re.findall(r'^\.It Li (\w+) Pa (\S+) Ta (.*)$', open(sys.argv[2]).read(), re.M)]
check('the manual has a table', len(rows) == 6 and all(len(r[2]) == 6 for r in rows), rows)
paths = sorted({p.split('?')[0] for p in re.findall(r'(?:GET|POST|PUT|DELETE|PATCH) (/[^\s`]*)', open(sys.argv[3]).read())})
paths = [p for p in paths if not p.startswith('/witness/')]  # is for other logs, who are nobody here
paths = [re.sub('<[^>]*>|ID', '1-0', p.replace('<number>', '7').replace('<pact>', 'a-b').replace('<incident>', 'a-7').replace('<type>', 'ack')) for p in paths] + ['/', '/log/checkpoint', '/readyz', '/livez', '/metrics']
check('paths that change something are in the table', all(p in paths for _, p, _ in rows), paths)
with socket.socket() as s:
    s.bind(('127.0.0.1', 0))
    port = s.getsockname()[1]
scene.init(f'  - address: 0.0.0.0:{port}\n    tls: true\nhosts: [localhost, 127.0.0.1]\n')
node = scene.Node()
tls = ssl.create_default_context(cafile=scene.top + '/n/keys/ca.pem')
doors = [(node.url, None), (f'https://127.0.0.1:{port}', tls)]
acts = 0


def knock(door, method, path, body=None, **headers):
    """Through that door, as a page of its own would."""
    node.url = doors[door][0]
    urllib.request.install_opener(urllib.request.build_opener(urllib.request.HTTPSHandler(context=doors[door][1])) if door else None)
    return node.ask(path, body, method, Origin=node.url, **headers)


def link(name):
    global acts
    acts += 1
    return {'link': re.search('link=(.*)', run('user', 'link', name).stdout)[1]}


def sign_in(door, name):
    global acts
    acts += 1
    status, _ = knock(door, 'POST', '/api/v1/session', link(name))
    check(f'{name} signs in', status == 200, status)
    return {'Cookie': node.head['Set-Cookie'].split(';')[0]}


def try_row(door, method, path, who, role, shown):
    """True when it was let through."""
    global acts
    body = {'password': 'correct horse'} if path.endswith('password') else link(ROLES[0]) if path.endswith('session') and method == 'POST' else None
    status, answer = knock(door, method, path, body, **shown)
    through = (200, 404) if 'incidents' in path else (200,)  # there is no such incident, for who may ask
    check(f'{who} {role}: {method} {path}', status in (*through, 401, 403), (status, answer))
    acts += status == 200 and method != 'GET'
    return status in through


for role in ROLES:
    check('user add', run('user', 'add', role, '--role', role).returncode == 0)
    acts += 1
tokens = {r: {'Authorization': 'Bearer ' + run('token', 'add', 't-' + r, '--role', r).stdout.strip()} for r in ROLES}
acts += len(ROLES)
try:
    for door in range(2):
        for method, path, may in rows:
            for role in ROLES:
                got = try_row(door, method, path, 'session', role, sign_in(door, role))
                check(f'{role} {method} {path}', got == (may[role] == 'yes'), got)
                got = try_row(door, method, path, 'token', role, tokens[role])
                check(f'token of {role} {method} {path}', got == (may['token'] == 'yes' or (may['token'] == 'role' and may[role] == 'yes')), got)
                if method == 'PUT':
                    scene.time.sleep(1.1)  # one password a second is hashed
            got = try_row(door, method, path, 'nobody', '', {})
            check(f'nobody {method} {path}', got == (may['nobody'] == 'yes' or (may['nobody'] == 'loopback' and door == 0)), got)
        cookie = sign_in(door, 'approver')
        for path in paths:
            for method in 'POST', 'PUT', 'DELETE', 'PATCH':
                if (method, path) not in [r[:2] for r in rows]:
                    status, _ = knock(door, method, path, {}, **cookie)
                    check(f'{method} {path} is no request', status == 405, status)
    first = 2 + 2 + 4  # the log's own, those of TLS, and the keys of the node
    size = run('log', 'show', str(first + acts)).returncode, run('log', 'show', str(first - 1 + acts)).returncode
    check('a leaf for each act, and no other', size == (1, 0), (size, acts))
finally:
    check('exit', node.stop() == 0)
check('fsck', run('log', 'fsck').returncode == 0)
scene.end(f'{acts} acts, ')
