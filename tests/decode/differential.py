#!/usr/bin/env python3
"""The EVE decoder against Python's json and jq: the same files, then the same spoiled lines.

Usage: differential.py DUMP FOLDER   (FOLDER holds real samples; exit 77 when it is absent)

Lines of alerts must be taken exactly when Python reads them, but for what is known to differ:
Python takes NaN and Infinity, and lone surrogates; lines that are not UTF-8 it never sees.
What is taken jq 1.6 must take too; it takes more (`01`, `1.`, `nan`, bytes that are not UTF-8).
"""
import ipaddress
import json
import os
import random
import re
import shutil
import subprocess
import sys


def refuse_constant(name):
    raise ValueError(name)


LONE = re.compile(r"\\u[dD][89abAB]..(?!\\u[dD][c-fC-F]..)")


def load(line):
    """The value of a line, or None: RFC 8259, no first half of a surrogate pair alone."""
    try:
        value = json.loads(line, parse_constant=refuse_constant)
    except (ValueError, RecursionError):
        return None
    return None if LONE.search(line.replace("\\\\", "")) else value


def number(value, most):
    if value is None:
        return 0
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= most:
        raise ValueError
    return value


def address(value):
    if not isinstance(value, str):
        raise ValueError
    a = ipaddress.ip_address(value)
    if a.version == 6 and a.scope_id is not None:
        raise ValueError
    if a.version == 6 and a.ipv4_mapped is not None:
        a = a.ipv4_mapped
    return a


def text(a):
    if a.version == 4:
        return str(a)
    return a.compressed


def member(value, name):
    return value.get(name) if isinstance(value, dict) else None


def sides(e):
    """Origin and target by the rule of direction, without own networks."""
    rule = e.get("alert")
    src = (address(e["src_ip"]), number(e.get("src_port"), 65535))
    dest = (address(e["dest_ip"]), number(e.get("dest_port"), 65535))
    named = [member(rule, k) for k in ("source", "target")]
    if all(member(n, "ip") is not None for n in named):
        return [(address(n["ip"]), number(n.get("port"), 65535)) for n in named]
    try:
        first = address(member(e.get("flow"), "src_ip"))
    except ValueError:
        first = None
    if first in (src[0], dest[0]) and first is not None:
        swap = first != src[0]
    else:
        swap = e.get("direction") == "to_client"
    if swap:
        src, dest = dest, src
    return [src, dest]


def alert(e):
    """What dump.c prints of an alert, without the grade; None when it is refused."""
    try:
        (origin, oport), (target, tport) = sides(e)
        if e.get("proto") is not None and not isinstance(e["proto"], str):
            return None
        rule = e.get("alert")
        if not isinstance(rule, dict):
            return None
        for name in ("signature", "category"):
            if not isinstance(member(rule, name) or "", str):
                return None
        gid, sid, rev = (number(member(rule, k), 2**32 - 1) for k in ("gid", "signature_id", "rev"))
        severity = number(member(rule, "severity"), 255)
        if sid == 0:
            gid = rev = 0
        return f"{text(origin)} {oport} {text(target)} {tport} {gid} {sid} {rev} {severity}"
    except (ValueError, KeyError):
        return None


def dump(tool, data, *args):
    out = subprocess.run([tool, *args], input=data, stdout=subprocess.PIPE, check=True).stdout
    return out.decode().splitlines()


def without_grade(line):
    return line.rsplit(" ", 1)[0]


def compare_file(tool, path):
    with open(path, "rb") as f:
        data = f.read()
    if data.lstrip().startswith(b"["):
        records = json.loads(data)
    else:
        records = [json.loads(line) for line in data.splitlines() if line.strip()]
    *got, figures = dump(tool, data)
    want = [alert(e) for e in records if e["event_type"] == "alert"]
    assert None not in want, path
    assert [without_grade(g) for g in got] == want, path
    events = sum(e["event_type"] in ("alert", "flow") for e in records)
    assert figures == f"{len(records)} {events} {len(want)} {len(records) - events} 0", (path, figures)
    return data, records


def spoil(line, rng):
    """A few bytes changed, left out, doubled, or a piece moved."""
    b = bytearray(line)
    for _ in range(rng.choice((1, 1, 1, 2, 3))):
        at = rng.randrange(len(b))
        how = rng.randrange(5)
        if how == 0:
            b[at] = rng.choice(b'"{}[]:,\\ 0123456789eE+-.\t\x01\x0b\x0cntfu\xc3\xa9')
        elif how == 1:
            del b[at : at + rng.randrange(1, 12)]
        elif how == 2:
            b[at:at] = bytes(rng.choice((b'"', b"{", b"}", b"[]", b",", b":", b"\\u0041", b"\\ud800",
                                         b"\\ud83d\\ude00", b"\\udc00", b"\x0c", b"null", b"0",
                                         b"-", b"\\", b" ", b'"a":1,', b"e5")))
        elif how == 3:
            b[at:at] = b[at : at + rng.randrange(1, 40)]
        else:
            n = rng.randrange(1, 30)
            piece = bytes(b[at : at + n])
            del b[at : at + n]
            to = rng.randrange(len(b) + 1)
            b[to:to] = piece
        if not b:
            b = bytearray(b"x")
    return bytes(b).replace(b"\n", b" ")


def fields_stand(e):
    """True when an alert's line has what it needs, by Python's reading."""
    return isinstance(e, dict) and e.get("event_type") == "alert"


def jq_takes(lines):
    """jq reads every line."""
    if shutil.which("jq") is None:
        print("no jq: not asked")
        return
    text = "".join(json.dumps(line.decode()) + "\n" for line in lines)
    out = subprocess.run(["jq", "-c", "try (fromjson | empty) catch ."], input=text.encode(),
                         stdout=subprocess.PIPE, check=True).stdout.decode()
    assert out == "", out


def compare_spoiled(tool, lines, rounds, rng):
    spoiled = [spoil(rng.choice(lines), rng) for _ in range(rounds)]
    got = dump(tool, b"".join(line + b"\n" for line in spoiled), "each")
    assert len(got) == len(spoiled)
    taken = 0
    jq_takes(line for line, said in zip(spoiled, got) if " " in said)
    for line, said in zip(spoiled, got):
        try:
            value = load(line.decode())
        except UnicodeDecodeError:
            assert said == "utf8" or not said[0].isdigit(), (line, said)
            continue
        want = None
        if fields_stand(value) and isinstance(value.get("timestamp"), str):
            want = alert(value)
        is_event = " " in said or ("." in said)
        if want is not None and said == "bad-value":
            # Only the time can be at fault: Python was not asked about it.
            assert not time_ok(value["timestamp"]), (line, said, want)
            continue
        assert is_event == (want is not None), (line, said, want)
        if is_event:
            assert without_grade(said) == want, (line, said, want)
            taken += 1
    return taken


ADDRESSES = ("192.0.2.1", "2001:db8::1", "::ffff:192.0.2.9", "::", "1:2:3:4:5:6:192.0.2.1", "fe80::1", "1::")
TIMES = ("2026-03-01T12:00:00.123456+0100", "2024-02-29T23:59:60Z", "1970-01-01T00:00:00.0-00:00")
NUMBERS = ("0", "22", "65535", "65536", "-1", "1.0", "1e1", "00", '"22"', "true", "null", "9" * 20, "4294967318")


def spoiled_text(text, letters, rng):
    """text as JSON, often with something wrong in it, sometimes with an escape."""
    t = list(text)
    for _ in range(rng.choice((0, 0, 0, 1, 2))):
        at = rng.randrange(len(t) + 1)
        t[at : at + rng.randrange(2)] = rng.choice((rng.choice(letters), "", "".join(t[at : at + 3])))
    t = "".join(t)
    if t and rng.random() < 0.15:
        at = rng.randrange(len(t))
        return f'"{t[:at]}\\u{ord(t[at]):04x}{t[at + 1:]}"'
    return f'"{t}"'


def value_line(rng):
    def ip():
        return spoiled_text(rng.choice(ADDRESSES), "0123456789abcdefABCDEFg:.% /x", rng)

    rule = ",".join(f'"{k}":{rng.choice(NUMBERS) if rng.random() < 0.1 else 3}'
                    for k in ("gid", "signature_id", "rev", "severity"))
    members = [("timestamp", spoiled_text(rng.choice(TIMES), "0123456789T:.+-Zzt ,", rng)), ("src_ip", ip()),
               ("src_port", rng.choice(NUMBERS[: rng.choice((3, 3, 99))])), ("dest_ip", ip()), ("dest_port", rng.choice(NUMBERS[:3])),
               ("event_type", '"alert"'), ("alert", "{" + rule + "}")]
    members += rng.sample(members, rng.randrange(3)) + [("flow", f'{{"src_ip":{ip()}}}')] * rng.randrange(2)
    members += [("direction", rng.choice(('"to_server"', '"to_client"', '"to_serve"', '7', 'null')))] * rng.randrange(2)
    rng.shuffle(members)
    return "{" + ",".join(f'"{k}":{v}' for k, v in members) + "}"


def compare_values(tool, rounds, rng):
    """Addresses, times, ports and numbers, in any order, some twice."""
    lines = [value_line(rng) for _ in range(rounds)]
    taken = 0
    for line, said in zip(lines, dump(tool, "".join(x + "\n" for x in lines).encode(), "each"), strict=True):
        value = load(line)
        want = None if value is None or not time_ok(value["timestamp"]) else alert(value)
        assert (without_grade(said) if " " in said else None) == want, (line, said, want)
        taken += want is not None
    return taken


def time_ok(stamp):
    m = re.fullmatch(
        r"(\d{4})-(\d\d)-(\d\d)[Tt ](\d\d):(\d\d):(\d\d)(\.\d+)?([Zz]|[+-](\d\d):?(\d\d))?", stamp, re.A)
    if not m:
        return False
    year, month, day, hour, minute, second = (int(m[i]) for i in range(1, 7))
    if year < 1970 or not 1 <= month <= 12 or hour > 23 or minute > 59 or second > 60:
        return False
    if m[9] and (int(m[9]) > 23 or int(m[10]) > 59):
        return False
    import calendar
    return 1 <= day <= calendar.monthrange(year, month)[1]


def main():
    tool, folder = sys.argv[1:3]
    if not os.path.isdir(folder):
        print("SKIP no samples at", folder)
        return 77
    rng = random.Random(20260301)
    lines = []
    for name in sorted(os.listdir(folder)):
        data, records = compare_file(tool, os.path.join(folder, name))
        alerts = [e for e in records if e["event_type"] == "alert"]
        lines += [json.dumps(e, separators=(",", ":"), ensure_ascii=False).encode() for e in alerts[:60]]
        if not data.lstrip().startswith(b"["):
            lines += [x for x in data.splitlines() if b'"event_type":"alert"' in x][:40]
        print(f"{name}: {len(records)} records, {len(alerts)} alerts")
    taken = compare_spoiled(tool, [x for x in lines if len(x) < 3000], 12000, rng)
    print(f"12000 spoiled lines, {taken} of them still alerts")
    print(f"20000 lines of odd values, {compare_values(tool, 20000, rng)} of them alerts")
    return 0


if __name__ == "__main__":
    sys.exit(main())
