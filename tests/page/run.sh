#!/bin/sh
# The page in a real browser: run.sh ROOT DETENTE stub|node|verify [TEST]
# stub: promises of the page, against a server that plays the contract; node: against the real
# program, fed with sample traffic; verify: the browser's proof verifier against golden vectors.
set -u
root=$1 detente=$(realpath "$2") what=$3 pid=
cd "$root" || exit 1
[ -d node_modules/playwright-core ] || { echo "SKIP: npm packages are not installed"; exit 77; }
if [ "$what" != verify ] && ! command -v "${CHROMIUM:-chromium}" >/dev/null; then
    echo "SKIP: no chromium"
    exit 77
fi
case $what in
verify)
    [ -d "${DETENTE_SHARED:-../shared}/formats/vectors" ] || { echo "SKIP: no shared vectors"; exit 77; }
    DETENTE_VECTORS=$(cd "${DETENTE_SHARED:-../shared}/formats/vectors" && pwd) exec node --test tests/page/verify.test.mjs ;;
stub)
    mkdir -p web/dist || exit 1
    # Once for all that run side by side: nobody may lose the files that it serves.
    exec 9>web/dist/.lock
    flock 9
    [ -f web/dist/index.html ] && [ -z "$(find web -newer web/dist/index.html -type f ! -path 'web/dist/*' | head -n 1)" ] ||
        node web/build.mjs >/dev/null || exit 1
    flock -u 9
    DETENTE=$detente exec node --test "tests/page/$4.test.mjs" ;;
node)
    dir=$(mktemp -d)
    trap '[ -z "$pid" ] || { kill $pid; wait $pid; } 2>/dev/null; rm -rf "$dir"' EXIT
    printf 'party: northland\ncountry: XN\ndemo: true\nnetworks: [192.0.2.0/24, "2001:db8:a::/48"]\nlisten:\n  - address: 127.0.0.1:18475\n    what: page\n' >"$dir/detente.yaml"
    "$detente" --dir "$dir" init --party northland >/dev/null 2>&1 || exit 1
    [ ! -d node_modules/@ip-location-db ] || "$detente" --dir "$dir" tables build >/dev/null 2>&1
    "$detente" --dir "$dir" serve --sample 2>"$dir/talk" &
    pid=$!
    for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
        grep -q 'the page is at' "$dir/talk" && break
        sleep 0.5
    done
    DETENTE_URL=http://127.0.0.1:18475 node --test tests/page/page.test.mjs ;;
esac
