"""Kinds of training that people run, each as a model and one batch that it trains with.

Imports nothing of dryfit: plain Keras is the judge.
"""

from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from keras import layers, optimizers

X = np.linspace(0, 1, 8, dtype=np.float32).reshape(4, 2)
Y = np.ones((4, 1), np.float32)

BATCHES, VAL_BATCHES, EPOCHS = 4, 2, 5


def _stack(*inner: Any, bias: bool = True) -> Any:
    return keras.Sequential([keras.Input((2,)), *inner, layers.Dense(1, use_bias=bias)])


def _compiled(model: Any, optimizer: Any = None, **settings: Any) -> Any:
    model.compile(optimizer or optimizers.SGD(0.1), **{"loss": "mse", **settings})
    return model


class Subclassed(keras.Model):
    """Makes its layers' variables when it is first called."""

    def __init__(self) -> None:
        super().__init__()
        self.hidden, self.out = layers.Dense(2), layers.Dense(1)

    def call(self, x: Any) -> Any:
        return self.out(self.hidden(x))


class Scaled(keras.Sequential):
    """Has a loss of its own."""

    def compute_loss(self, *args: Any, **kwargs: Any) -> Any:
        return 2 * super().compute_loss(*args, **kwargs)


class Gan(keras.Model):
    """Trains two networks in turn, each with an optimizer of its own."""

    def __init__(self) -> None:
        super().__init__()
        self.generator = keras.Sequential([keras.Input((2,)), layers.Dense(2)])
        self.critic = keras.Sequential([keras.Input((2,)), layers.Dense(1)])
        self.built = True

    def compile(self, slow: Any, fast: Any) -> None:
        super().compile()
        self.slow, self.fast = slow, fast
        self.tracker = keras.metrics.Mean(name="loss")

    @property
    def metrics(self) -> list[Any]:
        return [self.tracker]

    def call(self, x: Any) -> Any:
        return self.critic(self.generator(x))

    def train_step(self, data: Any) -> Any:
        x, y = data
        for part, optimizer in ((self.critic, self.fast), (self.generator, self.slow)):
            with tf.GradientTape() as tape:
                loss = keras.ops.mean(keras.ops.square(self(x, training=True) - y))
            gradients = tape.gradient(loss, part.trainable_variables)
            optimizer.apply(gradients, part.trainable_variables)
        self.tracker.update_state(loss)
        return {"loss": self.tracker.result()}

    def test_step(self, data: Any) -> Any:
        x, y = data
        self.tracker.update_state(keras.ops.mean(keras.ops.square(self(x) - y)))
        return {"loss": self.tracker.result()}


def gan() -> Any:
    model = Gan()
    model.compile(optimizers.SGD(0.01), optimizers.SGD(0.02))
    return model


def _outputs() -> Any:
    inputs = keras.Input((2,))
    made = {name: layers.Dense(1, name=name)(inputs) for name in ("mean", "size")}
    weights = {"mean": 1.0, "size": 0.5}
    model = keras.Model(inputs, made)
    return _compiled(model, loss=dict.fromkeys(made, "mse"), loss_weights=weights)


def _several(first: str, second: str) -> Any:
    model = _stack(layers.Dense(1, name="base"))
    slow, fast = optimizers.SGD(0.1, name=first), optimizers.SGD(0.05, name=second)
    both = optimizers.MultiOptimizer(lambda v: slow if "base" in v.path else fast)
    return _compiled(model, both)


def _frozen(some: bool) -> Any:
    model = _stack(layers.Dense(2, name="base"))
    for layer in model.layers[: 1 if some else None]:
        layer.trainable = False
    return _compiled(model)


def _mixed(policy: str) -> Any:
    model = _stack(layers.Dense(2, dtype=policy))
    return _compiled(model, optimizers.LossScaleOptimizer(optimizers.SGD(0.1)))


def _random() -> Any:
    return _compiled(_stack(layers.Dense(4), layers.BatchNormalization(), layers.Dropout(0.5)))


def _nested() -> Any:
    inner = keras.Sequential([keras.Input((2,)), layers.Dense(2)])
    return _compiled(_stack(inner))


def _penalised() -> Any:
    return _compiled(_stack(layers.Dense(2, activity_regularizer="l2", kernel_regularizer="l2")))


class Unfreezes(keras.callbacks.Callback):
    """Lets layers train that were frozen when the model was compiled."""

    def on_train_begin(self, logs: Any = None) -> None:
        for layer in self.model.layers:
            layer.trainable = True


def _sgd(**settings: Any) -> Any:
    return _compiled(_stack(), optimizers.SGD(0.1, **settings))


def _decay() -> Any:
    return optimizers.schedules.ExponentialDecay(0.1, 3, 0.7)


KINDS: dict[str, Callable[[], Any]] = {
    "sequential": lambda: _compiled(_stack(), metrics=["mae", "accuracy"]),
    "adam": lambda: _compiled(_stack(layers.Dense(2)), optimizers.Adam(0.1)),
    "subclassed": lambda: _compiled(Subclassed()),
    "loss of its own": lambda: _compiled(Scaled([keras.Input((2,)), layers.Dense(1)])),
    "several outputs": _outputs,
    "nested": _nested,
    "penalised": _penalised,
    "random layers": _random,
    "several optimizers": lambda: _several("slow", "fast"),
    "several optimizers of one name": lambda: _several("sgd", "sgd"),
    "gan": gan,
    "accumulated": lambda: _sgd(gradient_accumulation_steps=3),
    "averaged at the end": lambda: _sgd(use_ema=True, ema_momentum=0.5),
    "averaged now and then": lambda: _sgd(
        use_ema=True, ema_momentum=0.5, ema_overwrite_frequency=3
    ),
    "clipped": lambda: _sgd(clipnorm=0.1, weight_decay=0.1, momentum=0.9),
    "scaled loss": lambda: _mixed("mixed_float16"),
    "bfloat16": lambda: _mixed("mixed_bfloat16"),
    "schedule": lambda: _compiled(_stack(), optimizers.SGD(_decay())),
    "rate of a function": lambda: _compiled(_stack(), optimizers.SGD(lambda: 0.1)),
    "some layers frozen": lambda: _frozen(True),
    "all layers frozen": lambda: _frozen(False),
    "unfrozen at begin": lambda: _frozen(True),
    "long executions": lambda: _compiled(_stack(), steps_per_execution=3),
    "eager": lambda: _compiled(_stack(), run_eagerly=True),
    "compiled by XLA": lambda: _compiled(_stack(), jit_compile=True),
    "trained before": lambda: _compiled(_stack()),
}
# Why a scripted model does not do: it has no layers, and was not trained before.
NOT_SCRIPTED = {
    "several optimizers of one name": "a script has them by name",
    "gan": "it has the optimizers of `compile`",
    "all layers frozen": "it has no layers",
    "unfrozen at begin": "it has no layers",
    "trained before": "it was not",
}


def callbacks(kind: str) -> list[Any]:
    """Those of a training of this kind: they stop it, put weights back and cut the rate."""
    stopping = {"patience": 1, "min_delta": 0.02, "restore_best_weights": True}
    made = [keras.callbacks.EarlyStopping("val_loss", **stopping)]
    if kind not in ("schedule", "rate of a function"):  # whose rate nobody can set
        made.append(
            keras.callbacks.ReduceLROnPlateau("val_loss", patience=0, min_delta=0.05, factor=0.5)
        )
    return [Unfreezes(), *made] if kind == "unfrozen at begin" else made


def data(kind: str, batches: int) -> Any:
    """The same batch several times."""
    return tf.data.Dataset.from_tensors(batch(kind)).repeat(batches)


def batch(kind: str) -> tuple[Any, Any]:
    """What a model of a kind gets, and what it is to learn."""
    return X, {"mean": Y, "size": Y} if kind == "several outputs" else Y


def model(kind: str) -> Any:
    """One before its training, the same every time."""
    keras.utils.set_random_seed(3)
    made = KINDS[kind]()
    if kind == "trained before":
        made.fit(data(kind, 2), shuffle=False, verbose=0)
    keras.utils.set_random_seed(4)
    return made


def rates(kind: str) -> dict[str, Any]:
    """The keys of a script for the rates that a model of a kind begins with."""
    if kind == "several optimizers":
        return {"optimizers": {"slow": 0.1, "fast": 0.05}, "late_optimizers": True}
    own = {"schedule": _decay(), "rate of a function": lambda: 0.1}
    return {"learning_rate": own.get(kind, 0.1)}
