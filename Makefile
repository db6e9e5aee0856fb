# Two commands: make run, make test. Everything else serves them.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

$(VENV)/.installed: requirements-dev.lock pyproject.toml
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	touch $@

.PHONY: env run test check bench shots soak lock

env: $(VENV)/.installed

run: env
	$(BIN)/salient run

test: env
	$(BIN)/python -m tests.provide
	$(BIN)/python -m pytest -q -n 2 --dist loadfile --no-loadscope-reorder

check: env
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m pytest -q tests/house

bench: env
	$(BIN)/python -m tests.bench

shots: env
	$(BIN)/python -m tests.shots

# Asks other random questions every time; SALIENT_SEED repeats those of a failure. Ends with what it counted.
soak: env
	$(BIN)/python -m tests.provide
	SALIENT_SOAK=1 $(BIN)/python -m pytest -q -n 2 --dist loadfile --no-loadscope-reorder --timeout 3600

lock:
	$(BIN)/python -m uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header pyproject.toml -o requirements.lock
	$(BIN)/python -m uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header pyproject.toml --group dev -o requirements-dev.lock
