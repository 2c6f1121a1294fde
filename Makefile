# Everything sets itself up: only make and Python 3.11 or newer are needed.

VENV := .venv
STAGE ?= dev
SECONDS ?= 600
FOUND := $(firstword $(foreach name,python3.13 python3.12 python3.11 python3 python,$(shell command -v $(name) >/dev/null 2>&1 && $(name) -c 'import sys, ensurepip; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' >/dev/null 2>&1 && echo $(name))))
PYTHON ?= $(FOUND)
RUN := $(VENV)/bin/python
READY := $(VENV)/.ready
# One more than there are cores: a fifth of the tests' time goes by waiting for answers that never come.
WORKERS = $(shell expr $$(getconf _NPROCESSORS_ONLN) + 1)

.PHONY: help setup demo serve test check simulate campaign package deploy bench clean
.DEFAULT_GOAL := help

help:  ## Show this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: $(READY)  ## Make .venv with everything pinned (the other targets do so by themselves)

$(READY): requirements-dev.txt
	@test -n "$(PYTHON)" || { echo "Firebell needs Python 3.11, 3.12 or 3.13 with venv; found none. Install one, or run: make $(MAKECMDGOALS) PYTHON=/path/to/python" >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "$(PYTHON) is $$($(PYTHON) -V 2>&1): Firebell needs Python 3.11 or newer" >&2; exit 1; }
	@echo "Setting up $(VENV) with $$($(PYTHON) -V) (about a minute, once) ..."
	@$(PYTHON) -m venv $(VENV)
	@$(RUN) -m pip install --quiet --quiet --disable-pip-version-check --require-hashes -r requirements-dev.txt
	@touch $@

demo: $(READY)  ## Watch incidents being paged and told of, on this machine, in about a minute
	@$(RUN) -m cli demo

serve: $(READY)  ## Keep the same stack running, with pages to look at
	@$(RUN) -m cli serve

test: $(READY)  ## Run the tests
	$(RUN) -m pytest --numprocesses $(WORKERS) --dist loadfile

check: SEEDS = 0:1000
check: RESTLESS = 0:1000
check: $(READY)  ## Everything CI runs: format, lint, types, layers, tests, package
	$(RUN) -m ruff format --check .
	$(RUN) -m ruff check .
	$(RUN) -m mypy
	$(VENV)/bin/lint-imports
	$(RUN) -m pytest --numprocesses $(WORKERS) --dist loadfile
	$(RUN) -m simulation table
	$(RUN) -m simulation same 1 2 3 4 5
	$(RUN) -m simulation campaign --seeds $(SEEDS) --result build/check.jsonl
	$(RUN) -m simulation campaign --kind restless --seeds $(RESTLESS) --result build/check-restless.jsonl
	$(RUN) -m deployment package --stage $(STAGE)

simulate: SECONDS = 30
simulate: $(READY)  ## Live thousands of incidents with faults at every call, in virtual time (a minute)
	@$(RUN) -m simulation table --quick
	@$(RUN) -m simulation same 1 2 3 4 5
	@$(RUN) -m simulation campaign --seconds $(SECONDS) --result build/simulate.jsonl

campaign: $(READY)  ## The same for SECONDS=600, after every fault of every call and every pair on the main path
	@$(RUN) -m simulation table --often --each --pairs
	@$(RUN) -m simulation campaign --seconds $(SECONDS)

package: $(READY)  ## build/deployment.zip and build/template.json for STAGE=dev|prod
	@$(RUN) -m deployment package --stage $(STAGE)

deploy: $(READY)  ## Package and bring the stack STAGE=dev|prod up to date (FIREBELL_BUCKET, AWS_REGION)
	@$(RUN) -m deployment deploy --stage $(STAGE)

bench: $(READY)  ## Measure what Firebell costs, next to the least that could be done (3 minutes)
	@$(RUN) -m bench

clean:  ## Remove what was built, but not .venv
	rm -rf build .chalice/deployments .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis
	find . -name __pycache__ -not -path './$(VENV)/*' -prune -exec rm -rf {} +
