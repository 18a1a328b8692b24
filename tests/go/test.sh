#!/bin/sh
# test.sh MAKE_LOG WORK: the checker takes logs made here, and none with a changed byte.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
make=$1
work=$2
rm -rf "$work"
mkdir -p "$work"
for size in 0 1 256 700; do
    keys=$("$make" "$work/$size" "$size")
    # shellcheck disable=SC2086 # two keys, two words
    "$here/check.sh" "$work/$size" $keys
done
# shellcheck disable=SC2086
set -- $keys
spoil() { # file: the log must be refused with one byte of it changed
    cp "$work/700/$1" "$work/saved"
    printf '\377' | dd of="$work/700/$1" bs=1 seek="$2" conv=notrunc 2>/dev/null
    if "$here/check.sh" "$work/700" $keys 2>/dev/null; then
        echo "not noticed: $1"
        exit 1
    fi
    cp "$work/saved" "$work/700/$1"
}
spoil checkpoint 20
spoil checkpoint.255 20
spoil tile/0/001 100
spoil tile/entries/002.p/188 5
echo "changed bytes are noticed"
