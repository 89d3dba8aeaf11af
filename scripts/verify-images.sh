#!/usr/bin/env bash
# Before a server is told to deploy a version: its tags mean the images that were tested, and release.yml built them.
#
#   scripts/verify-images.sh REGISTRY VERSION [DIGEST-OF-API DIGEST-OF-MIGRATIONS]
#
# Needs docker, logged in to the registry, and gh with GH_TOKEN; GITHUB_REPOSITORY names the repository.
set -Eeuo pipefail

registry=$1 version=$2
declare -A tested=([api]=${3:-} [migrations]=${4:-})

if [[ ! $version =~ ^[0-9]+\.[0-9]+\.[0-9]+(-[0-9A-Za-z.-]+)?$ ]]; then
    echo "verify-images.sh: \"$version\" is no version such as 1.4.0" >&2
    exit 64
fi
for image in api migrations; do
    digest=$(docker buildx imagetools inspect --format '{{.Manifest.Digest}}' "$registry/$image:$version")
    if [[ -n ${tested[$image]} && $digest != "${tested[$image]}" ]]; then
        echo "$registry/$image:$version means $digest; tested was ${tested[$image]}" >&2
        exit 1
    fi
    gh attestation verify "oci://$registry/$image@$digest" --repo "$GITHUB_REPOSITORY" \
        --signer-workflow "$GITHUB_REPOSITORY/.github/workflows/release.yml" > /dev/null
    echo "$image $version is $digest, attested by release.yml"
done
