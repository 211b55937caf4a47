"""The epoch table: numbers, rates, what changed in callbacks, and who did what."""

import re
from collections import defaultdict
from collections.abc import Callable, Iterator
from io import StringIO
from math import isfinite
from typing import TYPE_CHECKING, Any

from dryfit.colours import highlighter, theme
from dryfit.events import (
    Change,
    Event,
    Hook,
    LogWrite,
    Printed,
    Raised,
    Slept,
    State,
    Warned,
    WeightsUsed,
)
from dryfit.folding import folds
from dryfit_fakes.weights import MIXED

if TYPE_CHECKING:
    from rich.console import Console

    from dryfit.run import Run

WIDTH = 120
WORDS = 40  # what a column of words has at least
NARROW = 16  # and in a terminal
LINES = 8  # what an epoch says at most
_NUMBER = re.compile(r"-?[0-9.]+(e-?[0-9]+)?")


def table(
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
    names = sorted({name for row in logs.values() for name in row}, key=_loss_first)
    happened, states = _by_epoch(run), _states(run)
    both = zip(run.learning_rate, run.learning_rate_after, strict=True)
    rates: dict[int | None, Any] = dict(zip(run.epochs, both, strict=True))
    epochs = _rows(run, happened)
    left_out = _left_out(epochs, logs, happened, mark) if fold else {}
    rows = []
    for index, epoch in enumerate(epochs):
        if index in left_out:
            if words := left_out[index]:
                rows.append(["...", *[""] * (len(names) + 2), words])
            continue
        row = logs.get(epoch, {})
        values = [number(row[name]) if name in row else "" for name in names]
        label = "-" if epoch is None else str(epoch)
        words = "\n".join(_folded(happened[epoch]))
        cells = [label, *values, _rate(rates.get(epoch)), _grouped(states[epoch]), words]
        if mark is not None and epoch == mark[0]:
            column = _column(mark[1], names)
            cells[column] = f"> {cells[column]}"
            cells[0] = f"> {label}"
        rows.append(cells)
    numbers = ["epoch", *names, "learning rate"]
    return f"{drawn(numbers, ['state', 'what happened'], rows, terminal)}\n{_summary(run)}"


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
        words[rows[0]] = f"{len(rows):,} epochs {'like the one before' if alike else 'left out'}"
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


def drawn(
    numbers: list[str],
    words: list[str],
    rows: list[list[str]],
    terminal: "Console | None" = None,
) -> str:
    """Draw columns of numbers, as wide as they need, and then columns of words."""
    from rich import box
    from rich.console import Console
    from rich.table import Table

    grid = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    needed = 0
    for column, name in enumerate(numbers):
        grid.add_column(name, justify="right", no_wrap=True)
        needed += 3 + max(len(name), *(len(row[column]) for row in rows), 0)
    for name in words:
        grid.add_column(name, overflow="fold")
    text = StringIO()
    if terminal is None:
        width = max(WIDTH, needed + len(words) * WORDS)
        console = Console(file=text, width=width, color_system=None, highlight=False, markup=False)
        lit: Callable[[str], Any] = str
    else:
        width = max(terminal.width, needed + len(words) * NARROW)
        console = Console(
            file=text,
            width=width,
            force_terminal=True,
            color_system=terminal.color_system,  # type: ignore[arg-type]  # a name of its own
            no_color=terminal.no_color,
            theme=theme(),
            markup=False,
        )
        lit = highlighter()
    for row in rows:
        grid.add_row(*map(lit, row))
    console.print(grid)
    lines = [line.rstrip() for line in text.getvalue().splitlines()]
    return "\n".join(line for line in lines if line)


def number(value: Any) -> str:
    """Write a value as a table has it: six digits, as far as 1e-6 relative goes."""
    return f"{value:.6g}" if isinstance(value, float) else str(value)


def _loss_first(name: str) -> tuple[bool, str]:
    return (name.removeprefix("val_") != "loss", name)


def _without_rate(row: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name != "learning_rate"}  # a column


def _folded(lines: list[str]) -> list[str]:
    if len(lines) <= LINES:
        return lines
    return [*lines[: LINES - 1], f"... and {len(lines) - LINES + 1} more"]


def _rows(run: "Run", happened: dict[int | None, list[str]]) -> list[int | None]:
    rows: dict[int | None, None] = {None: None} if happened[None] else {}
    rows |= dict.fromkeys(hook.epoch for hook in run.hooks if hook.name == "on_epoch_begin")
    return list(rows)


def _rate(rates: tuple[float | None, float | None] | None) -> str:
    if rates is None or rates[0] is None:
        return ""
    in_force, after = rates
    return number(in_force) if in_force == after else f"{number(in_force)} > {number(after)}"


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
        lines[state.by] += f" {state.attribute}={number(state.value)}"
    return "\n".join(lines.values())


def _by_epoch(run: "Run") -> dict[int | None, list[str]]:
    happened: dict[int | None, list[str]] = defaultdict(list)
    overrides = {(o.epoch, o.batch, o.hook, o.by, o.old, o.new): o.undoes for o in run.overrides}
    for event in run.timeline:
        for words in _words(event, overrides):
            if words not in happened[event.epoch]:  # type: ignore[union-attr]
                happened[event.epoch].append(words)  # type: ignore[union-attr]
    return happened


def _words(event: Event, overrides: dict[Any, str]) -> Iterator[str]:
    """Say what an event means to a reader; most events say nothing."""
    match event:
        case Change(what="learning_rate", old=old, new=new, by=by):
            place = (event.epoch, event.batch, event.hook, event.by, old, new)
            verb = "cuts" if new < old else "raises" if new > old else "sets"
            step = f"{number(old)} to {number(new)}"
            if place in overrides:
                yield f"{by} overrides {overrides[place]}: {step}"
            else:
                yield f"{by or 'the model'} {verb} the learning rate: {step}"
        case Change(what="stop_training", new=new, by=by):
            at = "" if event.batch is None else f" at batch {event.batch}"
            yield f"{by or 'the model'} {'stops training' if new else 'lets training go on'}{at}"
        case Change(what="weights", by=by):
            yield f"{by} edits weights in place"
        case LogWrite(key=key, new=new, by=by) if key != "learning_rate":
            yield f"{by} writes {key}={number(new)} into the logs"
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
            yield f"{by or 'the model'} sleeps for {number(seconds)} s"
        case Raised(by=by, type=kind, message=message):
            yield f"{by or 'the run'} raises {kind}{f': {message}' if message else ''}"
        case Printed() | Hook() | _:
            return


def _summary(run: "Run") -> str:
    stop = run.stopped
    how = f"stopped in epoch {stop.epoch} by {stop.by}" if stop else "not stopped"
    if run.raised is not None:
        how = f"ended by {run.raised.type}"
    whose = "" if run.weights is None else f"; the model ends with {run.weights}"
    epochs = "1 epoch" if run.epochs_run == 1 else f"{run.epochs_run} epochs"
    return f"{epochs} in the {run.lane} lane, {how}{whose}"
