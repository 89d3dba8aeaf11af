# The files of this folder travel with the version: they are in /deploy of each release's migrations image, so that its digest is
# theirs too, and release.sums names each with its checksum. What somebody has edited here is kept as it is.

readonly RELEASES=$STATE/releases RELEASE_SUMS=release.sums

# release_version: of which release the files are; empty if that is not known.
release_version() { sed -n '1s/^# //p' "$CLICKNBACK_HOME/$RELEASE_SUMS" 2> /dev/null || :; }

# release_files FOLDER: what its release.sums names.
release_files() { sed '/^#/d; s/^[0-9a-f]* [ *]//' "$1/$RELEASE_SUMS" 2> /dev/null || :; }

# release_edited: the files that are not as the release brought them, one a line.
release_edited() {
    if [[ ! -f $CLICKNBACK_HOME/$RELEASE_SUMS ]]; then return 0; fi
    (cd "$CLICKNBACK_HOME" && { sha256sum --check --quiet "$RELEASE_SUMS" 2> /dev/null || :; }) | sed -n 's/: FAILED.*//p'
}

# release_fetch VERSION IMAGE: the files of that release, into state/releases. Exits 1 if the image has none.
release_fetch() {
    local folder=$RELEASES/$1 code=0
    rm -rf "$folder.new"
    mkdir -p "$RELEASES"
    docker rm --force "$(project)-release" > /dev/null 2>&1 || :
    docker create --name "$(project)-release" "$2" > /dev/null || fail "the image $2 cannot be read"
    docker cp "$(project)-release:/deploy" "$folder.new" > /dev/null 2>&1 || code=1
    docker rm "$(project)-release" > /dev/null
    [[ $code == 0 ]] || return 1
    (cd "$folder.new" && sha256sum --check --quiet --strict "$RELEASE_SUMS" > /dev/null 2>&1) ||
        fail "the files of version $1 are not what $RELEASE_SUMS says"
    rm -rf "$folder"
    mv "$folder.new" "$folder"
}

# release_keep: the files that are here, so that one can come back to them.
release_keep() {
    local version folder
    version=$(release_version)
    folder=$RELEASES/$version
    if [[ -z $version || -d $folder ]]; then return 0; fi
    rm -rf "$folder.new"
    mkdir -p "$folder.new"
    (cd "$CLICKNBACK_HOME" && { release_files . | grep -vxFf <(release_edited) || :; } |
        tar --create --files-from=- "$RELEASE_SUMS") | tar --extract --directory "$folder.new"
    mv "$folder.new" "$folder"
}

# release_apply VERSION: makes the files those of that release, and has who reads them take them over. First each is put beside its
# place and all are listed, then renamed: whoever is killed between leaves the rest to the next command.
release_apply() {
    local folder=$RELEASES/$1 path
    local -A edited=() brought=()
    local -a changes=()
    if [[ -z $1 || ! -f $folder/$RELEASE_SUMS ]] || cmp --silent "$folder/$RELEASE_SUMS" "$CLICKNBACK_HOME/$RELEASE_SUMS"; then return 0; fi
    release_keep
    while IFS= read -r path; do edited[$path]=yes; done < <(release_edited)
    while IFS= read -r path; do
        brought[$path]=yes
        if [[ -n ${edited[$path]:-} ]]; then
            say "$path was edited here and stays as it is"
        elif [[ -f $folder/$path ]] && ! cmp --silent "$folder/$path" "$CLICKNBACK_HOME/$path"; then
            (umask 022 && mkdir -p "$(dirname "$CLICKNBACK_HOME/$path")")
            cp --preserve=mode "$folder/$path" "$CLICKNBACK_HOME/$path.next"
            changes+=("put $path")
        fi
    done < <(release_files "$folder")
    while IFS= read -r path; do
        [[ -n ${brought[$path]:-}${edited[$path]:-} ]] || changes+=("remove $path")
    done < <(release_files "$CLICKNBACK_HOME")
    cp --preserve=mode "$folder/$RELEASE_SUMS" "$CLICKNBACK_HOME/$RELEASE_SUMS.next"
    printf '%s\n' "${changes[@]}" "put $RELEASE_SUMS" > "$STATE/release.changes.new"
    sync "$STATE/release.changes.new"
    mv -f "$STATE/release.changes.new" "$STATE/release.changes"
    release_change
    release_taken_over "${changes[@]}"
}

# release_taken_over CHANGE…: by what runs and reads them at its start only. None of it is lost by any client.
release_taken_over() {
    local output list=" $* "
    if [[ $list == *" caddy/"* && -n $(container_of proxy) ]]; then
        output=$(compose exec -T proxy caddy reload --config /etc/caddy/Caddyfile 2>&1) ||
            fail "the proxy refuses its configuration and keeps the one it has: ${output##*$'\n'}"
    fi
    if [[ $list == *" monitoring/"* ]] && has_profile monitoring; then
        compose restart prometheus alertmanager blackbox-exporter grafana > /dev/null
    fi
    if [[ $list == *" postgres/"* ]] && has_profile backup; then compose restart wal-receiver > /dev/null; fi
}

# release_prune: only those that a rollback goes to without an image stay.
release_prune() {
    local folder
    for folder in "$RELEASES"/*; do
        case ${folder##*/} in
            "$(state_get "$VERSIONS" ACTIVE_VERSION)" | "$(state_get "$VERSIONS" PREVIOUS_VERSION)") ;;
            *) rm -rf "$folder" ;;
        esac
    done
}

# release_outdated: the services that run as another release, or another .env, described them, on one line.
release_outdated() {
    local service hash
    local -A wanted=()
    while read -r service hash; do wanted[$service]=$hash; done < <(compose config --hash '*' 2> /dev/null)
    docker ps --filter "label=com.docker.compose.project=$(project)" --filter label=com.docker.compose.oneoff=False \
        --format '{{.Label "com.docker.compose.service"}} {{.Label "com.docker.compose.config-hash"}}' |
        while read -r service hash; do
            [[ $service == api-* || ${wanted[$service]:-$hash} == "$hash" ]] || printf '%s ' "$service"
        done
}
