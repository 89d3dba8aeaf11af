# What a restricted key may do. In authorized_keys:
#   command="/usr/local/bin/clicknback ssh NAME",restrict ssh-ed25519 AAAA…
# NAME stands in the history; the client sends a line such as `deploy 1.2.3`.

# command_ssh NAME
command_ssh() {
    local -a words wait=()
    [[ $# == 1 && $1 =~ ^[A-Za-z0-9._@-]{1,64}$ ]] || usage "clicknback ssh NAME"
    read -r -a words <<< "${SSH_ORIGINAL_COMMAND:-}" || :
    if [[ ${words[0]:-} == clicknback ]]; then words=("${words[@]:1}"); fi
    if [[ ${words[0]:-} == --wait ]]; then
        wait=(--wait)
        words=("${words[@]:1}")
    fi
    case "${words[*]:-}" in
        "deploy "+([0-9A-Za-z.-]) | "rollback "+([0-9A-Za-z.-]) | "canary "+([0-9A-Za-z.-])+(" "+([0-9])) | "history "+([0-9])) ;;
        rollback | status | smoke | history) ;;
        *) usage "this key may, with --wait or without: deploy VERSION, canary VERSION PERCENT…, rollback, status, smoke, history [N]" ;;
    esac
    export CLICKNBACK_WHO=$1
    exec "$CLICKNBACK_HOME/clicknback" "${wait[@]}" "${words[@]}"
}
