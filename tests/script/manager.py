#!/usr/bin/env python3
"""A service manager is told how the node is: manager.py DETENTE.  sd_notify(3)'s datagrams."""
import os, shutil, socket, subprocess, sys, tempfile, time

detente = os.path.abspath(sys.argv[1])
top = tempfile.mkdtemp(prefix='detente-manager.')
faults = 0


def check(what, good, more=''):
    global faults
    if not good:
        faults += 1
        print('FAULT', what, more)


try:
    subprocess.run([detente, '--dir', 'n', 'init'], cwd=top, check=True, capture_output=True)
    with open(top + '/n/detente.yaml', 'w') as f:
        f.write('listen:\n  - address: 127.0.0.1:0\n    what: page\n')
    s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    s.bind(top + '/notify')
    s.settimeout(10)
    p = subprocess.Popen([detente, '--dir', 'n', 'serve'], cwd=top, stderr=subprocess.DEVNULL,
                         env={**os.environ, 'NOTIFY_SOCKET': top + '/notify', 'WATCHDOG_USEC': '1000000'})
    check('ready', s.recv(999).startswith(b'READY=1'))
    started = time.time()
    for _ in range(4):
        check('alive', s.recv(999) == b'WATCHDOG=1')
    check('often enough', time.time() - started < 2.5, f'{time.time() - started:.1f} s')
    p.terminate()
    while s.recv(999) != b'STOPPING=1':  # or it times out
        pass
    check('exit', p.wait() == 0)
finally:
    shutil.rmtree(top, ignore_errors=True)
print(f'{faults} faults')
sys.exit(faults != 0)
