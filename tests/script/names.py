#!/usr/bin/env python3
"""Name servers that are silent: names.py DETENTE.

In a network of its own no name server answers.  Receivers that are named wait for that; those that
need no name are told at once, and the courier lives on.  Exit 77 where no such network can be made."""
import os, re, socket, subprocess, sys, tempfile, threading, time

if len(sys.argv) < 3:
    inside = ['unshare', '-rmn', '--propagation', 'private']
    if subprocess.run([*inside, 'true'], capture_output=True).returncode != 0:
        sys.exit(77)
    sys.exit(subprocess.run([*inside, sys.executable, __file__, sys.argv[1], 'inside']).returncode)

import scene
from scene import check, wait

SERVERS = ['127.0.0.9', '127.0.0.10', '127.0.0.11']
with tempfile.NamedTemporaryFile('w') as f:
    f.write(''.join(f'nameserver {a}\n' for a in SERVERS) + 'search cert.example\n')
    f.flush()
    made = [subprocess.run(c, capture_output=True).returncode
            for c in (['ip', 'link', 'set', 'lo', 'up'], ['mount', '--bind', f.name, '/etc/resolv.conf'])]
if made != [0, 0]:
    sys.exit(77)
silent = [socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in SERVERS]
for s, address in zip(silent, SERVERS):
    s.bind((address, 53))
hook = socket.create_server(('127.0.0.1', 0))
got = []


def serve():
    while True:
        c, _ = hook.accept()
        got.append(re.search(rb'Detente-Delivery: (\S+)', c.recv(65536))[1])
        c.sendall(b'HTTP/1.1 204 Good\r\n\r\n')
        c.close()


threading.Thread(target=serve, daemon=True).start()
scene.init('notify:\n' + ''.join(
    f'  - {{name: u{i}, url: "syslog+udp://u{i}.cert.example", least: info}}\n'
    f'  - {{name: w{i}, url: "https://w{i}.cert.example/", secret: key, least: info}}\n'
    f'  - {{name: m{i}, url: "smtps://m{i}.cert.example", from: a@cert.example, to: [b@cert.example], least: info}}\n'
    for i in range(3)) + f'  - {{name: z, url: "http://127.0.0.1:{hook.getsockname()[1]}/", secret: key, least: info}}\n')
with open(os.open(scene.top + '/n/key', os.O_WRONLY | os.O_CREAT, 0o600), 'w') as f:
    f.write('a key')
node = scene.Node()
courier = node.roles().get('detente-courier')
wait(5, 'who needs no name is told', lambda: got)
time.sleep(15)  # further than the first tries
check('told once', got == [b'1-trigger'], str(got))
check('the courier lives', node.roles().get('detente-courier') == courier, node.said)
failing = scene.run('notify', 'list').stdout
check('it is said why', 'u0.cert.example: no name server answers' in failing, failing)
start = time.time()
check('exit', node.stop() == 0)
check('it ends soon', time.time() - start < 9)
scene.end()
