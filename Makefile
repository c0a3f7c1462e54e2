# What there is to do, and how. `make` alone lists it. Needs: make, and Python 3.11 to 3.14 with its venv module;
# what is missing is named, with the package that brings it.
#
#   PYTHON=python3.13   the interpreter for the environment (default: the newest that fits)
#   VENV=.venv          where the environment lives
#   JOBS=2              how many processes the tests use (0: none but the first)
#   ARGS='-k frontier'  more arguments for pytest
#   SEEDS=0-499         the small worlds that `make simulate` plays before the archive
#   FUZZ_SECONDS=60     how long `make fuzz` asks each reader
#   SITES=DIR           the sites for `make bench-discovery` and `make bench-redesigns`
#   ARTICLES=DIR        the pages for `make bench-extraction`
#   UPGRADE=1           for `make lock`: move to newer releases

SHELL := /bin/sh
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

VENV ?= .venv
JOBS ?= 2
ARGS ?=
SEEDS ?= 0-499
ARTICLES ?= build/articles
SITES ?=
FUZZ_SECONDS ?= 60
PY := "$(VENV)/bin/python"
DEMO_DATABASE := build/demo.db

export VENV
export PYTHON

.PHONY: help
help: ## list the targets
	@echo "make demo and make test do everything on a machine with Python 3.11 or later. All targets:"
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1|\2/p' Makefile | while IFS='|' read -r name what; do \
		printf '%-18s %s\n' "$$name" "$$what"; done

.PHONY: venv
venv: ## make or refresh .venv for development, from the hashed requirements
	@sh scripts/venv.sh dev

.PHONY: demo
demo: ## replay the recorded ICESCO pages into build/demo.db and show the digest
	@sh scripts/venv.sh runtime
	@mkdir -p build && rm -f $(DEMO_DATABASE) $(DEMO_DATABASE)-wal $(DEMO_DATABASE)-shm
	"$(VENV)/bin/tidings" replay fixtures/icesco/en --database sqlite:///$(DEMO_DATABASE)
	"$(VENV)/bin/tidings" digest --database sqlite:///$(DEMO_DATABASE)

.PHONY: test
test: check ## all checks, then all tests, with a real PostgreSQL from a wheel
	$(PY) -m pytest --numprocesses=$(JOBS) --durations=10 $(ARGS)

.PHONY: check
check: venv ## requirements in step, ruff, mypy and the import contracts
	$(PY) scripts/lock.py --check
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	$(PY) -m mypy
	$(PY) scripts/contracts.py

.PHONY: format
format: venv ## format the code and mend what ruff can mend
	$(PY) -m ruff check --fix .
	$(PY) -m ruff format .

.PHONY: coverage
coverage: venv ## the tests with branch coverage, also of child processes; report in build/coverage/html
	@rm -rf build/coverage && mkdir -p build/coverage
	$(PY) -m pytest --numprocesses=$(JOBS) --cov --cov-report=term --cov-report=html $(ARGS)

.PHONY: crash
crash: venv ## the long crash test: SIGKILL and every other fault at every point, on both databases
	$(PY) -m pytest tests/crash tests/faults tests/soak -m heavy --timeout=3600 --durations=10 $(ARGS)

.PHONY: outbox
outbox: venv ## senders killed and receivers failing 500 times on each database; the last lines tell what came twice
	$(PY) -m tests.crash.outbox 500 $(ARGS)

.PHONY: soak
soak: venv ## a month in ten minutes, on both databases, with everything that may befall them (ARGS='--days 3 --minutes 1 --database sqlite')
	$(PY) -m tests.soak $(ARGS)

.PHONY: simulate
simulate: venv ## crawl a synthetic archive through random events and kills, by one scheduler and by two, and compare the log (ARGS='--sqlite 0-19')
	$(PY) -m tests.simulation $(SEEDS)
	$(PY) -m tests.simulation.archive --jobs $(JOBS) $(ARGS)

.PHONY: fuzz
fuzz: venv ## let Hypothesis write for the gate, the feed readers and the recording readers (FUZZ_SECONDS=3600, ARGS='feeds')
	$(PY) -m tests.fuzz $(FUZZ_SECONDS) $(ARGS)

.PHONY: simulate-freshness
simulate-freshness: venv ## how soon news is found by the adaptive schedule, beside others that ask as often (ARGS='0-9 --reads 24')
	$(PY) -m tests.simulation.freshness $(ARGS)

.PHONY: bench
bench: venv ## what a round over 1,000 sources costs, beside a bare Scrapy spider (ARGS='--hosts 200 --repeat 1')
	$(PY) -m benchmarks $(ARGS)

.PHONY: bench-cluster
bench-cluster: venv ## what workers crawl, and what their queue and PostgreSQL cost (ARGS='--hosts 200 --repeat 1')
	$(PY) -m benchmarks.cluster $(ARGS)

.PHONY: bench-scale
bench-scale: venv ## what rounds over 1,000 to 50,000 sources cost, beside bare Scrapy and urlwatch (ARGS='--sizes 1000')
	$(PY) -m benchmarks.scale $(ARGS)

.PHONY: bench-discovery
bench-discovery: venv ## how well listings are found, on sites with known truth (SITES=DIR, ARGS='--channel all -v')
	@test -d "$(SITES)" || { echo "make bench-discovery SITES=DIR: DIR holds a folder with truth.json for each site" >&2; exit 2; }
	$(PY) -m benchmarks.discovery $(SITES) $(ARGS)

.PHONY: pictures
pictures: venv ## make the pictures of docs/pages.md anew, in a real browser
	"$(VENV)/bin/python" -m pytest -q tests/pages/browser
	"$(VENV)/bin/python" scripts/pictures.py

.PHONY: bench-extraction
bench-extraction: venv ## how well articles are read without selectors, beside the libraries alone (ARTICLES=DIR)
	$(PY) -m benchmarks.extraction --articles "$(ARTICLES)" $(ARGS)

.PHONY: bench-redesigns
bench-redesigns: venv ## what is told after real redesigns of listings (SITES=DIR, ARGS='NAME …')
	$(PY) -m benchmarks.redesigns "$(SITES)" $(ARGS)

.PHONY: bench-web
bench-web: venv ## how long the web server's answers take with a million articles stored (ARGS='--articles 20000 --database sqlite')
	$(PY) -m benchmarks.web $(ARGS)

.PHONY: bench-stories
bench-stories: venv ## how well stories are found, and what that costs (ARGS='--sizes 10000 100000')
	$(PY) -m benchmarks.stories $(ARGS)

.PHONY: bench-search
bench-search: venv ## what searching costs with many articles (ARGS='--articles 1000000 --database URL')
	$(PY) -m benchmarks.search $(ARGS)

.PHONY: lock
lock: venv ## pin and hash the dependencies anew after a change of pyproject.toml (UPGRADE=1: newer releases)
	$(PY) -m pip install --disable-pip-version-check --quiet --require-hashes -r requirements/lock.txt
	$(PY) scripts/lock.py $(if $(UPGRADE),--upgrade)

.PHONY: dist
dist: venv ## build the source archive and the wheel into build/dist
	$(PY) -m hatchling build -d build/dist

.PHONY: clean
clean: ## remove what the other targets made, but not the environment
	rm -rf build .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis
