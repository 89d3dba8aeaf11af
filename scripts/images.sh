#!/usr/bin/env bash
# Builds the images of both programs: scripts/images.sh VERSION, such as 1.4.0 or v1.4.0. Prints name, id and size of each (artifacts/images.txt).
#
#   REGISTRY      what stands before /api and /migrations; clicknback
#   BASE_IMAGE    the base image, best with its digest; the Dockerfile's
#   IMAGE_SOURCE  the repository's address, for the label; origin's, if that is an https one
#
# The same commit gives the same layers, file for file, on every machine with the same SDK and feed. The image id is the same
# too where BuildKit knows SOURCE_DATE_EPOCH (0.11, Docker 23); before, it differs by the time of creation in the configuration.
set -Eeuo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

readonly version=${1#v} registry=${REGISTRY:-clicknback} publish=artifacts/publish
if [[ ! $version =~ ^[0-9]+\.[0-9]+\.[0-9]+(-[0-9A-Za-z.-]+)?$ ]]; then
    echo "images.sh: \"${1:-}\" is no version such as 1.4.0 or v1.4.0-rc.1" >&2
    exit 64
fi
revision=$(git rev-parse HEAD)
if [[ -n $(git status --porcelain) ]]; then
    revision+=-dirty
    echo "images.sh: there are changes that are not committed; the images say so" >&2
fi
SOURCE_DATE_EPOCH=$(git log -1 --format=%ct)
export SOURCE_DATE_EPOCH DOCKER_BUILDKIT=1
source=${IMAGE_SOURCE:-$(git config --get remote.origin.url || true)}
[[ $source == https://* ]] || source=

# publish NAME PROJECT: the files of an image, with nothing in them that depends on when or where.
publish() {
    rm -rf "${publish:?}/$1"
    # The gates ran the analyzers. Symbols are in the assemblies: the log tells lines, and there is no file more.
    dotnet publish "$2" --nologo --verbosity quiet --configuration Release --output "$publish/$1/app" \
        -p:Version="$version" -p:SourceRevisionId="$revision" -p:ContinuousIntegrationBuild=true \
        -p:DebugType=embedded -p:UseAppHost=false -p:GenerateDocumentationFile=false -p:IsTransformWebConfigDisabled=true -p:RunAnalyzers=false
    find "$publish/$1" -type d -exec chmod 0755 {} + -o -type f -exec chmod 0644 {} +
    find "$publish/$1" -exec touch --no-dereference --date "@$SOURCE_DATE_EPOCH" {} +
}

image() { # image NAME TITLE
    local name=$registry/$1:$version
    docker build --quiet --file deploy/images/Dockerfile --target "$1" --tag "$name" \
        ${BASE_IMAGE:+--build-arg "BASE=$BASE_IMAGE"} --build-arg "SOURCE_DATE_EPOCH=$SOURCE_DATE_EPOCH" \
        --label "org.opencontainers.image.title=$2" \
        --label "org.opencontainers.image.version=$version" \
        --label "org.opencontainers.image.revision=$revision" \
        --label "org.opencontainers.image.source=$source" \
        "$publish" > /dev/null
    docker image inspect --format "$name {{.Id}} {{.Size}}" "$name" |
        awk '{ printf "%s  %s  %.1f MB\n", $1, $2, $3 / 1e6 }'
}

publish api ClickNBack.Api
publish migrations ClickNBack.MigrationService
make archive TAG="$version"
mkdir "$publish/migrations/deploy"
tar --extract --gzip --file "artifacts/clicknback-deploy-$version.tar.gz" --directory "$publish/migrations/deploy"
find "$publish/migrations/deploy" -type d -exec chmod 0755 {} +
find "$publish/migrations/deploy" -exec touch --no-dereference --date "@$SOURCE_DATE_EPOCH" {} +
{
    image api 'ClickNBack API'
    image migrations 'ClickNBack migration worker'
} | tee artifacts/images.txt
