# `make` lists the targets.
.DEFAULT_GOAL := help
SHELL := /bin/bash
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PORT ?= 5000
STATIC := src/plugin_optimizer/web/static
FRONTEND_SOURCES := $(shell find frontend/src frontend/public -type f 2>/dev/null) $(wildcard frontend/*.json frontend/*.ts frontend/*.mjs)

.PHONY: settings-table help run test check setup dashboard lint typecheck layers unit hunt test-reliability test-reliability-deep test-reliability-seeds live browser frontend-check demo-report \
  bench-probe bench-replay bench-judge bench-switchback bench-detection bench-closed-loop screenshots build clean lock

help: ## list the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | column -t -s "$$(printf '\t')"

run: setup dashboard ## the main job: demo platform, load, engine, API and dashboard (PORT=5000)
	@exec $(BIN)/plugin-optimizer demo --port $(PORT)

test: setup dashboard system-packages check live browser ## everything, on a fresh machine

check: lint typecheck layers unit frontend-check ## the quality bar

setup: $(VENV)/.installed ## virtual environment with hash-locked packages

$(VENV)/.installed: requirements.lock.txt pyproject.toml
	@echo "==> Python packages (hash-locked) into $(VENV)"
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --disable-pip-version-check --no-input --progress-bar on --require-hashes -r requirements.lock.txt | grep -vE '^(Requirement already|  Using cached|Looking in)' || test $${PIPESTATUS[0]} -eq 0
	@$(BIN)/python -m pip install --disable-pip-version-check --no-input --quiet --no-deps --no-build-isolation --editable .
	@touch $@

dashboard: $(STATIC)/.built ## the dashboard's static export

frontend/node_modules/.installed: frontend/package-lock.json
	@echo "==> npm packages (locked, no install scripts)"
	@npm --prefix frontend ci --ignore-scripts --no-audit --no-fund
	@touch $@

$(STATIC)/.built: frontend/node_modules/.installed $(FRONTEND_SOURCES)
	@echo "==> dashboard (static export)"
	@NEXT_TELEMETRY_DISABLED=1 npm --prefix frontend run --silent build
	@rm -rf $(STATIC) && mkdir -p $(STATIC) && cp -R frontend/out/. $(STATIC)/ && touch $@

lint: setup ## ruff: format and rules
	@$(BIN)/ruff format --check . && $(BIN)/ruff check .

typecheck: setup ## mypy --strict
	@$(BIN)/mypy

layers: setup ## import-linter: the layers of the house
	@$(BIN)/lint-imports

# What real processes and real time decide may be late beside others on two shared cores. By itself it has no such excuse.
ALONE := echo "==> what failed beside others is asked once more, by itself; what fails again has failed" && \
  $(BIN)/pytest -q -p no:randomly --last-failed --last-failed-no-failures none

unit: setup ## unit and property tests, in the same order and on the same examples each time
	@$(BIN)/pytest -q -n 2 --dist worksteal --randomly-seed=1 -m "not live and not browser and not extra" || { test $$? -eq 1 && $(ALONE); }

hunt: setup ## unit and property tests on examples and in an order never tried before; what fails is worth a test of its own
	@EXAMPLES=new $(BIN)/pytest -q -n 2 --dist worksteal -m "not live and not browser and not extra"

live: setup ## real gunicorns on loopback (mostly waiting, so more at a time than there are cores; the long ones apart)
	@$(BIN)/pytest -q -n 6 --dist loadgroup -p no:randomly -m "live and not browser" tests/live tests || { test $$? -eq 1 && $(ALONE); }

.PHONY: test-live-extra
test-live-extra: setup extra-packages ## a real systemd and a real Docker Engine in namespaces of their own, half an hour (as root, on cgroups of version 1; says what is missing)
	@$(BIN)/python -m tests.extra_needs
	@$(BIN)/pytest -rs -q -p no:randomly -m extra || { test $$? -eq 1 && $(ALONE); }

browser: setup dashboard ## a real Chromium
	@$(BIN)/pytest -q --randomly-seed=1 -m browser || { test $$? -eq 1 && $(ALONE); }


SEED ?= 1
test-reliability: setup tracing ## every promise measured, at most 25 minutes: promise, what was done, measured, target, held
	@$(BIN)/python -m tests.reliability --seed $(SEED)

test-reliability-deep: setup tracing ## the same with the full figures: hours
	@$(BIN)/python -m tests.reliability --deep --seed $(SEED)

SEEDS ?= 1500
FIRST ?= 0
test-reliability-seeds: setup ## simulated runs with faults alone (SEEDS=1500 FIRST=0)
	@$(BIN)/python -m tests.simulator --seeds $(SEEDS) --first $(FIRST) --processes 2

.PHONY: tracing
tracing: ## strace for the order of writes and effects, faketime for clocks that jump, where they are missing
	@command -v strace >/dev/null && command -v faketime >/dev/null || { apt-get update -q && apt-get -o DPkg::Lock::Timeout=600 install -y -q --no-install-recommends strace faketime; }

MUTATION := build/mutation-tools
PER_MODULE ?= 15
CORE := $(shell printf '%s,' src/plugin_optimizer/domain/execution.py \
  src/plugin_optimizer/execute/{executor,turns,whereabouts,apply,preflight,settle,decision,automatic,actuator,fences,orders,rails,rails_case,rails_pace,rails_past,rails_value}.py \
  src/plugin_optimizer/knowledge/state/{executions,execution_rows,approvals}.py src/plugin_optimizer/monitor/gate.py src/plugin_optimizer/models/calendar.py)

.PHONY: mutation coverage-core
mutation: $(MUTATION)/.installed ## mutation score of state machine, rails, gate and fence, at most 30 minutes (PER_MODULE=15, 0: all; SEED=1)
	@$(MUTATION)/bin/python scripts/mutation.py --per-module $(PER_MODULE) --seed $(SEED)

coverage-core: $(MUTATION)/.installed ## branch coverage of the same, with an error below 95 %
	@CI=1 COVERAGE_FILE=build/coverage-core $(MUTATION)/bin/python -m coverage run --branch --include="$(CORE)" -m pytest -q -p no:cacheprovider -k "not postgresql" \
	  $$($(MUTATION)/bin/python scripts/mutation.py --list-tests)
	@COVERAGE_FILE=build/coverage-core $(MUTATION)/bin/python -m coverage report --show-missing --fail-under=95

$(MUTATION)/.installed: $(VENV)/.installed requirements.mutation.lock.txt
	@test -x $(MUTATION)/bin/python || $(PYTHON) -m venv $(MUTATION)
	@$(MUTATION)/bin/python -m pip install --disable-pip-version-check --no-input --quiet --require-hashes -r requirements.mutation.lock.txt
	@$(BIN)/python -c "import sysconfig; print(sysconfig.get_path('purelib'))" >"$$($(MUTATION)/bin/python -c "import sysconfig; print(sysconfig.get_path('purelib'))")/product.pth"
	@touch $@

frontend-check: frontend/node_modules/.installed ## eslint, TypeScript, vitest
	@npm --prefix frontend run --silent lint && npm --prefix frontend run --silent typecheck && npm --prefix frontend test --silent

.PHONY: system-packages
system-packages: ## Chromium for the browser tests, a PostgreSQL, a Redis, a memcached, a Prometheus and a uWSGI server for others, where they are missing
	@command -v chromium >/dev/null || { apt-get update -q && apt-get -o DPkg::Lock::Timeout=600 install -y -q --no-install-recommends chromium fonts-dejavu-core fonts-noto-cjk; }
	@ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || { apt-get update -q && mkdir -p /etc/postgresql-common/createcluster.d && \
	  echo "create_main_cluster = false" >/etc/postgresql-common/createcluster.d/no-cluster.conf && \
	  DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=600 install -y -q --no-install-recommends postgresql; }
	@command -v redis-server >/dev/null && command -v memcached >/dev/null && command -v prometheus >/dev/null || { apt-get update -q && \
	  DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=600 install -y -q --no-install-recommends redis-server memcached prometheus; }
	@ls /usr/lib/uwsgi/plugins/python3*_plugin.so >/dev/null 2>&1 || { apt-get update -q && \
	  DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=600 install -y -q --no-install-recommends uwsgi-core uwsgi-plugin-python3; }

EXTRA := build/extra
.PHONY: extra-packages
extra-packages: ## systemd for the tests in namespaces, where it is missing; a Docker Engine unpacked into build/extra, so that none is started
	@test -x /lib/systemd/systemd && command -v nsenter >/dev/null || { apt-get update -q && \
	  DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=600 install -y -q --no-install-recommends systemd util-linux; }
	@{ command -v dockerd && command -v containerd && command -v runc && command -v busybox; } >/dev/null || test -x $(EXTRA)/usr/sbin/dockerd || { apt-get update -q && \
	  mkdir -p $(EXTRA)/debs && cd $(EXTRA)/debs && apt-get -o APT::Sandbox::User=root download -q docker.io containerd runc busybox-static $$(apt-cache show docker-cli >/dev/null 2>&1 && echo docker-cli) && for package in *.deb; do dpkg -x "$$package" ..; done; }

demo-report: setup dashboard ## one measured run of the demo, as a table
	@$(BIN)/python benchmarks/demo_run.py

settings-table: setup ## docs/CONFIGURATION.md and the tables of docs/TOUCHPOINTS.md from the code
	@$(BIN)/python scripts/document_settings.py
	@$(BIN)/python scripts/document_touchpoints.py

bench-probe: setup ## what the probe costs per request
	@$(BIN)/python benchmarks/probe_overhead.py

bench-replay: setup ## how fast requests are replayed
	@$(BIN)/python benchmarks/replay_speed.py

bench-judge: setup ## false verdicts of the replay judge alone, on services with locks and nearly full queues
	@$(BIN)/python benchmarks/judge_aa.py

.PHONY: bench-verdicts
bench-verdicts: setup ## 2,060 labelled changes judged by the engine and by its peers, at most 15 minutes (MINUTES=15)
	@$(BIN)/python -m benchmarks.verdicts --processes 2 --minutes $(MINUTES) --mistakes

MINUTES ?= 15

.PHONY: bench-web
SECONDS_OPEN ?= 60
bench-web: setup dashboard system-packages ## the dashboard in a real Chromium: bytes, times, CPU, axe, tabs, builds (SECONDS_OPEN=1800 for a page left open half an hour; ROWS="first-load usable")
	@$(BIN)/python -m benchmarks.web --seconds $(SECONDS_OPEN) $(ROWS)

bench-switchback: setup ## two numbers of workers of a real gunicorn in turn, judged by pairs (6 minutes)
	@$(BIN)/python -m benchmarks.switchback

bench-detection: setup ## from the onset of a fault to the suggestion, and suggestions about healthy plugins, beside two fixed rules (HOURS=1000)
	@$(BIN)/python -m benchmarks.detection_delay --hours $(HOURS)

HOURS ?= 1000
bench-config: setup ## settings tuned by experiments, over many response curves, beside random search, a grid and doubling
	@$(BIN)/python -m benchmarks.config_tuning

TUNERS := build/tuners
.PHONY: bench-config bench-config-peers
bench-config-peers: $(TUNERS)/.installed ## the same beside Optuna
	@PYTHONPATH=src $(TUNERS)/bin/python -m benchmarks.config_tuning

$(TUNERS)/.installed: requirements.tuners.lock.txt
	@test -x $(TUNERS)/bin/python || $(PYTHON) -m venv $(TUNERS)
	@$(TUNERS)/bin/python -m pip install --disable-pip-version-check --no-input --quiet --require-hashes -r requirements.tuners.lock.txt
	@touch $@

.PHONY: bench-analysis
bench-analysis: setup ## anomalies, leaks, forecasts, breaches and their speed (NAB=folder CLOUD=folder of labelled series: docs/ANALYSIS.md)
	@OMP_NUM_THREADS=1 $(BIN)/python -m benchmarks.analysis $(if $(NAB),--nab $(NAB)) $(if $(CLOUD),--cloud $(CLOUD))

ANALYSIS_PEERS := build/analysis-peers
.PHONY: bench-analysis-peers
bench-analysis-peers: $(ANALYSIS_PEERS)/.installed ## the same beside river, PyOD and statsforecast
	@OMP_NUM_THREADS=1 PYTHONPATH=src $(ANALYSIS_PEERS)/bin/python -m benchmarks.analysis $(if $(NAB),--nab $(NAB)) $(if $(CLOUD),--cloud $(CLOUD))

$(ANALYSIS_PEERS)/.installed: requirements.analysis.lock.txt
	@test -x $(ANALYSIS_PEERS)/bin/python || $(PYTHON) -m venv $(ANALYSIS_PEERS)
	@$(ANALYSIS_PEERS)/bin/python -m pip install --disable-pip-version-check --no-input --quiet --require-hashes -r requirements.analysis.lock.txt
	@touch $@

bench-closed-loop: setup ## real services with real faults: the engine, its peers and an exhaustive search (PARALLEL=4, hours)
	@$(BIN)/python -m benchmarks.closed_loop --parallel $(PARALLEL) $(SCENARIOS)

PARALLEL ?= 4
screenshots: setup dashboard ## the pictures of docs/images, from a demo of its own
	@$(BIN)/python scripts/screenshots.py

build: dashboard ## wheel and sdist, dashboard included
	@$(BIN)/python -m hatchling build

lock: ## write the lock files anew (needs uv)
	@uv pip compile pyproject.toml --extra server --extra postgresql --extra celery --extra redis --extra memcached --extra otlp --extra analysis --group dev --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header -q -o requirements.lock.txt
	@printf 'optuna\n' | uv pip compile - -c requirements.lock.txt --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header -q -o requirements.tuners.lock.txt
	@printf 'msgspec\nriver\npyod\nstatsforecast\n' | uv pip compile - -c requirements.lock.txt --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header -q -o requirements.analysis.lock.txt
	@printf 'mutmut\ncoverage\n' | uv pip compile - -c requirements.lock.txt --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header -q -o requirements.mutation.lock.txt

clean: ## remove what was built
	@rm -rf $(STATIC) frontend/out frontend/.next dist build
