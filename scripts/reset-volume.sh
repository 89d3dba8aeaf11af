#!/usr/bin/env bash
# `make reset` with Aspire: the local database lives in a volume of the container engine.
set -Eeuo pipefail

readonly volume=clicknback-postgres

for engine in docker podman; do
    if command -v "$engine" > /dev/null && "$engine" info > /dev/null 2>&1; then
        "$engine" volume rm --force "$volume" > /dev/null
        echo "Removed the volume $volume; the next \`make run\` starts from nothing."
        exit 0
    fi
done

echo "No container engine answers, so there is no volume to remove (with ConnectionStrings__clicknback the database is yours)." >&2
exit 1
