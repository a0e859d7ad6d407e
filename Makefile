# kaiji. `make help` lists the targets. Every target does its own set-up in .venv, from pinned versions.
.DEFAULT_GOAL := help
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DELETE_ON_ERROR:

PYTHON ?= $(firstword $(shell command -v python3.11 python3 2>/dev/null))
RELEASE ?= sample_manifests/hinode/release.yaml
OUT ?= disclosure
MODEL_CARD ?=
OPTIONS ?=
KAIJI_SHARED_DATA ?= ../shared/data
WORKERS ?= auto

VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --quiet --disable-pip-version-check
SOURCES := pyproject.toml README.md LICENSE $(shell find src disclosure_templates -type f -not -name '*.pyc')
SAMPLES := hinode/release.yaml:hinode/expected hinode/release-1.1.yaml:hinode/expected-1.1 \
	pile/release.yaml:pile/expected redpajama/release.yaml:redpajama/expected \
	finetune/release.yaml:finetune/expected voices-and-views/release.yaml:voices-and-views/expected

.PHONY: help
help: ## list the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "%-12s %s\n", $$1, $$2}'
	@echo
	@echo 'disclosure takes RELEASE=$(RELEASE) OUT=$(OUT) MODEL_CARD=README.md OPTIONS="--date 2026-11-22"'

.PHONY: disclosure
disclosure: $(VENV)/kaiji.stamp ## build the documents of RELEASE into OUT; with MODEL_CARD=file, attach them
	$(BIN)/kaiji build $(RELEASE) --out $(OUT) $(OPTIONS)
	$(if $(MODEL_CARD),$(BIN)/kaiji attach $(MODEL_CARD) --out $(OUT))

.PHONY: test
test: $(VENV)/dev.stamp $(VENV)/kaiji.stamp ## run the tests on the installed package; needs no network
	$(BIN)/python -m pytest -n $(WORKERS) --no-loadscope-reorder -m "not real"

.PHONY: test-real
test-real: $(VENV)/dev.stamp $(VENV)/kaiji.stamp ## run the tests on real files in KAIJI_SHARED_DATA
	KAIJI_SHARED_DATA=$(KAIJI_SHARED_DATA) $(BIN)/python -m pytest -n $(WORKERS) --no-loadscope-reorder -m real

.PHONY: check
check: $(VENV)/dev.stamp $(VENV)/kaiji.stamp ## lint, types, import contracts, generated documentation
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python docs/generate.py --check

.PHONY: samples
samples: ## list the releases of the samples, each with the folder of its expected documents
	@printf '%s\n' $(SAMPLES) | tr ':' ' '

.PHONY: goldens
goldens: $(VENV)/kaiji.stamp ## write the expected documents of the samples anew
	@for pair in $(SAMPLES); do \
		rm -rf sample_manifests/$${pair#*:}; \
		$(BIN)/kaiji build sample_manifests/$${pair%%:*} --out sample_manifests/$${pair#*:}; \
	done

.PHONY: eu-fields
eu-fields: $(VENV)/kaiji.stamp ## count the fields of the EU form that RELEASE fills without narrative answers
	$(BIN)/python tests/regimes/count_eu_fields.py $(RELEASE)

.PHONY: goldens-check
goldens-check: $(VENV)/kaiji.stamp ## fail when an expected document is not what a build gives now
	@for pair in $(SAMPLES); do \
		$(BIN)/kaiji build sample_manifests/$${pair%%:*} --out sample_manifests/$${pair#*:} --check; \
	done

ROWS ?=
WHAT ?= parquet

.PHONY: bench-scan
bench-scan: $(VENV)/dev.stamp $(VENV)/kaiji.stamp ## measure the scan beside other tools: ROWS=…, WHAT=parquet|jsonl|memory
	$(BIN)/python benchmarks/scan.py $(WHAT) $(if $(ROWS),--rows $(ROWS))

ARGS ?=

.PHONY: bench-control
bench-control: $(VENV)/dev.stamp $(VENV)/kaiji.stamp ## measure the protection of tables and the two tests: ARGS="--largest 10000"
	$(BIN)/python benchmarks/control.py $(ARGS)
	$(BIN)/python benchmarks/both_tests.py $(ARGS)

.PHONY: wheel
wheel: $(VENV)/kaiji.stamp ## build the wheel into dist/

.PHONY: lock
lock: ## resolve requirements.lock and requirements-dev.lock anew (needs uv)
	uv pip compile -q --universal --generate-hashes --no-header --no-annotate --python-version 3.11 \
		--extra pdf --group build pyproject.toml -o requirements.lock
	uv pip compile -q --universal --generate-hashes --no-header --no-annotate --python-version 3.11 \
		--extra pdf --extra s3 --extra spark --extra tokenizer --group dev -c requirements.lock pyproject.toml -o requirements-dev.lock

.PHONY: clean
clean: ## remove the environment, the wheel and the output
	rm -rf $(VENV) dist $(OUT)

$(VENV)/venv.stamp:
	$(PYTHON) -c 'import sys; sys.exit("kaiji needs Python 3.11 or newer: make PYTHON=…" if sys.version_info < (3, 11) else 0)'
	$(PYTHON) -m venv $(VENV)
	touch $@

$(VENV)/lock.stamp: requirements.lock $(VENV)/venv.stamp
	$(PIP) install --require-hashes -r requirements.lock
	touch $@

$(VENV)/dev.stamp: requirements-dev.lock $(VENV)/lock.stamp
	$(PIP) install --require-hashes -r requirements-dev.lock
	touch $@

# the wheel, not the source tree: what runs and what is tested is what a user installs
$(VENV)/kaiji.stamp: $(SOURCES) $(VENV)/lock.stamp
	rm -rf dist
	$(BIN)/python -m hatchling build -t wheel >/dev/null
	$(PIP) install --no-deps --force-reinstall dist/*.whl
	touch $@
