#!/usr/bin/env python3
"""Live viewers that cost little: viewers.py DETENTE SCRATCH.

Memory of 1,000 idle streams over all roles, plain and with TLS; and how late a live message is at
others while 20 of them never read."""
import datetime, os, re, resource, select, socket, ssl, sys, time
from node import Node, rate

detente, scratch = os.path.abspath(sys.argv[1]), sys.argv[2]
VIEWERS, STALLED, WATCHED = 1000, 20, 20
tables = scratch + '/tables.bin' if os.path.exists(scratch + '/tables.bin') else None


def connect(port, i, tls=None, room=None):
    s = socket.socket()
    if room:
        s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, room)
    s.bind((f'127.0.{1 + i // 200}.{1 + i % 200}', 0))  # a limit counts by address
    s.connect(('127.0.0.1', port))
    if tls:
        s = tls.wrap_socket(s)
    s.sendall(b'GET /api/v1/live HTTP/1.1\r\nHost: localhost:%d\r\n\r\n' % port)
    return s


def read_some(s):
    """What waits; None at the end."""
    try:
        return s.recv(65536) or None
    except (ssl.SSLWantReadError, BlockingIOError):
        return b''


def settle(streams, seconds):
    """Read what comes, as a browser does."""
    poll = select.epoll()
    for s in streams:
        s.setblocking(False)
        poll.register(s.fileno(), select.EPOLLIN)
    by_fd = {s.fileno(): s for s in streams}
    got = dict.fromkeys(by_fd, b'')
    end = time.time() + seconds
    while time.time() < end:
        for fd, _ in poll.poll(0.1):
            data = read_some(by_fd[fd])
            while data:
                got[fd] = (got[fd] + data)[:16]
                data = read_some(by_fd[fd])
    return got


def memory(node, name, port, tls, limit):
    before = node.pss()
    streams, live = [], 0
    for i in range(VIEWERS):
        streams.append(connect(port, i, tls))
        if i % 50 == 49:
            live += sum(b' 200 ' in head for head in settle(streams[-50:], 0.3).values())
    settle(streams, 3)
    after = node.pss()
    grown = sum(after.values()) - sum(before.values())
    rate(name, grown / 1e6, 'MB', f'limit: {limit}; {live} streams, {grown // max(len(streams), 1)} bytes each, of roles: '
         + ' '.join(f'{k} {(after[k] - before[k]) >> 10} kB' for k in after))
    for s in streams:
        s.close()
    time.sleep(1)


def watch(streams, seconds):
    """Milliseconds from a publication to its arrival, of all streams, sorted."""
    poll, late = select.epoll(), []
    by_fd = {s.fileno(): s for s in streams}
    for s in streams:
        s.setblocking(False)
        poll.register(s.fileno(), select.EPOLLIN)
    end = time.time() + seconds
    while time.time() < end:
        for fd, _ in poll.poll(0.1):
            data, at = read_some(by_fd[fd]) or b'', time.time()
            for said in re.findall(rb'event: delta\ndata: .*?"now":"([^"]+)Z"', data):
                when = datetime.datetime.fromisoformat(said.decode() + '+00:00').timestamp()
                late.append((at - when) * 1000)
    return sorted(late)


def delays(port):
    """The same viewers alone, and beside others whose sockets take nothing more."""
    streams = [connect(port, i) for i in range(WATCHED)]
    settle(streams, 1)
    alone = watch(streams, 8)
    stalled = [connect(port, 200 + i, room=2048) for i in range(STALLED)]
    settle(streams, 8)  # until their sockets are full
    beside = watch(streams, 8)
    p95 = [late[len(late) * 95 // 100] for late in (alone, beside)]
    rate('live_p95', p95[0], 'ms', f'{WATCHED} viewers, from publication to arrival; {len(alone)} messages')
    rate('live_p95_stalled', p95[1], 'ms', f'limit: 10 ms more than alone; beside {len(stalled)} that never read; {len(beside)} messages')
    for s in streams + stalled:
        s.close()


resource.setrlimit(resource.RLIMIT_NOFILE, (4096, resource.getrlimit(resource.RLIMIT_NOFILE)[1]))
conf = '  - address: 127.0.0.1:18498\n    what: page\n    tls: true\n'
context = ssl.create_default_context()
context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
for name, port, tls, limit in ('viewers_plain', 18497, None, 20), ('viewers_tls', 18498, context, 30):
    with Node(detente, scratch + '/node.viewers', tables, conf, listen='127.0.0.1:18497', more=['--sample']) as node:
        time.sleep(2)
        memory(node, name, port, tls, limit)
with Node(detente, scratch + '/node.viewers', tables, conf, listen='127.0.0.1:18497', more=['--sample']) as node:
    time.sleep(2)
    delays(18497)
