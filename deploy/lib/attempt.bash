# The driver of an attempt: runs steps in order, records each before it begins, and undoes or finishes what was interrupted.
#
# A step is a function step_NAME that runs in a process of its own and learns what it needs from the state files only, so
# that the next command can go on where a killed one was. A step that cannot do its work calls `fail REASON`.

# fail REASON [SERVICE]: ends a step; the service's last log lines are shown.
fail() {
    printf '%s\n' "$1" > "$STATE/reason"
    if [[ -n ${2:-} ]]; then
        local id
        id=$(container_of "$2")
        if [[ -n $id ]]; then
            complain "  the last lines of $2:"
            docker logs --tail 12 "$id" 2>&1 | cut -c 1-400 | sed 's/^/    /' >&2
        fi
    fi
    exit 1
}

# reason TEXT: why the step fails, if the next command that fails is what fails it.
reason() { printf '%s\n' "$1" > "$STATE/reason"; }

STEP_PID=
INTERRUPTED=

# run_step NAME: leaves its exit code in STEP_CODE. Its process group is its own and the lock is closed in it, so it can be
# ended as a whole, and a killed driver leaves no lock behind. (Never call this in a condition: bash would then ignore errors
# within the step.)
run_step() {
    rm -f "$STATE/reason"
    set -m
    step_process "$1" < /dev/null &
    STEP_PID=$!
    set +m
    STEP_CODE=0
    wait "$STEP_PID" || STEP_CODE=$?
    while kill -0 "$STEP_PID" 2> /dev/null; do # a signal ended the wait, not the step
        wait "$STEP_PID" || STEP_CODE=$?
    done
    STEP_PID=
}

step_process() {
    set +m
    trap - INT TERM HUP
    trap : PIPE
    exec {LOCK_FD}>&-
    [[ ! -f $ATTEMPT ]] || state_put "$ATTEMPT" STEP_PID "$BASHPID" STEP_BORN "$(born "$BASHPID")"
    # shellcheck disable=SC2154 # set by the trap itself
    trap 'code=$?; [[ -e $STATE/reason ]] || printf "%s (exit code %s)\n" "${BASH_COMMAND%%$'"'\n'"'*}" "$code" > "$STATE/reason"' ERR
    "step_${1//-/_}"
}

# command_settle: for a timer and the start of the machine. Does nothing while somebody is at work.
command_settle() {
    (($# == 0)) || usage "clicknback settle takes no arguments"
    environment_load
    if [[ ! -f $ATTEMPT ]] || ! lock_is_free; then return 0; fi
    lock_take settle
    attempt_settle
}

# born PID: when that process began, which tells it from a later one of the same number.
born() {
    local stat
    stat=$(cat "/proc/$1/stat" 2> /dev/null) || return 0
    stat=${stat##*) }
    set -f
    # shellcheck disable=SC2086 # fields
    set -- $stat
    set +f
    echo "${20}"
}

interrupt() {
    INTERRUPTED=$1
    [[ -z $STEP_PID ]] || kill -TERM -- "-$STEP_PID" 2> /dev/null || :
}

# attempt_begin KIND VERSION COLOUR: from here on there is something to finish or to undo.
attempt_begin() {
    local before
    trap 'interrupt INT' INT
    trap 'interrupt TERM' TERM
    trap 'interrupt HUP' HUP
    trap attempt_stopped EXIT
    state_restore "$VERSIONS" "$STATE/versions.before"
    before=$(colour_settings "$3")
    [[ -f $before ]] || before=/dev/null
    state_restore "$before" "$STATE/settings.before"
    state_put "$ATTEMPT.next" ID "$(new_id)" KIND "$1" VERSION "$2" COLOUR "$3" SERVING "$(active)" \
        SERVING_VERSION "$(state_get "$VERSIONS" ACTIVE_VERSION)" SERVING_READY "$(colour_is_ready "$(active)" && echo yes || echo no)" STARTED "$(now_ms)" WHO "$(who_am_i)" FROM "$(where_from)" \
        STEP record STEPS "" RELEASE "$(release_version)"
    mv -f "$ATTEMPT.next" "$ATTEMPT"
}

# attempt_run STEP…: ends this process with a message if one fails.
attempt_run() {
    local step began took
    for step in "$@"; do
        began=$(now_ms)
        state_put "$ATTEMPT" STEP "$step"
        progress … "$step"
        run_step "$step"
        took=$(($(now_ms) - began))
        state_put "$ATTEMPT" STEPS "$(state_get "$ATTEMPT" STEPS) $step:$took"
        if [[ $STEP_CODE != 0 || -n $INTERRUPTED ]]; then
            progress ✗ "$step" "$(seconds "$took")"
            attempt_failed "$step" "$STEP_CODE"
        fi
        progress ✓ "$step" "$(seconds "$took")" "$(cat "$STATE/note" 2> /dev/null)"
        rm -f "$STATE/note"
    done
    attempt_end "done" ""
}

# note TEXT: what a step has to tell beside that it is done.
note() { printf '%s\n' "$1" > "$STATE/note"; }

# attempt_failed STEP CODE: undoes, records, says why and what serves, exits.
attempt_failed() {
    local step=$1 code=$2 reason kind version
    reason=$(cat "$STATE/reason" 2> /dev/null) || :
    [[ -z $INTERRUPTED ]] || reason="interrupted (SIG$INTERRUPTED)"
    kind=$(state_get "$ATTEMPT" KIND)
    version=$(state_get "$ATTEMPT" VERSION)
    trap '' INT TERM HUP
    INTERRUPTED=
    run_step undo
    if [[ $STEP_CODE != 0 ]]; then
        die "$kind of $version failed in step $step: $reason. Undoing it failed too: $(cat "$STATE/reason")"
    fi
    attempt_end failed "$step: $reason"
    complain "clicknback: $kind of $version failed in step $step: $reason"
    complain "clicknback: $(what_serves)"
    if [[ $code == "$EX_CONFIG" ]]; then exit "$EX_CONFIG"; fi
    exit 1
}

# what_serves: looked at, not assumed.
what_serves() {
    local version colour
    version=$(state_get "$VERSIONS" ACTIVE_VERSION)
    colour=$(active)
    if [[ -z $version ]]; then
        echo "nothing is deployed yet"
    elif ! colour_is_ready "$colour"; then
        echo "version $version should serve and DOES NOT ANSWER: clicknback logs api-$colour tells why; clicknback deploy $version starts it anew"
    elif [[ -e $ROUTING/maintenance ]]; then
        echo "version $version is ready, and MAINTENANCE IS ON: clicknback maintenance off"
    else
        echo "version $version keeps serving"
    fi
}

# attempt_end OUTCOME REASON: one line of history, then nothing is unfinished any more.
attempt_end() {
    local id
    id=$(state_get "$ATTEMPT" ID)
    if ! grep -qsF "\"id\":\"$id\"" "$HISTORY"; then
        history_append "$id" "$(state_get "$ATTEMPT" KIND)" "$(state_get "$ATTEMPT" VERSION)" \
            "$(state_get "$ATTEMPT" SERVING_VERSION)" "$(state_get "$ATTEMPT" STARTED)" "$(state_get "$ATTEMPT" STEPS)" "$1" "$2" \
            "$(state_get "$ATTEMPT" WHO)" "$(state_get "$ATTEMPT" FROM)"
        hook_after "$1"
    fi
    rm -f "$ATTEMPT" "$STATE/versions.before" "$STATE/settings.before" "$STATE/reason" "$STATE/note"
    trap - INT TERM HUP EXIT
}

# attempt_stopped: this process ends before the attempt does, as on a full disk.
attempt_stopped() {
    local serves
    serves=$(what_serves)
    if [[ $(traffic_colour) != "$(active)" && $(active) != none ]]; then serves="api-$(traffic_colour) serves"; fi
    complain "clicknback: stopped here, the next command settles it; $serves"
}

# attempt_settle: after a kill, whoever comes next finishes what had been switched and is healthy, and undoes the rest.
attempt_settle() {
    local what step pid
    [[ -f $ATTEMPT ]] || return 0
    step=$(state_get "$ATTEMPT" STEP)
    what="$(state_get "$ATTEMPT" KIND) of $(state_get "$ATTEMPT" VERSION), which was killed in step $step"
    pid=$(state_get "$ATTEMPT" STEP_PID)
    if [[ -n $pid && $(born "$pid") == "$(state_get "$ATTEMPT" STEP_BORN)" ]]; then # the step outlived its driver
        kill -KILL -- "-$pid" 2> /dev/null || :
    fi
    [[ -f $STATE/versions.before ]] || state_restore "$VERSIONS" "$STATE/versions.before"
    say "Settling the $what."
    run_step resumable
    if [[ $STEP_CODE == 0 ]]; then
        say "It had been switched and is healthy: finishing it."
        run_step finish
        if [[ $STEP_CODE == 0 ]]; then
            attempt_end "done" "killed in step $step, finished by the next command"
            return
        fi
    fi
    run_step undo
    [[ $STEP_CODE == 0 ]] || die "the $what could not be undone: $(cat "$STATE/reason")"
    attempt_end interrupted "killed in step $step, undone by the next command"
    say "It is undone; $(what_serves)."
}

# Whether what was killed had been switched, and serves well.
step_resumable() {
    local colour
    colour=$(state_get "$ATTEMPT" COLOUR)
    [[ $(state_get "$ATTEMPT" STEP) =~ ^(switch|drain|watch|finish)$ && $(traffic_colour) == "$colour" ]] || exit 1
    smoke_colour "$colour" > /dev/null
}

# Back to what was before: traffic first, then the containers.
step_undo() {
    local colour serving
    colour=$(state_get "$ATTEMPT" COLOUR)
    serving=$(state_get "$ATTEMPT" SERVING)
    if [[ $serving == none ]]; then traffic_on maintenance; else traffic_switch "$serving"; fi
    traffic_canary_off
    state_restore "$STATE/versions.before" "$VERSIONS"
    if [[ -s $STATE/settings.before ]]; then state_restore "$STATE/settings.before" "$(colour_settings "$colour")"; fi
    release_apply "$(state_get "$ATTEMPT" RELEASE)"
    migrations_remove
    password_restore "$colour"
    colour_converge "$colour"
}
