# Targets set up what they need: a .venv with the package and its extras.
PYTHON ?= python3
export TF_CPP_MIN_LOG_LEVEL ?= 3
unexport PYTHONDONTWRITEBYTECODE # each Python that a test starts would compile us anew

venv := .venv
wall := .venv-wall
python := $(venv)/bin/python
ready := $(venv)/.ready-demo
ready_all := $(venv)/.ready-all

help: ## list the targets
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/  make \1@\2/p' $(MAKEFILE_LIST) | awk -F@ '{printf "%-18s%s\n", $$1, $$2}'

.PHONY: help demo test check docs pictures curves bench gate parity pack legacy peers adequacy matrix wall fuzz versions clean

demo: $(ready) ## play the tutorial's cases in both lanes and print their epoch tables
	$(venv)/bin/dryfit demo

test: $(ready_all) ## run the tests; with COVERAGE=1 also measure which lines they run
	$(python) $(if $(COVERAGE),-m coverage run )-m pytest -n 2 --dist worksteal
	$(if $(COVERAGE),$(python) -m coverage combine --quiet)
	$(if $(COVERAGE),$(python) -m coverage report)

check: $(ready_all) ## format, lint, the arrows between the rooms, types, wheel contents
	$(venv)/bin/ruff format --check .
	$(venv)/bin/ruff check .
	$(venv)/bin/lint-imports
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

parity: $(ready_all) ## the parity tests that `make test` leaves out for their time
	$(python) -m pytest -n 2 --dist worksteal -m parity tests/real tests/tools/matrix

pack: $(ready_all) ## the scenario pack in both lanes, whose timelines are compared
	$(venv)/bin/dryfit run scenarios --lane both

legacy: $(ready_all) ## parity and pack on Keras 2, if tf_keras is there: pip install tf_keras
	TF_USE_LEGACY_KERAS=1 $(python) -m pytest -n 2 -m "parity or not parity" \
	  tests/real/test_plain_keras.py tests/real/test_nested_evaluate.py tests/real/test_parity.py \
	  tests/real/test_random_trainings.py
	TF_USE_LEGACY_KERAS=1 $(venv)/bin/dryfit run scenarios --lane both

peers: $(ready_all) ## Keras' own tests of callbacks, with a Recorder and without; TF_KERAS=checkout for Keras 2's
	nice -n 10 $(python) tests/peers.py

adequacy: $(ready_all) ## how many single faults in Keras' callbacks the scenario pack notices
	$(python) tests/adequacy/measure.py

pictures: $(ready_all) ## draw the docs' pictures anew, and those that the tests compare
	$(python) tests/show/pictures.py

curves: $(ready_all) ## record the trainings of scenarios/curves that are not there yet
	$(python) -m pip install --quiet --group curves
	KERAS_BACKEND=jax $(python) tests/curves/record_curves.py # on jax, an epoch takes 2 ms

wall: $(wall)/.ready ## check every callback of Keras and of other packages, and write the page
	$(wall)/bin/python tests/wall/wall.py --write docs/compatibility.md

fuzz: $(ready_all) ## damage the inputs of every reader for an hour, or FOR seconds, from a SEED
	$(python) tests/fuzz/fuzz.py --seed $(or $(SEED),0) --seconds $(or $(FOR),3600)

versions: $(ready_all) ## the core of the suite on other Pythons, and with the oldest releases allowed
	$(python) tests/versions.py $(or $(VERSIONS),3.11 3.12 3.13 3.14 lowest)

matrix: $(ready_all) ## play the pack on every minor release of Keras, and write the pages
	$(python) -m pytest -m environments tests/tools/matrix
	sed -i.old "/^<!-- dryfit matrix -->/q" docs/keras-releases.md && rm docs/keras-releases.md.old
	echo >> docs/keras-releases.md
	$(venv)/bin/dryfit matrix scenarios --keras 3.6 3.7 3.8 3.9 3.10 3.11 3.12 3.13 3.14 3.15 \
	  --changes-only --format markdown >> docs/keras-releases.md
	sed -i.old "/^<!-- dryfit matrix -->/q" docs/keras-2-pack.md && rm docs/keras-2-pack.md.old
	echo >> docs/keras-2-pack.md
	$(venv)/bin/dryfit matrix scenarios --keras tf_keras:2.15 tf_keras:2.21 3.15 --backend tensorflow \
	  --lane real --changes-only --format markdown >> docs/keras-2-pack.md

clean: ## remove what the targets made
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
	@echo "installing dryfit with TensorFlow for the CPU into $(venv); once, and it takes minutes"
	$(python) -m pip install --progress-bar on --editable ".[tensorflow-cpu]"
	touch $@

$(ready_all): $(ready)
	$(python) -m pip install --quiet --group test --group check --group docs
	touch $@
