"""A running node that is measured: its roles, their processor time and memory, what it took."""
import os, re, shutil, sqlite3, subprocess, time

TICK = os.sysconf('SC_CLK_TCK')


def rate(name, value, unit, limit):
    print(f'{name} {value:.3f} {unit} ({limit})', flush=True)


class Node:
    def __init__(self, detente, where, tables=None, conf='', follow=None, listen='127.0.0.1:0', more=()):
        self.dir, self.detente = where, detente
        shutil.rmtree(where, ignore_errors=True)
        subprocess.run([detente, '--dir', where, 'init'], check=True, capture_output=True)
        if tables:
            shutil.copy(tables, where + '/tables/tables.bin')
        with open(where + '/detente.yaml', 'w') as f:
            f.write(f'listen:\n  - address: {listen}\n    what: page\n' + conf)
        self.more = [*more, *(['--follow', follow] if follow else [])]
        self.process = None

    def start(self):
        self.log = open(self.dir + '/said', 'w+')
        self.process = subprocess.Popen([self.detente, '--dir', self.dir, 'serve', *self.more], stderr=self.log, text=True)
        end = time.time() + 60
        while time.time() < end and self.process.poll() is None:
            said = open(self.dir + '/said').read()
            found = re.search(r'the page is at (\S+)', said)
            if found:
                self.url = found.group(1)
                return self
            time.sleep(0.005)
        raise SystemExit('the node does not start: ' + open(self.dir + '/said').read())

    def __enter__(self):
        return self.start()

    def __exit__(self, *_):
        self.stop()

    def roles(self):
        found = {}
        for name in filter(str.isdigit, os.listdir('/proc')):
            try:
                with open(f'/proc/{name}/stat') as f:
                    comm, rest = re.match(r'\d+ \((.*)\) (.*)', f.read(), re.S).groups()
            except (OSError, AttributeError):
                continue
            if int(name) == self.process.pid:
                found['parent'] = int(name)
            elif int(rest.split()[1]) == self.process.pid:
                found[comm.removeprefix('detente-')] = int(name)
        return found

    def cpu(self):
        """Seconds of the processor by role."""
        used = {}
        for role, pid in self.roles().items():
            with open(f'/proc/{pid}/stat') as f:
                rest = f.read().rsplit(')', 1)[1].split()
            used[role] = (int(rest[11]) + int(rest[12])) / TICK
        return used

    def pss(self):
        """Bytes by role: memory that is shared counts once."""
        sizes = {}
        for role, pid in self.roles().items():
            with open(f'/proc/{pid}/smaps_rollup') as f:
                sizes[role] = int(re.search(r'^Pss: *(\d+) kB', f.read(), re.M).group(1)) * 1024
        return sizes

    def counter(self, name):
        try:
            db = sqlite3.connect(f'file:{self.dir}/detente.db?mode=ro', uri=True)
            try:
                row = db.execute('select value from counter where name = ?', (name,)).fetchone()
            finally:
                db.close()
        except sqlite3.Error:
            return 0
        return row[0] if row else 0

    def stop(self):
        if self.process and self.process.poll() is None:
            self.process.terminate()
            self.process.wait(30)
