# .env: reading it, and saying everything that is wrong with it. Values are never printed.

declare -A SETTINGS=()

# The value of a line of .env, as compose reads it.
setting_value() {
    local value=$1
    case $value in
        \"*\") value=${value:1:-1} ;;
        \'*\') value=${value:1:-1} ;;
        *)
            value=${value%%[[:space:]]#*}
            value=${value%"${value##*[![:space:]]}"}
            ;;
    esac
    printf '%s' "$value"
}

# environment_read FILE ARRAY
environment_read() {
    local line name
    # shellcheck disable=SC2178,SC2034
    local -n into=$2
    while IFS= read -r line || [[ -n $line ]]; do
        if [[ $line =~ ^[[:space:]]*(export[[:space:]]+)?([A-Za-z_][A-Za-z0-9_]*)[[:space:]]*=[[:space:]]*(.*)$ ]]; then
            name=${BASH_REMATCH[2]}
            # shellcheck disable=SC2004,SC2034 # an associative array
            into[$name]=$(setting_value "${BASH_REMATCH[3]}")
        fi
    done < "$1"
}

environment_load() {
    [[ -r $CLICKNBACK_HOME/.env ]] || die "$CLICKNBACK_HOME/.env is missing or not readable for $(id -un)" "$EX_CONFIG"
    SETTINGS=()
    environment_read "$CLICKNBACK_HOME/.env" SETTINGS
}

# setting NAME DEFAULT: an empty value counts as none, as in compose's ${NAME:-default}.
setting() { printf '%s' "${SETTINGS[$1]:-$2}"; }

# command_check: exits 78 after naming every problem.
command_check() {
    local problems
    problems=$(problems)
    if [[ -n $problems ]]; then
        complain "$problems"
        exit "$EX_CONFIG"
    fi
    environment_load
    say "The configuration and this machine are in order."
    if has_profile backup && [[ ! -x $CLICKNBACK_HOME/hooks/off-site ]]; then
        say "But there is no hooks/off-site: the backups are lost with this machine."
    fi
}

# problems: one a line.
problems() {
    if [[ -r $CLICKNBACK_HOME/.env ]]; then environment_load; fi
    check_environment_file | sort
    check_machine
}

check_environment_file() {
    local file=$CLICKNBACK_HOME/.env owner mode
    if [[ ! -e $file ]]; then
        echo ".env: missing; copy .env.example to it and fill it in"
        return
    fi
    read -r owner mode < <(stat --dereference --format '%u %a' "$file")
    if [[ $owner != "$EUID" && $owner != 0 ]]; then echo ".env: its owner must be root or $(id -un)"; fi
    if [[ $mode != 600 && $mode != 400 ]]; then echo ".env: its mode must be 0600, not 0$mode"; fi
    if [[ ! -r $file ]]; then
        echo ".env: not readable for $(id -un)"
        return
    fi
    if grep -q $'\r' "$file"; then echo ".env: has line ends of Windows"; fi
    check_settings
}

# A name that ends like this is a secret's.
is_secret() { [[ $1 =~ _(PASSWORD|KEY|TOKEN)$ ]]; }

check_settings() {
    local -A example=()
    local name value
    environment_read "$CLICKNBACK_HOME/.env.example" example
    for name in "${!example[@]}"; do
        if [[ -z ${SETTINGS[$name]:-} && -n ${example[$name]} ]] && is_placeholder "$name" "${example[$name]}"; then
            echo "$name: missing"
        fi
    done
    for name in "${!SETTINGS[@]}"; do
        value=${SETTINGS[$name]}
        if [[ -z ${example[$name]+known} ]] && ! grep -qE "^# ?$name=" "$CLICKNBACK_HOME/.env.example"; then
            echo "$name: unknown; .env.example lists what there is"
        elif [[ -n $value ]]; then
            check_setting "$name" "$value" "${example[$name]:-}"
        fi
    done
    check_alike
    if has_profile monitoring && [[ -z $(setting ALERT_WEBHOOK_URL "")$(setting ALERT_SLACK_URL "") ]]; then
        echo "ALERT_WEBHOOK_URL or ALERT_SLACK_URL: missing; the profile monitoring tells nobody without"
    fi
    if ! database_is_external && ! has_profile backup && [[ $(setting ENVIRONMENT Production) == Production ]]; then
        echo "COMPOSE_PROFILES: production wants backup; without it the money is gone with this disk"
    fi
    if [[ $(setting SEED_DEMO false) == true && $(setting ENVIRONMENT Production) == Production ]]; then
        echo "SEED_DEMO: never in production, which is no place for the administrators of a demo"
    fi
    if [[ $(setting ENVIRONMENT Production) == Staging && $(setting SEED_DEMO true) == true && -z $(setting DEMO_PASSWORD "") ]]; then
        echo "DEMO_PASSWORD: missing; with it log in the demo's people whom staging seeds, administrators among them"
    fi
    if [[ $(setting VERIFICATION_MODE reports) == simulated && $(setting VERIFICATION_ALLOW_SIMULATION false) != true ]]; then
        echo "VERIFICATION_MODE: simulated pays for purchases that nobody has verified; a demo says VERIFICATION_ALLOW_SIMULATION=true"
    fi
    if [[ $(setting VERIFY_ATTESTATION false) == true && -z $(setting GITHUB_TOKEN "") ]]; then
        echo "GITHUB_TOKEN: missing; VERIFY_ATTESTATION needs one that may read the repository's attestations"
    fi
    if [[ -x $CLICKNBACK_HOME/hooks/off-site && -z $(setting BACKUP_ENCRYPTION_KEY "") ]]; then
        echo "BACKUP_ENCRYPTION_KEY: missing; what hooks/off-site takes away must be encrypted"
    fi
    if database_is_external && has_profile backup; then
        echo "COMPOSE_PROFILES: no backup where DATABASE_HOST is set; whoever keeps that database backs it up"
    fi
}

# is_placeholder NAME EXAMPLE: whether every installation must have a value of its own.
is_placeholder() { is_secret "$1" || [[ $2 =~ example|OWNER|change-me ]]; }

# check_setting NAME VALUE EXAMPLE
check_setting() {
    local name=$1 value=$2 example=$3
    if [[ $value == "$example" ]] && is_placeholder "$name" "$example"; then
        echo "$name: still the example's value"
    elif is_secret "$name"; then
        check_secret "$name" "$value"
    elif [[ $value == *[\$\`\"\'\\]* ]]; then
        echo "$name: has a character that compose would interpret"
    else
        case $name in
            *_AMOUNT | *_AMOUNT_PER_DAY)
                [[ $value =~ ^[0-9]{1,9}(\.[0-9]{1,2})?$ ]] || echo "$name: must be an amount, such as 250 or 99.50" ;;
            DRAIN_SECONDS | WATCH_SECONDS | CANARY_SECONDS | *_PERCENT | MIN_FREE_DISK_MB | *_STATEMENTS | *_BETWEEN | *_PER_DAY | *_AGE_DAYS)
                [[ $value =~ ^[0-9]{1,9}$ ]] || echo "$name: must be a whole number" ;;
            *_SECONDS | *_MINUTE | *_MINUTES | *_ATTEMPTS | *_MS | *_PORT | *_DAYS | *_MB | *_KEPT)
                [[ $value =~ ^[1-9][0-9]{0,8}$ ]] || echo "$name: must be a whole number, 1 or more" ;;
            GRAFANA_BIND | DASHBOARD_BIND)
                [[ $value =~ ^127\.[0-9.]+:[0-9]+$ ]] || echo "$name: must be 127.0.0.1:PORT; who reaches it may look: ssh -L" ;;
            *_BIND) [[ $value =~ ^[0-9.]+:[0-9]+$ ]] || echo "$name: must be ADDRESS:PORT, an address of IPv4" ;;
            ENVIRONMENT) [[ $value =~ ^(Production|Staging)$ ]] || echo "$name: must be Production or Staging" ;;
            DATABASE_SSL_MODE)
                [[ $value =~ ^(Require|VerifyCA|VerifyFull)$ ]] || echo "$name: must be Require, VerifyCA or VerifyFull" ;;
            BACKUP_DIR) check_backup_directory ;;
            TRUSTED_PROXIES | CONSOLE_ALLOW)
                [[ $value =~ ^((private_ranges|[0-9]+(\.[0-9]+){3}(/[0-9]+)?|[0-9a-f:]*:[0-9a-f:]*(/[0-9]+)?)( |$))+$ ]] ||
                    echo "$name: must be addresses or networks with blanks between them, or private_ranges" ;;
            *_EMAIL) [[ $value =~ ^[^@[:space:]]+@[^@[:space:]]+\.[^@[:space:]]+$ ]] || echo "$name: not an e-mail address" ;;
            VERIFICATION_MODE)
                [[ $value =~ ^(reports|manual|simulated)$ ]] || echo "$name: must be reports, manual or simulated" ;;
            KEEP_PREVIOUS | SEED_DEMO | VERIFY_ATTESTATION | *_ALLOW_SIMULATION | *_NEW_DESTINATIONS) [[ $value =~ ^(true|false)$ ]] || echo "$name: must be true or false" ;;
            ALERT_*_URL) [[ $value =~ ^https?://[^[:space:]]+$ ]] || echo "$name: must be an address, https://…" ;;
            COMPOSE_PROJECT_NAME) [[ $value =~ ^[a-z0-9][a-z0-9_-]*$ ]] || echo "$name: lower-case letters, digits, - and _" ;;
        esac
    fi
}

# check_backup_directory: everything in it that is not the backups' own would be given to another user, or deleted.
check_backup_directory() {
    local directory others
    directory=$(backup_path)
    if [[ $(readlink -m "$directory") == / || $(readlink -m "$directory") == "$CLICKNBACK_HOME" ]]; then
        echo "BACKUP_DIR: must be a folder of its own"
    elif [[ -d $directory ]]; then
        others=$(find "$directory" -mindepth 1 -maxdepth 1 ! -name base ! -name wal ! -name recovery ! -name lost+found -printf '%f ')
        [[ -z $others ]] || echo "BACKUP_DIR: must be a folder of its own; there is ${others% } in it"
    fi
}

# check_secret NAME VALUE: it stands in connection strings and passes compose's interpolation, hence the characters.
check_secret() {
    local -A distinct=()
    local index
    for ((index = 0; index < ${#2}; index++)); do distinct["x${2:index:1}"]=1; done
    if [[ ! $2 =~ ^[A-Za-z0-9_-]{24,}$ ]]; then
        echo "$1: must be 24 or more of A-Z a-z 0-9 _ -"
    elif ((${#distinct[@]} < 10)); then
        echo "$1: weak; take a random one"
    elif [[ $1 == @(JWT|DATA)_* && ${#2} -lt 32 ]]; then
        echo "$1: must be 32 or more characters"
    elif [[ $1 == @(ADMIN|DEMO)_PASSWORD && ! ($2 == *[A-Z]* && $2 == *[a-z]* && $2 == *[0-9]* && $2 == *[_-]*) ]]; then
        echo "$1: needs an upper-case and a lower-case letter, a digit, and _ or -"
    fi
}

# Two secrets that are the same are one.
check_alike() {
    local name value
    local -A seen=()
    for name in "${!SETTINGS[@]}"; do
        value=${SETTINGS[$name]}
        if [[ -z $value || $name == SMOKE_PASSWORD ]] || ! is_secret "$name"; then continue; fi
        if [[ -n ${seen[$value]:-} ]]; then
            echo "$name: the same as ${seen[$value]}"
        fi
        seen[$value]=$name
    done
}

check_machine() {
    local tool path free least
    local -a paths
    least=$(setting MIN_FREE_DISK_MB 1024)
    for tool in curl flock awk timeout stat; do
        command -v "$tool" > /dev/null || echo "$tool: not installed"
    done
    if [[ -n $(setting BACKUP_ENCRYPTION_KEY "") ]] && ! command -v gpg > /dev/null; then
        echo "gpg: not installed, and BACKUP_ENCRYPTION_KEY is set"
    fi
    if [[ $(setting VERIFY_ATTESTATION false) == true ]] && ! command -v gh > /dev/null; then
        echo "gh: not installed, and VERIFY_ATTESTATION is true"
    fi
    if ! docker version --format '{{.Server.Version}}' > /dev/null 2>&1; then
        echo "docker: the engine does not answer $(id -un)"
        return
    fi
    if [[ $(docker compose version --short 2> /dev/null) != *([v])@(2|3|4|5).* ]]; then
        echo "docker compose: version 2 or later is needed"
    fi
    paths=("$CLICKNBACK_HOME" "$(docker info --format '{{.DockerRootDir}}')")
    if has_profile backup && [[ -d $(backup_path) ]]; then paths+=("$(backup_path)"); fi
    for path in "${paths[@]}"; do
        free=$(df -Pk "$path" 2> /dev/null | awk 'NR == 2 { print int($4 / 1024) }')
        if [[ -n $free ]] && ((free < least)); then
            echo "disk: $free MB free at $path; MIN_FREE_DISK_MB is $least"
        fi
    done
    check_ports
    for path in "$STATE" "$STATE/routing" "$STATE/routing/canary"; do
        if [[ ! -d $path || ! -w $path ]]; then echo "$path: missing or not writable; clicknback install makes it"; fi
    done
}

# check_ports: those of the proxy are free, or its own. Compose would stop the one that works before it fails.
check_ports() {
    local name bind id own=
    id=$(container_of proxy)
    [[ -z $id ]] || own=$(docker port "$id" 2> /dev/null) || :
    for name in HTTP_BIND HTTPS_BIND; do
        bind=$(setting "$name" "0.0.0.0:$([[ $name == HTTP_BIND ]] && echo 80 || echo 443)")
        if [[ $own != *"-> $bind"* ]] && port_is_taken "$bind"; then
            echo "$name: something else listens at $bind (ss -ltnp tells what)"
        fi
    done
}

# port_is_taken ADDRESS:PORT: whether anything listens there, on that address or on all.
port_is_taken() {
    local address
    local -a bytes
    IFS=. read -r -a bytes <<< "${1%:*}"
    printf -v address '%02X%02X%02X%02X:%04X' "${bytes[3]:-0}" "${bytes[2]:-0}" "${bytes[1]:-0}" "${bytes[0]:-0}" "${1##*:}"
    awk -v address="$address" '$4 == "0A" && substr($2, length($2) - 3) == substr(address, 10) \
        && ($2 == address || $2 ~ /^0+:/ || address ~ /^0+:/) { found = 1 } END { exit !found }' /proc/net/tcp /proc/net/tcp6
}
