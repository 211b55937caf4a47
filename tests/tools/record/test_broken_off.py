"""What is left of a recording that breaks off: a whole file, which replays."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from recorded_training import K, record, replay

from dryfit import load_scenarios
from dryfit.scenario.problems import ScenarioFileError


class Breaks(K.Callback):
    def __init__(self, epoch: int, hook: str = "on_epoch_end") -> None:
        super().__init__()
        self.epoch = epoch
        setattr(self, hook, self._break)

    def _break(self, epoch: int, logs: Any = None) -> None:
        if epoch == self.epoch:
            raise OSError("disk full")


@pytest.mark.parametrize(("epoch", "whole"), [(0, 0), (2, 2)])
def test_an_exception_keeps_all_that_was_reported(file: Path, epoch: int, whole: int) -> None:
    """The replay ends with the last epoch whose end all callbacks had."""
    stop = K.EarlyStopping(monitor="loss", restore_best_weights=True)
    with pytest.raises(OSError, match="disk full"):
        record(file, [stop, Breaks(epoch)], {"loss": "5 4 3 2"})
    text = file.read_text()
    values = " ".join(["5", "4", "3"][: epoch + 1])
    assert f"    loss: {values} _...\n" in text
    assert f"  broken off by OSError in epoch {epoch}, in on_epoch_end of Breaks: disk full" in text
    verdict = replay(file)
    assert verdict.run is not None
    assert verdict.run.epochs_run == whole
    assert verdict.run.restored == ()  # as in the training, which never came to its end


CHILD = """
import sys, time, keras, numpy as np
from dryfit import Recorder

class Slow(keras.callbacks.Callback):
    def on_epoch_end(self, epoch, logs=None):
        time.sleep(0.05)

model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
model.compile(optimizer="sgd", loss="mse")
x = np.ones((2, 1), "float32")
stop = keras.callbacks.EarlyStopping(monitor="loss", patience=500, restore_best_weights=True)
model.fit(x, x, epochs=500, verbose=0, callbacks=[Recorder([stop, Slow()], save=sys.argv[1])])
"""


@pytest.mark.skipif(os.name != "posix", reason="SIGKILL")
def test_a_killed_training_leaves_its_recording(file: Path) -> None:
    """What was written after the last epoch is whole, loads and replays."""
    with subprocess.Popen([sys.executable, "-c", CHILD, str(file)]) as child:
        until = time.monotonic() + 600
        while time.monotonic() < until and not (file.exists() and "epoch: 3" in file.read_text()):
            time.sleep(0.02)
        child.send_signal(signal.SIGKILL)
    assert child.returncode == -signal.SIGKILL
    text = file.read_text()
    assert "  unfinished: what is known after epoch" in text
    assert "  epochs: 500\n" in text
    verdict = replay(file)
    assert verdict.run is not None
    assert 4 <= verdict.run.epochs_run < 500


def test_a_file_is_never_seen_half_written(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A write that fails leaves the last whole file and nothing else, and training goes on."""
    replaced = os.replace
    seen = []

    def fail_once(source: Any, target: Any) -> None:
        seen.append(file.read_text() if file.exists() else None)
        if len(seen) == 2:
            raise OSError("disk full")
        replaced(source, target)

    monkeypatch.setattr(os, "replace", fail_once)
    with pytest.warns(UserWarning, match="the recording is not written: .*: disk full"):
        record(file, [], {"loss": "3 2 1"})
    assert seen[1] == seen[2]
    assert [path.name for path in file.parent.iterdir()] == [file.name]
    assert replay(file).checks == 9


def test_a_recording_that_is_cut_off_says_so(file: Path) -> None:
    """In a mapping it is no YAML; between keys nothing is expected."""
    text = record(file, [K.EarlyStopping(monitor="loss", patience=3)], {"loss": "1x2"})
    file.write_text(text[: text.index("patience") + 4])
    with pytest.raises(ScenarioFileError, match="was it cut off?"):
        load_scenarios(file)
    file.write_text(text[: text.index("expect:")])
    with pytest.raises(ScenarioFileError, match="nothing is expected"):
        load_scenarios(file)
