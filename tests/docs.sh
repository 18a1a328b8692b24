#!/bin/sh
# Documents that describe what is checked: printed anew and compared.  docs.sh DETENTE ROOT
set -u
detente=$1 root=$2 bad=0
out=$(mktemp)
trap 'rm -f "$out"' EXIT
/usr/bin/python3 "$root/tools/architecture.py" --check "$root" || bad=1
/usr/bin/python3 "$root/tools/manpage.py" "$detente" "$root/docs/man/detente.1.in" >"$out"
cmp -s "$out" "$root/docs/man/detente.1" || { echo "docs/man/detente.1 is not what the option tables say: tools/manpage.py build/detente docs/man/detente.1.in > docs/man/detente.1"; bad=1; }
if command -v mandoc >/dev/null; then
    # Manuals that are not installed here are not found; that is no fault of the page.
    mandoc -T lint -W warning "$root"/docs/man/*.[0-9] | grep -v 'Xr' && bad=1
fi
exit $bad
