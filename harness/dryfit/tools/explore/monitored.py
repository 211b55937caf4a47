"""What all callbacks that monitor a quantity say about better and worse.

Numbers are compared in float32, as Keras reports them. That a nan is no better than
anything, and any number better than a nan, is nowhere said: it is what "best" means.
"""

import math

from dryfit.tools.explore.promises import Reported
from dryfit_fakes.float32 import float32


class Scale:
    """Says which of two values is better, and by how much more than which change.

    Args:
        monitor: the quantity's name.
        mode: ``auto``, ``min`` or ``max``.
        min_delta: the change that counts.

    Raises:
        ValueError: ``auto``, and the name does not tell the direction. A reference machine
            knows those of ``loss`` alone.
    """

    def __init__(self, monitor: str, mode: str, min_delta: float = 0.0) -> None:
        # "In `min` mode, training will stop when the quantity monitored has stopped
        # decreasing; in `"max"` mode it will stop when the quantity monitored has stopped
        # increasing; in `"auto"` mode, the direction is automatically inferred from the
        # name of the monitored quantity."
        if mode == "auto" and monitor.removeprefix("val_") != "loss":
            raise ValueError(
                f"mode='auto' is for loss and val_loss here; say the mode of {monitor!r}"
            )
        self._sign = -1.0 if mode == "max" else 1.0
        self._min_delta = abs(min_delta)

    def before_the_first(self, reported: Reported) -> float | None:
        """What a first value is held against, of which no documentation says a word."""
        return self._sign * math.inf if reported.first_is_compared else None

    def better(self, value: float, other: float) -> bool:
        """Whether a value is better, by however little."""
        return value == value and (other != other or self._sign * value < self._sign * other)

    def by_more(self, value: float, other: float) -> bool:
        """Whether a value is better by more than the change that counts."""
        return self.better(value, other) and (
            other != other or self._short(value) < self._of(other)
        )

    def by_exactly(self, value: float, other: float) -> bool:
        """Whether a value is better by exactly the change that counts."""
        return self.better(value, other) and self._short(value) == self._of(other)

    def _of(self, value: float) -> float:
        return self._sign * value

    def _short(self, value: float) -> float:
        return float32(self._sign * value + self._min_delta)
