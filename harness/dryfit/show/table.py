"""The epoch table: numbers, rates, what changed in callbacks, and who did what."""

import re
from collections import defaultdict
from collections.abc import Iterator
from math import isfinite
from typing import TYPE_CHECKING, Any

from dryfit.facts.readable import six_digits
from dryfit.facts.visible_text import visible
from dryfit.run.timeline_events import (
    RATE,
    Change,
    Event,
    Hook,
    LogWrite,
    Printed,
    Raised,
    Slept,
    State,
    Unread,
    Warned,
    WeightsUsed,
)
from dryfit.show.folding import folds
from dryfit.show.grid import Column, as_grid
from dryfit_fakes.quantities import quantity
from dryfit_fakes.weights import MIXED

if TYPE_CHECKING:
    from rich.console import Console

    from dryfit.run.run import Run

LINES = 8  # what an epoch says at most
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
    happened, states = _by_epoch(run), _states(run)
    rates: dict[int | None, str] = dict(zip(run.epochs, _in_force(run), strict=True))
    epochs = _rows(run, happened)
    left_out = _left_out(epochs, logs, happened, mark) if fold else {}
    rows: list[list[str]] = []
    for index, epoch in enumerate(epochs):
        if index in left_out:
            if words := left_out[index]:
                rows.append(["...", *[""] * (len(names) + 2), words])
            continue
        row = logs.get(epoch, {})
        values = [six_digits(row[name]) if name in row else "" for name in names]
        label = "-" if epoch is None else str(epoch)
        words = "\n".join(_folded(happened[epoch]))
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
    return f"{as_grid(columns, terminal)}\n{visible(_summary(run))}"


def _as_history_has_it(logs: dict[int | None, dict[str, Any]], run: "Run", name: str) -> None:
    """Put in what History has in the end: of a live variable, its last value in every epoch."""
    values = run.history.get(name, [])
    if len(values) == len(run.epochs):
        for epoch, value in zip(run.epochs, values, strict=True):
            logs[epoch][name] = value


def _left_out(
    epochs: list[int | None],
    logs: dict[int | None, dict[str, Any]],
    happened: dict[int | None, list[str]],
    mark: tuple[int, str] | None,
) -> dict[int, str]:
    """The rows that are left out, and what stands in place of each."""
    kinds = [_kind(logs.get(epoch, {}), happened[epoch]) for epoch in epochs]
    marked = [] if mark is None or mark[0] not in epochs else [epochs.index(mark[0])]
    words: dict[int, str] = {}
    for rows in folds(kinds, marked):
        alike = len({kinds[row] for row in rows}) == 1
        words |= dict.fromkeys(rows, "")
        words[rows[0]] = (
            f"{quantity(len(rows), 'epoch')} {'like the one before' if alike else 'left out'}"
        )
    return words


def _kind(logs: dict[str, Any], happened: list[str]) -> Any:
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


def _folded(lines: list[str]) -> list[str]:
    if len(lines) <= LINES:
        return lines
    return [*lines[: LINES - 1], f"... and {len(lines) - LINES + 1} more"]


def _rows(run: "Run", happened: dict[int | None, list[str]]) -> list[int | None]:
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


def _verb(old: float | None, new: float | None) -> str:
    if old is None or new is None or old == new:
        return "sets"
    return "cuts" if new < old else "raises" if new > old else "sets"


def _states(run: "Run") -> dict[int | None, list[State]]:
    changed: dict[int | None, list[State]] = defaultdict(list)
    for event in run.timeline:
        if isinstance(event, State) and event.epoch is not None and event.attribute[0] != "_":
            changed[event.epoch].append(event)
    return changed


def _grouped(states: list[State]) -> str:
    """One line a callback: its name, and the attributes that changed."""
    lines: dict[str, str] = {}
    for state in states:
        lines[state.by] = lines.get(state.by, f"{state.by}:")
        lines[state.by] += f" {state.attribute}={six_digits(state.value)}"
    return "\n".join(lines.values())


def _by_epoch(run: "Run") -> dict[int | None, list[str]]:
    happened: dict[int | None, list[str]] = defaultdict(list)
    places = ((o, (o.what, o.epoch, o.batch, o.hook, o.by, o.old, o.new)) for o in run.overrides)
    overrides = {place: override.undoes for override, place in places}
    for event in run.timeline:
        for words in _words(event, overrides):
            if words not in happened[event.epoch]:  # type: ignore[union-attr]
                happened[event.epoch].append(words)  # type: ignore[union-attr]
    return happened


def _words(event: Event, overrides: dict[Any, str]) -> Iterator[str]:
    """Say what an event means to a reader; most events say nothing."""
    match event:
        case Change(what=what, old=old, new=new, by=by) if event.is_rate:
            place = (what, event.epoch, event.batch, event.hook, event.by, old, new)
            step = f"{six_digits(old)} to {six_digits(new)}"
            of = f" of {event.optimizer}" if event.optimizer else ""
            if place in overrides:
                yield f"{by} overrides {overrides[place]}{of}: {step}"
            else:
                yield f"{by or 'the model'} {_verb(old, new)} the learning rate{of}: {step}"
        case Change(what="stop_training", new=new, by=by):
            at = "" if event.batch is None else f" at batch {event.batch}"
            yield f"{by or 'the model'} {'stops training' if new else 'lets training go on'}{at}"
        case Change(what="weights", by=by):
            yield f"{by} edits weights in place"
        case LogWrite(key=key, new=new, by=by) if not key.startswith(RATE):
            yield f"{by} writes {key}={six_digits(new)} into the logs"
        case WeightsUsed(method="set_weights" | "load_weights", old=old, to=to, by=by):
            if to == MIXED:
                yield f"{by} sets weights of no one epoch"
            elif old != to:
                yield f"{by} puts back {to}"
        case WeightsUsed(method="save" | "save_weights", path=path, by=by):
            yield f"{by} saves {path}"
        case Warned(by=by, message=message):
            yield f"{by or 'Keras'} warns: {message}"
        case Slept(by=by, seconds=seconds):
            yield f"{by or 'the model'} sleeps for {six_digits(seconds)} s"
        case Raised(by=by, type=kind, message=message):
            yield f"{by or 'the run'} raises {kind}{f': {message}' if message else ''}"
        case Unread(what=what, type=kind, message=message):
            yield f"{what} cannot be read: {kind}{f': {message}' if message else ''}"
        case Printed() | Hook() | _:
            return


def _summary(run: "Run") -> str:
    stop = run.stopped
    how = f"stopped in epoch {stop.epoch} by {stop.by}" if stop else "not stopped"
    if run.raised is not None:
        how = f"ended by {run.raised.type}"
    whose = "" if run.weights is None else f"; the model ends with {run.weights}"
    epochs = quantity(run.epochs_run, "epoch")
    return f"{epochs} in the {run.lane} lane, {how}{whose}"
