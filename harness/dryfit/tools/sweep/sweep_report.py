"""What a sweep found, as text, Markdown, CSV and data."""

import csv
import json
import math
from collections.abc import Callable, Iterator, Sequence
from io import StringIO
from typing import TYPE_CHECKING, Any

from dryfit.facts.readable import six_digits
from dryfit.facts.visible_text import visible
from dryfit.show.grid import Column, as_grid, as_pipes, filled
from dryfit.show.long_lines import folded
from dryfit.tools.sweep.answers import Pick, Spread, SweepRow
from dryfit.tools.sweep.sweeping import SweepResult
from dryfit_fakes.quantities import quantity

if TYPE_CHECKING:
    from rich.console import Console

_MOST_ROWS = 50  # of all settings; with more, those of the front are shown


def as_text(result: SweepResult, terminal: "Console | None" = None) -> str:
    """Write a table and what to make of it.

    Args:
        result: what came of the sweep.
        terminal: what it is for; else it is plain.
    """
    shown = _shown(result)
    lines = [as_grid(filled(columns(result, shown)), terminal)]
    return "\n".join([*lines, *(folded(visible(s), terminal) for s in sentences(result))])


def as_markdown(result: SweepResult) -> str:
    """Write the same as Markdown."""
    from dryfit.show.markdown import plain

    table = as_pipes(filled(columns(result, _shown(result))))
    return "\n\n".join([table, *map(plain, sentences(result))])


def as_csv(result: SweepResult) -> str:
    """Write every setting as a line: what tells it from the others, then what JSON has."""
    titles = list(dict.fromkeys(title for row in result.rows for title in row.varied))
    text = StringIO()
    writer = csv.writer(text, lineterminator="\n")
    measures = [name for name in row_as_data(result.rows[0]) if name not in ("with", "worse_by")]
    measures = [name for name in measures if name != "worse_by_relative"]
    spreads = [
        f"{kind}_{of}"
        for kind in ("worse_by", "worse_by_relative")
        for of in ("median", "p90", "max")
    ]
    writer.writerow([*titles, *measures, *spreads])
    for row in result.rows:
        data = row_as_data(row)
        values = [*data["worse_by"].values(), *data["worse_by_relative"].values()]
        varied = [_written(row.varied.get(title, "")) for title in titles]
        writer.writerow([*varied, *(data[name] for name in measures), *values])
    return text.getvalue()


def as_data(result: SweepResult) -> dict[str, Any]:
    """Say everything as plain data."""
    pick = result.recommended
    return {
        "curves": result.curves,
        "settings": len(result.rows),
        "cells": result.cells,
        "engine": result.engine,
        "audited": result.audited,
        "differing": len(result.differing),
        "seconds": result.seconds,
        "monitor": result.answers.monitor,
        "notes": list(result.notes),
        "rows": [row_as_data(row) for row in result.rows],
        "recommended": None if pick is None else _pick_as_data(pick),
    }


def row_as_data(row: SweepRow) -> dict[str, Any]:
    """Say a row as plain data; shares are of the curves, ``saved`` of their epochs."""
    return {
        "with": _with(row),
        "stopped": row.stopped,
        "goes_on": row.goes_on,
        "epochs": row.epochs,
        "epochs_median": row.epochs_median,
        "saved": row.saved,
        "saved_median": row.saved_median,
        "worse_by": _spread(row.worse_by),
        "worse_by_relative": _spread(row.worse_by_relative),
        "other_rates": row.other_rates,
        "front": row.front,
        "lower_is_better": row.lower_is_better,
    }


def columns(result: SweepResult, rows: Sequence[SweepRow]) -> list[Column]:
    """The columns of a table; those without any entry are to be left out."""

    def column(title: str, cell: Callable[[SweepRow], str]) -> Column:
        return Column(title, "number", list(map(cell, rows)))

    titles = list(dict.fromkeys(title for row in result.rows for title in row.varied))
    monitor = result.answers.monitor
    return [
        *(column(t, lambda row, t=t: _written(row.varied.get(t, ""))) for t in titles),  # type: ignore[misc]
        column("stopped", lambda row: per_cent(row.stopped)),
        column("go on", lambda row: per_cent(row.goes_on) if row.goes_on else ""),
        column("epochs", lambda row: f"{row.epochs:,}"),
        column("saved", lambda row: per_cent(row.saved)),
        column("median", lambda row: _told(row.epochs_median)),
        column(f"{monitor} worse by: half", lambda row: _told(row.worse_by.median)),
        column("9 in 10", lambda row: _told(row.worse_by.p90)),
        column("worst", lambda row: _told(row.worse_by.max)),
        column("9 in 10, of range", lambda row: per_cent(row.worse_by_relative.p90)),
        column("other rates", lambda row: f"{row.other_rates:,}" if row.other_rates else ""),
        column("front", lambda row: "*" if row.front else ""),
    ]


def sentences(result: SweepResult) -> Iterator[str]:
    """Say what the table comes to, and what it cannot say."""
    yield from findings(result)
    if hidden := len(result.rows) - len(_shown(result)):
        yield f"{hidden:,} settings behind the front are not shown; --format csv has all."
    yield from recommendation(result)


def findings(result: SweepResult) -> Iterator[str]:
    """Say how it was found, and what is not known."""
    yield _how(result)
    yield from result.notes
    if result.answers.unranked:
        yield (
            f"{result.answers.unranked:,} settings go on past the end of more than half of the "
            "curves: what they lose is not known, and they are not ranked."
        )
    if any(row.other_rates for row in result.rows):
        yield (
            "Where a setting has other rates, the numbers would have been others: "
            "a recorded curve does not change when the rate does."
        )


def recommendation(result: SweepResult) -> Iterator[str]:
    """Say what to take, and how sure it is."""
    pick = result.recommended
    if pick is None:
        yield "No setting has an answer for half of the curves, so none is recommended."
        return
    row, lost = pick.row, pick.row.worse_by_relative
    if not pick.meets:
        yield "No setting keeps to what is asked for; this one comes closest."
    half = (
        "half the curves lose nothing"
        if lost.median == 0
        else (f"half the curves lose at most {per_cent(lost.median)} of their range")
    )
    nine = (
        "nine in ten lose nothing"
        if lost.p90 == 0
        else (f"nine in ten lose at most {per_cent(lost.p90)}")
    )
    yield (
        f"Take {named(row)}: it saves {per_cent(row.saved)} of the epochs"
        f"{_between(pick.saved)}; {half}, {nine}{_between(pick.lost)}."
    )
    yield from _against_baseline(result, row)
    if pick.support is None:
        curves = f"{pick.answered} curve{'s are' if pick.answered > 1 else ' is'}"
        yield (
            f"{curves} too few to say how sure that is: of fewer than ten, nine in ten are "
            "little else than the worst."
        )
    elif not pick.is_sure and pick.rival is not None:
        rival, share = pick.rival
        yield (
            f"The {result.curves:,} curves do not decide it: drawn again and again, "
            f"{per_cent(pick.support)} of the draws pick it, and {per_cent(share)} pick "
            f"{named(rival)}, which saves {per_cent(rival.saved)}."
        )


def named(row: SweepRow) -> str:
    """Name a setting by what tells it from the others.

    >>> from types import SimpleNamespace
    >>> named(SimpleNamespace(varied={"patience": 7, "min_delta": 0.001}))
    'patience 7, min_delta 0.001'
    """
    told = ", ".join(f"{title} {_written(value)}" for title, value in row.varied.items())
    return told or ", ".join(name for name, _ in row.callbacks)


def short_name(row: SweepRow) -> str:
    """Name a setting by the values alone of what tells it from the others."""
    return ", ".join(_written(value) for value in row.varied.values())


def per_cent(share: float) -> str:
    """Write a share in per cent, with the digits that tell it from nothing and from all.

    >>> per_cent(0.6085), per_cent(0.0042), per_cent(0.0), per_cent(0.00004)
    ('61 %', '0.42 %', '0 %', '0.004 %')
    >>> per_cent(0.9962), per_cent(0.99996), per_cent(12.34)
    ('99.6 %', '99.996 %', '1,234 %')
    """
    if share != share:
        return ""
    value = 100 * share
    if 99.5 <= value < 100:
        return f"{value:.{math.ceil(-math.log10(100 - value))}f} %"
    return f"{value:,.0f} %" if value == 0 or abs(value) >= 10 else f"{value:.2g} %"


def _how(result: SweepResult) -> str:
    settings = len(result.rows)
    engine = {"vectorised": "array programs", "callbacks": "the real callbacks"}[result.engine]
    told = (
        f"{quantity(result.curves, 'curve')} x {quantity(settings, 'setting')}: "
        f"{quantity(result.cells, 'cell')} by {engine} "
        f"in {result.seconds:.2g} s"
    )
    if result.engine == "callbacks":
        return f"{told}."
    if not result.audited:
        return f"{told}; none of them was played to the real callbacks."
    differ = "none differs" if not result.differing else f"{len(result.differing):,} differ"
    return (
        f"{told}; {result.audited:,} of them played to the real callbacks "
        f"in {result.audit_seconds:.2g} s, {differ}."
    )


def _against_baseline(result: SweepResult, row: SweepRow) -> Iterator[str]:
    """Say what is lost by stopping everything at one epoch that costs no less."""
    points = enumerate(result.answers.baseline(row), 1)
    enough = [(i, lost) for i, (share, lost) in points if share >= 1 - row.saved]
    if enough:
        epochs, lost = enough[0]
        most = f"at most {per_cent(lost)}" if lost else "nothing"
        yield (
            f"Stopping all of these curves after {quantity(epochs, 'epoch')} costs as much; "
            f"nine in ten lose {most} then."
        )


def _shown(result: SweepResult) -> Sequence[SweepRow]:
    few = len(result.rows) <= _MOST_ROWS
    return result.rows if few else (result.front or result.rows[:_MOST_ROWS])


def _between(interval: tuple[float, float] | None) -> str:
    if interval is None:
        return ""
    low, high = map(per_cent, interval)
    return f" (95 % interval: {low.removesuffix(' %')} to {high})"


def _with(row: SweepRow) -> dict[str, Any]:
    named: dict[str, Any] = {}
    for name, arguments in row.callbacks:
        count = sum(key.partition("#")[0] == name for key in named)
        named[name if not count else f"{name}#{count + 1}"] = dict(arguments)
    return named


def _pick_as_data(pick: Pick) -> dict[str, Any]:
    return {
        **row_as_data(pick.row),
        "meets": pick.meets,
        "saved_interval": pick.saved,
        "lost_interval": pick.lost,
        "support": pick.support,
        "rival": None if pick.rival is None else _with(pick.rival[0]),
    }


def _spread(spread: Spread) -> dict[str, float]:
    return {"median": spread.median, "p90": spread.p90, "max": spread.max}


def _told(value: float) -> str:
    return "" if value != value else six_digits(float(f"{value:.4g}"))


def _written(value: object) -> str:
    """Write an argument as a file has it."""
    if isinstance(value, float):
        return six_digits(value)
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
