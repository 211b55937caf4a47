"""What happens in a run, as frozen values.

A timeline is a tuple of these in the order in which they happened. Every event
that a callback causes says where (epoch, batch, hook) and who (`by`): the
callback's class name, ``EarlyStopping#2`` for the second of a class, and
``None`` for what happens outside of any hook.
"""

from dataclasses import dataclass
from typing import Any, TypeAlias

from dryfit_fakes.protocols import Rates
from dryfit_fakes.weights import Weights

RATE = "learning_rate"


class _Value:
    """Equal to another of its class whose fields are equal, as tuples are.

    A field that is the same object is equal, nan too: dataclasses of Python 3.13 compare
    field by field, and two runs in which a nan was reported would never be equal.
    """

    __slots__ = ()
    __match_args__: tuple[str, ...]  # a dataclass has its fields' names there

    def __eq__(self, other: object) -> bool:
        return self._fields() == other._fields() if type(other) is type(self) else NotImplemented

    def __hash__(self) -> int:
        return hash(self._fields())

    def _fields(self) -> tuple[Any, ...]:
        return tuple([getattr(self, name) for name in self.__match_args__])


@dataclass(frozen=True, slots=True, eq=False)
class Began(_Value):
    """The run begins.

    Attributes:
        learning_rate: the rate before any hook, of several optimizers by their
            names; ``None`` without an optimizer.
        weights: whose weights the model has; ``None`` if it cannot tell.
        callbacks: the callbacks by the names used in `by`, in order.
    """

    learning_rate: Rates
    weights: Weights | None
    callbacks: tuple[str, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Hook(_Value):
    """A hook is dispatched, once for all callbacks.

    Attributes:
        logs: as handed to the first callback.
    """

    name: str
    epoch: int | None
    batch: int | None
    logs: dict[str, Any]


@dataclass(frozen=True, slots=True, eq=False)
class Change(_Value):
    """A callback changed the learning rate, ``stop_training`` or weights in place.

    Attributes:
        what: ``learning_rate``, or ``learning_rate_slow`` for that of several optimizers
            whose name is ``slow``; ``stop_training`` or ``weights``.
        old: the value before; for weights, whose they were.
        new: the value after.
    """

    what: str
    epoch: int | None
    batch: int | None
    hook: str | None
    by: str | None
    old: Any
    new: Any

    @property
    def is_rate(self) -> bool:
        """Whether a learning rate changed."""
        return self.what.startswith(RATE)

    @property
    def optimizer(self) -> str | None:
        """Which of several optimizers' rate it is; ``None`` of one."""
        return self.what.removeprefix(RATE).removeprefix("_") or None if self.is_rate else None


@dataclass(frozen=True, slots=True, eq=False)
class Override(Change):
    """A learning rate is replaced before any batch trained with it.

    Attributes:
        undoes: who had set the rate that was thrown away.
    """

    undoes: str


@dataclass(frozen=True, slots=True, eq=False)
class LogWrite(_Value):
    """A callback wrote into the ``logs`` that all callbacks share.

    Attributes:
        old: the value before, ``None`` for a new key.
        new: the value after, ``None`` for a key that was removed.
    """

    key: str
    epoch: int | None
    batch: int | None
    hook: str | None
    by: str | None
    old: Any
    new: Any


@dataclass(frozen=True, slots=True, eq=False)
class WeightsUsed(_Value):
    """Weights were read, set, saved or loaded through the model's methods.

    Attributes:
        method: ``get_weights``, ``set_weights``, ``save``, ``save_weights`` or
            ``load_weights``.
        path: the file, relative to the run's folder.
        old: whose weights the model had before.
        to: whose it has after.
    """

    method: str
    epoch: int | None
    batch: int | None
    hook: str | None
    by: str | None
    path: str | None
    old: Weights
    to: Weights


@dataclass(frozen=True, slots=True, eq=False)
class Trained(_Value):
    """The first batch of an epoch, or the first since the rate changed, has trained.

    Attributes:
        learning_rate: the rate in force, of several optimizers by their names: after
            every callback's ``on_train_batch_begin``.
    """

    epoch: int | None
    batch: int
    learning_rate: Rates


class NotPlain(str):
    """What stands for a value that is plain no more: ``(list)`` and its like, or ``(object)``."""

    __slots__ = ()


DELETED = NotPlain("(deleted)")  # of an attribute that is not there any more


@dataclass(frozen=True, slots=True, eq=False)
class State(_Value):
    """A plain attribute of a callback has a new value after a hook of all callbacks.

    Attributes:
        epoch: the epoch that ended; ``None`` after ``on_train_begin``.
        value: a `NotPlain` where it is plain no more.
    """

    epoch: int | None
    by: str
    attribute: str
    value: Any


@dataclass(frozen=True, slots=True, eq=False)
class Warned(_Value):
    """A warning was issued."""

    epoch: int | None
    batch: int | None
    hook: str | None
    by: str | None
    category: str
    message: str


@dataclass(frozen=True, slots=True, eq=False)
class Printed(_Value):
    """A line was written to stdout or stderr."""

    epoch: int | None
    batch: int | None
    hook: str | None
    by: str | None
    text: str


@dataclass(frozen=True, slots=True, eq=False)
class Slept(_Value):
    """A callback called ``time.sleep`` while the script's clock was the only one.

    Attributes:
        seconds: how far it moved the clock; sleeps with nothing between are one.
    """

    epoch: int | None
    batch: int | None
    hook: str | None
    by: str | None
    seconds: float


@dataclass(frozen=True, slots=True, eq=False)
class Raised(_Value):
    """An exception came out of a callback, or ended the run from outside."""

    epoch: int | None
    batch: int | None
    hook: str | None
    by: str | None
    type: str
    message: str


@dataclass(frozen=True, slots=True, eq=False)
class Unread(_Value):
    """Something could not be read, and is not known from here on until it can be.

    Attributes:
        what: ``learning_rate``, ``weights``, ``EarlyStopping.best`` or the like.
        type: of the exception that reading it raised.
        message: its first line.
    """

    what: str
    epoch: int | None
    batch: int | None
    hook: str | None
    by: str | None
    type: str
    message: str


@dataclass(frozen=True, slots=True, eq=False)
class Ended(_Value):
    """The run is over.

    Attributes:
        weights: whose weights the model ends with.
    """

    weights: Weights | None


Event: TypeAlias = (
    Began
    | Hook
    | Change
    | LogWrite
    | WeightsUsed
    | Trained
    | State
    | Warned
    | Printed
    | Slept
    | Raised
    | Unread
    | Ended
)
"""Anything that happens."""

Deed: TypeAlias = Change | LogWrite | WeightsUsed | Warned | Printed | Slept | Raised
"""What somebody did, at a place: epoch, batch and hook."""


def hook_line(hook: Hook) -> str:
    """Write a dispatch in one line: its name, and the index it was called with."""
    if hook.batch is not None:
        return f"{hook.name} {hook.batch}"
    return f"{hook.name} {hook.epoch}" if "epoch" in hook.name else hook.name
