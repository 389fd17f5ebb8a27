# Every target sets up what it needs: a virtual environment in .venv, installed from pyproject.toml.

VENV ?= .venv
BIN := $(VENV)/bin
PYTHON ?= python3
READY := $(VENV)/.ready
PYTEST = $(BIN)/pytest --numprocesses auto --maxprocesses 4

.DEFAULT_GOAL := help
.PHONY: help install demo test test-durability lint format types docs check bench scoreboard clean

help:  ## List these targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-15s  %s\n", $$1, $$2}'

$(READY): pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --editable '.[dev]'
	@touch $(READY)

install: $(READY)  ## Set up .venv with vaecli and everything for its development

demo: $(READY)  ## Train on Fashion-MNIST and leave the pictures in demo/
	PATH="$(CURDIR)/$(BIN):$$PATH" sh examples/demo.sh

test: $(READY)  ## Run the tests
	$(PYTEST)

test-durability: $(READY)  ## Prove docs/promises.md; with VAECLI_DURABILITY=full at full length
	VAECLI_DURABILITY=$${VAECLI_DURABILITY:-ci} $(PYTEST) tests/durability

lint: $(READY)  ## Look for mistakes and poor style
	$(BIN)/ruff check .

format: $(READY)  ## Format the code
	$(BIN)/ruff format .

types: $(READY)  ## Check the types
	$(BIN)/mypy

docs: $(READY)  ## Generate docs/reference.md and the tables in docs/
	$(BIN)/python docs/generate.py

check: $(READY)  ## What CI runs: format, lint, types, docs, durability and all tests
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/python docs/generate.py --check
	$(MAKE) test-durability
	$(MAKE) test

bench: $(READY)  ## Measure training speed, start-up and drawing, as ratios within one run
	$(BIN)/python benchmarks/training_speed.py
	$(BIN)/python benchmarks/transposed_convolution.py
	$(BIN)/python benchmarks/start_up.py
	$(BIN)/python benchmarks/drawing.py
	$(BIN)/python benchmarks/animations.py

scoreboard: $(READY)  ## Measure rows of docs/scoreboard.md: make scoreboard ROWS="Q3 Q5"
	$(BIN)/python benchmarks/scoreboard $(ROWS)

clean:  ## Remove the virtual environment, caches and the demo's files
	rm -rf $(VENV) .ci-venv demo figures .pytest_cache .mypy_cache .ruff_cache .hypothesis build dist
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
