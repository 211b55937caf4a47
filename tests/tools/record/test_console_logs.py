"""What Keras printed becomes a scenario: real fits, beside the recorder's own file of each."""

import io
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
from yaml import safe_load

from dryfit import Recorder
from dryfit.cli import main
from dryfit.tools.record.history_files import as_scenario
from dryfit.tools.record.readers.reading import read_curves
from dryfit_fakes.series import Series

cb = keras.callbacks


class Terminal(io.StringIO):
    """What a progress bar takes for a terminal."""

    def isatty(self) -> bool:
        return True


# Callbacks, arguments of fit, and the optimizer's rate (1e9 ends in nan).
FITS: dict[str, tuple[Any, dict[str, Any], float]] = {
    "nothing": (list, {}, 0.01),
    "no validation": (list, {"validation_data": None}, 0.01),
    "a late start": (list, {"initial_epoch": 2, "epochs": 5}, 0.01),
    "now and then": (list, {"validation_freq": 2}, 0.01),
    "a stop": (lambda: [cb.EarlyStopping(patience=1, min_delta=10, verbose=1)], {}, 0.01),
    "restored": (
        lambda: [cb.EarlyStopping(patience=1, verbose=1, restore_best_weights=True)],
        {"epochs": 9},
        0.9,
    ),
    "cuts": (
        lambda: [cb.ReduceLROnPlateau(patience=1, min_delta=10, factor=0.5, verbose=1)],
        {},
        0.01,
    ),
    "a schedule": (lambda: [cb.LearningRateScheduler(lambda e: 0.1 / (e + 1), verbose=1)], {}, 0.1),
    "saved": (
        lambda: [
            cb.ModelCheckpoint("w{epoch}.weights.h5", save_weights_only=True, verbose=1),
            cb.ReduceLROnPlateau(patience=1, min_delta=10, verbose=1),
            cb.EarlyStopping(patience=3, min_delta=10, verbose=1, restore_best_weights=True),
        ],
        {"epochs": 8},
        0.01,
    ),
    "saved if better": (
        lambda: [
            cb.ModelCheckpoint(
                "b{epoch}.weights.h5", save_weights_only=True, save_best_only=True, verbose=1
            )
        ],
        {"epochs": 4},
        0.4,
    ),
    "nan": (lambda: [cb.TerminateOnNaN()], {"epochs": 6}, 1e9),
}


def trained(name: str, verbose: int, stream: io.StringIO) -> None:
    """Train, print into a stream, and let a recorder keep a file of it."""
    callbacks, arguments, rate = FITS[name]
    keras.utils.set_random_seed(7)
    x = np.random.default_rng(3).normal(size=(24, 3)).astype("float32")
    y = x.sum(1, keepdims=True)
    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(1)])
    model.compile(keras.optimizers.SGD(rate), "mse", metrics=["mae"])
    recorder = Recorder(callbacks(), save="mine.scenario.yaml")
    settings = {"epochs": 4, "batch_size": 8, "validation_data": (x[:8], y[:8]), **arguments}
    with redirect_stdout(stream):
        model.fit(x, y, verbose=verbose, callbacks=[recorder], **settings)
        model.evaluate(x, y, batch_size=8, verbose=verbose)  # prints bars that are no epoch's


def known(text: str) -> dict[str, Any]:
    """What a file says of the epochs that ran: values to the digits printed, and decisions."""
    script, expect = (safe_load(text)[key] for key in ("script", "expect"))
    first = script.get("initial_epoch", 0)
    metrics = {
        name: [printed(value) for value in read(series, first, expect["epochs_run"])]
        for name, series in script["metrics"].items()
    }
    lists = {key: [] if value == "never" else value for key, value in expect.items()}
    restored = [item["to"]["epoch"] for item in lists.get("restored", [])]
    told: dict[str, Any] = {"metrics": metrics, "epochs": script["epochs"], "first": first}
    told |= {"epochs_run": expect["epochs_run"], "batches": script.get("batches")}
    told |= {"stopped": expect.get("stopped", "never"), "restored": restored}
    told["reduced"] = epochs_of(lists, "ReduceLROnPlateau")
    told["checkpoints"] = [(c["epoch"], c["path"]) for c in lists.get("checkpoints", [])]
    return told


def epochs_of(expect: dict[str, Any], by: str) -> str:
    """Of reductions."""
    return str(dict(expect.get("reductions") or {}).get(by, ""))


def read(series: Any, first: int, epochs: int) -> list[float | None]:
    parsed = Series.parse(str(series))
    return [parsed.values[min(at, len(parsed.values) - 1)] for at in range(first, first + epochs)]


def printed(value: float | None) -> str:
    """As Progbar does."""
    if value is None:
        return "_"
    value = float(np.float32(value))
    return f"{value:.4f}" if abs(value) > 1e-3 else f"{value:.4e}"


def differing(told: dict[str, Any], kept: dict[str, Any]) -> list[str]:
    return [f"{key}: {told[key]} {kept[key]}" for key in kept if told[key] != kept[key]]


@pytest.mark.parametrize("stream", [io.StringIO, Terminal])
@pytest.mark.parametrize("verbose", [1, 2])
@pytest.mark.parametrize("name", FITS)
def test_a_log_says_what_the_recorder_kept(
    name: str,
    verbose: int,
    stream: type[io.StringIO],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Epochs, values, stops, restored weights, cuts and files, read back from the console."""
    monkeypatch.chdir(tmp_path)
    console = stream()
    trained(name, verbose, console)
    Path("run.log").write_text(console.getvalue(), encoding="utf-8", newline="")
    (curve,) = read_curves(Path("run.log"))
    told = known(as_scenario(curve, "run", "run.log"))
    kept = known(Path("mine.scenario.yaml").read_text(encoding="utf-8"))
    for metrics in (told["metrics"], kept["metrics"]):
        metrics.pop("learning_rate", None)
    if kept["stopped"] == "never":
        assert "early stopping" not in console.getvalue()
    assert differing(told, kept) == []


def test_a_log_in_a_bug_report_becomes_a_scenario(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the callbacks that its comment shows in place, what was printed is what happens."""
    monkeypatch.chdir(tmp_path)
    log = (
        "Epoch 1/9\n4/4 - 1s - 9ms/step - loss: 1.0000 - val_loss: 0.9000\n"
        "Epoch 2/9\n4/4 - 0s - 9ms/step - loss: 0.9000 - val_loss: 0.5000\n"
        "Epoch 3/9\n4/4 - 0s - 9ms/step - loss: 0.8000 - val_loss: 0.6000\n"
        "Epoch 4/9\n4/4 - 0s - 9ms/step - loss: 0.7000 - val_loss: 0.7000\n"
        "Epoch 4: early stopping\n"
        "Restoring model weights from the end of the best epoch: 2.\n"
    )
    Path("bug.txt").write_text(log)
    assert main(["record", "--from", "bug.txt"]) == 0
    file = Path("bug.scenario.yaml")
    text = file.read_text()
    head, _, below = text.partition("callbacks: []\n")
    comment, _, expect = below.partition("expect:\n")
    assert expect == (
        "  epochs_run: 4\n"
        "  stopped: {epoch: 3, by: EarlyStopping}\n"
        "  restored: [{by: EarlyStopping, to: {epoch: 1}}]\n"
        "  weights: {epoch: 1}\n"
    )
    assert main(["run", "bug.scenario.yaml"]) == 1  # a log says nothing of settings
    shown = "".join(line[2:] + "\n" for line in comment.splitlines() if line.startswith("#   - "))
    file.write_text(f"{head}callbacks:\n{shown}expect:\n{expect}")
    assert main(["run", "bug.scenario.yaml"]) == 0


OLD = """\
Train on 8 samples, validate on 8 samples
Epoch 1/9
8/8 [==============================] - 0s 9ms/step - loss: 3.0000 - val_loss: 2.0000

Epoch 00001: LearningRateScheduler setting learning rate to 0.1.

Epoch 00001: val_loss improved from inf to 2.00000, saving model to w.h5
Epoch 2/9
8/8 [==============================] - 0s 9ms/step - loss: 2.0000 - val_loss: 3.0000

Epoch 00002: LearningRateScheduler setting learning rate to 0.05.

Epoch 00002: val_loss did not improve from 2.00000

Epoch 00002: ReduceLROnPlateau reducing learning rate to 0.025.
Restoring model weights from the end of the best epoch.
Epoch 00002: early stopping
"""


def test_the_lines_of_keras_2(tmp_path: Path) -> None:
    """Epochs of five digits, a rate with a full stop, and no word on which epoch was best."""
    log = tmp_path / "log"
    log.write_text(OLD)
    (curve,) = read_curves(log)
    assert dict(curve.metrics) == {"loss": (3.0, 2.0), "val_loss": (2.0, 3.0)}
    assert curve.planned == 9
    assert dict(curve.expect) == {
        "stopped": {"epoch": 1, "by": "EarlyStopping"},
        "restored": [{"by": "EarlyStopping"}],
        "learning_rate": "0.1 0.05",
        "reductions": {"ReduceLROnPlateau": "1"},
        "checkpoints": [{"epoch": 0, "by": "ModelCheckpoint", "path": "w.h5"}],
    }
    assert curve.callbacks == (
        "- LearningRateScheduler: {schedule: {piecewise: {0: 0.1, 1: 0.05}}}",
        "- ReduceLROnPlateau: {monitor: val_loss, patience: 2}",
        '- ModelCheckpoint: {filepath: "w.h5", monitor: val_loss}',
        "- EarlyStopping: {monitor: val_loss, patience: 2, restore_best_weights: true}",
    )
