"""A recorder never ends a training: what it cannot read is noted, with the reason."""

from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import pytest

from dryfit import Recorder
from dryfit.events import Unread
from dryfit.recorder.model_journal import ModelJournal

X, Y = np.ones((4, 2), "float32"), np.ones((4, 1), "float32")


def _raise(*args: Any) -> Any:
    raise RuntimeError("not to be read")


class Hostile:
    """Raises whatever is done with it."""

    shape = ()
    __eq__ = __bool__ = __float__ = __array__ = __repr__ = item = _raise
    __hash__ = None


class Keeps(keras.callbacks.Callback):
    """Has an attribute that raises when it is read, and cuts the rate."""

    def __init__(self) -> None:
        super().__init__()
        self.odd = Hostile()

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        self.model.optimizer.learning_rate = self.model.optimizer.learning_rate * 0.5


class Spoils(keras.callbacks.Callback):
    """Writes a value into the logs that cannot be compared."""

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        logs["odd"] = Hostile()


class Saves(keras.callbacks.Callback):
    """Reads weights and puts them back."""

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        self.model.set_weights(self.model.get_weights())


def _fit(callbacks: list[Any], recorded: bool) -> tuple[dict[str, Any], list[Any], Recorder | None]:
    keras.utils.set_random_seed(1)
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
    model.compile(keras.optimizers.SGD(0.1), "mse")
    recorder = Recorder(callbacks) if recorded else None
    given = callbacks if recorder is None else [recorder]
    history = model.fit(X, Y, batch_size=2, epochs=2, verbose=0, callbacks=given).history
    return history, [w.tolist() for w in model.get_weights()], recorder


@pytest.mark.parametrize(
    "what",
    ["_read_rate", "sync"],
    ids=["the rate", "the state"],
)
def test_what_of_the_model_cannot_be_read_is_noted(
    what: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The training goes on as without a recorder."""
    plain = _fit([Keeps()], recorded=False)[:2]
    monkeypatch.setattr(ModelJournal, what, _raise)
    history, weights, recorder = _fit([Keeps()], recorded=True)
    assert (history, weights) == plain
    names = {"_read_rate": "learning_rate", "sync": "the model's state"}
    unread = [event for event in recorder.run.timeline if isinstance(event, Unread)]  # type: ignore[union-attr]
    assert (unread[0].what, unread[0].message) == (names[what], "not to be read")


def test_weights_that_cannot_be_read_are_nobodys(monkeypatch: pytest.MonkeyPatch) -> None:
    """The fit goes on, and so does what the callback does with them."""
    plain = _fit([Saves()], recorded=False)[:2]
    monkeypatch.setattr("dryfit.recorder.model_journal.fingerprint", _raise)
    history, weights, recorder = _fit([Saves()], recorded=True)
    assert (history, weights) == plain
    assert recorder.run.weights_epoch is None  # type: ignore[union-attr]


@pytest.mark.parametrize("make", [Keeps, Spoils], ids=lambda make: make.__name__)
def test_objects_that_raise_change_nothing(make: Callable[[], Any]) -> None:
    """Neither an attribute of a callback nor a value in its logs."""
    history, weights, _ = _fit([make()], recorded=False)
    recorded, same_weights, recorder = _fit([make()], recorded=True)
    assert (recorded["loss"], same_weights) == (history["loss"], weights)
    assert recorder.run.epochs == (0, 1)  # type: ignore[union-attr]


def test_an_attribute_that_cannot_be_read_is_named_once() -> None:
    """However many epochs there are."""
    recorder = _fit([Keeps()], recorded=True)[2]
    unread = [event for event in recorder.run.timeline if isinstance(event, Unread)]  # type: ignore[union-attr]
    assert [(event.what, event.message) for event in unread] == [("Keeps.odd", "not to be read")]
    assert "Keeps.odd cannot be read: RuntimeError: not to be read" in recorder.run.table()  # type: ignore[union-attr]


def test_a_rate_that_cannot_be_read_leaves_the_other_facts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Stops and weights are known as ever."""
    monkeypatch.setattr(ModelJournal, "_read_rate", _raise)
    stopping = keras.callbacks.EarlyStopping(monitor="loss", patience=0, min_delta=100)
    run = _fit([stopping], recorded=True)[2].run  # type: ignore[union-attr]
    assert (run.stopped_epoch, run.stopped_by, run.learning_rate) == (
        1,
        "EarlyStopping",
        (None,) * 2,
    )
