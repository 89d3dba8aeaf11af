# What the profile monitoring reads of this installation: numbers for a textfile collector in state/metrics, and where alerts
# go. Both directories are readable for all, since containers of other users read them; state itself is not.

readonly METRICS=$STATE/metrics

# monitoring_directories: made by install.
monitoring_directories() {
    mkdir -p "$METRICS" "$STATE/alerting"
    chmod 0755 "$METRICS" "$STATE/alerting"
    monitoring_put "$STATE/alerting/webhook-url" <<< "$(setting ALERT_WEBHOOK_URL "")"
}

# monitoring_put FILE: replaces it by standard input, in one step.
monitoring_put() {
    cat > "$1.new"
    chmod 0644 "$1.new"
    mv -f "$1.new" "$1"
}

# deploy_metrics KIND OUTCOME: whether the last change of versions worked, and when it was.
deploy_metrics() {
    [[ $1 =~ ^(deploy|canary|rollback)$ && -d $METRICS ]] || return 0
    monitoring_put "$METRICS/deploy.prom" << PROM
clicknback_deploy_last_failed $([[ $2 == "done" ]] && echo 0 || echo 1)
clicknback_deploy_last_timestamp_seconds $(date +%s)
PROM
}
