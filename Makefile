# Trunkline needs Python 3.11 or newer and make; everything else is installed into .venv from the hashed lock files.
PYTHON ?= python3
BIN := .venv/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check
# The configuration; left empty it is trunkline.yaml, else config/example.yaml.
CONFIG ?=

help: ## Show the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-11s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: .venv/runtime ## Start the gateway with its embedded engine: HTTP on 8080, SMTP on 2525
	@$(BIN)/trunkline serve $(CONFIG:%=--config %)

demo: CONFIG = config/demo.yaml
demo: .venv/runtime ## Start it with simulated customers and agents: HTTP on 8090, in demo-data; DEMO="--speed 5 --seed 7" for more
	@TRUNKLINE_DATA="$${TRUNKLINE_DATA:-demo-data}" $(BIN)/trunkline demo --config $(CONFIG) $(DEMO)

PYTEST := $(BIN)/pytest -q --dist loadfile --no-loadscope-reorder
WORKERS ?= $(shell $(PYTHON) -c 'import os; print((os.cpu_count() or 1) + 1)') # one more than processors: many tests wait for processes

# The processes that the tests start read what is compiled already, even where nothing is to be kept of it.
test test-long: export PYTHONDONTWRITEBYTECODE =
test: .venv/development ## Run the tests, but for the long ones
	$(PYTEST) -n $(WORKERS) -m "not long"

test-long: .venv/development ## Run the long tests: everything is killed and filled for minutes, schemathesis, the demo's people
	$(PYTEST) -n auto -m long

check: .venv/development ## Lint, format and types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/python tests/typecheck.py

bench: .venv/development ## Measure intake and chat beside bare handlers, pages in Chromium, and what is read beside libraries
	$(BIN)/python benchmarks/intake.py
	$(BIN)/python benchmarks/chat.py
	$(BIN)/python benchmarks/pages.py
	$(BIN)/python -m benchmarks.reading

overview: .venv/runtime ## Make docs/overview.md anew
	$(BIN)/python docs/walk.py > docs/overview.md

channels: .venv/runtime ## Make docs/channels/index.md anew, from the cards
	$(BIN)/python docs/channel_index.py > docs/channels/index.md

screenshots: .venv/development ## Make docs/screenshots anew, from the demo (needs Debian's chromium)
	$(BIN)/python docs/screenshots.py
	$(BIN)/python docs/merge_screenshots.py

lock: .venv/development ## Renew the lock files from pyproject.toml
	$(PIP) install --quiet uv
	$(BIN)/uv pip compile pyproject.toml --all-extras $(LOCK) -o requirements.lock
	$(BIN)/uv pip compile pyproject.toml --all-extras --group test --group check $(LOCK) -o requirements-dev.lock
LOCK := --quiet --universal --upgrade --generate-hashes --no-header --no-annotate --no-emit-index-url

.venv/bin/python:
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Trunkline needs Python 3.11 or newer; name one with make PYTHON=python3.12 …")'
	$(PYTHON) -m venv .venv

.venv/runtime: .venv/bin/python requirements.lock pyproject.toml
	$(PIP) install --quiet --require-hashes -r requirements.lock
	$(PIP) install --quiet --no-deps --editable .
	@touch $@

.venv/development: .venv/runtime requirements-dev.lock
	$(PIP) install --quiet --require-hashes -r requirements-dev.lock
	@touch $@

.PHONY: help run demo test test-long check bench overview channels screenshots lock
