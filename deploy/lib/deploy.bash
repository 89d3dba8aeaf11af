# deploy, canary and rollback: their steps. Until `switch` nothing that serves is touched.

# command_deploy VERSION
command_deploy() {
    (($# == 1)) || usage "clicknback deploy VERSION"
    deployment deploy "$1" pull archive backup-marker migrate check-previous start ready smoke switch drain watch finish
}

# command_canary VERSION PERCENT…: shares of the traffic, one after the other, before it gets all.
command_canary() {
    [[ $# -ge 2 && ${*:2} =~ ^[1-9][0-9]?(" "[1-9][0-9]?)*$ ]] || usage "clicknback canary VERSION PERCENT…, each from 1 to 99"
    CANARY_PERCENTS=("${@:2}")
    deployment canary "$1" pull archive backup-marker migrate check-previous start ready smoke canary switch drain watch finish
}

# deployment KIND VERSION STEP…
deployment() {
    local kind=$1 version serving
    version=$(version_of "$2")
    shift 2
    environment_load
    lock_take "$kind $version"
    restore_unfinished_refused
    attempt_settle
    serving=$(active)
    if [[ $kind == rollback && $version == "$(state_get "$VERSIONS" ACTIVE_VERSION)" ]]; then die "version $version serves already"; fi
    say "$kind $version"
    attempt_begin "$kind" "$version" "$(other_colour "$serving")"
    attempt_run check "$@"
    say "Version $version serves."
}

# command_rollback [VERSION]: to the previous colour, which normally still runs; or to any version that works on the schema.
command_rollback() {
    local previous version serving
    (($# <= 1)) || usage "clicknback rollback [VERSION]"
    environment_load
    if (($# == 1)) && [[ $(version_of "$1") != "$(state_get "$VERSIONS" PREVIOUS_VERSION)" ]]; then
        deployment rollback "$1" pull archive migrate start ready smoke switch drain finish
        return
    fi
    lock_take rollback
    restore_unfinished_refused
    attempt_settle
    previous=$(state_get "$VERSIONS" PREVIOUS)
    version=$(state_get "$VERSIONS" PREVIOUS_VERSION)
    serving=$(state_get "$VERSIONS" ACTIVE_VERSION)
    [[ $previous == blue || $previous == green ]] || die "there is no previous version to go back to; $(what_serves)"
    say "rollback from $serving to $version"
    attempt_begin rollback "$version" "$previous"
    attempt_run archive revive smoke switch finish
    say "Version $version serves."
}

# version_of TEXT: a semantic version without its v; anything else is refused.
version_of() {
    local version=${1#v}
    [[ $version =~ ^[0-9]+\.[0-9]+\.[0-9]+(-[0-9A-Za-z.-]+)?$ && ${#version} -le 100 ]] ||
        usage "not a version: it looks like 1.2.3 or 1.2.3-rc.1"
    printf '%s\n' "$version"
}

step_check() {
    local problems
    problems=$(problems)
    if [[ -n $problems ]]; then
        complain "$problems"
        printf '%s\n' "${problems//$'\n'/; }" > "$STATE/reason"
        exit "$EX_CONFIG"
    fi
    hook_before
}

# hook_before: whether hooks/before-deploy, if there is one, has something against it.
hook_before() {
    local hook=$CLICKNBACK_HOME/hooks/before-deploy output
    [[ -x $hook ]] || return 0
    output=$("$hook" "$(state_get "$ATTEMPT" KIND)" "$(state_get "$ATTEMPT" VERSION)" \
        "$(state_get "$ATTEMPT" SERVING_VERSION)" 2>&1) || fail "hooks/before-deploy refuses: ${output##*$'\n'}"
}

# hook_after OUTCOME: tells hooks/after-deploy, if there is one, what the history says.
hook_after() {
    local hook=$CLICKNBACK_HOME/hooks/after-deploy
    [[ -x $hook ]] || return 0
    tail -n 1 "$HISTORY" | (
        exec {LOCK_FD}>&-
        timeout --kill-after=5 30 "$hook" "$(state_get "$ATTEMPT" KIND)" "$(state_get "$ATTEMPT" VERSION)" "$1"
    ) > /dev/null 2>&1 || say "hooks/after-deploy failed"
}

# Both images, and what their tags mean now.
step_pull() {
    local name tag output reference
    for name in api migrations; do
        tag=$(setting IMAGE_REGISTRY "")/$name:$(state_get "$ATTEMPT" VERSION)
        if ! docker image inspect "$tag" > /dev/null 2>&1; then
            output=$(timeout --foreground "$(setting PULL_SECONDS 600)" docker pull --quiet "$tag" 2>&1) ||
                fail "the image $tag cannot be pulled: ${output##*$'\n'}"
        fi
        reference=$(image_reference "$tag")
        image_attested "$reference"
        if [[ $name == api ]]; then
            state_put "$ATTEMPT" IMAGE "$reference"
        else
            state_put "$VERSIONS" MIGRATIONS_IMAGE "$reference"
        fi
    done
}

# image_attested REFERENCE: with VERIFY_ATTESTATION nothing is started that the release workflow did not build.
image_attested() {
    local repository output
    [[ $(setting VERIFY_ATTESTATION false) == true ]] || return 0
    repository=$(setting IMAGE_REGISTRY "")
    repository=${repository#*/}
    [[ $1 == *@sha256:* ]] || fail "$1 was never in a registry, so nobody attests it"
    output=$(GH_TOKEN=$(setting GITHUB_TOKEN "") gh attestation verify "oci://$1" --repo "$repository" \
        --signer-workflow "$repository/.github/workflows/release.yml" 2>&1) ||
        fail "$1 is not attested by $repository: ${output##*$'\n'}"
}

# What belongs to the version beside its images. From the next command on it is that version's own that is at work.
step_archive() {
    local version outdated
    version=$(state_get "$ATTEMPT" VERSION)
    if [[ -n $(state_get "$ATTEMPT" IMAGE) ]]; then # pulled: that of the migrations is the version's
        release_fetch "$version" "$(state_get "$VERSIONS" MIGRATIONS_IMAGE)" || rm -rf "${RELEASES:?}/$version"
    fi
    if [[ ! -d $RELEASES/$version ]]; then
        note "version $version brings no files of its own; those of $(release_version) stay"
        return
    fi
    release_apply "$version"
    outdated=$(release_outdated)
    if [[ -n $outdated ]]; then note "clicknback install has yet to bring up to date: ${outdated% }"; fi
}

# A name in the write-ahead log to which the database can be restored, and everything before it archived.
step_backup_marker() {
    if database_is_external; then
        note "the database is external"
        return
    fi
    if ! has_profile backup; then
        note "nothing is backed up here"
        return
    fi
    reason "the database does not answer, or its archive does not follow"
    backup_marker "deploy-$(state_get "$ATTEMPT" ID)"
}

step_migrate() {
    local code=0 limit
    limit=$(setting MIGRATE_SECONDS 120)
    compose_arguments
    migrations_arguments "$(state_get "$ATTEMPT" COLOUR)"
    timeout --foreground --kill-after=10 "$limit" "${COMPOSE[@]}" "${MIGRATIONS[@]}" > "$STATE/migrations.log" 2>&1 || code=$?
    [[ $code != 0 ]] || return 0
    complain "  the last lines of the migrations:"
    tail -n 12 "$STATE/migrations.log" | cut -c 1-400 | sed 's/^/    /' >&2
    if [[ $code == 124 || $code == 137 ]]; then fail "the migrations did not end within $limit s"; fi
    fail "the migrations ended with exit code $code"
}

# migrations_arguments COLOUR: fills MIGRATIONS. Each colour logs in as a role of its own, whose password the worker sets: a new
# one reaches the colour that is deployed, and the other's stays as it is.
migrations_arguments() {
    MIGRATIONS=(run --rm -T --no-deps --env "Database__ApiLogin=clicknback_api_$1" migrations)
}

# A killed client leaves the container that it ran.
migrations_remove() {
    docker ps --all --quiet --filter "label=com.docker.compose.project=$(project)" \
        --filter label=com.docker.compose.service=migrations | while IFS= read -r id; do
        docker rm --force "$id" > /dev/null
    done
}

# The version that serves must work on the new schema. One that did not serve before is no reason to refuse the one that may.
step_check_previous() {
    local serving
    serving=$(state_get "$ATTEMPT" SERVING)
    if [[ $serving == none || -e $ROUTING/maintenance || $(state_get "$ATTEMPT" SERVING_READY) == no ]]; then
        note "nobody is being served"
        return
    fi
    smoke_or_fail "$serving" "version $(state_get "$ATTEMPT" SERVING_VERSION) fails on the new schema"
}

step_start() {
    local colour later
    colour=$(state_get "$ATTEMPT" COLOUR)
    colour_settings_keep "$colour"
    state_put "$VERSIONS" "API_${colour^^}_IMAGE" "$(state_get "$ATTEMPT" IMAGE)" "API_${colour^^}_REPLICAS" 1
    colour_start "$colour" --force-recreate
    later=$(keys_used_later "$colour")
    note "api-$colour${later:+, which accepts the new ${later% }; the next deploy uses it}"
}

# colour_start COLOUR [OPTION…]
colour_start() {
    local colour=$1 output
    shift
    output=$(colour_compose "$colour" up --detach --no-deps --no-build --pull never "$@" "api-$colour" 2>&1) ||
        fail "api-$colour cannot be started: ${output##*$'\n'}" "api-$colour"
}

# colour_converge COLOUR: runs or does not run, as versions.env says.
colour_converge() {
    if [[ $(state_get "$VERSIONS" "API_${1^^}_REPLICAS") == 1 ]]; then
        colour_start "$1"
    else
        compose rm --stop --force "api-$1" > /dev/null 2>&1
    fi
}

step_ready() { wait_ready "$(state_get "$ATTEMPT" COLOUR)"; }

# wait_ready COLOUR: until it says so; a process that keeps ending is not waited for.
wait_ready() {
    local limit status restarts code began
    began=$(uptime_seconds)
    limit=$(setting READY_SECONDS 120)
    until colour_is_ready "$1"; do
        read -r status restarts code < <(container_state "api-$1")
        if [[ $status == exited || $status == dead || $status == absent ]] || ((restarts >= 2)); then
            fail "api-$1 does not stay up (exit code $code)" "api-$1"
        fi
        (($(uptime_seconds) - began < limit)) || fail "api-$1 was not ready within $limit s" "api-$1"
        sleep 0.3
    done
}

step_smoke() { smoke_or_fail "$(state_get "$ATTEMPT" COLOUR)" "the smoke test fails"; }

# smoke_or_fail COLOUR WHAT
smoke_or_fail() {
    local output words
    output=$(smoke_colour "$1" 2>&1) && return
    complain "$output"
    read -r -a words <<< "${output##*$'\n'}"
    fail "$2: ${words[*]:1}" "api-$1"
}

# Shares of the traffic for a while each, compared with what the version that serves does meanwhile; the rest of the steps gives
# it all.
step_canary() {
    local colour percent since
    if [[ $(state_get "$ATTEMPT" SERVING) == none ]]; then
        note "nothing serves that it could be compared with"
        return
    fi
    colour=$(state_get "$ATTEMPT" COLOUR)
    for percent in "${CANARY_PERCENTS[@]}"; do
        since=$(date +%s.%N)
        traffic_canary "$percent"
        say "$percent % of the traffic"
        watch_traffic "$colour" "$(setting CANARY_SECONDS 60)" "$since" "$(state_get "$ATTEMPT" SERVING)"
    done
}

step_switch() {
    state_put "$ATTEMPT" SWITCHED "$(date +%s.%N)"
    traffic_switch "$(state_get "$ATTEMPT" COLOUR)"
    traffic_canary_off
    if [[ $(state_get "$ATTEMPT" SERVING) == none ]]; then traffic_off maintenance; fi
}

# What the other colour has begun, it ends.
step_drain() {
    [[ $(state_get "$ATTEMPT" SERVING) == none ]] || sleep "$(setting DRAIN_SECONDS 5)"
}

# From the switch on: what failed while the other colour drained counts as well.
step_watch() {
    watch_traffic "$(state_get "$ATTEMPT" COLOUR)" "$(setting WATCH_SECONDS 20)" "$(state_get "$ATTEMPT" SWITCHED)"
}

# What serves becomes what is recorded. The other colour stays for a rollback; after one, the bad version goes.
step_finish() {
    local serving previous version
    serving=$(state_get "$ATTEMPT" SERVING)
    previous=$serving
    version=$(state_get "$ATTEMPT" SERVING_VERSION)
    if [[ $(state_get "$ATTEMPT" KIND) == rollback ]]; then previous=none version=; fi
    state_put "$VERSIONS" ACTIVE "$(state_get "$ATTEMPT" COLOUR)" ACTIVE_VERSION "$(state_get "$ATTEMPT" VERSION)" \
        PREVIOUS "$previous" PREVIOUS_VERSION "$version"
    if [[ $serving != none && ($previous == none || $(setting KEEP_PREVIOUS true) == false) ]]; then
        state_put "$VERSIONS" "API_${serving^^}_REPLICAS" 0
        colour_retire "$serving"
    fi
    images_prune
    release_prune
}

# Of the releases' images those of the newest versions stay, those of the recorded ones, and what a container uses.
images_prune() {
    local name image tag recorded
    recorded="$(state_get "$VERSIONS" ACTIVE_VERSION) $(state_get "$VERSIONS" PREVIOUS_VERSION)"
    for name in api migrations; do
        image=$(setting IMAGE_REGISTRY "")/$name
        docker image ls --format '{{.Tag}}' "$image" | sed -n '/^[0-9]/p' | sort --version-sort --reverse |
            tail -n "+$(($(setting IMAGES_KEPT 5) + 1))" | while IFS= read -r tag; do
            [[ " $recorded " == *" $tag "* ]] || docker image rm "$image:$tag" > /dev/null 2>&1 || :
        done
    done
}

# colour_retire COLOUR: told to end what it has begun and then itself; nobody waits for it. A signal sent by hand also tells the
# engine not to start it again. What cannot be told, because it crashes all the time, is removed.
colour_retire() {
    local id
    id=$(container_of "api-$1")
    [[ -z $id ]] || docker kill --signal TERM "$id" > /dev/null 2>&1 || colour_converge "$1"
}

# password_restore COLOUR: after a deploy with a new password that failed, its role has again the one that it keeps.
password_restore() {
    local password output
    password=$(colour_setting "$1" API_DATABASE_PASSWORD)
    if [[ -z $password || $password == "$(setting API_DATABASE_PASSWORD "")" ]]; then return 0; fi
    migrations_arguments "$1"
    output=$(colour_compose "$1" "${MIGRATIONS[@]}" 2>&1) ||
        complain "clicknback: api-$1 keeps its database password, and it could not be set back: ${output##*$'\n'}"
}

# The previous colour, started anew unless it runs and is ready.
step_revive() {
    local colour
    colour=$(state_get "$ATTEMPT" COLOUR)
    if colour_is_ready "$colour"; then
        note "still running"
        return
    fi
    state_put "$VERSIONS" "API_${colour^^}_REPLICAS" 1
    colour_start "$colour" --force-recreate
    wait_ready "$colour"
}
