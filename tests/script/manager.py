#!/usr/bin/env python3
"""A service manager is told how the node is: manager.py DETENTE.  sd_notify(3)'s datagrams."""
import socket, time

import scene
from scene import check

scene.init('    what: page\n')
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
s.bind(scene.top + '/notify')
s.settimeout(10)
node = scene.Node(NOTIFY_SOCKET=scene.top + '/notify', WATCHDOG_USEC='1000000')
try:
    check('ready', s.recv(999).startswith(b'READY=1'))
    started = time.time()
    for _ in range(4):
        check('alive', s.recv(999) == b'WATCHDOG=1')
    check('often enough', time.time() - started < 2.5, f'{time.time() - started:.1f} s')
    node.process.terminate()
    while s.recv(999) != b'STOPPING=1':  # or it times out
        pass
finally:
    check('exit', node.stop() == 0)
scene.end()
