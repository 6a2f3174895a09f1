# Two commands: `make run` and `make test`. Everything else is listed by `make help`.
# Needs Linux x86-64 with glibc, python3 >= 3.11 with pip, and make.
SHELL := /bin/bash
.DEFAULT_GOAL := help
PY := .venv/bin/python
REQUIREMENTS := $(wildcard requirements/*.txt)
ifdef PORT
export PORT
endif
ifdef PYTHON
export PYTHON
endif

.PHONY: help
help: ## this list
	@sed -nE 's/^([a-z-]+):.*## (.*)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 24

.PHONY: run
run: ## the portal on http://localhost:8000 with demo data (PORT=... for another port)
	@bin/setup run
	@exec $(PY) -m aimprogress.embedded

TOGETHER := $(PY) -m pytest -q --kinds -n 2 --dist loadfile --no-loadscope-reorder
APART := --ignore=tests/embedded --ignore=tests/journeys --ignore=tests/faults

.PHONY: test
test: ## all kinds of tests against real PostgreSQL and Valkey, below 15 minutes on 2 cores
	@bin/setup test
	@# two workers share the cores, each folder in turn, so that the portal of the browser tests starts once in each;
	@# what starts whole portals comes afterwards, and alone what kills, freezes and starves servers
	@$(TOGETHER) -m "not full" $(APART)
	@$(TOGETHER) -m "not full" tests/embedded tests/journeys
	@$(PY) -m pytest -q --kinds -m "not full" tests/faults

.PHONY: test-all
test-all: ## the same, plus the full grid of widths, themes, languages and kill points, and the API fuzzer
	@bin/setup all
	@$(TOGETHER) $(APART)
	@$(TOGETHER) tests/embedded tests/journeys
	@$(PY) -m pytest -q --kinds tests/faults

.PHONY: journey
journey: ## sign in as each role of the running portal and walk the whole way, one line per step
	@$(PY) -m tests.journeys

.PHONY: bench
bench: ## measure against the floor and against peers; writes var/bench.json
	@bin/setup all
	@$(PY) -m benchmarks

.PHONY: lint
lint: ## style of the Python files
	@$(PY) -m ruff check .
	@$(PY) -m ruff format --check .

.PHONY: setup
setup: ## only install: .venv and the libraries of the machine
	@bin/setup test

.PHONY: requirements
requirements: ## compile pyproject.toml into the hash-pinned requirements/
	@bin/setup test
	@eval "$$(python3 bin/pip_settings.py)"; compile=".venv/bin/uv pip compile -q --universal --generate-hashes --no-annotate \
		--no-header --no-emit-index-url --no-emit-find-links --python-version 3.11"; \
	set -e; $$compile pyproject.toml -o requirements/runtime.txt; \
	for group in embedded test api-fuzz bench; do \
		$$compile --group pyproject.toml:$$group -c requirements/runtime.txt -o requirements/$$group.txt; \
	done; \
	! grep -n '://' $(REQUIREMENTS)
