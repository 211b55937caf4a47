"""Calls the hooks of a ``CallbackList`` in Keras' order, without its cost per batch.

Keras' own list turns every log value into a float again on every dispatch, 8 us
a value under TensorFlow. A script's logs are floats already, with sorted keys,
so each callback gets a fresh dict directly, and a batch hook that no callback
has is not called at all.
"""

from collections.abc import Callable
from functools import partial
from typing import Any

from dryfit_fakes.backend import keras

Listener = Callable[..., Any]

_DEFAULT = "_is_default"  # what keras/src/utils/python_utils.py marks empty defaults with

# A callback's default for the left calls its hook on the right.
_ALIASES = {"on_train_batch_begin": "on_batch_begin", "on_train_batch_end": "on_batch_end"}


def listener(callback: Any, hook: str) -> Listener | None:
    """Return a callback's hook, or ``None`` where it has only Keras' empty default.

    A hook may be assigned on the instance (tqdm and LambdaCallback do), and the
    default of ``on_train_batch_end`` calls ``on_batch_end``: both count.
    """
    method: Listener | None = getattr(callback, hook, None)
    if method is None:  # no Keras callback: fail where Keras does, when it is called
        return partial(_late, callback, hook)
    if not getattr(method, _DEFAULT, False):
        return method
    alias = getattr(callback, _ALIASES.get(hook, hook), method)
    return None if getattr(alias, _DEFAULT, False) else method


class Dispatch:
    """The hooks of a callback list, ready to be called with a script's logs.

    A list of another class than Keras' own has its reasons: its own methods are
    called then, and do the calling.
    """

    def __init__(self, callbacks: Any) -> None:
        own = type(callbacks) is keras.callbacks.CallbackList
        self.callbacks: list[Any] = callbacks.callbacks if own else [callbacks]
        # Keras' own History is in every list and has no batch hook to look for.
        history = keras.callbacks.History
        self._others = [c for c in self.callbacks if type(c) is not history]

    def call(self, hook: str, *index: int, logs: dict[str, Any] | None = None) -> None:
        """Call a hook of every callback, with one shared dict of logs."""
        __tracebackhide__ = True
        shared = dict(logs or {})
        for callback in self.callbacks:
            getattr(callback, hook)(*index, shared)

    def batch_listeners(self, hook: str) -> list[Listener]:
        """The callbacks that have a batch hook now."""
        found = [listener(callback, hook) for callback in self._others]
        return [method for method in found if method is not None]


def _late(callback: Any, hook: str, *args: Any, **kwargs: Any) -> Any:
    return getattr(callback, hook)(*args, **kwargs)
