"""Behind a scenario, and a play, the process is as it was, whatever a callback did to it."""

import sys
import threading
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import keras
import pytest
from process_state import VANDAL, whole_state

from dryfit import load_scenarios, play
from dryfit.judge.verdict import judge


def in_a_scenario(lane: str, folder: Path) -> None:
    file = folder / "a.scenario.yaml"
    file.write_text(
        "name: a\nscript: {metrics: {loss: 1x2}}\ncallbacks: ['vandals:Vandal']\n"
        "expect: {epochs_run: 2}\n"
    )
    judge(load_scenarios(file)[0], lane)


def in_a_play(lane: str, folder: Path) -> None:
    play({"loss": "1x2", "val_loss": "1x2"}, [keras.callbacks.EarlyStopping()], lane)


@pytest.mark.parametrize("lane", ["fake", "real"])
@pytest.mark.parametrize("door", [in_a_scenario, in_a_play])
def test_the_process_is_as_it_was(
    door: Callable[[str, Path], None], lane: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Compared as a whole, behind a callback that leaves everything changed."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "vandals.py").write_text(VANDAL)
    play({"loss": "1x1"}, [], lane)  # what is made once, such as TensorFlow's threads
    before = whole_state()
    door(lane, tmp_path)
    assert whole_state() == before


def test_plays_in_threads_take_turns() -> None:
    """What 24 plays in six threads tell is what one tells by itself."""

    class Prints(keras.callbacks.Callback):
        def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
            print("epoch", epoch)
            warnings.warn("told", stacklevel=2)

    def told() -> Any:
        return play({"loss": "1x20"}, [Prints()], seconds_per_batch=1.0).timeline

    found: list[Any] = []
    before = Path.cwd(), sys.stdout, sys.stderr
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        alone = told()
        threads = [
            threading.Thread(target=lambda: found.extend(told() for _ in range(4)))
            for _ in range(6)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert found == [alone] * 24
    assert (Path.cwd(), sys.stdout, sys.stderr) == before
