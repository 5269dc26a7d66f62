# The few commands of this project. Each sets up what it needs in .venv, and again when pyproject.toml changes.
#   make demo                      make the demo song and master it
#   make demo INPUT=my.wav         master my.wav to my.master.wav (or OUTPUT=…); more options in ARGS="…"
#   make quick | test | lint | bench | docs | soak   more options in ARGS="…" (bench: --only limiter, --songs DIR; soak: --minutes 30)
#   make clean                     remove everything these commands made

PYTHON ?= python3
ARGS ?=
# The environment carries file names into the recipes, so that spaces and quotes in them are safe.
export INPUT OUTPUT

BIN := .venv/bin
PIP := $(BIN)/python -m pip --quiet --disable-pip-version-check
TOOLS := PYTHONPATH=.:tests:tests/support:tools/material:tools/fit:tools/soak:examples
QUICK := tests/repository tests/documents tests/planning tests/engine tests/nodes/test_called.py tests/nodes/test_limiter.py
DEMO := demo/song.wav demo/arrangement.json demo/emotion_graph.json
RESULTS := demo/master.wav demo/master.wav.settings.json

.DELETE_ON_ERROR:
.PHONY: help demo quick test lint bench docs soak clean

help:
	@sed -n '2,5s/^# *//p' Makefile

ifdef INPUT
demo: .venv/.installed
	@$(BIN)/livemaster render "$$INPUT" $${OUTPUT:+--output "$$OUTPUT"} $(ARGS)
else
demo: .venv/.installed $(DEMO)
	@$(BIN)/livemaster render demo/song.wav --output "$${OUTPUT:-demo/master.wav}" --platform spotify \
		--arrangement demo/arrangement.json --emotion demo/emotion_graph.json --force $(ARGS)
endif

demo/song.wav: examples/make_demo_song.py examples/demo_band.py examples/demo_composition.py | .venv/.installed
	@$(BIN)/python examples/make_demo_song.py demo

demo/arrangement.json demo/emotion_graph.json: demo/song.wav ;

quick: .venv/.installed-dev
	@$(BIN)/ruff check . && $(BIN)/ruff format --check . && $(BIN)/mypy
	@$(BIN)/python -m pytest -n 2 --dist worksteal -q $(QUICK) $(ARGS)

test: .venv/.installed-dev
	@$(BIN)/python -m pytest -n 2 --dist worksteal --ignore tests/bench $(ARGS)

lint: .venv/.installed-dev
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy

bench: .venv/.installed-bench
	@$(TOOLS) $(BIN)/python tests/bench/run.py $(ARGS)

soak: .venv/.installed-dev
	@$(TOOLS) $(BIN)/python tools/soak/mutations.py
	@$(TOOLS) $(BIN)/python tools/soak/soak.py $(ARGS)
	@$(TOOLS) $(BIN)/python tools/soak/live_soak.py $(ARGS)

docs: .venv/.installed-docs
	@NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --quiet
	@echo "build/docs/index.html"

clean:
	@rm -rf .venv build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis
	@rm -f $(DEMO) $(RESULTS)
	@rmdir demo 2>/dev/null || true
	@find livemaster tests tools examples -name __pycache__ -prune -exec rm -rf {} +

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
		echo "livemaster needs Python 3.11 or newer; '$(PYTHON)' is" \
			"$$($(PYTHON) --version 2>/dev/null || echo not there). Name one: make PYTHON=python3.12 …" >&2; exit 1; }
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null || { \
		echo "'$(PYTHON)' has no venv module. On Debian and Ubuntu: apt-get install python3-venv" >&2; exit 1; }
	@$(PYTHON) -m venv --clear .venv || { rm -rf .venv; exit 1; }

.venv/.installed: pyproject.toml $(BIN)/python
	@echo "Installing livemaster into .venv (the first time may take a minute)"
	@$(PIP) install --editable .
	@touch $@

.venv/.installed-dev: pyproject.toml $(BIN)/python
	@echo "Installing livemaster and its test tools into .venv (the first time may take a minute)"
	@$(PIP) install --editable '.[dev]'
	@touch .venv/.installed $@

.venv/.installed-docs: pyproject.toml $(BIN)/python
	@echo "Installing livemaster and what makes its documentation into .venv"
	@$(PIP) install --editable '.[dev,docs]'
	@touch .venv/.installed .venv/.installed-dev $@

.venv/.installed-bench: pyproject.toml $(BIN)/python
	@echo "Installing livemaster and its benchmark peers into .venv (the first time may take a minute)"
	@$(PIP) install --editable '.[dev,bench]'
	@touch .venv/.installed .venv/.installed-dev $@
