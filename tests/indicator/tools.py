#!/usr/bin/env python3
"""Exports by those who are to read them: tools.py FOLDER.  nft and named-checkzone, where they are."""
import os, shutil, subprocess, sys

folder = os.path.abspath(sys.argv[1])
path = os.environ.get('PATH', '') + ':/usr/sbin:/sbin'
asked = faults = 0
for tool, args in (('nft', ['-c', '-f', folder + '/nftables']), ('named-checkzone', ['rpz.example', folder + '/rpz'])):
    found = shutil.which(tool, path=path)
    if found is None:
        print(tool, 'is not here')
        continue
    p = subprocess.run([found, *args], capture_output=True, text=True)
    if 'Operation not permitted' in p.stderr:
        print(tool, 'may not ask the kernel')
        continue
    asked += 1
    if p.returncode != 0:
        faults += 1
        print('FAULT', tool, p)
print(f'{faults} faults of {asked}')
sys.exit(1 if faults else 0 if asked else 77)
