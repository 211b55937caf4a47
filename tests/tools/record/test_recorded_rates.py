"""Rates that moved by themselves are in the file, and its replay has them."""

from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest

from dryfit import Recorder, Script, load_scenarios
from dryfit.judge.verdict import judge
from dryfit.recording import what_if
from dryfit.scenario.schema import ScriptKeys
from dryfit_fakes import SetLearningRateAt

K = keras.callbacks
schedules = keras.optimizers.schedules


class StopsAtRate(K.Callback):
    """Stops when the rate has come down to `rate`."""

    def __init__(self, rate: float) -> None:
        super().__init__()
        self.rate = rate

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        if float(keras.ops.convert_to_numpy(self.model.optimizer.learning_rate)) <= self.rate:
            self.model.stop_training = True


class Halves(schedules.LearningRateSchedule):
    """A schedule of one's own, without a word on its settings."""

    def __call__(self, step: Any) -> Any:
        return 0.1 * 0.5 ** (keras.ops.cast(step, "float32") / 4)


def fit(callbacks: list[Any], rate: Any, **keys: Any) -> Any:
    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
    model.compile(keras.optimizers.SGD(rate), "mse")
    x = np.ones((8, 1), "float32")
    model.fit(x, x, **{"batch_size": 2, "epochs": 5, "verbose": 0, "callbacks": callbacks} | keys)
    return model


def recorded(tmp_path: Path, callbacks: list[Any], rate: Any, *beside: Any) -> tuple[Any, str]:
    """A scenario of a fit, and its text; it holds in both lanes."""
    file = tmp_path / "run.scenario.yaml"
    fit([Recorder(callbacks, save=file), *beside], rate)
    (scenario,) = load_scenarios(file)
    for lane in ("fake", "real"):
        verdict = judge(scenario, lane)
        assert (verdict.outcome, verdict.failures) == ("passed", ())
    return scenario, file.read_text()


def test_a_schedule_of_keras_is_written_as_it_is(tmp_path: Path) -> None:
    """.1 * .5 ** (trained batches / 4): down to .025 at the end of epoch 1."""
    callbacks = [StopsAtRate(0.026)]
    _, text = recorded(tmp_path, callbacks, schedules.ExponentialDecay(0.1, 4, 0.5))
    assert (
        "  batches: 4\n"
        "  rates:\n"
        "    ExponentialDecay: {initial_learning_rate: 0.1, decay_steps: 4, decay_rate: 0.5, "
        "staircase: false}\n"
    ) in text
    assert "  stopped: {epoch: 1, by: StopsAtRate}\n" in text
    assert "  learning_rate: 0.1 0.05\n  learning_rate_after: 0.05 0.025\n" in text
    assert "learning_rate: 0.1\n" not in text


def test_any_other_is_written_as_its_rates(tmp_path: Path) -> None:
    """A rate a batch, and the one after the last; the epochs that were not trained have none."""
    _, text = recorded(tmp_path, [StopsAtRate(0.026)], Halves())
    assert (
        "  rates:\n"
        "    - 0.1 0.084089644 0.07071068 0.059460353 0.05\n"
        "    - 0.05 0.042044822 0.03535534 0.029730177 0.025\n"
        "    - _\n"
        "    - _\n"
        "    - _\n"
    ) in text
    assert "  stopped: {epoch: 1, by: StopsAtRate}\n" in text


def test_rates_that_somebody_beside_the_recorder_sets(tmp_path: Path) -> None:
    """A rate an epoch, where it does not move inside of one."""
    beside = SetLearningRateAt(0.05, epoch=2, hook="on_epoch_begin")
    _, text = recorded(tmp_path, [StopsAtRate(0.06)], 0.1, beside)
    assert "  rates: 0.1x2 0.05 _...\n" in text
    assert "  stopped: {epoch: 2, by: StopsAtRate}\n" in text


def test_rates_that_a_callback_and_somebody_beside_it_set(tmp_path: Path) -> None:
    """No file has both, and it says so."""
    beside = SetLearningRateAt(0.05, epoch=2, hook="on_epoch_begin")
    mine = SetLearningRateAt(0.5, epoch=1, hook="on_epoch_begin")
    _, text = recorded(tmp_path, [mine], 0.1, beside)
    assert "  rates are not compared: they moved outside of callbacks too\n" in text
    assert "rates:" not in text


def test_a_callback_that_sets_too_many_rates_for_actors(tmp_path: Path) -> None:
    """They are written as rates that moved by themselves."""
    kind = type("Ramp", (K.Callback,), {"__module__": "__main__", "on_train_batch_begin": _ramp})
    file = tmp_path / "run.scenario.yaml"
    fit([Recorder([kind()], save=file)], 0.1, epochs=30)
    text = file.read_text()
    assert "  left out: Ramp: its class cannot be imported; rates in its place\n" in text
    assert "  rates:\n    - 0.09 0.081 0.0729 0.06561x2\n" in text
    (scenario,) = load_scenarios(file)
    assert judge(scenario, "fake").outcome == "passed"


def _ramp(self: Any, batch: int, logs: Any = None) -> None:
    optimizer = self.model.optimizer
    optimizer.learning_rate = 0.9 * float(optimizer.learning_rate)


def test_the_what_if_compares_with_the_rates_of_the_file(tmp_path: Path) -> None:
    """By hand: a cut after each epoch without a better loss; with patience 2 after two."""
    file = tmp_path / "log.scenario.yaml"
    file.write_text(
        "name: a log\n"
        "script: {rates: .1x2 .05 .025 .0125, metrics: {val_loss: 1x5}}\n"
        "callbacks: []\n"
        "expect: {epochs_run: 5, learning_rate: .1x2 .05 .025 .0125}\n"
    )
    (scenario,) = load_scenarios(file)
    rows = what_if(scenario, ["ReduceLROnPlateau: {factor: .5, patience: 1..6}"])
    assert [row.other_rates_from for row in rows] == [None, None, 2, 2, 2, 2, 2]
    rows = what_if(scenario, ["EarlyStopping: {patience: 1..3}"])
    assert [row.other_rates_from for row in rows] == [None] * 4
    rows = what_if(scenario, ["SetLearningRateAt: {epoch: 0, learning_rate: .1|.05}"])
    assert [row.other_rates_from for row in rows] == [None, 2, 1]


def test_a_schedule_in_a_file_refuses_another_rate(tmp_path: Path) -> None:
    """As Keras' optimizer does, whose schedule it is."""
    file = tmp_path / "log.scenario.yaml"
    file.write_text(
        "name: a log\n"
        "script:\n"
        "  rates: {ExponentialDecay: {initial_learning_rate: .1, decay_steps: 1, decay_rate: .5}}\n"
        "  metrics: {val_loss: 1x3}\n"
        "expect: {learning_rate: .1 .05 .025}\n"
    )
    (scenario,) = load_scenarios(file)
    assert judge(scenario, "fake").outcome == "passed"
    rows = what_if(scenario, ["ReduceLROnPlateau: {factor: .5, patience: 1}"])
    assert rows[1].error.startswith("TypeError: This optimizer was created with a `LearningRateSch")


@pytest.mark.parametrize(
    ("rates", "message"),
    [
        ("{Exponential: {}}", "unknown schedule 'Exponential'; did you mean 'ExponentialDecay'?"),
        ("{ExponentialDecay: {x: 1}}", "ExponentialDecay: TypeError: "),
    ],
)
def test_a_schedule_that_is_none(tmp_path: Path, rates: str, message: str) -> None:
    """Said with the file's name, before anything is played."""
    file = tmp_path / "log.scenario.yaml"
    file.write_text(
        "name: a log\n"
        f"script: {{rates: {rates}, metrics: {{loss: 1x3}}}}\n"
        "expect: {epochs_run: 3}\n"
    )
    (scenario,) = load_scenarios(file)
    verdict = judge(scenario, "fake")
    assert verdict.outcome == "error"
    assert message in verdict.reason


def test_the_keys_of_a_script_and_those_of_a_file() -> None:
    """Are the same, but for what a file cannot say, and for ranks, each of which has a script."""
    assert set(ScriptKeys.model_fields) - {"ranks"} <= set(Script.__dataclass_fields__)
