"""Kill -9 an init after each of its steps: the next one makes the node, whole.

kill_init.py DETENTE [STEP]: with strace every call (every STEPth) that changes a file is one
after the other the last of an init; without, an init is killed after times that are spread over its length.  What is left
is no node to anybody, or a whole one; the next init makes a whole one, of its own party, unless
the first had come to its end; a configuration of a person's stays."""
import os, shutil, subprocess, sys, time

detente = sys.argv[1]
step = int(sys.argv[2]) if len(sys.argv) > 2 else 1
CALLS = 'mkdir,openat,write,pwrite64,ftruncate,fsync,fdatasync,unlink,rename,renameat'
OWN = 'country: XN\n'
faults = kills = unfinished = 0


def run(*args):
    return subprocess.run([detente, '--dir', 'n', *args], capture_output=True, text=True)


def fault(what, p):
    global faults
    faults += 1
    print(what, p.returncode, p.stdout, p.stderr, sorted(os.listdir('n')) if os.path.isdir('n') else '')


def whole(what, party):
    p = run('log', 'fsck')
    if p.returncode != 0 or not p.stdout.startswith('good: 2 leaves'):
        fault(what + ': fsck', p)
    p = run('check', '-p')
    if f'party: {party}\n' not in p.stdout:
        fault(what + ': party', p)
    p = run('init')
    if p.returncode != 3 or 'a node is here already' not in p.stderr or os.path.exists('n/init.unfinished'):
        fault(what + ': third', p)


def after_kill(what, own):
    global unfinished
    p = run('log', 'key')
    done = p.returncode == 0
    if not done and p.returncode != 3:
        fault(what + ': a part of a node', p)
    unfinished += os.path.exists('n/init.unfinished')
    p = run('init', '--party', 'second')
    if p.returncode != (3 if done else 0):
        fault(what + ': second', p)
    whole(what, 'local' if own else 'first' if done else 'second')
    if own and open('n/detente.yaml').read() != OWN + 'party: local\n':
        fault(what + ': lost configuration', p)


def begin(own):
    shutil.rmtree('n', ignore_errors=True)
    if own:
        os.mkdir('n')
        open('n/detente.yaml', 'w').write(OWN + 'party: local\n')


strace = ['strace', '-f', '-qq', '-o', 'trace', '-e', 'trace=' + CALLS]
init = [detente, '--dir', 'n', 'init', '--party', 'first']
begin(False)
traced = shutil.which('strace') is not None and subprocess.run([*strace, *init], capture_output=True).returncode == 0
if traced:
    lines = open('trace').read().splitlines()
    for call in CALLS.split(','):
        count = sum(f' {call}(' in ' ' + x.split(None, 1)[-1] for x in lines)
        for n in range(1, 1 + count, step if count > 8 else 1):
            begin(own := n % 3 == 0)
            p = subprocess.run([*strace, '-e', f'inject={call}:signal=KILL:when={n}', *init], capture_output=True, text=True)
            kills += 1
            after_kill(f'{call} {n}', own)
else:
    times = []
    for _ in range(3):
        begin(False)
        started = time.time()
        subprocess.run(init, capture_output=True)
        times.append(time.time() - started)
    for n in range(40):
        begin(own := n % 3 == 0)
        p = subprocess.Popen(init, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(max(times) * n / 40)
        p.kill()
        p.wait()
        kills += 1
        after_kill(f'time {n}', own)
if unfinished < 3:
    faults += 1  # it was never killed half way: that proves nothing
print(f'{kills} kills, {faults} faults; {unfinished} were half way')
sys.exit(faults != 0)
