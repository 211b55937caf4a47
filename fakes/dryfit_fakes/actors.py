"""Small callbacks for scenarios: each does one thing at one place.

A place is a hook, an epoch and a batch; what is left open is any. By default
the hook is ``on_epoch_end``, or ``on_train_batch_end`` where a batch is named.
"""

import os
import signal
from collections.abc import Callable, Mapping
from typing import Any, TypedDict, Unpack

from dryfit_fakes.backend import keras
from dryfit_fakes.protocols import Data, Logs
from dryfit_fakes.script_values import Values
from dryfit_fakes.series import Series


class ActorPlace(TypedDict, total=False):
    """Where an actor acts; what is left out is any."""

    epoch: int | None
    batch: int | None
    hook: str | None


class _At(keras.callbacks.Callback):  # type: ignore[misc]
    """Acts when a hook is called for an epoch and, if given, a batch."""

    def __init__(
        self, epoch: int | None = None, batch: int | None = None, hook: str | None = None
    ) -> None:
        super().__init__()
        self.epoch = epoch
        self.batch = batch
        self.hook = hook or ("on_epoch_end" if batch is None else "on_train_batch_end")
        if not hasattr(keras.callbacks.Callback, self.hook):
            raise ValueError(f"{self.hook!r} is no hook of keras.callbacks.Callback")
        if batch is not None and "_batch_" not in self.hook:
            raise ValueError(f"{self.hook} is called for no batch; leave batch={batch!r} out")
        self._epoch: int | None = None
        if self.hook != "on_epoch_begin":
            setattr(self, self.hook, self._maybe)

    def on_epoch_begin(self, epoch: int, logs: Logs | None = None) -> None:
        """Keep count of the epoch; act, if this is the place."""
        self._epoch = epoch
        if self.hook == "on_epoch_begin":
            self._maybe(epoch, logs)

    def _maybe(self, *args: object, logs: Logs | None = None) -> None:
        in_epoch = self.epoch is None or self._epoch in (None, self.epoch)
        if in_epoch and (self.batch is None or args[0] == self.batch):
            self.act()

    def act(self) -> None:
        """Do the one thing."""
        raise NotImplementedError


class StopAt(_At):
    """Set ``model.stop_training`` at a place."""

    def act(self) -> None:
        """Stop training."""
        self.model.stop_training = True


class SetLearningRateAt(_At):
    """Set the learning rate at a place.

    Args:
        learning_rate: the rate to set.
    """

    def __init__(self, learning_rate: float, **place: Unpack[ActorPlace]) -> None:
        super().__init__(**place)
        self.learning_rate = learning_rate

    def act(self) -> None:
        """Set the rate."""
        self.model.optimizer.learning_rate = self.learning_rate


class WriteLogs(keras.callbacks.Callback):  # type: ignore[misc]
    """Write values into the logs of epochs' ends, as a callback with a metric of its own does.

    Args:
        metrics: a series each, by absolute epoch; nothing is written where it is
            absent or past its end.
    """

    def __init__(self, metrics: Mapping[str, Values]) -> None:
        super().__init__()
        self.metrics = dict(metrics)
        self._series = {name: Series.of(values) for name, values in self.metrics.items()}

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        """Write the epoch's values."""
        assert logs is not None  # a trainer has some
        for name, series in self._series.items():
            value = series.at(epoch) if series.open or epoch < len(series) else None
            if value is not None:
                logs[name] = value


class RaiseAt(_At):
    """Raise an exception at a place.

    Args:
        raises: the exception's class or instance.

    Attributes:
        raised: the very instance that was raised, ``None`` until then.
    """

    def __init__(
        self,
        raises: type[BaseException] | BaseException = RuntimeError,
        **place: Unpack[ActorPlace],
    ) -> None:
        super().__init__(**place)
        self.raises = raises
        self.raised: BaseException | None = None

    def act(self) -> None:
        """Raise it."""
        self.raised = self.raises() if isinstance(self.raises, type) else self.raises
        raise self.raised


class KillAt(_At):
    """Kill the process at a place, as the operating system does that is out of memory."""

    raised = None

    def act(self) -> None:
        """Kill it: nothing is cleaned up, and no handler is called."""
        os.kill(os.getpid(), signal.SIGKILL)


class EvaluateAt(_At):
    """Call ``model.evaluate`` at a place, as a callback with its own data does."""

    def __init__(self, x: Data = None, y: Data = None, **place: Unpack[ActorPlace]) -> None:
        super().__init__(**place)
        self._data = (x, y)

    def act(self) -> None:
        """Evaluate."""
        self.model.evaluate(*self._data, verbose=0)


class PredictAt(_At):
    """Call ``model.predict`` at a place.

    Args:
        x: what to predict for.
        use: a function that gets the prediction.
    """

    def __init__(
        self, x: Data = None, use: Callable[[Any], object] = bool, **place: Unpack[ActorPlace]
    ) -> None:
        super().__init__(**place)
        self._x, self._use = x, use

    def act(self) -> None:
        """Predict, and hand the prediction on."""
        self._use(self.model.predict(self._x, verbose=0))
