# make run | test | test-library | test-all | lint | docs | bench | clean      (needs Python >= 3.11 and make, nothing else)

# Replications of the main job: less than a minute on two cores with the compiled engine.
N ?= 1000
SCENARIO ?= china-october-2025
RESULTS ?= results/$(SCENARIO)

PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
VENV := .venv
TEST := .venv-test
BENCH := .venv-bench
SOURCES := $(shell find simulator scenarios notebooks -type f -not -name '*.pyc')
METADATA := setup.cfg pyproject.toml README.md LICENSE
PIP := -m pip --disable-pip-version-check --quiet

.PHONY: run test test-library test-all lint types docs bench clean
.DELETE_ON_ERROR:

run: $(VENV)/.installed
	$(VENV)/bin/paxsim run $(SCENARIO) -n $(N) -o $(RESULTS) --force
	@echo "The report is $(RESULTS)/report.html"

test: lint types
	PAXSIM_TEST_INSTALLED=1 $(TEST)/bin/pytest -n 2 -m "not slow"

# 200 replications of every packaged scenario, and 20 in two engines: some minutes on two cores.
test-library: $(TEST)/.installed
	PAXSIM_TEST_INSTALLED=1 $(TEST)/bin/pytest -n 2 -m slow -k "not simpy" tests/scenarios

# With every extra, so that no test is skipped for want of one.
test-all: lint types $(TEST)/.extras
	PAXSIM_TEST_INSTALLED=1 $(TEST)/bin/pytest -n 2

lint: $(TEST)/.installed
	$(TEST)/bin/ruff check .
	$(TEST)/bin/ruff format --check .

types: $(TEST)/.installed
	$(TEST)/bin/mypy --strict simulator

# The manual, into site/: a broken link or a warning fails.
docs: $(TEST)/.installed
	NO_MKDOCS_2_WARNING=1 $(TEST)/bin/mkdocs build --strict --quiet
	@echo "The manual is site/index.html"

# Writes benchmarks/results.json and docs/performance.md; takes some minutes, on an idle machine.
bench: $(BENCH)/.installed
	$(BENCH)/bin/python -m benchmarks.bench

clean:
	rm -rf $(VENV) $(TEST) $(BENCH) build dist site *.egg-info .mypy_cache .pytest_cache .ruff_cache .hypothesis

# Each stamp is newer than what it was made from; nothing is installed twice.
$(VENV)/.installed: $(METADATA)
	@$(call need_python)
	test -x $(VENV)/bin/python || $(PYTHON) -m venv $(VENV)
	$(VENV)/bin/python $(PIP) install --editable .
	@touch $@

$(BENCH)/.installed: $(METADATA)
	@$(call need_python)
	test -x $(BENCH)/bin/python || $(PYTHON) -m venv $(BENCH)
	$(BENCH)/bin/python $(PIP) install --editable ".[benchmark]"
	@touch $@

# Tests run against the wheel, in an environment of its own, never against the source folder.
$(TEST)/.installed: $(TEST)/.dependencies $(SOURCES)
	rm -rf build dist
	$(TEST)/bin/python $(PIP) wheel --no-deps --wheel-dir dist .
	$(TEST)/bin/python $(PIP) install --no-deps --force-reinstall dist/*.whl
	@touch $@

$(TEST)/.dependencies: $(METADATA)
	@$(call need_python)
	test -x $(TEST)/bin/python || $(PYTHON) -m venv $(TEST)
	$(TEST)/bin/python $(PIP) install ".[test,dev,cluster,docs]"
	@touch $@

$(TEST)/.extras: $(TEST)/.dependencies | $(TEST)/.installed
	$(TEST)/bin/python $(PIP) install ".[benchmark,notebook]"
	$(TEST)/bin/python $(PIP) install --no-deps --force-reinstall dist/*.whl
	@touch $@

define need_python
if [ -z "$(PYTHON)" ]; then echo "Python 3.11 or newer is needed; name it with make PYTHON=..." >&2; exit 1; fi
endef
