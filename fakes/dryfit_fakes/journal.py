"""A note of every get, set, save and load of weights.

One mixin for the scripted model and for real ones: what a callback did with
weights reads the same in both lanes. The journal of a real model is an object
beside it, so that no name of ours stands in the way of the model's own.
"""

import zlib
from abc import abstractmethod
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from typing import Any, NamedTuple

from dryfit_fakes.backend import keras
from dryfit_fakes.disk import Writes
from dryfit_fakes.weights import Weights


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

    learning_rate: float | None
    stop_training: bool
    edited: bool


class Journal:
    """Hears of every call for a model's weights, and answers whose they are."""

    _note: Callable[[WeightsCall], None] | None = None
    _noting = False
    fits = -1
    trained_batches = 0
    tick: Callable[[float], object] = staticmethod(lambda seconds: None)
    elapsed_s = 0.0  # on the script's clock, in all plays so far
    disk = Writes(None)

    @abstractmethod
    def observe(self) -> Observation:
        """Read what a callback can change."""

    @property
    @abstractmethod
    def weights_identity(self) -> Weights:
        """Whose weights the model has."""

    def listen(self, note: Callable[[WeightsCall], None] | None) -> None:
        """Hand every later call to a function, or to none."""
        self._note = note

    def advance(self, before: Weights, epoch: int, batch: int, batches: int) -> Weights:
        """Count some more batches; return whose weights they make of those before."""
        trained = before.trained_batches
        if trained is None:  # nobody's have no count of their own; the model's goes on
            trained = self.trained_batches
        self.trained_batches += batches
        return Weights(self.fits, epoch, batch, trained + batches)

    def noted(self, method: str, path: Any, call: Callable[[], Any]) -> Any:
        """Make a call that reads or writes weights, and hand it on."""
        if self._note is None or self._noting:
            return call()
        self._noting = True  # Keras' own calls inside are not news
        try:
            old = self.weights_identity
            writes = method in ("save", "save_weights")
            result = self.disk.write(path, call) if writes else call()
        finally:
            self._noting = False
        self._note(
            WeightsCall(method, None if path is None else str(path), old, self.weights_identity)
        )
        return result


class Journaled:
    """Mixin in front of a model class: its journal hears of every call for weights."""

    _dryfit_journal: Any

    def get_weights(self) -> list[Any]:
        """Return the weights as arrays."""
        call = super().get_weights  # type: ignore[misc]
        arrays: list[Any] = self._dryfit_journal.noted("get_weights", None, call)
        return arrays

    def set_weights(self, weights: list[Any]) -> None:
        """Put arrays in as weights."""
        call = super().set_weights  # type: ignore[misc]
        self._dryfit_journal.noted("set_weights", None, partial(call, weights))

    def save(self, filepath: Any, *args: Any, **kwargs: Any) -> None:
        """Write the whole model to a file."""
        call = partial(super().save, filepath, *args, **kwargs)  # type: ignore[misc]
        self._dryfit_journal.noted("save", filepath, call)

    def save_weights(self, filepath: Any, *args: Any, **kwargs: Any) -> None:
        """Write weights and the optimizer's state to a file."""
        call = partial(super().save_weights, filepath, *args, **kwargs)  # type: ignore[misc]
        self._dryfit_journal.noted("save_weights", filepath, call)

    def load_weights(self, filepath: Any, *args: Any, **kwargs: Any) -> None:
        """Read weights back from a file."""
        call = partial(super().load_weights, filepath, *args, **kwargs)  # type: ignore[misc]
        self._dryfit_journal.noted("load_weights", filepath, call)


def journal_of(model: Any) -> Any:
    """The journal that hears of a model's calls now, ``None`` if none does."""
    return model._dryfit_journal if isinstance(model, Journaled) else None


def fingerprint(variables: Iterable[Any]) -> int:
    """Make a checksum of a real model's variables."""
    checksum = 0
    for variable in variables:
        checksum = zlib.crc32(_array(variable.value).tobytes(), checksum)
    return checksum


def learning_rate(optimizer: Any) -> float:
    """Read a real optimizer's rate."""
    rate = optimizer.learning_rate
    return float(_array(getattr(rate, "value", rate)))


def _array(tensor: Any) -> Any:
    # TensorFlow's own .numpy(): Keras' way to an array warns under numpy 2.
    if keras.backend.backend() == "tensorflow" and hasattr(tensor, "numpy"):
        return tensor.numpy()
    return keras.ops.convert_to_numpy(tensor)
