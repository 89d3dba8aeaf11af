#!/usr/bin/env bash
# Which gates a change has to pass, as lines for $GITHUB_OUTPUT: scripts/changed.sh [BASE]. Without a base: all of them.
#
#   test      what is not known to be harmless: all tests, coverage, analysis
#   rehearse  what ends in an image or on a server
#   drift     documents and workflows alone: the tests that read them
set -Eeuo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

everything=false test=false rehearse=false
if [[ -z ${1:-} ]]; then
    everything=true
else
    while IFS= read -r file; do
        case $file in
            deploy/README.md | deploy/BACKUPS.md | deploy/.env.example) rehearse=true ;; # the guide is executed
            *.md | docs/* | .github/* | .githooks/* | LICENSE) ;;
            deploy/* | scripts/images.sh) rehearse=true ;;
            benchmarks/* | scripts/* | ClickNBack.AppHost/* | ClickNBack.Tests/[A-CE-Z]*) test=true ;;
            *) everything=true ;;
        esac
    done < <(git diff --name-only "$1...HEAD")
fi
[[ $everything == false ]] || test=true rehearse=true

printf 'test=%s\nrehearse=%s\ndrift=%s\n' "$test" "$rehearse" "$([[ $test == true ]] && echo false || echo true)"
