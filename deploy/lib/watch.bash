# Watching a colour that gets traffic: what the proxy logged about its requests, whether its process stays up, and, where
# there is little traffic, the smoke test.

# watch_traffic COLOUR SECONDS [SINCE [OTHER]]: fails at once when a threshold is passed; counts from SINCE on, or from now. The
# colour OTHER serves meanwhile: what happens to both is none of the new version's.
watch_traffic() {
    local colour=$1 end probe since until restarts status before unready=0 other=${4:-} tally=$STATE/tally verdict
    probe=$(uptime_seconds)
    end=$((probe + $2))
    rm -f "$tally" "$tally.other"
    since=${3:-$(date +%s.%N)}
    read -r status before _ < <(container_state "api-$colour")
    while
        sleep 1
        until=$(date +%s.%N)
        watch_tally "$colour" "$since" "$until" "$tally"
        [[ -z $other ]] || watch_tally "$other" "$since" "$until" "$tally.other"
        since=$until
        verdict=$(watch_verdict "$tally" ${other:+"$tally.other"}) ||
            fail "version $(state_get "$ATTEMPT" VERSION): $verdict" "api-$colour"

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
    verdict=$(watch_verdict "$tally" ${other:+"$tally.other" end}) ||
        fail "version $(state_get "$ATTEMPT" VERSION): $verdict" "api-$colour"
    note "$verdict"
    rm -f "$tally" "$tally.other"
}

# Shares and percentiles of fewer requests than this mean nothing, nor do one or two errors, as when a connection breaks. To compare
# two versions takes more, so that the first requests to a process that has just begun do not decide; and what nobody notices is
# no difference, however many times as long as nothing it is.
readonly WATCH_LEAST=20 WATCH_LEAST_COMPARED=100 WATCH_UNNOTICED_MS=50

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

# watch_summary FILE: how many requests, how many of them errors, and their p95 in milliseconds.
watch_summary() {
    sort -n "$1" | awk '
        $1 == "errors" { errors = $2; next }
        { time[++kinds] = $1; count[kinds] = $2; total += $2 }
        END {
            for (i = 1; i <= kinds && (seen += count[i]) < total * 0.95; i++);
            print total + 0, errors + 0, total ? time[i] : 0
        }'
}

watch_requests() {
    local total
    read -r total _ < <(watch_summary "$1")
    echo "$total"
}

# watch_verdict FILE [OTHER [end]]: says how it went; exits 1 when that is too bad, or worse than what OTHER tells of the same time.
# Whether it is slower is said at the end.
watch_verdict() {
    local total errors p95 others=0 other_errors=0 other_p95=0 allowed longest slower
    allowed=$(setting WATCH_MAX_ERROR_PERCENT 1)
    longest=$(setting WATCH_MAX_P95_MS 2000)
    read -r total errors p95 < <(watch_summary "$1")
    watch_say "$total" "$errors" "$p95"
    if (($# > 1)); then read -r others other_errors other_p95 < <(watch_summary "$2"); fi
    if ((others >= WATCH_LEAST)); then
        printf '; of the other version '
        watch_say "$others" "$other_errors" "$other_p95"
        slower=$((other_p95 + other_p95 * $(setting CANARY_MAX_SLOWER_PERCENT 50) / 100 + WATCH_UNNOTICED_MS))
        if ((slower > longest)); then longest=$slower; fi
        if [[ ${3:-} == end ]] && ((total >= WATCH_LEAST_COMPARED && others >= WATCH_LEAST_COMPARED)); then longest=$slower; fi
    else
        others=1 other_errors=0
    fi
    echo
    # the shares of errors, each multiplied by both totals
    ((errors < 3 || errors * others * 100 <= (allowed * others + other_errors * 100) * total ||
        total < WATCH_LEAST && errors * 2 < total)) || return 1
    ((total < WATCH_LEAST || p95 <= longest)) || return 1
}

# watch_say REQUESTS ERRORS P95
watch_say() {
    local thousandths=$(($1 ? ($2 * 1000 + $1 / 2) / $1 : 0))
    printf '%s requests, %s.%s %% of them errors, p95 %s ms' "$1" $((thousandths / 10)) $((thousandths % 10)) "$3"
}
