# Everything a person or a machine does with this house. Only Python 3.11 is needed beforehand.
SHELL := /bin/bash
PY := .venv/bin/python
PORT ?= 8000
DATA_DIR ?= $(CURDIR)/var/data
DEMO_MODE ?= 1
QUICK := not browser and not soak and not faults and not crawl

.PHONY: run test test-fast test-sqlite test-postgres test-crawl test-faults test-browser screens soak proofs bench lint format lock snapshots messages base dev help

help:
	@echo "make run        serve the house on PORT ($(PORT)), its data in DATA_DIR"
	@echo "make test-fast  SQLite, without a browser"
	@echo "make test       lint, SQLite, PostgreSQL, faults and browser"
	@echo "make screens    photographs of the main screens, in var/screens"
	@echo "make soak       long runs under load; make bench: measurements"
	@echo "make proofs     take the figures of the last test runs over into docs/reliability.md"
	@echo "make lint       style, layers, types; make format: mend the style"
	@echo "make snapshots  write down again the wiring, the API's schema and the rules covered, for docs/"
	@echo "make lock       solve the dependencies again; make messages: collect sentences to translate"

base:
	@bin/bootstrap base
	@bin/assets base

dev: base
	@bin/bootstrap dev
	@bin/assets dev

run: base
	@export PORT=$(PORT) DATA_DIR="$(DATA_DIR)" DEMO_MODE=$(DEMO_MODE); $(PY) manage.py prepare && exec $(PY) manage.py serve

test-fast: dev
	$(PY) manage.py compile_catalogue
	$(PY) -m pytest -n 2 --dist worksteal -m "$(QUICK)"

test: lint test-sqlite test-postgres test-crawl test-faults test-browser

test-sqlite: test-fast

test-postgres: dev
	$(PY) -m tests.postgres -- $(PY) -m pytest -n 2 --dist worksteal -m "$(QUICK)"

# Every page, verb and figure is tried as every role: once, for what they do is tested on both databases elsewhere.
test-crawl: dev
	$(PY) manage.py compile_catalogue
	$(PY) -m pytest -n 2 --dist worksteal -m "crawl and not soak"

# Processes are killed for real; on PostgreSQL with fsync, as in earnest.
test-faults: dev
	$(PY) -m pytest -n 2 --dist worksteal -m "faults and not soak"
	$(PY) -m tests.postgres --fsync -- $(PY) -m pytest -n 2 --dist worksteal -m "faults and not soak"

# The walk through the whole line takes as long as half of the others: it begins first.
test-browser: dev
	@bin/chromium
	$(PY) manage.py compile_catalogue
	$(PY) -m pytest -n 2 --dist loadscope --no-loadscope-reorder -m browser \
		--ignore tests/browser/test_screens.py tests/browser/test_whole_line.py tests

# Photographs of the main screens, wide and on a phone, light and dark, in var/screens.
screens: dev
	@bin/chromium
	$(PY) manage.py compile_catalogue
	$(PY) -m pytest -m browser tests/browser/test_screens.py

soak: dev
	$(PY) -m pytest -m soak
	$(PY) -m tests.postgres --fsync -- $(PY) -m pytest -m soak

# Take the figures of the last runs over into docs/proofs.jsonl and the table of docs/reliability.md.
proofs:
	$(PY) -m tests.proofs

bench: dev
	$(PY) -m tests.postgres --fsync -- $(PY) benchmarks/run.py

lint: dev
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/lint-imports
	.venv/bin/mypy

format: dev
	.venv/bin/ruff check --fix .
	.venv/bin/ruff format .

# What the contract tests compare with: commit the difference when a flow was changed on purpose.
# Whole or not at all: a command that fails leaves the old text.
snapshots: dev
	DJANGO_SETTINGS_MODULE=tests.settings $(PY) manage.py wiring > docs/.new && mv docs/.new docs/wiring.txt
	$(PY) -m tests.contracts.openapi > docs/.new && mv docs/.new docs/openapi.yaml
	$(PY) -m tests.contracts.coverage

messages: dev
	$(PY) manage.py update_catalogue

lock: dev
	$(PY) -m pip install -qq uv
	.venv/bin/uv pip compile pyproject.toml $(LOCK) --upgrade -o requirements/base.txt
	.venv/bin/uv pip compile pyproject.toml $(LOCK) --upgrade --extra dev -c requirements/base.txt -o requirements/dev.txt

LOCK := --quiet --universal --python-version 3.11 --generate-hashes --no-annotate \
	--no-emit-index-url --no-emit-find-links --custom-compile-command "make lock"
