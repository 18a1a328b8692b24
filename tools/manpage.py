#!/usr/bin/env python3
"""Print the command sections of detente(1) from the program's own tables, into docs/man/detente.1.in's
place @COMMANDS@: manpage.py DETENTE IN > OUT.  So help, manual and parser cannot differ."""
import re, subprocess, sys

detente, template = sys.argv[1], sys.argv[2]


def run(*args):
    return subprocess.run([detente, *args], capture_output=True, text=True).stdout


def esc(s):
    s = s.replace('\\', '\\e').replace('-', '\\-')
    return '\\&' + s if s[:1] in ".'" else s


out = []
for row in run('help').splitlines():
    m = re.match(r'  (\S+(?: \S+){0,2})\s{2,}(\S.*)$', row)
    if not m:
        if row.startswith('  '):
            sys.exit(f'a command whose name and summary cannot be told apart: {row}')
        continue
    words = m[1].split()
    help_ = run(*words, '--help').splitlines()
    args = help_[0].split(m[1], 1)[1].replace('[options]', '').strip()
    out.append(f'.Ss {m[1]}{" " + esc(args) if args else ""}')
    out.append(esc(m[2][0].upper() + m[2][1:]) + '.')
    options = [re.match(r'  (.{24}) (.*)$', x) or re.match(r'  (\S.*?)\s+(\S.*)$', x) for x in help_[2:]]
    if options:
        out.append('.Bl -tag -width Ds -compact')
        for o in options:
            out.append(f'.It Cm {esc(o[1].strip())}')
            out.append(esc(o[2].strip()))
        out.append('.El')
text = open(template, encoding='utf-8').read()
sys.stdout.write(text.replace('@COMMANDS@', '\n'.join(out)))
