"""A note of every get, set, save and load of weights.

One mixin for the scripted model and for real ones: what a callback did with
weights reads the same in both lanes. The journal of a real model is an object
beside it, so that no name of ours stands in the way of the model's own.
"""

import zlib
from abc import abstractmethod
from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import count
from typing import Any, NamedTuple, TypeVar

from numpy.typing import ArrayLike, NDArray

from dryfit_fakes.backend import LEGACY, keras
from dryfit_fakes.disk import Writes
from dryfit_fakes.protocols import FilePath, Optimizer, Rates, Variable
from dryfit_fakes.weights import Weights

_T = TypeVar("_T")
_U = TypeVar("_U")


@dataclass(frozen=True, slots=True)
class WeightsCall:
    """One call on the model that reads or writes weights.

    Attributes:
        method: ``get_weights``, ``set_weights``, ``save``, ``save_weights`` or
            ``load_weights``.
        path: the file, as the caller named it.
        old: whose weights the model had before.
        new: whose it has after.
    """

    method: str
    path: str | None
    old: Weights
    new: Weights


class Observation(NamedTuple):
    """What of a model a callback can change, cheap enough to read around every hook.

    Attributes:
        learning_rate: the optimizer's rate now; ``None`` without an optimizer.
        stop_training: the flag that ends ``fit``.
        edited: whether weights changed by other means than the noted calls.
    """

    learning_rate: Rates
    stop_training: bool
    edited: bool


class Journal:
    """Hears of every call for a model's weights, and answers whose they are."""

    _note: Callable[[WeightsCall], None] | None = None
    _unread: Callable[[str, Exception], None] | None = None
    _noting = False
    fits = -1
    trained_batches = 0
    tick: Callable[[float], object] = staticmethod(lambda seconds: None)
    elapsed_s = 0.0  # on the script's clock, in all plays so far
    disk = Writes(None)

    @abstractmethod
    def observe(self) -> Observation:
        """Read what a callback can change."""

    def first_rates(self) -> Rates:
        """Read what the first step trained with, if it made the optimizers itself."""
        return self.observe().learning_rate

    @property
    @abstractmethod
    def weights_identity(self) -> Weights:
        """Whose weights the model has."""

    def listen(
        self,
        note: Callable[[WeightsCall], None] | None,
        unread: Callable[[str, Exception], None] | None = None,
    ) -> None:
        """Hand every later call to a function, or to none; and to another what cannot be read."""
        self._note, self._unread = note, unread

    def known(self, what: str, read: Callable[[], _T], otherwise: _U) -> _T | _U:
        """Read something of the model; a training goes on where that is not possible."""
        try:
            return read()
        except Exception as error:
            if self._unread is not None:
                self._unread(what, error)
            return otherwise

    def advance(self, before: Weights, epoch: int, batch: int, batches: int) -> Weights:
        """Count some more batches; return whose weights they make of those before."""
        trained = before.trained_batches
        if trained is None:  # nobody's have no count of their own; the model's goes on
            trained = self.trained_batches
        self.trained_batches += batches
        return Weights(self.fits, epoch, batch, trained + batches)

    def noted(self, method: str, path: FilePath | None, call: Callable[[], _T]) -> _T:
        """Make a call that reads or writes weights, and hand it on."""
        if self._note is None or self._noting:
            return call()
        self._noting = True  # Keras' own calls inside are not news
        try:
            old = self.weights_identity
            if path is not None and method in ("save", "save_weights"):
                result = self.disk.write(path, call)
            else:
                result = call()
        finally:
            self._noting = False
        self._note(
            WeightsCall(method, None if path is None else str(path), old, self.weights_identity)
        )
        return result


class Journaled:
    """Mixin in front of a model class: its journal hears of every call for weights."""

    _dryfit_journal: Journal

    def get_weights(self) -> list[NDArray[Any]]:
        """Return the weights as arrays."""
        call = super().get_weights  # type: ignore[misc]
        arrays: list[NDArray[Any]] = self._dryfit_journal.noted("get_weights", None, call)
        return arrays

    def set_weights(self, weights: Sequence[ArrayLike]) -> None:
        """Put arrays in as weights."""
        call = super().set_weights  # type: ignore[misc]
        self._dryfit_journal.noted("set_weights", None, partial(call, weights))

    def save(self, filepath: FilePath, *args: object, **kwargs: object) -> None:
        """Write the whole model to a file."""
        call = partial(super().save, filepath, *args, **kwargs)  # type: ignore[misc]
        self._dryfit_journal.noted("save", filepath, call)

    def save_weights(self, filepath: FilePath, *args: object, **kwargs: object) -> None:
        """Write weights and the optimizer's state to a file."""
        call = partial(super().save_weights, filepath, *args, **kwargs)  # type: ignore[misc]
        self._dryfit_journal.noted("save_weights", filepath, call)

    def load_weights(self, filepath: FilePath, *args: object, **kwargs: object) -> None:
        """Read weights back from a file."""
        call = partial(super().load_weights, filepath, *args, **kwargs)  # type: ignore[misc]
        self._dryfit_journal.noted("load_weights", filepath, call)


def journal_of(model: object) -> Any:
    """The journal that hears of a model's calls now, ``None`` if none does."""
    return model._dryfit_journal if isinstance(model, Journaled) else None


def fingerprint(variables: Iterable[Variable]) -> int:
    """Make a checksum of a real model's variables."""
    checksum = 0
    for variable in variables:
        checksum = zlib.crc32(_array(_value(variable)).tobytes(), checksum)
    return checksum


def learning_rate(optimizer: Optimizer) -> Rates:
    """Read a real optimizer's rate; of one that is made of several, each by its name.

    Keras' callbacks tell them apart in the same way (``learning_rate_<name>``,
    ``keras/src/callbacks/reduce_lr_on_plateau.py``, 3.15.1).
    """
    several = _several(optimizer)
    if several is None:
        return _rate(optimizer)
    rates: dict[str, float] = {}
    for one in several:
        rates[unused_name(one.name, rates)] = _rate(one)
    return rates


def rates_by_name(optimizers: Mapping[str, Optimizer]) -> Rates:
    """Read the rate of each of some optimizers."""
    return {name: _rate(optimizer) for name, optimizer in optimizers.items()}


def unused_name(name: str, used: Container[str]) -> str:
    """A name with a number behind it where it is used already, as callbacks' names have.

    >>> unused_name("sgd", ["sgd", "sgd#2"])
    'sgd#3'
    """
    numbered = (name if number == 1 else f"{name}#{number}" for number in count(1))
    return next(candidate for candidate in numbered if candidate not in used)


def _rate(optimizer: Optimizer) -> float:
    return float(_array(_value(optimizer.learning_rate)))


def _value(variable: Any) -> Any:
    # A property of Keras' variables, a method of TensorFlow's, which are Keras 2's.
    return variable if LEGACY else getattr(variable, "value", variable)


def first_rates(optimizer: Optimizer) -> Rates:
    """Read the rates that the first step trained with, of optimizers that were made in it."""
    rates = learning_rate(optimizer)
    if isinstance(rates, dict):
        for name, one in zip(rates, _several(optimizer), strict=True):
            schedule = _schedule(one)
            if isinstance(schedule, keras.optimizers.schedules.LearningRateSchedule):
                rates[name] = float(_array(schedule(0)))
    return rates


def own_optimizers(model: object) -> dict[str, Any]:
    """The optimizers that a model has beside the compiled one, by their attributes.

    A GAN's ``train_step`` trains with such. Parts of the compiled one are none.
    """
    compiled = getattr(model, "optimizer", None)
    if _several(compiled) is not None:
        return {}
    known = {id(compiled), id(getattr(compiled, "inner_optimizer", None))}
    own: dict[str, Any] = {}
    for name, value in vars(model).items():
        if isinstance(value, keras.optimizers.Optimizer) and id(value) not in known:
            known.add(id(value))
            own[name] = value
    return own


def has_schedule(model: object) -> bool:
    """Whether a rate of a model's moves by itself, or may, of optimizers yet to be made."""
    optimizer = getattr(model, "optimizer", None)
    several = _several(optimizer)
    if several is None:
        own = own_optimizers(model).values() if isinstance(model, keras.Model) else ()
        return any(_schedule(one) is not None for one in (optimizer, *own))
    return not several or any(_schedule(one) is not None for one in several)


def _schedule(optimizer: object) -> Callable[..., object] | None:
    kept = getattr(optimizer, "__dict__", {})  # a scripted optimizer refuses other names
    found = (kept.get(name) for name in ("_learning_rate", "_schedule"))
    return next((schedule for schedule in found if callable(schedule)), None)


def _several(optimizer: object) -> Any:
    """The optimizers that one is made of; ``None`` if it is one."""
    return optimizer.optimizers if hasattr(optimizer, "optimizers") else None


def _array(tensor: Any) -> Any:
    # TensorFlow's own .numpy(): Keras' way to an array warns under numpy 2.
    if keras.backend.backend() == "tensorflow" and hasattr(tensor, "numpy"):
        if type(tensor).__name__ == "ResourceVariable":  # each hook reads every one
            import tensorflow as tf

            # The operation alone takes a quarter of the time of the variable's .numpy().
            tensor = tf.raw_ops.ReadVariableOp(resource=tensor.handle, dtype=tensor.dtype)
        return tensor.numpy()
    return keras.ops.convert_to_numpy(tensor)
