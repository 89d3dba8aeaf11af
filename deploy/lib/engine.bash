# Docker and Compose, as this installation uses them.

# compose_arguments: fills COMPOSE. It runs with an environment of its own, so that no variable of the operator's shell
# overrides .env, and no secret stands on a command line.
compose_arguments() {
    local name overlay
    COMPOSE=(env -i "PATH=$PATH" "HOME=${HOME:-/}")
    for name in DOCKER_CONFIG DOCKER_HOST DOCKER_CONTEXT; do
        [[ -z ${!name:-} ]] || COMPOSE+=("$name=${!name}")
    done
    COMPOSE+=(docker compose --ansi never --progress quiet --project-directory "$CLICKNBACK_HOME"
        --project-name "$(project)" --env-file "$CLICKNBACK_HOME/.env" --env-file "$VERSIONS"
        --file "$CLICKNBACK_HOME/compose.production.yaml")
    overlay=$(setting ENVIRONMENT Production)
    overlay=$CLICKNBACK_HOME/compose.${overlay,,}.yaml
    if [[ $overlay != */compose.production.yaml && -f $overlay ]]; then COMPOSE+=(--file "$overlay"); fi
    if database_is_external; then COMPOSE+=(--file "$CLICKNBACK_HOME/compose.external-database.yaml"); fi
    if telemetry_leaves; then COMPOSE+=(--file "$CLICKNBACK_HOME/compose.egress.yaml"); fi
    for name in $(profiles); do COMPOSE+=(--profile "$name"); done
}

compose() {
    compose_arguments
    "${COMPOSE[@]}" "$@"
}

# colour_settings COLOUR: the .env with which that colour was deployed. It keeps them until it is deployed anew: what somebody
# changes in .env must not reach the version that a failed deploy or a rollback goes back to.
colour_settings() { printf '%s/settings.%s' "$STATE" "$1"; }

# colour_settings_keep COLOUR: those of now. What is not set is kept as such: a line that is added later does not count.
colour_settings_keep() {
    local -A known=()
    local name file key
    file=$(colour_settings "$1")
    while IFS= read -r name; do known[$name]=; done < <(sed -nE 's/^(# )?([A-Z][A-Z0-9_]*)=.*/\2/p' "$CLICKNBACK_HOME/.env.example")
    for name in "${!SETTINGS[@]}"; do known[$name]=${SETTINGS[$name]}; done
    for key in "${!KEYS[@]}"; do
        if key_is_unknown "$key"; then
            known[$key]=${SETTINGS[${KEYS[$key]}]}
            known[${KEYS[$key]}]=${SETTINGS[$key]}
        fi
    done
    for name in "${!known[@]}"; do printf '%s=%s\n' "$name" "${known[$name]}"; done > "$file.new"
    sync "$file.new"
    mv -f "$file.new" "$file"
}

# colour_setting COLOUR NAME: what it keeps of that name; empty if it keeps nothing.
colour_setting() {
    local -A kept=()
    local file
    file=$(colour_settings "$1")
    [[ -f $file ]] || return 0
    environment_read "$file" kept
    printf '%s' "${kept[$2]:-}"
}

# What signs or encrypts, and the setting with the one before it.
readonly -A KEYS=([JWT_SIGNING_KEY]=JWT_PREVIOUS_SIGNING_KEY [DATA_ENCRYPTION_KEY]=DATA_PREVIOUS_ENCRYPTION_KEY)

# key_is_unknown KEY: whether it replaces the one that the serving colour uses, and that colour does not accept it yet. The colour
# that is deployed then goes on using the previous key and accepts the new one; the next deploy uses it. So what is signed or
# encrypted meanwhile is good for the colour to which one may have to go back.
key_is_unknown() {
    local serving previous
    serving=$(active)
    previous=$(setting "${KEYS[$1]}" "")
    [[ -n $previous && $(colour_setting "$serving" "$1") == "$previous" &&
        $(colour_setting "$serving" "${KEYS[$1]}") != "$(setting "$1" "")" ]]
}

# keys_used_later COLOUR: those that it accepts and does not use yet.
keys_used_later() {
    local key
    for key in "${!KEYS[@]}"; do
        if [[ $(colour_setting "$1" "${KEYS[$key]}") == "$(setting "$key" none)" ]]; then printf '%s ' "$key"; fi
    done
}

# colour_compose COLOUR ARGUMENT…
colour_compose() {
    local file
    file=$(colour_settings "$1")
    shift
    compose_arguments
    if [[ -f $file ]]; then COMPOSE+=(--env-file "$file" --env-file "$VERSIONS"); fi
    "${COMPOSE[@]}" "$@"
}

project() { setting COMPOSE_PROJECT_NAME clicknback; }

profiles() {
    local list
    list=$(setting COMPOSE_PROFILES "")
    printf '%s\n' "${list//,/ }"
}

has_profile() { [[ " $(profiles) " == *" $1 "* ]]; }

# telemetry_leaves: whether it is sent to somewhere else than the dashboard beside the API.
telemetry_leaves() {
    local endpoint
    endpoint=$(setting OTEL_EXPORTER_OTLP_ENDPOINT "")
    [[ -n $endpoint && $endpoint != http://dashboard:* ]]
}

database_is_external() { [[ -n $(setting DATABASE_HOST "") ]]; }

# container_of SERVICE: its identifier, running or not; empty if there is none.
container_of() {
    docker ps --all --quiet --no-trunc --filter "label=com.docker.compose.project=$(project)" \
        --filter "label=com.docker.compose.service=$1" --filter label=com.docker.compose.oneoff=False | sed -n 1p
}

# container_state SERVICE: status, restarts and exit code, such as "running 0 0"; "absent 0 0" if there is none.
container_state() {
    local id
    id=$(container_of "$1")
    if [[ -z $id ]]; then
        echo "absent 0 0"
    else
        docker inspect --format '{{.State.Status}} {{.RestartCount}} {{.State.ExitCode}}' "$id"
    fi
}

# colour_url COLOUR: its address on the network it shares with the proxy; no port is published for it.
colour_url() {
    local id address
    id=$(container_of "api-$1")
    [[ -n $id ]] || return 1
    address=$(docker inspect --format "{{with index .NetworkSettings.Networks \"$(project)_app\"}}{{.IPAddress}}{{end}}" "$id")
    [[ -n $address ]] || return 1
    printf 'http://%s:8080\n' "$address"
}

colour_is_ready() {
    local url
    url=$(colour_url "$1") && curl --silent --fail --noproxy '*' --max-time 3 --output /dev/null "$url/ready"
}

# smoke_colour COLOUR: the smoke test on one colour, past the proxy.
smoke_colour() {
    local url
    url=$(colour_url "$1") || {
        echo "api-$1 has no address"
        return 1
    }
    smoke_with "" "$url"
}

# smoke_front: the smoke test through the proxy of this machine.
smoke_front() {
    local site bind scheme=http host
    site=$(setting SITE_ADDRESS :80)
    host=${site#*://}
    bind=$(setting HTTP_BIND 0.0.0.0:80)
    if [[ $host != :* && $site != http://* ]]; then
        scheme=https
        bind=$(setting HTTPS_BIND 0.0.0.0:443)
    fi
    [[ $host != :* ]] || host=localhost
    SMOKE_CA=$(proxy_authority) smoke_with "::${bind/#0.0.0.0:/127.0.0.1:}" "$scheme://${host%%[,: ]*}"
}

# proxy_authority: the certificate of the proxy's own authority, which signs for names like localhost; empty if it has none.
proxy_authority() {
    docker cp "$(container_of proxy):/data/caddy/pki/authorities/local/root.crt" - 2> /dev/null | tar --extract --to-stdout 2> /dev/null || :
}

# smoke_with CONNECT_TO URL
smoke_with() {
    SMOKE_CONNECT_TO=$1 SMOKE_EMAIL=$(setting SMOKE_EMAIL "$(setting ADMIN_EMAIL "")") \
        SMOKE_PASSWORD=$(setting SMOKE_PASSWORD "$(setting ADMIN_PASSWORD "")") "$CLICKNBACK_HOME/smoke" "$2"
}

# database_sql: runs the SQL on standard input as the owner of the database.
database_sql() {
    # shellcheck disable=SC2016 # these are variables of the container
    compose exec -T postgres sh -c \
        'PGPASSWORD=$POSTGRES_PASSWORD exec psql -X -q -A -t -v ON_ERROR_STOP=1 -h 127.0.0.1 -U "$POSTGRES_USER" -d clicknback'
}

database_answers() { database_sql <<< 'SELECT 1' > /dev/null 2>&1; }

# database_file FILE: runs a file of postgres/.
database_file() {
    database_sql < "$CLICKNBACK_HOME/postgres/$1"
}

# database_contents: "users purchases payouts seconds-of-the-newest-change"; empty if the database does not answer.
database_contents() { database_file contents.sql 2> /dev/null | tr '|' ' ' || :; }

# volume_exists VOLUME
volume_exists() { docker volume inspect "$1" > /dev/null 2>&1; }

# volume_owned VOLUME: exits 1 unless this installation alone uses it: two servers on one volume destroy it.
volume_owned() {
    local owner folder
    while IFS='|' read -r owner folder; do
        if [[ -n $owner && $owner != "$(project)" && $owner != "$(project)-drill" ]]; then
            die "the volume $1 belongs to the project $owner: two databases on it would destroy it" "$EX_CONFIG"
        elif [[ -n $folder && $folder != "$CLICKNBACK_HOME" && -f $folder/state/versions.env ]]; then
            die "the volume $1 belongs to the installation in $folder: two databases on it would destroy it" "$EX_CONFIG"
        fi
    done < <(
        docker volume inspect --format '{{index .Labels "com.docker.compose.project"}}|' "$1" 2> /dev/null
        docker ps --all --filter "volume=$1" --format \
            '{{.Label "com.docker.compose.project"}}|{{.Label "com.docker.compose.project.working_dir"}}'
    )
}

# image_reference NAME:TAG: what the tag means now, as a digest of the registry or, for an image that was never in one, its
# identifier: what was tested is what runs, even if the tag moves.
image_reference() {
    local digest
    digest=$(docker image inspect --format '{{range .RepoDigests}}{{println .}}{{end}}' "$1" |
        awk -v name="${1%:*}@" 'index($0, name) == 1 && !found++')
    if [[ -z $digest ]]; then digest=$(docker image inspect --format '{{.Id}}' "$1"); fi
    printf '%s\n' "$digest"
}
