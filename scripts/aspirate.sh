#!/usr/bin/env bash
# Generates from aspire-manifest.json, with Aspirate: scripts/aspirate.sh compose writes deploy/docker-compose.yaml,
# scripts/aspirate.sh kubernetes writes artifacts/kubernetes. Secrets stay names: $POSTGRES_PASSWORD and the like.
#
#   IMAGES  registry and owner of the images, for Kubernetes; ghcr.io/OWNER/clicknback
#   TAG     their version, for Kubernetes; latest
set -Eeuo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

readonly version=9.1.0 tools=artifacts/tools
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT

case ${1:-} in
    # The overlay names the images; this file shows that it is generated and nothing else.
    compose) options=(--output-format compose -cr ghcr.io -crp OWNER/clicknback
        -ct latest) ;;
    kubernetes) : "${IMAGES:=ghcr.io/OWNER/clicknback}"
        options=(-cr "${IMAGES%%/*}" -crp "${IMAGES#*/}"
            -ct "${TAG:-latest}") ;;
    *) echo "usage: aspirate.sh compose | kubernetes" >&2 && exit 64 ;;
esac

if [[ ! -x $tools/aspirate ]] && ! dotnet tool install aspirate --version "$version" --tool-path "$tools" \
    --allow-roll-forward --verbosity quiet; then
    echo "Aspirate $version cannot be had from this machine's package feed; what is committed stays as it is." >&2
    exit 1
fi

# shellcheck disable=SC2016 # the names themselves
"$tools/aspirate" generate --non-interactive --skip-build --disable-secrets --disable-state --include-dashboard false \
    --aspire-manifest aspire-manifest.json -o "$out" "${options[@]}" \
    --parameter postgres-user=clicknback --parameter 'postgres-password=$POSTGRES_PASSWORD' \
    --parameter 'jwt-signing-key=$JWT_SIGNING_KEY' --parameter 'data-encryption-key=$DATA_ENCRYPTION_KEY' \
    --parameter 'api-database-password=$API_DATABASE_PASSWORD'

if [[ $1 == compose ]]; then
    # Aspirate has been seen to succeed without writing anything.
    [[ -s $out/docker-compose.yaml ]] || { echo "Aspirate wrote no docker-compose.yaml." >&2 && exit 1; }
    cp "$out/docker-compose.yaml" deploy/docker-compose.yaml
else
    rm -rf artifacts/kubernetes
    cp -R "$out" artifacts/kubernetes
    chmod 0755 artifacts/kubernetes
    echo "artifacts/kubernetes: kubectl apply -k, after envsubst has put the secrets in"
fi
