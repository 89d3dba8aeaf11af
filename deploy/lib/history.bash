# The audit: one JSON line for each thing done, and by whom.

readonly HISTORY=$STATE/history.jsonl

# Who asks: the name a restricted key bears, or the account behind sudo, or the account.
who_am_i() { printf '%s' "${CLICKNBACK_WHO:-${SUDO_USER:-$(id -un)}}"; }

where_from() { local client=${SSH_CLIENT:-local}; printf '%s' "${client%% *}"; }

# json_string TEXT: quoted and escaped.
json_string() {
    local text=$1
    text=${text//\\/\\\\}
    text=${text//\"/\\\"}
    text=${text//$'\n'/\\n}
    text=${text//$'\t'/\\t}
    printf '"%s"' "${text//[[:cntrl:]]/}"
}

# json_steps "name:milliseconds name:milliseconds": an object of seconds.
json_steps() {
    local step separator=
    printf '{'
    for step in $1; do
        printf '%s"%s":%s' "$separator" "${step%:*}" "$(seconds "${step##*:}")"
        separator=,
    done
    printf '}'
}

# history_append ID KIND VERSION PREVIOUS STARTED_MS STEPS OUTCOME REASON [WHO FROM]
# OUTCOME is done, failed (undone at once) or interrupted (undone by the next command).
history_append() {
    local finished
    finished=$(now_ms)
    printf '{"id":%s,"who":%s,"from":%s,"kind":%s,"version":%s,"previous_version":%s,"started":"%s","finished":"%s",%s\n' \
        "$(json_string "$1")" "$(json_string "${9:-$(who_am_i)}")" "$(json_string "${10:-$(where_from)}")" \
        "$(json_string "$2")" "$(json_string "$3")" "$(json_string "$4")" \
        "$(iso_time "$5")" "$(iso_time "$finished")" \
        "\"duration\":$(seconds $((finished - $5))),\"steps\":$(json_steps "$6"),\"outcome\":$(json_string "$7"),\"reason\":$(json_string "$8")}" \
        >> "$HISTORY"
    sync "$HISTORY"
    deploy_metrics "$2" "$7"
}

# history_simple KIND OUTCOME [REASON] [STARTED_MS]: for what has no steps.
history_simple() { history_append "$(new_id)" "$1" "" "" "${4:-$(now_ms)}" "" "$2" "${3:-}"; }

new_id() { printf '%s-%s' "$(date -u +%Y%m%dT%H%M%SZ)" "$$"; }

iso_time() { date -u -d "@$(($1 / 1000))" +%Y-%m-%dT%H:%M:%SZ; }

# command_history [N]: the last 20, or N.
command_history() {
    local count=${1:-20}
    [[ $count =~ ^[0-9]{1,6}$ ]] || usage "clicknback history [N]"
    [[ -s $HISTORY ]] || die "nothing has been done yet"
    tail -n "$count" "$HISTORY" | awk '
        function field(name,   text) { # what this file wrote: no blanks, quotes escaped
            if (!match($0, "\"" name "\":(\"([^\"\\\\]|\\\\.)*\"|[0-9.]+)")) return ""
            text = substr($0, RSTART + length(name) + 3, RLENGTH - length(name) - 3)
            gsub(/^"|"$/, "", text); gsub(/\\"/, "\"", text); gsub(/\\n/, " ", text)
            return text
        }
        { printf "%s  %-16s %-14s %-11s %6s s  %s@%s%s\n", field("started"), field("kind"), field("version"), field("outcome"),
            field("duration"), field("who"), field("from"),
            (field("kind") ~ /^(deploy|canary)$/ ? "  deploy-" field("id") : "") (field("reason") == "" ? "" : "  " field("reason")) }'
}
