"""A mutation in words, and as data."""

import os
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from dryfit.tools.mutate.mutate import Mutation, Survivor
from dryfit.tools.mutate.unseen import Unseen
from dryfit_fakes.quantities import quantity

WIDTH = 80


def text_of(mutation: Mutation, never_seen: Unseen | None = None, most: int = WIDTH) -> str:
    """Each fault that nobody notices, with its line, the change, and what to write next.

    Args:
        most: characters that a line may have, if fewer than 80.
    """
    width = min(most, WIDTH)
    lines: list[str] = []
    file = None
    for survivor in mutation.survivors:
        if survivor.fault.source.file != file:
            file = survivor.fault.source.file
            lines += [_place(str(file))]
        lines += _survivor(survivor, width)
    if never_seen is not None:
        lines += _never_seen(never_seen, width)
    return "\n".join([*lines, *_wrapped(summary(mutation), "", width)])


def summary(mutation: Mutation) -> str:
    """The last line: how many of how many, and by what."""
    name, count = mutation.kind.__name__, len(mutation.faults)
    share = f"{mutation.noticed} of {count} single faults noticed, {mutation.percent:.0f} %"
    by = f"by {quantity(mutation.scenarios, 'scenario')} and {quantity(mutation.tests, 'test')}"
    rest = f"; {mutation.left_out} not tried" if mutation.left_out else ""
    return f"{name}: {share}, {by}{rest}"


def as_data(mutation: Mutation, never_seen: Unseen | None = None) -> dict[str, Any]:
    """What ``--format json`` prints."""
    data: dict[str, Any] = {
        "mutants": len(mutation.faults),
        "noticed": mutation.noticed,
        "survivors": [
            {
                "file": _place(str(survivor.fault.source.file)),
                "line": survivor.fault.line,
                "change": survivor.fault.change,
            }
            for survivor in mutation.survivors
        ],
    }
    if never_seen is not None:
        data["never_seen"] = {
            "lines": [{"file": _place(file), "line": line} for file, line, _ in never_seen.lines],
            "branches": [
                {"file": _place(file), "line": here, "to": there}
                for file, here, there in never_seen.branches
            ],
            "settings": never_seen.settings,
            "decisions": [
                {"decision": what, "file": _place(file), "line": line}
                for what, file, line in never_seen.decisions
            ],
        }
    return data


def _survivor(survivor: Survivor, width: int) -> Iterator[str]:
    fault = survivor.fault
    yield _clipped(f"  {fault.line}: {fault.text}", width)
    yield from _wrapped(_clipped(fault.change, 200), "      ", width)
    advice = fault.operator.advice
    if not survivor.reached:
        advice = f"no case calls {fault.attribute}: write one that does"
    yield from _wrapped(f"Next: {advice}.", "      ", width)


def _never_seen(never_seen: Unseen, width: int) -> Iterator[str]:
    yield "never seen"
    for what, file, line in never_seen.decisions:
        yield f"  it never {what} ({Path(file).name}:{line})"
    for file, line, text in never_seen.lines:
        yield _clipped(f"  {Path(file).name}:{line}: {text}", width)
    for file, here, there in never_seen.branches:
        end = "the method's end" if there is None else f"line {there}"
        yield f"  {Path(file).name}:{here}: never goes on to {end}"
    for name, value in never_seen.settings.items():
        yield _clipped(f"  {name} is always {value}", width)
    if never_seen == Unseen((), (), {}, ()):
        yield "  nothing: every line, branch, setting and decision"


def _wrapped(text: str, indent: str, width: int) -> list[str]:
    return textwrap.wrap(
        text, width, initial_indent=indent, subsequent_indent=indent, break_on_hyphens=False
    )


def _clipped(text: str, width: int) -> str:
    return text if len(text) <= width else f"{text[: width - 4]} ..."


def _place(file: str) -> str:
    """A path from here, where it is under here."""
    near = os.path.relpath(file)
    return file if near.startswith(os.pardir) else Path(near).as_posix()
