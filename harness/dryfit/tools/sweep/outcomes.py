"""What came of every cell: a setting on a curve."""

from dataclasses import dataclass

import numpy as np

from dryfit.tools.sweep.curve_arrays import NEVER, Counts, CurveArrays, Floats

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

    def put(self, settings: slice, curves: slice, part: "Outcomes") -> None:
        """Fill in what came of some settings on some curves."""
        for name in (*FIELDS, "last_rate"):
            getattr(self, name)[settings, curves] = getattr(part, name)


def empty(settings: int, curves: CurveArrays) -> Outcomes:
    """Outcomes to be filled, of integers that the last epoch fits into: a byte, for most."""
    shape = settings, len(curves)
    last = int((curves.first + curves.epochs).max(initial=0))
    kind = np.min_scalar_type(-last - 1)
    # A list of checkpoints may save more often than there are epochs.
    kinds = {name: np.dtype(np.int32) if name == "saves" else kind for name in FIELDS}
    counts = {name: np.full(shape, NEVER, kinds[name]) for name in FIELDS}
    return Outcomes(**counts, last_rate=np.zeros(shape, np.float32))
