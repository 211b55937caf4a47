"""What a picture can be asked: each setting against the callback itself."""

import json
from pathlib import Path

import pytest
from keras.callbacks import EarlyStopping, TerminateOnNaN

from dryfit import load_scenarios, play
from dryfit.judge.verdict import judge
from dryfit.show.page.slider import Slider
from dryfit.tools.sweep.patience_slider import PATIENCES, slider_of


def slider(folder: Path, script: str, callbacks: str) -> Slider | None:
    """What can be asked of a scenario of this script."""
    file = folder / "a.scenario.yaml"
    file.write_text(
        f"name: a\nscript: {script}\ncallbacks: {callbacks}\nexpect: {{reductions: never}}\n",
        encoding="utf-8",
    )
    (scenario,) = load_scenarios(file)
    return slider_of(judge(scenario, "fake"))


CURVE = ".9 .5 .505 .502 .49 .6 .48 .7 .3 .4x3"


@pytest.mark.parametrize(
    "arguments",
    [
        {"patience": 2, "restore_best_weights": True},
        {"patience": 3, "min_delta": 0.05},
        {"patience": 1, "baseline": 0.5, "restore_best_weights": True, "start_from_epoch": 2},
    ],
    ids=["restores", "keeps", "baseline"],
)
def test_every_setting_decides_what_the_callback_does(tmp_path: Path, arguments: dict) -> None:
    """When it stops, which epoch is the best, and whose weights the model ends with."""
    given = json.dumps(arguments)
    script = f"{{initial_epoch: 1, metrics: {{val_loss: _ {CURVE}}}}}"
    found = slider(tmp_path, script, f"[EarlyStopping: {given}, TerminateOnNaN]")
    assert found is not None
    for delta, row in zip(found["deltas"], found["decided"], strict=True):
        for patience, decision in zip(found["patiences"], row, strict=True):
            callback = EarlyStopping(**{**arguments, "patience": patience, "min_delta": delta})
            metrics, callbacks = {"val_loss": f"_ {CURVE}"}, [callback, TerminateOnNaN()]
            run = play(metrics, callbacks, initial_epoch=1)
            best = callback.best_epoch if callback.best is not None else None
            assert decision == (run.stopped_epoch, best, run.weights_epoch), (patience, delta)


def test_it_stands_at_the_setting_that_was_played(tmp_path: Path) -> None:
    """With the min_deltas that matter on a curve that goes down by 0.6."""
    script = f"{{metrics: {{val_loss: {CURVE}}}}}"
    found = slider(tmp_path, script, "[EarlyStopping: {patience: 2, min_delta: .02}]")
    assert found is not None
    assert found["deltas"] == [0, 0.0006, 0.006, 0.02, 0.06]
    patience, delta = found["at"]
    assert (found["patiences"][patience], found["deltas"][delta]) == (2, 0.02)
    assert found["last"] == 11


def test_a_long_curve_has_no_more_settings(tmp_path: Path) -> None:
    """Twenty patiences over all of it, and far less than 20 KB."""
    found = slider(tmp_path, "{metrics: {loss: 1x1000}}", "[EarlyStopping: {monitor: loss}]")
    assert found is not None
    assert len(found["patiences"]) <= PATIENCES
    assert (found["patiences"][0], found["patiences"][-1]) == (0, 1000)  # which never stops it
    assert len(found["deltas"]) <= 5
    assert len(json.dumps(found)) < 20_000


@pytest.mark.parametrize(
    ("script", "callbacks"),
    [
        ("{metrics: {loss: 1x4}}", "[EarlyStopping: {monitor: loss}, StopAt: {epoch: 1}]"),
        ("{metrics: {loss: 1x4}}", "[EarlyStopping: {monitor: loss}, EarlyStopping]"),
        ("{metrics: {loss: 1x4}}", "[EarlyStopping]"),
        ("{metrics: {other: 1x4}}", "[EarlyStopping: {monitor: other}]"),
        ("{metrics: {loss: 1x4}}", "[TerminateOnNaN]"),
    ],
    ids=["another stops", "two", "not reported", "no direction", "none"],
)
def test_there_is_none_where_something_else_decides(
    tmp_path: Path, script: str, callbacks: str
) -> None:
    """Nothing is shown that no play would do."""
    assert slider(tmp_path, script, callbacks) is None
