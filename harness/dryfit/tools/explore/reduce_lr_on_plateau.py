"""ReduceLROnPlateau, from its documentation (Keras 3.15.1)."""

import math

from dryfit.tools.explore.monitored import Scale
from dryfit.tools.explore.promises import NEVER, Defect, Promise, Reported
from dryfit_fakes.float32 import float32, shortest

NAN_FIRST = Defect(
    "nan first",
    "keras#21275",
    "Reduce learning rate when a metric has stopped improving.",
    "a number after a nan is an improvement",
    "keras>=3",
)
COOLDOWN = Defect(
    "cooldown",
    "unreported",
    "epochs to wait before resuming normal operation",
    "so many epochs are left out after a cut, and Keras leaves out one less",
)
DEFECTS = (NAN_FIRST, COOLDOWN)


def reduce_lr_on_plateau(
    reported: Reported,
    *,
    monitor: str = "val_loss",
    factor: float = 0.1,
    patience: int = 10,
    verbose: int = 0,
    mode: str = "auto",
    min_delta: float = 1e-4,
    cooldown: int = 0,
    min_lr: float = 0.0,
) -> Promise:
    """Say when the rate must be cut, and which it is after each epoch."""
    promise = Promise()
    scale = Scale(monitor, mode, min_delta)
    plateau = _Plateau(promise, scale, scale.before_the_first(reported), patience, cooldown)
    rate = reported.learning_rate
    rates, cuts = [], []
    for epoch, logs in enumerate(reported.epochs):
        value = logs.get(monitor)
        # Nothing is said about an epoch without the quantity: it counts for nothing.
        # "Lower bound on the learning rate."
        if value is not None and plateau.reached(value) and rate > float32(min_lr):
            # "`new_lr = lr * factor`"
            rate = float32(max(rate * factor, min_lr))
            plateau.cut()
            cuts.append(epoch)
        rates.append(rate)
    promise.decisions = {
        "reductions": [{"epoch": epoch} for epoch in cuts] or NEVER,
        "learning_rate_after": tuple(map(shortest, rates)),
    }
    return promise


class _Plateau:
    """How long there was no improvement, and how long that is not counted."""

    def __init__(
        self, promise: Promise, scale: Scale, first: float | None, patience: int, cooldown: int
    ) -> None:
        self._promise, self._scale = promise, scale
        self._patience, self._cooldown = patience, cooldown
        self._best = first
        self._waited = self._resting = 0

    def reached(self, value: float) -> bool:
        """Take the next value; say whether it makes a plateau."""
        resting, self._resting = self._resting, max(self._resting - 1, 0)
        if self._improves(value):
            # Also while resting: what is waited with is the cut.
            self._best, self._waited = value, 0
            return False
        if resting:
            if resting == 1:
                self._promise.rests_on(COOLDOWN)
            return False
        # "if no improvement is seen for a 'patience' number of epochs, the learning rate is
        # reduced." 0 epochs cannot be seen, so it is taken as 1.
        self._waited += 1
        return self._waited >= self._patience

    def cut(self) -> None:
        """Begin anew, after as many epochs as the cooldown has."""
        self._waited, self._resting = 0, self._cooldown

    def _improves(self, value: float) -> bool:
        best = self._best
        if best is None:  # the first value is what the next are held against
            return True
        if math.isnan(best) and not math.isnan(value):
            self._promise.rests_on(NAN_FIRST)
        # "Threshold for measuring the new optimum, to only focus on significant changes." A
        # threshold may be met or passed; it is taken as passed, which is what Keras does.
        return self._scale.by_more(value, best)
