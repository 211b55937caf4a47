"""Random trainings, the same for every run: optimizers, sizes and callbacks. Plain Keras alone."""

import random
from dataclasses import dataclass
from typing import Any

import numpy as np
import tensorflow as tf
from keras_here import LEGACY, keras

layers, optimizers = keras.layers, keras.optimizers
X = np.linspace(-1, 1, 8, dtype=np.float32).reshape(4, 2)
Y = np.ones((4, 1), np.float32)


@dataclass(frozen=True)
class Sizes:
    """How much there is of what."""

    epochs: int
    batches: int
    val_batches: int
    steps: int


def sizes(seed: int) -> Sizes:
    """Those of a training; an execution need not divide the batches."""
    rng = random.Random(f"sizes {seed}")
    return Sizes(rng.randint(2, 6), rng.randint(1, 5), rng.randint(1, 3), rng.choice([1, 1, 2, 3]))


def _optimizer(rng: random.Random, name: str) -> Any:
    kind = rng.choice([optimizers.SGD, optimizers.SGD, optimizers.Adam, optimizers.RMSprop])
    accumulated = rng.choice([None, None, 2, 3])
    steps = {} if LEGACY else {"gradient_accumulation_steps": accumulated}
    return kind(rng.choice([0.2, 0.1, 0.05]), name=name, **steps)


def _has_two(rng: random.Random) -> bool:
    """Keras 2 has no optimizer made of several."""
    return rng.random() < 0.7 and not LEGACY


def model(seed: int) -> Any:
    """One before its training: with one optimizer or two, some of which accumulate on Keras 3."""
    rng = random.Random(f"model {seed}")
    keras.utils.set_random_seed(seed)
    stack = [keras.Input((2,)), layers.Dense(2, name="base"), layers.Dense(1)]
    made = keras.Sequential(stack)
    one = optimizer = _optimizer(rng, "one")
    if _has_two(rng):
        two = _optimizer(rng, "two")
        optimizer = optimizers.MultiOptimizer(lambda v: one if "base" in v.path else two)
    metrics = rng.choice([None, ["mae"]])
    settings = {"metrics": metrics, "steps_per_execution": sizes(seed).steps}
    made.compile(optimizer, "mse", run_eagerly=True, **settings)
    return made


def rates(seed: int) -> dict[str, Any]:
    """What a script says of the rates that the model begins with."""
    rng = random.Random(f"model {seed}")
    first = float(_optimizer(rng, "one").learning_rate)
    if not _has_two(rng):
        return {"learning_rate": first}
    second = float(_optimizer(rng, "two").learning_rate)
    return {"optimizers": {"one": first, "two": second}, "late_optimizers": True}


def callbacks(seed: int) -> list[Any]:
    """Some that stop, restore, cut and schedule."""
    rng = random.Random(f"callbacks {seed}")
    monitor = rng.choice(["loss", "val_loss"])
    delta = {"min_delta": rng.choice([0, 0.01, 0.1, 100])}
    made: list[Any] = [
        keras.callbacks.EarlyStopping(
            monitor, patience=rng.randint(0, 2), restore_best_weights=rng.random() < 0.7, **delta
        ),
        keras.callbacks.ReduceLROnPlateau(
            monitor, patience=rng.randint(0, 1), factor=0.5, cooldown=rng.randint(0, 1), **delta
        ),
        keras.callbacks.LearningRateScheduler(lambda epoch, rate: rate * 0.9),
        keras.callbacks.TerminateOnNaN(),
    ]
    return rng.sample(made, rng.randint(1, 4))


def data(batches: int) -> Any:
    """The same batch several times."""
    return tf.data.Dataset.from_tensors((X, Y)).repeat(batches)
