"""What callbacks cost, as one HTML file with a bar for each: no script, no network."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from string import Template

from dryfit.bench.grid import indented
from dryfit.bench.report import Settings, between, by_callback, columns, measured, slowest
from dryfit.bench.result import Cost
from dryfit.bench.units import duration
from dryfit.report.style import STYLE

_FAR = 30.0  # callbacks so many times apart do not share a linear scale
_DECADES = 6  # what a logarithmic one shows at most

_PAGE = Template("""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>dryfit bench</title>
<style>
$style
:root { --bar: #3b74c9; --hook: #9dbbe6; --whisker: #1c2024; }
@media (prefers-color-scheme: dark) { :root { --bar: #5a94ea; --hook: #35557f;
  --whisker: #edeef0; } }
table { width: 100%; }
th { vertical-align: bottom; white-space: pre; }
th[scope=row] { font: 13px ui-monospace, monospace; color: inherit; white-space: normal;
  overflow-wrap: anywhere; min-width: 14rem; max-width: 26rem; vertical-align: top; }
tr.whole > * { border-top: 1px solid var(--line); }
tr.whole th { font-weight: 600; }
tr.hook th { padding-left: 2rem; color: var(--faint); }
.number { text-align: right; white-space: nowrap; font-variant-numeric: tabular-nums; }
.note { font: 12px/1.4 system-ui, sans-serif; color: var(--faint); }
th.number { white-space: pre; }
.picture { width: 40%; min-width: 16rem; padding-right: 2rem; }
.track { position: relative; height: 1.1rem; }
.track span { position: absolute; }
.bar { top: .15rem; height: .8rem; left: 0; background: var(--bar); border-radius: 0 2px 2px 0; }
tr.hook .bar { background: var(--hook); }
.whisker { top: .5rem; height: .1rem; min-width: 1px; background: var(--whisker); }
.tick { font-size: 11px; transform: translateX(-50%); }
.tick:first-child { transform: none; }
</style>
</head>
<body>
<h1>What callbacks cost per batch</h1>
$said
<div class="scroll">
<table>
<thead><tr><th>callback and hook</th><th class="picture">$axis</th>$titles</tr></thead>
<tbody>
$rows
</tbody>
</table>
</div>
</body>
</html>
""")


@dataclass(frozen=True, slots=True)
class Scale:
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


def scale(groups: Sequence[Sequence[Cost]]) -> Scale:
    """Choose a linear scale, or a logarithmic one where callbacks are far apart."""
    every = [cost for group in groups for cost in group]
    costs = [measured(cost) for cost in every if measured(cost) > 0]
    if not costs:
        return Scale((0.0, 1.0), False)
    top = max(_finite(cost.high, measured(cost)) for cost in every)
    wholes = [measured(group[0]) for group in groups if measured(group[0]) > 0]
    if wholes and max(wholes) > _FAR * min(wholes):
        last = math.ceil(math.log10(top))
        first = max(math.floor(math.log10(min(costs))), last - _DECADES)
        return Scale(tuple(10.0**power for power in range(first, last + 1)), True)
    decade = 10.0 ** math.floor(math.log10(top))
    step = next(s for s in (0.2, 0.5, 1.0, 2.0) if top / (s * decade) <= 5) * decade
    return Scale(tuple(step * n for n in range(math.ceil(top / step) + 1)), False)


def as_html(costs: Sequence[Cost], settings: Settings | None = None) -> str:
    """Write a page with a table and, for each row, a bar with its confidence interval.

    Args:
        costs: each callback as a whole, followed by its hooks.
        settings: how it was measured.
    """
    groups = by_callback(costs)
    axis = scale(groups)
    shown = indented(columns(groups))[1:]
    every = [cost for group in groups for cost in group]
    rows = [
        _row(cost, axis, [(column.kind, column.cells[index]) for column in shown])
        for index, cost in enumerate(every)
    ]
    return _PAGE.substitute(
        style=STYLE,
        said="\n".join(f"<p>{line}</p>" for line in _said(groups, axis, settings or {})),
        axis=_axis(axis),
        titles="".join(f'<th class="{c.kind}">{escape(c.title)}</th>' for c in shown),
        rows="\n".join(rows),
    )


def _said(groups: Sequence[Sequence[Cost]], axis: Scale, settings: Settings) -> list[str]:
    lines = []
    if found := slowest(groups):
        whole, hook, part = found
        name = f"Slowest: <code>{escape(whole.callback)}</code>"
        takes = f", of which <code>{escape(hook.hook or '')}</code> takes" if hook else ""
        lines.append(f"{name}{takes} {100 * part:.0f} %." if hook else f"{name}.")
    kind = "logarithmic, so lengths do not compare" if axis.is_log else "linear"
    lines.append(
        "A bar is the time per batch, its line the 95 % confidence interval; "
        f"the scale is {kind}. Hooks stand under their callback."
    )
    if settings:
        said = ", ".join(f"{name} {value}" for name, value in settings.items())
        lines.append(escape(f"Measured with {said}."))
    return lines


def _row(cost: Cost, axis: Scale, cells: Sequence[tuple[str, str]]) -> str:
    kind, name = ("whole", cost.callback) if cost.hook is None else ("hook", cost.hook)
    shown = "".join(f'<td class="{kind}">{escape(cell)}</td>' for kind, cell in cells)
    note = f'<div class="note">{escape(cost.note)}</div>' if cost.note else ""
    return (
        f'<tr class="{kind}"><th scope="row">{escape(name)}{note}</th>'
        f'<td class="picture">{_bar(cost, axis)}</td>{shown}</tr>'
    )


def _bar(cost: Cost, axis: Scale) -> str:
    if not math.isfinite(ns := measured(cost)):
        return ""
    said = ", ".join(filter(None, (duration(ns), between(cost))))
    low, high = (axis.at(_finite(end, ns)) for end in (cost.low, cost.high))
    return (
        f'<div class="track" role="img" aria-label="{escape(said)}" title="{escape(said)}">'
        f'<span class="bar" style="width:{axis.at(ns)}%"></span>'
        f'<span class="whisker" style="left:{low}%;width:{round(high - low, 2)}%"></span></div>'
    )


def _axis(axis: Scale) -> str:
    ticks = (
        f'<span class="tick" style="left:{axis.at(ns)}%">{duration(ns)}</span>' for ns in axis.ticks
    )
    return f'<div class="track">{"".join(ticks)}</div>'


def _finite(value: float | None, otherwise: float) -> float:
    return otherwise if value is None or not math.isfinite(value) else value
