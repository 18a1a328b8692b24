#!/usr/bin/env python3
"""A text file as a C array that ends in NUL: embed.py NAME INPUT OUTPUT."""
import sys

name, source, output = sys.argv[1:]
with open(source, 'rb') as f:
    text = f.read() + b'\0'
assert max(text) < 128, 'ASCII only'
with open(output, 'w') as f:
    f.write(f'#include "pact/template.h"\n\nconst char {name}[] = {{\n')
    for i in range(0, len(text), 20):
        f.write('    ' + ', '.join(str(b) for b in text[i:i + 20]) + ',\n')
    f.write('};\n')
