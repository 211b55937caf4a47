"""A difference of two times that were measured turn by turn, and how far it can be trusted."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

LOW = 0.1  # the quantile: rounds that nothing else disturbed, but not the luckiest one
_RESAMPLES = 500


@dataclass(frozen=True, slots=True)
class Estimate:
    """A difference, with the ends of its 95 % confidence interval.

    Attributes:
        known: the share of the parts that were undisturbed in some round; the others
            are taken to be as these.
    """

    value: float
    low: float
    high: float
    known: float = 1.0


def difference(base: Sequence[Sequence[float]], full: Sequence[Sequence[float]]) -> Estimate:
    """Estimate how much more one work takes than another.

    Work is measured in parts, and of each part the low quantile over the rounds
    counts, because other work on the machine only ever adds: a part is short
    enough to be undisturbed in some round, and what happens once in a while, in
    one part and always the same, is not lost. The interval is by bootstrap over
    rounds, from a fixed seed.

    Args:
        base: the times of one, by round and part; nan where a part was disturbed.
        full: the times of the other in the same rounds.

    >>> difference([[1.0, 2.0]] * 9 + [[1.0, 5.0]], [[3.0, 2.0]] * 9 + [[8.0, 2.0]])
    Estimate(value=2.0, low=2.0, high=2.0, known=1.0)
    """
    pair = np.array([base, full], dtype=np.float64)  # 2, rounds, parts
    random = np.random.default_rng(0)
    rounds = pair.shape[1]
    drawn = (pair[:, random.integers(0, rounds, rounds)] for _ in range(_RESAMPLES))
    gaps = [gap for gap, _ in map(_gap, drawn) if not np.isnan(gap)]
    value, known = _gap(pair)
    low, high = np.quantile(gaps, [0.025, 0.975]) if gaps else (np.nan, np.nan)
    return Estimate(value, min(float(low), value), max(float(high), value), known)


def _gap(pair: Any) -> tuple[float, float]:
    """The difference, and the share of the parts that tell of it."""
    ordered = np.sort(pair, axis=1)  # nan comes last
    counts = np.isfinite(pair).sum(axis=1)
    # A round that was: no value between two of them.
    at = np.floor(LOW * np.maximum(counts - 1, 0)).astype(int)
    base, full = np.take_along_axis(ordered, at[:, None, :], axis=1)[:, 0]
    known = np.isfinite(base) & np.isfinite(full)
    if not known.any():
        return float("nan"), 0.0
    share = float(known.mean())
    return float((full - base)[known].sum() / share), share
