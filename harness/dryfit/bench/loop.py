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
from itertools import pairwise
from pathlib import Path
from typing import Any

from freezegun.api import freeze_factories

from dryfit_fakes.backend import keras
from dryfit_fakes.model import ScriptedModel
from dryfit_fakes.script import Script

_NEVER = 1 << 62
METRICS = ("loss", "accuracy", "val_loss", "val_accuracy")


class FrozenTimeError(RuntimeError):
    """Somebody froze the clock that is to measure."""


PARTS = 20


@dataclass(frozen=True, slots=True)
class Lap:
    """The batches of one epoch, in twenty parts.

    Attributes:
        parts_ns: how long each part took.
        cpu_ns: how long this thread worked in that time; the rest it waited.
        batches: how many there were: fewer than asked for if a callback stopped training.
    """

    parts_ns: tuple[int, ...]
    cpu_ns: int
    batches: int

    @property
    def wall_ns(self) -> int:
        """How long all of it took."""
        return sum(self.parts_ns)


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


class _Parts(keras.callbacks.Callback):  # type: ignore[misc]
    """Looks at the clock after each twentieth of the batches."""

    def __init__(self, batches: int) -> None:
        super().__init__()
        self.clock: list[int] = []
        self._ends = [batches * part // PARTS - 1 for part in range(1, PARTS)] + [_NEVER]

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        while batch >= self._ends[len(self.clock)]:
            self.clock.append(time.perf_counter_ns())


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
        begins, parts, ends = Begins(), _Parts(batches), Ends()
        gc.collect()
        gc.disable()  # a collection is not the fault of the batch in which it comes
        try:
            trained = self._fit([ends, *callbacks, parts, begins], batches, 1)
        finally:
            gc.enable()
        clock = [begins.started[0], *parts.clock, ends.ended[0]]
        times = tuple(later - earlier for earlier, later in pairwise(clock))
        return Lap(times, ends.ended[1] - begins.started[1], trained)

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
    frozen = gc.get_freeze_count() > 0
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
            if not frozen:
                gc.unfreeze()


def _falling(epochs: int) -> str:
    return f"1-.001x{epochs}"


def _rising(epochs: int) -> str:
    return f"0+.001x{epochs}"
