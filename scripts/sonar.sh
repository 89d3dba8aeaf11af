#!/usr/bin/env bash
# Analysis by SonarCloud, whose quality gate decides. Needs SONAR_TOKEN, SONAR_ORGANIZATION and SONAR_PROJECT; without a token
# there is nobody to ask, and that is no failure.
set -Eeuo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

if [[ -z ${SONAR_TOKEN:-} ]]; then
    echo "sonar: NOT CHECKED: there is no SONAR_TOKEN"
    exit
fi
scanner() { dotnet tool exec dotnet-sonarscanner@12.1.0 --yes -- "$@"; }
scanner begin "/o:$SONAR_ORGANIZATION" "/k:$SONAR_PROJECT" "/d:sonar.token=$SONAR_TOKEN" /d:sonar.host.url=https://sonarcloud.io \
    /d:sonar.qualitygate.wait=true /d:sonar.exclusions='**/Migrations/**'
dotnet build ClickNBack.sln --nologo --no-incremental
scanner end "/d:sonar.token=$SONAR_TOKEN"
