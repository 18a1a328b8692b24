#!/bin/sh
# check.sh DIR VKEY [COSIGNER-VKEY…]: check an exported log (`detente log export DIR`) with
# Go's implementation of transparency logs.  Ends with 77 (skipped) where that is missing.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
path=${DETENTE_GOPATH:-/usr/share/gocode}
if ! command -v go >/dev/null 2>&1 || [ ! -d "$path/src/golang.org/x/mod/sumdb" ]; then
    echo "SKIP: needs golang and golang-golang-x-mod-dev"
    exit 77
fi
export GO111MODULE=off GOPATH="$path" GOFLAGS= GOPROXY=off GOTOOLCHAIN=local CGO_ENABLED=0
export GOCACHE="${DETENTE_GOCACHE:-${TMPDIR:-/tmp}/detente-gocache}"
exec go run "$here/check.go" "$@"
