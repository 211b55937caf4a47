"""The lower panel: learning rates in force, who cut them, and which were thrown away.

The axis is linear where rates change by steps that are even there, as a cosine's are, and
logarithmic where they are even on it, as those of a schedule that halves them.
"""

import math
from collections.abc import Iterable, Iterator, Sequence
from itertools import cycle, pairwise
from typing import TYPE_CHECKING, Any, TypeGuard

from dryfit.facts.readable import six_digits
from dryfit.show.plot.curves import columns, thinned
from dryfit.show.plot.palette import CUTS, INK, MANY, RED, SIZE, SKY, short, times
from dryfit.show.plot.panels import Note
from dryfit.show.plot.picture import DrawnOverride, Picture

if TYPE_CHECKING:
    from matplotlib.axes import Axes

LABELLED = 8  # rates thrown away, before they are no longer labelled one by one
NAMED = 6  # epochs named in a list
ASIDE = 0.15  # epochs between a rate that is set and the arrow that replaces it
_TICKS = 6


def any_change(picture: Picture) -> bool:
    """Whether there is anything to show: another rate than the first, or one thrown away.

    Several optimizers have several rates, and no axis.
    """
    if not picture.rates:
        return False
    different = len({rate for _, rate in picture.rates}) > 1
    return different or bool(picture.cuts or picture.overrides or picture.cooldowns)


class RatesPainter:
    """Draws the rates of a picture."""

    def __init__(self, picture: Picture, limits: tuple[float, float]) -> None:
        self._picture, self._limits = picture, limits
        every = {rate for _, rate in picture.rates}
        every |= {cut.new for cut in picture.cuts} | {o.thrown_away for o in picture.overrides}
        self._linear = is_linear(every)
        self._shown = sorted(filter(self._on_axis, every))
        self._cutters = list(dict.fromkeys(cut.by for cut in picture.cuts))
        self._coolers = list(dict.fromkeys(cooldown.by for cooldown in picture.cooldowns))
        self.notes = tuple(_thrown_away(picture.overrides))
        self.words = list(self._told())

    def _told(self) -> Iterator[str]:
        logged = ", as logged" if self._picture.rates_logged else ""
        yield f"learning rate{logged}"
        for by in self._cutters:
            yield times(f"{short(by)} cuts", sum(cut.by == by for cut in self._picture.cuts))
        if any(not cut.used for cut in self._picture.cuts) or self._picture.overrides:
            yield "hollow: no batch trained with it"
        if self._picture.overrides:
            yield "override"
        for by in self._coolers:
            yield f"{short(by)} cools down"
        for _, words in self._odd():
            yield words

    def draw(self, axes: "Axes") -> tuple[list[Any], list[str]]:
        """Draw, and return the legend."""
        from matplotlib.lines import Line2D

        from dryfit.show.plot.drawing import grey_out

        self._scale(axes)
        handles: list[Any] = [self._in_force(axes)]
        handles += [self._cuts(axes, n, by) for n, by in enumerate(self._cutters)]
        if any(not cut.used for cut in self._picture.cuts) or self._picture.overrides:
            look = Line2D([], [], linestyle="", marker="v", color=INK, markerfacecolor="none")
            handles.append(look)
        if self._picture.overrides:
            handles.append(self._overrides(axes))
        handles += [self._cooldowns(axes, by) for by in self._coolers]
        for (at, _), mark in zip(self._odd(), cycle("x+1*"), strict=False):
            handles += axes.plot(
                at, [0.06] * len(at), mark, color=INK, markersize=8, markeredgewidth=2,
                transform=axes.get_xaxis_transform(), clip_on=False,
            )  # fmt: skip
        grey_out(axes, self._picture, self._limits)
        return handles, self.words

    def _odd(self) -> Iterator[tuple[list[float], str]]:
        """Rates that the axis does not have: when, and which."""
        odd = [(at, rate) for at, rate in self._picture.rates if not self._on_axis(rate)]
        for value in dict.fromkeys(six_digits(rate) for _, rate in odd):
            yield [at for at, rate in odd if six_digits(rate) == value], f"learning rate {value}"

    def _scale(self, axes: "Axes") -> None:
        from matplotlib.ticker import FuncFormatter, LogLocator, MaxNLocator, NullLocator

        shown = self._shown
        if not shown:
            axes.set_yticks([])
            return
        low, high = shown[0], shown[-1]
        if self._linear:
            room = 0.08 * (high - low)
            axes.set_ylim((0 if low < (high - low) / 4 else low) - room, high + room)
            axes.yaxis.set_major_locator(MaxNLocator(_TICKS - 1))
        else:
            room = (high / low) ** 0.2 if low < high else 2.0
            axes.set_yscale("log")
            axes.set_ylim(low / room, high * room)
            axes.yaxis.set_minor_locator(NullLocator())
            if len(shown) <= _TICKS:
                axes.set_yticks(_apart(shown, math.log(high / low) + 2 * math.log(room)))
            else:
                subs = (1, 2, 5) if high < 100 * low else (1,)
                axes.yaxis.set_major_locator(LogLocator(subs=subs, numticks=_TICKS))
        axes.yaxis.set_major_formatter(FuncFormatter(lambda rate, _: f"{rate:.4g}"))

    def _on_axis(self, rate: float | None) -> bool:
        return _is_drawn(rate) or (self._linear and rate == 0)

    def _in_force(self, axes: "Axes") -> Any:
        rates = self._picture.rates
        end = (self._picture.last + 0.5, rates[-1][1])
        points = [(at, rate if self._on_axis(rate) else math.nan) for at, rate in (*rates, end)]
        (line,) = axes.step(*columns(thinned(points)), where="post", color=INK, linewidth=1.6)
        return line

    def _cuts(self, axes: "Axes", index: int, by: str | None) -> Any:
        """Mark cuts, hollow where no batch trained; of many, only those that the line has not."""
        from matplotlib.lines import Line2D

        colour, mark = CUTS[index % len(CUTS)]
        cuts = [cut for cut in self._picture.cuts if cut.by == by and self._on_axis(cut.new)]
        many = len(cuts) > MANY
        look: dict[str, Any] = {"color": colour, "clip_on": False, "zorder": 4}
        used = [(cut.at, cut.new) for cut in cuts if cut.used and not many]
        axes.plot(*columns(used), mark, markersize=7, **look)
        hollow = [cut for cut in cuts if not cut.used]
        look |= {"markerfacecolor": "none", "markersize": 3 if many else 7, "markeredgewidth": 1.3}
        axes.plot(*columns(thinned([(cut.at, cut.new) for cut in hollow])), mark, **look)
        if not many:
            ends = [(cut.new, cut.old) for cut in hollow]
            axes.vlines(
                [cut.at for cut in hollow], *columns(ends), colors=colour, linestyles=":", lw=1.2
            )
        return Line2D([], [], linestyle="", marker=mark, color=colour, markersize=7)

    def _overrides(self, axes: "Axes") -> Any:
        """Draw arrows from the rates thrown away to those in their place; of many, no heads."""
        from matplotlib.lines import Line2D

        shown = [
            o
            for o in self._picture.overrides
            if self._on_axis(o.thrown_away) and self._on_axis(o.new)
        ]
        if len(shown) > MANY:
            step = -(-len(shown) // 1000)
            edges = [(o.thrown_away, o.new) for o in shown[::step]]
            at = [o.at + ASIDE for o in shown[::step]]
            axes.vlines(at, *columns(edges), colors=RED, linewidth=0.4, zorder=1)
        else:
            for override in shown:
                self._arrow(axes, override)
        if len(shown) <= LABELLED:
            for override in shown:
                self._label(axes, override)
        return Line2D([], [], color=RED, linewidth=1.8, marker="^", markersize=6)

    def _arrow(self, axes: "Axes", override: DrawnOverride) -> None:
        at, old, new = override.at, override.thrown_away, override.new
        aside = at + ASIDE
        look: dict[str, Any] = {"color": RED, "clip_on": False}
        axes.plot([at, aside, aside], [old, old, new], linewidth=1.8, **look)
        axes.plot([aside], [new], "^" if new > old else "v", markersize=7, zorder=5, **look)

    def _label(self, axes: "Axes", override: DrawnOverride) -> None:
        axes.annotate(
            six_digits(override.thrown_away),
            (override.at + ASIDE, override.thrown_away),
            xytext=(5, 0),
            textcoords="offset points",
            va="center",
            fontsize=SIZE,
        )

    def _cooldowns(self, axes: "Axes", by: str) -> Any:
        from matplotlib.patches import Patch

        spans = [
            (c.first - 0.5, c.last - c.first + 1.0) for c in self._picture.cooldowns if c.by == by
        ]
        look: dict[str, Any] = {"color": SKY, "alpha": 0.35, "linewidth": 0}
        axes.broken_barh(spans, (0, 1), transform=axes.get_xaxis_transform(), **look)
        return Patch(**look)


def is_linear(rates: Iterable[float | None]) -> bool:
    """Whether rates lie clearly more evenly on a linear axis than on a logarithmic one.

    >>> is_linear([.1, .09, .065, .035, .01, 0]), is_linear([.1, .05, .025, .0125])
    (True, False)
    """
    shown = sorted({rate for rate in rates if _is_drawn(rate) or rate == 0})
    positive = [math.log(rate) for rate in shown if rate]
    return len(positive) > 2 and _widest_gap(shown) < 0.8 * _widest_gap(positive)


def _widest_gap(places: Sequence[float]) -> float:
    """The widest of the gaps between neighbours, as a share of the whole width."""
    return max(high - low for low, high in pairwise(places)) / (places[-1] - places[0])


def _is_drawn(rate: float | None) -> TypeGuard[float]:
    return rate is not None and math.isfinite(rate) and rate > 0


def _apart(rates: Sequence[float], decades: float) -> list[float]:
    """Those rates whose labels do not lie on each other, the highest first."""
    kept: list[float] = []
    for rate in reversed(rates):
        if not kept or math.log(kept[-1] / rate) > 0.09 * decades:
            kept.append(rate)
    return kept


def _thrown_away(overrides: Sequence[DrawnOverride]) -> Iterator[Note]:
    """Say whose rates were thrown away, by whom: each, or for two callbacks all in one."""
    for by, undoes in dict.fromkeys((o.by, o.undoes) for o in overrides):
        found = [o for o in overrides if (o.by, o.undoes) == (by, undoes)]
        who, whose = short(by), short(undoes)
        if len(found) <= 3:
            for o in found:
                yield Note(
                    f"epoch {o.epoch}: {who} throws away the {six_digits(o.thrown_away)} "
                    f"that {whose} set {_in(o.set_in)}"
                )
        else:
            yield Note(
                f"{who} throws away what {whose} set, {len(found):,} times: "
                f"in {_listed([o.epoch for o in found])}"
            )


def _in(epoch: int | None) -> str:
    return "before the first epoch" if epoch is None else f"in epoch {epoch}"


def _listed(epochs: Sequence[int | None]) -> str:
    known = list(dict.fromkeys(epoch for epoch in epochs if epoch is not None))
    if len(known) > NAMED:
        return f"epochs {known[0]} to {known[-1]}"
    return f"epochs {', '.join(map(str, known))}"
