"""Watch: what a callback changes in a real model beside what a run records."""

import inspect
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from dryfit.tools.check.wrappers import HOOKS
from dryfit_fakes.backend import keras
from dryfit_fakes.protocols import Callback, Logs, RealModel

NOT_THERE = object()
THE_MODEL = object()
_KEPT = re.compile("backup|best|copy|kept|old|prev|saved|snapshot")  # what is to stay as it was
# What compile() is told and fit() makes its step of, before any hook: to set it does nothing.
COMPILED = frozenset(inspect.signature(keras.Model.compile).parameters) - {
    "self",
    "metrics",
    "optimizer",
}


@dataclass(frozen=True, slots=True)
class SeenChange:
    """A setting that is another behind a hook of the callback than before it.

    Attributes:
        what: such as ``optimizer.momentum``.
        old: `NOT_THERE` if there was no such thing.
        new: likewise.
        hook: whose.
        epoch: ``None`` outside of epochs.
        trained: whether a batch had been trained before, so that the step is traced.
    """

    what: str
    old: Any
    new: Any
    hook: str
    epoch: int | None
    trained: bool


class Watch:
    """Two callbacks to stand around another, and what they saw.

    Attributes:
        before: stands in front of it.
        behind: stands behind it.
        changes: in the order seen.
        left: what is there at the end and was not at the begin.
        in_logs: keys of an epoch's logs under which a variable stands, and no number.
    """

    def __init__(self, callback: Callback) -> None:
        self._callback = callback
        self.before, self.behind = _Side(self._look), _Side(self._compare)
        self._seen: dict[str, Any] = {}
        self._first: dict[str, Any] | None = None
        self._epoch: int | None = None
        self._trained = False
        self.changes: list[SeenChange] = []
        self.left: list[str] = []
        self.in_logs: list[str] = []

    def _look(self, hook: str, args: tuple[Any, ...], model: RealModel) -> None:
        if "epoch" in hook:
            self._epoch = args[0]
        self._trained |= hook == "on_train_batch_end"
        self._seen = settings(model) | _held(self._callback, model)
        if self._first is None:
            self._first = self._seen

    def _compare(self, hook: str, args: tuple[Any, ...], model: RealModel) -> None:
        now = settings(model) | _held(self._callback, model)
        for what in [*self._seen, *(what for what in now if what not in self._seen)]:
            old, new = self._seen.get(what, NOT_THERE), now.get(what, NOT_THERE)
            if old is not new and old != new:
                self.changes.append(SeenChange(what, old, new, hook, self._epoch, self._trained))
        if hook == "on_epoch_end":
            self.in_logs = [key for key, value in args[-1].items() if _is_variable(value)]
        if hook == "on_train_end" and self._first is not None:
            self.left = [what for what in now if what not in self._first]


class _Side(keras.callbacks.Callback):  # type: ignore[misc]
    def __init__(self, notice: Callable[[str, tuple[Any, ...], Any], None]) -> None:
        super().__init__()
        self.notice = notice


def _noticing(name: str) -> Callable[..., None]:
    def hook(self: _Side, *args: object, logs: Logs | None = None) -> None:
        given = (arg for arg in (logs, *args) if isinstance(arg, dict))
        self.notice(name, (*args, next(given, {})), self.model)

    hook.__name__ = name
    return hook


for _name in HOOKS:
    setattr(_Side, _name, _noticing(_name))


def settings(model: RealModel) -> dict[str, Any]:
    """What a user sets on a real model, its optimizer and its layers."""
    found: dict[str, Any] = {"model.trainable": model.trainable}  # before those of its layers
    found |= {f"optimizer.{n}": v for n, v in _plain(model.optimizer) if n not in _OWN}
    for index, layer in enumerate(model.layers):  # names are numbered through the process
        found |= {f"layers[{index}].{n}": v for n, v in _plain(layer) if n not in _OWN}
        found[f"layers[{index}].trainable"] = layer.trainable
    found |= {f"model.{n}": True for n in vars(model) if _is_public(n) and n not in _FLAGS}
    compiled = {n: getattr(model, n, NOT_THERE) for n in (*sorted(COMPILED), "optimizer")}
    return found | {f"model.{n}": v for n, v in compiled.items() if v is not NOT_THERE}


# What Keras itself sets as training goes on, or somebody evaluates and predicts.
_OWN = ("built", "iterations", "learning_rate", "name")
_FLAGS = ("history", "stop_evaluating", "stop_predicting", "stop_training")


def _is_variable(value: object) -> bool:
    """Whether it is a variable of Keras or of its backend, which goes on changing."""
    return isinstance(value, keras.Variable) or hasattr(value, "assign")


def _plain(thing: object) -> list[tuple[str, Any]]:
    own = getattr(thing, "__dict__", {}).items()  # a GAN may be compiled without an optimizer
    return [(n, v) for n, v in own if _is_public(n) and isinstance(v, bool | int | float | None)]


def _is_public(name: str) -> bool:
    return not name.startswith("_")


def _held(callback: Callback, model: RealModel) -> dict[str, Any]:
    """The attributes in which a callback holds variables of the model, not their values."""
    variables = {id(v) for v in model.variables}
    variables |= {id(getattr(v, "_value", v)) for v in model.variables}
    found = {}
    for name, value in vars(callback).items():
        if value is model and _KEPT.search(name):
            found[f"self.{name}"] = THE_MODEL
        elif _holds(value, variables):
            found[f"self.{name}"] = id(value)
    return found


def _holds(value: object, variables: set[int], depth: int = 2) -> bool:
    """Whether a list or dict has variables in it, or such lists."""
    items = value.values() if isinstance(value, dict) else value
    if not isinstance(items, list | tuple | type({}.values())):
        return False
    return any(
        id(item) in variables or (depth > 1 and _holds(item, variables, depth - 1))
        for item in items
    )
