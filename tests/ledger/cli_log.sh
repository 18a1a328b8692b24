#!/bin/sh
# cli_log.sh DETENTE WORK MAKE_LOG: the log's commands on a node with made-up events.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
detente=$1
work=$2
makelog=$3
rm -rf "$work"
mkdir -p "$work/node"
export DETENTE_DIR="$work/node"
fail() {
    echo "$*" >&2
    exit 1
}
refused() { # status, command…: ends with just that status
    want=$1
    shift
    status=0
    "$@" >"$work/out" 2>&1 || status=$?
    [ "$status" = "$want" ] || fail "$*: status $status, not $want"
}

"$detente" init >/dev/null 2>&1
key=$("$detente" log key)
"$detente" sample --count 3000 >"$work/eve.json"
"$detente" ingest "$work/eve.json" >/dev/null 2>&1
"$detente" log fsck >/dev/null
"$detente" log show 0 | head -1 | grep -q '^detente/start/1$' || fail "leaf 0 is no start"
[ "$("$detente" log -o jsonl --limit 1 2>/dev/null | wc -l)" = 1 ] || fail "log --limit 1"
refused 1 "$detente" log show 100000
refused 2 "$detente" log show x

id=$("$detente" events -o jsonl --limit 1 2>/dev/null | sed 's/.*"id":"\([^"]*\)".*/\1/')
for show in raw target private masked public; do
    "$detente" log prove "$id" --show $show --out "$work/$show.detente-proof"
    "$detente" log verify "$work/$show.detente-proof" | grep -q '^E1: signed by the log alone$' ||
        fail "$show does not verify"
done
# Far from the node only the key is needed; another key proves nothing.
DETENTE_DIR='' "$detente" log verify --key "$key" "$work/raw.detente-proof" >/dev/null
other="a.example/log+52b31a95+Ac7MFQfcHd1ylZUcKQiI8JWtuQRNG3PWlubfBl1oO9T8"
refused 6 "$detente" log verify --key "$other" "$work/raw.detente-proof"
sed "s/alert/audit/" "$work/raw.detente-proof" >"$work/changed"
refused 6 "$detente" log verify "$work/changed"
refused 2 "$detente" log verify --key rubbish "$work/raw.detente-proof"
# A policy brings the keys, and says how many must have cosigned.
printf 'log %s\nquorum none\n' "$key" >"$work/policy"
"$detente" log verify --policy "$work/policy" "$work/raw.detente-proof" >/dev/null
"$makelog" "$work/other" 1 | {
    read -r log witness
    printf 'log %s\nwitness w %s\nquorum w\n' "$key" "$witness" >"$work/policy"
    printf 'log %s\nquorum none\n' "$log" >"$work/policy2"
}
refused 6 "$detente" log verify --policy "$work/policy" "$work/raw.detente-proof"
refused 6 "$detente" log verify --policy "$work/policy2" "$work/raw.detente-proof"
refused 3 "$detente" log verify --policy "$work/raw.detente-proof" "$work/raw.detente-proof"
refused 1 "$detente" log prove 999999-0

"$detente" log prove "$id" --split "$work/split"
head -1 "$work/split/$id.tlog-proof" | grep -q '^c2sp.org/tlog-proof@v1$' || fail "split"
head -1 "$work/split/entry" | grep -q '^detente/block/1$' || fail "split entry"

"$detente" log export "$work/export" 2>/dev/null
exec "$here/../go/check.sh" "$work/export" "$key"
