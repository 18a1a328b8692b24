#!/bin/sh
# shared.sh SHARED: the checker takes the logs of other implementations among the test data.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
shared=${DETENTE_SHARED:-$1}
if [ ! -d "$shared/data/tlog" ]; then
    echo "SKIP: no test data in $shared"
    exit 77
fi
"$here/check.sh" "$shared/data/tlog/tessera-log" \
    example.com/log/testdata+33d7b496+AeHTu4Q3hEIMHNqc6fASMsq3rKNx280NI+oO5xCFkkSx
"$here/check.sh" "$shared/formats/vectors/log40" \
    northland.example/detente/log+95c33c11+ARbL0e+Dqoa4hY57y8X7IYp858D+xlpO2lkTevqxAeEk \
    southmark.example/detente/witness+629f5f77+BI5DVZB9GAHcuQ6IG3Faavb3YLE4P4hvpkU7d0qpAzN6 \
    southmark.example/detente/holder+5b127645+BKnYlNFf0Anr6Ox3CqCU92EpmwT2U/sHbs9Zi9WNtVfl
