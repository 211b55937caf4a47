"""The verdict of a comparison, printed: a table, what fails and why, and one line of counts."""

import sys
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from dryfit.facts.visible_text import visible
from dryfit.show.colours import terminal
from dryfit.show.grid import Column, Kind, as_grid, as_pipes, filled, indented
from dryfit.show.json_text import json_text
from dryfit.show.long_lines import folded
from dryfit.show.markdown import code, plain
from dryfit.tools.bench.compare import AT_LEAST_US, PERCENT, CostChange, Range, compare
from dryfit.tools.bench.measurements import MeasuredRun, RunsError, read
from dryfit.tools.bench.units import duration, interval
from dryfit_fakes.quantities import quantity

if TYPE_CHECKING:
    from rich.console import Console

_VERDICTS = ("slower", "faster", "same", "new", "gone", "unmeasured", "too busy")


def main_compare(
    base: Sequence[Path | MeasuredRun],
    head: Sequence[Path | MeasuredRun],
    *,
    form: str = "text",
    percent: float = PERCENT,
    at_least_us: float = AT_LEAST_US,
) -> int:
    """Print what changed from some runs to others; return the exit status.

    Args:
        base: files, or runs, of the code before the change.
        head: those of the code after it.
        form: one of `FORMATS`.
        percent: see `compare`.
        at_least_us: see `compare`.

    Returns:
        0 if the gate holds, 1 if it fails, 2 if there is nothing to compare, 3 if the
        machine was too busy to tell.
    """
    try:
        before, after = read(base), read(head)
    except RunsError as error:  # each line begins with its file
        print(error, file=sys.stderr)
        return 2
    try:
        changes = compare(before, after, percent=percent, at_least_us=at_least_us)
    except RunsError as error:
        told = (f"dryfit bench: {problem}" for problem in error.problems)
        print(*map(visible, told), sep="\n", file=sys.stderr)
        return 2
    print(FORMATS[form](changes))
    if any(change.failures for change in changes):
        return 1
    return 3 if any(change.verdict == "too busy" for change in changes) else 0


def as_text(changes: Sequence[CostChange], shown_on: "Console | None" = None) -> str:
    """Write before, after and verdict; below the table what fails, and why."""
    notes = [f"{change.callback}: {change.note}" for change in changes if change.note]
    table = as_grid(indented(_columns(changes)), shown_on)
    said = [*notes, *_failures(changes, str, str), _last(changes)]
    return "\n".join([table, *(folded(visible(sentence), shown_on) for sentence in said)])


def as_markdown(changes: Sequence[CostChange]) -> str:
    """Write the same in Markdown, such as for GitHub's job summary."""
    failures = "\n".join(f"- {line}" for line in _failures(changes, code, plain))
    return "\n\n".join(filter(None, [as_pipes(_columns(changes)), failures, _last(changes)]))


def as_json(changes: Sequence[CostChange]) -> str:
    """Write a list of objects, one a row."""
    return json_text([asdict(change) for change in changes])


FORMATS: dict[str, Callable[[Sequence[CostChange]], str]] = {
    "text": lambda changes: as_text(changes, terminal()),
    "markdown": as_markdown,
    "json": as_json,
}


def _columns(changes: Sequence[CostChange]) -> list[Column]:
    def column(title: str, kind: Kind, cell: Callable[[CostChange], str]) -> Column:
        return Column(title, kind, [cell(change) for change in changes])

    return filled(
        [
            column("callback", "name", lambda c: c.callback if c.hook is None else ""),
            column("hook", "name", lambda c: c.hook or ""),
            column("before", "number", lambda c: _typical(c.before)),
            column("interval", "number", lambda c: _between(c.before)),
            column("after", "number", lambda c: _typical(c.after)),
            column("interval", "number", lambda c: _between(c.after)),
            column("change", "number", _percent),
            column("verdict", "words", _verdict),
            column("note", "words", lambda c: c.note),
        ]
    )


def _typical(times: Range | None) -> str:
    return "" if times is None else duration(times.typical)


def _between(times: Range | None) -> str:
    return "" if times is None else interval(times.fastest, times.slowest)


def _percent(change: CostChange) -> str:
    if change.before is None or change.after is None or change.before.typical <= 0:
        return ""
    return f"{100 * (change.after.typical / change.before.typical - 1):+.0f} %"


def _verdict(change: CostChange) -> str:
    grows = ["grows now"] if change.grows_now else []
    return "; ".join([change.verdict, *map(str, change.counts), *grows])


def _failures(
    changes: Sequence[CostChange], name: Callable[[str], str], words: Callable[[str], str]
) -> Iterator[str]:
    for change in changes:
        for failure in change.failures:
            yield f"FAILED {name(change.callback)}: {words(failure)}"


def _last(changes: Sequence[CostChange]) -> str:
    """Count callbacks, their verdicts, and what fails."""
    wholes = [change for change in changes if change.hook is None]
    counts = Counter(change.verdict for change in wholes)
    parts = [f"{counts[verdict]} {verdict}" for verdict in _VERDICTS if counts[verdict]]
    failed = sum(len(change.failures) for change in wholes)
    callbacks = quantity(len(wholes), "callback")
    return f"{callbacks}: {', '.join(parts)}; {failed or 'nothing'} failed"
