#!/bin/sh
# What `make install` puts in place: a binary that runs, manuals, a unit that is fenced in well.
#   packaging.sh BUILD-DIRECTORY
set -eu
d=$(mktemp -d)
trap 'rm -rf "$d"' EXIT
DESTDIR=$d meson install -C "$1" --no-rebuild --quiet
bin=$(find "$d" -name detente -type f -perm -u+x)
unit=$(find "$d" -name detente.service)
"$bin" version >/dev/null
find "$d" -name detente.1 | grep -q .
find "$d" -name detente.yaml.5 | grep -q .
! grep -q '@' "$unit" || ! grep -q '@bindir@' "$unit"
command -v systemd-analyze >/dev/null || { echo "no systemd-analyze here"; exit 77; }
sed -i "s#^ExecStart=[^ ]*#ExecStart=$bin#" "$unit"
score=$(systemd-analyze security --offline=true "$unit" | sed -n 's/.*exposure level for [^:]*: \([0-9.]*\).*/\1/p')
echo "exposure $score"
[ -n "$score" ] && [ "$(echo "$score <= 1.0" | bc)" -eq 1 ]
