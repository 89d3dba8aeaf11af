# What the profile monitoring reads of this installation: numbers for a textfile collector in state/metrics, and where alerts
# go. Both directories are readable for all, since containers of other users read them; state itself is not.

readonly METRICS=$STATE/metrics

# monitoring_directories: made by install.
monitoring_directories() {
    mkdir -p "$METRICS" "$STATE/alerting"
    chmod 0755 "$METRICS" "$STATE/alerting"
    {
        cat "$CLICKNBACK_HOME/monitoring/alertmanager.yaml"
        alert_receivers
    } | monitoring_put "$STATE/alerting/alertmanager.yaml"
}

# alert_receivers: for Alertmanager, as .env tells; what is urgent goes where the rest goes unless it has an address of its own.
# Whoever knows an address can post there: each stands in a file, and the configuration names that.
alert_receivers() {
    local severity from kind url
    echo
    echo "receivers:"
    for severity in page warn info watchdog; do
        from=$severity
        if [[ $severity == page && -z $(alert_url page webhook)$(alert_url page slack) ]]; then from=warn; fi
        echo "  - name: $severity"
        for kind in webhook slack; do
            url=$(alert_url "$from" "$kind")
            monitoring_put "$STATE/alerting/$severity-$kind" <<< "$url"
            [[ -n $url ]] || continue
            echo "    ${kind}_configs:"
            if [[ $kind == webhook ]]; then
                echo "      - {url_file: /run/alerting/$severity-webhook, send_resolved: $([[ $severity == watchdog ]] && echo false || echo true)}"
            else
                cat << SLACK
      - api_url_file: /run/alerting/$severity-slack
        send_resolved: true
        title: '{{ .Status | toUpper }} {{ .CommonLabels.alertname }} ({{ .CommonLabels.severity }})'
        text: '{{ range .Alerts }}{{ .Annotations.summary }} {{ .Annotations.runbook }}{{ "\n" }}{{ end }}'
SLACK
            fi
        done
    done
}

# alert_url SEVERITY KIND
alert_url() {
    case $1-$2 in
        page-webhook) setting ALERT_PAGE_WEBHOOK_URL "" ;;
        page-slack) setting ALERT_PAGE_SLACK_URL "" ;;
        warn-webhook) setting ALERT_WEBHOOK_URL "" ;;
        warn-slack) setting ALERT_SLACK_URL "" ;;
        info-webhook) setting ALERT_INFO_WEBHOOK_URL "" ;;
        info-slack) setting ALERT_INFO_SLACK_URL "" ;;
        watchdog-webhook) setting ALERT_WATCHDOG_URL "" ;;
    esac
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
