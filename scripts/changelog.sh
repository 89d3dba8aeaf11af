#!/usr/bin/env bash
# CHANGELOG.md.
#
#   scripts/changelog.sh release 1.4.0   gives what is unreleased that number and today's date, commits it, and makes the tag
#   scripts/changelog.sh v1.4.0          prints what that version changed
set -Eeuo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

readonly version_form='^[0-9]+\.[0-9]+\.[0-9]+(-[0-9A-Za-z.-]+)?$'

section() { # section TITLE: the lines below a heading of the second level
    awk -v title="$1" '/^## / { inside = index($0, "## " title) == 1; next } inside' CHANGELOG.md | sed -e '/./,$!d'
}
fail() { echo "changelog.sh: $1" >&2 && exit 1; }

if [[ ${1:-} != release ]]; then
    notes=$(section "${1#v} ")
    [[ -n $notes ]] || fail "CHANGELOG.md says nothing about ${1:-no version}"
    echo "$notes"
    exit
fi

version=${2#v}
[[ $version =~ $version_form ]] || fail "\"$version\" is no version such as 1.4.0"
[[ -n $(section Unreleased) ]] || fail "nothing is written under Unreleased"
[[ -z $(git status --porcelain) ]] || fail "there are changes that are not committed"
! git rev-parse --quiet --verify "refs/tags/v$version" > /dev/null || fail "v$version is there already"

awk -v heading="## $version – $(date -u +%F)" '{ print } /^## Unreleased$/ { print "\n" heading }' CHANGELOG.md > CHANGELOG.md.new
mv CHANGELOG.md.new CHANGELOG.md
git commit --quiet --message "Release $version" -- CHANGELOG.md
git tag --annotate "v$version" --message "ClickNBack $version" --cleanup=verbatim
echo "v$version is made; it is released by: git push origin HEAD v$version"
