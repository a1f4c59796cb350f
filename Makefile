# The two commands: `make demo` and `make test`. Each installs what it needs, once.
PYTHON ?= python3
TORCH ?= torch==2.13.0
BIN := .venv/bin
READY := .venv/.ready
export NO_MKDOCS_2_WARNING := 1
READY_DEV := .venv/.ready-dev

.PHONY: setup demo test check types docs bench clean

setup: $(READY)

$(READY): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit("scanwright needs Python 3.11 or newer; this is " + sys.version.split()[0] + ". Run: make PYTHON=python3.12 ...") if sys.version_info < (3, 11) else None'
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --upgrade pip
	$(BIN)/python -m pip install --quiet "$(TORCH)" -c constraints.txt
	$(BIN)/python -m pip install --quiet -e . -c constraints.txt
	@touch $(READY)

$(READY_DEV): $(READY)
	$(BIN)/python -m pip install --quiet -e ".[dev,docs]" -c constraints.txt
	@touch $(READY_DEV)

demo: $(READY)
	$(BIN)/scanwright demo -o demo

test: check
	$(BIN)/pytest -n auto --dist worksteal
	$(BIN)/mkdocs build --strict --quiet --site-dir site

check: $(READY_DEV)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy

docs: $(READY_DEV)
	$(BIN)/mkdocs build --strict --site-dir site

bench: $(READY_DEV)
	$(BIN)/python benchmarks/run.py

clean:
	rm -rf .venv site demo .mypy_cache .ruff_cache .pytest_cache .hypothesis
