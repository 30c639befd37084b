# Everything starts from a clone and Python 3.11 or later; each target sets up what it needs.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check
LOCK := requirements-dev.txt

.DEFAULT_GOAL := help
.PHONY: help setup lock render check test examples lint types docs verify collector up down status certificates e2e newest oldest spark wheel from-nothing coverage bench differential trees fuzz clean

help: ## Show this help
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: $(STAMP) ## Create the virtual environment with all that development needs, as locked

$(STAMP): pyproject.toml $(LOCK)
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Watchspec needs Python 3.11 or later; set PYTHON=…")'
	$(PYTHON) -m venv $(VENV)
	$(PIP) --require-hashes --requirement $(LOCK)
	$(PIP) --no-deps --no-build-isolation --no-index --editable .
	@touch $@

lock: $(STAMP) ## Lock what development installs at the newest releases
	$(BIN)/uv pip compile --quiet --upgrade --universal --python-version 3.11 --extra dev --generate-hashes --no-annotate \
	  --custom-compile-command 'make lock' --output-file $(LOCK) pyproject.toml

render: $(STAMP) ## Compile specs/ into rendered/
	$(BIN)/watchspec render

check: $(STAMP) ## Check specs, that rendered/ and docs/reference/ are up to date, and rendered/ by our own lint
	$(BIN)/watchspec check
	$(BIN)/watchspec render --check
	$(BIN)/python tools/reference_pages.py --check
	$(BIN)/watchspec lint rules --strict --instruments rendered/instruments rendered/*/prometheus/*.rules.yaml rendered/*/prometheus/*/*.rules.yaml
	$(BIN)/watchspec lint alertmanager --strict rendered/*/alertmanager/alertmanager.yaml
	$(BIN)/watchspec lint dashboards --strict $$(find rendered -path '*/dashboards/*.json')
	$(BIN)/watchspec lint collector --strict rendered/*/collector/agent.yaml rendered/*/collector/gateway.yaml

test: $(STAMP) ## Run the tests
	$(BIN)/python -m pytest --numprocesses auto --dist worksteal

examples: $(STAMP) ## Run the guides, the slow ways in which processes end, and the tests of the example services
	$(PIP) --editable '.[examples]'
	$(BIN)/python -m pytest --numprocesses auto --dist worksteal -m guide tests/docs tests/otel
	@for file in docs/examples/*/test_service.py; do \
	  echo "$$file"; \
	  (cd $$(dirname $$file) && WATCHSPEC_INSTRUMENTS=$(CURDIR)/rendered/instruments \
	    $(CURDIR)/$(BIN)/python -m pytest --quiet --config-file /dev/null --rootdir . test_service.py) || exit 1; \
	done

lint: $(STAMP) ## Check format and style, and that nothing is unused
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/vulture

types: $(STAMP) ## Check types
	$(BIN)/mypy
	MYPYPATH=tools:tests:tests/collector:tests/e2e $(BIN)/mypy --config-file= --check-untyped-defs --ignore-missing-imports \
	  --follow-imports=silent tests/e2e/*.py

docs: $(STAMP) ## Write the reference pages from code
	$(BIN)/python tools/reference_pages.py

verify: $(STAMP) ## Check rendered/ with the original tools and servers, built on first use (needs Go)
	tools/verify $(BIN)

collector: ## Build the Collector from rendered/collector/manifest.yaml (needs Go)
	tools/collector

up: $(STAMP) ## Start the whole stack on loopback, services included (needs Go on first use)
	PYTHONPATH=tools $(BIN)/python -m stack up

down: $(STAMP) ## End what `make up` started
	PYTHONPATH=tools $(BIN)/python -m stack down

status: $(STAMP) ## Say what of the stack runs
	@PYTHONPATH=tools $(BIN)/python -m stack status

certificates: $(STAMP) ## Prepare what rendered/local/compose.yaml mounts
	@PYTHONPATH=tools $(BIN)/python -m stack certificates

e2e: $(STAMP) ## Prove the way from a service to the pager, with the stack of `make up` (needs Go on first use)
	$(BIN)/python -m pytest -q -rs -s -m e2e tests/e2e

newest: $(STAMP) ## Run a short suite on the newest releases of all that is installed
	PATH=$(CURDIR)/$(BIN):$$PATH $(BIN)/python tools/releases.py newest

oldest: $(STAMP) ## Run a short suite on the oldest releases that pyproject.toml allows
	PATH=$(CURDIR)/$(BIN):$$PATH $(BIN)/python tools/releases.py oldest

spark: $(STAMP) ## Compare Spark with DuckDB (needs Java, and installs PySpark on first use)
	PATH=$(CURDIR)/$(BIN):$$PATH $(BIN)/python tools/releases.py spark

wheel: $(STAMP) ## Build the wheel, and use it as somebody does who has nothing else
	$(BIN)/python -m pytest -q -m wheel tests/tools

from-nothing: ## Prove CI on a machine with nothing on it: empty caches, a fresh clone (up to an hour)
	tools/from-nothing

coverage: $(STAMP) ## Measure which lines and branches the tests run, and print what they do not
	$(BIN)/coverage erase
	$(BIN)/coverage run -m pytest --numprocesses auto --dist worksteal
	$(BIN)/coverage combine --quiet
	$(BIN)/coverage report --include='otel/*'
	$(BIN)/coverage report --include='generators/promql/engine/*'
	$(BIN)/coverage report --format=total

bench: $(STAMP) ## Measure speed against the aims
	PYTHONPATH=tools $(BIN)/python -m benchmarks

differential: $(STAMP) ## Compare the PromQL engine with promtool over random expressions (needs Go)
	tools/differential $(BIN)

TREES ?= 2000

trees: $(STAMP) ## Compile 2,000 broken trees of specs (TREES=…), which must end in problems, soon and in little memory
	$(BIN)/python tests/differential/fuzz_specs.py $(TREES) $(or $(SEED),1)

fuzz: $(STAMP) ## Feed broken expressions, templates and rule files to their readers, and broken trees of specs to the compiler
	$(BIN)/python tests/differential/fuzz_promql.py 100000 $(SEED)
	$(BIN)/python tests/differential/fuzz_specs.py 20000 $(or $(SEED),1)

clean: ## Remove what can be made again
	rm -rf $(VENV) .mypy_cache .ruff_cache .hypothesis build dist *.egg-info
