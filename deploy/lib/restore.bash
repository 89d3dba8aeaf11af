# restore: makes a database as it was at a moment, in a new volume, and puts it into service. The old volume stays.
# shellcheck disable=SC2034 # what one file of lib sets, another reads

readonly RESTORE=$STATE/restore.env

# command_restore [TIME | RESTORE-POINT | --volume VOLUME]
command_restore() {
    local volume=
    if [[ ${1:-} == --volume ]]; then
        [[ $# == 2 ]] || usage "clicknback restore --volume VOLUME"
        volume=$2
    else
        (($# <= 1)) || usage "clicknback restore [TIME | RESTORE-POINT]"
    fi
    environment_load
    lock_take restore
    attempt_settle
    backup_lock restore
    if [[ -n $volume ]]; then
        docker volume inspect "$volume" > /dev/null 2>&1 || usage "there is no volume $volume"
    else
        target_parse "${1:-}"
        target_base
        say "restore: from the base backup of $(base_time "$BASE") to ${TARGET:-the end of the log}"
    fi
    backup_begin restore
    restore_prepare
    if [[ -z $volume ]]; then
        volume=$(project)-postgres-$(date -u +%Y%m%dt%H%M%Sz)
        state_put "$RESTORE" VOLUME "$volume"
        state_put "$STATE/recovery.env" POSTGRES_VOLUME "$volume"
        recover_into "$BASE" --env-file "$STATE/recovery.env"
    fi
    put_in_service "$volume"
}

# restore_unfinished_refused: until a restore is through, no version is put into service.
restore_unfinished_refused() {
    [[ ! -f $RESTORE ]] || die "a restore is unfinished: run clicknback restore again first"
}

# target_parse TEXT: fills TARGET_KIND (end, time, name), TARGET, and TARGET_AT, the second as bases are named.
target_parse() {
    TARGET_KIND=end TARGET='' TARGET_AT=99991231T235959Z
    if [[ $1 =~ [0-9]{8}T[0-9]{6}Z && $1 =~ ^[A-Za-z][A-Za-z0-9._-]*$ ]]; then
        TARGET_KIND=name TARGET=$1
        [[ $1 =~ [0-9]{8}T[0-9]{6}Z ]] && TARGET_AT=${BASH_REMATCH[0]}
    elif [[ -n $1 ]]; then
        TARGET_KIND='time'
        TARGET=$(date -u -d "$1" '+%Y-%m-%d %H:%M:%S.%6N+00' 2> /dev/null) ||
            usage "not a time: $1. It looks like 2026-01-31T13:45:00Z; without a zone it is UTC"
        TARGET_AT=$(date -u -d "$1" +%Y%m%dT%H%M%SZ)
        [[ ! $TARGET_AT > $(date -u +%Y%m%dT%H%M%SZ) ]] || usage "$1 has not come yet"
    fi
}

# target_base: BASE is the newest base backup that was complete by then. For the end of the log, of the stream that is being
# received; of the newest one, if the database that is there is another one, such as that of a new server.
target_base() {
    local current system base
    BASE=
    if [[ $TARGET_KIND == end ]]; then
        current=$(current_stream)
        BASE=$([[ -z $current ]] || base_list "$current" | tail -n 1)
        if [[ -z $BASE ]]; then
            BASE=$(base_list | tail -n 1)
            system=$(stream_system "$current")
            if [[ -n $BASE && $(stream_system "$(base_stream "$BASE")") == "$system" ]]; then
                die "the database that is in service has no base backup of its own; name a TIME to get an earlier one"
            fi
        fi
    else
        while IFS= read -r base; do
            if [[ -n $base && ! $(base_time "$base") > $TARGET_AT ]]; then BASE=$base; fi
        done < <(base_list)
    fi
    [[ -n $BASE ]] || die "there is no base backup from before that; the first is $(base_time "$(base_list | head -n 1)")"
    if [[ $TARGET_KIND == time ]]; then target_may_be_after_the_log; fi
}

# A quiet database writes no log, so its log may end before the time asked for. That is right for the stream that is being
# received; in an earlier one something may be missing.
target_may_be_after_the_log() {
    if [[ $(base_stream "$BASE") == "$(current_stream)" ]]; then TARGET_KIND='time?'; fi
}

# stream_system STREAM: the identifier that the database got when it was made.
stream_system() { local rest=${1#*-}; echo "${rest%-*}"; }

# restore_prepare: nobody writes any more, and what was written is in the archive. Remembers what to go back to.
restore_prepare() {
    local half
    half=$(state_get "$RESTORE" VOLUME)
    if [[ -n $half && $half != "$(state_get "$VERSIONS" POSTGRES_VOLUME)" ]]; then
        docker volume rm "$half" > /dev/null 2>&1 || : # a killed restore's
    fi
    [[ -f $RESTORE ]] || state_put "$RESTORE" OLD_VOLUME "$(state_get "$VERSIONS" POSTGRES_VOLUME)" \
        MAINTENANCE "$([[ -e $ROUTING/maintenance ]] && echo on || echo off)" SWITCHED no
    traffic_on maintenance
    must "the API cannot be stopped" compose stop api-blue api-green
    if [[ $(state_get "$RESTORE" SWITCHED) == yes ]]; then
        say "restore: going on where one was killed; nobody has written since"
    elif docker volume inspect "$(state_get "$VERSIONS" POSTGRES_VOLUME)" > /dev/null 2>&1 && database_sql <<< 'SELECT 1' > /dev/null 2>&1; then
        receiver_caught_up || say "restore: the WAL receiver does not answer; what it has not received is not restored"
    else
        say "restore: the database does not answer; restoring what the archive has"
    fi
}

# recover_into BASE COMPOSE-OPTION…: makes the database in the volume that the options name.
recover_into() {
    local base=$1 stream file segment
    shift
    stream=$(base_stream "$base")
    mkdir -p "$BACKUPS/recovery/base" "$BACKUPS/recovery/wal"
    (locks_close && unseal "$base") |
        (locks_close && tar --extract --gzip --directory "$BACKUPS/recovery/base" --numeric-owner --preserve-permissions) ||
        backup_fail "$base cannot be unpacked: a wrong BACKUP_ENCRYPTION_KEY, or a full disk"
    for file in "$BACKUPS/wal/$stream"/*.gpg; do
        segment=${file##*/}
        [[ -f $file && ! ${segment:0:24} < $(base_segment "$base") ]] || continue
        unseal "$file" > "$BACKUPS/recovery/wal/${segment%.gpg}" || backup_fail "$file cannot be decrypted"
    done
    chown 999:999 "$BACKUPS/recovery"
    chown -R 999:999 "$BACKUPS/recovery/wal"
    compose_arguments
    printf '%s\n' "$(setting POSTGRES_PASSWORD "")" |
        (locks_close && "${COMPOSE[@]}" "$@" run --rm -T --no-deps recovery "$stream" "$TARGET_KIND" "$TARGET") ||
        backup_fail "the database could not be recovered; the message is above"
    rm -rf "$BACKUPS/recovery"
}

# put_in_service VOLUME: from here the new database is the one in service; a failure leaves maintenance on.
put_in_service() {
    local colour
    must "the WAL receiver cannot be stopped" compose stop wal-receiver
    state_put "$RESTORE" SWITCHED yes
    state_put "$VERSIONS" POSTGRES_VOLUME "$1"
    must "postgres does not start" compose up --detach --no-deps --force-recreate --wait postgres
    if [[ $(state_get "$VERSIONS" MIGRATIONS_IMAGE) != none ]]; then
        unlocked compose run --rm -T --no-deps migrations > "$STATE/migrations.log" 2>&1 ||
            backup_fail "the migrations failed; see $STATE/migrations.log"
    fi
    # A new base backup before anybody writes: restores to a later time begin with it.
    base_take
    for colour in blue green; do colour_converge "$colour"; done
    colour=$(active)
    if [[ $colour != none ]]; then
        wait_ready "$colour"
        smoke_colour "$colour" || backup_fail "the smoke test fails"
    fi
    if [[ $(state_get "$RESTORE" MAINTENANCE) == off ]]; then traffic_off maintenance; fi
    say "restore: in service from volume $1"
    restore_old_volume
    rm -f "$RESTORE" "$STATE/recovery.env"
}

# How to go back, where there is something to go back to.
restore_old_volume() {
    local old
    old=$(state_get "$RESTORE" OLD_VOLUME)
    if [[ $old != "$(state_get "$VERSIONS" POSTGRES_VOLUME)" ]] && docker volume inspect "$old" > /dev/null 2>&1; then
        say "restore: the volume from before is kept. Back to it: clicknback restore --volume $old; rid of it: docker volume rm $old"
    fi
}

# restore_failed: before the switch, everything is as it was; after it, only forward or back by command.
restore_failed() {
    local colour volume
    [[ -f $RESTORE ]] || return 0
    if [[ $(state_get "$RESTORE" SWITCHED) == yes ]]; then
        complain "clicknback: maintenance stays on. Go on with what is restored: clicknback restore --volume $(state_get "$VERSIONS" POSTGRES_VOLUME)"
        restore_old_volume
        return
    fi
    volume=$(state_get "$RESTORE" VOLUME)
    jobs_remove
    if [[ -n $volume ]]; then docker volume rm "$volume" > /dev/null 2>&1; fi
    if database_sql <<< 'SELECT 1' > /dev/null 2>&1; then
        for colour in blue green; do (colour_converge "$colour"); done
        if [[ $(active) != none ]]; then (wait_ready "$(active)"); fi
        if [[ $(state_get "$RESTORE" MAINTENANCE) == off ]]; then traffic_off maintenance; fi
        complain "clicknback: the database is the one from before; $(what_serves)"
        rm -f "$RESTORE"
    else
        complain "clicknback: nothing serves; maintenance stays on"
    fi
}
