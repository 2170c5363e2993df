# `make` alone lists the targets. Everything is made from the lock files in this folder.
SHELL := /bin/bash
.DEFAULT_GOAL := help
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
REPLAY ?=
TESTS ?= tests
SEEDS ?= 100000
# Folders too: one changes when a file in it goes.
PAGES := frontend/index.html frontend/vite.config.ts frontend/headers.json $(shell find frontend/src frontend/public)

.PHONY: help install tools chromium dashboard pages up demo test lint types unit coverage simulate bench bench-adapters bench-execution bench-dashboard screenshots openapi lock clean

help: ## list the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-16s %s\n", $$1, $$2}'

install: tools frontend/node_modules/.installed ## create the environment (Python, the CDK CLI, the dashboard's packages)

tools: $(VENV)/.installed node_modules/.installed

$(VENV)/.installed: requirements.lock
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed; choose one with: make PYTHON=python3.11 …" >&2; exit 2; }
	@echo "  … installing the Python packages (one to two minutes)"
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@touch $@

node_modules/.installed: package-lock.json
	@command -v npm >/dev/null || { echo "Node.js with npm is needed for the CDK CLI (22 or newer is best)" >&2; exit 2; }
	@echo "  … installing the CDK CLI"
	@npm ci --silent
	@touch $@

frontend/node_modules/.installed: frontend/package-lock.json
	@command -v npm >/dev/null || { echo "Node.js with npm is needed for the dashboard (22 or newer is best)" >&2; exit 2; }
	@echo "  … installing the packages of the dashboard"
	@cd frontend && npm ci --silent
	@touch $@

dashboard: frontend/dist/index.html ## build the dashboard, where it is not up to date

frontend/dist/index.html: frontend/node_modules/.installed $(PAGES)
	@echo "  … building the dashboard"
	@cd frontend && npm run --silent build -- --logLevel warn
	@touch $@

pages: install ## the dashboard: API types up to date, tsc, eslint, vitest, build, size of the first load
	@cd frontend && npm run --silent check && touch dist/index.html

up: install dashboard ## the whole product on this machine, a strategy at the next minute; stays until Ctrl-C
	@$(BIN)/python -m local up $(if $(REPLAY),--replay "$(REPLAY)")

demo: tools ## the same without staying: exits 0 only if all was filled in its minute and the books agree
	@$(BIN)/python -m local demo $(if $(REPLAY),--replay "$(REPLAY)")

chromium:
	@command -v $${LEGWISE_CHROMIUM:-chromium} chromium-browser google-chrome >/dev/null || { echo "Chromium is needed for the browser tests (Debian: apt-get install chromium); another place: LEGWISE_CHROMIUM=/path/to/chrome" >&2; exit 2; }

test: install $(if $(filter tests,$(TESTS)),chromium lint,lint types) $(if $(findstring e2e,$(TESTS)),dashboard) ## lint, types, import contracts and every test, the dashboard and the emulator flows included
ifeq ($(TESTS),tests)
	@# Four lanes, which keep the processors busy to the end. What is about moments (flows, rate limits of brokers) goes
	@# first. The output of the first three follows at the end.
	@mkdir -p .local; $(BIN)/python -m pytest tests/local -p no:cacheprovider >.local/flows.log 2>&1 & flows=$$!; \
	{ (cd frontend && nice -n 5 npm run --silent check && touch dist/index.html) && nice -n 5 $(BIN)/python -m pytest tests/e2e -p no:cacheprovider; } >.local/browser.log 2>&1 & browser=$$!; \
	{ nice -n 15 $(BIN)/mypy && nice -n 15 $(BIN)/python -m pytest tests/unit -p no:cacheprovider; } >.local/unit.log 2>&1 & unit=$$!; \
	trap "kill $$flows $$browser $$unit 2>/dev/null" INT TERM; \
	$(BIN)/python -m pytest tests --ignore=tests/local --ignore=tests/e2e --ignore=tests/unit -p no:cacheprovider; others=$$?; \
	failed=0; [ $$others -eq 0 ] || failed=1; \
	echo "types and unit tests:"; wait $$unit || failed=1; cat .local/unit.log; \
	echo "the dashboard and its browser tests:"; wait $$browser || failed=1; cat .local/browser.log; \
	echo "the flows on the deployed stacks:"; wait $$flows || failed=1; cat .local/flows.log; \
	exit $$failed
else
	@$(BIN)/python -m pytest $(TESTS)
endif

lint: install ## ruff (rules and format) and the import contracts
	@$(BIN)/ruff check . && $(BIN)/ruff format --check --quiet . && $(BIN)/lint-imports --no-cache >/dev/null || { $(BIN)/lint-imports --no-cache; exit 1; }

types: install ## mypy, strict
	@$(BIN)/mypy

unit: install ## only the fast tests: no emulator, no official clients
	@$(BIN)/python -m pytest $(TESTS) -m "not emulator and not sdk" -q

coverage: install ## the fast tests with branch coverage
	@$(BIN)/python -m pytest $(TESTS) -m "not emulator and not sdk" -q --cov --cov-report=term

bench: install ## cold starts, how the work of a minute is found, how exact the sending is (most of an hour)
	@$(BIN)/python -m bench.cold_start && $(BIN)/python -m bench.discovery && $(BIN)/python -m bench.timing

simulate: install ## the engine on a virtual clock under crashes and broker faults: make simulate SEEDS=100000
	@$(BIN)/python -m tests.simulation --seeds $(SEEDS) --jobs 2

bench-execution: install ## how orders of many legs, accounts and strategies go out (17 minutes)
	@$(BIN)/python -m bench.execution --write

bench-adapters: install ## what an order and an import cost at each broker, beside the official clients (four minutes)
	@$(BIN)/python -m bench.adapters --write

bench-dashboard: install dashboard bench/dashboard/node_modules/.installed ## Lighthouse over every page, as a desktop and as a phone (ten minutes)
	@$(BIN)/python -m bench.dashboard --write

bench/dashboard/node_modules/.installed: bench/dashboard/package-lock.json
	@echo "  … installing Lighthouse"
	@cd bench/dashboard && npm ci --silent
	@touch $@

screenshots: install dashboard ## the pictures of the README (seven minutes)
	@$(BIN)/python -m tests.e2e.screenshots

openapi: install ## write the documents that are made from the code
	@$(BIN)/python -m local.openapi
	@$(BIN)/python -m local.strategy_schema
	@$(BIN)/python -m local.table_doc
	@$(BIN)/python -m local.brokers_doc
	@$(BIN)/python -m tests.sdk.differences > docs/requests.md
	@cd frontend && npm run --silent api

lock: ## resolve the lock files anew (needs uv)
	@uv pip compile --quiet --generate-hashes --no-annotate --no-header --no-emit-index-url --python-version 3.11 --universal --group runtime --group infra --group local --group dev -o requirements.lock
	@uv pip compile --quiet --generate-hashes --no-annotate --no-header --no-emit-index-url --python-version 3.11 --python-platform aarch64-manylinux2014 --group runtime -o requirements-lambda.lock

clean: ## remove everything that was made here
	@rm -rf $(VENV) node_modules frontend/node_modules frontend/dist bench/dashboard/node_modules build cdk.out .local .sdk .mypy_cache .ruff_cache .pytest_cache .hypothesis .coverage
