# install_timers: every minute what was killed is settled; nightly backup, the log off-site every ten minutes; where systemd
# runs, and for root. The weekly drill is installed too, but switched on by a person, after one that passed.
install_timers() {
    local unit name
    if [[ ! -d /run/systemd/system || $EUID != 0 ]]; then
        say "No systemd, or not root: run clicknback settle, backup, backup wal and drill by cron, see BACKUPS.md"
        return
    fi
    for unit in "$CLICKNBACK_HOME"/systemd/*; do
        name=/etc/systemd/system/${unit##*/}
        sed "s|/opt/clicknback/|$CLICKNBACK_HOME/|" "$unit" > "$name.new"
        chmod 0644 "$name.new"
        mv -f "$name.new" "$name"
    done
    systemctl daemon-reload
    systemctl enable --quiet --now clicknback-settle.timer
    if has_profile backup; then systemctl enable --quiet --now clicknback-backup.timer clicknback-backup-wal.timer; fi
}
