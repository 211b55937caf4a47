"""A difference of two times that were measured turn by turn, and how far it can be trusted."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

LOW = 0.1  # the quantile: rounds that nothing else disturbed, but not the luckiest one
_RESAMPLES = 1000


@dataclass(frozen=True, slots=True)
class Estimate:
    """A difference, with the ends of its 95 % confidence interval."""

    value: float
    low: float
    high: float


def difference(base: Sequence[float], full: Sequence[float]) -> Estimate:
    """Estimate how much more one work takes than another.

    The low quantile of each, because other work on the machine only ever adds;
    the interval by bootstrap over rounds, from a fixed seed.

    Args:
        base: the times of one, round by round.
        full: the times of the other in the same rounds.

    >>> difference([1.0] * 9 + [5.0], [3.0] * 9 + [8.0])
    Estimate(value=2.0, low=2.0, high=2.0)
    """
    pairs = np.array([base, full], dtype=np.float64)
    random = np.random.default_rng(0)
    rounds = pairs.shape[1]
    drawn = pairs[:, random.integers(0, rounds, (_RESAMPLES, rounds))]
    low, high = np.quantile(_gap(drawn), [0.025, 0.975])
    value = float(_gap(pairs))
    return Estimate(value, min(float(low), value), max(float(high), value))


def _gap(pairs: Any) -> Any:
    # Of the few rounds there are, one that was: no value between two of them.
    base, full = np.quantile(pairs, LOW, axis=-1, method="lower")
    return full - base
