#!/usr/bin/env python3
"""Our own lines of code in the process that holds the keys: keyed.py BUILD [NAME].

Each source is compiled with a section a function, as BUILD compiles it but unoptimised, so that
nothing is inlined; the linker then drops every section that cannot be reached from proc_engine(),
where the engine's process begins behind the fork.  A function whose address stands in something
reachable counts as reachable, called or not.  Counted are lines of functions that hold code:
blank lines and comments do not.  What the libraries bring is not ours and not counted."""
import glob, json, os, re, shlex, subprocess, sys, tempfile
from concurrent.futures import ThreadPoolExecutor

build, entry = os.path.abspath(sys.argv[1]), sys.argv[2] if len(sys.argv) > 2 else 'proc_engine'
root = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
FLAGS = ['-O0', '-g0', '-U_FORTIFY_SOURCE', '-w', '-fno-lto', '-ffunction-sections', '-fdata-sections']


def sources():
    with open(build + '/compile_commands.json') as f:
        for c in json.load(f):
            path = os.path.normpath(os.path.join(c['directory'], c['file']))
            if path.startswith(root + '/src/') and '/src/cli/' not in path:
                yield path, c


def compile_one(where, number, path, c):
    words = shlex.split(c['command'])
    out = words.index('-o')
    words[out + 1] = f'{where}/{number}.o'
    for option in '-MQ', '-MF':  # the build's own list of what depends on what stays as it is
        if option in words:
            del words[words.index(option):words.index(option) + 2]
    subprocess.run([w for w in words if w != '-MD'] + FLAGS, cwd=c['directory'], check=True)
    return path, f'{where}/{number}.o'


def functions(object_file):
    """(name, file-local?, of which source), of what is defined there, in the order of the table."""
    said = subprocess.run(['readelf', '-sW', object_file], capture_output=True, text=True, check=True).stdout
    source = None
    for row in map(str.split, said.splitlines()):
        if len(row) < 8:
            continue
        kind, bind, section, name = row[3], row[4], row[6], row[7]
        if kind == 'FILE':
            source = name
        elif kind == 'FUNC' and section != 'UND':
            yield name, bind == 'LOCAL', source


def code_lines(paths):
    """Lines with code, by source and function."""
    said = subprocess.run(['ctags', '--languages=C,C++', '--c-kinds=f', '--c++-kinds=f', '--fields=+ne', '--output-format=json', '-f', '-', *paths],
                          capture_output=True, text=True, check=True).stdout
    count = {}
    for t in map(json.loads, said.splitlines()):
        with open(t['path']) as f:
            text = ''.join(f.readlines()[t['line'] - 1:t['end']])
        text = re.sub(r'/\*.*?\*/', '', text, flags=re.S)
        count[t['path'], t['name']] = sum(bool(re.sub(r'//.*', '', x).strip()) for x in text.splitlines())
    return count


def main():
    todo = dict(sources())
    with tempfile.TemporaryDirectory() as where:
        with ThreadPoolExecutor(2) as pool:
            made = dict(pool.map(lambda x: compile_one(where, x[0], *x[1]), enumerate(todo.items())))
        home = {name: path for path, o in made.items() for name, local, _ in functions(o) if not local}
        if entry not in home:
            raise SystemExit(f'{entry} is nowhere')
        subprocess.run(['ld', '-r', '--gc-sections', '-e', entry, '-o', f'{where}/all.o', *made.values()], check=True)
        kept = list(functions(f'{where}/all.o'))
    lines = code_lines(list(todo))
    inline = {name: (n, path) for (path, name), n in code_lines(sorted(glob.glob(root + '/src/*/*.h'))).items()}
    by_file = {os.path.basename(p): [q for q in todo if os.path.basename(q) == os.path.basename(p)] for p in todo}
    counted, unknown = {}, 0
    for name, local, source in kept:
        paths = by_file.get(source, []) if local else [home[name]]
        found = [(lines[p, name], p) for p in paths if (p, name) in lines] or ([inline[name]] if name in inline else [])
        if found:
            counted[max(found)[1], name] = max(found)[0]
        else:  # of system headers
            unknown += 1
    modules = {}
    for (path, _), n in counted.items():
        module = os.path.relpath(path, root + '/src').split('/')[0]
        modules[module] = modules.get(module, 0) + n
    print(f'keyed_lines {sum(counted.values())} lines ({len(counted)} functions of ours that can be reached from {entry}(), '
          f'of {sum(lines.values())} lines in {len(lines)} of all roles: '
          + ', '.join(f'{m} {n}' for m, n in sorted(modules.items(), key=lambda x: -x[1])) + (f'; {unknown} of system headers' if unknown else '') + ')')


main()
