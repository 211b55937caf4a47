"""A run in which much happens, for the facts to tell of.

A scheduler sets .1 in every epoch; cuts in epochs 1 (by hand), 2 and 3; files after the 3rd and the
6th batch; a stop in epoch 3 that puts back the weights of epoch 1.
"""

import pytest

from dryfit import load_scenarios
from dryfit.scenario.playing import Played, play_scenario

SCENARIO = """\
name: much happens
script: {batches: 2, learning_rate: .1, metrics: {loss: 1, val_loss: .9 .5 .6x2}}
callbacks:
  - LearningRateScheduler: {schedule: {piecewise: {0: .1}}}
  - ReduceLROnPlateau: {patience: 1, factor: .5, verbose: 1}
  - SetLearningRateAt: {epoch: 1, batch: 0, learning_rate: .08}
  - ModelCheckpoint: {filepath: "{epoch}.weights.h5", save_weights_only: true, save_freq: 3}
  - EarlyStopping: {patience: 2, restore_best_weights: true}
  - EarlyStopping: {monitor: f1, mode: min}
expect: {epochs_run: 4}
"""


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Played:
    """What came of it, with every hook and every file."""
    file = tmp_path_factory.mktemp("told") / "a.scenario.yaml"
    file.write_text(SCENARIO)
    (scenario,) = load_scenarios(file)
    (came,) = play_scenario(scenario, "fake", record_batches=True, read_files=True)
    return came
