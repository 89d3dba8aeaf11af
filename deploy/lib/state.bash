# The state files: KEY=VALUE lines, replaced as a whole by a rename, so that a reader or a crash never sees half of one.

# shellcheck disable=SC2034 # for the other files
readonly VERSIONS=$STATE/versions.env ATTEMPT=$STATE/attempt.env

# state_get FILE KEY: the value, empty if there is none.
state_get() {
    local key value
    [[ -f $1 ]] || return 0
    while IFS='=' read -r key value; do
        if [[ $key == "$2" ]]; then
            printf '%s\n' "$value"
            return 0 # said, since in a trap it would be what came before
        fi
    done < "$1"
}

# state_put FILE KEY VALUE [KEY VALUE…]: sets keys, keeps the others.
state_put() {
    local file=$1 key value next
    shift
    local -A changes=()
    while (($#)); do
        [[ $2 != *$'\n'* ]] || die "a value of $1 has more than one line"
        changes[$1]=$2
        shift 2
    done
    next=$file.next
    {
        if [[ -f $file ]]; then
            while IFS='=' read -r key value; do
                if [[ -z ${changes[$key]+set} ]]; then
                    printf '%s=%s\n' "$key" "$value"
                else
                    printf '%s=%s\n' "$key" "${changes[$key]}"
                    unset "changes[$key]"
                fi
            done < "$file"
        fi
        for key in "${!changes[@]}"; do printf '%s=%s\n' "$key" "${changes[$key]}"; done
    } > "$next"
    sync "$next"
    mv -f "$next" "$file"
}

# state_restore FROM TO: TO becomes a copy of FROM, in one step.
state_restore() {
    local next=$2.next
    cat "$1" > "$next"
    sync "$next"
    mv -f "$next" "$2"
}

active() { state_get "$VERSIONS" ACTIVE; }

other_colour() { if [[ $1 == blue ]]; then echo green; else echo blue; fi; }

# The one lock: who holds it may change what runs. Only this process has the descriptor; children close it, so that the lock
# ends with the process however it ends.
LOCK_FD=

# With `clicknback --wait …` whoever comes second waits.
LOCK_WAIT=no

# lock_take WHAT: exits 75 if somebody has it, and still after an hour of waiting.
lock_take() {
    [[ -d $STATE ]] || die "there is no $STATE: clicknback install comes first" "$EX_CONFIG"
    exec {LOCK_FD}>> "$STATE/lock"
    if ! flock -n "$LOCK_FD"; then
        [[ $LOCK_WAIT == no ]] || say "waiting for $(lock_holder)"
        if [[ $LOCK_WAIT == no ]] || ! flock -w 3600 "$LOCK_FD"; then
            die "$(lock_holder) is at work; wait (clicknback --wait …), or clicknback unlock" "$EX_TEMPFAIL"
        fi
    fi
    printf 'PID=%s\nWHAT=%s\nWHO=%s\nSINCE=%s\n' "$$" "$1" "$(who_am_i)" "$(date -u +%Y-%m-%dT%H:%M:%SZ)" > "$STATE/lock" ||
        die "$STATE cannot be written; $(what_serves)"
}

lock_is_free() { flock -n "$STATE/lock" true; }

lock_holder() {
    printf '%s (process %s) of %s since %s' "$(state_get "$STATE/lock" WHAT)" "$(state_get "$STATE/lock" PID)" \
        "$(state_get "$STATE/lock" WHO)" "$(state_get "$STATE/lock" SINCE)"
}

# command_unlock [--yes]: ends the holder, first asking it to undo what it began.
command_unlock() {
    local answer pid
    environment_load
    if [[ ! -f $STATE/lock ]] || lock_is_free; then
        say "Nobody holds the lock."
    else
        say "The lock is held: $(lock_holder)."
        if [[ ${1:-} != --yes ]]; then
            [[ -t 0 ]] || usage "clicknback unlock asks on a terminal; elsewhere: clicknback unlock --yes"
            read -r -p "End it? [y/N] " answer
            [[ $answer == [yY]* ]] || die "left alone"
        fi
        pid=$(state_get "$STATE/lock" PID)
        kill -TERM "$pid" 2> /dev/null || :
        if ! flock -w 60 "$STATE/lock" true; then
            kill -KILL "$pid" 2> /dev/null || :
            flock -w 5 "$STATE/lock" true || die "process $pid cannot be ended"
        fi
        say "It has ended."
    fi
    lock_take unlock
    attempt_settle
}
