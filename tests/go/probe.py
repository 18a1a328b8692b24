#!/usr/bin/env python3
"""The witness, asked by logs that are built with Go's modules: probe.py DETENTE.  Ends with 77 where Go is missing."""
import os, subprocess, sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '../script'))
import scene
from scene import check, run, top

here = os.path.dirname(os.path.abspath(__file__))
made = subprocess.run([here + '/run.sh', 'build', here + '/probe.go', top + '/probe'], capture_output=True, text=True, timeout=300)
if made.returncode == 77:
    print(made.stdout, end='')
    sys.exit(77)
check('it compiles', made.returncode == 0, made.stdout + made.stderr)
keys = subprocess.run([top + '/probe', 'keys'], capture_output=True, text=True).stdout.split()
scene.init('witness:\n  logs:\n' + ''.join(f'    - "{k}"\n' for k in keys))
key = run('log', 'witness', 'key').stdout.strip()
node = scene.Node()
asked = subprocess.run([top + '/probe', node.url, key], capture_output=True, text=True, timeout=240)
check('what it found', asked.returncode == 0, asked.stdout + asked.stderr)
check('it ends', node.stop() == 0)
check('fsck', run('log', 'fsck').returncode == 0)
scene.end()
