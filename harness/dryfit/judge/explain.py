"""Says everything about a scenario that does not hold: each mismatch, then the epoch table."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from dryfit.facts.readable import at_epoch
from dryfit.facts.visible_text import in_a_line, visible
from dryfit.judge.verdict import Verdict

if TYPE_CHECKING:
    from rich.console import Console


def explain(
    verdict: Verdict,
    terminal: "Console | None" = None,
    lit: Callable[[str], str] = lambda text: text,
) -> str:
    """Say everything about a scenario that does not hold.

    Args:
        terminal: what its epoch table is for, with its width and colours; else it is plain.
        lit: colours what stands above the table.
    """
    scenario = verdict.scenario
    lines = [f"{scenario.file}:{scenario.line(('name',))}: {scenario.name} [{verdict.lane}]"]
    if verdict.reason:
        lines.append(f"  {verdict.reason}")
    for failure, line in verdict.failures:
        lines += [
            f"  {at_epoch(failure.what, failure.epoch)}  ({scenario.file.name}:{line})",
            f"    exp: {failure.expected}",
            f"    got: {failure.got}",
        ]
    told = lit("\n".join(map(visible, lines)))
    if verdict.run is not None:
        table = verdict.run.table(mark=first_place(verdict), terminal=terminal)
        return f"{told}\n\n{table}"
    return told


def in_short(verdict: Verdict) -> str:
    """Say in a line what does not hold, the first of it, such as for a summary of many."""
    if not verdict.failures:
        return in_a_line(verdict.reason)
    failure, _ = verdict.failures[0]
    # An epoch that is another than expected is said by its value alone.
    what, epoch = failure.what, None if failure.what.endswith("epoch") else failure.epoch
    more = f" (and {len(verdict.failures) - 1} more)" if verdict.failures[1:] else ""
    where = at_epoch(what, epoch)
    return in_a_line(f"{where}: expected {failure.expected}, got {failure.got}{more}")


def first_place(verdict: Verdict) -> tuple[int, str] | None:
    """The first epoch in which something is not as expected, and what: an epoch table marks it."""
    places = [(f.epoch, f.what) for f, _ in verdict.failures if f.epoch is not None]
    return min(places, key=lambda place: place[0], default=None)
