#!/usr/bin/env python3
"""A database that something else wrote to gets the sums of its pages again (docs/formats/evidence.md):
resum.py FILE.  With --check they are compared only."""
import struct
import sys


def total(page, number):
    a, b = number, 0
    for x, y in struct.iter_unpack('<II', page[:4088]):
        a = (a + x + b) & 0xffffffff
        b = (b + y + a) & 0xffffffff
    return struct.pack('<II', a, b)


path = sys.argv[-1]
with open(path, 'rb+') as f:
    data = f.read()
    assert data[16:18] == b'\x10\x00' and data[20] == 8, 'no sums there'
    bad = 0
    for at in range(0, len(data), 4096):
        page = data[at:at + 4096]
        want = total(page, at // 4096)
        if page[4088:] != want and any(page):
            bad += 1
            if sys.argv[1] != '--check':
                f.seek(at + 4088)
                f.write(want)
print(f'{len(data) // 4096} pages, {bad} with another sum')
sys.exit(bad > 0 and sys.argv[1] == '--check')
