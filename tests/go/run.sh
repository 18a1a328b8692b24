#!/bin/sh
# run.sh run FILE [ARGUMENT…] | build FILE PROGRAM: a Go program with Debian's modules and nothing
# from the network.  Ends with 77 (skipped) where they are missing.
set -eu
path=${DETENTE_GOPATH:-/usr/share/gocode}
if ! command -v go >/dev/null 2>&1 || [ ! -d "$path/src/golang.org/x/mod/sumdb" ]; then
    echo "SKIP: needs golang and golang-golang-x-mod-dev"
    exit 77
fi
export GO111MODULE=off GOPATH="$path" GOFLAGS= GOPROXY=off GOTOOLCHAIN=local CGO_ENABLED=0
export GOCACHE="${DETENTE_GOCACHE:-${TMPDIR:-/tmp}/detente-gocache}"
how=$1 file=$2
shift 2
case $how in
run) exec go run "$file" "$@" ;;
build) exec go build -o "$1" "$file" ;;
esac
