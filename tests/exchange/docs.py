#!/usr/bin/python3
"""The manual against the program: the bodies of messages.md and the statements of
keys-and-notes.md are those of body.def and statement.def.

usage: docs.py ROOT"""
import re
import sys
from pathlib import Path

root = Path(sys.argv[1])


def table(name, head):
    fields = {}
    for line in (root / "src/exchange" / name).read_text().splitlines():
        if m := re.match(head + r'\(\w+, "([a-z/0-9-]+)"', line):
            fields[m.group(1)] = now = []
        elif m := re.match(r'(FIELD|MAYBE)\(\w+, "(\w+)"', line):
            now.append(m.group(2) + ("?" if m.group(1) == "MAYBE" else ""))
    for kind, have in fields.items():
        if have != sorted(have) or not have:
            sys.exit(f"{name}: {kind} is not sorted, or empty")
    return fields


def compare(page, told, fields):
    if told != fields:
        odd = {str(x) for x in told.items()} ^ {str(x) for x in fields.items()}
        sys.exit(f"{page} differs: {odd}")


def codes():
    text = (root / "docs/formats/messages.md").read_text()
    want = re.findall(r'CODE\(\w+, "(\w+)"\)', (root / "src/exchange/code.def").read_text())
    section = text[text.index("## Checks"):text.index("## Chains")]
    have = [c for row in re.findall(r"^\| (`.*?) \|", section, re.M)
            for c in re.findall(r"`([a-z]+)`", row)]
    if have != want:
        sys.exit(f"messages.md: codes are {want}")


rows = re.findall(r"^\| `([a-z-]+)` \| (\w+\??: .*) \|$",
                  (root / "docs/formats/messages.md").read_text(), re.M)
compare("messages.md", {n: re.findall(r"(?:^| · )(\w+\??): ", cells) for n, cells in rows},
        table("body.def", "BODY"))
rows = re.findall(r"^\| `(detente-[a-z]+/1)` \| ([a-z0-9_, ]+) \|",
                  (root / "docs/formats/keys-and-notes.md").read_text(), re.M)
compare("keys-and-notes.md", {n: cells.split(", ") for n, cells in rows},
        table("statement.def", "STATEMENT"))
codes()
