#!/bin/sh
# check.sh DIR VKEY [COSIGNER-VKEY…]: check an exported log (`detente log export DIR`) with
# Go's implementation of transparency logs.  Ends with 77 (skipped) where that is missing.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
exec "$here/run.sh" run "$here/check.go" "$@"
