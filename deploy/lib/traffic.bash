# Who gets a request: empty files that the proxy looks at for each request. Making or removing one is the whole switch.

readonly ROUTING=$STATE/routing

# The colour that the proxy sends to.
traffic_colour() { if [[ -e $ROUTING/green ]]; then echo green; else echo blue; fi; }

# traffic_switch COLOUR
traffic_switch() {
    if [[ $1 == green ]]; then traffic_on green; else traffic_off green; fi
}

# traffic_on FILE, traffic_off FILE: green, maintenance, api-off
traffic_on() {
    (umask 022 && : > "$ROUTING/$1")
    sync "$ROUTING"
}

traffic_off() {
    rm -f "$ROUTING/$1"
    sync "$ROUTING"
}

# traffic_canary PERCENT: that share of 256 buckets of requests goes to the other colour; a larger share includes a smaller one.
traffic_canary() {
    local count=$((($1 * 256 + 50) / 100)) index
    for ((index = 0; index < count; index++)); do
        (umask 022 && : > "$(printf '%s/canary/%02x' "$ROUTING" "$index")")
    done
}

traffic_canary_off() { find "$ROUTING/canary" -type f -delete; }

# command_maintenance on|off
command_maintenance() { traffic_toggle maintenance maintenance "${1:-}" on; }

# command_api on|off
command_api() { traffic_toggle api api-off "${1:-}" off; }

# traffic_toggle KIND FILE on|off WHEN: the file exists while the answer is WHEN. Takes no lock: in need it must work at once.
traffic_toggle() {
    [[ $3 == on || $3 == off ]] || usage "clicknback $1 on|off"
    [[ -d $ROUTING ]] || die "there is no $ROUTING: clicknback install comes first" "$EX_CONFIG"
    if [[ $1 == maintenance && $3 == off && $(active) == none ]]; then
        die "nothing is deployed yet, so there is nothing to serve"
    fi
    if [[ $3 == "$4" ]]; then traffic_on "$2"; else traffic_off "$2"; fi
    history_simple "$1-$3" "done"
    say "$1 is $3"
}
