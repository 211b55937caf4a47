"""Numbers as Keras reports them: float32, one nan, and Keras' running mean.

Source: ``keras/src/metrics/reduction_metrics.py``, class ``Mean`` (3.15.1):
``total += value * n``, ``count += n``, ``result = total / count``, every step
in float32.
"""

import math
import struct
from array import array
from functools import lru_cache

# One object for every nan: tuples and dicts compare items by identity first, so
# timelines with nan in them compare equal.
NAN = math.nan

_FLOAT = struct.Struct("<f")


def float32(value: float) -> float:
    """Round to float32 and hand back a Python float, as a Keras log holds it.

    Raises:
        OverflowError: a finite value is beyond float32's range (about 3.4e38).

    >>> float32(0.1)
    0.10000000149011612
    """
    if value != value:
        return NAN
    rounded: float = _FLOAT.unpack(_FLOAT.pack(value))[0]
    return rounded


def shortest(value: float) -> float:
    """The float of the fewest digits that is the same in float32.

    >>> shortest(0.10000000149011612), shortest(0.25), shortest(float("inf"))
    (0.1, 0.25, inf)
    """
    if value and math.isfinite(value):
        return _shortest(value)
    return float(value) if value == value else NAN


@lru_cache(1024)  # each epoch asks, mostly for the rate of the one before
def _shortest(value: float) -> float:
    # Nine digits tell every float32 from its neighbours.
    for digits in range(1, 9):
        short = float(f"{value:.{digits}g}")
        if _is_float32(short, value):
            return short
    return float(f"{value:.9g}")


def _is_float32(short: float, value: float) -> bool:
    try:
        return _FLOAT.pack(short) == _FLOAT.pack(value)
    except OverflowError:  # the largest of all, rounded up
        return False


class RunningMean:
    """Keras' ``Mean`` over the batches of an epoch, in float32 step by step.

    A double holds the sum, the product or the quotient of two float32 numbers
    well enough that rounding it once more gives float32 arithmetic
    (53 >= 2 * 24 + 2 bits), so no tensor is needed.

    >>> mean = RunningMean()
    >>> [mean.update(value) for value in (1.0, 4.0, 9.0, 16.0)]
    [1.0, 2.5, 4.666666507720947, 7.5]
    """

    __slots__ = ("_cell", "_count")

    def __init__(self) -> None:
        self._cell = array("f", [0.0, 0.0])  # total, result: storing rounds
        self._count = 0

    def reset(self) -> None:
        """Forget all values; the mean of nothing is 0.0, as in Keras."""
        self._cell[0] = self._cell[1] = 0.0
        self._count = 0

    def update(self, value: float) -> float:
        """Take one batch's value in and return the mean so far."""
        cell = self._cell
        cell[0] += value
        self._count += 1
        cell[1] = cell[0] / self._count
        return self.result()

    def result(self) -> float:
        """Return the mean of the values since the last reset."""
        mean = self._cell[1]
        return mean if mean == mean else NAN
