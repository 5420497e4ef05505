# sitefinder: every job by name. The first target run on a fresh clone creates .venv from the lock file by itself.
CONFIG ?= config/default.yaml
OUT ?= $(if $(QUICK),out/quick,out/latest)
RES ?=
SITES ?=
SKIP_BAD ?=
STRICT ?=
CRS ?=
QUICK ?=
WHERE ?=
NOT ?=
NEAR ?=
UNAVAILABLE ?=
MW ?=
CASE ?=
PLACES ?=
TOP ?= 25
PDF ?=
DOCX ?=
RAW ?= downloads
SOURCES ?=
CHECK ?=
PYTHON ?= python3

VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
READY_DEV := $(VENV)/.ready-dev
ARGS := --config "$(CONFIG)" --out "$(OUT)" $(if $(RES),--resolution $(RES)) $(if $(MW),--mw $(MW)) $(if $(SITES),--sites "$(SITES)") $(if $(SKIP_BAD),--skip-bad) $(if $(STRICT),--strict) $(if $(CRS),--sites-crs "$(CRS)") $(if $(QUICK),--quick) $(if $(WHERE),--where "$(WHERE)") $(if $(NOT),--not "$(NOT)") $(if $(NEAR),--near=$(NEAR)) $(if $(UNAVAILABLE),--unavailable "$(UNAVAILABLE)")

.DEFAULT_GOAL := help
.PHONY: help rank tune verify portfolio dossiers export map compare-presets headroom benchmark time-map train weights backtest misses test test-unit test-all check data refresh sbom audit docs wheel lock clean

help: ## print what there is
	@awk 'BEGIN {FS = ":.*## "} /^[a-z-]+:.*## / {printf "  make %-16s %s\n", $$1, $$2}' $(MAKEFILE_LIST)
	@echo "Variables: CONFIG=$(CONFIG) OUT=$(OUT) RES=1000 MW=1000 SITES=my_sites.csv SKIP_BAD=1 STRICT=1 CRS=EPSG:2277 QUICK=1 WHERE=TX,OK NOT=48113 NEAR=41.5,-88.2,50 UNAVAILABLE=leased.geojson"

rank: $(READY) ## rank the country; results in OUT
	@$(BIN)/sitefinder rank $(ARGS)

tune: $(READY) ## move weights on a page of this machine and see the list follow
	@$(BIN)/sitefinder tune --config "$(CONFIG)" $(if $(RES),--resolution $(RES)) $(if $(MW),--mw $(MW)) $(if $(WHERE),--where "$(WHERE)") $(if $(NOT),--not "$(NOT)") $(if $(NEAR),--near=$(NEAR)) $(if $(filter-out out/latest,$(OUT)),--run "$(OUT)")

map: $(READY) ## write the map of OUT again
	@$(BIN)/sitefinder map --out "$(OUT)"

compare-presets: $(READY) ## rank under every set of weights in config/presets; results in out/presets
	@$(BIN)/sitefinder compare-presets $(if $(RES),--resolution $(RES)) $(if $(WHERE),--where "$(WHERE)") $(if $(NOT),--not "$(NOT)") $(if $(NEAR),--near=$(NEAR))

verify: $(READY) ## compare OUT with its own record: results, data, configuration, code
	@$(BIN)/sitefinder verify "$(OUT)"

portfolio: $(READY) ## choose the best set of campuses of OUT, finance it, write the committee memo; DOCX=1 and PDF=1 write it so, too
	@$(BIN)/sitefinder portfolio --config "$(CONFIG)" --run "$(OUT)"
	@$(BIN)/sitefinder memo --run "$(OUT)" $(if $(DOCX),--docx) $(if $(PDF),--pdf)

dossiers: $(READY) ## write a page per leading site of OUT (TOP=25) and one that compares them; PDF=1 prints them too
	@$(BIN)/sitefinder dossiers --run "$(OUT)" --top $(TOP) --benchmarks $(if $(PDF),--pdf)

export: $(READY) ## write OUT for Excel, Google Earth, QGIS, ArcGIS Online and GeoParquet; files in OUT/exports
	@$(BIN)/sitefinder export --run "$(OUT)"

headroom: $(READY) ## megawatts that stations can take, mapped or of a planner's network (CASE=case.m PLACES=buses.csv)
	@$(BIN)/sitefinder headroom $(if $(CASE),--case "$(CASE)") $(if $(PLACES),--places "$(PLACES)")

benchmark: $(READY_DEV) rank ## time the tool beside its peers (PEERS=python that has them); writes docs/performance.md
	@$(BIN)/python scripts/benchmark.py $(if $(PEERS),--peers "$(PEERS)")

time-map: $(READY_DEV) ## time the map of OUT in chromium
	@$(BIN)/python scripts/time_map.py "$(OUT)/map.html"

train: $(READY) ## fit the learned score again; writes data/model
	@$(BIN)/sitefinder train --config "$(CONFIG)"

weights: $(READY) ## fit the weights that the choices of campuses reveal; writes config/presets/revealed.yaml
	@$(BIN)/python scripts/fit_weights.py

backtest: $(READY) ## validate the learned score on held-out campuses; results in out/backtest
	@$(BIN)/sitefinder backtest --config "$(CONFIG)"

misses: backtest ## write docs/what-it-got-wrong.md: campuses and dates that the back-tests got wrong, by name
	@$(BIN)/python scripts/write_misses.py

# tests stay compiled even where the environment forbids it: every worker would compile each of them anew each time
TESTED := PYTHONDONTWRITEBYTECODE= $(BIN)/python -m pytest

test: $(READY_DEV) ## run the test suite
	@$(TESTED) -m "not slow" --numprocesses auto --dist loadfile --no-loadscope-reorder

test-unit: $(READY_DEV) ## run the tests that need neither built layers nor a browser
	@$(TESTED) -m "not slow and not browser and not stack" --numprocesses auto --dist loadfile --no-loadscope-reorder

test-all: $(READY_DEV) ## run the test suite with the slow tests
	@$(TESTED)

check: $(READY_DEV) ## lint, types, import rules
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

data: $(READY_DEV) ## compile data/ from downloads in RAW
	@$(BIN)/python scripts/compile_data.py --raw $(RAW)

refresh: $(READY_DEV) ## download the raw files whose address stands in SOURCES into RAW; CHECK=1 compares those there
	@$(BIN)/python scripts/refresh.py --raw "$(RAW)" $(if $(SOURCES),--sources "$(SOURCES)") $(if $(CHECK),--check)

sbom: $(READY_DEV) ## list the locked libraries as CycloneDX; dist/sbom.json
	@mkdir -p dist && $(BIN)/cyclonedx-py requirements requirements.lock --pyproject pyproject.toml --output-reproducible --of JSON -o dist/sbom.json

audit: $(READY_DEV) ## ask the public register of weaknesses about the locked libraries; skipped with the reason where it cannot be asked
	@for lock in requirements.lock requirements-dev.lock; do \
		asked=0; said=$$($(BIN)/pip-audit -r $$lock --disable-pip --require-hashes --progress-spinner off --timeout 10 2>&1) || asked=1; \
		unknown=$$(echo "$$said" | grep -c "could not be audited"); \
		if echo "$$said" | grep -q "^Found [0-9]"; then echo "$$said"; exit 1; \
		elif [ $$asked != 0 ]; then echo "$$lock: skipped, the register cannot be asked: $$(echo "$$said" | tail -1)"; \
		elif [ $$unknown != 0 ]; then echo "$$lock: skipped for $$unknown of $$(grep -c '^[^ #].*==' $$lock) libraries, which the register reached does not know"; \
		else echo "$$lock: no known weakness"; fi; \
	done

docs: $(READY_DEV) rank ## write docs/reference.md, docs/layers-checked.md and config/schema, draw docs/layers.png and docs/result.png
	@$(BIN)/python scripts/write_reference.py
	@$(BIN)/python scripts/write_schema.py
	@$(BIN)/python scripts/draw_layers.py
	@$(BIN)/python scripts/check_layers.py

wheel: $(READY) ## build the wheel, configuration and compiled layers in it; in dist
	@$(BIN)/uv build --quiet --wheel

lock: $(READY_DEV) ## resolve the lock files again
	@$(BIN)/uv pip compile --quiet --universal --generate-hashes --python-version 3.11 --custom-compile-command "make lock" pyproject.toml -o requirements.lock
	@$(BIN)/uv pip compile --quiet --universal --generate-hashes --python-version 3.11 --custom-compile-command "make lock" --extra dev -c requirements.lock pyproject.toml -o requirements-dev.lock

clean: ## remove results, caches and the environment
	rm -rf out .cache $(VENV) .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
	find sitefinder scripts tests -name __pycache__ -type d -prune -exec rm -rf {} +

$(VENV)/bin/uv:
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check uv

$(READY): $(VENV)/bin/uv requirements.lock pyproject.toml
	@test -e $(READY_DEV) || $(BIN)/uv pip install --quiet --compile-bytecode --python $(BIN)/python --require-hashes -r requirements.lock
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --editable .
	@touch $@

$(READY_DEV): $(VENV)/bin/uv requirements-dev.lock pyproject.toml
	@$(BIN)/uv pip install --quiet --compile-bytecode --python $(BIN)/python --require-hashes -r requirements-dev.lock
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --editable .
	@touch $@
