#!/usr/bin/env python3
"""`make demo` as a newcomer sees it, with clocks that are moved: demo.py DETENTE DEMO.

The states and the words of both sides at each step; that it ends clean, also when it is stopped, or cannot begin."""
import json, os, random, re, signal, socket, subprocess, sys, time

import scene
from scene import check, detente, top

demo = os.path.abspath(sys.argv[2])
PARTIAL, UNSEEN, OPEN, SUSPENDED = 'unknown: partial visibility', 'unknown: no visibility', 'open incidents', 'suspended: out of contact'


def ports():
    while True:
        n = random.randrange(20000, 32000)
        with socket.socket() as s, socket.socket() as t:
            try:
                s.bind(('127.0.0.1', n))
                t.bind(('127.0.0.1', n + 1))
            except OSError:
                continue
        return f'{n},{n + 1}'


def begin(*more):
    return subprocess.Popen([sys.executable, demo, detente, '--fast', '--pages', ports(), '--peers', ports(), *more], cwd=top, text=True,
                            stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True)


def left(p):
    """Processes of its session that are there still."""
    found = []
    for name in filter(str.isdigit, os.listdir('/proc')):
        try:
            with open(f'/proc/{name}/stat') as f:
                fields = f.read().rsplit(')', 1)[1].split()
        except OSError:
            continue
        if int(fields[3]) == p.pid and fields[0] != 'Z':
            found.append(int(name))
    return found


def tour():
    p = begin('--keep', '--record', 'record')
    try:
        out, err = p.communicate(timeout=170)
    except subprocess.TimeoutExpired:
        p.terminate()
        out, err = p.communicate(timeout=60)
    check('it ends well', p.returncode == 0, out[-2000:] + err)
    check('nothing is left', left(p) == [], left(p))
    steps = {x['step']: x for x in map(json.loads, open(top + '/record'))}

    def words(step):
        of = steps.get(step, {'words': {}})['words']
        return [of.get(log, {}).get(bound, {}).get('word') for bound in ('southmark', 'northland') for log in ('northland', 'southmark')]
    unknown = {PARTIAL, UNSEEN}
    check('before anything happened nobody is compliant', set(words('pact')) <= unknown, words('pact'))
    for step, state in ('attack', 'RECEIVED'), ('ack', 'ACKNOWLEDGED'), ('answer', 'ANSWERED'), ('act', 'ACTED'), ('canary', 'ACTED'), ('drill', 'ACTED'):
        check(f'{step}: {state} at both', steps.get(step, {}).get('states') == {'northland': state, 'southmark': state}, steps.get(step))
        check(f'{step}: open at both', words(step)[:2] == [OPEN, OPEN] and set(words(step)[2:]) <= unknown, words(step))
    check('closed at both', steps.get('close', {}).get('states') == {'northland': 'CLOSED', 'southmark': 'CLOSED'}, steps.get('close'))
    for step in 'close', 'mended':
        check(f'{step}: compliant by who saw it', words(step)[0] == 'compliant' and words(step)[1] == PARTIAL and set(words(step)[2:]) <= unknown, words(step))
    # a cut that is short changes none
    check('cut: as before', words('cut')[:2] == ['compliant', PARTIAL], words('cut'))
    check('cut: suspended', words('suspended') == [SUSPENDED] * 4, words('suspended'))
    seen = steps.get('close', {'words': {'northland': {'southmark': {}}}})['words']['northland']['southmark']
    check('by what it is said', (seen.get('found'), seen.get('canaries')) == (32, 32) and seen.get('coverage_ppm', 0) >= 800000, seen)
    # what it shows can be typed
    lines = re.findall(r'^  look: (/\S+ --dir .*)$', out, re.M)
    check('there are such', len(lines) >= 4, out)
    for line in lines:
        got = subprocess.run(line.split(), cwd=top, capture_output=True, text=True, timeout=60)
        check(line, got.returncode == 0 and got.stdout, (got.returncode, got.stderr))
    for name in 'northland', 'southmark':
        page = open(f'{top}/demo/report-{name}.html').read()
        check(f'{name}: the report', 'northland-1' in page and '198.51.100.77/32' in page and 'confirmed quiet' in page, page[:500])
        got = subprocess.run([detente, '--dir', f'demo/{name}', 'log', 'fsck'], cwd=top, capture_output=True, text=True, timeout=60)
        check(f'{name}: fsck', got.returncode == 0, got.stderr)
        got = subprocess.run([detente, '--dir', f'demo/{name}', 'top', 'origins', '--by', 'address', '--limit', '0', '-o', 'json'], cwd=top, capture_output=True, text=True, timeout=60)
        origins = [x['address'] for x in json.loads(got.stdout)]
        documentation = ('192.0.2.', '198.51.100.', '203.0.113.', '2001:db8:')
        check(f'{name}: addresses of documentation alone', len(origins) > 5 and all(x.startswith(documentation) for x in origins), origins)


def stopped():
    """By Ctrl-C in the middle: to all of the terminal's processes, as a terminal does."""
    p = begin()
    text = ''
    while not re.search(r'^3\. ', text, re.M):
        line = p.stdout.readline()
        if not line:
            break
        text += line
    os.killpg(p.pid, signal.SIGINT)
    try:
        p.wait(40)
    except subprocess.TimeoutExpired:
        check('it ends when it is told to', False, text)
        os.killpg(p.pid, signal.SIGKILL)
        p.wait()
    check('as one that was stopped', p.returncode == 130, p.returncode)
    check('and nothing is left', left(p) == [], left(p))


def refused():
    with socket.socket() as s:
        s.bind(('127.0.0.1', 0))
        s.listen()
        n = s.getsockname()[1]
        p = subprocess.run([sys.executable, demo, detente, '--fast', '--pages', f'{n},1', '--dir', 'other'], cwd=top, capture_output=True, text=True, timeout=60)
    check('a port that is taken is named', p.returncode == 1 and f'port {n}' in p.stderr and '--pages' in p.stderr, p.stderr)
    os.mkdir(top + '/mine')
    p = subprocess.run([sys.executable, demo, detente, '--fast', '--pages', ports(), '--peers', ports(), '--dir', 'mine'], cwd=top, capture_output=True, text=True, timeout=60)
    check('a folder of somebody is left alone', p.returncode == 1 and 'mine' in p.stderr and os.listdir(top + '/mine') == [], p.stderr)


refused()
tour()
stopped()
check('a folder that is not to be kept is removed', not os.path.exists(top + '/demo'))
scene.end()
