"""What callbacks cost, as one HTML file with a bar for each: no script, no network."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from dryfit.show.grid import indented
from dryfit.show.page.banner import Banner, Provenance
from dryfit.show.page.templating import templates
from dryfit.tools.bench.cost import Cost
from dryfit.tools.bench.cost_report import (
    Settings,
    between,
    by_callback,
    columns,
    measured,
    settings_told,
    slowest,
)
from dryfit.tools.bench.units import duration

_FAR = 30.0  # callbacks so many times apart do not share a linear scale
_DECADES = 6  # what a logarithmic one shows at most


@dataclass(frozen=True, slots=True)
class BarScale:
    """Where on the picture a time is, in per cent of its width.

    Attributes:
        ticks: the times that the axis names; the first is the left end, the last the right.
        is_log: whether each tick is ten times the one before.
    """

    ticks: tuple[float, ...]
    is_log: bool

    def at(self, ns: float) -> float:
        """Place a time; what is outside is at the end."""
        low, high = self.ticks[0], self.ticks[-1]
        if self.is_log:
            low, high, ns = (math.log10(max(value, low)) for value in (low, high, ns))
        return round(100 * min(max((ns - low) / (high - low), 0.0), 1.0), 2)


def scale(groups: Sequence[Sequence[Cost]]) -> BarScale:
    """Choose a linear scale, or a logarithmic one where callbacks are far apart."""
    every = [cost for group in groups for cost in group]
    costs = [measured(cost) for cost in every if measured(cost) > 0]
    if not costs:
        return BarScale((0.0, 1.0), False)
    top = max(_finite(cost.high, measured(cost)) for cost in every)
    wholes = [measured(group[0]) for group in groups if measured(group[0]) > 0]
    if wholes and max(wholes) > _FAR * min(wholes):
        last = math.ceil(math.log10(top))
        first = max(math.floor(math.log10(min(costs))), last - _DECADES)
        return BarScale(tuple(10.0**power for power in range(first, last + 1)), True)
    decade = 10.0 ** math.floor(math.log10(top))
    step = next(s for s in (0.2, 0.5, 1.0, 2.0) if top / (s * decade) <= 5) * decade
    return BarScale(tuple(step * n for n in range(math.ceil(top / step) + 1)), False)


@dataclass(frozen=True, slots=True)
class Bar:
    """A time on the picture: places and lengths in per cent of its width.

    Attributes:
        said: the time and its interval, in words.
        at: where the bar ends.
        low: where the interval begins.
        width: how long the interval is.
    """

    said: str
    at: float
    low: float
    width: float


def as_html(
    costs: Sequence[Cost], settings: Settings | None = None, made: Provenance | None = None
) -> str:
    """Write a page with a table and, for each row, a bar with its confidence interval.

    Args:
        costs: each callback as a whole, followed by its hooks.
        settings: how it was measured.
        made: how the page came to be, where it is to say so.
    """
    groups = by_callback(costs)
    axis = scale(groups)
    environment = templates("dryfit.tools.bench")
    environment.filters["duration"] = duration
    return environment.get_template("page.html").render(
        title="dryfit bench",
        banner=Banner("dryfit bench: what callbacks cost per batch", *_verdict(groups)),
        made=made,
        slowest=slowest(groups),
        axis=axis,
        settings=settings_told(settings),
        columns=indented(columns(groups))[1:],
        rows=[(cost, bar(cost, axis)) for group in groups for cost in group],
    )


def _verdict(groups: Sequence[Sequence[Cost]]) -> tuple[str, Literal["bad", "odd", ""]]:
    """Which is the slowest; or why there is none, or none to go by."""
    if any(cost.too_busy for group in groups for cost in group):
        return "The machine is too busy to tell", "odd"
    if (found := slowest(groups)) is None:
        return "No callback was measured to cost anything", "odd"
    whole = found[0]
    verdict = f"Slowest: {whole.callback}, {duration(measured(whole))} per batch"
    grows = any(group[0].growth == "grows" for group in groups)
    return (f"{verdict}; not all stay flat", "bad") if grows else (verdict, "")


def bar(cost: Cost, axis: BarScale) -> Bar | None:
    """Place a measured time on the picture; nothing where there is none."""
    if not math.isfinite(ns := measured(cost)):
        return None
    said = ", ".join(filter(None, (duration(ns), between(cost))))
    low, high = (axis.at(_finite(end, ns)) for end in (cost.low, cost.high))
    return Bar(said, axis.at(ns), low, round(high - low, 2))


def _finite(value: float | None, otherwise: float) -> float:
    return otherwise if value is None or not math.isfinite(value) else value
