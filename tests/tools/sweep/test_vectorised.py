"""Array programs decide what Keras' callbacks decide, driven by plain Keras' hooks."""

import contextlib
import io
import random
import warnings
from collections.abc import Callable
from typing import Any

import keras
import plain_hooks
import pytest

from dryfit.tools.sweep.callback_lists import ArrayLists
from dryfit.tools.sweep.curve_arrays import CurveArrays, SweptCurve, as_arrays
from dryfit.tools.sweep.settings import arithmetic

CELLS = 2000
CURVES = 20  # that each setting is decided on
DIRECTIONS = {
    (monitor, mode): mode == "max"
    for monitor in ("loss", "val_loss")
    for mode in ("auto", "min", "max")
}


def value(draw: random.Random, before: float) -> float | None:
    """The next of a curve: odd in each way that callbacks have to bear."""
    kind = draw.random()
    odd = ((0.06, float("nan")), (0.09, float("inf")), (0.11, float("-inf")), (0.2, None))
    for below, found in odd:
        if kind < below:
            return found
    if kind < 0.35:
        return before  # a tie
    if kind < 0.5:
        return before - draw.choice([0.125, 0.25, 1e-4])  # min_delta exactly met
    if kind < 0.55:
        return 1e-40 * draw.randint(0, 3)  # denormal
    return round(draw.random() * 2 - 0.5, draw.choice([1, 2, 7]))


def curve(draw: random.Random, name: int) -> SweptCurve:
    """A short curve with both losses."""
    columns: dict[str, tuple[float | None, ...]] = {}
    length = draw.randint(1, 12)
    for metric in ("val_loss", "loss"):
        before, column = 1.0, list[float | None]()
        for _ in range(length):
            column.append(found := value(draw, before))
            before = found if found is not None and abs(found) < 9 else before
        columns[metric] = (
            tuple(column) if any(v is not None for v in column) else (0.5, *column[1:])
        )
    return SweptCurve(str(name), draw.choice([0, 0, 3]), columns, (), draw.choice([0.01, 0.1, 1.0]))


def early_stopping(draw: random.Random) -> dict[str, Any]:
    return {
        "monitor": draw.choice(["val_loss", "loss"]),
        "min_delta": draw.choice([0, 0.125, -0.125, 0.25, 1e-4]),
        "patience": draw.choice([0, 1, 2, 3, 5, 2.5]),
        "mode": draw.choice(["auto", "min", "max"]),
        "baseline": draw.choice([None, None, 0, 0.3, 1]),
        "restore_best_weights": draw.choice([True, False]),
        "start_from_epoch": draw.choice([0, 0, 2, 5]),
    }


def reduce_lr_on_plateau(draw: random.Random) -> dict[str, Any]:
    return {
        "monitor": draw.choice(["val_loss", "loss"]),
        "factor": draw.choice([0.1, 0.5, 0.9, 0.0]),
        "patience": draw.choice([0, 1, 2, 3]),
        "mode": draw.choice(["auto", "min", "max"]),
        "min_delta": draw.choice([0, 0.125, 0.25, 1e-4]),
        "cooldown": draw.choice([0, 1, 2, 4]),
        "min_lr": draw.choice([0, 0.001, 0.01, 0.05]),
    }


def terminate_on_nan(draw: random.Random) -> dict[str, Any]:
    return {"raise_error": draw.choice([True, False])}


def model_checkpoint(draw: random.Random) -> dict[str, Any]:
    return {
        "filepath": draw.choice(["a.weights.h5", "{epoch:02d}.weights.h5"]),
        "save_weights_only": True,
        "save_best_only": True,
        "monitor": draw.choice(["val_loss", "loss"]),
        "mode": draw.choice(["auto", "min", "max"]),
        "initial_value_threshold": draw.choice([None, None, 0.3, 1]),
    }


ARGUMENTS: dict[str, Callable[[random.Random], dict[str, Any]]] = {
    "EarlyStopping": early_stopping,
    "ReduceLROnPlateau": reduce_lr_on_plateau,
    "TerminateOnNaN": terminate_on_nan,
    "ModelCheckpoint": model_checkpoint,
}


def differing(
    curves: CurveArrays, setting: list[tuple[str, dict[str, Any]]]
) -> list[tuple[Any, ...]]:
    """The cells that array programs decide otherwise."""
    decided = ArrayLists(curves, DIRECTIONS, arithmetic()).decide([setting])
    found = []
    for index in range(len(curves)):
        one = curves.curve(index)
        callbacks = [getattr(keras.callbacks, name)(**given) for name, given in setting]
        assert one.begins_with is not None
        empty = dict.fromkeys(("loss", "val_loss"), (None,) * one.epochs)
        metrics = {**empty, **one.metrics}
        real = plain_hooks.play(callbacks, metrics, one.first_epoch, one.begins_with)
        said = decided.decided(0, index)
        differs = {name: (said[name], real[name]) for name in real if said[name] != real[name]}
        if differs:
            found.append((setting, one, differs))
    return found


@pytest.mark.parametrize("name", [*ARGUMENTS, "several"])
def test_two_thousand_random_cells_are_decided_as_keras_does(name: str) -> None:
    """With nan, inf, gaps, ties, denormals and min_delta exactly met, and every argument."""
    draw = random.Random(name)
    curves = as_arrays([curve(draw, number) for number in range(400)])
    found = []
    with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()):
        warnings.simplefilter("ignore")
        for _ in range(CELLS // CURVES):
            start = draw.randrange(400 - CURVES)
            names = [name] if name in ARGUMENTS else draw.sample(list(ARGUMENTS), 3)
            setting = [(each, ARGUMENTS[each](draw)) for each in names]
            found += differing(curves.part(start, start + CURVES), setting)
    assert found == []


def test_any_patience_is_a_threshold_on_one_trace() -> None:
    """Every patience decides as it does alone, below nothing and beyond everything."""
    draw = random.Random(0)
    curves = as_arrays([curve(draw, number) for number in range(50)])
    settings = [
        [("EarlyStopping", {"patience": patience})] for patience in (-1, 0, 1, 2, 1.5, 11, 12, 99)
    ]
    together = ArrayLists(curves, DIRECTIONS, arithmetic()).decide(settings)
    for row, setting in enumerate(settings):
        alone = ArrayLists(curves, DIRECTIONS, arithmetic()).decide([setting])
        assert together.stopped[row].tolist() == alone.stopped[0].tolist()


def test_one_curve_by_hand() -> None:
    """Two epochs without improvement stop the third; a rate is cut in the same one."""
    curves = as_arrays([SweptCurve("a", 0, {"val_loss": (0.9, 0.5, 0.6, 0.6, 0.4)})])
    setting = [
        ("EarlyStopping", {"patience": 2, "restore_best_weights": True}),
        ("ReduceLROnPlateau", {"patience": 2, "factor": 0.5}),
    ]
    decided = ArrayLists(curves, DIRECTIONS, arithmetic()).decide([setting])
    assert decided.decided(0, 0) == {
        "epochs": 4,
        "stopped": 3,
        "other_rates_from": -1,
        "restored": 1,
        "saves": 0,
        "last_save": -1,
        "cuts": 1,
        "last_rate": pytest.approx(0.005),
    }
