#!/usr/bin/env python3
"""Print ARCHITECTURE.md from src/LAYERS and the heads of the public headers: architecture.py ROOT.
With --check, fail when the file that is there differs."""
import os, re, sys

args = [a for a in sys.argv[1:] if a != '--check']
root = args[0] if args else '.'


def head(path):
    """The first sentence of a header's first comment."""
    m = re.match(r'/\*\s*(.*?)\*/', open(path, encoding='utf-8').read(), re.S)
    text = re.sub(r'\s*\n\s*\*?\s*', ' ', m[1]).strip() if m else ''
    return re.split(r'(?<=\.)\s', text)[0]


rows, out = [], []
for line in open(f'{root}/src/LAYERS', encoding='utf-8'):
    if line.startswith('#') or not line.strip():
        continue
    rows.append([x.strip() for x in line.split(':', 2)])
out.append('# Architecture\n')
out.append('Printed by `tools/architecture.py` from `src/LAYERS` and the headers; a test compares it. Principles: PRINCIPLES.md.\n')
out.append('''```
 sensors        sense ──► decode ──► attrib ──► record ──► publish
 Suricata EVE   (bytes)   (events)   (network,   (evidence   (page, REST, live
                                      country)    blocks,     stream, log tiles,
                                                  ledger)     command line)
```
Sensor bytes become frames of fixed-size events (`model/event.h`). The engine (`role/engine.h`) takes frames through four
stages: attribute and seal have no state and run on any thread; admit and record keep the order of the input. One record is
one transaction: evidence synced, then rows, log leaves and a newly signed checkpoint committed together. The live view and
the page are fed after that. `detente ingest` runs the same stages over files on all cores, and beside a running node hands
it the input through `DIR/control`.

## Modules, in the order of the data
A module may include those named in its row and nothing else; each is a static library, and its tests link only what it
may use.
''')
out.append('| module | one sentence | may include |\n|---|---|---|')
for mod, uses, text in rows:
    out.append(f'| `{mod}` | {text} | {uses or "–"} |')
out.append('\n## Public headers, where to read on')
for mod, _, _ in rows:
    files = sorted(f for f in os.listdir(f'{root}/src/{mod}') if f.endswith('.h') and not f.endswith('_priv.h'))
    for f in files:
        out.append(f'- `{mod}/{f}`: {head(f"{root}/src/{mod}/{f}")}')
text = '\n'.join(out) + '\n'
path = f'{root}/ARCHITECTURE.md'
if '--check' in sys.argv:
    same = os.path.exists(path) and open(path, encoding='utf-8').read() == text
    if not same:
        print('ARCHITECTURE.md is not what src/LAYERS and the headers say: run tools/architecture.py')
    sys.exit(not same)
open(path, 'w', encoding='utf-8').write(text)
