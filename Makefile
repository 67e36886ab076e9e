# Hooks, CI and people call only these targets.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
STAMP  := $(VENV)/.installed

.PHONY: setup peers demo serve test check lint soak bench bench-accuracy docs lock clean

setup: $(STAMP)

# Installed without dependency resolution: rapidocr asks for the GUI build of OpenCV, which must not sit beside
# the headless one (docs/decisions/0004).
$(STAMP): requirements-dev.lock pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --no-deps --require-hashes -r requirements-dev.lock
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation -e .
	touch $(STAMP)

# The tools that benchmarks/accuracy measures beside us (6 GB, torch among them), apart from everything else.
PEERS := .peers
peers: $(PEERS)/.installed

$(PEERS)/.installed: requirements-peers.lock
	$(PYTHON) -m venv $(PEERS)
	$(PEERS)/bin/python -m pip install --quiet --no-deps --require-hashes -r requirements-peers.lock
	touch $@

demo: setup
	$(BIN)/reelprint demo --out out/demo

serve: setup
	$(BIN)/reelprint serve

# In the order of the folders, whole flows first; three at a time on two cores, because many wait (for a takeover, say).
# One BLAS thread each: with more, three workers on two cores spend a fourth of the time waiting for each other.
test: setup
	OPENBLAS_NUM_THREADS=1 OMP_NUM_THREADS=1 $(BIN)/python -m pytest -n 3 --dist loadfile --no-loadscope-reorder

lint: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

check: lint test

# 200 jobs with workers killed at random, on one machine and on several: about half an hour on two cores.
soak: setup
	$(BIN)/python -m tests.chaos.soak --jobs 200
	$(BIN)/python -m tests.chaos.soak --jobs 60 --machines

bench: setup
	$(BIN)/python benchmarks/speed/apply.py
	PYTHONPATH=. $(BIN)/python benchmarks/speed/polling.py

# Every Style DNA number against planted and labelled truth, and against the peers where ``make peers`` was run.
bench-accuracy: setup
	$(BIN)/python benchmarks/accuracy/everything.py

docs: setup
	$(BIN)/python tools/write_reference.py

# Needs uv (python -m pip install uv). Names, versions and hashes only.
lock:
	uv pip compile pyproject.toml --override requirements-override.txt --universal --python-version 3.11 \
	  --generate-hashes --no-emit-index-url --no-emit-find-links --no-header --no-annotate -q -o requirements.lock
	uv pip compile pyproject.toml requirements-dev.in --override requirements-override.txt --universal --python-version 3.11 \
	  --generate-hashes --no-emit-index-url --no-emit-find-links --no-header --no-annotate -q -o requirements-dev.lock

clean:
	rm -rf $(VENV) out .pytest_cache .mypy_cache .ruff_cache .hypothesis
