# Backups: base backups in BACKUP_DIR/base/STREAM, the write-ahead log in BACKUP_DIR/wal/STREAM. See BACKUPS.md.
# shellcheck disable=SC2034 # what one file of lib sets, another reads

readonly BACKUP_RECORD=$STATE/backup.env
BACKUP_LOCK_FD=

# command_backup [wal]: a base backup; or only what the log has gained, packed and off-site.
command_backup() {
    [[ $# == 0 || ($# == 1 && $1 == wal) ]] || usage "clicknback backup [wal]"
    environment_load
    if [[ ${1:-} == wal ]]; then backup_wal; else backup_base; fi
}

backup_base() {
    backup_lock backup
    backup_begin base
    base_take
    wal_pack
    retention_apply
    off_site_send
}

# A gap, or a copied folder, begins a stream: nothing of it can be restored until it has a base backup. Nor can what comes after a
# segment that somebody has removed.
backup_wal() {
    local stream missing
    backup_lock backup-wal
    backup_begin wal
    receiver_caught_up || backup_fail "the WAL receiver does not follow the database; see clicknback logs wal-receiver"
    stream=$(current_stream)
    if [[ -z $(base_list "$stream") ]]; then
        base_take
    else
        missing=$(segment_missing "$stream")
        if [[ -n $missing ]]; then
            complain "clicknback: segment $missing of $stream is missing: from there to the base backup of now, nothing can be restored"
            base_take
        fi
    fi
    wal_pack
    off_site_send
}

# backup_marker NAME: a restore point of that name, which must contain the time as 20260131T235959Z, and all before it archived.
backup_marker() {
    database_sql <<< "SELECT pg_create_restore_point('$1');" > /dev/null && receiver_caught_up
}

# last_backup_age: seconds since the last base backup; empty if there is none.
last_backup_age() {
    local at
    at=$(state_get "$BACKUP_RECORD" BASE_AT)
    [[ -z $at ]] || echo $(($(date +%s) - at))
}

# backup_age: for status. Says in capitals what is wrong.
backup_age() {
    local age text kind
    age=$(last_backup_age)
    if [[ -z $age ]]; then text="NO BASE BACKUP YET"; else text="base backup $((age / 3600)) h $((age % 3600 / 60)) min old"; fi
    if [[ -n $age ]] && ((age > 26 * 3600)); then text="TOO OLD: $text"; fi
    text+="; $(restorable_state)"
    for kind in BASE WAL OFF_SITE DRILL; do
        [[ $(state_get "$BACKUP_RECORD" "${kind}_OUTCOME") != failed ]] || text+="; THE LAST ${kind//_/-} FAILED: $(state_get "$BACKUP_RECORD" "${kind}_REASON")"
    done
    [[ ! -f $STATE/restore.env ]] || text+="; A RESTORE IS UNFINISHED: run clicknback restore again"
    printf '%s; %s' "$text" "$(receiver_state)"
}

# restorable_state: the newest moment that a restore would bring back.
restorable_state() {
    local at age
    at=$(state_get "$BACKUP_RECORD" RESTORABLE_AT)
    age=$(($(date +%s) - ${at:-0}))
    if [[ -z $at ]]; then
        printf 'NOTHING CAN BE RESTORED: clicknback backup'
    elif [[ -z $(base_list "$(current_stream)") ]]; then
        printf 'NOTHING SINCE %s CAN BE RESTORED: the log began anew without a base backup; clicknback backup' "$(iso_time "${at}000")"
    elif ((age > 3600)); then
        printf 'NOTHING SINCE %s CAN BE RESTORED for certain: clicknback backup wal' "$(iso_time "${at}000")"
    else
        printf 'restorable to %s min ago' "$((age / 60))"
    fi
}

# receiver_state: whether the log is being received, and how far behind it is.
receiver_state() {
    database_sql 2> /dev/null <<'SQL' || printf 'the database does not answer'
SELECT coalesce((
    SELECT CASE
        WHEN wal_status = 'lost' THEN 'THE LOG HAS A GAP: the WAL receiver was away for too long'
        WHEN NOT active THEN format('THE WAL RECEIVER IS AWAY: %s of log are only in the database',
            pg_size_pretty(pg_wal_lsn_diff(pg_current_wal_lsn(), restart_lsn)))
        ELSE format('log received up to %s bytes ago', (
            SELECT pg_wal_lsn_diff(pg_current_wal_lsn(), flush_lsn) FROM pg_stat_replication WHERE pid = active_pid))
        END
    FROM pg_replication_slots WHERE slot_name = 'wal_receiver'), 'THERE IS NO WAL RECEIVER');
SQL
}

# backup_directories: made by install; the containers write to them as 999.
backup_directories() {
    local directory
    directory=$(backup_path)
    mkdir -p "$directory/base" "$directory/wal"
    # Also what was copied here as another user: what cannot be read is no backup.
    if ! chown 999:999 "$directory" || ! find "$directory/base" "$directory/wal" ! -user 999 -exec chown --no-dereference 999:999 {} +; then
        die "$directory must belong to user 999, and only root can say so" "$EX_CONFIG"
    fi
    chmod 0750 "$directory" "$directory/base" "$directory/wal"
}

backup_path() {
    local directory
    directory=$(setting BACKUP_DIR ./backups)
    if [[ $directory == /* ]]; then echo "$directory"; else echo "$CLICKNBACK_HOME/${directory#./}"; fi
}

# backup_lock WHAT: one at a time, apart from the lock of deploys, which may go on meanwhile. What timers start once a day or
# a week waits for its turn; the log is packed by whoever is at work, and a restore has somebody who waits for it.
backup_lock() {
    ! database_is_external || die "the database is external: whoever keeps it backs it up" "$EX_CONFIG"
    has_profile backup || die "COMPOSE_PROFILES has no backup" "$EX_CONFIG"
    [[ $EUID == 0 ]] || die "$1 reads and writes files of other users: run it as root" "$EX_CONFIG"
    backup_directories
    exec {BACKUP_LOCK_FD}>> "$STATE/backup.lock"
    if ! flock -n "$BACKUP_LOCK_FD"; then
        [[ $1 == backup || $1 == drill ]] || die "another backup, restore or drill is at work" "$EX_TEMPFAIL"
        say "$1: waiting for another backup, restore or drill"
        flock -w 14400 "$BACKUP_LOCK_FD" || die "another backup, restore or drill does not end" "$EX_TEMPFAIL"
    fi
    BACKUPS=$(backup_path)
    jobs_remove
    rm -rf "$BACKUPS"/recovery "$BACKUPS"/base/*/unfinished
    find "$BACKUPS" -name '*.packing' -delete
}

# What a killed command left running.
jobs_remove() {
    local service id
    for service in base-backup recovery; do
        docker ps --all --quiet --filter "label=com.docker.compose.project=$(project)" \
            --filter "label=com.docker.compose.service=$service" | while IFS= read -r id; do
            docker rm --force "$id" > /dev/null
        done
    done
}

# locks_close: in a process of its own, so that what outlives a killed command does not hold them.
locks_close() {
    [[ -z $LOCK_FD ]] || exec {LOCK_FD}>&-
    [[ -z $BACKUP_LOCK_FD ]] || exec {BACKUP_LOCK_FD}>&-
}

# unlocked COMMAND…: without the locks.
unlocked() {
    (
        locks_close
        "$@"
    )
}

# must MESSAGE COMMAND…: what it says is shown only if it fails.
must() {
    local message=$1 output
    shift
    output=$(locks_close && "$@" 2>&1) || backup_fail "$message: ${output##*$'\n'}"
}

# backup_begin KIND: base, wal, restore or drill. From here on, however it ends is recorded.
backup_begin() {
    local killed
    killed=$(state_get "$BACKUP_RECORD" RUNNING)
    [[ -z $killed ]] || history_simple "$(backup_name "$killed")" interrupted killed
    BACKUP_KIND=$1 BACKUP_BEGAN=$(now_ms) BACKUP_REASON=
    BACKUP_ABOUT=${BACKUP_ABOUT:-}
    state_put "$BACKUP_RECORD" RUNNING "$1"
    trap 'BACKUP_REASON="interrupted (SIGINT)"; exit 130' INT
    trap 'BACKUP_REASON="interrupted (SIGTERM)"; exit 143' TERM
    trap 'backup_ended $?' EXIT
}

# backup_name KIND: what people call it.
backup_name() {
    case $1 in
        base) echo backup ;;
        wal) echo backup-wal ;;
        *) echo "$1" ;;
    esac
}

# backup_fail REASON [CODE]
backup_fail() {
    BACKUP_REASON=$1
    die "$1" "${2:-1}"
}

backup_ended() {
    local code=$1 outcome="done" key=${BACKUP_KIND^^}
    trap '' INT TERM
    trap - EXIT
    set +e
    if [[ $code != 0 ]]; then
        outcome=failed
        BACKUP_REASON=${BACKUP_REASON:-$(cat "$STATE/reason" 2> /dev/null || echo "exit code $code")}
        [[ $BACKUP_KIND != restore ]] || restore_failed
        [[ $BACKUP_KIND != drill ]] || drill_remove
        state_put "$BACKUP_RECORD" RUNNING "" "${key}_OUTCOME" failed "${key}_REASON" "$BACKUP_REASON"
    else
        [[ $BACKUP_KIND == drill || -z $(base_list "$(current_stream)") ]] ||
            state_put "$BACKUP_RECORD" RESTORABLE_AT "$((BACKUP_BEGAN / 1000))" CONTENTS "$(database_contents)"
        state_put "$BACKUP_RECORD" RUNNING "" "${key}_OUTCOME" "done" "${key}_REASON" "" "${key}_AT" "$(date +%s)"
    fi
    rm -rf "$BACKUPS/recovery" "$BACKUPS"/base/*/unfinished
    backup_metrics
    if [[ $BACKUP_KIND != wal || $code != 0 ]]; then
        history_simple "$(backup_name "$BACKUP_KIND")" "$outcome" "$BACKUP_REASON${BACKUP_REASON:+${BACKUP_ABOUT:+; }}$BACKUP_ABOUT" \
            "$BACKUP_BEGAN"
    fi
    say "$(backup_name "$BACKUP_KIND"): $outcome after $(seconds $(($(now_ms) - BACKUP_BEGAN))) s"
    exit "$code"
}

# The newest moment that can be restored; when each kind of backup last succeeded, and whether the last one failed.
backup_metrics() {
    local kind
    [[ -d $METRICS ]] || return 0
    {
        printf 'clicknback_backup_restorable_timestamp_seconds %s\n' "$(state_get "$BACKUP_RECORD" RESTORABLE_AT | grep . || echo 0)"
        for kind in base wal off_site drill; do
            printf 'clicknback_backup_last_success_timestamp_seconds{kind="%s"} %s\n' "$kind" \
                "$(state_get "$BACKUP_RECORD" "${kind^^}_AT" | grep . || echo 0)"
            printf 'clicknback_backup_last_failed{kind="%s"} %d\n' "$kind" \
                "$([[ $(state_get "$BACKUP_RECORD" "${kind^^}_OUTCOME") == failed ]] && echo 1 || echo 0)"
        done
    } | monitoring_put "$METRICS/backup.prom"
}

# receiver_caught_up: whether all that is committed now is in the archive, within a minute.
receiver_caught_up() {
    local here began
    began=$(uptime_seconds)
    here=$(database_sql <<< 'SELECT pg_switch_wal(); SELECT pg_current_wal_flush_lsn();' | tail -n 1) && [[ -n $here ]] || return 1
    while (($(uptime_seconds) - began < 60)); do
        if [[ $(database_sql <<< "SELECT count(*) FROM pg_replication_slots JOIN pg_stat_replication ON pid = active_pid
                WHERE slot_name = 'wal_receiver' AND flush_lsn >= '$here'") == 1 ]]; then
            return 0
        fi
        sleep 0.25
    done
    return 1
}
