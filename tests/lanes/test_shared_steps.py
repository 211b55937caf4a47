"""Steps that are traced once a process: a network that somebody changed has steps of its own."""

import importlib
from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf

from dryfit import play
from dryfit.lanes import shared_steps

# At the rate of 0.01 a batch moves the bias by 0.01, as the target is out of reach.
CHANGES: dict[str, tuple[Callable[[Any], None], float]] = {
    "nothing": (lambda model: None, 0.01),
    "the rate": (lambda model: setattr(model.optimizer, "learning_rate", 0.5), 0.5),
    "the weights": (lambda model: model.set_weights(model.get_weights()), 0.01),
    "a frozen bias": (lambda model: setattr(model.layers[-1].bias, "trainable", False), 0.0),
    "a clipped gradient": (lambda model: setattr(model.optimizer, "clipvalue", 0.5), 0.005),
    "an activation": (lambda model: setattr(model.layers[-1], "activation", _thrice), 0.03),
    "another optimizer": (
        lambda model: setattr(model, "optimizer", keras.optimizers.SGD(2.0)),
        2.0,
    ),
    "a step": (lambda model: setattr(model, "train_step", None), 0.01),  # Keras asked for it before
}


def _thrice(x: Any) -> Any:
    return 3.0 * x


class _Changes(keras.callbacks.Callback):  # type: ignore[misc]
    """Changes the model once, the first time that a hook is called."""

    def __init__(self, hook: str, change: Callable[[Any], None]) -> None:
        super().__init__()
        self._changes = [change]
        setattr(self, hook, self._change)

    def _change(self, index: Any = None, logs: Any = None) -> None:
        for change in self._changes:
            change(self.model)
        self._changes = []


def _in_plain_keras(callback: Any) -> Any:
    network = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
    network.compile(keras.optimizers.SGD(0.01), "mean_absolute_error")
    x, y = np.zeros((4, 1)), np.full((4, 1), 1e9)
    arguments: Any = {"batch_size": 2, "epochs": 2, "shuffle": False, "verbose": 0}
    network.fit(x, y, callbacks=[callback], **arguments)
    return network


@pytest.fixture
def traced(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How often a layer multiplied, which it does when a step is traced."""
    calls: list[int] = []
    ops = importlib.import_module("keras.src.ops")
    matmul = ops.matmul

    def counted(*args: Any) -> Any:
        calls.append(1)
        return matmul(*args)

    monkeypatch.setattr(ops, "matmul", counted)
    for _ in range(2):  # the first that comes traces its validation for itself
        play({"val_loss": "3 2"}, [], "real", batches=2)
    calls.clear()
    return calls


@pytest.mark.parametrize("change", CHANGES)
def test_a_change_before_the_first_step(change: str) -> None:
    """The bias after four batches is that of plain Keras, and that of a calculation by hand."""
    made, moved = CHANGES[change]
    hook = "on_train_batch_begin"
    run = play({"val_loss": "3 2"}, [_Changes(hook, made)], "real", batches=2)
    bias = float(run.model.layers[-1].bias.numpy()[0])
    plain = _in_plain_keras(_Changes(hook, made))
    assert bias == pytest.approx(float(plain.layers[-1].bias.numpy()[0]), rel=1e-6)
    assert bias == pytest.approx(4 * moved, rel=1e-6)
    assert int(run.model.optimizer.iterations) == int(plain.optimizer.iterations) == 4


@pytest.mark.parametrize("change", ["the rate", "a frozen bias", "an activation"])
def test_a_change_behind_the_first_step(change: str) -> None:
    """In plain Keras what was traced stays; the rate is a variable, and goes on."""
    made, _ = CHANGES[change]
    run = play({"val_loss": "3 2"}, [_Changes("on_epoch_end", made)], "real", batches=2)
    plain = _in_plain_keras(_Changes("on_epoch_end", made))
    expected = 2 * 0.01 + 2 * (0.5 if change == "the rate" else 0.01)
    assert float(run.model.layers[-1].bias.numpy()[0]) == pytest.approx(expected, rel=1e-6)
    assert float(plain.layers[-1].bias.numpy()[0]) == pytest.approx(expected, rel=1e-6)


def test_the_second_network_traces_nothing(traced: list[int]) -> None:
    """Neither to train nor to validate, and whatever a callback does with rate and weights."""
    stops = keras.callbacks.EarlyStopping(patience=0, restore_best_weights=True)
    reduces = keras.callbacks.ReduceLROnPlateau(patience=1)
    run = play({"val_loss": "3 4 4"}, [reduces, stops], "real", batches=2)
    assert (run.stopped_epoch, traced) == (1, [])


@pytest.mark.parametrize("change", ["a frozen bias", "a clipped gradient", "another optimizer"])
def test_a_changed_network_is_traced_for_itself(traced: list[int], change: str) -> None:
    """And the next one is not."""
    play({"val_loss": "3 2"}, [_Changes("on_train_begin", CHANGES[change][0])], "real", batches=2)
    assert traced
    traced.clear()
    play({"val_loss": "3 2"}, [], "real", batches=2)
    assert not traced


def test_settings_that_change_behind_the_network() -> None:
    """A network of float32 takes no steps of another, whatever a callback sets."""
    halves = _Changes("on_train_begin", lambda model: keras.config.set_dtype_policy("float16"))
    try:
        run = play({"val_loss": "3 2"}, [halves], "real")
    finally:
        keras.config.set_dtype_policy("float32")
    assert float(run.model.layers[-1].bias.numpy()[0]) == pytest.approx(2 * 0.01)


@pytest.mark.parametrize("first", ["patched", "released"])
def test_a_method_that_is_replaced_for_a_while(monkeypatch: pytest.MonkeyPatch, first: str) -> None:
    """It is called in its while, and by no play behind it, whichever is traced first."""
    monkeypatch.setattr(shared_steps, "_traced", {})
    update = keras.optimizers.SGD.update_step

    def twice(self: Any, gradient: Any, *args: Any) -> None:
        update(self, 2 * gradient, *args)

    biases = []
    for patched in (first == "patched", first == "released", True, False):
        with monkeypatch.context() as patch:
            if patched:
                patch.setattr(keras.optimizers.SGD, "update_step", twice)
            run = play({"loss": "3"}, [], "real", batches=1, epochs=1)
        biases.append((patched, round(float(run.model.layers[-1].bias.numpy()[0]), 6)))
    assert all(bias == (0.02 if patched else 0.01) for patched, bias in biases), biases


def test_an_evaluation_builds_no_optimizer() -> None:
    """As in Keras, where the first training step does."""
    for _ in range(3):  # the first for itself, the second for all others, the third by it
        run = play({"val_loss": "3"}, [], "real", epochs=1, call="evaluate")
        assert not run.model.optimizer.built
    built = []

    class _Evaluates(keras.callbacks.Callback):  # type: ignore[misc]
        def on_train_begin(self, logs: Any = None) -> None:
            self.model.evaluate(np.zeros((1, 1)), np.zeros((1, 1)), verbose=0)
            built.append(self.model.optimizer.built)

    run = play({"val_loss": "3 2"}, [_Evaluates()], "real", batches=2)
    assert (built, run.model.optimizer.built) == ([False], True)
    assert float(run.model.layers[-1].bias.numpy()[0]) == pytest.approx(0.04)


def test_a_tape_is_told_of_the_networks_own_variables() -> None:
    """Not of those of the network that was traced."""
    play({"loss": "3"}, [], "real", epochs=1)
    with tf.GradientTape() as tape:
        run = play({"loss": "3"}, [], "real", epochs=1)
    dense = run.model.layers[-1]
    assert [id(one) for one in tape.watched_variables()] == [
        id(dense.kernel.value),
        id(dense.bias.value),
    ]


def test_a_callbacks_own_batches_end_as_in_keras() -> None:
    """Its function asks for one more inside of the graph, which counts as an iteration."""

    def train(model: Any) -> None:
        batch = np.zeros((1, 1), np.float32), np.full((1, 1), 1e9, np.float32)
        batches = iter(tf.data.Dataset.from_tensors(batch))
        model.train_function(batches)
        with pytest.raises(tf.errors.OutOfRangeError):
            model.train_function(batches)

    run = play({"loss": "3 2"}, [_Changes("on_train_end", train)], "real", batches=2)
    plain = _in_plain_keras(_Changes("on_train_end", train))
    assert int(run.model.optimizer.iterations) == int(plain.optimizer.iterations) > 5


def test_each_network_has_its_own_variables() -> None:
    """Two that are trained in turn, one of them within the other, do not train each other."""
    inner: list[Any] = []

    class _Plays(keras.callbacks.Callback):  # type: ignore[misc]
        def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
            inner.append(play({"loss": "3"}, [], "real", batches=3, epochs=1).model)

    outer = play({"loss": "3 2"}, [_Plays()], "real", batches=2).model
    biases = [round(float(model.layers[-1].bias.numpy()[0]), 4) for model in (outer, *inner)]
    assert biases == [0.04, 0.03, 0.03, 0.03, 0.03]


def test_a_cleared_session_and_a_second_fit() -> None:
    """What was traced before outlives what Keras forgets, and the network goes on with it."""
    first = play({"loss": "3 2"}, [], "real", batches=2)
    keras.utils.clear_session()
    second = play({"loss": "3 2"}, [], "real", batches=2, after=first)
    assert float(second.model.layers[-1].bias.numpy()[0]) == pytest.approx(0.08)
    fresh = play({"loss": "3 2"}, [], "real", batches=2)
    assert float(fresh.model.layers[-1].bias.numpy()[0]) == pytest.approx(0.04)
