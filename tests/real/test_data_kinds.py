"""Data and losses as people have them: a Recorder changes nothing of such a fit.

Each kind is fitted twice from the same seed, traced by a callback that knows nothing of
dryfit: plain, and with its callbacks in a Recorder. Hooks, logs, rates and weights are
the same, and the recorder's timeline has the hooks that were called.
"""

from collections.abc import Callable, Iterator
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers
from plain_keras import Tracer, data

from dryfit import Recorder, play
from dryfit.run.timeline_events import Hook

X = np.linspace(-1, 1, 12, dtype=np.float32).reshape(12, 1)
Y = (X > 0).astype(np.float32)


class Rates(keras.callbacks.Callback):
    """Writes down the rate of every batch."""

    def __init__(self) -> None:
        super().__init__()
        self.rates: list[float] = []

    def on_train_batch_begin(self, batch: int, logs: Any = None) -> None:
        self.rates.append(float(self.model.optimizer.learning_rate))


class Shuffled(keras.utils.PyDataset):
    """Batches that its on_epoch_end deals anew; by a worker, if there is one."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        self.order, self.ends = list(range(4)), 0

    def __len__(self) -> int:
        return 4

    def __getitem__(self, index: int) -> Any:
        at = self.order[index] * 3
        return X[at : at + 3], Y[at : at + 3]

    def on_epoch_end(self) -> None:
        self.ends += 1
        self.order = self.order[1:] + self.order[:1]


class OwnStep(keras.Model):
    """A train_step with two losses of its own, which it tracks itself."""

    def __init__(self) -> None:
        super().__init__()
        self.first, self.second = layers.Dense(1), layers.Dense(1)
        self.means = [keras.metrics.Mean(name=name) for name in ("near", "far")]

    def call(self, x: Any) -> Any:
        return self.first(x) + self.second(x)

    @property
    def metrics(self) -> list[Any]:
        return self.means

    def train_step(self, given: Any) -> dict[str, Any]:
        x, y = given
        with tf.GradientTape() as tape:
            losses = [keras.ops.mean((layer(x) - y) ** 2) for layer in (self.first, self.second)]
            total = losses[0] + 0.1 * losses[1]
        weights = self.trainable_variables
        self.optimizer.apply_gradients(zip(tape.gradient(total, weights), weights, strict=True))
        for mean, loss in zip(self.means, losses, strict=True):
            mean.update_state(loss)
        return {mean.name: mean.result() for mean in self.means} | {"steps": 1.0}


class OwnFit(keras.Sequential):
    """A fit that adds a callback, and trains a first epoch at a rate of its own."""

    def fit(self, *args: Any, callbacks: Any = None, epochs: int = 1, **settings: Any) -> Any:
        self.optimizer.learning_rate = 0.5
        added = keras.callbacks.LambdaCallback(
            on_epoch_end=lambda epoch, logs: logs.update(doubled=2 * logs["loss"])
        )
        settings |= {"callbacks": [added, *(callbacks or [])]}
        return super().fit(*args, epochs=epochs, **settings)


def plateau() -> Any:
    """Cuts the rate after every epoch but the first."""
    return keras.callbacks.ReduceLROnPlateau(
        "loss", factor=0.5, patience=1, min_delta=100.0, verbose=0
    )


def small(kind: type = keras.Sequential, **compiled: Any) -> Any:
    """A model of one unit."""
    model = kind([keras.Input((1,)), layers.Dense(1)])
    model.compile(keras.optimizers.SGD(0.1), "mse", metrics=["mae"], **compiled)
    return model


def two_outputs() -> Any:
    """Each with its loss, of which one counts a tenth."""
    inputs = keras.Input((1,))
    outputs = {"a": layers.Dense(1, name="a")(inputs), "b": layers.Dense(1, name="b")(inputs)}
    model = keras.Model(inputs, outputs)
    losses = {"loss": {"a": "mse", "b": "mae"}, "loss_weights": {"a": 1.0, "b": 0.1}}
    model.compile(keras.optimizers.SGD(0.1), **losses, metrics={"a": ["mae"]})
    return model


def own_step() -> Any:
    """Compiled with an optimizer alone."""
    model = OwnStep()
    model.compile(keras.optimizers.SGD(0.1))
    return model


def generator() -> Iterator[Any]:
    """Batches without end."""
    while True:
        for at in range(0, 12, 3):
            yield X[at : at + 3], Y[at : at + 3]


def once() -> Iterator[Any]:
    """Four batches, and no more."""
    for at in range(0, 12, 3):
        yield X[at : at + 3], Y[at : at + 3]


def weighted_generator() -> Iterator[Any]:
    """With weights of the samples that become smaller."""
    for n, (x, y) in enumerate(generator()):
        yield x, y, np.full((3,), 1 / (1 + n), np.float32)


ARRAYS = {"x": X, "y": Y, "batch_size": 3}
TARGETS = {"a": Y, "b": 2 * Y}

# Each kind of data or loss: what makes the model, and what its fit takes.
FITS: dict[str, tuple[Callable[[], Any], Callable[[], dict[str, Any]]]] = {
    "arrays": (small, lambda: ARRAYS),
    "a generator": (small, lambda: {"x": generator(), "steps_per_epoch": 4}),
    "a generator that ends": (small, lambda: {"x": once(), "epochs": 1}),
    "a generator with sample weights": (
        small,
        lambda: {"x": weighted_generator(), "steps_per_epoch": 4},
    ),
    "a PyDataset with on_epoch_end": (small, lambda: {"x": Shuffled()}),
    "a PyDataset with a worker": (small, lambda: {"x": Shuffled(workers=1, max_queue_size=1)}),
    "tf.data": (small, lambda: {"x": data(4)}),
    "tf.data of unknown length": (small, lambda: {"x": data(4, length_known=False)}),
    "tf.data of unknown length, validation too": (
        small,
        lambda: {
            "x": data(4, length_known=False),
            "validation_data": data(2, length_known=False),
        },
    ),
    "class_weight": (small, lambda: ARRAYS | {"class_weight": {0: 1.0, 1: 3.0}}),
    "sample_weight": (small, lambda: ARRAYS | {"sample_weight": X[:, 0] ** 2}),
    "weighted metrics": (
        lambda: small(weighted_metrics=["mse"]),
        lambda: ARRAYS | {"sample_weight": X[:, 0] ** 2},
    ),
    "validation_split": (small, lambda: ARRAYS | {"validation_split": 0.25}),
    "several outputs with loss weights": (two_outputs, lambda: ARRAYS | {"y": TARGETS}),
    "a train_step with losses of its own": (own_step, lambda: ARRAYS),
    "a fit that a subclass overrides": (lambda: small(OwnFit), lambda: ARRAYS),
}


def fitted(name: str, wrap: Callable[[list[Any]], list[Any]]) -> tuple[Any, ...]:
    """What came of a fit, as far as callbacks and the user see it."""
    make, given = FITS[name]
    keras.utils.set_random_seed(1)
    model, tracer, rates = make(), Tracer(), Rates()
    cuts = [] if name.startswith("a train_step") else [plateau()]
    callbacks = wrap([tracer, rates, *cuts])
    settings = {"epochs": 3, "shuffle": False, "verbose": 0, "callbacks": callbacks} | given()
    history = model.fit(**settings)
    weights = [array.tolist() for array in model.get_weights()]
    iterations = int(model.optimizer.iterations)
    return tracer.calls, rates.rates, history.history, weights, iterations


class Counts(keras.callbacks.Callback):
    """Weighs the classes by the epoch, in the dict that was given to fit."""

    def __init__(self, weights: dict[int, float]) -> None:
        super().__init__()
        self.weights = weights

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        self.weights[1] = 3.0 + epoch


def test_a_recorder_leaves_class_weight_alone() -> None:
    """Other weights in the next fit, and a dict that a callback changes between epochs."""

    def trained(wrap: Callable[[list[Any]], list[Any]]) -> Any:
        keras.utils.set_random_seed(1)
        model, tracer = small(), Tracer()
        for weights in ({0: 1.0, 1: 3.0}, {0: 2.0, 1: 0.5}):
            callbacks = wrap([tracer, Counts(weights)])
            settings = {"epochs": 2, "shuffle": False, "verbose": 0, "class_weight": weights}
            model.fit(**ARRAYS, **settings, callbacks=callbacks)
        return tracer.calls, [array.tolist() for array in model.get_weights()]

    recorder = Recorder([])

    def recorded(callbacks: list[Any]) -> list[Any]:
        nonlocal recorder
        recorder = Recorder(callbacks)
        return [recorder]

    plain = trained(list)
    assert trained(recorded) == plain
    losses = [logs["loss"] for name, _, logs in _ends(plain[0])]
    assert recorder.run.history["loss"] == losses[2:]
    assert losses[0] != losses[2]


def _ends(calls: list[Any]) -> list[Any]:
    return [call for call in calls if call[0] == "on_epoch_end"]


def as_call(hook: Hook) -> tuple[Any, ...]:
    """A hook as the tracer writes it down."""
    index = [i for i in (hook.epoch if "epoch" in hook.name else hook.batch,) if i is not None]
    return (hook.name, *index, hook.logs)


@pytest.mark.filterwarnings("ignore:Your input ran out of data")
@pytest.mark.parametrize("name", FITS)
def test_a_recorder_changes_nothing(name: str) -> None:
    """Nor does it miss a hook."""
    recorders: list[Any] = []

    def wrap(callbacks: list[Any]) -> list[Any]:
        recorders.append(Recorder(callbacks))
        return recorders

    plain, recorded = fitted(name, list), fitted(name, wrap)
    assert recorded == plain
    calls = [call for call in plain[0] if call[0] != "set_params"]
    assert [as_call(hook) for hook in recorders[0].run.hooks] == calls
    trained = sum(call[0] == "on_train_batch_end" for call in calls)
    assert recorders[0].run.weights.trained_batches == trained


@pytest.mark.parametrize(
    "name",
    [
        "several outputs with loss weights",
        "a train_step with losses of its own",
        "a fit that a subclass overrides",
    ],
)
def test_the_real_lane_trains_such_a_model(name: str) -> None:
    """As it trains itself: the hooks of its own fit; what is reported is the script's."""
    make, given = FITS[name]
    keras.utils.set_random_seed(1)
    model, tracer, played = make(), Tracer(), Tracer()
    model.fit(**given(), epochs=3, shuffle=False, verbose=0, callbacks=[tracer])
    again = make()
    batch = (X[:3], {key: y[:3] for key, y in TARGETS.items()}) if "outputs" in name else None
    if not again.built:
        again(X[:3])
    before = [array.copy() for array in again.get_weights()]
    run = play({"loss": "3 2 1"}, [played], "real", again, batches=4, data=batch or (X[:3], Y[:3]))
    assert list(map(_place, played.calls)) == list(map(_place, tracer.calls))
    assert run.history["loss"] == [3.0, 2.0, 1.0]
    after = again.get_weights()
    assert not all(np.array_equal(a, b) for a, b in zip(before, after, strict=True))


def _place(call: tuple[Any, ...]) -> tuple[Any, ...]:
    """A hook and its index, without what was reported."""
    return tuple(part for part in call if not isinstance(part, dict))
