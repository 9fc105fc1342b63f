# Every target sets up what it needs. `make` alone lists them.

PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11 python; do \
  $$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --quiet --disable-pip-version-check install
JOBS ?= 2
SIDE_BY_SIDE = -n $(JOBS) --dist loadfile --no-loadscope-reorder
# What was compiled is kept, whatever the environment says: hundreds of processes start in a run.
KEEP := PYTHONDONTWRITEBYTECODE=
RUN := $(VENV)/.run-$(shell cat requirements.lock pyproject.toml 2>/dev/null | cksum | cut -d' ' -f1)
DEV := $(RUN)-$(shell cksum < requirements-dev.lock 2>/dev/null | cut -d' ' -f1)
CODE := hub adapters mappings workers admin sandbox tests benchmarks docs

.DEFAULT_GOAL := help
.PHONY: help .venv dev up test quick long journey chaos histories hostile simulate check fmt bench peers docs lock clean advisories pin-images
.DELETE_ON_ERROR:

help: ## list what can be made
	@awk -F ':.*## ' '/^[.a-z]+:.*## /{printf "make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.venv: $(RUN) ## set up the virtual environment to run the hub in: .venv/bin/orderhub

dev: $(DEV) ## set up what tests and checks need on top of it

up: $(RUN) ## start the hub with its own database, sandbox partners and real orders
	@exec $(BIN)/orderhub up --demo

test: $(DEV) ## run the whole test suite, JOBS=2 files at a time; ARGS="-k word" runs a part of it
	@$(KEEP) $(BIN)/python -m pytest $(SIDE_BY_SIDE) $(ARGS)

quick: $(DEV) ## run the tests that need no server and no minute, in one order: for between two edits
	@$(KEEP) $(BIN)/python -m pytest $(SIDE_BY_SIDE) -m quick -p no:randomly $(ARGS)

check: $(DEV) ## check style, types, import rules, migrations and translations
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo importlinter.toml
	$(BIN)/python -m tests.kit.in_step
	$(BIN)/python -m tests.supply.leaks

advisories: $(DEV) ## ask for known holes of the locked packages; leaves with 3 where they cannot be asked
	@$(BIN)/python -m tests.supply.advisories

pin-images: $(DEV) ## write the digest of today beside each image's tag (needs docker and its registry)
	@$(BIN)/python -m tests.supply.images --pin

fmt: $(DEV) ## format the code and mend what can be mended
	$(BIN)/ruff check --fix-only --quiet .
	$(BIN)/ruff format .

journey: $(DEV) ## 2,000 orders while workers are killed, recorded orders end to end, rates beside trouble
	@ORDERHUB_JOURNEY_ORDERS=$${ORDERS:-2000} $(BIN)/python -m pytest tests/journeys tests/workers/wakeups/test_rates.py \
	  tests/gateway/server/test_fair_callers.py --long -s -q

chaos: $(DEV) ## orders while processes, broker, database, lines and partners fail; SECONDS, SEED
	@$(BIN)/python -m tests.chaos $(if $(SECONDS),--seconds $(SECONDS)) $(if $(SEED),--seed $(SEED)) $(ARGS)

simulate: $(DEV) ## play schedules under faults; SCHEDULES=5000 plays more, SEED=7 plays one again
	@$(BIN)/python -m tests.simulation $(if $(SCHEDULES),--schedules $(SCHEDULES)) $(if $(SEED),--seed $(SEED))

histories: $(DEV) ## play random histories of stock, returns and money; COUNT of each, FIRST seed, ONLY=money
	@$(BIN)/python -m tests.histories $(if $(COUNT),--count $(COUNT)) $(if $(FIRST),--first $(FIRST)) \
	  $(if $(ONLY),--only $(ONLY)) $(ARGS)

hostile: $(DEV) ## spoilt inputs through every door; INPUTS, SEED
	@$(BIN)/python -m tests.hostile $(if $(INPUTS),--inputs $(INPUTS)) $(if $(SEED),--seed $(SEED)) $(ARGS)

bench: $(DEV) ## measure against bare floors, one JSON line each; ONLY=intake runs one
	@$(BIN)/python -m benchmarks $(ONLY)

adapter: $(DEV) ## begin an adapter: NAME=northdock PORT=warehouse, TALKS=polled for one that is asked
	@$(BIN)/orderhub adapter new $(NAME) --port $(PORT) $(if $(TALKS),--talks $(TALKS))

peers: $(DEV) ## run the tests that install and start real third-party systems (Tryton, Vendure)
	@$(BIN)/python -m pytest -m peer --long $(ARGS)

long: $(DEV) ## run the long forms that `make test` leaves out: every trouble with Tryton, every PostgreSQL
	@$(KEEP) $(BIN)/python -m pytest $(SIDE_BY_SIDE) -m long --long $(ARGS)

levels: $(DEV) ## run what shows how far each adapter is, and keep it beside the adapter
	$(BIN)/python -m tests.kit.levels

docs: $(DEV) ## generate the parts of docs/ that come from the code
	$(BIN)/python -m docs

lock: ## renew the lock files (needs uv and npm); UPGRADE=1 takes newer versions
	uv pip compile pyproject.toml --extra build $(LOCK) -o requirements.lock
	uv pip compile pyproject.toml --extra build --extra dev $(LOCK) -c requirements.lock -o requirements-dev.lock
	uv pip compile --group bom $(LOCK) -c requirements-dev.lock -o requirements-bom.lock
	uv pip compile tests/peers/tryton.in $(LOCK) -o tests/peers/tryton.lock
	npm install --prefix tests/peers/postgres --package-lock-only --omit-lockfile-registry-resolved \
	  --ignore-scripts --no-audit --no-fund --silent
	npm install --prefix tests/peers/vendure --package-lock-only --omit-lockfile-registry-resolved \
	  --ignore-scripts --no-audit --no-fund --silent
	node -e 'const f = process.argv[1], fs = require("fs"), t = JSON.parse(fs.readFileSync(f)); for (const p of Object.values(t.packages)) { delete p.funding; delete p.resolved } fs.writeFileSync(f, JSON.stringify(t, null, 2) + "\n")' tests/peers/vendure/package-lock.json

LOCK := --quiet --universal --python-version 3.11 --generate-hashes --no-annotate \
  --no-emit-index-url --no-emit-find-links $(if $(UPGRADE),--upgrade) \
  --custom-compile-command 'make lock'

clean: ## remove the environment and what was built; the hub's data in var/ stays
	rm -rf $(VENV) build *.egg-info .mypy_cache .ruff_cache .pytest_cache .import_linter_cache

# The stamps are named after what went in, so that a changed lock file or pyproject.toml, and only
# that, installs anew; the project itself is built from the locked setuptools, without the network.
$(RUN):
	@test -n "$(PYTHON)" || { echo "make: no Python of version 3.11 or later is on the PATH" >&2; exit 1; }
	@echo "setting up $(VENV)" >&2
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV) >&2
	@$(PIP) --require-hashes -r requirements.lock >&2
	@$(PIP) --no-deps --no-build-isolation --no-index -e . >&2
	@rm -f $(VENV)/.run-*
	@touch $@

$(DEV): $(RUN)
	@echo "adding what tests need" >&2
	@$(PIP) --require-hashes -r requirements-dev.lock >&2
	@touch $@
