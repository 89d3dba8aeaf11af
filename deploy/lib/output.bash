# What the operator sees: lines with a time in a log, short ones with marks on a terminal. Nothing here ever prints a value of
# .env, and a terminal that goes away stops nothing.

trap : PIPE

# shellcheck disable=SC2034 # for the other files
readonly EX_USAGE=64 EX_TEMPFAIL=75 EX_CONFIG=78

say() {
    if [[ -t 1 ]]; then
        printf '%s\n' "$*"
    else
        printf '%(%Y-%m-%dT%H:%M:%S%z)T %s\n' -1 "$*"
    fi 2> /dev/null || :
}

complain() { printf '%s\n' "$*" >&2 2> /dev/null || :; }

# usage MESSAGE: the command line is wrong.
usage() {
    complain "$1"
    exit "$EX_USAGE"
}

# die MESSAGE [CODE]
die() {
    complain "clicknback: $1"
    exit "${2:-1}"
}

# failed_command CODE COMMAND PLACE: for the trap of ERR. Told once, by the outermost shell.
failed_command() {
    ((BASH_SUBSHELL > 0)) || complain "clicknback: ${2%%$'\n'*} failed at $3 (exit code $1)"
}

# progress MARK NAME [SECONDS] [TEXT]: one line a step; on a terminal "…" is overwritten by the outcome.
progress() {
    local mark=$1 name=$2 seconds=${3:+ $3 s} text=${4:-}
    if [[ -t 1 ]]; then
        case $mark in
            '…') printf '  %s %s\r' "$mark" "$name" ;;
            *) printf '\033[2K  %s %-15s%8s  %s\n' "$mark" "$name" "$seconds" "$text" ;;
        esac
    elif [[ $mark != '…' ]]; then
        say "$mark $name$seconds${text:+  $text}"
    fi 2> /dev/null || :
}

# uptime_seconds: a clock that nobody sets. (SECONDS follows the one that somebody does.)
uptime_seconds() {
    local uptime
    read -r uptime _ < /proc/uptime
    echo "${uptime%.*}"
}

now_ms() { date +%s%3N; }

# seconds MILLISECONDS: 1234 is 1.2; where the clock was set back meanwhile, 0.0
seconds() { printf '%d.%d' $(($1 < 0 ? 0 : $1 / 1000)) $(($1 < 0 ? 0 : $1 % 1000 / 100)); }
