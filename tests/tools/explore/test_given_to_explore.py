"""What is explored with arguments, a function, a model and metrics of somebody's own."""

from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
from keras.callbacks import EarlyStopping

from dryfit.cli import main

HERE = "test_given_to_explore"


class Collects(EarlyStopping):  # type: ignore[misc]
    """Sets itself, and refuses a collection that another play has filled."""

    def __init__(self, seen: list[int], patience: int = 2) -> None:
        super().__init__("val_mae", patience=patience, mode="max")
        self.seen = seen

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        self.seen.append(epoch)
        if len(self.seen) != epoch + 1:
            raise ValueError("somebody's collection")
        super().on_epoch_end(epoch, logs)


class OneTooFew(EarlyStopping):  # type: ignore[misc]
    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        super().on_epoch_end(epoch, logs)
        if self.wait >= self.patience - 1 > 0:
            self.model.stop_training = True


class Predicts(EarlyStopping):  # type: ignore[misc]
    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        assert self.model.predict(np.zeros((2, 3)), verbose=0).shape == (2, 1)
        assert "mae" in (logs or {})
        super().on_epoch_end(epoch, logs)


ONE: list[int] = []


def collection() -> list[int]:
    return []


def sound(patience: int = 2) -> Any:
    return EarlyStopping(patience=patience)


def one_too_few(patience: int = 3) -> Any:
    return OneTooFew(patience=patience)


def nothing() -> None:
    return None


def broken() -> Any:
    raise OSError("no disk")


def needs(patience: int) -> Any:
    return EarlyStopping(patience=patience)


def model() -> Any:
    made = keras.Sequential([keras.Input((3,)), keras.layers.Dense(1)])
    made.compile("sgd", "mse")
    return made


def data() -> Any:
    return np.zeros((4, 3), np.float32), np.zeros((4, 1), np.float32)


KNOWN = ["--except", "nan first", "--examples", "30"]


def test_what_a_function_makes_is_held_against_its_documentation(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """With the settings that it gives; a fault is found, and its scenario names the function."""
    assert main(["explore", f"{HERE}:sound", *KNOWN]) == 0
    assert capsys.readouterr().out.startswith(f"{HERE}:sound does what is documented, in 30 ")
    assert main(["explore", f"{HERE}:one_too_few", *KNOWN]) == 1
    found = capsys.readouterr().out
    # Two epochs without improvement end a training with patience 3, by one too few.
    assert "    val_loss: 1x3\n" in found
    assert f"callbacks:\n  - {HERE}:one_too_few\n" in found
    assert "  stopped: never\n" in found
    assert "    stopped: {epoch: 2}\n" in found


def test_arguments_are_always_given(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """One of those that may be; the scenario has them, and holds."""
    file = tmp_path / "found.scenario.yaml"
    target = "EarlyStopping: {patience: 2|3, restore_best_weights: true}"
    assert main(["explore", target, "--examples", "20", "--save", str(file)]) == 1
    settings = [line for line in file.read_text().splitlines() if "EarlyStopping: {" in line]
    assert settings
    for line in settings:
        assert "patience: 2" in line or "patience: 3" in line
        assert "restore_best_weights: true" in line
    assert main(["run", str(file)]) == 0


def test_an_argument_is_made_anew_for_each_play(capsys: pytest.CaptureFixture[str]) -> None:
    """With `call`; with `import` it is one for all, which this callback refuses."""
    called = f"{HERE}:Collects: {{seen: {{call: '{HERE}:collection'}}}}"
    assert main(["explore", called, *KNOWN]) == 0
    imported = f"{HERE}:Collects: {{seen: {{import: '{HERE}:ONE'}}}}"
    assert main(["explore", imported, *KNOWN]) == 1
    assert "somebody's collection" in capsys.readouterr().out


def test_a_model_is_lent_and_metrics_are_reported(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Without the model it is no verdict; with it a scenario that is found names it, and holds."""
    given = ["--metrics", "mae", "--examples", "10"]
    assert main(["explore", f"{HERE}:Predicts", *given]) == 2
    told = capsys.readouterr().err
    assert f"{HERE}:Predicts asks for ScriptedModel.predict, in on_epoch_end, line " in told
    assert "give the model that it needs, --model MODULE:FUNCTION" in told
    file = tmp_path / "found.scenario.yaml"
    given += ["--model", f"{HERE}:model", "--data", f"{HERE}:data"]
    assert main(["explore", f"{HERE}:Predicts", *given, "--save", str(file)]) == 1
    text = file.read_text()
    assert f'model: "{HERE}:model"\ndata: "{HERE}:data"\n' in text
    assert "id: keras#23559" in text  # the baseline, which these ten examples show
    assert main(["run", str(file)]) == 0


@pytest.mark.parametrize(
    ("command", "message"),
    [
        ([f"{HERE}:nothing"], f"'{HERE}:nothing' made None, no keras.callbacks.Callback"),
        ([f"{HERE}:broken"], f"{HERE}:broken raises OSError: no disk"),
        ([f"{HERE}:needs"], f"an argument is given as '{HERE}:needs: {{argument: value}}'"),
        ([f"{HERE}:needs: {{patiense: 1}}"], "no such argument; did you mean 'patience'?"),
        (["EarlyStopping", "--model", f"{HERE}:modle"], "--model: "),
        (["EarlyStopping", "--model", f"{HERE}:broken"], f"{HERE}:broken raises OSError: no disk"),
        (["EarlyStopping", "--data", f"{HERE}:data"], "--data: is what --model is trained with"),
        (["ModelCheckpoint: {filepath: /a.keras}"], "it leads to /a.keras, outside"),
    ],
    ids=["nothing", "raises", "needs", "typo", "no model", "bad model", "data alone", "outside"],
)
def test_what_cannot_be_explored_is_said(
    command: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Exit 2."""
    assert main(["explore", *command]) == 2
    assert message in capsys.readouterr().err
