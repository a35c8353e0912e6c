# The commands of this project. Each sets up what it needs in .venv and .nox, and nothing outside.
# The newest Python that runs; another one with `make test PYTHON=/path/to/python`.
PYTHON ?= $(shell for name in python3.14 python3.13 python3.12 python3.11 python3; do \
	$$name -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1 && echo $$name && break; done)
NOX := .venv/bin/nox

.PHONY: demo test accuracy conformity bench clean

demo: $(NOX) ## Run the gates on a small service as it was found, and put right.
	$(NOX) --session demo

test: $(NOX) ## Pass all tests and checks on every Python found here.
	$(NOX)

accuracy: $(NOX) ## Measure how right the call-site facts are, on labelled packages from the index.
	$(NOX) --session accuracy

conformity: $(NOX) ## Hold the whole catalogue against the real libraries; `make test` takes what changed and a sample.
	$(NOX) --session conformity

bench: $(NOX) ## Measure what a run costs on real suites, and how that grows; takes hours on a quiet machine, goes on where it was stopped.
	$(NOX) --session bench

$(NOX):
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer is needed; name it with PYTHON=/path/to/python"; exit 1; }
	$(PYTHON) -m venv .venv
	.venv/bin/python -m pip install --quiet "nox>=2024.10.9"

clean: ## Remove what the others made.
	rm -rf .venv .nox .coverage .coverage.*
