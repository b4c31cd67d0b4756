.DEFAULT_GOAL := help
SHELL := /bin/bash
PYTHON ?= python3
UV_VERSION := 0.13.9
BIN := .venv/bin
READY := $(BIN)/.installed
export VIRTUAL_ENV := $(CURDIR)/.venv

.PHONY: help setup demo run test check deep fix openapi migration lock

help:  ## show this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /|/' | awk -F'|' '{printf "  make %-10s %s\n", $$1, $$2}'

setup: $(READY)  ## build .venv from the lock file; every other target does it when needed

$(READY): requirements.lock pyproject.toml
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check uv==$(UV_VERSION)
	@$(BIN)/uv pip install --quiet --compile-bytecode --require-hashes -r requirements.lock
	@$(BIN)/uv pip install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

demo: $(READY)  ## play the month of a client over HTTP; leaves var/demo/report.{json,html,pdf}
	@$(BIN)/python -m api.demo

run: $(READY)  ## serve the platform with a demo agency; Ctrl-C ends it
	@$(BIN)/agency run

test: $(READY)  ## the whole suite, on engines of its own
	@$(BIN)/python -m pytest -n 2 --dist loadfile

check: $(READY)  ## format, lint, types, imports, migrations, contract
	$(BIN)/ruff format --check --quiet .
	$(BIN)/ruff check --quiet .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m migrations.check
	$(BIN)/python -m openapi.export --check

fix: $(READY)  ## put the format right, and what lint can put right
	@$(BIN)/ruff check --quiet --fix . ; $(BIN)/ruff format --quiet .

openapi: $(READY)  ## write openapi/openapi.json anew
	@$(BIN)/python -m openapi.export

migration: $(READY)  ## draft a migration from the models: make migration m="add posts"
	@$(BIN)/python -m migrations.draft "$(m)"

lock: $(READY)  ## compile requirements.lock anew, for all platforms
	@$(BIN)/uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --no-annotate --no-header --python-version 3.11 --extra dev pyproject.toml --output-file requirements.lock >/dev/null
