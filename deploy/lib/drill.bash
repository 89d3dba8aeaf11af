# drill: proves that the latest backup can be restored, in a project of its own beside production, and throws it away.
# shellcheck disable=SC2034 # what one file of lib sets, another reads

# command_drill
command_drill() {
    local began marker lag restored served before lost
    (($# == 0)) || usage "clicknback drill takes no arguments"
    environment_load
    backup_lock drill
    drill_remove
    target_parse ""
    target_base
    backup_begin drill

    before=$(database_contents)
    marker=drill-$(new_id)
    began=$(now_ms)
    backup_marker "$marker" || backup_fail "the archive does not follow the database"
    lag=$(seconds $(($(now_ms) - began)))
    TARGET_KIND=name TARGET=$marker

    began=$(now_ms)
    drill_environment
    recover_into "$BASE" --env-file "$STATE/drill.env" --project-name "$(project)-drill"
    lost=$(contents_lost "$before" "$RECOVERED")
    [[ -z $lost ]] || backup_fail "what was restored is less than what is there: ${lost//$'\n'/; }"
    restored=$(seconds $(($(now_ms) - began)))
    if [[ $(active) == none ]]; then
        served="nothing is deployed, so no API was tried"
    else
        drill_serve
        served="API and smoke test after $(seconds $(($(now_ms) - began))) s"
    fi
    drill_remove
    say "drill: base backup of $(base_time "$BASE"), $(du -h "$BASE" | cut -f 1)"
    say "drill: RPO: a mark made now was in the archive after $lag s, and is in what was restored (contract: 1 h)"
    say "drill: RTO: database restored and money proven after $restored s; $served (contract: 4 h)"
    BACKUP_REASON="RPO $lag s; RTO $restored s; $served"
}

# The copy runs what production runs; nothing is published, and the one colour has no proxy.
drill_environment() {
    state_restore "$VERSIONS" "$STATE/drill.env"
    state_put "$STATE/drill.env" POSTGRES_VOLUME "$(project)-drill-postgres"
}

drill_compose() {
    local settings
    compose_arguments
    settings=$(colour_settings "$(active)")
    [[ ! -f $settings ]] || COMPOSE+=(--env-file "$settings")
    "${COMPOSE[@]}" --env-file "$STATE/drill.env" --project-name "$(project)-drill" "$@"
}

drill_serve() {
    must "the restored database does not start" drill_compose up --detach --no-deps --no-build --pull never --wait postgres
    must "the API does not start on the restored copy" drill_compose up --detach --no-deps --no-build --pull never "api-$(active)"
    (
        SETTINGS[COMPOSE_PROJECT_NAME]=$(project)-drill
        wait_ready "$(active)"
        smoke_colour "$(active)"
    ) || backup_fail "the smoke test fails on the restored copy"
}

# drill_remove: all that a drill made, also one that was killed. By the label of its project, never by `compose down`: that takes
# another project's name if it cannot read its own configuration.
drill_remove() {
    local label kind
    label=label=com.docker.compose.project=$(project)-drill
    docker ps --all --quiet --filter "$label" | drill_discard container rm --force
    for kind in network volume; do
        docker "$kind" ls --quiet --filter "$label" | drill_discard "$kind" rm
    done
    rm -f "$STATE/drill.env"
}

# drill_discard COMMAND…: for each name on standard input.
drill_discard() {
    local name
    while IFS= read -r name; do docker "$@" "$name" > /dev/null || :; done
}
