"""Before and after: which callbacks got slower, by a rule that other work does not trip.

Fails only what can be trusted: time where even the fastest of the new runs is
clearly above the slowest of the old ones, and counts that are exact.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from math import inf, isfinite
from statistics import median

from dryfit.tools.bench.cost import Cost
from dryfit.tools.bench.measurements import MeasuredRun, RunsError
from dryfit.tools.bench.units import digits, duration

PERCENT = 25.0
AT_LEAST_US = 1.0

# What is exact and gates. Bytes do not: time stamps, and numbers of other lengths, are in them.
COUNTS = {
    "allocations_per_batch": "allocations per batch",
    "files_written": "files",
    "log_reads_per_batch": "log reads per batch",
}
# A block in ten batches is a cache that fills up: no two runs have it at the same batch.
_SHAKES = {"allocations_per_batch": 0.5}


@dataclass(frozen=True, slots=True)
class Range:
    """Nanoseconds per batch over several runs.

    Attributes:
        fastest: the lowest end of the runs' confidence intervals.
        typical: the median of the runs.
        slowest: the highest end.
    """

    fastest: float
    typical: float
    slowest: float


@dataclass(frozen=True, slots=True)
class Count:
    """A count that is another one than before; ``after`` is ``None`` if it was not counted."""

    what: str
    before: float
    after: float | None

    @property
    def is_more(self) -> bool:
        """Whether it fails the gate: what is not counted any more does, too."""
        return self.after is None or self.after > self.before

    def __str__(self) -> str:
        after = "not counted" if self.after is None else digits(self.after)
        return f"{self.what}: {digits(self.before)} before, {after} after"


@dataclass(frozen=True, slots=True)
class CostChange:
    """What became of a callback, or of one of its hooks.

    Attributes:
        hook: ``None`` for the callback as a whole.
        before: how long it took; ``None`` if it was not measured.
        after: how long it takes.
        verdict: ``slower``, ``faster``, ``same``, ``new``, ``gone``, ``unmeasured`` or
            ``too busy`` to tell.
        counts: those that are not as before.
        grows_now: whether time or memory grows with the batches, and did not.
        failures: what fails the gate, in words; a hook fails none, its callback does.
        note: what the measurement says of it.
    """

    callback: str
    hook: str | None
    before: Range | None
    after: Range | None
    verdict: str
    counts: tuple[Count, ...] = ()
    grows_now: bool = False
    failures: tuple[str, ...] = ()
    note: str = ""


@dataclass(frozen=True, slots=True)
class Gate:
    """How far apart the new and the old must be; both must be exceeded.

    Attributes:
        percent: of the slowest old run.
        at_least_us: microseconds per batch.
    """

    percent: float = PERCENT
    at_least_us: float = AT_LEAST_US

    def is_above(self, new: float, old: float) -> bool:
        """Whether nanoseconds are clearly above others."""
        old = max(old, 0.0)  # a difference of two times can be below nothing
        margin = max(old * self.percent / 100, 1000 * self.at_least_us)
        return new - old > margin


def compare(
    base: Sequence[MeasuredRun],
    head: Sequence[MeasuredRun],
    *,
    percent: float = PERCENT,
    at_least_us: float = AT_LEAST_US,
) -> list[CostChange]:
    """Compare runs of the old code with runs of the new, row by row.

    Args:
        base: runs before the change.
        head: runs after it, measured in the same way.
        percent: how much slower the fastest new run may be than the slowest old one.
        at_least_us: below so many microseconds per batch no difference counts.

    Returns:
        Each callback as a whole, followed by its hooks, in the order of the runs.

    Raises:
        RunsError: they were not measured in the same way, or have no callback in
            common, or a margin is no number.
    """
    for name, margin in (("percent", percent), ("at_least_us", at_least_us)):
        if not 0 <= margin < inf:  # with nan nothing would ever be above
            raise RunsError([f"{name} is {margin}; expected is a number, 0 or more"])
    _refuse_other_settings([*base, *head])
    before, after = _by_row(base), _by_row(head)
    rows = dict.fromkeys((*before, *after))
    if not before.keys() & after.keys():
        found = (dict.fromkeys(row[0] for row in rows) for rows in (before, after))
        names = ("; ".join(each) or "none" for each in found)
        raise RunsError(["no callback is in both: before {}; after {}".format(*names)])
    order = {row[:2]: place for place, row in reversed(list(enumerate(rows)))}
    busy = {row[:2] for row, costs in after.items() if row[2] is None and _too_busy(costs)}
    rows = {row: None for row in rows if row[2] is None or row[:2] not in busy}
    ranked = sorted(rows, key=lambda row: (order[row[:2]], row[2] is not None))
    gate = Gate(percent, at_least_us)
    return [_change(row, before.get(row, []), after.get(row, []), gate) for row in ranked]


_Row = tuple[str, int, str | None]  # callback, the how manieth of that name, hook


def _by_row(runs: Sequence[MeasuredRun]) -> dict[_Row, list[Cost]]:
    rows: dict[_Row, list[Cost]] = defaultdict(list)
    for run in runs:
        seen: Counter[tuple[str, str | None]] = Counter()
        for cost in run.costs:
            row = cost.callback, cost.hook
            rows[row[0], seen[row], row[1]].append(cost)
            seen[row] += 1
    return dict(rows)


def _refuse_other_settings(runs: Sequence[MeasuredRun]) -> None:
    names = sorted({name for run in runs for name in run.settings})
    problems = []
    for name in names:
        said = [f"{run.settings.get(name)} in {run.name}" for run in runs]
        if len({repr(run.settings.get(name)) for run in runs}) > 1:
            problems.append(f"{name} differs: {', '.join(said)}; measure all in the same way")
    if problems:
        raise RunsError(problems)


def _change(row: _Row, base: Sequence[Cost], head: Sequence[Cost], gate: Gate) -> CostChange:
    before, after = _range(base), _range(head)
    verdict = _verdict(before, after, gate)
    if not base or not head:
        verdict = "gone" if base else "new"
    elif _too_busy(head):
        verdict = "too busy"
    counts = tuple(_counts(base, head)) if before and after else ()
    note = next((cost.note for cost in head or base if cost.note), "")
    change = CostChange(
        callback=row[0],
        hook=row[2],
        before=before,
        after=after,
        verdict=verdict,
        counts=counts,
        grows_now=_all_of(base, "flat") and _all_of(head, "grows"),
        note=note,
    )
    if row[2] is not None:
        return change
    return _with_failures(change, gate)


def _too_busy(costs: Sequence[Cost]) -> bool:
    """Whether no run could tell, for other work on the machine."""
    return _range(costs) is None and any(cost.too_busy for cost in costs)


def _range(costs: Sequence[Cost]) -> Range | None:
    """Sum up what was measured; nan counts as not measured."""
    typical = _known(costs, "ns_per_batch")
    if not typical:
        return None
    # A run without an interval still has its own time.
    lows, highs = ((*_known(costs, end), *typical) for end in ("low", "high"))
    return Range(min(lows), median(typical), max(highs))


def _known(costs: Sequence[Cost], key: str) -> list[float]:
    values = (getattr(cost, key) for cost in costs)
    return [value for value in values if value is not None and isfinite(value)]


def _verdict(before: Range | None, after: Range | None, gate: Gate) -> str:
    if after is None:
        return "unmeasured"
    if before is None:
        return "new"
    if gate.is_above(after.fastest, before.slowest):
        return "slower"
    return "faster" if gate.is_above(before.fastest, after.slowest) else "same"


def _counts(base: Sequence[Cost], head: Sequence[Cost]) -> Iterator[Count]:
    """Yield counts that no two runs have in common: where runs shake, none is exact."""
    for key, what in COUNTS.items():
        old, new = _known(base, key), _known(head, key)
        if old and not new:
            yield Count(what, max(old), None)
        elif old and min(new) > max(old) + _SHAKES.get(key, 0):
            yield Count(what, max(old), min(new))
        elif old and max(new) < min(old) - _SHAKES.get(key, 0):
            yield Count(what, min(old), max(new))


def _all_of(costs: Sequence[Cost], growth: str) -> bool:
    known = {cost.growth for cost in costs if cost.growth is not None}
    return known == {growth}


def _with_failures(change: CostChange, gate: Gate) -> CostChange:
    failures = [str(count) for count in change.counts if count.is_more]
    if change.verdict == "slower" and change.before and change.after:
        failures.insert(0, _slower(change.before, change.after, gate))
    if change.verdict == "unmeasured" and change.before:
        failures.append(f"was measured before, and not after: {change.note or 'no reason given'}")
    return replace(change, failures=tuple(failures))


def _slower(before: Range, after: Range, gate: Gate) -> str:
    old, new = before.slowest, after.fastest
    apart = duration(new - max(old, 0.0))
    part = f"{100 * (new / old - 1):.0f} % and " if old > 0 else ""
    return (
        f"slower: the fastest after takes {duration(new)}, the slowest before {duration(old)}: "
        f"{part}{apart} more, where {digits(gate.percent)} % and {digits(gate.at_least_us)} µs "
        "are allowed"
    )
