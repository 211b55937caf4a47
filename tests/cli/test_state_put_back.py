"""Behind every door the process is as it was, whatever a callback did to it."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
from process_state import VANDAL, whole_state

from dryfit import Recorder, play
from dryfit.check import check_callback
from dryfit.cli import main

SCENARIO = """\
name: a
script: {metrics: {loss: 1x2, val_loss: 1x2}}
callbacks: ['vandals:Vandal']
expect: {epochs_run: 2}
"""


def command(*arguments: str) -> Callable[[], object]:
    return lambda: main(arguments)


DOORS: dict[str, Callable[[], object]] = {
    "run both": command("run", "a.scenario.yaml", "--lane", "both"),
    "trace": command("trace", "a.scenario.yaml"),
    "replay": command("replay", "a.scenario.yaml", "--with", "EarlyStopping: {patience: 1}"),
    "bench": command("bench", "vandals:Vandal", "--batches", "10"),
    "explore": command("explore", "EarlyStopping", "--examples", "3"),
    "mutate": command("mutate", "vandals:Vandal", "a.scenario.yaml", "--most", "1"),
    "together": command("together", "vandals:Vandal", "EarlyStopping", "--curves", "2"),
    "check_callback": lambda: check_callback("vandals:Vandal"),
}


@pytest.mark.parametrize("door", DOORS)
def test_the_process_is_as_before(
    door: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Compared as a whole."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "vandals.py").write_text(VANDAL)
    (tmp_path / "a.scenario.yaml").write_text(SCENARIO)
    play({"loss": "1x1"}, [], "real")  # what is made once, such as TensorFlow's threads
    before = whole_state()
    DOORS[door]()
    assert changed(before) == {}


def test_the_fixtures_put_back(scripted_fit: Any, scripted_model: Any) -> None:
    """They play as `play` does."""
    play({"loss": "1x1"}, [])
    before = whole_state()
    callbacks = [keras.callbacks.EarlyStopping("loss")]
    scripted_fit({"loss": "1x2"}, callbacks=callbacks)
    scripted_model({"loss": "1x2"}).fit(callbacks=callbacks)
    assert changed(before) == {}


def test_a_recorder_adds_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In a fit of somebody's own, which draws nothing; also where it replays what it saved."""
    monkeypatch.chdir(tmp_path)
    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
    model.compile("sgd", "mse")

    def fit(callbacks: list[Any]) -> None:
        data = np.zeros((2, 1))
        model.fit(data, data, shuffle=False, verbose=0, callbacks=callbacks)

    def recorder(file: str) -> Recorder:
        return Recorder([keras.callbacks.EarlyStopping("loss")], save=file, verify=True)

    fit([recorder("a.scenario.yaml")])
    before = whole_state()
    fit([recorder("b.scenario.yaml")])
    assert changed(before) == {}


def changed(before: dict[str, Any]) -> dict[str, tuple[Any, Any]]:
    """What is another now, with what it was."""
    now = whole_state()
    return {name: (before[name], now[name]) for name in before if before[name] != now[name]}
