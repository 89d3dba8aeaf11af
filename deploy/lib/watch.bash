# Watching a colour that gets traffic: what the proxy logged about its requests, whether its process stays up, and, where
# there is little traffic, the smoke test.

# watch_traffic COLOUR SECONDS [SINCE]: fails at once when a threshold is passed; counts from SINCE on, or from now.
watch_traffic() {
    local colour=$1 end probe since until restarts status before unready=0 tally=$STATE/tally verdict
    probe=$(uptime_seconds)
    end=$((probe + $2))
    rm -f "$tally"
    since=${3:-$(date +%s.%N)}
    read -r status before _ < <(container_state "api-$colour")
    while
        sleep 1
        until=$(date +%s.%N)
        watch_tally "$colour" "$since" "$until" "$tally"
        since=$until
        verdict=$(watch_verdict "$tally") || fail "version $(state_get "$ATTEMPT" VERSION): $verdict" "api-$colour"

        read -r status restarts _ < <(container_state "api-$colour")
        if [[ $status != running || $restarts != "$before" ]]; then fail "api-$colour does not stay up" "api-$colour"; fi
        if colour_is_ready "$colour"; then unready=0; else unready=$((unready + 1)); fi
        ((unready < 3)) || fail "api-$colour is not ready any more" "api-$colour"

        if (($(uptime_seconds) >= probe && $(watch_requests "$tally") < WATCH_LEAST)); then
            probe=$(($(uptime_seconds) + 15))
            smoke_or_fail "$colour" "the smoke test fails"
        fi
        (($(uptime_seconds) < end))
    do :; done
    note "$verdict"
    rm -f "$tally"
}

# Shares and percentiles of fewer requests than this mean nothing, nor do one or two errors, as when a connection breaks.
readonly WATCH_LEAST=20

# watch_tally COLOUR SINCE UNTIL FILE: adds that time's requests to the file: a line "milliseconds requests" each, and
# "errors requests": what the API itself answered with a 5xx, did not answer in time, or was not there to answer. A 502 of the
# proxy is none of it: there a connection broke, as when a client breaks off its upload; that a process ends is seen otherwise.
watch_tally() {
    local proxy next
    proxy=$(container_of proxy)
    [[ -n $proxy ]] || fail "the proxy does not run"
    next=$(mktemp "$4.XXXXXX")
    {
        [[ ! -f $4 ]] || cat "$4"
        docker logs --since "$2" --until "$3" "$proxy" 2> /dev/null | grep -F "\"colour\":\"$1\"" || :
    } | awk '
        $1 == "errors" || $1 ~ /^[0-9]+$/ { count[$1] += $2; next }
        {
            status = match($0, /"status":[0-9]+/) ? substr($0, RSTART + 9, RLENGTH - 9) + 0 : 0
            if (status >= 500 && status != 502) count["errors"]++
            seconds = match($0, /"duration":[0-9.e+-]+/) ? substr($0, RSTART + 11, RLENGTH - 11) + 0 : 0
            count[int(seconds * 1000)]++
        }
        END { for (key in count) print key, count[key] }' > "$next"
    mv -f "$next" "$4"
}

watch_requests() { awk '$1 != "errors" { sum += $2 } END { print sum + 0 }' "$1"; }

# watch_verdict FILE: says how it went; exits 1 when that is too bad.
watch_verdict() {
    sort -n "$1" | awk -v least="$WATCH_LEAST" -v max_errors="$(setting WATCH_MAX_ERROR_PERCENT 1)" \
        -v max_p95="$(setting WATCH_MAX_P95_MS 2000)" '
        $1 == "errors" { errors = $2; next }
        { time[++kinds] = $1; count[kinds] = $2; total += $2 }
        END {
            for (i = 1; i <= kinds && (seen += count[i]) < total * 0.95; i++);
            p95 = total ? time[i] : 0
            printf "%d requests, %.1f %% of them errors, p95 %d ms\n", total, total ? errors * 100 / total : 0, p95
            if (errors >= 3 && errors * 100 > max_errors * total && (total >= least || errors * 2 >= total)) exit 1
            if (total >= least && p95 > max_p95) exit 1
        }'
}
