#!/usr/bin/python3
"""Golden vectors of the formats and of other people's logs, put to vectool.

usage: vectors.py VECTOOL SHARED SUITE…    SHARED is the folder with formats/ and data/
Ends with 77 (skipped) when SHARED is not there; env DETENTE_SHARED names another one."""
import base64
import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path


class Tool:
    def __init__(self, path):
        self.proc = subprocess.Popen([path], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.checks = 0

    def ask(self, *words):
        line = " ".join(w if isinstance(w, str) else hexed(w) for w in words)
        self.proc.stdin.write(line.encode() + b"\n")
        self.proc.stdin.flush()
        answer = self.proc.stdout.readline().decode().rstrip("\n")
        if answer == "":
            sys.exit(f"vectool died at: {line[:200]}")
        self.checks += 1
        return answer


def hexed(b):
    if isinstance(b, int):
        return str(b)
    return b.hex() or "-"


def text(s):
    return s.encode().hex() or "-"


def expect(what, got, want):
    if got != want:
        sys.exit(f"{what}\n  got  {got[:600]}\n  want {want[:600]}")


def load(path):
    return json.loads(path.read_text())


def jcs(tool, shared):
    for v in load(shared / "formats/vectors/jcs.json"):
        got = tool.ask("jcs", v["in"] or "-").split()
        if "error" in v:
            expect(v["in"], " ".join(got[:2]), "error " + v["error"])
            if got[2] == "ok":
                sys.exit(f"{v['in']}: the check accepts what must be refused")
        else:
            expect(v["in"], got[1], v["jcs"])
            if (got[2] == "ok") != v["canonical"]:
                sys.exit(f"{v['in']}: canonical is {v['canonical']}, the check says {got[2]}")


def grammar(tool, shared):
    g = load(shared / "formats/vectors/grammar.json")
    for v in g["address"]:
        expect(v["text"], tool.ask("grammar", "address", text(v["text"])), "ok " + v["canonical"])
    for t in g["time"]:
        expect(t, tool.ask("grammar", "time", text(t)), "ok " + t)
    for p in g["party"]:
        expect(p, tool.ask("grammar", "party", text(p)), "ok")
    for t, notifier, n in g["incident"]:
        expect(t, tool.ask("grammar", "incident", text(t)), f"ok {notifier} {n}")
    for t, block, index in g["event_id"]:
        expect(t, tool.ask("grammar", "event_id", text(t)), f"ok {block} {index}")
    for p in g["path"]:
        expect(p, tool.ask("grammar", "path", text(p)), "ok")
    for key in g:
        if key.endswith("_refused"):
            for t in g[key]:
                expect(f"{key} {t!r}", tool.ask("grammar", key[:-8], text(t)), "bad")


FLAGS = ["clock_skewed", "direction_inferred", "disputed", "duplicate", "hosting", "reflected",
         "sampled", "spoofable", "tor"]


def send_event(tool, e):
    pub, prv, tgt = (json.loads(e[k]) for k in ("public", "private", "target"))
    flags = sum(1 << FLAGS.index(f) for f in pub[10])
    expect("event", tool.ask(
        "event", text(pub[1]), text(pub[2]), text(pub[3]), text(pub[4]), pub[5], pub[6], pub[7],
        text(pub[8]), pub[9], flags, text(prv[1]), prv[2], prv[3], text(prv[4]), text(prv[6]),
        prv[8], prv[9], text(tgt[1]), tgt[2], tgt[3], text(tgt[4]), text(tgt[5]),
        e["raw"] or "-"), "ok")


def events(tool, shared):
    v = load(shared / "formats/vectors/events.json")
    for e in v["events"]:
        send_event(tool, e)
    want = ["ok", v["root"]]
    for e, path in zip(v["events"], v["paths"]):
        want += [e["commitment"], text(e["public"]), text(e["private"]), text(e["target"]),
                 e["salt_public"], e["salt_private"], e["salt_raw"], e["salt_target"],
                 e["public_hash"], e["private_hash"], str(len(path))] + path
    expect("block", tool.ask("block", v["block_key"]), " ".join(want))
    for t in load(shared / "formats/vectors/block-trees.json")["trees"]:
        expect(f"block tree {t['n']}", tool.ask("blocktree", t["n"]), "ok " + t["root"])


def leaves(tool, shared):
    v = load(shared / "formats/vectors/leaves.json")
    for leaf in v["leaves"]:
        got = tool.ask("leaf", text(leaf["entry"])).split()
        kind, version = leaf["type"].split("/")[1:]
        reading = "newer" if kind == "future" else "known"
        expect(leaf["type"], " ".join(got), f"{reading} {kind} {version} {leaf['leaf_hash']} same")
    for o in v["openings"]:
        kind = json.loads(o["opened"])[0]
        args = (o["salt"], text(o["opened"]))
        expect(kind, tool.ask("opening", o["commitment"], *args, kind), "ok")
        expect(kind, tool.ask("opening", o["commitment"], *args, "other"), "bad")
        expect(kind, tool.ask("opening", o["salt"], *args, kind), "bad")
    for leaf in load(shared / "formats/vectors/leaves-bad.json"):
        got = tool.ask("leaf", leaf["entry"]).split(" ")[0]
        if got not in ("malformed", "foreign"):
            sys.exit(f"{leaf['why']}: read as {got}")


def keys(tool, shared):
    for party in load(shared / "formats/vectors/keys.json").values():
        for k in party.values():
            name = k["vkey"].split("+")[0]
            expect(name, tool.ask("key", text(name), k["alg"], k["seed"]), "ok " + k["vkey"])


def roles(tool, shared):
    v = load(shared / "formats/vectors/roles.json")
    for c in v["cases"]:
        got = tool.ask("checkpoint", text(c["note"]), v["log"], v["witness"], v["holder"]).split()
        if c["witness"] is None:
            expect(c["why"], got[0], "refused")
            continue
        expect(c["why"], " ".join(got[0:1] + got[3:5]),
               f"ok witness={','.join(c['witness'])} holder={','.join(c['holder'])}")


def load_log(tool, folder, size):
    """Put the entries of a tlog-tiles folder into a log in memory; give them too."""
    found = []
    while len(found) < size:
        n = len(found) // 256
        stem = folder / "tile/entries" / f"{n:03d}"
        name = stem if stem.is_file() else Path(f"{stem}.p/{size % 256}")
        data = name.read_bytes()
        while data:
            length = int.from_bytes(data[:2], "big")
            found.append(data[2:2 + length])
            data = data[2 + length:]
    expect("log", tool.ask("log"), "ok")
    for at in range(0, size, 100):
        tool.ask("append", *found[at:at + 100])
    return found


def check_tiles(tool, folder):
    for f in sorted(folder.glob("tile/**/*")):
        if not f.is_file():
            continue
        parts = f.relative_to(folder).parts
        n, width = (parts[2], 256) if len(parts) == 3 else (parts[2][:-2], int(parts[3]))
        words = ["bundle"] if parts[1] == "entries" else ["tile", int(parts[1])]
        expect(str(f), tool.ask(*words, int(n), width), "ok " + hexed(f.read_bytes()))


def checkpoint(tool, path, log, witness="-", holder="-"):
    """Verified size and root, in hex."""
    got = tool.ask("checkpoint", path.read_bytes(), log, witness, holder).split()
    expect(str(path), got[0], "ok")
    return int(got[1]), got[2], got


def check_heads(tool, heads):
    for size, root in heads:
        expect(f"root {size}", tool.ask("root", size), f"ok {root}")
    for old, old_root in heads:
        for new, new_root in heads:
            if not 0 < old <= new:
                continue
            proof = tool.ask("prove", "consistency", old, new).split()[1:]
            expect(f"{old} to {new}",
                   tool.ask("consistency", old, new, old_root, new_root, *proof), "ok")


def tessera(tool, shared):
    folder = shared / "data/tlog/tessera-log"
    key = "example.com/log/testdata+33d7b496+AeHTu4Q3hEIMHNqc6fASMsq3rKNx280NI+oO5xCFkkSx"
    heads = [checkpoint(tool, f, key)[:2] for f in sorted(folder.glob("checkpoint*"))]
    load_log(tool, folder, 15)
    check_tiles(tool, folder)
    check_heads(tool, sorted(set(heads)))


def sample(tool, shared):
    folder = shared / "data/tlog/sample/good"
    v = load(folder.parent / "vectors.json")
    keys = v["keys"]
    heads = []
    for f in sorted(folder.glob("checkpoint*")):
        size, root, got = checkpoint(tool, f, keys["log_vkey"], keys["witness_vkey"])
        heads.append((size, root))
    load_log(tool, folder, 600)
    check_tiles(tool, folder)
    check_heads(tool, sorted(set(heads)))
    grow = [f"sample entry {i} ".encode() + b"x" * (i % 23) for i in range(600, 70000)]
    for at in range(0, len(grow), 120):
        tool.ask("append", *grow[at:at + 120])
    roots = {int(size): base64.b64decode(root).hex() for size, root in v["roots"].items()}
    for size, root in roots.items():
        expect(f"root {size}", tool.ask("root", size), f"ok {root}")
    for p in v["inclusion"]:
        proof = [base64.b64decode(h).hex() for h in p["Proof"]]
        expect(str(p), tool.ask("prove", "inclusion", p["Index"], p["Size"]),
               " ".join(["ok"] + proof))
        expect(str(p), tool.ask("inclusion", p["Index"], p["Size"],
                                base64.b64decode(p["Leaf"]).hex(), roots[p["Size"]], *proof), "ok")
    for p in v["consistency"]:
        proof = [base64.b64decode(h).hex() for h in p["Proof"]]
        expect(str(p), tool.ask("prove", "consistency", p["Old"], p["New"]),
               " ".join(["ok"] + proof))


def log40(tool, shared):
    folder = shared / "formats/vectors/log40"
    v = load(folder.parent / "log40.json")
    log = v["vkey"]
    size, root, got = checkpoint(tool, folder / "checkpoint", log,
                                 v["witness"] + "," + v["observer"], v["holder"])
    expect("checkpoint", f"{size} {root} {got[-1]}", f"{v['size']} {v['root']} unchecked=0")
    found = load_log(tool, folder, 40)
    check_tiles(tool, folder)
    for e in found:
        expect(e[:40].hex(), tool.ask("leaf", e).split()[0], "known")
    for p in v["consistency"]:
        proof = [base64.b64decode(h).hex() for h in p["proof"]]
        expect(f"from {p['old']}", tool.ask("prove", "consistency", p["old"], 40),
               " ".join(["ok"] + proof))
        expect(f"root {p['old']}", tool.ask("root", p["old"]), "ok " + p["old_root"])
    for p in v["inclusion"]:
        expect(f"leaf {p['index']}", tool.ask("prove", "inclusion", p["index"], 40),
               " ".join(["ok"] + p["path"]))
    old = sorted((folder / "old").glob("checkpoint*"))[0]
    osize, oroot, _ = checkpoint(tool, old, log)
    expect("old", tool.ask("root", osize), "ok " + oroot)


def conversation(tool, shared):
    folder = shared / "formats/vectors/conversation"
    keys = load(shared / "formats/vectors/keys.json")
    for party, size in (("northland", 54), ("southmark", 37)):
        log = folder / party / "log"
        csize, root, _ = checkpoint(tool, log / "checkpoint", keys[party]["log"]["vkey"])
        expect(party, str(csize), str(size))
        for e in load_log(tool, log, size):
            got = tool.ask("leaf", e).split()
            if got[0] not in ("known", "newer") or got[-1] != "same":
                sys.exit(f"{e[:40]}: {got}")
        check_tiles(tool, log)
        expect(party, tool.ask("root", size), "ok " + root)


def proofs(tool, shared):
    folder = shared / "formats/vectors/proofs"
    k = load(shared / "formats/vectors/keys.json")
    log = k["northland"]["log"]["vkey"]
    witness = k["southmark"]["witness"]["vkey"] + "," + k["observer"]["witness"]["vkey"]
    keys = (log, witness, k["southmark"]["holder"]["vkey"])
    for f in sorted(folder.glob("good-*.json")):
        if "message" in f.name:
            continue
        got = tool.ask("proof", f.read_bytes(), *keys)
        want = f"ok 7 {f.name[5]} 5 "
        if not got.startswith(want) or ("E1" in got) != ("logonly" in f.name):
            sys.exit(f"{f.name}: {got}")
        expect(f.name, tool.ask("proof", f.read_bytes(), witness.split(",")[0], "-", "-")[:7],
               "refused")
    for bad in load(folder / "bad.json"):
        if "message" in bad["file"]:
            continue
        got = tool.ask("proof", (folder / bad["file"]).read_bytes(), *keys)
        expect(f"{bad['file']}: {bad['why']}", got[:17], "refused ERR_PROOF")
    f = folder / "good-1-raw-logonly.json"
    size = len(f.read_bytes()) * 8
    expect("flips", tool.ask("flips", f.read_bytes(), *keys), f"0 of {size}")


def messages(tool, shared):
    folder = shared / "formats/vectors/proofs"
    k = load(shared / "formats/vectors/keys.json")
    observer = k["observer"]["witness"]["vkey"]
    words = []
    for party, other in (("northland", "southmark"), ("southmark", "northland")):
        words += [party, k[party]["log"]["vkey"], k[other]["witness"]["vkey"] + "," + observer,
                  k[other]["holder"]["vkey"]]
    good = sorted(folder.glob("good-message*.json"))
    for f in good:
        got = tool.ask("message", f.read_bytes(), *words)
        expect(f.name, got[:11], "ok received" if "received" in f.name else "ok sent hol")
        data = bytearray(f.read_bytes())
        for at in range(0, len(data), 7):
            data[at] ^= 1
            got = tool.ask("message", bytes(data), *words)
            before = data[:at + 1].decode(errors="replace")
            if got.startswith("ok") and "\u2014 " not in before:
                sys.exit(f"{f.name}: a changed byte {at} is taken")
            data[at] ^= 1
    for f in sorted(folder.glob("bad-message*.json")):
        expect(f.name, tool.ask("message", f.read_bytes(), *words)[:17], "refused ERR_PROOF")


def merkle(tool, shared):
    def decoded(h):
        """Roots of other lengths are only compared: their hash will do."""
        h = base64.b64decode(h or "")
        return (h if len(h) in (0, 32) else hashlib.sha256(h).digest()).hex() or "-"

    for f in sorted((shared / "data/tlog/merkle-vectors/inclusion").rglob("*.json")):
        v = load(f)
        got = tool.ask("inclusion", v["leafIdx"], v["treeSize"], decoded(v["leafHash"]),
                       decoded(v["root"]), *[decoded(h) for h in v["proof"] or []])
        expect(f"{f} ({v['desc']})", got, "bad" if v["wantErr"] else "ok")
    for f in sorted((shared / "data/tlog/merkle-vectors/consistency").rglob("*.json")):
        v = load(f)
        got = tool.ask("consistency", v["size1"], v["size2"], decoded(v["root1"]),
                       decoded(v["root2"]), *[decoded(h) for h in v["proof"] or []])
        expect(f"{f} ({v['desc']})", got, "bad" if v["wantErr"] else "ok")


def main():
    shared = Path(os.environ.get("DETENTE_SHARED") or sys.argv[2])
    if not (shared / "formats/vectors").is_dir():
        print(f"SKIP: no vectors in {shared}")
        sys.exit(77)
    tool = Tool(sys.argv[1])
    for suite in sys.argv[3:]:
        before = tool.checks
        globals()[suite](tool, shared)
        print(f"{suite}: {tool.checks - before} checks")


main()
