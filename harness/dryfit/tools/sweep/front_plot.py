"""The picture of a sweep: what every setting trains and loses, and the front."""

from collections.abc import Iterator, Sequence
from math import isfinite
from typing import TYPE_CHECKING

from dryfit.show.plot.figures import check_matplotlib, inert, style
from dryfit.show.plot.palette import BLUE, GREY, INK, ORANGE, RED
from dryfit.tools.sweep.answers import SweepRow
from dryfit.tools.sweep.sweep_report import named, short_name
from dryfit.tools.sweep.sweeping import SweepResult

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_LINEAR = 0.01  # of a range: below, a logarithm would never come to nothing
_TICKS = (0.0, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0)
_APART = 0.035  # of the width, between two names on the front
_EPOCH_NAMES = 8  # on the line of those that stop at an epoch


def draw_front(result: SweepResult) -> "Figure":
    """Draw every setting as a point, the front with its names, and stopping at an epoch.

    Raises:
        ImportError: matplotlib is not installed.
    """
    check_matplotlib()
    from matplotlib.figure import Figure

    with style():
        figure = Figure(figsize=(8.5, 5.2), layout="constrained")
        axes = figure.add_subplot()
        _axes(axes, result)
        _baseline(axes, result)
        _settings(axes, result)
        _recommended(axes, result)
        axes.legend(loc="upper right", title=_key(result), alignment="left")
        return inert(figure)


def _axes(axes: "Axes", result: SweepResult) -> None:
    from matplotlib.ticker import FixedLocator, FuncFormatter, MultipleLocator, NullLocator

    axes.set_title(
        f"{result.curves:,} curves, {len(result.rows):,} settings", loc="left", fontsize=10
    )
    axes.set_xlabel("epochs trained, of those recorded")
    axes.set_ylabel(f"{result.answers.monitor}: nine in ten curves lose at most, of their range")
    axes.set_yscale("symlog", linthresh=_LINEAR, linscale=1.0)
    axes.yaxis.set_major_locator(FixedLocator(_TICKS))
    axes.yaxis.set_minor_locator(NullLocator())
    written = FuncFormatter(lambda value, _: f"{100 * value:.3g} %")
    axes.yaxis.set_major_formatter(written)
    axes.xaxis.set_major_formatter(written)
    axes.xaxis.set_major_locator(MultipleLocator(0.1))
    axes.set_xlim(0, 1.02)
    axes.set_ylim(-0.001, 1.5)
    axes.grid(color=GREY, alpha=0.25, linewidth=0.6)


def _baseline(axes: "Axes", result: SweepResult) -> None:
    """The line of those who stop every training at one epoch, on the recommended one's curves."""
    if result.recommended is None:
        return
    points = result.answers.baseline(result.recommended.row)
    axes.plot(
        [trained for trained, _ in points],
        [lost for _, lost in points],
        color=ORANGE,
        linestyle="--",
        label="stop the curves of the recommended one after so many epochs",
    )
    step = max(1, len(points) // _EPOCH_NAMES)
    for epochs in range(step, len(points) + 1, step):
        trained, lost = points[epochs - 1]
        axes.plot([trained], [lost], "s", color=ORANGE, markersize=3.5)
        axes.annotate(
            f"{epochs}",
            (trained, lost),
            (4, 4),
            textcoords="offset points",
            color=ORANGE,
            fontsize=7.5,
        )


def _settings(axes: "Axes", result: SweepResult) -> None:
    ranked = [row for row in result.rows if row.goes_on <= 0.5]
    behind = [place for row in ranked if not row.front and (place := _place(row))]
    if behind:
        axes.plot(
            [x for x, _ in behind],
            [y for _, y in behind],
            ".",
            color=GREY,
            markersize=4,
            alpha=0.7,
            label="a setting",
        )
    front = [(place, row) for row in result.front if (place := _place(row))]
    axes.plot(
        [x for (x, _), _ in front],
        [y for (_, y), _ in front],
        "o-",
        color=BLUE,
        markersize=3.5,
        linewidth=1,
        label="no other trains less and loses less",
    )
    for (x, y), row in _apart(front):
        axes.annotate(
            short_name(row),
            (x, y),
            (-3, -4),
            textcoords="offset points",
            rotation=45,
            ha="right",
            va="top",
            fontsize=7.5,
            color=BLUE,
        )


def _recommended(axes: "Axes", result: SweepResult) -> None:
    pick = result.recommended
    if pick is None or (place := _place(pick.row)) is None:
        return
    axes.plot(*place, "D", color=RED, markersize=7, label="recommended")
    axes.annotate(
        named(pick.row),
        place,
        (16, 22),
        textcoords="offset points",
        color=INK,
        fontweight="bold",
        arrowprops={"arrowstyle": "-", "color": RED},
    )


def _key(result: SweepResult) -> str:
    """Say what the names on the front are made of."""
    titles = dict.fromkeys(title for row in result.rows for title in row.varied)
    return f"named by {', '.join(titles)}" if titles else ""


def _place(row: SweepRow) -> tuple[float, float] | None:
    place = 1 - row.saved, row.worse_by_relative.p90
    return place if all(map(isfinite, place)) else None


def _apart(
    front: Sequence[tuple[tuple[float, float], SweepRow]],
) -> Iterator[tuple[tuple[float, float], SweepRow]]:
    """Those whose names do not lie on one another."""
    last = -1.0
    for (x, y), row in front:
        if x - last >= _APART:
            last = x
            yield (x, y), row
