# The front door. `make` lists what can be asked for.

PYTHON ?= python3
BIN := .venv/bin
LOCKED := .venv/locked-$(shell cksum < requirements.lock | cut -d ' ' -f 1)
READY := .venv/ready-$(shell cat requirements.lock pyproject.toml | cksum | cut -d ' ' -f 1)
STUDIES ?= studies/*.yaml
PORT ?= 8000
SECONDS ?= 60
ALONE := $(if $(shell command -v flock),flock .venv.lock)
PIP := $(BIN)/python -m pip --quiet --disable-pip-version-check --no-input
# Besides outputs, what editors add on saving is left out; cells keep their names.
EDITORS := $(addprefix metadata.language_info.,codemirror_mode file_extension mimetype \
	nbconvert_exporter pygments_lexer version) $(addprefix cell.metadata.,editable slideshow vscode)
STRIP := $(BIN)/python -m nbstripout --keep-id --extra-keys "$(strip $(EDITORS))"

.DEFAULT_GOAL := help
.PHONY: help report serve accept watch batch test verify living kills fuzz lab pdf setup strip bench calibrate clean

help: ## list these targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-9s %s\n", $$1, $$2 }' Makefile

report: $(READY) ## run what has changed and build reports/index.html
	@$(BIN)/python -m pipeline report

serve: $(READY) ## show reports/ on this machine and rebuild what changes as files are saved
	@$(BIN)/python -m pipeline serve --port $(PORT)

accept: $(READY) ## take in rows changed in data/raw: check, show what changed, put on record
	@$(BIN)/python -m pipeline accept

watch: $(READY) ## say which change of the next month would be unusual
	@$(BIN)/python -m pipeline watch

batch: $(READY) ## run the studies in STUDIES='studies/*.yaml', those that changed; NAME='their name'
	@$(BIN)/python -m pipeline batch $(STUDIES) $(if $(NAME),--name '$(NAME)')

test: $(READY) ## check style, types, modules and notebooks; FAST=1 without what takes long
	@$(BIN)/ruff check --quiet .
	@$(BIN)/ruff format --check --quiet .
	@walls=$$($(BIN)/lint-imports) || { echo "$$walls"; exit 1; }
	@$(BIN)/mypy --no-error-summary & types=$$!; trap "kill $$types; exit 130" INT TERM; \
	OMP_NUM_THREADS=1 $(BIN)/pytest --quiet --numprocesses auto --dist loadfile \
		--no-loadscope-reorder $(if $(FAST),-m 'not slow') tests; \
	tested=$$?; wait $$types && exit $$tested

verify: $(READY) ## build the report again elsewhere and compare it with reports/manifest.json
	@$(BIN)/python -m pipeline verify

living: $(READY) ## replay the report on other data: months to come, past days, full customs; minutes
	@OMP_NUM_THREADS=1 $(BIN)/pytest --quiet tests/living -m living

kills: $(READY) ## kill a report or a batch at a hundred moments and go on each time; up to an hour
	@OMP_NUM_THREADS=1 $(BIN)/pytest --quiet tests/hardening -m hardening

fuzz: $(READY) ## give each reader of files spoilt ones for SECONDS=60; what it trips over is kept
	@$(PIP) install --no-build-isolation -e ".[fuzz]"
	@for reader in $$($(BIN)/python tests/hardening/fuzz.py); do echo "$$reader"; \
		$(BIN)/python tests/hardening/fuzz.py $$reader $(SECONDS) > fuzz.log 2>&1 || \
		{ cat fuzz.log; exit 1; }; done; rm fuzz.log

lab: setup ## open JupyterLab at the notebooks; in a container LAB='--allow-root --ip=0.0.0.0'
	@$(BIN)/jupyter lab --notebook-dir=. --LabApp.default_url=/lab/tree/notebooks $(LAB)

pdf: report ## print each page as a PDF beside it, where there is Chromium; as root CHROMIUM=--no-sandbox
	@browser=$$(command -v chromium || command -v chromium-browser || command -v google-chrome) || \
		{ echo "Chromium is needed to print; on Debian: apt-get install chromium"; exit 1; }; \
	find reports -name '*.html' ! -path '*/scratch/*' | sort | while read -r page; do \
		"$$browser" --headless $(CHROMIUM) --no-pdf-header-footer --virtual-time-budget=5000 \
			--print-to-pdf="$${page%.html}.pdf" "file://$$PWD/$$page" 2> /dev/null || exit 1; \
		echo "$${page%.html}.pdf"; \
	done

setup: $(READY) ## set up .venv, and git so that it stores notebooks without outputs
	@[ ! -e .git ] || git config filter.nbstripout.clean '$(STRIP)'

strip: $(READY) ## take outputs and what editors add out of the notebooks
	@$(STRIP) notebooks/*.ipynb

bench: $(READY) ## measure batches, pages and estimators against what others take, in minutes
	@$(PIP) install --no-build-isolation -e ".[bench]"
	@OMP_NUM_THREADS=1 $(BIN)/python -m benchmarks.batch
	@OMP_NUM_THREADS=1 $(BIN)/python -m benchmarks.pages
	@OMP_NUM_THREADS=1 $(BIN)/python -m benchmarks.effects
	@OMP_NUM_THREADS=1 $(BIN)/python -m benchmarks.synthetic_control
	@OMP_NUM_THREADS=1 $(BIN)/python -m benchmarks.growth

calibrate: $(READY) ## measure how often estimators and ledger err: docs/calibration*; or one, PART=ledger
	@OMP_NUM_THREADS=1 nice -n 10 $(BIN)/python -m benchmarks.calibration $(PART)

clean: ## remove everything that was built, but not .venv
	@rm -rf reports .mypy_cache .pytest_cache .ruff_cache .hypothesis
	@find data/processed -mindepth 1 ! -name .gitkeep -delete
	@find analysis libs pipeline tests -name __pycache__ -prune -exec rm -rf {} +

# Named by content, so that a new date on a file changes nothing. Each is written last, so that an
# interrupted set-up is not taken for a finished one. Of two that need the same, one sets it up.
$(LOCKED):
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Python 3.11 or newer is needed; name one with make PYTHON=/path/to/python3"; exit 1; }
	@$(ALONE) sh -ec 'test ! -e $@ || exit 0; \
		echo "Setting up .venv from requirements.lock (once; some minutes)"; \
		$(PYTHON) -m venv --clear .venv || \
		{ echo "The venv module of Python does not work here; on Debian: apt-get install python3-venv"; exit 1; }; \
		$(PIP) install --require-hashes --no-deps -r requirements.lock; \
		touch $@'

$(READY): $(LOCKED)
	@$(ALONE) sh -ec 'test ! -e $@ || exit 0; \
		$(PIP) install --no-deps --no-build-isolation -e .; touch $@'
