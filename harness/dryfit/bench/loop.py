"""The loop that callbacks are measured in: a scripted model's fit, with nothing recorded.

Between the batches it does almost nothing (1.5 us each, with no callback), so that
what a callback adds stands out.
"""

import gc
import os
import tempfile
import time
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from freezegun.api import freeze_factories

from dryfit_fakes.backend import keras
from dryfit_fakes.model import ScriptedModel
from dryfit_fakes.script import Script

METRICS = ("loss", "accuracy", "val_loss", "val_accuracy")


class FrozenTimeError(RuntimeError):
    """Somebody froze the clock that is to measure."""


@dataclass(frozen=True, slots=True)
class Lap:
    """The batches of one epoch.

    Attributes:
        wall_ns: how long they took.
        cpu_ns: how long this thread worked in that time; the rest it waited.
        batches: how many there were: fewer than asked for if a callback stopped training.
    """

    wall_ns: int
    cpu_ns: int
    batches: int


class Begins(keras.callbacks.Callback):  # type: ignore[misc]
    """Starts the watch once every callback's ``on_epoch_begin`` is done."""

    started = (0, 0)

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        """Start it."""
        self.started = time.perf_counter_ns(), time.thread_time_ns()


class Ends(keras.callbacks.Callback):  # type: ignore[misc]
    """Stops the watch after the last batch, before any callback hears of validation or the end."""

    ended = (0, 0)

    def on_test_begin(self, logs: Any = None) -> None:
        """Stop it, where there is a validation."""
        self.ended = time.perf_counter_ns(), time.thread_time_ns()

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        """Stop it, where there is none."""
        if self.ended == (0, 0):
            self.ended = time.perf_counter_ns(), time.thread_time_ns()


class Loop:
    """Runs callbacks over scripted batches.

    Args:
        metrics: names of what is reported; all of them fall or rise, so that
            callbacks see progress.
        lend: makes a real model for callbacks that need one.
    """

    def __init__(
        self, metrics: Sequence[str] = METRICS, lend: Callable[[], Any] | None = None
    ) -> None:
        self._metrics = tuple(dict.fromkeys((*METRICS, *metrics)))
        self._model = None if lend is None else lend()

    def fit(self, callbacks: list[Any], batches: int, epochs: int = 2) -> None:
        """Fit whole epochs, each with a validation."""
        self._fit(callbacks, batches, epochs)

    def lap(self, callbacks: list[Any], batches: int) -> Lap:
        """Time the batches of one epoch, without what its begin and end take."""
        begins, ends = Begins(), Ends()
        gc.collect()
        gc.disable()  # a collection is not the fault of the batch in which it comes
        try:
            trained = self._fit([ends, *callbacks, begins], batches, 1)
        finally:
            gc.enable()
        wall, cpu = (ends.ended[i] - begins.started[i] for i in (0, 1))
        return Lap(wall, cpu, trained)

    def _fit(self, callbacks: list[Any], batches: int, epochs: int) -> int:
        if freeze_factories:
            raise FrozenTimeError(
                "the clock is frozen (freezegun, or a script's seconds_per_batch): nothing can be "
                "measured; leave the frozen block first"
            )
        series = {n: _falling(epochs) if "loss" in n else _rising(epochs) for n in self._metrics}
        directions = {n: "up" for n in self._metrics if "loss" not in n}
        script = Script(epochs=epochs, batches=batches, metrics=series, directions=directions)
        model = ScriptedModel(script, model=self._model)
        before = int(model.optimizer.iterations)
        model.fit(callbacks=callbacks, verbose=0)
        return int(model.optimizer.iterations) - before


@contextmanager
def somewhere_else() -> Iterator[Path]:
    """Go to an empty folder, and let what callbacks print and warn pass unseen."""
    before = Path.cwd()
    gc.collect()
    gc.freeze()  # a collection before each lap must not go through all of TensorFlow
    with (
        tempfile.TemporaryDirectory(prefix="dryfit-bench-") as name,
        open(os.devnull, "w") as nowhere,
        redirect_stdout(nowhere),
        redirect_stderr(nowhere),
        warnings.catch_warnings(),
    ):
        warnings.simplefilter("ignore")
        os.chdir(name)
        try:
            yield Path(name)
        finally:
            os.chdir(before)
            gc.unfreeze()


def _falling(epochs: int) -> str:
    return f"1-.001x{epochs}"


def _rising(epochs: int) -> str:
    return f"0+.001x{epochs}"
