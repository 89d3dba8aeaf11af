#!/usr/bin/env bash
# Runs `dotnet ef` for ClickNBackDbContext, without a database:
#
#   scripts/ef.sh migrations add AddSomething        (what `make migration NAME=AddSomething` does)
#   scripts/ef.sh migrations remove
#   scripts/ef.sh migrations has-pending-model-changes
#   scripts/ef.sh migrations script FROM TO
set -Eeuo pipefail
trap 'echo "ef.sh: failed at line $LINENO: $BASH_COMMAND" >&2' ERR

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$root"

readonly project=ClickNBack.MigrationService
readonly context=ClickNBack.Api.Persistence.ClickNBackDbContext

if [[ $# -eq 0 ]]; then
    sed -n '2,7s/^# \{0,1\}//p' "${BASH_SOURCE[0]}"
    exit 2
fi

dotnet tool restore > /dev/null
dotnet build "$project" --nologo --verbosity quiet -clp:NoSummary # here, because `dotnet ef` keeps a build's errors to itself

options=(--no-build --project "$project" --context "$context")
case "$1 ${2:-}" in
    "migrations add") options+=(--output-dir Migrations) ;;
    "migrations remove") options+=(--force) ;; # there is no database to ask whether it was applied
    "migrations "* | "dbcontext "*) ;;
    *) echo "ef.sh: only 'migrations …' and 'dbcontext …' make sense here; the database belongs to $project" >&2; exit 2 ;;
esac
exec dotnet ef "$@" "${options[@]}"
