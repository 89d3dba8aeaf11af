#!/usr/bin/env bash
# Looks at a site as anybody on the internet does: its public name, its certificate, what it says about itself.
#
#   scripts/look-outside.sh https://api.example.com
#
#   CURL_OPTIONS  more options for curl, such as --cacert FILE
set -Eeuo pipefail

site=${1%/}
if [[ $site != https://* ]]; then
    echo "look-outside.sh: \"$site\" is no https URL" >&2
    exit 64
fi
failed=0
ask() { # ask URL OPTION…
    # shellcheck disable=SC2086 # a list of options
    curl --silent --show-error --max-time 20 --retry 5 --retry-connrefused ${CURL_OPTIONS:-} "${@:2}" "$1"
}
expect() { # expect WHAT PATTERN TEXT
    if grep -qiE "$2" <<< "$3"; then echo "ok      $1"; else echo "FAILED  $1" && failed=1; fi
}

for path in /health /ready /api/v1/health; do
    expect "$path answers 200, with a valid certificate" '^200$' \
        "$(ask "$site$path" --output /dev/null --write-out '%{http_code}' || true)"
done
headers=$(ask "$site/api/v1/health" --dump-header - --output /dev/null || true)
expect "browsers come by https only" '^strict-transport-security: *max-age=[1-9]' "$headers"
expect "types are not guessed" '^x-content-type-options: *nosniff' "$headers"
expect "nothing may be embedded or loaded" '^content-security-policy: ' "$headers"
expect "/metrics is not public" '^404$' "$(ask "$site/metrics" --output /dev/null --write-out '%{http_code}' || true)"
expect "http leads to https" '^30[18] https://' \
    "$(ask "http://${site#https://}/health" --output /dev/null --write-out '%{http_code} %{redirect_url}' || true)"
exit "$failed"
