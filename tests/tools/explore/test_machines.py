"""The reference machines against sequences worked out by hand, without Keras."""

import subprocess
import sys
from typing import Any

import pytest

from dryfit.tools.explore.early_stopping import early_stopping
from dryfit.tools.explore.learning_rate_scheduler import learning_rate_scheduler
from dryfit.tools.explore.model_checkpoint import model_checkpoint
from dryfit.tools.explore.promises import Reported
from dryfit.tools.explore.reduce_lr_on_plateau import reduce_lr_on_plateau
from dryfit.tools.explore.schedules import halved, stepped
from dryfit_fakes.float32 import float32
from dryfit_fakes.series import Series

MODULES = "early_stopping learning_rate_scheduler model_checkpoint reduce_lr_on_plateau".split()


def reported(series: str, metric: str = "val_loss", **keys: Any) -> Reported:
    values = Series.parse(series).values
    return Reported(tuple({} if v is None else {metric: float32(v)} for v in values), **keys)


def test_the_machines_import_no_keras() -> None:
    """They can agree with Keras by its documentation alone."""
    code = f"import sys; from dryfit.tools.explore import {', '.join(MODULES)}"
    code += "; print([*sys.modules])"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert loaded.returncode == 0, loaded.stderr
    assert "'keras'" not in loaded.stdout


@pytest.mark.parametrize(
    ("series", "settings", "stopped", "weights"),
    [
        (".9 .5 .6x4", {"patience": 2}, 3, 3),
        (".9 .5 .6x4", {"patience": 2, "restore_best_weights": True}, 3, 1),
        ("1 .9 .8", {}, None, 2),
        ("1 1", {}, 1, 1),
        ("1 1", {"patience": 1}, 1, 1),
        ("1 2 3 2", {"mode": "max", "restore_best_weights": True}, 3, 2),
        ("nan 1 .9", {}, None, 2),
        ("nan nan 1", {}, 1, 1),
        ("1 nan .5", {"patience": 2}, None, 2),
        ("inf inf 1", {"patience": 2}, None, 2),
        ("1 _ 1 _ .5", {"patience": 2}, None, 4),
        ("1 .5 0", {"min_delta": 0.5}, None, 2),
        ("1 .75 .5", {"min_delta": 0.5, "patience": 2}, None, 2),
        ("1 .75 .6", {"min_delta": 0.5, "patience": 2, "restore_best_weights": True}, 2, 2),
        ("1 .9 .8 .7", {"baseline": 0.5, "patience": 3}, 2, 2),
        ("1 .4 .45 .45", {"baseline": 0.5, "patience": 2}, 3, 3),
        (".1 .2 1 2", {"start_from_epoch": 2, "restore_best_weights": True}, 3, 2),
        ("_x3", {"restore_best_weights": True}, None, 2),
    ],
)
def test_early_stopping(
    series: str, settings: dict[str, Any], stopped: int | None, weights: int
) -> None:
    """The epoch that stops, and whose weights remain."""
    decisions = early_stopping(reported(series), **settings).decisions
    told = "never" if stopped is None else {"epoch": stopped}
    assert (decisions["stopped"], decisions["weights"]) == (told, {"epoch": weights})


@pytest.mark.parametrize(
    ("series", "settings", "stopped", "weights"),
    [
        ("nan 1 .9", {}, None, 2),
        ("nan 1 1", {"patience": 2, "restore_best_weights": True}, None, 1),
        ("nan nan 1", {"patience": 2}, 1, 1),
        ("_ nan 1", {}, 1, 1),
        ("inf inf 1", {"patience": 2}, 1, 1),
        ("-inf 1", {"mode": "max"}, None, 1),
        ("nan inf", {"patience": 3, "restore_best_weights": True}, None, 0),
    ],
)
def test_early_stopping_that_compares_a_first_value(
    series: str, settings: dict[str, Any], stopped: int | None, weights: int
) -> None:
    """With infinity, as Keras 2 does; no first epoch ends a training."""
    decisions = early_stopping(reported(series, first_is_compared=True), **settings).decisions
    told = "never" if stopped is None else {"epoch": stopped}
    assert (decisions["stopped"], decisions["weights"]) == (told, {"epoch": weights})


@pytest.mark.parametrize(
    ("series", "settings", "after"),
    [
        ("1x5", {"patience": 2}, "1 1 .5 .5 .25"),
        ("1 .5 .4", {"patience": 1}, "1 1 1"),
        ("nan 1 .9", {"patience": 1}, "1 1 1"),
        ("1x5", {"patience": 1, "cooldown": 1}, "1 .5 .5 .25 .25"),
        ("1x5", {"patience": 1, "cooldown": 2}, "1 .5 .5 .5 .25"),
        ("1x4", {"patience": 1, "min_lr": 0.3}, "1 .5 .3 .3"),
        ("1 _ 1 1", {"patience": 2}, "1 1 1 .5"),
        ("1 .5 0", {"patience": 1, "min_delta": 0.5}, "1 .5 .5"),
        ("1 2 3", {"patience": 1, "mode": "max"}, "1 1 1"),
    ],
)
def test_reduce_lr_on_plateau(series: str, settings: dict[str, Any], after: str) -> None:
    """The rate after each epoch, from 1 by halves."""
    promise = reduce_lr_on_plateau(reported(series, learning_rate=1.0), factor=0.5, **settings)
    assert promise.decisions["learning_rate_after"] == Series.parse(after).values


@pytest.mark.parametrize(("series", "after"), [("nan 1 .9", ".5 .5 .5"), ("inf 1 1", ".5 .5 .25")])
def test_reduce_lr_on_plateau_that_compares_a_first_value(series: str, after: str) -> None:
    """With infinity, as Keras 2 does."""
    told = reported(series, learning_rate=1.0, first_is_compared=True)
    promise = reduce_lr_on_plateau(told, factor=0.5, patience=1)
    assert promise.decisions["learning_rate_after"] == Series.parse(after).values


def test_learning_rate_scheduler() -> None:
    """The rate of each epoch, from the one before or from the epoch alone."""
    told = reported("1x3", learning_rate=1.0)
    assert learning_rate_scheduler(told, schedule=halved).decisions == {
        "learning_rate": (0.5, 0.25, 0.125)
    }
    assert learning_rate_scheduler(told, schedule=stepped).decisions == {
        "learning_rate": (1.0, 1.0, 0.1)
    }


@pytest.mark.parametrize(
    ("series", "settings", "epochs"),
    [
        ("3 1 2", {}, [0, 1, 2]),
        ("3 1 2", {"save_best_only": True}, [0, 1]),
        ("1 1 .5", {"save_best_only": True}, [0, 2]),
        ("nan .9 1", {"save_best_only": True}, [0, 1]),
        (".5 _ .4", {"save_best_only": True}, [0, 2]),
        ("3 1 2", {"save_best_only": True, "initial_value_threshold": 2.0}, [1]),
        ("3 1 4", {"save_best_only": True, "mode": "max"}, [0, 2]),
    ],
)
def test_model_checkpoint(series: str, settings: dict[str, Any], epochs: list[int]) -> None:
    """The epochs that are written, each into the same file."""
    promise = model_checkpoint(reported(series), filepath="a.weights.h5", **settings)
    files = [{"epoch": epoch, "path": "a.weights.h5"} for epoch in epochs]
    assert promise.decisions == {
        "checkpoints": files,
        "files": {"a.weights.h5": {"epoch": epochs[-1]}},
    }


def test_model_checkpoint_that_compares_a_first_value() -> None:
    """With infinity, as Keras 2 does: a nan is never the best."""
    told = reported("nan .9 1", first_is_compared=True)
    promise = model_checkpoint(told, filepath="a.weights.h5", save_best_only=True)
    assert promise.decisions["checkpoints"] == [{"epoch": 1, "path": "a.weights.h5"}]


def test_model_checkpoint_counts_batches_over_epochs() -> None:
    """Two of every three batches an epoch: 0-1, 1-0, 1-2."""
    told = reported("1x2", "loss", batches=3)
    promise = model_checkpoint(told, filepath="{epoch}-{batch}.weights.h5", save_freq=2)
    paths = [saved["path"] for saved in promise.decisions["checkpoints"]]
    assert paths == ["1-2.weights.h5", "2-1.weights.h5", "2-3.weights.h5"]


def test_a_rule_that_keras_breaks_is_noted_only_where_it_is_applied() -> None:
    """A nan that no number follows is no issue."""
    assert early_stopping(reported("nan nan")).at_issue == []
    (defect,) = early_stopping(reported("nan 1")).at_issue
    assert (defect.name, defect.id) == ("nan first", "keras#20533")


def test_a_direction_that_a_name_does_not_tell_is_refused() -> None:
    """Which metrics Keras knows is not in the documentation."""
    with pytest.raises(ValueError, match="say the mode of 'val_f1'"):
        early_stopping(Reported(()), monitor="val_f1")
