"""What a sweep says: a row for each setting, the front, and what the curves support."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dryfit.tools.sweep.swept_cells import Cells

RESAMPLES = 1000
_LOSE = 0.01  # of the curve's range, where nothing else is asked for
_NINE_IN_TEN = 0.9
_SURE = 0.95
_ENOUGH = 10  # curves, of which nine in ten are not all
_WORK = 20_000_000  # resampled values, which take some seconds


@dataclass(frozen=True, slots=True)
class Spread:
    """A quantity over the curves that have an answer; nan if none has.

    Attributes:
        median: half of them have at most this.
        p90: nine in ten of them have at most this.
        max: the worst.
    """

    median: float
    p90: float
    max: float


@dataclass(frozen=True, slots=True)
class SweepRow:
    """What a setting comes to over the curves.

    Attributes:
        callbacks: the list of callbacks, names and arguments.
        varied: the arguments that tell it from the other settings.
        stopped: the share of the curves that it stops.
        goes_on: the share of the curves that it would have gone on past the end of, so that
            nobody knows what came of it; they count in nothing that follows.
        epochs: how many it trains, over the curves that have an answer.
        epochs_median: of a curve.
        saved: the share of their recorded epochs that it saves; nan without any.
        saved_median: of a curve, in epochs.
        worse_by: how far the best of its epochs is from the best of the whole curve, in the
            metric's unit.
        worse_by_relative: the same, as a share of the curve's range.
        other_rates: how many curves were trained with other rates than it has.
        front: whether no other setting trains less and loses less.
        lower_is_better: whether less of the metric is better.
    """

    callbacks: tuple[tuple[str, Mapping[str, Any]], ...]
    varied: Mapping[str, Any]
    stopped: float
    goes_on: float
    epochs: int
    epochs_median: float
    saved: float
    saved_median: float
    worse_by: Spread
    worse_by_relative: Spread
    other_rates: int
    front: bool
    lower_is_better: bool


@dataclass(frozen=True, slots=True)
class Pick:
    """A setting of the front, and how sure it is.

    Attributes:
        row: what is picked.
        meets: whether it keeps to what was asked for; else it comes closest.
        answered: how many curves have an answer for it; fewer than ten support nothing.
        saved: the 95 % interval of what it saves, by a bootstrap over the curves; ``None``
            of so few, which drawn again are hardly more than they were.
        lost: the 95 % interval of what nine in ten curves lose at most, of their range; likewise.
        support: the share of resamples that pick the same setting; likewise.
        rival: what is picked most often otherwise, and in which share of them.
    """

    row: SweepRow
    meets: bool
    answered: int
    saved: tuple[float, float] | None
    lost: tuple[float, float] | None
    support: float | None
    rival: tuple[SweepRow, float] | None

    @property
    def is_sure(self) -> bool:
        """Whether the curves support this choice against the others."""
        return self.support is not None and self.support >= _SURE


@dataclass(frozen=True)
class Answers:
    """All rows, and what they are made of.

    Attributes:
        cells: of each setting and curve.
        monitor: the metric.
        up: whether more of it is better.
        lists: the settings.
        varied: what tells them apart.
        seed: of the bootstrap.
    """

    cells: Cells
    monitor: str
    up: bool
    lists: Sequence[tuple[tuple[str, Mapping[str, Any]], ...]]
    varied: Sequence[Mapping[str, Any]]
    seed: int = 0

    @cached_property
    def rows(self) -> tuple[SweepRow, ...]:
        """A row for each setting, in the order they were asked for."""
        rows = [self._row(index) for index in range(len(self.lists))]
        on = self._on_front(rows)
        return tuple(replace(row, front=index in on) for index, row in enumerate(rows))

    def baseline(self, beside: SweepRow) -> tuple[tuple[float, float], ...]:
        """Stopping every training after 1, 2, ... epochs: the share trained, and what is lost.

        Args:
            beside: the setting that it is held against; only the curves that have an answer
                for that one count, since those that go on are harder.
        """
        cells = self.cells
        mine = ~cells.goes_on[self.rows.index(beside)]
        recorded, columns = cells.recorded[mine], np.flatnonzero(mine)
        points = []
        for epochs in range(1, len(cells.by_epoch) + 1):
            trained = np.minimum(epochs, recorded)
            worse = np.zeros(len(cells.ids))
            worse[mine] = cells.by_epoch[trained - 1, columns]
            lost = _spread(cells.relative(worse)[mine]).p90
            points.append((float(trained.sum() / recorded.sum()), lost))
        return tuple(points)

    @cached_property
    def unranked(self) -> int:
        """How many settings have an answer for fewer than half of the curves."""
        return sum(row.goes_on > 0.5 for row in self.rows)

    def front(self) -> tuple[SweepRow, ...]:
        """The settings on the front, the cheapest first."""
        rows = [row for row in self.rows if row.front]
        return tuple(sorted(rows, key=lambda row: (-row.saved, row.worse_by_relative.p90)))

    def pick(self, budget: float | None, lose_at_most: float | None) -> Pick | None:
        """Pick from the front; ``None`` if no setting has an answer.

        Args:
            budget: the share of the epochs that may be trained.
            lose_at_most: the share of a curve's range that nine in ten curves may lose.
        """
        places = [index for index, row in enumerate(self.rows) if row.front]
        if not places:
            return None
        asked = (None if budget is None else budget), lose_at_most
        if asked == (None, None):
            asked = (None, _LOSE)
        trained = np.array([1 - self.rows[index].saved for index in places])
        lost = np.array([self.rows[index].worse_by_relative.p90 for index in places])
        place, meets = _chosen(trained, lost, *asked)
        row = self.rows[places[place]]
        answered = int((~self.cells.goes_on[places[place]]).sum())
        if answered < _ENOUGH:
            return Pick(row, meets, answered, None, None, None, None)
        saved, losses, picked = self._resampled(places, asked)
        counts = np.bincount(picked, minlength=len(places)) / len(picked)
        rivals = [(counts[i], i) for i in range(len(places)) if i != place and counts[i] > 0]
        rival = max(rivals, default=None)
        return Pick(
            row,
            meets,
            answered,
            _interval(saved[:, place]),
            _interval(losses[:, place]),
            float(counts[place]),
            None if rival is None else (self.rows[places[rival[1]]], float(rival[0])),
        )

    def _row(self, index: int) -> SweepRow:
        cells = self.cells
        answered = ~cells.goes_on[index]
        epochs, recorded = cells.epochs[index][answered], cells.recorded[answered]
        worse = cells.worse_by[index][answered]
        trained, total = int(epochs.sum()), int(recorded.sum())
        count = max(len(cells.ids), 1)
        return SweepRow(
            tuple(self.lists[index]),
            self.varied[index],
            float((cells.stopped[index] >= 0).sum() / count),
            float(cells.goes_on[index].sum() / count),
            trained,
            _median(epochs),
            1 - trained / total if total else np.nan,
            _median(recorded - epochs),
            _spread(worse),
            _spread(cells.relative(cells.worse_by[index])[answered]),
            int(cells.other_rates[index].sum()),
            False,
            not self.up,
        )

    def _on_front(self, rows: Sequence[SweepRow]) -> set[int]:
        """Who has no other that trains less and loses less; of equals, all."""
        half = [i for i, row in enumerate(rows) if row.goes_on <= 0.5 and row.saved == row.saved]
        order = sorted(half, key=lambda i: (-rows[i].saved, rows[i].worse_by_relative.p90))
        front: set[int] = set()
        least, saved_by_least = np.inf, np.nan
        for index in order:
            lost, saved = rows[index].worse_by_relative.p90, rows[index].saved
            if lost < least or (lost == least and saved == saved_by_least) or not front:
                front.add(index)
                least, saved_by_least = min(lost, least), saved
        return front

    def _resampled(
        self, places: Sequence[int], asked: tuple[float | None, float | None]
    ) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.intp]]:
        """Draw curves again and again, the same for all settings, and pick from each draw."""
        cells = self.cells
        count = len(cells.ids)
        draws = max(100, min(RESAMPLES, _WORK // (count * len(places))))
        generator = np.random.default_rng(self.seed)
        rows = [_Resampling(cells, index) for index in places]
        saved, lost = np.empty((draws, len(places))), np.empty((draws, len(places)))
        picked = np.empty(draws, np.intp)
        for draw in range(draws):
            weights = np.bincount(generator.integers(0, count, count), minlength=count)
            for place, row in enumerate(rows):
                saved[draw, place], lost[draw, place] = row.drawn(weights)
            picked[draw], _ = _chosen(1 - saved[draw], lost[draw], *asked)
        return saved, lost, picked


class _Resampling:
    """A setting's sums and its nine in ten, of curves that are drawn with repetition."""

    def __init__(self, cells: Cells, index: int) -> None:
        answered = ~cells.goes_on[index]
        self._epochs = np.where(answered, cells.epochs[index], 0).astype(np.float64)
        self._recorded = np.where(answered, cells.recorded, 0).astype(np.float64)
        lost = cells.relative(cells.worse_by[index])
        self._order = np.flatnonzero(answered)[np.argsort(lost[answered], kind="stable")]
        self._lost = lost[self._order]

    def drawn(self, weights: NDArray[np.intp]) -> tuple[float, float]:
        total = float(weights @ self._recorded)
        if not total:
            return 0.0, np.inf
        below = np.cumsum(weights[self._order])
        at = int(np.searchsorted(below, _NINE_IN_TEN * below[-1]))
        return 1 - float(weights @ self._epochs) / total, float(self._lost[at])


def _chosen(
    trained: NDArray[np.float64],
    lost: NDArray[np.float64],
    budget: float | None,
    lose_at_most: float | None,
) -> tuple[int, bool]:
    """Which setting keeps to what is asked for, or else comes closest; and whether it does."""
    fits = np.ones(len(trained), bool)
    if budget is not None:
        fits &= trained <= budget + 1e-12
    if lose_at_most is not None:
        fits &= lost <= lose_at_most + 1e-12
    if not fits.any():
        key = lost if lose_at_most is not None else trained
        return int(np.lexsort((trained, key))[0]), False
    # The cheapest that loses no more than it may; with a budget alone, what loses least in it.
    first, second = (trained, lost) if lose_at_most is not None else (lost, trained)
    order = np.lexsort((second, first))
    return int(order[fits[order]][0]), True


def _spread(values: NDArray[np.float64]) -> Spread:
    if not len(values):
        return Spread(np.nan, np.nan, np.nan)
    # Between a number and inf there is nothing to interpolate.
    method: Any = "linear" if np.isfinite(values).all() else "higher"
    median, p90 = np.quantile(values, [0.5, _NINE_IN_TEN], method=method)
    return Spread(float(median), float(p90), float(values.max()))


def _median(values: NDArray[Any]) -> float:
    return float(np.median(values)) if len(values) else np.nan


def _interval(values: NDArray[np.float64]) -> tuple[float, float]:
    low, high = np.quantile(values, [0.025, 0.975], method="nearest")
    return float(low), float(high)
