# `make run` and `make test` do all the set-up by themselves; README.md says what to expect.
.DEFAULT_GOAL := help
.PHONY: help setup setup-test setup-bench bench-receive bench-networks bench-talkers run test lint types compiled tests test-disk streamdeck companion format clean
PY := .venv/bin/python
# Python keeps what it compiled, whatever the shell says. Else each of the tests' thousand processes compiles it again.
unexport PYTHONDONTWRITEBYTECODE

help: ## what can be made
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-13s %s\n", $$1, $$2}'

setup: ## the set-up alone; quiet when there is nothing to do
	@sh scripts/setup.sh run

setup-test:
	@sh scripts/setup.sh test

setup-bench: ## what the benchmarks of the receive path need besides: PESQ (built with a C compiler), STOI, plots
	@sh scripts/setup.sh bench

bench-receive: setup-bench ## ours, Chromium and aiortc on the same bad networks, three rounds (20 min); leave the machine alone
	@$(PY) -m benchmarks.receive --rounds 3 --save

bench-networks: setup-bench ## our receive path on 19 drawn networks, one of each kind, in simulated time (4 min)
	@$(PY) -m benchmarks.receive.networks run --systems ours,ceiling
	@$(PY) -m benchmarks.receive.networks report

bench-talkers: setup-bench ## fifteen talkers at once: CPU and lateness of the media process (2 min)
	@$(PY) -m benchmarks.sound.talkers

run: setup ## start the pipeline (FOR=30: listen for 30 s, report, end)
	@.venv/bin/partyline up --foreground $(if $(FOR),--for $(FOR)) || [ $$? = 130 ] # Ctrl-C is how it ends

test: setup-test ## lint, strict types, every test
	@$(MAKE) --no-print-directory -j2 types compiled lint
	@$(MAKE) --no-print-directory tests

# In a fresh checkout pytest rewrites each test file once here, and not once in each of five processes at the same time.
compiled:
	@[ -e tests/structure/__pycache__ ] || $(PY) -m pytest --collect-only -qq >/dev/null || true # `tests` tells what is wrong

lint:
	@.venv/bin/ruff check .
	@.venv/bin/ruff format --check .
	@[ ! -d integrations/node_modules ] || npm run --silent --prefix integrations lint

types:
	@.venv/bin/mypy
	@[ ! -d integrations/node_modules ] || npm run --silent --prefix integrations types

# only the files that have a marker are collected for it: to collect all takes half a minute (tests/conftest.py checks)
marked = $$(grep -rl --include='test_*.py' 'mark\.$(1)' tests)

# the longest files first (tests/support/suite/order.py)
BY_FILE := --dist loadfile --no-loadscope-reorder

tests: # five at a time, for they mostly wait; three of those that judge sound as it is heard; rehearsals side by side; the strictest, alone
	@$(PY) -m pytest -m 'not realtime and not alone' -n 5 $(BY_FILE); waiting=$$?; \
	$(PY) -m pytest $(call marked,realtime) -m 'realtime and not alone' -n 3 $(BY_FILE); sounding=$$?; \
	$(PY) -m pytest $(call marked,alone) -m 'alone and not realtime' -n 3; rehearsing=$$?; \
	$(PY) -m pytest $(call marked,alone) -m 'alone and realtime' && exit $$((waiting | sounding | rehearsing))

test-disk: setup-test ## the workers on a disk that fails, in every way (a usual run takes two)
	@PARTYLINE_TEST_DISK=all $(PY) -m pytest tests/disk

streamdeck: ## the Stream Deck plugin, as a file for Elgato's app (needs Node 20)
	@[ -d integrations/node_modules ] || npm ci --silent --no-audit --no-fund --prefix integrations
	@npm run --silent --prefix integrations -w streamdeck pack

companion: ## the module for Bitfocus Companion, as a package that Companion imports (needs Node 20 or later)
	@command -v npm >/dev/null || { echo 'make companion needs Node 20 or later, with npm: https://nodejs.org' >&2; exit 1; }
	@cd integrations/companion && npm exec --no companion-module-build -- --help >/dev/null 2>&1 || npm ci --silent --no-audit --no-fund --prefix ..
	@cd integrations/companion && npm run --silent package >/dev/null && ls "$$PWD"/*.tgz

format: ## tidy the sources
	@.venv/bin/ruff check --fix .
	@.venv/bin/ruff format .

clean: ## forget the environment (not var/, where tokens and recordings are)
	rm -rf .venv integrations/node_modules .mypy_cache .ruff_cache .pytest_cache
