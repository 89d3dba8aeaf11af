# restore: makes a database as it was at a moment, in a new volume, and puts it into service. The old volume stays.
# shellcheck disable=SC2034 # what one file of lib sets, another reads

readonly RESTORE=$STATE/restore.env

# command_restore [--yes] [TIME | RESTORE-POINT | --volume VOLUME]
command_restore() {
    local volume='' text='' form='clicknback restore [--yes] [TIME | RESTORE-POINT | --volume VOLUME]'
    RESTORE_YES=no
    while (($#)); do
        case $1 in
            --yes) RESTORE_YES=yes ;;
            --volume)
                [[ $# -ge 2 && -n $2 ]] || usage "$form"
                volume=$2
                shift
                ;;
            -*) usage "$form" ;;
            *)
                [[ -z $text ]] || usage "$form"
                text=$1
                ;;
        esac
        shift
    done
    [[ -z $volume || -z $text ]] || usage "$form"
    environment_load
    lock_take "restore ${text:-$volume}"
    attempt_settle
    backup_lock restore
    if [[ -n $volume ]]; then
        volume_exists "$volume" || usage "there is no volume $volume"
        volume_owned "$volume"
        BACKUP_ABOUT="to volume $volume"
    else
        target_parse "$text"
        target_base
        BACKUP_ABOUT="from the base backup of $(base_time "$BASE") to ${TARGET:-the end of the log}"
    fi
    restore_images
    say "restore: $BACKUP_ABOUT"
    backup_begin restore
    restore_prepare
    if [[ -z $volume ]]; then
        volume=$(project)-postgres-$(date -u +%Y%m%dt%H%M%Sz)
        state_put "$RESTORE" MAKING "$volume"
        state_put "$STATE/recovery.env" POSTGRES_VOLUME "$volume"
        recover_into "$BASE" --env-file "$STATE/recovery.env"
        restore_consent "$(end_is_whole && echo yes || echo no)"
    elif [[ $volume != "$(state_get "$VERSIONS" POSTGRES_VOLUME)" ]]; then
        volume_look "$volume"
        # Nobody has written since to the one from before an unfinished restore; to any other, somebody may have.
        restore_consent "$([[ $volume == "$(state_get "$RESTORE" OLD_VOLUME)" ]] && echo yes || echo no)"
    fi
    put_in_service "$volume"
}

# restore_images: before anything is stopped. Without the worker's image nothing is migrated, and the smoke test decides.
restore_images() {
    local colour image output
    colour=$(active)
    [[ $colour != none ]] || return 0
    for image in "$(state_get "$VERSIONS" "API_${colour^^}_IMAGE")" "$(state_get "$VERSIONS" MIGRATIONS_IMAGE)"; do
        if docker image inspect "$image" > /dev/null 2>&1; then continue; fi
        output=$(timeout --foreground "$(setting PULL_SECONDS 600)" docker pull --quiet "$image" 2>&1) && continue
        output="the image $image is not on this machine and cannot be pulled: ${output##*$'\n'}"
        [[ $image == "$(state_get "$VERSIONS" MIGRATIONS_IMAGE)" ]] ||
            die "$output. Nothing was touched: bring it here (docker load), then repeat this"
        say "restore: $output; nothing will be migrated"
    done
}

# volume_look VOLUME: fills RECOVERED with how much there is in a volume that is not in service.
volume_look() {
    state_put "$STATE/recovery.env" POSTGRES_VOLUME "$1"
    compose_arguments
    # shellcheck disable=SC2016 # a variable of the container
    RECOVERED=$(locks_close && "${COMPOSE[@]}" --env-file "$STATE/recovery.env" run --rm -T --no-deps \
        --entrypoint sh recovery -c '[ -s "$PGDATA/PG_VERSION" ] && exec bash /etc/clicknback/recover look' < /dev/null) ||
        backup_fail "there is no database in the volume $1, or none that starts"
}

# end_is_whole: whether what is restored is the end of the log of the database from before, and all of it had been received.
end_is_whole() {
    [[ $TARGET_KIND == end && $(base_stream "$BASE") == "$(stream_before)" && $(state_get "$RESTORE" RECEIVED) == yes ]]
}

# restore_consent WHOLE: what is restored may be less than what was there before. Then somebody has to accept that. WHOLE: whether
# it has all that was committed, also what contents do not count.
restore_consent() {
    local lost answer
    lost=$(contents_lost "$(state_get "$RESTORE" BEFORE)" "$RECOVERED")
    state_put "$RESTORE" EARLIER "$([[ -z $lost && $1 == yes ]] && echo no || echo yes)"
    [[ -n $lost ]] || return 0
    while IFS= read -r answer; do say "restore: $answer"; done <<< "$lost"
    [[ $RESTORE_YES == no ]] || return 0
    [[ -t 0 ]] || backup_fail "what is restored is less than what was there: ${lost//$'\n'/; }. To accept that, repeat it with --yes"
    read -r -p "Put it into service? [y/N] " answer
    [[ $answer == [yY]* ]] || backup_fail "not accepted: ${lost//$'\n'/; }"
}

# contents_lost BEFORE AFTER: one line for each way in which AFTER is less.
contents_lost() {
    local -a names=(users purchases payouts) before after
    local index
    read -r -a before <<< "$1"
    read -r -a after <<< "$2"
    if ((${#after[@]} != 4)); then
        echo "how much is in it is not known"
        return
    fi
    if ((after[0] == 0)) && [[ $(active) != none || -n $(base_of_another "$(stream_before)") ]]; then echo "it is empty"; fi
    ((${#before[@]} == 4)) || return 0
    for index in 0 1 2; do
        ((after[index] >= before[index])) || echo "it has ${after[index]} of ${before[index]} ${names[index]}"
    done
    if ((after[3] < before[3])); then
        echo "its newest change is of $(iso_time "${after[3]}000"), $((before[3] - after[3])) s before that of the one before"
    fi
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

# target_base: BASE is the newest base backup that was complete by then. For the end of the log, of the stream that was received
# before; of the newest one, if the database that is there is another one, such as that of a new server, which has no users.
target_base() {
    local stream base
    BASE=
    if [[ $TARGET_KIND == end ]]; then
        stream=$(stream_before)
        if [[ $(contents_before) == '0 '* ]]; then BASE=$(base_of_another "$stream"); fi
        if [[ -z $BASE && -n $stream ]]; then BASE=$(base_list "$stream" | tail -n 1); fi
        if [[ -z $BASE ]]; then
            BASE=$(base_list | tail -n 1)
            if [[ -n $BASE && $(stream_system "$(base_stream "$BASE")") == "$(stream_system "$stream")" ]]; then
                die "the database that is in service has no base backup of its own; name a TIME to get an earlier one"
            fi
        fi
    else
        while IFS= read -r base; do
            if [[ -n $base && ! $(base_time "$base") > $TARGET_AT ]]; then BASE=$base; fi
        done < <(base_list)
    fi
    [[ -n $BASE ]] || die "there is no base backup from before that; the first is $(base_time "$(base_list | sed -n 1p)")"
    if [[ $TARGET_KIND == time ]]; then target_may_be_after_the_log; fi
}

# A quiet database writes no log, so its log may end before the time asked for. That is right for the stream that is being
# received; in an earlier one something may be missing.
target_may_be_after_the_log() {
    if [[ $(base_stream "$BASE") == "$(current_stream)" ]]; then TARGET_KIND='time?'; fi
}

# stream_before, contents_before: of the database that serves, or that did before a restore that ended after its switch.
stream_before() { if restore_switched; then state_get "$RESTORE" STREAM; else current_stream; fi; }

contents_before() { if restore_switched; then state_get "$RESTORE" BEFORE; else database_contents; fi; }

restore_switched() { [[ $(state_get "$RESTORE" SWITCHED) == yes ]]; }

# restore_prepare: nobody writes any more, and what was written is in the archive. Remembers what to go back to. Only a volume
# that was never in service is ever removed.
restore_prepare() {
    local making before received=no
    making=$(state_get "$RESTORE" MAKING)
    if [[ -n $making && $making != "$(state_get "$VERSIONS" POSTGRES_VOLUME)" ]]; then
        docker volume rm "$making" > /dev/null 2>&1 || : # a killed restore's
        state_put "$RESTORE" MAKING ""
    fi
    [[ -f $RESTORE ]] || state_put "$RESTORE" OLD_VOLUME "$(state_get "$VERSIONS" POSTGRES_VOLUME)" \
        MAINTENANCE "$([[ -e $ROUTING/maintenance ]] && echo on || echo off)" SWITCHED no MAKING "" \
        BEFORE "$(state_get "$BACKUP_RECORD" CONTENTS)" STREAM "$(current_stream)"
    traffic_on maintenance
    must "the API cannot be stopped" compose stop api-blue api-green
    if restore_switched; then
        say "restore: going on where one ended; nobody has written since"
        return
    fi
    if volume_exists "$(state_get "$VERSIONS" POSTGRES_VOLUME)" && database_answers; then
        before=$(database_contents)
        [[ -z $before ]] || state_put "$RESTORE" BEFORE "$before"
        database_file payouts-decided.sql > "$STATE/payouts.before"
        if receiver_caught_up; then
            received=yes
        else
            say "restore: the WAL receiver does not answer; what it has not received is not restored"
        fi
    else
        say "restore: the database does not answer; restoring what the archive has"
    fi
    state_put "$RESTORE" RECEIVED "$received"
}

# recover_into BASE COMPOSE-OPTION…: makes the database in the volume that the options name; fills RECOVERED with how much
# there is.
recover_into() {
    local base=$1 stream file segment last output errors
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
    last=$(segment_newest "$stream")
    [[ -n $last ]] || backup_fail "the archive has no log for $base: $BACKUPS/wal/$stream has no segment"
    errors=$(mktemp)
    compose_arguments
    output=$(printf '%s\n' "$(setting POSTGRES_PASSWORD "")" |
        (locks_close && "${COMPOSE[@]}" "$@" run --rm -T --no-deps recovery "$stream" "$last" "$TARGET_KIND" "$TARGET" 2> "$errors")) || {
        cat "$errors" >&2
        output=$(sed -n 's/^archive: //p' "$errors" | sed -n 1p)
        rm -f "$errors"
        backup_fail "the database could not be recovered: ${output:-the message is above}${output:+. What lies before it can be restored: name a TIME}"
    }
    rm -f "$errors"
    RECOVERED=${output##*$'\n'}
    while IFS= read -r output; do
        [[ $output == "$RECOVERED" ]] || say "$output"
    done <<< "$output"
    rm -rf "$BACKUPS/recovery"
}

# put_in_service VOLUME: from here the new database is the one in service; a failure leaves maintenance on.
put_in_service() {
    local maintenance ways
    volume_exists "$1" || backup_fail "the volume $1 is gone"
    volume_owned "$1"
    must "the WAL receiver cannot be stopped" compose stop wal-receiver
    state_put "$RESTORE" SWITCHED yes MAKING ""
    state_put "$VERSIONS" POSTGRES_VOLUME "$1"
    must "postgres does not start" compose up --detach --no-deps --force-recreate --wait postgres
    restore_earlier
    restore_migrate
    # A new base backup before anybody writes: restores to a later time begin with it.
    base_take
    say "restore: in service from volume $1"
    restore_old_volume
    maintenance=$(state_get "$RESTORE" MAINTENANCE)
    ways=$(restore_ways)
    rm -f "$RESTORE" "$STATE/recovery.env" "$STATE/payouts.before"
    BACKUP_ABOUT+=", in service from volume $1"

    if [[ $(active) != none ]]; then
        rm -f "$STATE/reason"
        restore_serve &
        wait $! || {
            complain "clicknback: the data are restored, but version $(state_get "$VERSIONS" ACTIVE_VERSION) does not work on them. Maintenance stays on."
            complain "clicknback: go on with clicknback deploy VERSION, then clicknback maintenance off$ways"
            backup_fail "restored, but the API does not work on it: $(cat "$STATE/reason" 2> /dev/null)"
        }
    fi
    if [[ $maintenance == off ]]; then traffic_off maintenance; fi
}

# restore_earlier: what must not happen twice because the database has forgotten it. All payouts that wait are held, and
# those that are known to have left the house are told; spent refresh tokens are ended with their sessions.
restore_earlier() {
    local payout held
    [[ $(state_get "$RESTORE" EARLIER) == yes ]] || return 0
    database_file end-sessions.sql || backup_fail "the sessions could not be ended"
    held=$(database_file hold-payouts.sql | wc -l) || backup_fail "the payouts could not be held"
    if ((held > 0)); then say "restore: $held payouts are held: complete, fail or release them by the bank's records"; fi
    [[ -f $STATE/payouts.before ]] || return 0
    database_file payouts-decided.sql | comm -23 "$STATE/payouts.before" - > "$STATE/payouts-to-review"
    while IFS='|' read -r -a payout; do
        say "restore: PAYOUT ${payout[0]} of ${payout[1]} was ${payout[2]} (${payout[3]}), and is not any more: it must not be paid twice"
    done < "$STATE/payouts-to-review"
}

# restore_migrate: the version that serves brings the schema up to its own, and both colours get their passwords of today. If it
# cannot, because the schema is a later one's, the smoke test decides.
restore_migrate() {
    local image colour
    image=$(state_get "$VERSIONS" MIGRATIONS_IMAGE)
    if [[ $image == none ]] || ! docker image inspect "$image" > /dev/null 2>&1; then return 0; fi
    for colour in blue green; do
        [[ -f $(colour_settings "$colour") ]] || continue
        migrations_arguments "$colour"
        unlocked colour_compose "$colour" "${MIGRATIONS[@]}" > "$STATE/migrations.log" 2>&1 || {
            say "restore: the migrations of version $(state_get "$VERSIONS" ACTIVE_VERSION) were not applied, see $STATE/migrations.log"
            return
        }
    done
}

# restore_serve: in a process of its own. The other colour is no reason to fail.
restore_serve() {
    locks_close
    (colour_converge "$(other_colour "$(active)")" > /dev/null 2>&1) || :
    colour_start "$(active)"
    wait_ready "$(active)"
    smoke_or_fail "$(active)" "the smoke test fails"
}

# restore_ways: the ways out that a restore leaves besides going on.
restore_ways() {
    local old
    old=$(state_get "$RESTORE" OLD_VOLUME)
    if [[ $old != "$(state_get "$VERSIONS" POSTGRES_VOLUME)" ]] && volume_exists "$old"; then
        printf '; or back to the database from before: clicknback restore --yes --volume %s' "$old"
    fi
}

# How to go back, where there is something to go back to.
restore_old_volume() {
    local old
    old=$(state_get "$RESTORE" OLD_VOLUME)
    if [[ $old != "$(state_get "$VERSIONS" POSTGRES_VOLUME)" ]] && volume_exists "$old"; then
        say "restore: the volume from before is kept. Back to it: clicknback restore --volume $old; rid of it: docker volume rm $old"
    fi
}

# restore_failed: before the switch, everything is as it was; after it, only forward or back by command.
restore_failed() {
    local colour making
    [[ -f $RESTORE ]] || return 0
    if restore_switched; then
        complain "clicknback: maintenance stays on. Go on with what is restored: clicknback restore --volume $(state_get "$VERSIONS" POSTGRES_VOLUME)$(restore_ways)"
        return
    fi
    making=$(state_get "$RESTORE" MAKING)
    jobs_remove
    if [[ -n $making ]]; then docker volume rm "$making" > /dev/null 2>&1; fi
    if database_answers; then
        for colour in blue green; do (colour_converge "$colour"); done
        if [[ $(active) != none ]]; then (wait_ready "$(active)"); fi
        if [[ $(state_get "$RESTORE" MAINTENANCE) == off ]]; then traffic_off maintenance; fi
        complain "clicknback: the database is the one from before; $(what_serves)"
        rm -f "$RESTORE" "$STATE/payouts.before"
    else
        complain "clicknback: nothing serves; maintenance stays on. Try an earlier TIME, or another backup: clicknback restore TIME"
    fi
}
