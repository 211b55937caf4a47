"""Whose weights a real model has: a journal beside the model, known by what the weights are.

In anyone's training a journal hears of calls for weights while callbacks are at work,
on the object: the model's class stays its own, for whoever pickles, copies or
serializes it. In a play the model is still the same object, and its class is one made of a
mixin and the model's own, under the same name; files are written under its own
class and load without dryfit.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache, partial
from types import new_class
from typing import Any, TypeVar

from dryfit_fakes.backend import keras
from dryfit_fakes.journal import (
    Journal,
    Journaled,
    Observation,
    WeightsCall,
    fingerprint,
    first_rates,
    has_schedule,
    learning_rate,
    own_optimizers,
    rates_by_name,
)
from dryfit_fakes.protocols import FilePath, Rates, RealModel
from dryfit_fakes.releases import TENSORFLOW_SAVES_TOO
from dryfit_fakes.weights import INITIAL, MIXED, TAG_SHAPE, Weights, decode, encode

_T = TypeVar("_T")

# Keras 3.16 has the first, for every backend; until 3.15 there is the second, jax's own. The third
# was announced in its place (keras#23620).
_SYNCS = ("state_sync", "jax_state_sync", "_backend_state_sync")
_READS = ("get_weights", "save", "save_weights")
_OF_FILES = ("save", "save_weights", "load_weights")
_CALLS = ("get_weights", "set_weights", *_OF_FILES)


@keras.saving.register_keras_serializable(package="dryfit")
class IdentityTag(keras.layers.Layer):  # type: ignore[misc]
    """Passes its input through; its one weight says whose weights the model has.

    Weights are known by what they are. The tag makes two batches differ that
    train nothing (at a rate of 0, say), and tells of weights in a file.
    """

    def build(self, input_shape: object) -> None:
        """Make the tag, shape (4, 3), not trained."""
        self.tag = self.add_weight(shape=TAG_SHAPE, trainable=False, name="tag")
        self.tag.assign(encode(INITIAL))

    def call(self, inputs: _T) -> _T:
        """Return the input."""
        return inputs


class ModelJournal(Journal):
    """The journal of a real model.

    Weights are told apart by a checksum. It is taken when they are read, saved,
    set or loaded, so that a long training is not slowed down.

    Args:
        model: a ``keras.Model``.
    """

    def __init__(self, model: RealModel) -> None:
        self.model = model
        self._whose: dict[int, Weights] = {}  # by checksum
        self._identity = INITIAL
        self._looked: tuple[int, int | None] | None = None
        self._trains = True
        self._own: dict[str, Any] = {}
        self._rate: Rates = None
        self._moves = True  # or may, as far as it is known

    def observe(self) -> Observation:
        """Read what a callback can change."""
        if not self._is_apart:
            self.known("the model's state", self.sync, None)
            self._rate = self.rate
        stop = self.known("stop_training", lambda: bool(self.model.stop_training), False)
        return Observation(self._rate, stop, False)

    @property
    def _is_apart(self) -> bool:
        """Whether jax has the values of the model's variables for itself, and no rate can differ.

        Who asks a callback for its model has them put in (``keras/src/callbacks/callback.py``,
        3.15.1). What is assigned without that is lost; if a look put them in, it would count.
        """
        return not self._moves and getattr(self.model, "_jax_state_synced", True) is False

    @property
    def rate(self) -> Rates:
        """The optimizer's rate, of several by their names."""
        return self.known("learning_rate", self._read_rate, None)

    def first_rates(self) -> Rates:
        """Read what the first step trained with, if it made the optimizers itself."""
        return self.known("learning_rate", lambda: first_rates(self.model.optimizer), None)

    @property
    def weights_identity(self) -> Weights:
        """Whose weights the model has."""
        return self._identity

    def trained(self, before: Weights, epoch: int, batch: int, batches: int) -> None:
        """Count batches that trained the model, whose weights they found it with."""
        self._identity = self.advance(before, epoch, batch, batches)

    def count(self, epoch: int | None, first: int | None, last: int) -> None:
        """Count the batches that a step of ``fit`` has trained, if it is one."""
        if epoch is None or first is None:
            return
        if (self.fits, epoch) != self._looked:  # layers are frozen between epochs, if ever
            self._looked = (self.fits, epoch)
            self._trains = self.known(
                "trainable variables", lambda: bool(self.model.trainable_variables), True
            )
        if self._trains:
            self.trained(self._identity, epoch, last, last - first + 1)

    def noted(self, method: str, path: FilePath | None, call: Callable[[], _T]) -> _T:
        """Make a call that reads or writes weights, under the model's own class."""

        def made() -> _T:
            self.known("the model's state", self.sync, None)
            if method in _READS and (checksum := self.checksum()) is not None:
                self._whose[checksum] = self.weights_identity
            with plainly(self.model):
                result = call()
            if method not in _READS:
                self.put_in()
            return result

        return super().noted(method, path, made)

    def put_in(self) -> None:
        """See whose weights were set or loaded; nobody's if they cannot be read."""
        checksum = self.checksum()
        self._identity = MIXED if checksum is None else self._whose.get(checksum, MIXED)

    def checksum(self) -> int | None:
        """A checksum of all weights; ``None`` if they cannot be read."""
        return self.known("weights", lambda: fingerprint(self.model.weights), None)

    def listen(
        self,
        note: Callable[[WeightsCall], None] | None,
        unread: Callable[[str, Exception], None] | None = None,
    ) -> None:
        """Hand every later call to a function; a model has all its optimizers by then."""
        super().listen(note, unread)
        self._own = self.known("optimizers", lambda: own_optimizers(self.model), {})
        self._moves = self.known("optimizers", lambda: has_schedule(self.model), True)

    def _read_rate(self) -> Rates:
        optimizer = getattr(self.model, "optimizer", None)
        if not self._own:
            return None if optimizer is None else learning_rate(optimizer)
        every = self._own if optimizer is None else {"optimizer": optimizer, **self._own}
        return rates_by_name(every)

    def sync(self) -> None:
        """Let the model's variables have their values: on jax a training step keeps them."""
        for name in _SYNCS:
            if (sync := getattr(self.model, name, None)) is not None:
                sync()
                return


class WatchfulJournal(ModelJournal):
    """Takes the checksum after every batch and around every hook, to see weights edited in place.

    Too slow for a long training, and right for a play.
    """

    def __init__(self, model: RealModel) -> None:
        super().__init__(model)
        tagging = (layer for layer in model.layers if isinstance(layer, IdentityTag))
        self._tag = next((layer.tag for layer in tagging), None)
        self._has_weights = False  # a model may make them in its first step
        self.settle()

    def observe(self) -> Observation:
        """Read what a callback can change, and whether weights differ, wherever jax has them."""
        self.known("the model's state", self.sync, None)
        return super().observe()._replace(edited=self._edited)

    @property
    def weights_identity(self) -> Weights:
        """Whose weights the model has; nobody's if they were edited or mixed."""
        self.sync()
        return self._put_back if self._edited else self._identity

    @property
    def _put_back(self) -> Weights:
        """Whose weights they are that came into the model with a tag, and by no call of it."""
        if self._tag is None or not TENSORFLOW_SAVES_TOO:
            return MIXED
        tagged = decode(keras.ops.convert_to_numpy(self._tag))
        return MIXED if tagged == self._identity else tagged

    def trained(self, before: Weights, epoch: int, batch: int, batches: int) -> None:
        """Count batches that trained the model, and write on the tag whose weights they are."""
        super().trained(before, epoch, batch, batches)
        if self._tag is not None:
            self._tag.assign(encode(self._identity))
        self.settle()

    def put_in(self) -> None:
        """See whose weights were set or loaded; a tag tells of those from another model."""
        super().put_in()
        if self._identity == MIXED and self._tag is not None:
            tagged = decode(keras.ops.convert_to_numpy(self._tag))
            self._identity = MIXED if tagged in self._whose.values() else tagged
        self._checksum = self.checksum()

    @property
    def _edited(self) -> bool:
        if not self._has_weights:
            self.settle()
        return self.checksum() != self._checksum

    def settle(self) -> None:
        """Let the weights be those of the batch that trained them last, whatever they are now."""
        # Weights that did not change are still those that somebody may have read.
        self._has_weights = bool(self.model.weights)
        self._checksum = self.checksum()
        if self._checksum is not None:
            self._whose.setdefault(self._checksum, self._identity)


def attach(model: RealModel, journal: Journal, mixin: type[Journaled]) -> None:
    """Put a journal beside a model, to hear of its calls from here on."""
    object.__setattr__(model, "_dryfit_journal", journal)
    object.__setattr__(model, "__class__", _with(mixin, type(model)))  # type: ignore[arg-type]


@contextmanager
def heard(journal: ModelJournal) -> Iterator[None]:
    """Let a journal hear of its model's calls for a while; its class stays its own.

    For as long as callbacks are at work: whatever ends a training outside of them
    leaves nothing of this on the model.
    """
    model = journal.model
    attributes = vars(model)
    before = {name: attributes[name] for name in _CALLS if name in attributes}
    calls = {name: partial(_noted, journal, name, getattr(model, name)) for name in _CALLS}
    attributes.update(calls)
    try:
        yield
    finally:
        for name, call in calls.items():
            if attributes.get(name) is call:  # else a callback has put its own there
                del attributes[name]
                attributes.update({name: before[name]} if name in before else {})


def _noted(
    journal: ModelJournal, method: str, own: Callable[..., Any], *args: Any, **kwargs: Any
) -> Any:
    path = None
    if method in _OF_FILES:
        path = args[0] if args else kwargs.get("filepath")
    return journal.noted(method, path, partial(own, *args, **kwargs))


def detach(model: object) -> None:
    """Give a model its own class back."""
    object.__setattr__(model, "__class__", own_class(type(model)))


@contextmanager
def plainly(model: object) -> Iterator[None]:
    """Let a model be of its own class for a while: what it writes is what it would write."""
    attached = type(model)
    detach(model)
    try:
        yield
    finally:
        object.__setattr__(model, "__class__", attached)


@cache
def _with(mixin: type[Journaled], own: type) -> type:
    def body(namespace: dict[str, Any]) -> None:
        namespace |= {"__module__": own.__module__, "__doc__": own.__doc__}

    made = new_class(own.__name__, (mixin, own), exec_body=body)
    made.__qualname__ = own.__qualname__
    return made


def own_class(kind: type) -> type:
    """The class that a model has when nobody plays with it."""
    return kind.__bases__[1] if issubclass(kind, Journaled) else kind
