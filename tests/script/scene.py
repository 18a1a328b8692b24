"""What the tests of a running node share: a scratch folder with a node `n` in it, its processes, and the list of what was
not as it should be."""
import atexit, json, os, re, shutil, subprocess, sys, tempfile, threading, time, urllib.error, urllib.request

detente = os.path.abspath(sys.argv[1])
top = tempfile.mkdtemp(prefix='detente-scene.')
faults = 0


def check(what, good, more=''):
    global faults
    if not good:
        faults += 1
        print('FAULT', what, more)


def run(*args):
    return subprocess.run([detente, '--dir', 'n', *args], capture_output=True, text=True, cwd=top, timeout=60)


def init(what=''):
    check('init', run('init').returncode == 0)
    with open(top + '/n/detente.yaml', 'w') as f:
        f.write('listen:\n  - address: 127.0.0.1:0\n' + what)


class Node:
    """The node, as it runs; what it says stands in `said`."""

    def __init__(self, *args, dir='n', **env):
        self.said, self.url = '', None
        self.process = subprocess.Popen([detente, '--dir', dir, 'serve', *args], cwd=top, stderr=subprocess.PIPE, text=True, env={**os.environ, **env})
        atexit.register(self.process.kill)  # whatever ends this, ends it
        self.thread = threading.Thread(target=self.hear, daemon=True)
        self.thread.start()
        wait(10, 'it starts', lambda: self.url or self.process.poll() is not None)
        check('it started', self.url, self.said)

    def hear(self):
        for line in self.process.stderr:
            self.said += line
            at = re.search(r'the page is at (\S+)', line)
            self.url = at[1] if at else self.url

    def roles(self):
        """Process by name, of those that live."""
        found = {}
        for name in filter(str.isdigit, os.listdir('/proc')):
            try:
                with open(f'/proc/{name}/stat') as f:
                    comm, state, parent = re.match(r'\d+ \((.*)\) (\S) (\d+)', f.read()).groups()
            except (OSError, AttributeError):
                continue
            if int(parent) == self.process.pid and state != 'Z':
                found[comm] = int(name)
        return found

    def ask(self, path, body=None, method=None, **headers):
        """Status and what came back: JSON where it is some, else text; 0 when nobody answered."""
        q = urllib.request.Request(self.url + path, body if body is None else json.dumps(body).encode(), {'Content-Type': 'application/json', **headers}, method=method)
        try:
            with urllib.request.urlopen(q, timeout=15) as r:
                self.head = r.headers
                return r.status, read(r)
        except urllib.error.HTTPError as e:
            return e.code, read(e)
        except OSError:
            return 0, {}

    def stop(self):
        """Its exit, as a person ends it."""
        self.process.terminate()
        try:
            return self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            return self.process.wait()


def read(r):
    text = r.read().decode()
    try:
        return json.loads(text)
    except ValueError:
        return text


def wait(seconds, what, test):
    """Until it is so.  A busy machine under a sanitizer gets three times as long as a quiet one ever needs."""
    end = time.time() + 3 * seconds
    while time.time() < end:
        if test():
            return
        time.sleep(0.05)
    check(what, False)


def end(summary=''):
    shutil.rmtree(top, ignore_errors=True)
    print(f'{summary}{faults} faults')
    sys.exit(faults != 0)
