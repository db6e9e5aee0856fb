# Two commands: make run, make test. Everything else serves them.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# Every worker compiles every module anew where the environment keeps Python from writing down what it compiled.
COMPILED := PYTHONDONTWRITEBYTECODE= PYTHONPYCACHEPREFIX=$(CURDIR)/$(VENV)/compiled

$(VENV)/.installed: requirements-dev.lock pyproject.toml
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	touch $@

.PHONY: env run test check bench shots soak lock plotly

env: $(VENV)/.installed

run: env
	$(BIN)/salient run

test: env
	$(BIN)/python -m tests.provide
	$(COMPILED) $(BIN)/python -m pytest -q -n 2 --dist loadfile --no-loadscope-reorder

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
	$(COMPILED) SALIENT_SOAK=1 $(BIN)/python -m pytest -q -n 2 --dist loadfile --no-loadscope-reorder --timeout 3600

lock:
	$(BIN)/python -m uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header pyproject.toml -o requirements.lock
	$(BIN)/python -m uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header pyproject.toml --group dev -o requirements-dev.lock

# The part of plotly.js that our charts need, built anew with Node and npm: see app/web/static/plotly.README.
PLOTLY := build/plotly
plotly:
	mkdir -p $(PLOTLY)
	cp app/web/static/plotly.entry.js $(PLOTLY)/entry.js
	cp app/web/static/plotly.package.json $(PLOTLY)/package.json
	cd $(PLOTLY) && npm install --ignore-scripts --no-audit --no-fund
	cd $(PLOTLY) && npx esbuild entry.js --bundle --minify --format=iife --global-name=Plotly --target=es2020 \
		--define:global=window --define:define.amd=false --define:process.env.NODE_DEBUG=false --legal-comments=none \
		--banner:js="/* plotly.js, a part of it, and what it stands on: plotly.README and plotly.LICENSE say more. */" \
		--outfile=plotly.min.js
	cp $(PLOTLY)/plotly.min.js app/web/static/plotly.min.js
