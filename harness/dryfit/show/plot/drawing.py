"""Drawing a picture: curves above, learning rates below, epochs from left to right."""

import math
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from dryfit.facts.readable import six_digits
from dryfit.show.plot import rates
from dryfit.show.plot.curves import CurvePanel as Curves
from dryfit.show.plot.curves import DrawnCurve, columns, thinned
from dryfit.show.plot.palette import CURVES, GREY, INK, INNER, MANY, RED, WIDTH, short, times
from dryfit.show.plot.panels import BELOW, BETWEEN, Note, Panel
from dryfit.show.plot.picture import Picture, Restore

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

FEW = 3  # notes of a kind, before they are told together
MARKED = 60  # epochs, before points are no longer marked one by one
TITLE = 0.36  # inches


def draw(
    pictures: Sequence[Picture],
    titles: Sequence[str],
    start_epoch: int = 0,
    used: "dict[int, Figure] | None" = None,
) -> "Figure":
    """Draw pictures one below the other.

    Args:
        start_epoch: the first epoch shown: what came before may be out of scale.
        used: figures that nobody needs any more, by how many axes they have. One of them is
            drawn into, or a new one joins them: most of the time goes into axes and ticks.
    """
    sheets = [list(_panels(picture, start_epoch)) for picture in pictures]
    heights = [
        sum(p.above + p.height + BETWEEN for p in panels) + BELOW + (TITLE if title else 0.1)
        for panels, title in zip(sheets, titles, strict=True)
    ]
    figure = _blank(sum(map(len, sheets)), used if used is not None else {})
    figure.set_size_inches(WIDTH, sum(heights))
    blank = iter(figure.axes)
    top = 0.0
    for picture, panels, title, height in zip(pictures, sheets, titles, heights, strict=True):
        _place(figure, blank, picture, panels, title, top)
        top += height
    return figure


def _blank(panels: int, used: "dict[int, Figure]") -> "Figure":
    """A figure without anything in it, but maybe with axes that have nothing in them."""
    from matplotlib.figure import Figure

    if panels not in used:
        used[panels] = Figure()
    figure = used[panels]
    for artist in (*figure.texts, *figure.artists):
        artist.remove()
    for axes in figure.axes:
        for artist in (*axes.lines, *axes.texts, *axes.patches, *axes.collections):
            artist.remove()
        axes.relim()
        axes.set_yscale("linear")  # with the ticks that it comes with
        axes.set_autoscaley_on(True)
    return figure


def _place(
    figure: "Figure",
    blank: Iterator["Axes"],
    picture: Picture,
    panels: list[Panel],
    title: str,
    top: float,
) -> None:
    from matplotlib.ticker import MaxNLocator

    if title:
        x, y = 0.1 / WIDTH, 1 - (top + 0.08) / figure.get_figheight()
        most = int(INNER / 0.1)
        figure.text(x, y, short(title, most), ha="left", va="top", fontsize=12, weight="bold")
    top += TITLE if title else 0.1
    axes: Axes | None = None
    for panel in panels:
        axes = next(blank, None) or figure.add_axes((0, 0, 1, 1), sharex=axes)
        panel.place(figure, axes, top)
        axes.set_ylabel(panel.label)
        axes.tick_params(labelbottom=panel is panels[-1])
        top += panel.above + panel.height + BETWEEN
    assert axes is not None
    axes.xaxis.set_major_locator(MaxNLocator(8, integer=True, min_n_ticks=1))
    if not picture.began:
        axes.set_xticks([])
    axes.set_xlabel(_epoch_label(picture), va="center")
    axes.xaxis.set_label_coords(0.5, -0.3715 / panels[-1].height)


def _epoch_label(picture: Picture) -> str:
    if not picture.began:
        return "no epoch began"
    if picture.rates and not rates.any_change(picture):
        return f"epoch  (learning rate {six_digits(picture.rates[0][1])} in all of them)"
    return "epoch"


def _limits(picture: Picture, start_epoch: int) -> tuple[float, float]:
    first = max(picture.first, min(start_epoch, picture.last))
    end = picture.last
    if picture.never_run is not None:  # as much of it as leaves room for what ran
        end = min(picture.never_run[1], end + max(2, (end - first + 1) // 2))
    return first - 0.5, end + 0.5


def _panels(picture: Picture, start_epoch: int) -> Iterator[Panel]:
    limits = _limits(picture, start_epoch)
    notes = tuple(_notes(picture))
    shown: Sequence[Curves | None] = picture.panels or (None,)
    for index, curves in enumerate(shown):
        painter = _CurvesPainter(picture, curves, limits, start_epoch, first=index == 0)
        yield Panel(
            painter.draw,
            2.0 if len(shown) == 1 else 1.4,
            painter.words,
            notes if index == 0 else (),
            "" if curves is None else curves.curves[0].name.removeprefix("val_"),
            limits,
        )
    if rates.any_change(picture):
        below = rates.RatesPainter(picture, limits)
        yield Panel(below.draw, 1.4, below.words, below.notes, "learning rate", limits)


def _notes(picture: Picture) -> Iterator[Note]:
    """Who stopped training, and whose weights came back."""
    for stop in picture.stops:
        where = " outside of any epoch" if stop.epoch is None else f" in epoch {stop.epoch}"
        where += "" if stop.batch is None else f", batch {stop.batch}"
        who = short(stop.by) if stop.by or not stop.error else "the run"
        what = f"raises {stop.error}" if stop.error else "stops training"
        yield Note(f"{who} {what}{where}", stop.at, line="-")
    if len(picture.restored) > FEW:
        yield from _restored_often(picture.restored)
        return
    for restore in picture.restored:
        mixed = restore.whose == "mixed weights"
        what = "sets weights of no one epoch" if mixed else f"puts back {restore.whose}"
        line = "" if any(stop.at == restore.at for stop in picture.stops) else "--"
        yield Note(f"{short(restore.by)} {what}", restore.at, line=line, to=restore.to)


def _restored_often(restored: Sequence[Restore]) -> Iterator[Note]:
    for by in dict.fromkeys(restore.by for restore in restored):
        found = [restore for restore in restored if restore.by == by]
        last = found[-1]
        words = f"{short(by)} puts back weights {len(found)} times, the last time {last.whose}"
        yield Note(words, last.at, line="--", to=last.to)


class _CurvesPainter:
    """Draws the curves of one panel.

    Args:
        first: whether it is the first panel, which has what is told once.
    """

    def __init__(
        self,
        picture: Picture,
        curves: Curves | None,
        limits: tuple[float, float],
        start_epoch: int,
        *,
        first: bool,
    ) -> None:
        self._picture, self._panel, self._limits = picture, curves, limits
        shown = () if curves is None else curves.curves
        self._curves = [
            DrawnCurve(c.name, tuple(p for p in c.points if p[0] >= start_epoch)) for c in shown
        ]
        self._best = None if curves is None else curves.best
        self._saved = picture.saved if first else ()
        self._first = first
        self.words = list(self._told())

    def draw(self, axes: "Axes") -> tuple[list[Any], list[str]]:
        """Draw, and return the legend."""
        from matplotlib.patches import Patch

        handles: list[Any] = []
        for curve, style in zip(self._curves, CURVES, strict=False):
            handles.append(self._line(axes, curve, style))
        for curve, style in zip(self._curves, CURVES, strict=False):
            handles += [mark for _, mark in self._odd(axes, curve, style)]
        if self._best is not None:
            shown = [self._best] if self._best[0] > self._limits[0] else []
            handles += axes.plot(
                *columns(shown), "o", color=RED, markersize=9, zorder=5, markeredgecolor=INK,
                markeredgewidth=0.6, clip_on=False,
            )  # fmt: skip
        for by in dict.fromkeys(save.by for save in self._saved):
            at = [save.at for save in self._saved if save.by == by]
            handles += axes.plot(
                at, [0] * len(at), "s" if len(at) <= MANY else "|", color=GREY, markersize=5,
                transform=axes.get_xaxis_transform(), clip_on=False, zorder=4,
            )  # fmt: skip
        if (grey := grey_out(axes, self._picture, self._limits)) and self._first:
            handles.append(Patch(**grey))
        _ticks(axes, [v for c in self._curves for _, v in c.points if math.isfinite(v)])
        if not self._curves:
            axes.text(0.5, 0.5, "no metric was reported", transform=axes.transAxes, ha="center")
        return handles, self.words

    def _told(self) -> Iterator[str]:
        for curve in self._curves:
            yield curve.name
        for curve in self._curves:
            for kind in ("nan", "inf", "-inf"):
                if any(str(value) == kind for _, value in curve.points):
                    yield f"{curve.name} is {kind}"
        if self._best is not None:
            hidden = ", not shown" if self._best[0] < self._limits[0] else ""
            yield f"best: {six_digits(self._best[1])} in epoch {self._best[0]}{hidden}"
        for by in dict.fromkeys(save.by for save in self._saved):
            yield times(f"{short(by)} saves", sum(save.by == by for save in self._saved))
        if self._first and (never := self._picture.never_run) is not None:
            yield never_ran(never)

    def _line(self, axes: "Axes", curve: DrawnCurve, style: tuple[str, str, str]) -> Any:
        colour, line, mark = style
        points = [(e, v if math.isfinite(v) else math.nan) for e, v in thinned(curve.points)]
        few = self._limits[1] - self._limits[0] <= MARKED
        (drawn,) = axes.plot(
            *columns(points),
            color=colour,
            linestyle=line,
            linewidth=1.6,
            marker=mark if few else "",
            markersize=4,
            clip_on=False,
        )
        return drawn

    def _odd(
        self, axes: "Axes", curve: DrawnCurve, style: tuple[str, str, str]
    ) -> Iterator[tuple[str, Any]]:
        """Marks at the axes' edge where a value is none that a curve can have."""
        index = next(i for i, c in enumerate(self._curves) if c is curve)
        for kind, mark, y in (("nan", "x", 0.08), ("inf", "^", 0.94), ("-inf", "v", 0.08)):
            at = [epoch for epoch, value in curve.points if str(value) == kind]
            if at:
                y += 0.09 * index if y < 0.5 else -0.09 * index
                (drawn,) = axes.plot(
                    at, [y] * len(at), mark, color=style[0], markersize=7, markeredgewidth=2,
                    transform=axes.get_xaxis_transform(), clip_on=False,
                )  # fmt: skip
                yield kind, drawn


def _ticks(axes: "Axes", values: Sequence[float]) -> None:
    """Write an axis's numbers whole, never as a difference to another that stands apart."""
    low, high = min(values, default=0), max(values, default=0)
    if not values:
        axes.set_yticks([])
    elif low < high and high - low < 1e-3 * max(abs(low), abs(high)):
        axes.set_yticks([low, high], [f"{low:.8g}", f"{high:.8g}"])
    else:
        axes.yaxis.set_major_formatter(lambda value, _: f"{value:.4g}")


def grey_out(axes: "Axes", picture: Picture, limits: tuple[float, float]) -> dict[str, Any] | None:
    """Shade the epochs that never ran; return how, for the legend."""
    if picture.never_run is None:
        return None
    look: dict[str, Any] = {
        "facecolor": GREY,
        "edgecolor": INK,
        "hatch": "///",
        "alpha": 0.25,
        "linewidth": 0,
    }
    axes.axvspan(picture.never_run[0] - 0.5, limits[1], zorder=0, **look)
    return look


def never_ran(epochs: tuple[int, int]) -> str:
    """Say which epochs never ran."""
    first, last = epochs
    return f"epoch {first} never ran" if first == last else f"epochs {first} to {last} never ran"
