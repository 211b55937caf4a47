"""Scenarios of what people have already: a ``History``, or any file that has one.

They say what was reported. What was decided they say where callbacks printed it; else
the list of callbacks is empty, for whoever reads it to fill.
"""

import itertools
from collections.abc import Iterator, Sequence
from math import inf
from pathlib import Path
from typing import Any

from dryfit.facts.notation import flow, number, series
from dryfit.facts.suggestions import did_you_mean
from dryfit.scenario.history_columns import RATES, ReportedHistory, by_epoch
from dryfit.scenario.layout import document
from dryfit.scenario.naming import slug
from dryfit.scenario.problems import Problem, ScenarioFileError
from dryfit.tools.record.readers.logged_curve import LoggedCurve
from dryfit_fakes.quantities import quantity

_ADVICE = "What it does, `dryfit accept FILE --only epochs_run,stopped,weights` writes into expect."


def from_history(
    history: ReportedHistory,
    *,
    name: str = "history",
    initial_epoch: int | None = None,
    validation_freq: int = 1,
    source: str = "a History",
) -> str:
    """Write what a training reported as the text of a scenario file.

    Args:
        history: what ``fit`` returned, or its ``history``: a list of numbers for
            each metric.
        name: what the scenario is called.
        initial_epoch: the index of the first epoch; by default what the
            ``History`` says, or 0.
        validation_freq: as in ``fit``: a history does not say which epochs had
            a validation.
        source: where the numbers are from, for the file's ``about``.

    Raises:
        HistoryError: lists of unequal lengths, or a value that is no number.

    >>> print(from_history({"loss": [1.0, 0.5], "val_loss": [1.5, float("nan")]}))
    name: history
    about: |-
      made of a History, which says nothing of callbacks
    script:
      epochs: 2
      metrics:
        loss: 1 0.5
        val_loss: 1.5 nan
    callbacks: []
    # A callback, in place of the [] above:
    #   - EarlyStopping: {monitor: val_loss, patience: 2}
    # What it does, `dryfit accept FILE --only epochs_run,stopped,weights` writes into expect.
    expect:
      epochs_run: 2
    <BLANKLINE>
    """
    first, columns = by_epoch(history, initial_epoch, validation_freq)
    metrics = {key: tuple(column) for key, column in columns.items()}
    return as_scenario(LoggedCurve("", first, metrics), name, source)


def as_scenario(curve: LoggedCurve, name: str, source: str) -> str:
    """Write a curve as the text of a scenario file.

    Args:
        curve: what a reader gave.
        name: what the scenario is called.
        source: where the numbers are from, for the file's ``about``.
    """
    metrics = dict(curve.metrics)
    rates = next((metrics.pop(key) for key in RATES if key in metrics), None)
    told = "which says nothing of callbacks" if not curve.expect else "with what callbacks printed"
    about = [f"made of {source}, {told}", *curve.notes]
    ends = curve.first_epoch + curve.epochs
    goes_on = curve.planned is not None and curve.planned > ends
    script: dict[str, Any] = {"epochs": curve.planned if goes_on else ends}
    if curve.first_epoch:
        script["initial_epoch"] = curve.first_epoch
    if curve.batches is not None:
        script["batches"] = curve.batches
    before = ["_"] * curve.first_epoch
    if rates is not None and any(rate is not None and not 0 <= rate < inf for rate in rates):
        about.append(f"no learning rates: {series(map(number, rates))}")
    elif rates is not None:
        script["rates"] = series([*before, *map(number, rates)], goes_on)
    script["metrics"] = {
        key: series([*before, *map(number, column)], goes_on) for key, column in metrics.items()
    }
    expect = {"epochs_run": curve.epochs, **curve.expect}
    return document(name, about, script, [], expect, _comment(curve, list(metrics)))


def _comment(curve: LoggedCurve, metrics: Sequence[str]) -> list[str]:
    if curve.callbacks:
        return [
            "What printed so, in place of the [] above; put their own settings in:",
            *(f"  {line}" for line in curve.callbacks),
        ]
    monitor = next((name for name in ("val_loss", "loss") if name in metrics), None)
    monitor = monitor or next(iter(metrics), "loss")
    line = f"  - EarlyStopping: {{monitor: {flow(monitor)}, patience: 2}}"
    return ["A callback, in place of the [] above:", line, _ADVICE]


def chosen(
    path: Path, curves: Sequence[LoggedCurve], curve_id: str | None, every: bool
) -> list[LoggedCurve]:
    """Choose among a file's curves.

    Args:
        path: the file.
        curves: all of them.
        curve_id: the one that is asked for, if one is.
        every: whether all are.

    Raises:
        ScenarioFileError: there is no such curve, or there are several and none was chosen.
    """
    if every or (curve_id is None and len(curves) == 1):
        return list(curves)
    found = [curve for curve in curves if curve.id == curve_id]
    if found:
        return found
    shown = [
        f"  {curve.id}: {quantity(curve.epochs, 'epoch')}{_at(curve)}" for curve in curves[:20]
    ]
    shown += [f"  ... and {len(curves) - 20} more"] if len(curves) > 20 else []
    listed = "\n".join(shown)
    if curve_id is None:
        message = f"has {len(curves)} trainings; say which with --curve ID, or --all:\n{listed}"
    else:
        near = did_you_mean(curve_id, [curve.id for curve in curves])
        message = f"has no training {curve_id!r}{near}; it has\n{listed}"
    raise ScenarioFileError([Problem(path, 1, "", message, whole=True)])


def _at(curve: LoggedCurve) -> str:
    return f", {curve.place}" if curve.place else ""


def from_curves(path: Path, curves: Sequence[LoggedCurve], several: bool) -> str:
    """Write curves as the text of one scenario file, a document each.

    Args:
        path: where they are from.
        curves: at least one.
        several: whether the file has others, so that names say which it is.
    """
    names = [f"{path.stem} {curve.id}" if several else path.stem for curve in curves]
    return "---\n".join(
        as_scenario(curve, name, path.name)
        for curve, name in zip(curves, _with_own_slugs(names), strict=True)
    )


def _with_own_slugs(names: Sequence[str]) -> Iterator[str]:
    """Tell names apart that differ in what a slug leaves out."""
    seen: set[str] = set()
    for name in names:
        numbered = (name if count == 1 else f"{name} #{count}" for count in itertools.count(1))
        own = next(n for n in numbered if slug(n) not in seen)
        seen.add(slug(own))
        yield own
