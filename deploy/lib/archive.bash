# What backups consist of: base backups, segments of the log, their packing, their age, and their way off-site.

# current_stream: the one that is being received.
current_stream() { cat "$(backup_path)/wal/current" 2> /dev/null || :; }

# base_list [STREAM]: the base backups, oldest first. TIME_SEGMENT.tar.gz: when it was complete, and where its log begins.
base_list() {
    [[ -d $(backup_path)/base/${1:-} ]] || return 0
    find "$(backup_path)/base/${1:-}" -name '*.tar.gz*' ! -name '*.packing' -printf '%f %p\n' | sort | cut -d ' ' -f 2-
}

base_time() { local name=${1##*/}; echo "${name%%_*}"; }

base_segment() { local name=${1##*_}; echo "${name%%.*}"; }

base_stream() { local path=${1%/*}; echo "${path##*/}"; }

# stream_system STREAM: the identifier that the database got when it was made.
stream_system() { local rest=${1#*-}; echo "${rest%-*}"; }

# base_of_another STREAM: the newest base backup of another database than that of the stream; nothing if there is none.
base_of_another() {
    { base_list | grep -v -- "-$(stream_system "$1")-[^/]*/[^/]*$" || :; } | tail -n 1
}

# segments STREAM: the names of those that the archive has, oldest first.
segments() {
    [[ -d $BACKUPS/wal/$1 ]] || return 0
    find "$BACKUPS/wal/$1" -type f -printf '%f\n' | sed -nE 's/^([0-9A-F]{24})(\.gz|\.gpg|\.partial)*$/\1/p' | sort -u
}

segment_newest() { segments "$1" | sed -n '$p'; }

# segment_missing STREAM: the first one that the archive lacks since the stream's newest base backup; nothing if it lacks none.
segment_missing() {
    local name expected number
    expected=$(base_segment "$(base_list "$1" | tail -n 1)")
    while IFS= read -r name; do
        [[ ! $name < $expected ]] || continue
        # Asked again: the receiver may have renamed it while the folder was read.
        if [[ $name != "$expected" ]] && ! compgen -G "$BACKUPS/wal/$1/$expected*" > /dev/null; then
            echo "$expected"
            return
        fi
        number=$((16#${name:8:8} * 256 + 16#${name:16:8} + 1))
        printf -v expected '%s%08X%08X' "${name:0:8}" $((number / 256)) $((number % 256))
    done < <(segments "$1")
}

# base_take: copies, verifies, packs; only what is whole gets its name.
base_take() {
    local stream folder segment file
    database_sql < "$CLICKNBACK_HOME/postgres/backup-role.sql" || backup_fail "the database does not answer"
    must "the WAL receiver does not start" compose up --detach --no-deps wal-receiver
    receiver_caught_up || backup_fail "the WAL receiver does not follow the database; see clicknback logs wal-receiver"
    stream=$(current_stream)
    folder=$BACKUPS/base/$stream
    must "the copy failed ($(free_space) free)" compose run --rm -T --no-deps base-backup "$stream"
    segment=$(sed -n 's/^START WAL LOCATION: .*(file \([0-9A-F]*\))$/\1/p' "$folder/unfinished/backup_label")
    sleep 1 # a name has whole seconds, and must not be before the end of what it names
    file=$folder/$(date -u +%Y%m%dT%H%M%SZ)_$segment.tar.gz$(packed_suffix)
    (locks_close && tar --create --directory "$folder/unfinished" --numeric-owner .) | (locks_close && gzip --fast) |
        (locks_close && seal) > "$file.packing" || backup_fail "packing failed; free space: $(free_space)"
    publish "$file"
    rm -rf "$folder/unfinished"
    say "${file#"$BACKUPS/"}, $(du -h "$file" | cut -f 1)"
}

# wal_pack: compresses (and encrypts) the segments that are complete. The receiver goes on with the one that is not.
wal_pack() {
    local file
    for file in "$BACKUPS"/wal/*/*; do
        [[ ${file##*/} =~ ^[0-9A-F]{24}$ ]] || continue
        (locks_close && gzip --fast --stdout "$file") | (locks_close && seal) > "$file.gz$(packed_suffix).packing" ||
            backup_fail "packing failed; free space: $(free_space)"
        publish "$file.gz$(packed_suffix)"
        rm "$file"
    done
}

# publish FILE: FILE.packing is whole, and gets its name when it is on the disk.
publish() {
    chown 999:999 "$1.packing"
    sync "$1.packing"
    mv "$1.packing" "$1"
    sync "${1%/*}"
    echo "$1" >> "$STATE/off-site.pending"
}

packed_suffix() { [[ -z $(setting BACKUP_ENCRYPTION_KEY "") ]] || echo .gpg; }

# seal, unseal: standard input to standard output. The key goes by a descriptor: never on a command line, never in a file. It is long
# and random, so it needs no slow derivation.
seal() {
    if [[ -n $(setting BACKUP_ENCRYPTION_KEY "") ]]; then gnupg --symmetric --cipher-algo AES256 --compress-algo none; else cat; fi
}

unseal() { if [[ $1 == *.gpg ]]; then gnupg --decrypt < "$1"; else cat "$1"; fi; }

gnupg() {
    (
        home=$(mktemp -d)
        trap 'gpgconf --homedir "$home" --kill gpg-agent; rm -rf "$home"' EXIT
        locks_close
        gpg --homedir "$home" --batch --quiet --no-tty --pinentry-mode loopback --s2k-count 65536 --passphrase-fd 3 "$@" \
            3< <(printf '%s\n' "$(setting BACKUP_ENCRYPTION_KEY "")")
    )
}

free_space() { df -Ph "$BACKUPS" | awk 'NR == 2 { print $4 }'; }

# retention_apply: base backups of BACKUP_RETENTION_DAYS and always the newest of the current stream; the log that they need.
retention_apply() {
    local oldest current folder stream base file first newest
    oldest=$(date -u -d "-$(setting BACKUP_RETENTION_DAYS 30) days" +%Y%m%dT%H%M%SZ)
    current=$(current_stream)
    for folder in "$BACKUPS"/wal/*/; do
        stream=$(basename "$folder")
        newest=
        [[ $stream != "$current" ]] || newest=$(base_list "$stream" | tail -n 1)
        while IFS= read -r base; do
            if [[ -n $base && $base != "$newest" && $(base_time "$base") < $oldest ]]; then rm "$base"; fi
        done < <(base_list "$stream")
        first=$(base_list "$stream" | sed -n 1p)
        if [[ -n $first ]]; then
            for file in "$folder"*; do
                file=${file##*/}
                if [[ $file =~ ^[0-9A-F]{24}(\.gz)?(\.gpg)?$ && ${file:0:24} < $(base_segment "$first") ]]; then rm "$folder$file"; fi
            done
        elif [[ $stream != "$current" ]]; then
            rm -rf "$folder" "${BACKUPS:?}/base/$stream"
        fi
    done
}

# off_site_send: gives the hook all that it has not yet taken. Its failure is recorded and tried again next time; the backup
# here is good nevertheless.
off_site_send() {
    local hook=$CLICKNBACK_HOME/hooks/off-site pending=$STATE/off-site.pending path
    local -a paths=()
    [[ -f $pending ]] || return 0
    if [[ ! -x $hook ]]; then
        rm "$pending"
        return
    fi
    while IFS= read -r path; do
        [[ ! -f $path ]] || paths+=("$path")
    done < "$pending"
    if ((${#paths[@]} == 0)) || BACKUP_DIR=$BACKUPS unlocked "$hook" "${paths[@]}"; then
        rm "$pending"
        state_put "$BACKUP_RECORD" OFF_SITE_OUTCOME "done" OFF_SITE_REASON "" OFF_SITE_AT "$(date +%s)"
    else
        state_put "$BACKUP_RECORD" OFF_SITE_OUTCOME failed OFF_SITE_REASON "the hook failed with ${#paths[@]} files to take"
        history_simple off-site failed "${#paths[@]} files wait"
        complain "clicknback: the off-site copy failed; ${#paths[@]} files wait for the next time. The backup here is whole."
    fi
}
