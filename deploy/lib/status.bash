# status: what runs, how it is, and what was done last.

command_status() {
    environment_load
    [[ -f $VERSIONS ]] || die "there is no $VERSIONS: clicknback install comes first" "$EX_CONFIG"
    row active "$(describe_colour "$(active)" "$(state_get "$VERSIONS" ACTIVE_VERSION)")"
    row previous "$(describe_colour "$(state_get "$VERSIONS" PREVIOUS)" "$(state_get "$VERSIONS" PREVIOUS_VERSION)")"
    row files "$(describe_files)"
    row routing "$(describe_routing)"
    if [[ -f $ATTEMPT ]]; then
        row unfinished "$(state_get "$ATTEMPT" KIND) of $(state_get "$ATTEMPT" VERSION), step $(state_get "$ATTEMPT" STEP)"
    fi
    if [[ -f $STATE/lock ]] && ! lock_is_free; then row lock "$(lock_holder)"; fi
    row "last done" "$([[ ! -s $HISTORY ]] || command_history 1)"
    if has_profile backup; then row backup "$(backup_age)"; fi
    if ! database_is_external; then row sorting "$(collation_state)"; fi
    row disk "$(df -Ph "$CLICKNBACK_HOME" | awk 'NR == 2 { print $4 " of " $2 " free" }')"
    echo
    docker ps --all --filter "label=com.docker.compose.project=$(project)" \
        --format 'table {{.Label "com.docker.compose.service"}}\t{{.Status}}\t{{.Image}}'
    [[ $(active) == none ]] || colour_is_ready "$(active)" || die "the active colour is not ready"
}

# collation_state: an index on text is only right with the libc that it was made with.
collation_state() {
    database_sql 2> /dev/null << 'SQL' || printf 'the database does not answer'
SELECT CASE WHEN datcollversion IS DISTINCT FROM pg_database_collation_actual_version(oid)
    THEN format('TEXT SORTS OTHERWISE (libc %s, made with %s): REINDEX DATABASE clicknback, then ALTER DATABASE clicknback REFRESH COLLATION VERSION',
        pg_database_collation_actual_version(oid), datcollversion)
    ELSE format('as when the database was made (libc %s)', datcollversion) END
FROM pg_database WHERE datname = current_database();
SQL
}

row() { printf '%-11s %s\n' "$1" "$2"; }

# describe_colour COLOUR VERSION
describe_colour() {
    local id commit
    if [[ $1 != blue && $1 != green ]]; then
        echo none
        return
    fi
    id=$(container_of "api-$1")
    if [[ -z $id ]]; then
        echo "$2 ($1, does not run)"
    else
        commit=$(docker inspect --format '{{index .Config.Labels "org.opencontainers.image.revision"}}' "$id")
        echo "$2 ($1${commit:+, commit ${commit:0:12}})"
    fi
}

# describe_files: of which release they are, and what was edited.
describe_files() {
    local version edited outdated
    version=$(release_version)
    printf 'of %s' "${version:-a release without release.sums}"
    if [[ -n $version && $(active) != none && $version != "$(state_get "$VERSIONS" ACTIVE_VERSION)" ]]; then
        printf ', AND NOT OF THE VERSION THAT SERVES'
    fi
    edited=$(release_edited)
    [[ -z $edited ]] || printf ', edited here: %s' "${edited//$'\n'/ }"
    outdated=$(release_outdated)
    [[ -z $outdated ]] || printf '; clicknback install has yet to bring up to date: %s' "${outdated% }"
}

describe_routing() {
    local canary
    canary=$(find "$ROUTING/canary" -type f | wc -l)
    printf "to %s" "$(traffic_colour)"
    ((canary == 0)) || printf ', canary %s %% to %s' $(((canary * 100 + 128) / 256)) "$(other_colour "$(traffic_colour)")"
    [[ ! -e $ROUTING/maintenance ]] || printf ', MAINTENANCE: everything is answered 503'
    [[ ! -e $ROUTING/api-off ]] || printf ', API OFF: /api/ is answered 404'
}
