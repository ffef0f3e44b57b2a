# `make` alone prints the targets.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# Processes that run tests side by side.
JOBS ?= 2
export DLTRAIN_DATA ?= $(abspath ../shared/data)
# Bytecode is kept, or every start would compile dltrain again.
unexport PYTHONDONTWRITEBYTECODE
export TF_CPP_MIN_LOG_LEVEL ?= 3

.DEFAULT_GOAL := help
.PHONY: help demo test check format bench soak golden reference lock clean

help: ## print the targets
	@grep -E '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 12

$(VENV)/.run: pyproject.toml constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e .
	touch $@

$(VENV)/.test: $(VENV)/.run
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[test,check]'
	touch $@

demo: $(VENV)/.run ## install, then train and score a network on handwritten digits
	$(BIN)/dltrain fit configs/digits-mlp.yaml
	$(BIN)/dltrain evaluate

test: $(VENV)/.test ## install what tests need, and run them all
	$(BIN)/python -m pytest -n $(JOBS) --dist loadfile --no-loadscope-reorder

check: $(VENV)/.test ## format, lint, types, layers, and the tests that need no TensorFlow
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m pytest -q -m 'not keras and not long' -n $(JOBS) --dist loadfile

format: $(VENV)/.test ## rewrite the code in the house's format
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: $(VENV)/.test ## measure start-up, a fit against a hand-written script, and files larger than memory
	$(BIN)/python -m benchmarks.startup
	$(BIN)/python -m benchmarks.digits
	$(BIN)/python -m benchmarks.wine
	$(BIN)/python -m benchmarks.streaming
	$(BIN)/python -m benchmarks.checkpoints
	-$(BIN)/python -m benchmarks.training
	-$(BIN)/python -m benchmarks.predicting
	-$(BIN)/python -m benchmarks.reading
	-$(BIN)/python -m benchmarks.arithmetic
	-$(BIN)/python -m benchmarks.figure

soak: $(VENV)/.test ## kill trainings and damage files thousands of times (docs/reliability.md)
	$(BIN)/python -m benchmarks.soak.store
	$(BIN)/python -m benchmarks.soak.survive
	$(BIN)/python -m pytest -q -m soak

golden: $(VENV)/.test ## rewrite the expected error texts of the tests
	DLTRAIN_GOLDEN=write $(BIN)/python -m pytest -q tests/golden

reference: $(VENV)/.run ## write docs/reference.md and docs/schema.json from the code
	$(BIN)/python -m dltrain.reference docs/reference.md
	$(BIN)/dltrain schema --output docs/schema.json

lock: ## renew constraints.txt with the newest versions that pyproject.toml allows
	rm -rf build/lock && $(PYTHON) -m venv build/lock
	build/lock/bin/python -m pip install --quiet '.[test,check]'
	build/lock/bin/python -m pip freeze --exclude dltrain > constraints.txt

clean: ## remove the virtual environment and caches
	rm -rf $(VENV) build dist .pytest_cache .mypy_cache .ruff_cache .import_linter_cache
