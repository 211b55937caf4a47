"""Says everything about a scenario that does not hold: each mismatch, then the epoch table."""

from typing import TYPE_CHECKING

from dryfit.verdict import Verdict

if TYPE_CHECKING:
    from rich.console import Console


def explain(verdict: Verdict, terminal: "Console | None" = None) -> str:
    """Say everything about a scenario that does not hold.

    Args:
        terminal: what its epoch table is for, with its width and colours; else it is plain.
    """
    scenario = verdict.scenario
    lines = [f"{scenario.file}:{scenario.line(('name',))}: {scenario.name} [{verdict.lane}]"]
    if verdict.reason:
        lines.append(f"  {verdict.reason}")
    for failure, line in verdict.failures:
        where = "" if failure.epoch is None else f", epoch {failure.epoch}"
        lines += [
            f"  {failure.what}{where}  ({scenario.file.name}:{line})",
            f"    exp: {failure.expected}",
            f"    got: {failure.got}",
        ]
    if verdict.run is not None:
        places = [(f.epoch, f.what) for f, _ in verdict.failures if f.epoch is not None]
        first = min(places, key=lambda place: place[0], default=None)
        lines += ["", verdict.run.table(mark=first, terminal=terminal)]
    return "\n".join(lines)
