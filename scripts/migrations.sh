#!/usr/bin/env bash
# The migrations gate. A release serves while its successor's migrations run, and on their schema afterwards, so a migration only
# adds, and locks nothing that is large. What takes away is the contract step of an expand/contract pair, and its up.sql says so:
#
#   -- Contract step of 20270115093000_AddPayoutReference.
#
# Its name begins with Contract, which is how the migration worker of an older release knows that it cannot work on that schema.
#
# An index on a table with rows is built beside the traffic, which PostgreSQL does outside a transaction only. So such a migration is
# nothing but that, and begins anew after a kill, which leaves an index that is not valid:
#
#   DROP INDEX CONCURRENTLY IF EXISTS ix_purchases_amount;
#   CREATE INDEX CONCURRENTLY ix_purchases_amount ON purchases (amount);
#
# A single statement that is harmless, such as an index on a small table, is excused with the reason in the line above:
#
#   -- squawk-ignore require-concurrent-index-creation: one row a merchant
set -Eeuo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

readonly migrations=ClickNBack.MigrationService/Migrations
readonly destructive=ban-drop-column,ban-drop-table,ban-drop-not-null,changing-column-type,renaming-column,renaming-table
# Types are the mappings' affair. The migration worker limits the wait for locks, and runs each migration in a transaction.
readonly others=ban-char-field,prefer-bigint-over-int,prefer-text-field,prefer-timestamp-tz,require-lock-timeout,require-statement-timeout

# The expand step must be in a release: until then the version that serves needs what is taken away.
is_released() { # is_released MIGRATION
    local release
    release=$(git describe --tags --abbrev=0 --match 'v[0-9]*' 2> /dev/null) || return 1
    git cat-file -e "$release:$migrations/$1/up.sql" 2> /dev/null
}

# outside_transaction FILE: whether it is pairs of such statements. Each stands alone: its semicolon ends the line.
outside_transaction() {
    sed 's/--.*//' "$1" | awk '
        BEGIN { RS = ";\n" }
        { gsub(/[ \t\n]+/, " "); sub(/^ /, "") }
        /^$/ { next }
        /^DROP INDEX CONCURRENTLY IF EXISTS [a-z0-9_]+$/ && dropped == "" { dropped = $6; next }
        /^CREATE (UNIQUE )?INDEX CONCURRENTLY / { if ($($2 == "UNIQUE" ? 5 : 4) == dropped) { dropped = ""; next } }
        { wrong = 1 }
        END { exit wrong || dropped != "" }'
}

code=0
count=0
for file in "$migrations"/*/up.sql; do
    count=$((count + 1))
    excluded=$others
    expand=$(sed -n 's/^-- Contract step of \([0-9]\{14\}_[A-Za-z0-9]*\)\.$/\1/p' "$file")
    if [[ -z $expand ]]; then
        if grep -nHiE '^ *(DROP +(VIEW|FUNCTION|PROCEDURE|SCHEMA|TYPE|SEQUENCE|EXTENSION)|TRUNCATE)\b' "$file"; then
            echo "This takes away what the previous release may need."
            code=1
        fi
    elif [[ ! ${file%/up.sql} =~ /[0-9]{14}_Contract ]]; then
        echo "$file: the name of a contract step begins with Contract"
        code=1
    elif is_released "$expand"; then
        excluded+=,$destructive
    else
        echo "$file: no release has the expand step $expand yet"
        code=1
    fi
    transaction=(--assume-in-transaction)
    if grep -q CONCURRENTLY "$file"; then
        transaction=()
        excluded+=,prefer-robust-stmts
        if ! outside_transaction "$file"; then
            echo "$file: what runs outside a transaction is DROP INDEX CONCURRENTLY IF EXISTS x; CREATE INDEX CONCURRENTLY x ON …; only"
            code=1
        fi
    fi
    .github/lint/node_modules/.bin/squawk "${transaction[@]}" --exclude="$excluded" --reporter Gcc "$file" || code=1
done
if grep -rnE 'migrationBuilder\.([A-QS-Z]|R[a-tv-z])' "$migrations" --include='*.cs' --exclude='*.Designer.cs'; then
    echo "Migrations are written in SQL: $migrations/…/up.sql"
    code=1
fi
[[ $code -ne 0 ]] || echo "migrations: $count only add, and lock nothing that is large"
exit "$code"
