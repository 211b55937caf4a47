"""The loop that callbacks are measured in: a scripted model's fit, with nothing recorded.

Between the batches it does almost nothing (1.5 us each, with no callback), so that
what a callback adds stands out.
"""

import gc
import os
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import chdir, contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

from freezegun.api import freeze_factories

from dryfit.lanes.garbage import old_objects_pass
from dryfit.lanes.put_back import put_back
from dryfit.lanes.temporary import temporary_folder
from dryfit.tools.bench.stopwatch import Moment, Span, Stopwatch, between
from dryfit_fakes.backend import keras
from dryfit_fakes.journal import WeightsCall, journal_of
from dryfit_fakes.model import FakeModel
from dryfit_fakes.protocols import Logs
from dryfit_fakes.script import Script

_NEVER = 1 << 62
METRICS = ("loss", "accuracy", "val_loss", "val_accuracy")


class FrozenTimeError(RuntimeError):
    """Somebody froze the clock that is to measure."""


PARTS = 20
_PLANNED = 10  # epochs: schedules divide by their number, or by one less


@dataclass(frozen=True, slots=True)
class Lap:
    """The batches of one epoch, in parts.

    Attributes:
        parts: how long each part took.
        batches: how many there were: fewer than asked for if a callback stopped training.
    """

    parts: tuple[Span, ...]
    batches: int

    @property
    def ns(self) -> int:
        """How long all of it took, without delays."""
        return sum(part.ns for part in self.parts)


class EpochBegins(keras.callbacks.Callback):  # type: ignore[misc]
    """Starts the watch once every callback's ``on_epoch_begin`` is done."""

    def __init__(self, watch: Stopwatch) -> None:
        super().__init__()
        self._watch = watch
        self.started: Moment = (0, 0, 0, 0, 0)

    def on_epoch_begin(self, epoch: int, logs: Logs | None = None) -> None:
        """Start it."""
        self.started = self._watch.read()


class EpochEnds(keras.callbacks.Callback):  # type: ignore[misc]
    """Stops the watch after the last batch, before any callback hears of validation or the end."""

    def __init__(self, watch: Stopwatch) -> None:
        super().__init__()
        self._watch = watch
        self.ended: Moment | None = None

    def on_test_begin(self, logs: Logs | None = None) -> None:
        """Stop it, where there is a validation."""
        self.ended = self.ended or self._watch.read()

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        """Stop it, where there is none."""
        self.ended = self.ended or self._watch.read()


class _Parts(keras.callbacks.Callback):  # type: ignore[misc]
    """Looks at the watch at the end of each part of the batches."""

    def __init__(self, watch: Stopwatch, batches: int, parts: int) -> None:
        super().__init__()
        self._watch = watch
        self.moments: list[Moment] = []
        self._ends = [batches * part // parts - 1 for part in range(1, parts)] + [_NEVER]

    def on_train_batch_end(self, batch: int, logs: Logs | None = None) -> None:
        while batch >= self._ends[len(self.moments)]:
            self.moments.append(self._watch.read())


class _EndsAfter(keras.callbacks.Callback):  # type: ignore[misc]
    """Ends a training that more epochs are planned for."""

    def __init__(self, epochs: int) -> None:
        super().__init__()
        self._epochs = epochs

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        if epoch + 1 >= self._epochs:
            self.model.stop_training = True


class Loop:
    """Runs callbacks over scripted batches.

    Args:
        metrics: names of what is reported; all of them fall or rise, so that
            callbacks see progress.
        lend: makes a real model for callbacks that need one.

    Attributes:
        uses_weights: whether a callback read, set, saved or loaded the model's weights.
    """

    def __init__(
        self, metrics: Sequence[str] = METRICS, lend: Callable[[], Any] | None = None
    ) -> None:
        self._metrics = tuple(dict.fromkeys((*METRICS, *metrics)))
        self._model = None if lend is None else lend()
        self.uses_weights = False

    def fit(self, callbacks: list[Any], batches: int, epochs: int = 2) -> None:
        """Fit whole epochs, each with a validation."""
        self._fit(callbacks, batches, epochs)

    def lap(self, callbacks: list[Any], batches: int, parts: int = PARTS) -> Lap:
        """Time the batches of one epoch, without what its begin and end take."""
        with Stopwatch() as watch:
            begins, ends = EpochBegins(watch), EpochEnds(watch)
            clock = _Parts(watch, batches, min(parts, batches))
            gc.collect()
            gc.disable()  # a collection is not the fault of the batch in which it comes
            try:
                trained = self._fit([ends, *callbacks, clock, begins], batches, 1)
            finally:
                gc.enable()
        assert ends.ended is not None
        moments = [begins.started, *clock.moments, ends.ended]
        return Lap(tuple(between(*pair) for pair in pairwise(moments)), trained)

    def _fit(self, callbacks: list[Any], batches: int, epochs: int) -> int:
        if freeze_factories:
            raise FrozenTimeError(
                "the clock is frozen (freezegun, or a script's seconds_per_batch): nothing can be "
                "measured; leave the frozen block first"
            )
        planned = max(_PLANNED, epochs)
        series = {n: _falling(planned) if "loss" in n else _rising(planned) for n in self._metrics}
        directions = {n: "up" for n in self._metrics if "loss" not in n}
        script = Script(epochs=planned, batches=batches, metrics=series, directions=directions)
        model = FakeModel(script, model=self._model)
        journal_of(model).listen(self._hear)
        before = int(model.optimizer.iterations)
        model.fit(callbacks=[*callbacks, _EndsAfter(epochs)], verbose=0)
        return int(model.optimizer.iterations) - before

    def _hear(self, call: WeightsCall) -> None:
        self.uses_weights = True


@contextmanager
def somewhere_else() -> Iterator[Path]:
    """Go to an empty folder, and let what callbacks print and warn pass unseen."""
    gc.collect()
    with (
        old_objects_pass(),  # by the collection before each lap
        temporary_folder() as name,
        open(os.devnull, "w") as nowhere,
        chdir(name),
        put_back(),
        redirect_stdout(nowhere),
        redirect_stderr(nowhere),
        warnings.catch_warnings(),
    ):
        warnings.simplefilter("ignore")
        yield Path(name)


def _falling(epochs: int) -> str:
    return f"1-.001x{epochs}"


def _rising(epochs: int) -> str:
    return f"0+.001x{epochs}"
