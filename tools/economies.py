#!/usr/bin/env python3
"""The page's list of economies (web/src/economies.ts) as an array of C, ascending by the bytes of their names: one list,
two languages.  economies.py FILE.ts"""
import re, sys

text = open(sys.argv[1], encoding='utf-8').read()
table = re.search(r'const TABLE = `([^`]*)`', text)[1]
rows = []
for row in re.split(r'[|\n]', table):
    m = re.fullmatch(r'([A-Z]{2}) (.+) -?[\d.]+ -?[\d.]+', row)
    if not m:
        sys.exit(f'{sys.argv[1]}: `{row}` is no economy')
    rows.append((m[2].encode(), m[1]))
rows.sort()
print('#include "model/economy_priv.h"\n\nconst struct economy economy_list[] = {')
for name, code in rows:
    print('    {"' + ''.join(chr(b) if 32 <= b < 127 and b not in b'"\\?' else f'\\{b:03o}' for b in name) + f'", "{code}"}},')
print(f'}};\nconst unsigned economy_count = {len(rows)};')
