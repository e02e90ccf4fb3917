# Two commands matter: `make run` and `make test`. Needs python3 (3.11 or newer) with its venv.
# Everything is installed into .venv; stamps inside it make repeated runs quick.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PY := $(BIN)/python
UV := $(BIN)/uv
export UV_LINK_MODE ?= copy
# An office's proxy is trusted by the machine, seldom by uv's own list of authorities.
export UV_SYSTEM_CERTS ?= $(if $(wildcard /etc/ssl/certs/ca-certificates.crt),true,false)

PORT ?= 8000

.PHONY: run demo test check bench docs lock clean lint types layers dead-code dependencies locked
.DEFAULT_GOAL := help

help:
	@echo "make run    build the demonstration operation (once) and serve it; PORT=8000"
	@echo "make demo   build it and print its account"
	@echo "make test   install what the tests need and run all of them"
	@echo "make check  style, types, layers, dead code, dependencies, documentation, locks"
	@echo "make bench  print the measured figures as ratios"
	@echo "make docs   build the documentation into docs/_build/html"
	@echo "make lock   resolve the dependencies again and write the requirements files"
	@echo "make clean  remove the environment, the demonstration and everything built"

# -- environment ---------------------------------------------------------------------------------

$(VENV)/.stamp-uv: requirements-uv.txt
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Tilth needs Python 3.11 or newer")'
	test -x $(PY) || $(PYTHON) -m venv $(VENV)
	$(PY) -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-uv.txt
	touch $@

$(VENV)/.stamp-run: $(VENV)/.stamp-uv requirements.txt pyproject.toml
	$(UV) pip install --quiet --python $(PY) --require-hashes -r requirements.txt
	$(UV) pip install --quiet --python $(PY) --no-deps --no-build-isolation --offline --editable .
	touch $@

$(VENV)/.stamp-dev: $(VENV)/.stamp-run requirements-dev.txt
	$(UV) pip install --quiet --python $(PY) --require-hashes -r requirements-dev.txt
	touch $@

# Compiles the kernels of the land account, so that nobody waits for a compiler later.
$(VENV)/.stamp-kernels: $(VENV)/.stamp-run $(wildcard src/tilth/core/land/e*.py)
	$(PY) -c 'from tilth.core.land.engines import compile_now; compile_now()'
	touch $@

$(VENV)/.stamp-system: tools/system-packages
	sh tools/system-packages
	touch $@

# -- what people run -------------------------------------------------------------------------------

run: demo/tilth.toml
	@exec $(BIN)/tilth serve demo --port $(PORT)

demo: demo/tilth.toml
	@$(BIN)/tilth account demo

demo/tilth.toml: | $(VENV)/.stamp-run $(VENV)/.stamp-kernels
	rm -rf build/demo && mkdir -p build
	$(BIN)/tilth demo build/demo --scale small
	rm -rf demo && mv build/demo demo

test: $(VENV)/.stamp-dev $(VENV)/.stamp-kernels $(VENV)/.stamp-system
	$(PY) -m pytest -n 2 --dist loadfile $(PYTEST_ARGS)

bench: $(VENV)/.stamp-dev $(VENV)/.stamp-kernels
	for one in bench/*.py; do $(PY) $$one || exit 1; done

# -- gates -----------------------------------------------------------------------------------------

check: lint types layers dead-code dependencies locked docs
	@echo "make check: all gates passed"

lint: $(VENV)/.stamp-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(VENV)/.stamp-dev
	$(BIN)/mypy

layers: $(VENV)/.stamp-dev
	$(BIN)/lint-imports

dead-code: $(VENV)/.stamp-dev
	$(BIN)/vulture

dependencies: $(VENV)/.stamp-dev
	$(BIN)/deptry src

locked: $(VENV)/.stamp-dev
	$(PY) tools/check_locks.py

docs: $(VENV)/.stamp-dev
	$(BIN)/sphinx-build -q -W --keep-going -b html docs docs/_build/html

# -- upkeep ----------------------------------------------------------------------------------------

COMPILE = $(UV) pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-annotate --no-header --no-emit-index-url --no-emit-find-links

lock: $(VENV)/.stamp-uv
	$(COMPILE) requirements-uv.in -o requirements-uv.txt
	$(COMPILE) requirements.in pyproject.toml --group pyproject.toml:dev -o requirements-dev.txt
	$(COMPILE) requirements.in pyproject.toml -c requirements-dev.txt -o requirements.txt

clean:
	rm -rf .venv demo build docs/_build docs/reference/generated
	rm -rf .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
