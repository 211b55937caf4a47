"""What other settings of a scenario's EarlyStopping decide, for a picture that can be asked."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import product
from typing import TYPE_CHECKING

import numpy as np

from dryfit.scenario.problems import ScenarioFileError
from dryfit.scenario.scenario import Item, Scenario
from dryfit.show.page.slider import Decision, Slider
from dryfit.tools.sweep.callback_lists import decide
from dryfit.tools.sweep.curve_arrays import NEVER, CurveArrays, as_arrays
from dryfit.tools.sweep.curve_sources import curve_of
from dryfit.tools.sweep.settings import (
    Setting,
    SweptSettings,
    arithmetic,
    direction_of,
    why_not_vectorised,
)

if TYPE_CHECKING:
    from dryfit.judge.verdict import Verdict

PATIENCES = 20  # of a slider, at most; of min_deltas it has up to five
_MOST_EPOCHS = 2_000
_STOPS = ("EarlyStopping", "TerminateOnNaN")
# Keras' callbacks that decide nothing of when a scripted curve ends, or whose weights remain.
_DOES_NOT_MATTER = ("CSVLogger", "LearningRateScheduler", "ModelCheckpoint", "ReduceLROnPlateau")


def slider_of(verdict: "Verdict") -> Slider | None:
    """Decide other patiences and min_deltas of a scenario's one EarlyStopping.

    The array programs decide, on the scripted curve, with the numbers as they are. There is no
    slider where something else has a say in when training ends: several calls or ranks, other
    callbacks, or a run that did not decide what they do.
    """
    scenario = verdict.scenario
    names = [name for name, _ in scenario.callbacks]
    if names.count("EarlyStopping") != 1 or {*names} - {*_STOPS, *_DOES_NOT_MATTER}:
        return None
    (played, *others) = verdict.played or (None,)
    if others or played is None or played.run is None or len(played.ranks) > 1:
        return None
    if played.run.raised is not None or (curves := _curves(scenario)) is None:
        return None
    items = [(name, arguments) for name, arguments in scenario.callbacks if name in _STOPS]
    (arguments,) = (arguments for name, arguments in items if name == "EarlyStopping")
    whole = SweptSettings((tuple(items),), ({},), {})
    monitor, mode = arguments.get("monitor", "val_loss"), arguments.get("mode", "auto")
    if why_not_vectorised(whole, curves) or monitor not in curves.values:
        return None
    here = abs(arguments.get("min_delta", 0)), arguments.get("patience", 0)
    deltas = _deltas(here[0], curves, monitor)
    patiences = _patiences(here[1], curves.longest)
    settings = [_with(items, p, d) for d, p in product(deltas, patiences)]
    if why_not_vectorised(SweptSettings(tuple(settings), ({},) * len(settings), {}), curves):
        return None
    up = direction_of(monitor, mode)
    assert up is not None  # there would be no array program
    restores = bool(arguments.get("restore_best_weights"))
    decided = list(_decided(curves, settings, {(monitor, mode): up}, restores))
    run, at = played.run, deltas.index(here[0]) * len(patiences) + patiences.index(here[1])
    stop, _, weights = decided[at]
    if (run.stopped_epoch, run.weights_epoch) != (stop, weights):
        return None
    rows = [decided[n : n + len(patiences)] for n in range(0, len(decided), len(patiences))]
    last = int(curves.first[0] + curves.epochs[0] - 1)
    return Slider(
        patiences=patiences,
        deltas=deltas,
        at=[patiences.index(here[1]), deltas.index(here[0])],
        decided=rows,
        last=last,
    )


def _curves(scenario: Scenario) -> CurveArrays | None:
    """The scripted curve; ``None`` where there is none that does not depend on the run."""
    keys = scenario.calls[0].keys
    if len(scenario.calls) > 1 or keys is None or scenario.loop or keys.interrupt is not None:
        return None
    try:
        curve = curve_of(replace(scenario, known_defect=None))
    except ScenarioFileError:
        return None
    if curve.epochs > _MOST_EPOCHS:
        return None
    return as_arrays([curve])


def _patiences(here: float, epochs: int) -> list[float]:
    """Up to twenty, from 0 to what no curve of so many epochs can use up, and the one there is."""
    step = math.ceil(epochs / (PATIENCES - 2))
    return sorted({*range(0, epochs, step), epochs, here})


def _deltas(here: float, curves: CurveArrays, monitor: str) -> list[float]:
    """Up to five: 0, the one there is, and 0.1, 1 and 10 per cent of how far the curve goes."""
    values = curves.values[monitor][curves.there[monitor]]
    finite = values[np.isfinite(values)].astype(np.float64)
    reach = float(np.ptp(finite)) if finite.size else 0.0
    rounded = {float(f"{share * reach:.0e}") for share in (0.001, 0.01, 0.1)}
    kept = sorted({0.0, *rounded})
    return sorted({*kept, here})


def _with(items: Sequence[Item], patience: float, min_delta: float) -> Setting:
    given = {"patience": patience, "min_delta": min_delta, "restore_best_weights": True}
    return tuple(
        (name, {**arguments, **given} if name == "EarlyStopping" else arguments)
        for name, arguments in items
    )


def _decided(
    curves: CurveArrays,
    settings: Sequence[Setting],
    directions: dict[tuple[str, str], bool],
    restores: bool,
) -> Iterator[Decision]:
    """What each setting decides: when it stops, the best epoch, and whose weights remain.

    Args:
        settings: all of them put the best weights back, which tells the best epoch.
        restores: whether the scenario's does.
    """
    found = decide(curves, settings, directions, arithmetic())
    first = int(curves.first[0])
    for row in range(len(settings)):
        stop, best = int(found.stopped[row, 0]), int(found.restored[row, 0])
        last = first + int(found.epochs[row, 0]) - 1
        known = None if best == NEVER else best
        weights = known if restores and known is not None else last
        yield None if stop == NEVER else stop, known, weights
