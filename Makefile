# Two commands: `make run` sets up and serves the app, `make test` sets up and passes all the tests.
# `make test-fast` passes those that need no browser.
#
#   PORT=8765           port of the app
#   TORCH_INDEX=<url>   install torch first, from this package index: without a GPU, give the address of
#                       PyTorch's own CPU wheels (see the README) and save gigabytes of CUDA packages
#   PYTHON=python3.12   another Python (3.11 or newer)
#
# `make load` fills the app with readers: READERS=60 THINK=2 SECONDS=60 TRAINERS=0 REPLICAS=1

PORT ?= 8501
PYTHON ?= python3
READERS ?= 60
TRAINERS ?= 0
SECONDS ?= 60
THINK ?= 2
REPLICAS ?= 1
TORCH_INDEX ?=
VENV := .venv
PY := $(VENV)/bin/python
PIP := $(PY) -m pip --disable-pip-version-check install --quiet
TORCH := $(shell grep '^torch==' requirements.txt)

.PHONY: run test test-fast check format bench load screenshots clean

run: $(VENV)/.run
	$(VENV)/bin/streamlit run app.py --server.port $(PORT)

test: check $(VENV)/.browser
	$(PY) -m pytest -n 2 --dist worksteal

test-fast: check
	$(PY) -m pytest -n 2 --dist worksteal --ignore tests/browser

check: $(VENV)/.dev
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/mypy

format: $(VENV)/.dev
	$(VENV)/bin/ruff check --fix .
	$(VENV)/bin/ruff format .

bench: $(VENV)/.browser
	$(PY) -m benchmarks

load: $(VENV)/.browser
	$(PY) -W ignore -m benchmarks.load --readers $(READERS) --trainers $(TRAINERS) --seconds $(SECONDS) --think $(THINK) --replicas $(REPLICAS)

screenshots: $(VENV)/.browser
	$(PY) -m tests.browser.screenshots

clean:
	rm -rf $(VENV)

# Stamps: a step is done again only when its requirements change.

$(VENV)/.made:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed; this is $$($(PYTHON) --version). Try: make PYTHON=python3.12"; exit 1; }
	@$(PYTHON) -c 'import ensurepip' 2>/dev/null || { \
	  if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then apt-get update -qq && apt-get install -y -qq python3-venv; \
	  else echo "Python's venv module is missing. On Debian: sudo apt-get install python3-venv"; exit 1; fi; }
	$(PYTHON) -m venv $(VENV)
	touch $@

$(VENV)/.run: requirements.txt $(VENV)/.made
	$(if $(TORCH_INDEX),$(PIP) $(TORCH) --index-url $(TORCH_INDEX))
	$(PIP) -r requirements.txt
	touch $@

$(VENV)/.dev: requirements-dev.txt $(VENV)/.run
	$(PIP) -r requirements-dev.txt
	touch $@

$(VENV)/.browser: tests/browser/setup.sh $(VENV)/.dev
	sh tests/browser/setup.sh $(PY)
	touch $@
