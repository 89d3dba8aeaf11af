#!/usr/bin/env bash
# Mutation tests of the folders where money and access are decided (or of those that are given): each change that no test notices
# is a gap. Takes hours for all of them; leaves artifacts/mutation/FOLDER/reports. FILTER leaves out tests.
#
#   scripts/mutation.sh                     Auth Idempotency Ledger Money Payouts Purchases
#   scripts/mutation.sh Ledger              one of them
#   scripts/mutation.sh Purchases/Cashback* some files
set -Eeuo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

[[ $# -gt 0 ]] || set -- Auth Idempotency Ledger Money Payouts Purchases

code=0
for folder in "$@"; do
    pattern=$folder
    [[ ! -d ClickNBack.Api/$folder ]] || pattern+='/**/*.cs'
    rm -rf "artifacts/mutation/$folder"
    (cd ClickNBack.Tests && dotnet stryker --project ClickNBack.Api.csproj --mutate "$pattern" --output "../artifacts/mutation/$folder" \
        --test-case-filter "Category!=Rehearsal&Category!=Repeated${FILTER:+&($FILTER)}" --reporter json --reporter html --reporter cleartext \
        --threshold-high 85 --threshold-low 60 --break-at 0 --concurrency 2 --skip-version-check) || code=1
done
exit "$code"
