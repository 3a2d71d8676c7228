# 闭环. Needs Python 3.11 and make; everything else is installed into .venv/.
PYTHON ?= python3
BIN = .venv/bin
FLASK = $(BIN)/flask --app wsgi
SOURCES = app tests bench wsgi.py migrations/env.py

.DEFAULT_GOAL = help
.PHONY: help setup dev demo test lint bench clauses pictures

help: ## show this list
	@awk -F':.*## ' '/^[a-z]+:.*## / { printf "make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: .venv/installed .venv/assets ## build .venv/ from the locked requirements, and fetch what pages load

dev: .venv/installed-dev .venv/assets

# A half-made .venv is made again: the mark is written last.
.venv/installed: requirements.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || (echo "需要 Python 3.11 或更新的版本。"; exit 1)
	@$(PYTHON) -m venv --clear .venv || (echo "本机 Python 缺少 venv：请运行 apt-get install python3-venv。"; exit 1)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.txt
	@touch $@

# npm runs with the Node that came by pip; scripts of packages are never run.
.venv/assets: .venv/installed package.json package-lock.json $(wildcard frontend/* app/pages/templates/*)
	PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/npm ci --ignore-scripts --no-audit --no-fund --loglevel=error
	PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/npm run --silent build
	@mkdir -p app/static/swagger
	@cp node_modules/swagger-ui-dist/swagger-ui.css node_modules/swagger-ui-dist/swagger-ui-bundle.js app/static/swagger/
	@touch $@

.venv/installed-dev: .venv/installed requirements-dev.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.txt
	@touch $@

demo: setup ## a made-up city's month, then the page on http://127.0.0.1:8000
	$(FLASK) demo

test: dev lint ## lint, types, import contracts and the suite, on an embedded PostgreSQL
	$(BIN)/python -m pytest -n 2

lint: dev ## style, types and who may import whom
	$(BIN)/ruff check $(SOURCES)
	$(BIN)/ruff format --check $(SOURCES)
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: dev ## figures beside their anchors, in one run; also in instance/bench.json
	$(BIN)/python -m bench

clauses: dev ## every row of the five programmes → element → clause → test
	$(BIN)/python -m tests.clauses

pictures: setup ## draw the pictures of the diagrams anew
	$(FLASK) programmes picture
