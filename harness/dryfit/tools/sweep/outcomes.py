"""What came of every cell: a setting on a curve."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from dryfit.tools.sweep.curve_arrays import NEVER, Counts, CurveArrays, Flags, Floats

FIELDS = ("epochs", "stopped", "other_rates_from", "restored", "saves", "last_save", "cuts")


@dataclass(frozen=True)
class Outcomes:
    """Decisions, ``[setting, curve]``; -1 where there is none.

    Attributes:
        epochs: how many epochs ran to their end, within the recorded ones.
        stopped: the epoch in which training was stopped.
        other_rates_from: the first epoch that another rate than the recorded one trains.
        restored: the epoch whose weights ``EarlyStopping`` puts back.
        saves: how often ``ModelCheckpoint`` saved.
        last_save: in which epoch it did so last.
        cuts: how often the rate was cut.
        last_rate: the rate after the last epoch.
    """

    epochs: Counts
    stopped: Counts
    other_rates_from: Counts
    restored: Counts
    saves: Counts
    last_save: Counts
    cuts: Counts
    last_rate: Floats

    def decided(self, setting: int, curve: int) -> dict[str, float]:
        """What one cell decided, by name."""
        told: dict[str, float] = {name: int(getattr(self, name)[setting, curve]) for name in FIELDS}
        return told | {"last_rate": float(self.last_rate[setting, curve])}

    def goes_on(self, curves: CurveArrays) -> Flags:
        """Where training would have gone on past what was recorded."""
        on: Flags = (self.stopped == NEVER) & ~curves.is_whole
        return on


def empty(settings: int, curves: int) -> Outcomes:
    """Outcomes to be filled."""
    counts = {name: np.full((settings, curves), NEVER, np.int32) for name in FIELDS}
    return Outcomes(**counts, last_rate=np.zeros((settings, curves), np.float32))


def joined(parts: Sequence[tuple[slice, slice, Outcomes]], shape: tuple[int, int]) -> Outcomes:
    """Put parts of a grid together.

    Args:
        parts: which settings, which curves, and what came of them.
        shape: settings and curves of the whole.
    """
    whole = empty(*shape)
    for settings, curves, part in parts:
        for name in (*FIELDS, "last_rate"):
            getattr(whole, name)[settings, curves] = getattr(part, name)
    return whole
