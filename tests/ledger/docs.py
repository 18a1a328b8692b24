#!/usr/bin/python3
"""The manual against the program: the worked example of event.md computed again with nothing
but hashlib, and the leaf table of log.md compared with leaf.def.

usage: docs.py ROOT"""
import hashlib
import json
import re
import sys
from pathlib import Path

root = Path(sys.argv[1])


def sha(*parts):
    return hashlib.sha256(b"".join(parts)).digest()


def example():
    text = (root / "docs/formats/event.md").read_text()
    block = re.search(r"## Example\n.*?```\n(.*?)```", text, re.S).group(1)
    v = dict(re.match(r"(.{12}) +(.*)", line).groups() for line in block.splitlines())
    v = {k.strip(): value for k, value in v.items()}
    key = bytes.fromhex(v["block_key"])
    salt = {p: sha(key, (0).to_bytes(8, "big"), bytes([p])) for p in (1, 2, 3, 4)}
    private = json.loads(v["private"])
    public_hash = sha(salt[1], v["public"].encode())
    private_hash = sha(salt[2], v["private"].encode())
    c0 = sha(b"\0detente/event/v1\n", public_hash, private_hash)
    want = {f"salt {p}": salt[p].hex() for p in salt}
    want |= {"public hash": public_hash.hex(), "private hash": private_hash.hex(),
             "c(0)": c0.hex(), "root": sha(b"\1", c0, bytes.fromhex(v["c(1)"])).hex()}
    for name, value in want.items():
        if v[name] != value:
            sys.exit(f"event.md: {name} is {value}")
    if private[5] != sha(salt[4], v["target"].encode()).hex():
        sys.exit("event.md: the target's commitment")
    if private[7] != sha(salt[3], v["raw"].encode()).hex():
        sys.exit("event.md: the raw commitment")


def leaves():
    fields = {}
    for line in (root / "src/ledger/leaf.def").read_text().splitlines():
        if m := re.match(r'LEAF\(\w+, "([a-z-]+)"\)', line):
            fields[m.group(1)] = now = []
        elif m := re.match(r'FIELD\(\w+, "(\w+)"', line):
            now.append(m.group(1))
    for name, have in fields.items():
        if have != sorted(have) or "at" not in have:
            sys.exit(f"leaf.def: {name} is not sorted, or has no `at`")
        have.remove("at")
    rows = re.findall(r"^\| `([a-z-]+)` \| ((?:\w+: .*? · )*\w+: .*) \|$",
                      (root / "docs/formats/log.md").read_text(), re.M)
    told = {name: re.findall(r"(?:^| · )(\w+): ", cells) for name, cells in rows}
    if told != fields:
        sys.exit(f"log.md differs from leaf.def: {set(map(str, told.items())) ^ set(map(str, fields.items()))}")


example()
leaves()
