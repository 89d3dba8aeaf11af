# drill: proves that the latest backup can be restored, in a project of its own beside production, and throws it away.
# shellcheck disable=SC2034 # what one file of lib sets, another reads

# command_drill
command_drill() {
    local began marker lag restored served
    (($# == 0)) || usage "clicknback drill takes no arguments"
    environment_load
    backup_lock drill
    drill_remove
    target_parse ""
    target_base
    backup_begin drill

    marker=drill-$(new_id)
    began=$(now_ms)
    backup_marker "$marker" || backup_fail "the archive does not follow the database"
    lag=$(seconds $(($(now_ms) - began)))
    TARGET_KIND=name TARGET=$marker

    began=$(now_ms)
    drill_environment
    recover_into "$BASE" --env-file "$STATE/drill.env" --project-name "$(project)-drill"
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
    state_put "$STATE/drill.env" POSTGRES_VOLUME "$(project)-drill-postgres" API_GREEN_REPLICAS 0 API_BLUE_REPLICAS 1 \
        API_BLUE_IMAGE "$(state_get "$VERSIONS" "API_$(active | tr '[:lower:]' '[:upper:]')_IMAGE")"
}

drill_compose() {
    compose_arguments
    "${COMPOSE[@]}" --env-file "$STATE/drill.env" --project-name "$(project)-drill" "$@"
}

drill_serve() {
    must "the restored database does not start" drill_compose up --detach --no-deps --no-build --pull never --wait postgres
    must "the API does not start on the restored copy" drill_compose up --detach --no-deps --no-build --pull never api-blue
    (
        SETTINGS[COMPOSE_PROJECT_NAME]=$(project)-drill
        wait_ready blue
        smoke_colour blue
    ) || backup_fail "the smoke test fails on the restored copy"
}

# drill_remove: all that a drill made, also one that was killed.
drill_remove() {
    local id
    [[ -f $STATE/drill.env ]] || return 0
    docker ps --all --quiet --filter "label=com.docker.compose.project=$(project)-drill" | while IFS= read -r id; do
        docker rm --force "$id" > /dev/null
    done
    unlocked drill_compose down --volumes --remove-orphans --timeout 5 2> /dev/null
    rm -f "$STATE/drill.env"
}
