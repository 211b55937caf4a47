"""What callbacks cost, for a person (text, Markdown) and for a program (JSON)."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from dryfit.facts.visible_text import visible
from dryfit.show.grid import Column, Kind, as_grid, as_pipes, filled, indented
from dryfit.show.json_text import json_text
from dryfit.show.markdown import code
from dryfit.tools.bench.cost import Cost
from dryfit.tools.bench.units import digits, duration, interval, share, size

if TYPE_CHECKING:
    from rich.console import Console

# The keys that every reader may rely on, in this order; Cost's further fields follow.
KEYS = (
    "callback",
    "hook",
    "ns_per_batch",
    "low",
    "high",
    "ratio_to_noop",
    "allocations_per_batch",
    "bytes_written_per_batch",
    "share_of_step",
    "growth",
)
Settings = Mapping[str, Any]


def as_text(
    costs: Sequence[Cost], settings: Settings | None = None, terminal: "Console | None" = None
) -> str:
    """Write a table, the slowest callback first, and name the slowest.

    Args:
        costs: each callback as a whole, followed by its hooks.
        settings: how it was measured.
        terminal: what it is for; else it is plain.
    """
    groups = by_callback(costs)
    notes = [f"{cost.callback}: {cost.note}" for group in groups for cost in group if cost.note]
    shown = indented(columns(groups))
    table = as_grid(shown, terminal) if len(shown) > 1 else ""  # nothing was measured
    said = [*notes, _slowest(groups, str), *settings_told(settings)]
    return "\n".join(filter(None, [table, *map(visible, said)]))


def as_markdown(costs: Sequence[Cost], settings: Settings | None = None) -> str:
    """Write the same as a table in Markdown, such as for GitHub's job summary."""
    groups = by_callback(costs)
    parts = [as_pipes(columns(groups)), _slowest(groups, code), *settings_told(settings)]
    return "\n\n".join(filter(None, parts))


def as_json(costs: Sequence[Cost], settings: Settings | None = None) -> str:
    """Write a list of objects; nan and inf are strings.

    Args:
        costs: what to write, in this order.
        settings: how it was measured; `compare` refuses files that differ in it.
    """
    rows = []
    for cost in costs:
        fields = asdict(cost)
        row = {key: fields[key] for key in dict.fromkeys((*KEYS, *fields))}
        rows.append(row if settings is None else {**row, "settings": dict(settings)})
    return json_text(rows)


def as_smaller_is_better(costs: Sequence[Cost], settings: Settings | None = None) -> str:
    """Write what github-action-benchmark reads as ``customSmallerIsBetter``: callbacks as a whole.

    Source: README.md of benchmark-action/github-action-benchmark, "customBiggerIsBetter and
    customSmallerIsBetter".
    """
    extra = "; ".join(settings_told(settings))
    entries = []
    for cost in costs:
        if cost.hook is not None or not math.isfinite(ns := measured(cost)):
            continue
        entry: dict[str, Any] = {"name": cost.callback, "unit": "ns per batch", "value": ns}
        if cost.low is not None and cost.high is not None:
            entry["range"] = f"{cost.low:.4g} to {cost.high:.4g}"
        entries.append(entry | ({"extra": extra} if extra else {}))
    return json_text(entries)


def by_callback(costs: Sequence[Cost]) -> list[list[Cost]]:
    """Group each callback with its hooks; slowest first, and so within a group."""
    groups: list[list[Cost]] = []
    for cost in costs:
        if cost.hook is None or not groups or groups[-1][0].callback != cost.callback:
            groups.append([])
        groups[-1].append(cost)
    ranked = [[group[0], *sorted(group[1:], key=_slowest_first)] for group in groups]
    return sorted(ranked, key=lambda group: _slowest_first(group[0]))


def slowest(groups: Sequence[Sequence[Cost]]) -> tuple[Cost, Cost | None, float] | None:
    """Find the slowest callback, and the hook that takes most of it.

    Returns:
        The callback, its slowest hook, and that hook's part of what all its hooks take;
        nothing if no callback was measured to cost anything.
    """
    if not groups or measured(groups[0][0]) <= 0:
        return None
    whole, *hooks = groups[0]
    times = [max(measured(hook), 0.0) for hook in hooks]
    if not sum(times):
        return whole, None, 0.0
    return whole, hooks[0], times[0] / sum(times)


def measured(cost: Cost) -> float:
    """Nanoseconds per batch; minus infinity where there are none."""
    ns = cost.ns_per_batch
    return -math.inf if ns is None or not math.isfinite(ns) else ns


def columns(groups: Sequence[Sequence[Cost]]) -> list[Column]:
    """Make the table's columns; those without any entry are left out."""
    rows = [cost for group in groups for cost in group]
    firsts = {id(group[0]) for group in groups}

    def column(title: str, kind: Kind, cell: Callable[[Cost], str | None]) -> Column:
        return Column(title, kind, [cell(cost) or "" for cost in rows])

    def number(title: str, key: str, shown: Callable[[float], str]) -> Column:
        values = [getattr(cost, key) for cost in rows]
        return Column(title, "number", ["" if v is None else shown(v) for v in values])

    return filled(
        [
            column("callback", "name", lambda c: c.callback if id(c) in firsts else None),
            column("hook", "name", lambda c: c.hook),
            number("per batch", "ns_per_batch", duration),
            column("interval", "number", between),
            number("x no-op", "ratio_to_noop", digits),
            number("share of\na step", "share_of_step", share),
            number("allocations", "allocations_per_batch", digits),
            number("bytes\nheld", "bytes_held_per_batch", size),
            number("bytes\nwritten", "bytes_written_per_batch", size),
            number("files\nwritten", "files_written", digits),
            number("log\nreads", "log_reads_per_batch", digits),
            column("growth", "words", lambda c: c.growth),
            column("note", "words", lambda c: c.note),
        ]
    )


def between(cost: Cost) -> str:
    """Write the confidence interval; nothing where there is none."""
    return "" if cost.low is None or cost.high is None else interval(cost.low, cost.high)


def _slowest_first(cost: Cost) -> float:
    return -measured(cost)


def _slowest(groups: Sequence[Sequence[Cost]], quoted: Callable[[str], str]) -> str:
    """Say it in a sentence."""
    found = slowest(groups)
    if found is None:
        return "slowest: none, no callback was measured to cost anything"
    whole, hook, part = found
    name = f"slowest: {quoted(whole.callback)}"
    if hook is None:
        return name
    return f"{name}, of which {quoted(hook.hook or '')} takes {100 * part:.0f} %"


def settings_told(settings: Settings | None) -> list[str]:
    """Say how it was measured; nothing where nobody says."""
    told = {name: value for name, value in (settings or {}).items() if value is not None}
    said = ", ".join(f"{name} {value}" for name, value in told.items())
    return [f"measured with {said}"] if said else []
