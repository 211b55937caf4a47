# Targets set up what they need: a .venv with the package and its extras.
PYTHON ?= python3
export TF_CPP_MIN_LOG_LEVEL ?= 3

venv := .venv
wall := .venv-wall
python := $(venv)/bin/python
ready := $(venv)/.ready-demo
ready_all := $(venv)/.ready-all

.PHONY: demo test check docs pictures bench gate parity adequacy matrix wall clean

demo: $(ready) ## play the tutorial's cases in both lanes and print their epoch tables
	$(python) -m dryfit.demo

test: $(ready_all) ## run the tests
	$(python) -m pytest -n 2

check: $(ready_all) ## format, lint, types, wheel contents
	$(venv)/bin/ruff format --check .
	$(venv)/bin/ruff check .
	$(venv)/bin/mypy
	$(python) tests/check_wheel.py

docs: $(ready_all) ## the docs as a site in build/site; a broken link fails
	NO_MKDOCS_2_WARNING=1 $(python) -m mkdocs build --quiet -f docs/site/mkdocs.yml

bench: $(ready_all) ## measure; ratios are asserted side by side in one run, reports go to build/
	$(python) -m pytest tests/benchmarks -p no:xdist -s
	mkdir -p build
	$(venv)/bin/dryfit bench EarlyStopping ReduceLROnPlateau TerminateOnNaN \
	  "CSVLogger: {filename: log.csv}" "ModelCheckpoint: {filepath: a.keras}" \
	  "TensorBoard: {update_freq: batch}" --against-model --out build/bench

gate: $(ready_all) ## how often the gate of `dryfit bench --compare` is wrong: all pairs of 20 runs
	$(python) tests/benchmarks/gate.py --runs 20

parity: $(ready_all) ## the long form of the parity tests, both lanes
	$(python) -m pytest -n 2 -m "parity or not parity" tests/real
	$(venv)/bin/dryfit run scenarios --lane both

adequacy: $(ready_all) ## how many single faults in Keras' callbacks the scenario pack notices
	$(python) tests/adequacy/measure.py

pictures: $(ready_all) ## draw the docs' pictures anew, and those that the tests compare
	$(python) tests/report/pictures.py

wall: $(wall)/.ready ## check every callback of Keras and of other packages, and write the page
	$(wall)/bin/python tests/wall/wall.py --write docs/compatibility.md

matrix: $(ready_all) ## play the pack on every minor release of Keras, and write the page
	$(python) -m pytest -m environments tests/matrix
	sed -i.old "/^<!-- dryfit matrix -->/q" docs/keras-releases.md && rm docs/keras-releases.md.old
	echo >> docs/keras-releases.md
	$(venv)/bin/dryfit matrix scenarios --keras 3.6 3.7 3.8 3.9 3.10 3.11 3.12 3.13 3.14 3.15 \
	  --changes-only --format markdown >> docs/keras-releases.md

clean:
	rm -rf $(venv) $(wall) dist build

$(venv)/bin/python:
	$(PYTHON) -m venv $(venv)
	$(python) -m pip install --quiet --upgrade "pip>=25.1"

# Their dependencies are kept away from those of the tests.
$(wall)/.ready: pyproject.toml
	$(PYTHON) -m venv $(wall)
	$(wall)/bin/python -m pip install --quiet --upgrade "pip>=25.1"
	$(wall)/bin/python -m pip install --quiet --editable ".[tensorflow-cpu]" --group wall
	touch $@

$(ready): pyproject.toml | $(venv)/bin/python
	$(python) -m pip install --quiet --editable ".[tensorflow-cpu]"
	touch $@

$(ready_all): $(ready)
	$(python) -m pip install --quiet --group test --group check --group docs
	touch $@
