"""A difference of two times that were measured turn by turn, and how far it can be trusted."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

LOW = 0.1  # the quantile: rounds that nothing else disturbed, but not the luckiest one
_RESAMPLES = 500


@dataclass(frozen=True, slots=True)
class Estimate:
    """A difference, with the ends of its 95 % confidence interval."""

    value: float
    low: float
    high: float


def difference(base: Sequence[Sequence[float]], full: Sequence[Sequence[float]]) -> Estimate:
    """Estimate how much more one work takes than another.

    Work is measured in parts, and of each part the low quantile over the rounds
    counts, because other work on the machine only ever adds: a part is short
    enough to be undisturbed in some round, and what happens once in a while, in
    one part and always the same, is not lost. The interval is by bootstrap over
    rounds, from a fixed seed.

    Args:
        base: the times of one, by round and part.
        full: the times of the other in the same rounds.

    >>> difference([[1.0, 2.0]] * 9 + [[1.0, 5.0]], [[3.0, 2.0]] * 9 + [[8.0, 2.0]])
    Estimate(value=2.0, low=2.0, high=2.0)
    """
    pair = np.array([base, full], dtype=np.float64)  # 2, rounds, parts
    random = np.random.default_rng(0)
    rounds = pair.shape[1]
    drawn = (pair[:, random.integers(0, rounds, rounds)] for _ in range(_RESAMPLES))
    low, high = np.quantile([_gap(resampled) for resampled in drawn], [0.025, 0.975])
    value = _gap(pair)
    return Estimate(value, min(float(low), value), max(float(high), value))


def _gap(pair: Any) -> float:
    # A round that was: no value between two of them.
    base, full = np.quantile(pair, LOW, axis=1, method="lower").sum(axis=1)
    return float(full - base)
