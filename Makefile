# One verb each; `make help` lists them. Needs make, and Python 3.11 or newer.

PORT    ?= 8501
ADDRESS ?= 127.0.0.1
PYTHON  ?= $(shell for python in python3.13 python3.12 python3.11 python3 python3.14 python; do \
             $$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1 && echo $$python && break; done)

VENV := .venv
BIN  := $(VENV)/bin
PIP  := $(BIN)/python -m pip --disable-pip-version-check --quiet install

.PHONY: help run test lint bench clean
.DEFAULT_GOAL := help

help: ## list the verbs
	@sed -n 's/^\([a-z]*\):.*## /  make \1	/p' Makefile

run: $(VENV)/ready-to-run ## start the explorer; PORT=8600 ADDRESS=0.0.0.0 change where it listens
	@$(BIN)/python -m explorer --port $(PORT) --address $(ADDRESS)

test: $(VENV)/ready-to-test ## check everything: format, style, types, unit tests, doctests, pages, browser
	@$(BIN)/python -m tests.support.browser --install
	@$(MAKE) --no-print-directory lint
	@$(BIN)/python -m pytest --numprocesses auto --maxprocesses 4 --dist loadfile

lint: $(VENV)/ready-to-test ## check format, style and types
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy

bench: $(VENV)/ready-to-bench ## measure the engine against PyTorch and JAX, the unrolling, and the pages
	@OPENBLAS_NUM_THREADS=1 OMP_NUM_THREADS=1 $(BIN)/python -m benchmarks $(ARGS)

clean: ## remove the virtual environment and every cache
	@rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .hypothesis build dist *.egg-info
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

# An environment is complete when its last file exists; it is brought up to date when its requirements change.

$(VENV)/made:
	@test -n "$(PYTHON)" || { echo "Unroll needs Python 3.11 or newer and found none. Name one: make PYTHON=/path/to/python3 ..."; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Unroll needs Python 3.11 or newer; $(PYTHON) is not."; exit 1; }
	@echo "Making a virtual environment in $(VENV) with $(PYTHON) ..."
	@rm -rf $(VENV)
	@$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); echo "This Python cannot make virtual environments (on Debian and Ubuntu: apt-get install python3-venv)."; exit 1; }
	@touch $@

$(VENV)/ready-to-run: requirements.txt | $(VENV)/made
	@echo "Installing what the explorer needs ..."
	@$(PIP) -r requirements.txt
	@touch $@

$(VENV)/ready-to-test: requirements.txt requirements-dev.txt | $(VENV)/made
	@echo "Installing what the tests need ..."
	@$(PIP) -r requirements.txt -r requirements-dev.txt
	@touch $@

$(VENV)/ready-to-bench: requirements.txt requirements-bench.txt | $(VENV)/made
	@echo "Installing what the benchmarks compare with ..."
	@$(PIP) -r requirements.txt -r requirements-bench.txt
	@$(PIP) jax || echo "JAX could not be installed; the benchmarks leave it out."
	@touch $@
