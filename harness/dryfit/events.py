"""What happens in a run, as frozen values.

A timeline is a tuple of these in the order in which they happened. Every event
that a callback causes says where (epoch, batch, hook) and who (`by`): the
callback's class name, ``EarlyStopping#2`` for the second of a class, and
``None`` for what happens outside of any hook.
"""

from dataclasses import dataclass
from typing import Any, TypeAlias

from dryfit_fakes.weights import Weights


@dataclass(frozen=True, slots=True)
class Began:
    """The run begins.

    Attributes:
        learning_rate: the rate before any hook; ``None`` without an optimizer.
        weights: whose weights the model has; ``None`` if it cannot tell.
        callbacks: the callbacks by the names used in `by`, in order.
    """

    learning_rate: float | None
    weights: Weights | None
    callbacks: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Hook:
    """A hook is dispatched, once for all callbacks.

    Attributes:
        logs: as handed to the first callback.
    """

    name: str
    epoch: int | None
    batch: int | None
    logs: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Change:
    """A callback changed the learning rate, ``stop_training`` or weights in place.

    Attributes:
        what: ``learning_rate``, ``stop_training`` or ``weights``.
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


@dataclass(frozen=True, slots=True)
class Override(Change):
    """A learning rate is replaced before any batch trained with it.

    Attributes:
        undoes: who had set the rate that was thrown away.
    """

    undoes: str


@dataclass(frozen=True, slots=True)
class LogWrite:
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


@dataclass(frozen=True, slots=True)
class WeightsUsed:
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


@dataclass(frozen=True, slots=True)
class Trained:
    """The first batch of an epoch, or the first since the rate changed, has trained.

    Attributes:
        learning_rate: the rate in force: after every callback's
            ``on_train_batch_begin``.
    """

    epoch: int | None
    batch: int
    learning_rate: float | None


@dataclass(frozen=True, slots=True)
class State:
    """A plain attribute of a callback has a new value after a hook of all callbacks.

    Attributes:
        epoch: the epoch that ended; ``None`` after ``on_train_begin``.
    """

    epoch: int | None
    by: str
    attribute: str
    value: Any


@dataclass(frozen=True, slots=True)
class Warned:
    """A warning was issued."""

    epoch: int | None
    batch: int | None
    hook: str | None
    by: str | None
    category: str
    message: str


@dataclass(frozen=True, slots=True)
class Printed:
    """A line was written to stdout or stderr."""

    epoch: int | None
    batch: int | None
    hook: str | None
    by: str | None
    text: str


@dataclass(frozen=True, slots=True)
class Slept:
    """A callback called ``time.sleep`` while the script's clock was the only one.

    Attributes:
        seconds: how far it moved the clock; sleeps with nothing between are one.
    """

    epoch: int | None
    batch: int | None
    hook: str | None
    by: str | None
    seconds: float


@dataclass(frozen=True, slots=True)
class Raised:
    """An exception came out of a callback, or ended the run from outside."""

    epoch: int | None
    batch: int | None
    hook: str | None
    by: str | None
    type: str
    message: str


@dataclass(frozen=True, slots=True)
class Ended:
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
    | Ended
)
