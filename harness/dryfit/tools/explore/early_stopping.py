"""EarlyStopping, from its documentation (Keras 3.15.1)."""

import math

from dryfit.tools.explore.monitored import Scale
from dryfit.tools.explore.promises import NEVER, Defect, Promise, Reported

NAN_FIRST = Defect(
    "nan first",
    "keras#20533",
    "Stop training when a monitored metric has stopped improving.",
    "a number after a nan is an improvement",
    "keras>=3",
)
BASELINE = Defect(
    "baseline",
    "keras#23559",
    "If no epoch improves on `baseline`, training will run for `patience` epochs",
    "improving below the baseline does not prolong it",
)
EXACTLY_MIN_DELTA = Defect(
    "exactly min_delta",
    "unreported",
    "an absolute change of less than min_delta, will count as no improvement",
    "a change of exactly min_delta counts as one",
)
BEST_VALUE = Defect(
    "best value",
    "unreported",
    "restore model weights from the epoch with the best value of the monitored quantity",
    "also where that value is better by less than min_delta",
)
RESTORED_AFTER_A_STOP = Defect(
    "restored after a stop",
    "keras#12511",
    "restore model weights from the epoch with the best value of the monitored quantity",
    "also where EarlyStopping does not stop training",
    "tf_keras<2.16",
)
DEFECTS = (NAN_FIRST, BASELINE, EXACTLY_MIN_DELTA, BEST_VALUE, RESTORED_AFTER_A_STOP)


def early_stopping(
    reported: Reported,
    *,
    monitor: str = "val_loss",
    min_delta: float = 0,
    patience: int = 0,
    verbose: int = 0,
    mode: str = "auto",
    baseline: float | None = None,
    restore_best_weights: bool = False,
    start_from_epoch: int = 0,
) -> Promise:
    """Say when training must stop, and whose weights the model must end with."""
    promise = Promise()
    scale = Scale(monitor, mode, min_delta)
    machine = _Machine(promise, scale, scale.before_the_first(reported), patience, baseline)
    stopped = None
    for epoch, logs in enumerate(reported.epochs):
        value = logs.get(monitor)
        # "The quantity to be monitored needs to be available in `logs` dict." Where it is
        # not, nothing is said: such an epoch is taken to be neither good nor bad.
        # "Number of epochs to wait before starting to monitor improvement."
        if value is None or epoch < start_from_epoch:
            continue
        if machine.stops(epoch, value):
            stopped = epoch
            break
    epochs_run = len(reported.epochs) if stopped is None else stopped + 1
    weights = epochs_run - 1
    # "Whether to restore model weights from the epoch with the best value of the monitored
    # quantity. If `False`, the model weights obtained at the last step of training are
    # used." Nothing ties it to having stopped, so it holds for every end.
    if restore_best_weights and machine.top_epoch is not None:
        weights = machine.top_epoch
        if machine.top_epoch != machine.best_epoch:
            promise.rests_on(BEST_VALUE)
        if stopped is None:
            promise.rests_on(RESTORED_AFTER_A_STOP)
    promise.decisions = {
        "epochs_run": epochs_run,
        "stopped": NEVER if stopped is None else {"epoch": stopped},
        "weights": {"epoch": weights},
    }
    return promise


class _Machine:
    """The values so far: the last that was an improvement, the best, and how many since."""

    def __init__(
        self,
        promise: Promise,
        scale: Scale,
        first: float | None,
        patience: int,
        baseline: float | None,
    ) -> None:
        self._promise, self._scale = promise, scale
        # Without an epoch there is nothing to stop for, so 0 is taken as 1.
        self._patience = max(patience, 1)
        self._baseline = baseline
        self._best = self._top = first
        self._waited = 0
        self.best_epoch: int | None = None
        self.top_epoch: int | None = None

    def stops(self, epoch: int, value: float) -> bool:
        """Take the next value; say whether training must stop with it."""
        if self._top is None or self._scale.better(value, self._top):
            self._top, self.top_epoch = value, epoch
        if self.top_epoch is None:  # "restore weights from the best epoch in that set"
            self.top_epoch = self.best_epoch = epoch
        improved = self._improves(value, self._best)
        if improved:
            self._best, self.best_epoch = value, epoch
        # "If not `None`, training will stop if the model doesn't show improvement over the
        # baseline." "If no epoch improves on `baseline`, training will run for `patience`
        # epochs"
        if improved and (self._baseline is None or self._improves(value, self._baseline)):
            self._waited = 0
        else:
            # "Number of epochs with no improvement after which training will be stopped."
            self._waited += 1
        if self._waited < self._patience:
            return False
        if epoch == 0 and not improved:  # nothing has gone before that could have stopped
            return False
        if improved:
            self._promise.rests_on(BASELINE)
        return True

    def _improves(self, value: float, other: float | None) -> bool:
        if other is None:  # the first value is what the next are held against
            return True
        if math.isnan(other) and not math.isnan(value):
            self._promise.rests_on(NAN_FIRST)
        # "Minimum change in the monitored quantity to qualify as an improvement, i.e. an
        # absolute change of less than min_delta, will count as no improvement."
        if self._scale.by_more(value, other):
            return True
        if self._scale.by_exactly(value, other):
            self._promise.rests_on(EXACTLY_MIN_DELTA)
            return True
        return False
