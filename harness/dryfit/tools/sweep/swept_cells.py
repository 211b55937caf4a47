"""What every setting comes to on every curve, against the best of the whole curve."""

from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from dryfit.tools.sweep.curve_arrays import NEVER, Counts, CurveArrays, Flags, Floats

Doubles = NDArray[np.float64]

_TOGETHER = 200_000  # values, so that what is in between takes a few megabytes


@dataclass(frozen=True)
class Cells:
    """Cells ``[setting, curve]``, and what they are held against.

    Attributes:
        recorded: how many epochs each curve has.
        range: how far each curve's values reach from lowest to highest, in the metric's unit.
        by_epoch: ``[epoch, curve]`` how much worse than the best of the whole curve the best
            until then is: what stopping everything there costs.
        epochs: how many ran to their end, within the recorded ones.
        stopped: the epoch in which training was stopped, -1 if it was not.
        goes_on: where training would have gone on past what was recorded.
        best_epoch: the epoch of the best value until then, -1 if there is none.
        best: that value, nan if there is none.
        worse_by: how far it is from the best of the whole curve; inf if there is none.
        other_rates: where the recording was trained with other rates.
    """

    ids: tuple[str, ...]
    recorded: Counts
    range: Doubles
    by_epoch: Doubles
    epochs: Counts
    stopped: Counts
    goes_on: Flags
    best_epoch: Counts
    best: Floats
    worse_by: Doubles
    other_rates: Flags

    def relative(self, worse_by: Doubles) -> Doubles:
        """A distance as a share of each curve's range; 0 where there is none to speak of."""
        with np.errstate(divide="ignore", invalid="ignore"):
            share = worse_by / self.range
        return np.where(worse_by == 0, 0.0, np.where(self.range > 0, share, np.inf))


def cells_of(
    curves: CurveArrays, epochs: Counts, stopped: Counts, other_rates: Flags, monitor: str, up: bool
) -> Cells:
    """Hold what was decided against the curves.

    Args:
        curves: those that were decided on.
        epochs: how many of them ran to their end, of each cell.
        stopped: the epoch in which each was stopped.
        other_rates: whether it was trained with other rates than the recording.
        monitor: the metric that settings are compared by.
        up: whether more of it is better.
    """
    shape = epochs.shape
    reach, by_epoch = np.empty(len(curves)), np.empty((curves.longest, len(curves)))
    best_epoch, best = np.empty(shape, np.int32), np.empty(shape, np.float32)
    worse_by = np.empty(shape)
    together = max(1, _TOGETHER // max(shape[0], curves.longest))
    for start in range(0, len(curves), together):
        at = slice(start, start + together)
        some = curves.part(at.start, at.stop)
        reach[at], by_epoch[:, at], place = _best_until(some, monitor, up)
        last = epochs[:, at] - 1  # [setting, curve]
        cell = np.maximum(last, 0), np.arange(len(some))
        ran, until = (last >= 0) & (place[cell] >= 0), np.maximum(place[cell], 0)
        best_epoch[:, at] = np.where(ran, until + some.first, NEVER)
        best[:, at] = np.where(ran, some.values[monitor][until, cell[1]], np.nan)
        worse_by[:, at] = np.where(ran, by_epoch[:, at][cell], np.inf)
    return Cells(
        curves.ids,
        curves.epochs,
        reach,
        by_epoch,
        epochs,
        stopped,
        (stopped == NEVER) & ~curves.is_whole,
        best_epoch,
        best,
        worse_by,
        other_rates,
    )


def _best_until(curves: CurveArrays, monitor: str, up: bool) -> tuple[Doubles, Doubles, Counts]:
    """How far curves reach; and by epoch how much worse the best until then is, and its place."""
    value = curves.values[monitor].astype(np.float64)
    known = curves.there[monitor] & ~np.isnan(value)
    sign = -1.0 if up else 1.0
    cost = np.where(known, sign * value, np.inf)
    lowest = np.minimum.accumulate(cost, axis=0)
    seen = np.logical_or.accumulate(known, axis=0)
    before = np.concatenate([np.full((1, len(curves)), np.inf), lowest[:-1]])
    fresh = known & (
        (cost < before) | ~np.concatenate([np.zeros((1, len(curves)), bool), seen[:-1]])
    )
    place = np.maximum.accumulate(
        np.where(fresh, np.arange(curves.longest, dtype=np.int32)[:, None], NEVER), axis=0
    )
    with np.errstate(invalid="ignore"):
        away = np.where(lowest == lowest[-1], 0.0, lowest - lowest[-1])
        finite = np.where(np.isfinite(value) & known, value, np.nan)
    return _range(finite), np.where(seen, away, np.inf), place


def side_by_side(parts: Sequence[Cells]) -> Cells:
    """Put the curves of several parts side by side."""
    longest = max(len(part.by_epoch) for part in parts)
    ids = tuple(name for part in parts for name in part.ids)
    padded = [
        np.concatenate([p.by_epoch, np.repeat(p.by_epoch[-1:], longest - len(p.by_epoch), 0)])
        for p in parts
    ]
    arrays = {
        field.name: np.concatenate([getattr(part, field.name) for part in parts], axis=-1)
        for field in fields(Cells)
        if field.name not in ("ids", "by_epoch")
    }
    return Cells(ids=ids, by_epoch=np.concatenate(padded, axis=1), **arrays)


def _range(finite: Doubles) -> Doubles:
    low = np.where(np.isnan(finite), np.inf, finite).min(0)
    high = np.where(np.isnan(finite), -np.inf, finite).max(0)
    return np.where(high >= low, high - low, 0.0)
