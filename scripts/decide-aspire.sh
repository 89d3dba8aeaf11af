#!/usr/bin/env bash
# Decides whether this machine builds and runs with Aspire, and keeps the answer in .aspire.props, which
# Directory.Build.props imports: plain `dotnet` and IDEs then follow it too.
#
#   scripts/decide-aspire.sh [auto|on|off]
#
# Aspire is used if its packages can be had and there is something to run PostgreSQL with: a container engine that
# answers, or a database given in ConnectionStrings__clicknback. May be killed at any time and run again.
set -Eeuo pipefail
trap 'echo "decide-aspire.sh: failed at line $LINENO: $BASH_COMMAND" >&2' ERR
cd "$(dirname "${BASH_SOURCE[0]}")/.."

readonly patience=8 # seconds for each question

# within COMMAND…: silent; its exit code, or 124 if it took too long. (macOS has no `timeout`.)
within() {
    "$@" > /dev/null 2>&1 < /dev/null &
    local pid=$! tenths
    for ((tenths = 0; tenths < patience * 10; tenths++)); do
        if ! kill -0 "$pid" 2> /dev/null; then
            wait "$pid"
            return
        fi
        sleep 0.1
    done
    kill "$pid" 2> /dev/null || true
    return 124
}

has_container_engine() {
    local engine
    for engine in docker podman; do
        if command -v "$engine" > /dev/null && within "$engine" info; then
            return 0
        fi
    done
    return 1
}

# The AppHost's project file cannot even be evaluated where Aspire's SDK cannot be found.
has_packages() {
    UseAspire=true within dotnet msbuild ClickNBack.AppHost -getProperty:UseAspire
}

decide() { # sets: use, reason
    local code=0
    use=false
    if [[ -z ${ConnectionStrings__clicknback:-} ]] && ! has_container_engine; then
        reason="no container engine answers and ConnectionStrings__clicknback is not set"
        return
    fi
    has_packages || code=$?
    case $code in
        0) use=true reason="its packages and something to run PostgreSQL with are there" ;;
        124) reason="the package feed did not answer within $patience s" ;;
        *) reason="the package feed has no Aspire" ;;
    esac
}

case ${1:-auto} in
    on) use=true reason="you said so" ;;
    off) use=false reason="you said so" ;;
    auto) decide ;;
    *) echo "usage: decide-aspire.sh [auto|on|off]" >&2; exit 2 ;;
esac

content="<Project><PropertyGroup><UseAspire Condition=\"'\$(UseAspire)' == ''\">$use</UseAspire></PropertyGroup></Project>"
if [[ -f .aspire.props && $(< .aspire.props) == "$content" ]]; then
    exit 0
fi

mkdir -p .make
temporary=$(mktemp .make/aspire.props.XXXXXX)
trap 'rm -f "$temporary"' EXIT
echo "$content" > "$temporary"
chmod 644 "$temporary"
mv "$temporary" .aspire.props

if [[ $use == true ]]; then
    echo "Aspire is on: $reason (.aspire.props; make ASPIRE=off does without)."
else
    echo "Aspire is off: $reason; the same graph runs without it (.aspire.props; make ASPIRE=auto looks again)."
fi
