# Two commands: `make narrate` and `make test`. All else is in CONTRIBUTING.md.

PYTHON  ?= $(shell for p in python3 python3.13 python3.12 python3.11; do \
             $$p -c 'import sys, venv; sys.exit(sys.version_info < (3, 11))' 2>/dev/null \
             && echo $$p && break; done)
ARTICLE ?= examples/article.md
BIN     := .venv/bin
PIP     := $(BIN)/python -m pip --disable-pip-version-check
COMPILE := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --no-annotate \
             --custom-compile-command "make constraints" $(if $(UPGRADE),--upgrade)

.PHONY: narrate serve test lint format docs soak fuzz constraints sbom clean help

narrate: .venv/ready  ## ARTICLE (a path or URL) becomes an MP3 in out/
	@mkdir -p out
	@$(BIN)/narrator narrate $(ARTICLE) -o out/ --captions

serve: .venv/ready  ## the HTTP service, with a demo page at http://127.0.0.1:8080/demo
	@$(BIN)/narrator serve

test: .venv/dev lint  ## every check; may use apt for what a test needs besides Python
	@tests/install
	$(BIN)/pytest --numprocesses 4 --dist loadfile

lint: .venv/dev  ## style and types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

format: .venv/dev  ## before you commit
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

docs: .venv/dev  ## the documentation as a site, in build/docs
	$(BIN)/mkdocs build --strict --site-dir build/docs

soak: .venv/dev  ## the long kills
	$(BIN)/pytest -m soak --timeout 3600

fuzz: .venv/dev  ## what strangers send, for MINUTES (10), ONLY=html,feed; INPUT=FILE repeats a finding
	@$(BIN)/python tests/fuzz $(if $(MINUTES),--minutes $(MINUTES)) $(if $(ONLY),--only $(ONLY)) \
	  $(if $(INPUT),--input $(INPUT))

constraints: .venv/dev  ## pins what pyproject.toml newly names; all anew with UPGRADE=1
	$(COMPILE) --generate-hashes --extra objects --extra postgres pyproject.toml -o constraints/runtime.txt
	$(COMPILE) --generate-hashes -c constraints/runtime.txt --group build -o constraints/build.txt
	$(COMPILE) -c constraints/runtime.txt -c constraints/build.txt --extra dev pyproject.toml -o constraints/dev.txt

sbom: .venv/dev  ## what is shipped and under which licences, as CycloneDX JSON in out/
	@$(BIN)/python constraints/bill.py out/narrator.cdx.json

clean:  ## remove the environment and all that was made
	rm -rf .venv out build dist

help:  ## this list
	@sed -n 's/^\([a-z]*\):[^#]*## */\1\t/p' Makefile | expand -t 14

.venv/ready: pyproject.toml constraints/runtime.txt constraints/build.txt
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer with venv is needed." >&2; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@echo "Setting up .venv (once, about 300 MB) ..."
	@$(PIP) install --quiet --require-hashes -r constraints/build.txt
	@$(PIP) install --quiet --require-hashes --no-build-isolation -r constraints/runtime.txt
	@$(PIP) install --quiet --no-deps --no-build-isolation -e .
	@touch $@

.venv/dev: .venv/ready constraints/dev.txt
	@$(PIP) install --quiet -c constraints/dev.txt --no-build-isolation -e ".[dev]"
	@touch $@
