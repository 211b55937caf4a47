"""The epoch table: numbers, rates, what changed in callbacks, and who did what."""

import re
from collections import defaultdict
from collections.abc import Iterable
from math import isfinite
from typing import TYPE_CHECKING, Any

from dryfit.facts.readable import six_digits
from dryfit.facts.visible_text import visible
from dryfit.run.timeline_events import (
    RATE,
    NotPlain,
    State,
)
from dryfit.show.folding import folds
from dryfit.show.grid import Column, as_grid
from dryfit.show.happened import Happened, asked_in_vain, happened_by_epoch, lines_of
from dryfit.show.long_lines import folded
from dryfit_fakes.quantities import quantity

if TYPE_CHECKING:
    from rich.console import Console

    from dryfit.run.run import Run

_NUMBER = re.compile(r"-?[0-9.]+(e-?[0-9]+)?")


def table(
    run: "Run",
    mark: tuple[int, str] | None = None,
    *,
    fold: bool = True,
    terminal: "Console | None" = None,
) -> str:
    """Render a run as text, and of several ranks each: see `table_of_one`."""
    tables = [table_of_one(one, mark, fold=fold, terminal=terminal) for one in run.ranks]
    if len(tables) == 1:
        return tables[0]
    return "\n\n".join(f"rank {rank}\n{text}" for rank, text in enumerate(tables))


def table_of_one(
    run: "Run",
    mark: tuple[int, str] | None = None,
    *,
    fold: bool = True,
    terminal: "Console | None" = None,
) -> str:
    """Render a run as text, one row an epoch; one cell can be marked.

    Args:
        mark: an epoch and the expectation that it did not meet, such as
            ``learning_rate`` or ``state.EarlyStopping.wait``.
        fold: whether epochs like those before them are left out of a long table.
        terminal: what it is for, with its width and colours; else it is plain.
    """
    logs: dict[int | None, dict[str, Any]] = {}
    logs |= {epoch: _without_rate(row) for epoch, row in run.reported.items()}
    if mark is not None and mark[1].startswith("history."):
        _as_history_has_it(logs, run, mark[1].removeprefix("history."))
    names = sorted({name for row in logs.values() for name in row}, key=_loss_first)
    happened, states = happened_by_epoch(run), _states(run)
    rates: dict[int | None, str] = dict(zip(run.epochs, _in_force(run), strict=True))
    epochs = _rows(run, happened)
    left_out = _left_out(epochs, logs, happened, mark) if fold else {}
    told = "val_loss" if "val_loss" in names else next(iter(names), "")
    rows: list[list[str]] = []
    for index, epoch in enumerate(epochs):
        if index in left_out:
            if (fold_of := left_out[index]) is not None:
                words = _told_of_fold(fold_of, epochs, logs, happened, told)
                rows.append(["...", *[""] * (len(names) + 2), words])
            continue
        row = logs.get(epoch, {})
        values = [six_digits(row[name]) if name in row else "" for name in names]
        label = "-" if epoch is None else str(epoch)
        words = "\n".join(lines_of(happened[epoch]))
        cells = [label, *values, rates.get(epoch, ""), _grouped(states[epoch]), words]
        if mark is not None and epoch == mark[0]:
            column = _column(mark[1], names)
            cells[column] = f"> {cells[column]}"
            cells[0] = f"> {label}"
        rows.append(cells)
    numbers = ["epoch", *names, "learning rate"]
    titles = [*numbers, "state", "what happened"]
    columns = [
        Column(title, "number" if at < len(numbers) else "words", [row[at] for row in rows])
        for at, title in enumerate(titles)
    ]
    below = "\n".join([_summary(run), *asked_in_vain(run)])
    return f"{as_grid(columns, terminal)}\n{folded(visible(below), terminal)}"


def _as_history_has_it(logs: dict[int | None, dict[str, Any]], run: "Run", name: str) -> None:
    """Put in what History has in the end: of a live variable, its last value in every epoch."""
    values = run.history.get(name, [])
    if len(values) == len(run.epochs):
        for epoch, value in zip(run.epochs, values, strict=True):
            logs[epoch][name] = value


def _left_out(
    epochs: list[int | None],
    logs: dict[int | None, dict[str, Any]],
    happened: Happened,
    mark: tuple[int, str] | None,
) -> dict[int, range | None]:
    """The rows that are left out; the first of those next to each other stands for all."""
    kinds = [_kind(logs.get(epoch, {}), happened[epoch]) for epoch in epochs]
    marked = [] if mark is None or mark[0] not in epochs else [epochs.index(mark[0])]
    left_out: dict[int, range | None] = {}
    for rows in folds(kinds, marked):
        left_out |= dict.fromkeys(rows)
        left_out[rows[0]] = rows
    return left_out


def _told_of_fold(
    rows: range,
    epochs: list[int | None],
    logs: dict[int | None, dict[str, Any]],
    happened: Happened,
    name: str,
) -> str:
    """Say what a fold stands for: what happened in it, and from where to where a metric went."""
    kinds = {_kind({}, happened[epochs[row]]) for row in rows}
    count = quantity(len(rows), "epoch")
    if not any(happened[epochs[row]] for row in rows):
        words = f"nothing happened in {count}"
    else:
        words = f"{count} {'like the one before' if len(kinds) == 1 else 'left out'}"
    values = [row[name] for at in rows if name in (row := logs.get(epochs[at], {}))]
    if not values:
        return words
    ends = dict.fromkeys(six_digits(value) for value in (values[0], values[-1]))
    return f"{words}; {name} {' … '.join(ends)}"


def _kind(logs: dict[str, Any], happened: Iterable[str]) -> Any:
    """What two epochs have in common of which the second need not be shown."""
    odd = [name for name, value in logs.items() if isinstance(value, float) and not isfinite(value)]
    return frozenset(odd), frozenset(_NUMBER.sub("", words) for words in happened)


def _column(what: str, names: list[str]) -> int:
    """Which cell of a row an expectation is about."""
    name = what.rpartition(".")[2]
    if what.startswith("learning_rate"):
        return len(names) + 1
    if what.startswith("state."):
        return len(names) + 2
    if what.startswith(("history.", "logs.")) and name in names:
        return names.index(name) + 1
    return len(names) + 3  # what happened


def _loss_first(name: str) -> tuple[bool, str]:
    return (name.removeprefix("val_") != "loss", name)


def _without_rate(row: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if not name.startswith(RATE)}  # a column


def _rows(run: "Run", happened: Happened) -> list[int | None]:
    rows: dict[int | None, None] = {None: None} if happened[None] else {}
    rows |= dict.fromkeys(hook.epoch for hook in run.hooks if hook.name == "on_epoch_begin")
    return list(rows)


def _in_force(run: "Run") -> list[str]:
    """What each epoch's rate was, and what it was after it; each optimizer's if there are more."""
    if names := run.learning_rates:
        after = run.learning_rates_after
        by_name = [map(_rate, rates, after[name]) for name, rates in names.items()]
        rows = zip(*by_name, strict=True)
        return ["\n".join(map(" ".join, zip(names, row, strict=True))) for row in rows]
    return list(map(_rate, run.learning_rate, run.learning_rate_after))


def _rate(in_force: float | None, after: float | None) -> str:
    if in_force is None:
        return ""
    return (
        six_digits(in_force)
        if in_force == after
        else f"{six_digits(in_force)} > {six_digits(after)}"
    )


def _states(run: "Run") -> dict[int | None, list[State]]:
    changed: dict[int | None, list[State]] = defaultdict(list)
    for event in run.timeline:
        if not isinstance(event, State) or isinstance(event.value, NotPlain):
            continue
        if event.epoch is not None and event.attribute[0] != "_":
            changed[event.epoch].append(event)
    return changed


def _grouped(states: list[State]) -> str:
    """One line a callback: its name, and the attributes that changed."""
    lines: dict[str, str] = {}
    for state in states:
        lines[state.by] = lines.get(state.by, f"{state.by}:")
        lines[state.by] += f" {state.attribute}={six_digits(state.value)}"
    return "\n".join(lines.values())


def _summary(run: "Run") -> str:
    stop = run.stopped
    how = f"stopped in epoch {stop.epoch} by {stop.by}" if stop else "not stopped"
    if run.raised is not None:
        how = f"ended by {run.raised.type}"
    whose = "" if run.weights is None else f"; the model ends with {run.weights}"
    epochs = quantity(run.epochs_run, "epoch")
    return f"{epochs} in the {run.lane} lane, {how}{whose}"
