#!/usr/bin/env bash
# Runs all tests once, measures what they cover, and fails under 80 % of lines.
#
#   scripts/coverage.sh CONFIGURATION [ARGUMENTS OF dotnet test…]
#
# Leaves artifacts/tests/*.trx (the tests' results) and artifacts/coverage/index.html (line by line).
set -Eeuo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

readonly minimum=80
readonly results=artifacts/tests report=artifacts/coverage

configuration=${1:?the configuration that was built}
shift

rm -rf "$results" "$report"

# coverlet 10.0.1 drops an assembly without a word if it cannot find the shared framework's assemblies, which the SDK 10.0.4xx
# no longer lists in deps.json (coverlet issue 2026, fixed after 10.0.1). It looks beside the tests; the runtime does not.
output=ClickNBack.Tests/bin/$configuration/net10.0
borrowed=()
put_back() { [[ ${#borrowed[@]} -eq 0 ]] || rm -f "${borrowed[@]}"; }
trap put_back EXIT
framework=$(dotnet --list-runtimes | sed -n 's/^Microsoft\.AspNetCore\.App \(10\.[^ ]*\) \[\(.*\)\]$/\2\/\1/p' | tail -n 1)
for file in "$framework"/*.dll; do
    if [[ ! -e $output/${file##*/} ]]; then
        borrowed+=("$output/${file##*/}")
        cp "$file" "$output/"
    fi
done

tests=0
# A test that hangs is ended and named.
dotnet test ClickNBack.Tests --no-build --nologo --configuration "$configuration" \
    --filter 'Category!=Rehearsal' --settings coverage.runsettings --collect 'XPlat Code Coverage' \
    --results-directory "$results" --logger 'trx;LogFileName=tests.trx' \
    --blame-hang-timeout 10m --blame-hang-dump-type none "$@" || tests=$?

if [[ -z $(find "$results" -name coverage.cobertura.xml 2> /dev/null) ]]; then
    echo "coverage: the test run left no coverage behind" >&2
    exit 1
fi

dotnet reportgenerator -reports:"$results/*/coverage.cobertura.xml" -targetdir:"$report" \
    -reporttypes:'Html;Cobertura;XmlSummary' -verbosity:Error

enough=true
# One line for each assembly and one for all of them; the exit code says whether it is enough.
awk -v minimum="$minimum" -v report="$report" '
    function value(name) { return match($0, " " name "=\"[^\"]*\"") ? substr($0, RSTART + length(name) + 3, RLENGTH - length(name) - 4) : "" }
    function percent(covered, all) { return all > 0 ? sprintf("%6.1f %%", int(1000 * covered / all) / 10) : "      –  " }
    function line(name, lines, of_lines, branches, of_branches) {
        printf "%-28s %8s  (%5d of %5d)   %8s  (%5d of %5d)\n", name, percent(lines, of_lines), lines, of_lines, percent(branches, of_branches), branches, of_branches
    }
    BEGIN { printf "\n%-28s %8s %18s   %8s\n", "assembly", "lines", "", "branches" }
    /<Assembly / {
        line(value("name"), value("coveredlines"), value("coverablelines"), value("coveredbranches"), value("totalbranches"))
        lines += value("coveredlines"); of_lines += value("coverablelines")
        branches += value("coveredbranches"); of_branches += value("totalbranches")
    }
    END {
        line("total", lines, of_lines, branches, of_branches)
        printf "\nLine by line: %s/index.html\n", report
        if (100 * lines < minimum * of_lines) {
            printf "coverage: FAILED: %.1f %% of lines are covered, %d %% are asked for\n", int(1000 * lines / of_lines) / 10, minimum
            exit 1
        }
    }' "$report/Summary.xml" || enough=false

for name in $(grep -o '\[ClickNBack\.[A-Za-z]*\]' coverage.runsettings | tr -d '[]'); do
    if ! grep -q "<Assembly name=\"$name\"" "$report/Summary.xml"; then
        echo "coverage: FAILED: nothing was measured in $name; \`dotnet test --diag FILE\` tells why" >&2
        enough=false
    fi
done
if [[ $tests -ne 0 ]]; then
    echo "coverage: FAILED: not all tests passed" >&2
fi
[[ $tests -eq 0 && $enough == true ]]
