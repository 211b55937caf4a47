"""Every hook that Keras dispatches, as a method that is written here.

Found, not listed: a hook that a new Keras dispatches is there by itself.
"""

import inspect
from collections.abc import Callable
from typing import Any, Protocol, TypeVar

from dryfit.recorder.notes import Notes
from dryfit_fakes.backend import keras

_List = TypeVar("_List", bound=type)

# Never dispatched on a list; callbacks' own defaults call them.
_ALIASES = ("on_batch_begin", "on_batch_end")


class _Dispatching(Protocol):
    notes: Notes

    def _dispatch(self, name: str, logs: dict[str, Any], batch: int | None, *args: Any) -> None: ...


def with_every_hook(kind: _List) -> _List:
    """Write a ``CallbackList``'s hooks, but for those that its class has itself.

    Each goes to `_dispatch`, between `_before_HOOK` and `_after_HOOK` where there
    are such methods.
    """
    for name in dir(keras.callbacks.CallbackList):
        if name.startswith("on_") and name not in (*_ALIASES, *vars(kind)):
            setattr(kind, name, _hook(kind, name))
    return kind


def _hook(kind: type, name: str) -> Callable[..., None]:
    takes = [*inspect.signature(getattr(keras.callbacks.CallbackList, name)).parameters][1]
    before = getattr(kind, f"_before_{name}", _nothing)
    after = getattr(kind, f"_after_{name}", _nothing)

    def batch_hook(self: _Dispatching, batch: int, logs: dict[str, Any] | None = None) -> None:
        __tracebackhide__ = True
        shared = {} if logs is None else logs
        self.notes.batch = batch
        self._dispatch(name, shared, batch)

    def epoch_hook(self: _Dispatching, epoch: int, logs: dict[str, Any] | None = None) -> None:
        __tracebackhide__ = True
        shared = {} if logs is None else logs
        self.notes.batch, self.notes.epoch = None, epoch
        self._dispatch(name, shared, None, epoch, shared)
        after(self)

    def hook(self: _Dispatching, logs: dict[str, Any] | None = None) -> None:
        __tracebackhide__ = True
        shared = {} if logs is None else logs
        self.notes.batch = None
        before(self)
        self._dispatch(name, shared, None, shared)
        after(self)

    made: Callable[..., None] = {"batch": batch_hook, "epoch": epoch_hook}.get(takes, hook)
    made.__name__ = name
    return made


def _nothing(callbacks: object) -> None:
    pass
