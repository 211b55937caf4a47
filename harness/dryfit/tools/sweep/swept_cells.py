"""What every setting comes to on every curve, against the best of the whole curve."""

from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from dryfit.tools.sweep.curve_arrays import NEVER, Counts, CurveArrays, Flags, Floats
from dryfit.tools.sweep.outcomes import Outcomes

Doubles = NDArray[np.float64]


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


def cells_of(curves: CurveArrays, decided: Outcomes, monitor: str, up: bool) -> Cells:
    """Hold what was decided against the curves.

    Args:
        curves: those that were decided on.
        decided: what came of each cell.
        monitor: the metric that settings are compared by.
        up: whether more of it is better.
    """
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
    whole, index = lowest[-1], np.arange(len(curves))
    with np.errstate(invalid="ignore"):
        away = np.where(lowest == whole, 0.0, lowest - whole)
        finite = np.where(np.isfinite(value) & known, value, np.nan)
    by_epoch = np.where(seen, away, np.inf)
    last = decided.epochs - 1  # [setting, curve]
    at = np.maximum(last, 0), index
    ran = (last >= 0) & seen[at]
    best_place = place[at]
    return Cells(
        curves.ids,
        curves.epochs,
        _range(finite),
        by_epoch,
        decided.epochs,
        decided.stopped,
        np.asarray(decided.goes_on(curves)),
        np.where(ran, best_place + curves.first, NEVER).astype(np.int32),
        np.where(ran, curves.values[monitor][np.maximum(best_place, 0), index], np.nan).astype(
            np.float32
        ),
        np.where(ran, by_epoch[at], np.inf),
        decided.other_rates_from != NEVER,
    )


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
