#!/usr/bin/env python3
"""Run one .dt script against the built program: dt.py DETENTE SCRIPT.

Verbs, one a line; `detente` is the program, the working folder is a fresh one:
  test "what is promised"        the script's name in the report
  need shared|go|jq|…            skip (exit 77) when that is not here; shared is $SHARED
  file NAME <<END                the lines up to END become a file
  run COMMAND [<<END]            through sh; the lines up to END are its standard input
  start NAME COMMAND             in the background; ended with SIGTERM by `stop NAME` or at the end
  wait SECONDS COMMAND           until COMMAND succeeds
  expect status == N             of the last run (what is not expected must be 0)
  expect stdout|stderr == "…"    exactly that, with escapes
  expect stdout|stderr ~|!~ "…"  a regular expression is found there, or not
  expect json EXPR == VALUE      EXPR is a python expression over j, the last stdout as JSON
On failure the last output is printed and the exit is 1."""
import atexit, json, os, re, shutil, signal, subprocess, sys, tempfile, time

detente, path = os.path.abspath(sys.argv[1]), os.path.abspath(sys.argv[2])
lines, at, got, running, unchecked = open(path).read().split('\n'), 0, {}, {}, False
root = os.path.dirname(os.path.dirname(os.path.dirname(path)))
shared = os.environ.get('DETENTE_SHARED', os.path.join(root, '..', 'shared'))
work = tempfile.mkdtemp(prefix='dt.')
os.mkdir(work + '/bin')
os.symlink(detente, work + '/bin/detente')
env = dict(os.environ, PATH=work + '/bin:' + os.environ['PATH'], SHARED=shared, ROOT=root, TZ='UTC')
env.pop('DETENTE_DIR', None)


atexit.register(lambda: [p.kill() for p in running.values()])  # whatever ends this, ends them


def finish(code):
    for p in running.values():
        p.send_signal(signal.SIGTERM)
        try:
            p.wait(10)
        except subprocess.TimeoutExpired:
            p.kill()
    shutil.rmtree(work, ignore_errors=True)
    sys.exit(code)


def fail(text):
    print(f'{path}:{at}: {text}')
    print('---- status', got.get('status'))
    print(got.get('stdout', '')[-4000:] + got.get('stderr', '')[-4000:])
    finish(1)


def here(rest):
    """The text up to the mark when rest ends in <<MARK."""
    global at
    m = re.search(r'\s*<<(\w+)$', rest)
    if not m:
        return rest, ''
    text = ''
    while lines[at] != m[1]:
        text += lines[at] + '\n'
        at += 1
    at += 1
    return rest[:m.start()], text


def run(command, stdin=''):
    global got, unchecked
    if unchecked and got['status'] != 0:
        fail('the run before failed and nothing was expected of its status')
    p = subprocess.run(['sh', '-c', command], input=stdin.encode('utf-8', 'surrogateescape'), capture_output=True, cwd=work, env=env, timeout=120)
    got = {'status': p.returncode, 'stdout': p.stdout.decode('utf-8', 'replace'), 'stderr': p.stderr.decode('utf-8', 'replace')}
    unchecked = True


def expect(rest):
    global unchecked
    if rest.startswith('json '):
        expr, want = re.match(r'json (.*) == (.*)$', rest).groups()
        have = eval(expr, {'j': json.loads(got['stdout']), 'json': json, 'len': len, 'sum': sum, 'sorted': sorted})
        if have != json.loads(want):
            fail(f'expected {rest}; it is {json.dumps(have)}')
        return
    what, op, want = rest.split(' ', 2)
    if what == 'status':
        unchecked = False
        if got['status'] != int(want):
            fail(f'expected {rest}')
        return
    want = want.strip()[1:-1]
    if op == '==':
        good = got[what] == want.encode().decode('unicode_escape')
    else:
        good = (re.search(want, got[what], re.M) is not None) == (op == '~')
    if not good:
        fail(f'expected {rest}')


def need(what):
    if what == 'shared':
        here_ = os.path.isdir(shared)
    else:
        here_ = shutil.which(what) is not None
    if not here_:
        print(f'SKIP: {what} is not here')
        finish(77)


while at < len(lines):
    line = lines[at].strip()
    at += 1
    if not line or line[0] == '#':
        continue
    verb, _, rest = line.partition(' ')
    rest = rest.strip()
    if verb == 'test':
        print('#', rest.strip('"'))
    elif verb == 'need':
        need(rest)
    elif verb == 'file':
        name, text = here(rest)
        open(os.path.join(work, name), 'w', encoding='utf-8', errors='surrogateescape').write(text)
    elif verb == 'run':
        run(*here(rest))
    elif verb == 'start':
        name, command = rest.split(' ', 1)
        running[name] = subprocess.Popen(['sh', '-c', 'exec ' + command], cwd=work, env=env)
    elif verb == 'stop':
        p = running.pop(rest)
        p.send_signal(signal.SIGTERM)
        got = {'status': p.wait(20)}
        unchecked = True
    elif verb == 'wait':
        limit, command = rest.split(' ', 1)
        end = time.time() + float(limit)
        while subprocess.run(['sh', '-c', command], cwd=work, env=env, capture_output=True).returncode != 0:
            if time.time() > end:
                run(command)
                fail(f'not within {limit} s: {command}')
            time.sleep(0.05)
    elif verb == 'expect':
        expect(rest)
    else:
        fail(f'unknown verb {verb}')
if unchecked and got.get('status') != 0:
    fail('the last run failed and nothing was expected of its status')
finish(0)
