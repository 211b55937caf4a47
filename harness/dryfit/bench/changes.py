"""The verdict of a comparison, printed: a table, what fails and why, and one line of counts."""

import json
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict
from pathlib import Path

from dryfit.bench.compare import AT_LEAST_US, PERCENT, Change, Range, compare
from dryfit.bench.grid import Column, as_grid, as_pipes, code, filled, indented, plain
from dryfit.bench.runs import Run, RunsError, read
from dryfit.bench.units import duration, interval

_VERDICTS = ("slower", "faster", "same", "new", "gone", "unmeasured")


def main_compare(
    base: Sequence[Path | Run],
    head: Sequence[Path | Run],
    *,
    form: str = "text",
    percent: float = PERCENT,
    at_least_us: float = AT_LEAST_US,
) -> int:
    """Print what changed from some runs to others; return the exit status.

    Args:
        base: files, or runs, of the code before the change.
        head: those of the code after it.
        form: ``text``, ``markdown`` or ``json``.
        percent: see `compare`.
        at_least_us: see `compare`.

    Returns:
        0 if the gate holds, 1 if it fails, 2 if there is nothing to compare.
    """
    try:
        if form not in FORMATS:
            known = ", ".join(FORMATS)
            raise RunsError([f"a comparison has no format {form!r}; it has {known}"])
        changes = compare(read(base), read(head), percent=percent, at_least_us=at_least_us)
    except RunsError as error:
        print(error, file=sys.stderr)
        return 2
    print(FORMATS[form](changes))
    return int(any(change.failures for change in changes))


def as_text(changes: Sequence[Change]) -> str:
    """Write before, after and verdict; below the table what fails, and why."""
    notes = [f"{change.callback}: {change.note}" for change in changes if change.note]
    table = as_grid(indented(_columns(changes)))
    return "\n".join([table, *notes, *_failures(changes, str, str), _last(changes)])


def as_markdown(changes: Sequence[Change]) -> str:
    """Write the same in Markdown, such as for GitHub's job summary."""
    failures = "\n".join(f"- {line}" for line in _failures(changes, code, plain))
    return "\n\n".join(filter(None, [as_pipes(_columns(changes)), failures, _last(changes)]))


def as_json(changes: Sequence[Change]) -> str:
    """Write a list of objects, one a row."""
    return json.dumps([asdict(change) for change in changes], indent=2, ensure_ascii=False)


FORMATS: dict[str, Callable[[Sequence[Change]], str]] = {
    "text": as_text,
    "markdown": as_markdown,
    "json": as_json,
}


def _columns(changes: Sequence[Change]) -> list[Column]:
    def column(title: str, kind: str, cell: Callable[[Change], str]) -> Column:
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


def _percent(change: Change) -> str:
    if change.before is None or change.after is None or change.before.typical <= 0:
        return ""
    return f"{100 * (change.after.typical / change.before.typical - 1):+.0f} %"


def _verdict(change: Change) -> str:
    grows = ["grows now"] if change.grows_now else []
    return "; ".join([change.verdict, *map(str, change.counts), *grows])


def _failures(
    changes: Sequence[Change], name: Callable[[str], str], words: Callable[[str], str]
) -> Iterator[str]:
    for change in changes:
        for failure in change.failures:
            yield f"FAILED {name(change.callback)}: {words(failure)}"


def _last(changes: Sequence[Change]) -> str:
    """Count callbacks, their verdicts, and what fails."""
    wholes = [change for change in changes if change.hook is None]
    counts = Counter(change.verdict for change in wholes)
    parts = [f"{counts[verdict]} {verdict}" for verdict in _VERDICTS if counts[verdict]]
    failed = sum(len(change.failures) for change in wholes)
    callbacks = "1 callback" if len(wholes) == 1 else f"{len(wholes)} callbacks"
    return f"{callbacks}: {', '.join(parts)}; {failed or 'nothing'} failed"
