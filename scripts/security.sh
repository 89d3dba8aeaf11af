#!/usr/bin/env bash
# The security gate: no package with a known vulnerability, no secret in any file, no licence that forbids shipping.
#
#   scripts/security.sh                    all of it
#   scripts/security.sh packages licences  some of it
#   scripts/security.sh staged             secrets in what is about to be committed
#
# Leaves artifacts/sbom/*.cdx.json, what each program ships, and artifacts/security.txt.
set -Eeuo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
# shellcheck source=scripts/files.bash
source scripts/files.bash

readonly all="packages secrets licences"
readonly sbom=artifacts/sbom
readonly licences='["Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "MIT", "MS-PL", "PostgreSQL"]'

# NuGet calls every package free of vulnerabilities where its sources know of none at all, so that is asked first.
check_packages() {
    local source report informed=false
    while IFS= read -r source; do
        if curl --silent --show-error --fail --location --max-time 30 "$source" | grep -q '"VulnerabilityInfo/'; then informed=true; fi
    done < <(dotnet nuget list source --format Short | sed -n 's|^E \(https\{0,1\}://\)|\1|p')
    if [[ $informed == false ]]; then
        echo "NOT CHECKED: no package source of this machine has data about vulnerabilities"
        [[ ${GITHUB_ACTIONS:-} != true ]]
        return
    fi
    report=$(dotnet package list --vulnerable --include-transitive --no-restore) || { echo "$report" && return 1; }
    if [[ $report == *"has the following vulnerable packages"* ]]; then
        echo "$report"
        return 1
    fi
    echo "none has a known vulnerability"
}

scan() { # scan FOLDER < NAMES
    local root=$PWD
    (cd "$1" && each "$root/.github/lint/node_modules/.bin/secretlint" --no-glob --format unix --secretlintrc "$root/.secretlintrc.json")
}

check_secrets() {
    local code=0
    files | scan . || code=1
    [[ $code -ne 0 ]] || echo "none in $(files | wc -l) files"
    if files | grep -E '(^|/)(\.env|\.env\.[^/]*|[^/]*\.(pfx|p12|key))$' | grep -v '\.example$'; then
        echo "A file of this name holds secrets."
        code=1
    fi
    if files '*package-lock.json' '*.npmrc' '*[Nn]u[Gg]et.[Cc]onfig' |
        each grep -nHE '"resolved": *"|^ *(@[^:]*:)?registry *=|<add [^>]*value="https?:' | grep .; then
        echo "Which registry a machine uses is that machine's affair."
        code=1
    fi
    return "$code"
}

check_staged() {
    local code=0 staged
    staged=$(mktemp -d)
    git diff --cached --name-only --diff-filter=ACMR -z | git checkout-index --stdin -z --prefix="$staged/"
    (cd "$staged" && find . -type f) | scan "$staged" || code=1
    rm -rf "$staged"
    return "$code"
}

check_licences() {
    local project
    for project in ClickNBack.Api ClickNBack.MigrationService; do
        dotnet CycloneDX "$project/$project.csproj" --exclude-dev --disable-package-restore --set-name "$project" \
            --output "$sbom" --filename "$project.cdx.json" --output-format Json > /dev/null || return
    done
    node --input-type=module - "$licences" "$sbom"/*.cdx.json <<'JS'
import { readFileSync } from "node:fs";

const [allowed, ...files] = process.argv.slice(2);
const found = {};
for (const { name, version, licenses = [] } of files.flatMap((file) => JSON.parse(readFileSync(file)).components)) {
  const licence = licenses.map(({ license, expression }) => expression ?? license.id ?? license.name).join(" and ") || "none";
  (found[licence] ??= new Set()).add(`${name} ${version}`);
}
const refused = Object.keys(found).filter(
  (licence) => !licence.split(" and ").every((it) => JSON.parse(allowed).includes(it)),
);
console.log(Object.entries(found).map(([licence, packages]) => `${packages.size} ${licence}`).sort().reverse().join(", "));
for (const licence of refused) {
  console.log(`Licence ${licence} is not on the list: ${[...found[licence]].join(", ")}`);
}
process.exitCode = refused.length === 0 ? 0 : 1;
JS
}

if [[ $# -eq 0 ]]; then
    # shellcheck disable=SC2086 # a list of words
    set -- $all
fi

failed=
mkdir -p artifacts
: > artifacts/security.txt
for name in "$@"; do
    if ! declare -F "check_$name" > /dev/null; then
        echo "security.sh: no check $name; there are: $all staged" >&2
        exit 2
    fi
    if output=$("check_$name" 2>&1); then
        verdict=ok
        [[ $output != NOT* ]] || verdict=-
    else
        verdict=FAILED
        failed+=" $name"
        output=$'\n'$output
    fi
    printf 'security %-9s %-6s  %s\n' "$name" "$verdict" "${output:-none}" | tee -a artifacts/security.txt
done

if [[ -n $failed ]]; then
    echo "security: failed:$failed" >&2
    exit 1
fi
