#!/usr/bin/env bash
# Proves the gates: puts one defect after the other into a scratch clone of what is committed and looks which gates stop it. It has
# to be the one it is meant for, and no other. Leaves artifacts/gates.md.
#
#   scripts/prove-gates.sh             all defects
#   scripts/prove-gates.sh secret      those whose name has that text
# shellcheck disable=SC2016 # what is planted is text
set -Eeuo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

readonly root=$PWD only=${1:-} report=$PWD/artifacts/gates.md
scratch=$(mktemp -d)
clone=$scratch/clone
feed=
cleanup() {
    [[ -z $feed ]] || kill "$feed" 2> /dev/null || true
    rm -rf "$scratch"
}
trap cleanup EXIT

# Those that read a file that was touched.
linters() {
    local file
    printf '%s\n' whitespace size
    git status --porcelain --untracked-files=all | cut -c 4- | while IFS= read -r file; do
        case $file in
            *.cs) echo csharp ;;
            *.md) echo markdown ;;
            *openapi.json) echo openapi ;;
            .github/workflows/*) printf '%s\n' yaml workflows ;;
            deploy/monitoring/*) printf '%s\n' yaml alerts ;;
            *.yaml | *.yml) echo yaml ;;
            *.sh) echo shell ;;
        esac
    done
}

# What each gate runs, past make's own time stamps. The tests stand in for `coverage`: what they cover is not what is proved here.
gate() {
    case $1 in
        lint) linters | sort -u | xargs scripts/lint.sh ;;
        duplication) .github/lint/node_modules/.bin/jscpd . ;;
        migrations-check) scripts/migrations.sh ;;
        security) scripts/security.sh ;;
        build) dotnet build ClickNBack.sln --nologo --no-restore --verbosity quiet -clp:NoSummary ;;
        drift) dotnet test ClickNBack.Tests --nologo --no-build --filter Category=Drift ;;
        test) dotnet build ClickNBack.Tests --nologo --no-restore --verbosity quiet -p:RunAnalyzers=false -clp:NoSummary &&
            dotnet test ClickNBack.Tests --nologo --no-build --filter 'FullyQualifiedName~MoneyProperties|FullyQualifiedName~RuleTests|FullyQualifiedName~CashbackTests' ;;
    esac
}

failed=0
# prove GATE NAME COMMAND…: the command, run in the clone, makes the defect. The gates that read files are asked about each of
# them; those that build or start something only where they are the ones that are meant.
prove() {
    local meant=$1 name=$2 stopped=() gates=(lint duplication migrations-check security) one started=$SECONDS verdict
    shift 2
    [[ $name == *"$only"* ]] || return 0
    git -C "$clone" reset --quiet --hard && git -C "$clone" clean --quiet -fd
    (cd "$clone" && "$@")
    [[ " ${gates[*]} " == *" $meant "* ]] || gates+=("$meant")
    for one in "${gates[@]}"; do
        if ! (cd "$clone" && gate "$one") > "$scratch/log" 2>&1; then
            stopped+=("$one")
            cp "$scratch/log" "$scratch/$one.log"
        fi
    done
    verdict=yes
    if [[ ${stopped[*]:-nothing} != "$meant" ]]; then
        verdict="**no**"
        failed=$((failed + 1))
        for one in ${stopped[@]+"${stopped[@]}"}; do [[ $one == "$meant" ]] || tail -n 20 "$scratch/$one.log" >&2; done
    fi
    printf '| %s | %s | %s | %s | %d |\n' "$name" "$meant" "${stopped[*]:-nothing}" "$verdict" $((SECONDS - started)) | tee -a "$report"
}

append() { printf '%b\n' "$2" >> "$1"; }
replace() { # replace FILE TEXT BY: it must be there
    grep -qF -- "$2" "$1" || { echo "prove-gates.sh: $1 does not have: $2" >&2 && exit 2; }
    OLD=$2 NEW=$3 perl -0pi -e 's/\Q$ENV{OLD}\E/$ENV{NEW}/' "$1"
}
migration() { # migration SQL
    local folder=ClickNBack.MigrationService/Migrations/20990101000000_Defect
    mkdir -p "$folder"
    printf '%b\n' "$1" > "$folder/up.sql"
}
# Nothing here may itself look like a secret.
token() {
    local part
    for part in '{"alg":"HS256","typ":"JWT"}' '{"sub":"1","role":"admin"}' 0123456789abcdef0123456789abcdef; do
        printf '%s' "$part" | base64 -w 0 | tr -d '=' | tr '/+' '_-'
        printf '.'
    done | sed 's/\.$//'
}
copied() {
    local number
    for number in 1 2 3 4 5 6 7 8; do cp ClickNBack.MigrationService/Migrations/*_Initial/up.sql "docs/copied-$number.sql"; done
}
# A feed that knows of one vulnerability, in a package that everything uses: Npgsql, in the version that was restored.
vulnerable_feed() {
    VERSION=$(sed -n 's|^ *"Npgsql/\([^"]*\)": {$|\1|p' "$clone/ClickNBack.Api/obj/project.assets.json" | head -n 1) node -e '
        const http = require("http");
        const version = process.env.VERSION;
        const server = http.createServer((request, response) => {
          const here = `http://127.0.0.1:${server.address().port}`;
          const vulnerabilities = [{ advisoryUrl: "https://example.com/advisory", severity: "2" }];
          const entry = { "@id": here, catalogEntry: { "@id": here, id: "Npgsql", version, vulnerabilities }, packageContent: here };
          const answer = {
            "/index.json": { version: "3.0.0", resources: [
              { "@id": `${here}/registration/`, "@type": "RegistrationsBaseUrl/3.6.0" },
              { "@id": here, "@type": "VulnerabilityInfo/6.7.0" },
            ] },
            "/registration/npgsql/index.json": { count: 1, items: [{ "@id": here, count: 1, lower: version, upper: version, items: [entry] }] },
          }[request.url];
          response.writeHead(answer ? 200 : 404, { "content-type": "application/json" });
          response.end(JSON.stringify(answer ?? {}));
        });
        server.listen(0, "127.0.0.1", () => console.log(server.address().port));' > "$scratch/port" &
    feed=$!
    until [[ -s $scratch/port ]]; do :; done
    cat > "$scratch/NuGet.Config" <<XML
<configuration><packageSources>
  <add key="vulnerable" value="http://127.0.0.1:$(cat "$scratch/port")/index.json" allowInsecureConnections="true" />
</packageSources></configuration>
XML
}
end_feed() {
    [[ -z $feed ]] || kill "$feed"
    feed=
    rm -f "$scratch/NuGet.Config"
}

mkdir -p artifacts
git clone --quiet --no-hardlinks . "$clone"
ln -s "$root/.github/lint/node_modules" "$clone/.github/lint/node_modules"
echo "/.github/lint/node_modules" >> "$clone/.git/info/exclude"
(cd "$clone" && dotnet tool restore --verbosity quiet > /dev/null && dotnet build --nologo --verbosity quiet -clp:NoSummary)

cat > "$report" <<'MD'
# What the gates stop

| defect | its gate | stopped by | as it should | seconds |
| --- | --- | --- | --- | ---: |
MD
prove nothing 'nothing at all' true
prove lint 'C# that is not formatted' append ClickNBack.Api/Program.cs '\n\n   '
prove lint 'a heading without a space' append docs/errors.md '\n##Heading'
prove lint 'YAML with a key twice' append .yamllint.yaml 'extends: default'
prove lint 'an unquoted variable in a script' append scripts/images.sh 'rm -rf $somewhere'
prove lint 'a workflow with an unknown key' replace .github/workflows/ci.yml 'runs-on: ubuntu-latest' 'run-on: ubuntu-latest'
prove lint 'an alert rule that is no PromQL' replace deploy/monitoring/rules/money.yaml 'max(clicknback_ledger_violations)' 'max(clicknback_ledger_violations'
prove lint 'a conflict marker' append CONTRIBUTING.md '<<<<<<< HEAD'
prove security 'a secret: a database password' append docs/adr/README.md "\n\`Host=db;Username=clicknback;Password=$(printf 'kJ8vQ2mZ%s' 'x4Tn9wLr')\`"
prove security 'a secret: a JWT' append docs/adr/README.md "\n\`Bearer $(token)\`"
prove security 'a secret: a private key' append docs/adr/README.md "\n\`-----BEGIN EC PRIVATE $(printf 'KEY')-----\`"
prove security 'a secret: a file of settings' append deploy/.env.production 'POSTGRES_PASSWORD=x'
vulnerable_feed
prove security 'a package with a known vulnerability' true
end_feed
prove security 'a licence that forbids shipping' replace scripts/security.sh '"PostgreSQL"]' ']'
prove duplication 'code that is copied' copied
prove migrations-check 'a migration that drops a column' migration 'ALTER TABLE payouts DROP COLUMN reference;'
prove migrations-check 'a migration that changes a type' migration 'ALTER TABLE payouts ALTER COLUMN amount TYPE numeric(20, 2);'
prove migrations-check 'a migration that demands a column' migration 'ALTER TABLE payouts ADD COLUMN reference text NOT NULL;'
prove migrations-check 'a migration that locks to make an index' migration 'CREATE INDEX ix_purchases_amount ON purchases (amount);'
prove migrations-check 'an index that a kill leaves behind' migration 'CREATE INDEX CONCURRENTLY ix_purchases_amount ON purchases (amount);'
prove migrations-check 'a contract step before its expand step' migration '-- Contract step of 20980101000000_Expand.\nDROP TABLE x;'
prove drift 'a link that leads nowhere' append docs/adr/README.md '\n[Nowhere](nowhere.md)'
prove drift 'an error that the page does not know' replace docs/errors.md '`NOT_FOUND`' '`LOST`'
prove drift 'a setting that the page does not know' replace docs/configuration.md '| `Payouts:MinimumAmount`' '| `Payouts:Minimum`'
prove drift 'an OpenAPI document of another API' replace ClickNBack.Api/openapi.json '"openapi"' '"x-was": "another", "openapi"'
prove drift 'a compose file without a variable' replace deploy/docker-compose.yaml 'HTTP_PORTS' 'HTTP_PORT'
prove drift 'a manifest of another graph' replace aspire-manifest.json '"type": "project.v0"' '"type": "project.v1"'
prove drift 'a setting that .env.example does not tell' append deploy/caddy/Caddyfile '# {$NEW_SETTING}'
prove drift 'a dashboard of a metric that nobody exports' replace deploy/monitoring/grafana/dashboards/platform.json 'clicknback_ledger_violations' 'clicknback_ledger_violated'
prove drift 'an alert without its runbook' replace deploy/monitoring/rules/money.yaml 'runbook: docs/runbooks/ledger-imbalance.md' 'runbook: docs/runbooks/gone.md'
prove drift 'a workflow that inherits secrets' append .github/workflows/operate.yml '# secrets: inherit'
prove build 'a warning of an analyzer' replace ClickNBack.Api/Program.cs 'using ' 'using System.Xml;\nusing '
prove test 'a cent that is rounded the other way' replace "$(git grep -l 'MidpointRounding.ToEven' ClickNBack.Api | head -n 1)" \
    MidpointRounding.ToEven MidpointRounding.AwayFromZero

if [[ $failed -ne 0 ]]; then
    echo "prove-gates: $failed defects were not stopped as they should be" >&2
    exit 1
fi
echo "prove-gates: every defect is stopped by its gate and by no other ($report)"
