# The one front door: `make` lists what there is. Works with GNU make 3.81 (macOS) and later.
#
#   make run ARGS="…"             passes arguments on to the program behind a target
#   make CONFIGURATION=Release …  builds and runs that configuration
#   make … ENV=staging            asks that environment's server: the host clicknback-staging of ~/.ssh/config

SHELL         := bash
.SHELLFLAGS   := -Eeuo pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
MAKEFLAGS     += --no-print-directory

CONFIGURATION ?= Debug
ARGS          ?=
FILTER        ?=
FOLDERS       ?=
SEED          ?=
MINUTES       ?=
RATE          ?=
TAG           ?=
VERSION       ?=
REGISTRY      ?=
IMAGES        ?=
SERVICE       ?=
AT            ?=
# Never the shell's: sh has a variable of that name.
ENV           :=

# Time stamps of what was done last, so that doing it again costs nothing.
stamps      := .make
app_built   := $(stamps)/app-$(CONFIGURATION)
all_built   := $(stamps)/all-$(CONFIGURATION)
dotnet_tool := $(stamps)/dotnet-tools
npm_tools   := .github/lint/node_modules/.package-lock.json

# Files and folders: a folder's time tells of a file that is gone.
app_folders   := ClickNBack.AppHost ClickNBack.Api ClickNBack.MerchantSimulator ClickNBack.MigrationService ClickNBack.ServiceDefaults
other_folders := $(wildcard ClickNBack.Tests benchmarks)
projects      := $(dir $(wildcard *.*/*.csproj benchmarks/*/*.csproj))
not_sources   := -name bin -o -name obj -o -name TestResults -o -name node_modules
settings      := $(wildcard *.sln *.props *.targets global.json NuGet.config nuget.config .editorconfig BannedSymbols.txt)
app_sources   := $(shell find $(app_folders) \( $(not_sources) \) -prune -o -print) $(settings) aspire-manifest.json
all_sources   := $(app_sources) $(shell find $(other_folders) \( $(not_sources) \) -prune -o -print)

program := ClickNBack.AppHost/bin/$(CONFIGURATION)/net10.0/ClickNBack.AppHost.dll
apphost  = dotnet run --no-build --configuration $(CONFIGURATION) --project ClickNBack.AppHost --
build    = dotnet build --nologo --configuration $(CONFIGURATION) --verbosity quiet '-clp:ErrorsOnly;NoSummary'

# The operator's command on the server of an environment, and what has to be said for a target to know what to do.
server   = ssh clicknback-$(ENV) clicknback
services = $(shell awk '/^[a-z]/ { inside = /^services:/ } inside && /^  [a-z-]+:/ { sub(/:.*/, ""); print $$1 }' \
    deploy/docker-compose.yaml deploy/compose.production.yaml | sort -u)
need     = $(if $($1),,echo 'Which $2? make $@ $3' >&2; exit 2;)

##@ Work on it

.PHONY: setup-env
setup-env: $(all_built) $(npm_tools) hooks ## Everything that working on it needs, once: tools, git hooks, a first build

.PHONY: run
run: $(app_built) ## Start the whole platform; Ctrl-C stops it
	@exec $(apphost) $(ARGS)

.PHONY: reset
reset: $(app_built) ## Forget the local database: the next `make run` starts from nothing
	@exec $(apphost) --operation publish --step reset $(ARGS)

.PHONY: build
build: $(all_built) ## Build the solution; warnings and analyzers' findings are errors
	@:

# A run is over before it pays to compile again what is called thirty times: only what is called 0x400 times is.
test coverage: export DOTNET_TC_CallCountThreshold := 400

.PHONY: test
test: $(all_built) ## Run the tests, on a real PostgreSQL that they start, but for those in a browser (FILTER=… for some of all)
	@SEED='$(SEED)' dotnet test ClickNBack.Tests --no-build --nologo --configuration $(CONFIGURATION) \
	    --filter 'Category!=Rehearsal&($(or $(FILTER),Requires!=Chromium))' $(ARGS)

.PHONY: test-browser
test-browser: ## Run the tests of the console in a real Chromium
	@$(MAKE) test FILTER='Requires=Chromium' ARGS='$(ARGS)'

.PHONY: screenshots
screenshots: export CLICKNBACK_WRITE := true
screenshots: ## Take the pictures of the console in docs/console
	@$(MAKE) test FILTER='FullyQualifiedName~ScreenshotTests'

.PHONY: test-nightly
test-nightly: export REPETITIONS := all
test-nightly: ## Many times over what chance decides: random sequences of operations, races, crashes
	@$(MAKE) test FILTER='Category=Repeated' ARGS='$(ARGS)'

.PHONY: test-all
test-all: test test-browser rehearse ## Every test there is: of the programs, of the console and, as root, of the deployment

.PHONY: format
format: $(dotnet_tool) ## Format the C# files
	@dotnet csharpier format . $(ARGS)

.PHONY: migration
migration: $(dotnet_tool) ## Add a migration of the schema: make migration NAME=AddSomething
	@$(if $(NAME),,echo 'Which name? make migration NAME=AddSomething' >&2; exit 2;) \
	    dotnet ef migrations add '$(NAME)' --project ClickNBack.MigrationService --output-dir Migrations $(ARGS)

.PHONY: manifest
manifest: $(app_built) ## Write aspire-manifest.json anew from the AppHost
	@exec $(apphost) --publisher manifest --output-path "$$PWD/aspire-manifest.json"

.PHONY: openapi
openapi: $(all_built) ## Write ClickNBack.Api/openapi.json, docs/errors.md and docs/configuration.md anew from the code
	@CLICKNBACK_WRITE=true dotnet test ClickNBack.Tests --no-build --nologo --configuration $(CONFIGURATION) \
	    --filter 'FullyQualifiedName~The_committed_document|FullyQualifiedName~ErrorCatalogueTests|FullyQualifiedName~ConfigurationPageTests'

.PHONY: soak
soak: $(all_built) ## Random operations on two API processes, until Ctrl-C (or MINUTES=60; RATE=100 operations a second at most)
	@MINUTES='$(MINUTES)' RATE='$(RATE)' exec dotnet ClickNBack.Tests/bin/$(CONFIGURATION)/net10.0/ClickNBack.Tests.dll

# Waiting threads of the load generator must not spin on the cores that the servers need.
.PHONY: bench
bench: ## Measure against a bare-Npgsql program doing the same SQL
	@DOTNET_ThreadPool_UnfairSemaphoreSpinLimit=0 dotnet run --configuration Release --project benchmarks/ClickNBack.Benchmarks -- $(ARGS)

.PHONY: hooks
hooks: $(dotnet_tool) ## Let git run the fast gates before each commit
	@git config core.hooksPath .githooks && echo 'git runs .githooks/pre-commit from now on (git config --unset core.hooksPath undoes it)'

.PHONY: clean
clean: ## Remove everything that was built (not the local database)
	@find $(app_folders) $(other_folders) \( -name bin -o -name obj -o -name TestResults \) -prune -exec rm -rf {} +
	@rm -rf artifacts $(stamps) .github/lint/node_modules

##@ Gates: the same here and in CI

.PHONY: all-gates
all-gates: lint duplication migrations-check security coverage ## Everything that a pull request must pass

.PHONY: lint
lint: lint-files build ## Check format and lint of every kind of file, then build with the analyzers

.PHONY: lint-files
lint-files: $(dotnet_tool) $(npm_tools) ## The linters alone (ARGS="yaml shell" for some of them)
	@scripts/lint.sh $(ARGS)

.PHONY: drift
drift: $(all_built) ## Compare what is committed with what it describes: manifest, compose, OpenAPI, errors, settings, links, metrics, workflows
	@dotnet test ClickNBack.Tests --no-build --nologo --configuration $(CONFIGURATION) --filter Category=Drift $(ARGS)

.PHONY: migrations-check
migrations-check: $(npm_tools) ## Refuse a migration that takes away or locks what the release that serves needs
	@scripts/migrations.sh

.PHONY: security
security: build $(dotnet_tool) $(npm_tools) ## Look for vulnerable packages, secrets and licences that do not fit (ARGS="secrets")
	@scripts/security.sh $(ARGS)

.PHONY: duplication
duplication: $(npm_tools) ## Look for code written twice; over 3 % of lines fails (.jscpd.json)
	@.github/lint/node_modules/.bin/jscpd .

.PHONY: coverage
coverage: $(all_built) $(dotnet_tool) ## Run all tests once and measure coverage; under 80 % of lines fails
	@scripts/coverage.sh $(CONFIGURATION) $(ARGS)

.PHONY: mutation
mutation: $(dotnet_tool) $(all_built) ## Change the code where money and access are decided: do the tests notice? FOLDERS="Ledger Payouts"
	@FILTER='$(FILTER)' scripts/mutation.sh $(FOLDERS)

.PHONY: prove-gates
prove-gates: $(dotnet_tool) $(npm_tools) ## Seed a defect of each kind in a scratch clone: its gate, and only its gate, stops it (ARGS=secret)
	@scripts/prove-gates.sh '$(ARGS)'

.PHONY: sonar
sonar: ## Have the code analysed by SonarCloud, where there is a SONAR_TOKEN
	@scripts/sonar.sh

.PHONY: scorecard
scorecard: ## Write artifacts/scorecard.json and .html from what the other targets left behind
	@node scripts/scorecard.mjs

##@ Deploy it

.PHONY: release
release: ## Give what CHANGELOG.md calls unreleased a number, and tag it: make release VERSION=1.4.0
	@$(call need,VERSION,version,VERSION=1.4.0) scripts/changelog.sh release '$(VERSION)'

.PHONY: images
images: ## Build both container images: make images TAG=1.4.0 [REGISTRY=ghcr.io/OWNER/clicknback]
	@$(call need,TAG,version,TAG=1.4.0) REGISTRY='$(REGISTRY)' scripts/images.sh '$(TAG)'

.PHONY: archive
archive: ## Pack what an operator unpacks on a server: make archive TAG=1.4.0
	@$(call need,TAG,version,TAG=1.4.0) mkdir -p artifacts
	@cd deploy && { echo '# $(TAG:v%=%)' && git ls-files --cached --others --exclude-standard -z . | LC_ALL=C sort -z | xargs -0 sha256sum; } \
	    > ../artifacts/release.sums
	@{ git ls-files --cached --others --exclude-standard -z deploy && printf 'artifacts/release.sums\0'; } | \
	    tar --null --files-from=- --transform='s|^deploy/||;s|^artifacts/||' --sort=name --owner=0 --group=0 --numeric-owner \
	        --mtime="@$$(git log -1 --format=%ct)" -cf - | gzip -n > 'artifacts/clicknback-deploy-$(TAG).tar.gz'

.PHONY: rehearse
rehearse: $(all_built) ## Rehearse the deployment with real containers, as root: artifacts/rehearsal.md (FILTER=… for some of it)
	@dotnet test ClickNBack.Tests --no-build --nologo --configuration $(CONFIGURATION) \
	    --filter 'Category=Rehearsal$(if $(FILTER),&($(FILTER)))' $(ARGS)

.PHONY: compose
compose: manifest ## Write aspire-manifest.json and deploy/docker-compose.yaml anew (needs Aspirate)
	@scripts/aspirate.sh compose

.PHONY: kubernetes
kubernetes: ## Write Kubernetes manifests to artifacts/kubernetes (needs Aspirate; IMAGES=… TAG=…)
	@IMAGES='$(IMAGES)' TAG='$(TAG)' scripts/aspirate.sh kubernetes

##@ Operate it, from here: ENV=production is the host clicknback-production of ~/.ssh/config

.PHONY: deploy-all
deploy-all: ## Bring settings and a version into service: make deploy-all ENV=production TAG=1.4.0
	@$(call need,ENV,environment,ENV=production TAG=1.4.0) $(call need,TAG,version,ENV=$(ENV) TAG=1.4.0) \
	    $(server) install && $(server) deploy '$(TAG)'

.PHONY: deploy-service
deploy-service: ## The same for one service: SERVICE=api a version (TAG=1.4.0), any other its settings
	@$(call need,ENV,environment,ENV=production SERVICE=api TAG=1.4.0) \
	    $(call need,SERVICE,service,ENV=$(ENV) SERVICE=api TAG=1.4.0) \
	    $(if $(filter $(SERVICE),$(services)),,echo 'There is no service $(SERVICE): make list-services' >&2; exit 2;) \
	    $(if $(filter api% migrations,$(SERVICE)),$(call need,TAG,version,ENV=$(ENV) SERVICE=$(SERVICE) TAG=1.4.0) \
	        $(server) deploy '$(TAG)',$(server) install '$(SERVICE)')

.PHONY: rollback
rollback: ## Go back to the version before: make rollback ENV=production
	@$(call need,ENV,environment,ENV=production) $(server) rollback

.PHONY: health-check-all
health-check-all: ## Show what runs, and prove that it works: make health-check-all ENV=production
	@$(call need,ENV,environment,ENV=production) $(server) status && $(server) smoke

.PHONY: list-services
list-services: ## List the services of a deployment
	@printf '%s\n' $(services)

.PHONY: backup
backup: ## Back up now: make backup ENV=production
	@$(call need,ENV,environment,ENV=production) $(server) backup

.PHONY: restore
restore: ## Bring the database back to a moment: make restore ENV=production AT=2026-11-21T09:15:00Z
	@$(call need,ENV,environment,ENV=production AT=2026-11-21T09:15:00Z) \
	    $(call need,AT,moment,ENV=$(ENV) AT=2026-11-21T09:15:00Z) $(server) restore '$(AT)'

.PHONY: logs
logs: ## Follow the logs: make logs ENV=production [SERVICE=proxy]
	@$(call need,ENV,environment,ENV=production) $(server) logs $(SERVICE)

##@ This

.PHONY: help
help: ## List the targets
	@awk 'BEGIN { FS = ":.*## " } \
	    /^##@ / { printf "%s%s\n", separator, substr($$0, 5); separator = "\n" } \
	    /^[a-z-]+:.*## / { printf "  make %-16s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

# ---------------------------------------------------------------------------------------------------------------------

.PHONY: always
always:

# The stamp bears the time of the build's start: what is edited meanwhile is built the next time. (bin and obj are made
# first because they change the time of the folder they are in.)
$(app_built): $(app_sources) $(if $(wildcard $(program)),,always)
	@mkdir -p $(stamps) $(foreach folder,$(app_folders),$(folder)/bin $(folder)/obj)
	@touch $@.new
	@$(build) ClickNBack.AppHost
	@mv $@.new $@

$(all_built): $(all_sources) $(if $(wildcard $(program)),,always)
	@mkdir -p $(stamps) $(foreach project,$(projects),$(project)bin $(project)obj)
	@touch $@.new
	@$(build) ClickNBack.sln
	@mv $@.new $@
	@touch -r $@ $(app_built)

$(dotnet_tool): .config/dotnet-tools.json
	@mkdir -p $(stamps)
	@dotnet tool restore --verbosity quiet
	@touch $@

$(npm_tools): .github/lint/package.json .github/lint/package-lock.json
	@command -v npm > /dev/null || { echo 'make lint needs Node.js 20.19 or later with npm: https://nodejs.org' >&2; exit 1; }
	@cd .github/lint && npm ci --silent
	@touch $@
