# install: everything but the application. Safe to repeat; what is there stays.

# command_install [SERVICE…]
command_install() {
    local problems
    install_directories
    lock_take install
    problems=$(problems)
    if [[ -n $problems ]]; then
        complain "$problems"
        exit "$EX_CONFIG"
    fi
    environment_load
    install_versions
    attempt_settle
    install_services "$@"
    install_timers
    history_simple install "done" "$*"
    if [[ $(active) == none ]]; then
        say "Installed. The site answers 503 until the first: clicknback deploy VERSION"
    else
        say "Installed; $(what_serves)."
    fi
}

install_directories() {
    mkdir -p "$STATE/routing/canary"
    chmod 0700 "$STATE"
    chmod 0755 "$ROUTING" "$ROUTING/canary"
    touch "$STATE/lock" "$HISTORY"
    [[ -f $VERSIONS ]] || traffic_on maintenance
}

# install_versions: once .env is known to be right, since it names the volume for good. A volume has one owner, and one that
# held data is not made anew.
install_versions() {
    local volume
    [[ -f $VERSIONS ]] || state_put "$VERSIONS" ACTIVE none ACTIVE_VERSION "" PREVIOUS none PREVIOUS_VERSION "" \
        API_BLUE_IMAGE none API_BLUE_REPLICAS 0 API_GREEN_IMAGE none API_GREEN_REPLICAS 0 MIGRATIONS_IMAGE none \
        POSTGRES_VOLUME "$(project)-postgres"
    if database_is_external; then return; fi
    volume=$(state_get "$VERSIONS" POSTGRES_VOLUME)
    volume_owned "$volume"
    if [[ $(active) != none ]] && ! volume_exists "$volume"; then
        die "the volume $volume of the database is gone; clicknback restore makes it from the backup"
    fi
}

# install_services [SERVICE…]: all of the chosen profiles but the two colours and the migrations: those belong to deploys.
install_services() {
    local services service output
    monitoring_directories
    if has_profile backup; then
        backup_directories
        backup_metrics
    fi
    mapfile -t services < <(compose config --services | grep -vxE 'api-(blue|green)|migrations')
    for service in "$@"; do
        [[ " ${services[*]} " == *" $service "* ]] || usage "there is no service $service to install; there are: ${services[*]}"
    done
    if (($#)); then services=("$@"); fi
    say "starting ${services[*]}"
    # Images that are there are used, others are pulled.
    output=$(compose up --detach --wait --wait-timeout "$(setting READY_SECONDS 120)" --no-build --pull missing --no-deps \
        "${services[@]}" 2>&1) ||
        die "the services cannot be started: $(tail -n 3 <<< "$output" | tr '\n' ' ')$(unhealthy_services)"
    install_configuration "${services[@]}"
}

# unhealthy_services: of those that are not healthy, what their last probes gave (exit code and output) and what they said last.
unhealthy_services() {
    local id
    docker ps --quiet --filter "label=com.docker.compose.project=$(project)" --filter health=unhealthy --filter health=starting |
        while IFS= read -r id; do
            docker inspect --format '{{index .Config.Labels "com.docker.compose.service"}} ({{.State.Status}}, started {{.RestartCount}} times anew):{{range .State.Health.Log}} {{.ExitCode}} {{.Output}};{{end}}' "$id"
            docker logs --tail 2 "$id" 2>&1
        done | tr '\n' ' '
}

# install_configuration SERVICE…: what is mounted may have changed. The proxy takes it over without losing a request, and does nothing
# if it is the same.
install_configuration() {
    local service output
    for service in "$@"; do
        case $service in
            proxy)
                output=$(compose exec -T proxy caddy reload --config /etc/caddy/Caddyfile 2>&1) ||
                    die "the proxy refuses its configuration and keeps the one it has: ${output##*$'\n'}"
                ;;
            prometheus | alertmanager | blackbox-exporter | grafana) compose restart "$service" ;;
        esac
    done
}
