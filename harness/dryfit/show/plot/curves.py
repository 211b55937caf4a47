"""Which curves a picture shows, and where each was best."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from dryfit.facts.suggestions import did_you_mean

_RATES = ("learning_rate", "lr")
_MODES = ("auto", "min", "max")
_SEEN = 1000  # places from left to right that are told apart

Rows = Mapping[int, Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class DrawnCurve:
    """What was reported of a metric: epochs and values, nan and inf too."""

    name: str
    points: tuple[tuple[int, float], ...]


@dataclass(frozen=True, slots=True)
class CurvePanel:
    """A metric's training and validation, which share an axis.

    Attributes:
        curves: what is watched first.
        best: the epoch and the value of the best of the first curve; ``None`` where nobody
            knows whether high or low is better, or all is nan.
    """

    curves: tuple[DrawnCurve, ...]
    best: tuple[int, float] | None


def panels(
    rows: Rows, state: Mapping[str, list[Any]], monitor: str | None, mode: str
) -> tuple[CurvePanel, ...]:
    """Choose the curves, and find the best of what is watched.

    Args:
        rows: what each epoch reported.
        state: what callbacks remembered one after the other: ``monitor``, ``mode``, ``best``.
        monitor: the metric to show, in place of those that the callbacks monitor.
        mode: ``"auto"``, ``"min"`` or ``"max"``.
    """
    if mode not in _MODES:
        raise ValueError(f"mode is one of {', '.join(map(repr, _MODES))}, not {mode!r}")
    curves = _curves(rows)
    modes = _monitored(state)
    watched = _asked_for(monitor, curves) if monitor is not None else _watched(modes, curves)
    made = {}
    for name in watched:
        shown = tuple(curves[n] for n in (name, _partner(name)) if n in curves)
        if name not in made and _partner(name) not in made:
            direction = _direction(name, mode if mode != "auto" else modes.get(name, mode))
            made[name] = CurvePanel(shown, best(shown[0], direction))
    return tuple(made.values())


def thinned(points: Sequence[tuple[float, float]]) -> Sequence[tuple[float, float]]:
    """Leave of many points as many as can be seen: of some in a row the lowest and the highest."""
    step = len(points) // _SEEN
    if step < 2:
        return points
    kept = []
    for start in range(0, len(points), step):
        some = [p for p in points[start : start + step] if math.isfinite(p[1])]
        ends = {min(some, key=_value), max(some, key=_value)} if some else {points[start]}
        kept += sorted(ends)
    return kept


def columns(points: Sequence[tuple[float, float]]) -> tuple[list[float], list[float]]:
    """Where points lie from left to right, and how high."""
    return [x for x, _ in points], [y for _, y in points]


def _value(point: tuple[float, float]) -> float:
    return point[1]


def best(curve: DrawnCurve, direction: str | None) -> tuple[int, float] | None:
    """Find the first point of the lowest value, or of the highest; nan is none."""
    points = [(epoch, value) for epoch, value in curve.points if not math.isnan(value)]
    if not points or direction is None:
        return None
    sign = -1 if direction == "up" else 1
    return min(points, key=lambda point: (sign * point[1], point[0]))


def _curves(rows: Rows) -> dict[str, DrawnCurve]:
    points: dict[str, list[tuple[int, float]]] = {}
    for epoch, row in rows.items():
        for name, value in row.items():
            if name not in _RATES and isinstance(value, int | float):
                points.setdefault(name, []).append((epoch, float(value)))
    return {name: DrawnCurve(name, tuple(found)) for name, found in points.items()}


def _monitored(state: Mapping[str, list[Any]]) -> dict[str, str]:
    """The metrics that callbacks monitor, and what is best for the first of them."""
    modes: dict[str, str] = {}
    for name, values in state.items():
        by, _, attribute = name.rpartition(".")
        if attribute == "monitor" and values and isinstance(values[-1], str):
            mode = str((state.get(f"{by}.mode") or ["auto"])[-1])
            if modes.get(values[-1], "auto") == "auto":
                modes[values[-1]] = mode if mode != "auto" else _seen(state.get(f"{by}.best", []))
    return modes


def _seen(bests: list[Any]) -> str:
    """What a callback of ``mode="auto"`` takes for better, by the best values it remembered."""
    known = [best for best in bests if isinstance(best, int | float) and math.isfinite(best)]
    if not known or known[0] == known[-1]:
        return "auto"
    return "max" if known[-1] > known[0] else "min"


def _watched(modes: Mapping[str, str], curves: Mapping[str, DrawnCurve]) -> list[str]:
    """What callbacks monitor, else the loss, else what was reported first."""
    found = [name for name in modes if name in curves]
    return found or [n for n in ("val_loss", "loss", *curves) if n in curves][:1]


def _asked_for(monitor: str, curves: Mapping[str, DrawnCurve]) -> list[str]:
    for name in (f"val_{monitor}", monitor):
        if name in curves:
            return [name]
    hint = did_you_mean(monitor, list(curves))
    known = f"there are {', '.join(curves)}" if curves else "no metric was reported at all"
    raise ValueError(f"monitor={monitor!r}: no epoch reported it{hint}; {known}")


def _partner(name: str) -> str:
    return name.removeprefix("val_") if name.startswith("val_") else f"val_{name}"


def _direction(name: str, mode: str) -> str | None:
    if mode in ("min", "max"):
        return "up" if mode == "max" else "down"
    from dryfit_fakes.metrics import known_direction  # Keras, which what only draws need not load

    base = name.removeprefix("val_")
    return "down" if base == "loss" else known_direction(base)
