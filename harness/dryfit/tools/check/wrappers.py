"""What stands around a callback that is checked: wrappers and watchers.

The wrappers are callbacks that scenario files name too.
"""

import time
from collections.abc import Callable, Mapping, Sized
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dryfit.scenario.construct import make_callbacks
from dryfit_fakes.backend import keras
from dryfit_fakes.protocols import Callback, Logs, Model

HOOKS = tuple(
    name
    for name in dir(keras.callbacks.Callback)
    if name.startswith("on_") and name not in ("on_batch_begin", "on_batch_end")
)  # the two that are left out are what Keras' own defaults call


class Around(keras.callbacks.Callback):  # type: ignore[misc]
    """Hands every hook on to another callback.

    Args:
        callback: the other, or its name as in a scenario file.
        arguments: of its constructor, beside a name.
    """

    def __init__(
        self, callback: str | Callback, arguments: Mapping[str, Any] | None = None
    ) -> None:
        super().__init__()
        if isinstance(callback, str):
            (make,) = make_callbacks(((callback, dict(arguments or {})),), Path.cwd())
            self.inner: Callback = make()
        else:
            self.inner = callback

    def set_params(self, params: dict[str, Any]) -> None:
        """Hand the params on."""
        super().set_params(params)
        self.inner.set_params(params)

    def set_model(self, model: Model) -> None:
        """Hand the model on."""
        super().set_model(model)
        self.inner.set_model(model)


class WithoutLogs(Around):
    """Calls every hook of another callback with ``logs=None``, which is its default in Keras."""


class WithoutSteps(Around):
    """Tells another callback what Keras tells it of data of unknown length: no steps."""

    def set_params(self, params: dict[str, Any]) -> None:
        """Hand the params on, without the number of steps."""
        super().set_params({**params, "steps": None})


def _handing_on(name: str, with_logs: bool) -> Callable[..., None]:
    def hook(self: Around, *args: object, logs: Logs | None = None) -> None:
        if name.endswith(("_batch_begin", "_batch_end")):
            getattr(self.inner, name)(*args[:1], logs=logs if with_logs else None)
        elif with_logs:
            getattr(self.inner, name)(*args)
        else:
            getattr(self.inner, name)(*args[:-1], None)

    hook.__name__ = name
    return hook


for _name in HOOKS:
    setattr(WithoutLogs, _name, _handing_on(_name, with_logs=False))
    setattr(WithoutSteps, _name, _handing_on(_name, with_logs=True))


def zeros(x: Sized, epoch: int) -> NDArray[np.float32]:
    """Predict a zero for each sample."""
    return np.zeros((len(x), 1), np.float32)


# A rate that nobody can set.
decaying = keras.optimizers.schedules.ExponentialDecay(0.01, 100, 0.9)


class Begins(keras.callbacks.Callback):  # type: ignore[misc]
    """Looks before the callbacks behind it: at the first hook, and before each batch's end.

    Args:
        look: what to look at.

    Attributes:
        seen: what it saw, ``None`` until then.
    """

    def __init__(self, look: Callable[[], Any] = lambda: None) -> None:
        super().__init__()
        self.look, self.seen = look, None
        self.begun_ns = 0

    def on_train_begin(self, logs: Logs | None = None) -> None:
        """Look."""
        self.seen = self.look()

    def on_train_batch_end(self, batch: int, logs: Logs | None = None) -> None:
        """Start the watch."""
        self.begun_ns = time.perf_counter_ns()


class Ends(keras.callbacks.Callback):  # type: ignore[misc]
    """Looks behind the callbacks before it: at the last hook, and after each batch's end.

    Args:
        begins: who looked before.

    Attributes:
        seen: what it saw, ``None`` until then.
        batches_ns: how long the hooks of each batch's end took.
    """

    def __init__(self, begins: Begins) -> None:
        super().__init__()
        self.begins, self.seen = begins, None
        self.batches_ns: list[int] = []

    def on_train_end(self, logs: Logs | None = None) -> None:
        """Look."""
        self.seen = self.begins.look()

    def on_train_batch_end(self, batch: int, logs: Logs | None = None) -> None:
        """Stop the watch."""
        self.batches_ns.append(time.perf_counter_ns() - self.begins.begun_ns)


class EachEpoch(keras.callbacks.Callback):  # type: ignore[misc]
    """Looks behind the callbacks before it, at the end of each epoch.

    Args:
        look: what to look at.

    Attributes:
        seen: what it saw.
    """

    def __init__(self, look: Callable[[], Any]) -> None:
        super().__init__()
        self.look = look
        self.seen: list[Any] = []

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        """Look."""
        self.seen.append(self.look())
