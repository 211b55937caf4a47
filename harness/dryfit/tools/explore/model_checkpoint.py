"""ModelCheckpoint, from its documentation (Keras 3.15.1)."""

import math
from collections.abc import Iterator, Mapping
from typing import Any

from dryfit.tools.explore.monitored import Scale
from dryfit.tools.explore.promises import NEVER, Defect, Promise, Reported

_BEST = (
    "if `save_best_only=True`, it only saves when the model is considered the "
    '"best" and the latest best model according to the quantity monitored will not be '
    "overwritten."
)
NAN_FIRST = Defect(
    "nan first",
    "keras#21275",
    _BEST,
    "a number after a nan is better",
    "keras>=3",
)
NOT_MONITORED = Defect(
    "not monitored",
    "keras#21100",
    _BEST,
    "an epoch without the quantity is not the best",
    "keras>=3",
)
BATCH_WITHOUT = Defect(
    "batch without val_loss",
    "keras#16734",
    _BEST,
    "a batch has no val_loss, so none is the best",
    "keras>=3",
)
FIRST_BATCHES = Defect(
    "batches of the first epoch",
    "keras#21275",
    "When using integer, the callback saves the model at end of this many batches.",
    "batches of the first epoch are compared as those of any other",
    "keras>=3",
)
DEFECTS = (NAN_FIRST, NOT_MONITORED, BATCH_WITHOUT, FIRST_BATCHES)


def model_checkpoint(
    reported: Reported,
    *,
    filepath: str,
    monitor: str = "val_loss",
    verbose: int = 0,
    save_best_only: bool = False,
    save_weights_only: bool = False,
    mode: str = "auto",
    save_freq: str | int = "epoch",
    initial_value_threshold: float | None = None,
) -> Promise:
    """Say which files must be written when, and whose weights must be in them at the end."""
    promise = Promise()
    scale = Scale(monitor, mode)
    first = initial_value_threshold
    best = _Best(promise, scale, scale.before_the_first(reported) if first is None else first)
    written: list[dict[str, Any]] = []
    files: dict[str, Any] = {}
    for epoch, batch, logs in _occasions(reported, save_freq):
        # A value of the quantity, or that it is absent.
        if save_best_only and not best.is_beaten(epoch, batch, logs.get(monitor)):
            continue
        # "`filepath` can contain named formatting options, which will be filled the value of
        # `epoch` and keys in `logs`"; the examples count epochs from 1.
        named = {"epoch": epoch + 1} | ({} if batch is None else {"batch": batch + 1})
        path = filepath.format(**named, **logs)
        place = {"epoch": epoch} | ({} if batch is None else {"batch": batch})
        written.append(place | {"path": path})
        # "`filepath` will be overwritten by each new better model."
        files[path] = place
    promise.decisions = {"checkpoints": written or NEVER, "files": files or []}
    return promise


def _occasions(
    reported: Reported, save_freq: str | int
) -> Iterator[tuple[int, int | None, Mapping[str, float]]]:
    """When a file may be written: epoch, batch and what is reported there."""
    seen = 0
    for epoch, logs in enumerate(reported.epochs):
        # "When using `"epoch"`, the callback saves the model after each epoch."
        if save_freq == "epoch":
            yield epoch, None, logs
            continue
        told = {name: value for name, value in logs.items() if not name.startswith("val_")}
        for batch in range(reported.batches):
            # "When using integer, the callback saves the model at end of this many batches."
            # Nothing says that an epoch begins a new count.
            seen += 1
            if seen % int(save_freq) == 0:
                yield epoch, batch, told


class _Best:
    """What was saved as the best so far."""

    def __init__(self, promise: Promise, scale: Scale, threshold: float | None) -> None:
        self._promise, self._scale = promise, scale
        # "Floating point initial "best" value of the metric to be monitored."
        self._best = threshold

    def is_beaten(self, epoch: int, batch: int | None, value: float | None) -> bool:
        """Take the next value; say whether it is considered the best."""
        if value is None:
            self._promise.rests_on(NOT_MONITORED if batch is None else BATCH_WITHOUT)
            return False
        if self._best is not None:
            if batch is not None and epoch == 0:
                self._promise.rests_on(FIRST_BATCHES)
            if math.isnan(self._best) and not math.isnan(value):
                self._promise.rests_on(NAN_FIRST)
            # "Only overwrites the model weights already saved if the performance of current
            # model is better than this value."
            if not self._scale.better(value, self._best):
                return False
        self._best = value
        return True
