"""What a callback needs is given, or found out: a model of a kind, a metric."""

from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest

from dryfit.cli import main
from dryfit.scenario.given_training import GivenTraining
from dryfit.tools.bench.bench_targets import Target
from dryfit.tools.bench.measure import measure
from dryfit.tools.bench.measure_settings import MeasureSettings
from dryfit.tools.bench.step import step_ns_of

QUICK = MeasureSettings(batches=50, budget_s=0.1, growth=False)


@pytest.fixture(autouse=True)
def _quick_commands(monkeypatch: pytest.MonkeyPatch) -> None:
    """No number is looked at here."""
    monkeypatch.setattr("dryfit.tools.bench.measure_settings.MeasureSettings", lambda **_: QUICK)


class NeedsTwoInputs(keras.callbacks.Callback):  # type: ignore[misc]
    def on_train_begin(self, logs: Any = None) -> None:
        if len(self.model.inputs) != 2:
            raise ValueError("two inputs, please")


class WantsF1(keras.callbacks.Callback):  # type: ignore[misc]
    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        self.f1 = (logs or {})["f1"], (logs or {})["val_f1"]


class WantsMore(keras.callbacks.Callback):  # type: ignore[misc]
    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        raise KeyError("more")


def two_inputs() -> Any:
    inputs = [keras.Input((1,)), keras.Input((1,))]
    model = keras.Model(inputs, keras.layers.Add()(inputs))
    model.compile("sgd", "mse")
    return model


def note(target: Target) -> str:
    return next(measure([target], QUICK)).note


def test_a_model_can_be_given() -> None:
    """The small one that is lent where none is given has one input."""
    assert note(Target("it", NeedsTwoInputs)) == (
        "not measured: it raised ValueError in on_train_begin: two inputs, please"
    )
    given = note(Target("it", NeedsTwoInputs, lend=two_inputs))
    assert given.endswith("with the model given")  # a busy machine says that before


def test_keys_that_it_asks_for_are_reported() -> None:
    """Each as it is asked for; what is not found in logs either is an error as before."""
    found_out = note(Target("it", WantsF1))
    assert found_out.endswith("with 'val_f1' in its logs; with 'f1' in its logs")
    assert "in its logs" not in note(Target("it", WantsF1, metrics=("f1", "val_f1")))
    assert note(Target("it", WantsMore)).startswith(
        "not measured: it raised KeyError in on_epoch_end: 'more'"
    )


def test_the_command_takes_both(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What cannot be imported is bad usage, by the option's name."""
    here = "test_what_callbacks_need"
    options = ["--model", f"{here}:two_inputs", "--metrics", "f1", "--batches=50"]
    assert main(["bench", f"{here}:NeedsTwoInputs", *options]) in (0, 3)
    assert "with the model given" in capsys.readouterr().out
    assert main(["bench", "TerminateOnNaN", "--model", f"{here}:three"]) == 2
    assert "--model: 'test_what_callbacks_need:three': test_what_callbacks_need has no 'three'" in (
        capsys.readouterr().err
    )


def two_batches() -> Any:
    return [np.zeros((4, 1), np.float32)] * 2, np.zeros((4, 1), np.float32)


def no_batch() -> int:
    return 7


def untold() -> Any:
    model = keras.Sequential([keras.layers.Dense(1)])
    model.compile("sgd", "mse")
    return model


def test_the_command_takes_data(capsys: pytest.CaptureFixture[str]) -> None:
    """A model is trained with it before it is lent; what is no batch is no callback's fault."""
    here = "test_what_callbacks_need"
    given = ["--batches=50", "--model", f"{here}:two_inputs", "--data"]
    assert main(["bench", f"{here}:NeedsTwoInputs", *given, f"{here}:two_batches"]) in (0, 3)
    assert "with the model given" in capsys.readouterr().out
    assert main(["bench", "TerminateOnNaN", *given, f"{here}:no_batch"]) == 1
    assert f"not measured: {here}:no_batch makes one batch (x, y)" in capsys.readouterr().out
    assert main(["bench", "TerminateOnNaN", "--data", f"{here}:two_batches"]) == 2
    assert "--data: is what --model is trained with" in capsys.readouterr().err


def test_a_step_is_one_of_the_model_given(capsys: pytest.CaptureFixture[str]) -> None:
    """With data where its shapes do not tell what to train it with."""
    told = step_ns_of(GivenTraining(untold, lambda: (np.zeros((4, 3)), np.zeros((4, 1)))))
    assert told > 0
    here = "test_what_callbacks_need"
    options = ["--batches=50", "--model", f"{here}:untold", "--against-model"]
    assert main(["bench", "TerminateOnNaN", *options]) == 2
    assert "--against-model: Sequential does not tell the shapes of its inputs and outputs" in (
        capsys.readouterr().err
    )


def test_a_scenario_says_which_model_its_callbacks_need(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """As on the command line."""
    here = "test_what_callbacks_need"
    file = tmp_path / "two.scenario.yaml"
    file.write_text(
        f"name: two inputs\nmodel: {here}:two_inputs\nscript: {{metrics: {{loss: 1x2}}}}\n"
        f"callbacks: ['{here}:NeedsTwoInputs']\nexpect: {{epochs_run: 2}}\n"
    )
    assert main(["bench", str(file), "--batches=50"]) in (0, 3)
    assert "with the model given" in capsys.readouterr().out
