"""Kill -9 a `log successor` after each of its steps: successor_kill.py DETENTE.

With strace every call that changes a file is one after the other its last; without, it is killed after times that are spread
over its length.  The node is before it or behind it: the log is whole, takes events, and the key in use is the log's.  What is
killed before the new log began can be done again."""
import os, shutil, subprocess, sys, time

detente = sys.argv[1]
CALLS = 'openat,write,pwrite64,ftruncate,fsync,fdatasync,unlink,rename'
faults = kills = behind = 0
order = [detente, '--dir', 'n', 'log', 'successor', '--reason', 'rename']


def run(*args):
    return subprocess.run([detente, '--dir', 'n', *args], capture_output=True, text=True)


def fault(what, p):
    global faults
    faults += 1
    print(what, p.returncode, p.stdout, p.stderr, sorted(os.listdir('n/keys')))


def begin():
    shutil.rmtree('n', ignore_errors=True)
    shutil.copytree('first', 'n')


def after_kill(what):
    global behind
    p = run('log', 'key')
    done = '/log/2+' in p.stdout
    if p.returncode != 0:
        fault(what + ': no key', p)
    behind += done
    for step in ('ingest', 'more.json'), ('log', 'fsck', '--events'):
        p = run(*step)
        if p.returncode != 0:
            fault(f'{what}: {step}', p)
    if ('leaves of the log before it' in p.stdout) != done:
        fault(what + ': generations', p)
    if '/log/2+' in open('n/keys/log.key').read() and not done or '/log/2+' not in open('n/keys/log.key').read() and done:
        fault(what + ': the key', p)
    p = run('log', 'successor', '--reason', 'rename')
    if p.returncode != 0 or f'/log/{3 if done else 2}+' not in p.stdout:
        fault(what + ': again', p)
    p = run('log', 'fsck')
    if p.returncode != 0 or os.path.exists('n/keys/log.next.key'):
        fault(what + ': the second', p)


shutil.rmtree('first', ignore_errors=True)
subprocess.run([detente, '--dir', 'first', 'init', '--origin', 'one.example/log'], check=True, capture_output=True)
for name, seed in ('some.json', '1'), ('more.json', '2'):
    with open(name, 'w') as f:
        subprocess.run([detente, 'sample', '--count', '40', '--seed', seed], stdout=f, check=True)
subprocess.run([detente, '--dir', 'first', 'ingest', 'some.json'], check=True, capture_output=True)
strace = ['strace', '-f', '-qq', '-o', 'trace', '-e', 'trace=' + CALLS]
begin()
if shutil.which('strace') is not None and subprocess.run([*strace, *order], capture_output=True).returncode == 0:
    lines = open('trace').read().splitlines()
    for call in CALLS.split(','):
        count = sum(f' {call}(' in ' ' + x.split(None, 1)[-1] for x in lines)
        for n in range(1, 1 + count):
            begin()
            subprocess.run([*strace, '-e', f'inject={call}:signal=KILL:when={n}', *order], capture_output=True)
            kills += 1
            after_kill(f'{call} {n}')
else:
    started = time.time()
    subprocess.run(order, capture_output=True)
    length = time.time() - started
    for n in range(40):
        begin()
        p = subprocess.Popen(order, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(length * n / 40)
        p.kill()
        p.wait()
        kills += 1
        after_kill(f'time {n}')
if behind < 3 or kills - behind < 3:
    faults += 1  # it was never killed half way: that proves nothing
print(f'{kills} kills, {faults} faults; {behind} were behind it')
sys.exit(faults != 0)
