"""``train_on_batch`` and ``test_on_batch`` in a hook of ``fit``: what the fit makes of it."""

from functools import cache
from typing import Any

import keras
import numpy as np
import pytest

from dryfit import play

LANES = pytest.mark.parametrize("lane", ["fake", "real"])
BATCHES, VALIDATION = [3.0, 2.0, 1.0], [8.0, 6.0]


class _Follows(keras.callbacks.Callback):  # type: ignore[misc]
    """Knows which batch was trained last in this epoch, and what was told of each."""

    def __init__(self) -> None:
        super().__init__()
        self.last = 0
        self.told: list[float] = []

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        self.last = 0

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        self.last = batch
        self.told.append(logs["loss"])


class _InHook(keras.callbacks.Callback):  # type: ignore[misc]
    """Trains or tests one batch in a hook: the one that was trained last, or the first of all."""

    def __init__(self, hook: str, call: str, place: _Follows) -> None:
        super().__init__()
        self._call, self._place = call, place
        self.returned: list[float] = []
        setattr(self, hook, self._train_or_test)

    def _train_or_test(self, index: Any = None, logs: Any = None) -> None:
        trains = self._call == "train_on_batch"
        value = BATCHES[self._place.last] if trains else VALIDATION[0]
        self.returned.append(getattr(self.model, self._call)(_batch(value), _batch(0.0)))


def _batch(value: float) -> Any:
    return np.full((1, 1), value, "float32")


@cache
def _in_plain_keras(hook: str, call: str) -> Any:
    """A fit of two epochs, in which nothing is learnt and a batch's loss is its number."""
    place = _Follows()
    in_hook = _InHook(hook, call, place)
    model = keras.Sequential(
        [keras.Input((1,)), keras.layers.Dense(1, use_bias=False, kernel_initializer="ones")]
    )
    model.compile(keras.optimizers.SGD(0.0), "mae")
    x, y = (np.array([BATCHES]).T, np.zeros((3, 1)))
    validation = (np.array([VALIDATION]).T, np.zeros((2, 1)))
    arguments: Any = {"batch_size": 1, "epochs": 2, "shuffle": False, "verbose": 0}
    arguments |= {"validation_data": validation, "validation_batch_size": 1}
    history = model.fit(x, y, callbacks=[place, in_hook], **arguments).history
    return in_hook.returned, place.told, history


@LANES
@pytest.mark.parametrize("call", ["train_on_batch", "test_on_batch"])
@pytest.mark.parametrize(
    "hook",
    [
        *("on_epoch_begin", "on_train_batch_begin", "on_train_batch_end", "on_epoch_end"),
        *("on_test_begin", "on_test_end", "on_train_end"),
    ],
)
def test_it_is_as_in_keras(lane: str, call: str, hook: str) -> None:
    """What it returns, and what the running means of the epoch come to, which it resets."""
    place = _Follows()
    ours = _InHook(hook, call, place)
    returned, told, history = _in_plain_keras(hook, call)
    rows = {name: [[*of], [*of]] for name, of in (("loss", BATCHES), ("val_loss", VALIDATION))}
    run = play({}, [place, ours], lane, batches=3, val_batches=2, epochs=2, batch_metrics=rows)
    assert ours.returned == pytest.approx(returned)
    assert place.told == pytest.approx(told)
    assert run.history == {name: pytest.approx(history[name]) for name in run.history}


@LANES
@pytest.mark.parametrize("hook", ["on_epoch_begin", "on_train_batch_end", "on_epoch_end"])
def test_the_epochs_stay_those_of_fit(lane: str, hook: str) -> None:
    """By hand: 3 2 1 and then no better, so that it stops in epoch 3 and puts back epoch 2."""
    stopping = keras.callbacks.EarlyStopping("loss", patience=1, restore_best_weights=True)
    ours = _InHook(hook, "train_on_batch", _Follows())
    run = play({"loss": "3 2 1 2 3 4 5"}, [ours, stopping], lane, batches=3)
    assert run.history["loss"] == [3, 2, 1, 2]
    assert (run.stopped_epoch, run.weights_epoch) == (3, 2)
