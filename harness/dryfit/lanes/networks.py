"""Networks for the real lane, and the data that any network is trained with.

What a network learns does not matter, since what it reports is the script's: one
batch of data stands for all.
"""

import random
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from dryfit.recorder.model_journal import IdentityTag
from dryfit_fakes.backend import keras
from dryfit_fakes.protocols import RealModel

DEFAULT_RATE = 0.01  # as the scripted model's


@dataclass(frozen=True)
class Samples:
    """One batch, as often as a script has batches.

    Attributes:
        x: inputs, each of shape ``(samples, ...)``.
        y: targets, likewise.
    """

    x: Any
    y: Any

    def batches(self, count: int, *, length_known: bool = True) -> Any:
        """A dataset; one whose length is not known has as many batches all the same.

        Raises:
            ValueError: only tf.data has data of unknown length that can be gone through again.
        """
        if length_known and keras.backend.backend() != "tensorflow":
            return _Repeated(self, count)
        try:
            import tensorflow as tf
        except ImportError:
            raise ValueError(
                "data of unknown length is made with tf.data in the real lane; install tensorflow, "
                "say how many batches there are, or use lane='fake'"
            ) from None
        # Arrays would take Keras 50 ms more an epoch. tf.data takes no lists.
        one = tf.data.Dataset.from_tensors((_tupled(self.x), _tupled(self.y)))
        repeated = one.repeat(count)
        # What a filter leaves is known when it is through.
        counted = repeated if length_known else repeated.filter(lambda x, y: True)
        options = tf.data.Options()  # an epoch has two iterators: threads would take a third of it
        options.threading.private_threadpool_size = 1
        options.autotune.enabled = False
        return counted.with_options(options)

    def inputs(self, count: int) -> Any:
        """The inputs alone, for ``predict``."""
        return keras.tree.map_structure(lambda array: np.concatenate([array] * count), self.x)

    @property
    def size(self) -> int:
        """Samples in the batch."""
        return len(keras.tree.flatten(self.x)[0])


class _Repeated(keras.utils.PyDataset):  # type: ignore[misc]
    def __init__(self, samples: Samples, count: int) -> None:
        super().__init__()
        self._samples, self._count = samples, count

    def __len__(self) -> int:
        return self._count

    def __getitem__(self, index: int) -> Any:
        return self._samples.x, self._samples.y


def small_network(optimizers: Sequence[str] = (), late: bool = False) -> tuple[Any, Samples]:
    """Make a network for where speed counts: Input (1,), the identity tag, Dense(1).

    Mean absolute error, whose gradient stays bounded at any learning rate; SGD.
    The prediction is the bias (1 kernel, 0 input), and a bias that starts at 0
    moves by the learning rate with each batch towards a target out of reach.

    Args:
        optimizers: names of several in place of one; the last of them trains it all.
        late: whether there are none of them before the first step.
    """
    state = random.getstate()  # Keras draws a seed for a layer; callbacks' numbers are theirs
    model = keras.Sequential(
        [keras.Input((1,)), IdentityTag(), keras.layers.Dense(1, kernel_initializer="ones")]
    )
    model.compile(_optimizer(optimizers, late), loss="mean_absolute_error", jit_compile=False)
    random.setstate(state)
    samples = (_devices(model), 1)
    return model, Samples(np.zeros(samples, np.float32), np.full(samples, 1e9, np.float32))


def _devices(model: Any) -> int:
    """Over how many devices a batch of a model is spread: each needs a sample of its own.

    By ``tf.distribute`` the model says it, by ``keras.distribution`` the process.
    """
    strategy = getattr(model, "distribute_strategy", None)
    if strategy is not None:
        return int(strategy.num_replicas_in_sync)
    distribution = keras.distribution.distribution()
    return 1 if distribution is None else int(np.prod(distribution.device_mesh.shape))


def _optimizer(names: Sequence[str], late: bool) -> Any:
    if not names:
        return keras.optimizers.SGD(DEFAULT_RATE)
    # The second of a name is told from the first by a number behind it (`unused_name`).
    own = [re.sub(r"#\d+$", "", name) for name in names]
    *others, last = [keras.optimizers.SGD(DEFAULT_RATE, name=name) for name in own]
    nowhere = {f"no variable of {name}": one for name, one in zip(names, others, strict=False)}
    return _several(late)(keras.optimizers.OptimizerMap(last, nowhere))


def _several(late: bool) -> Any:
    """The class of several optimizers of which all but one have nothing to train.

    It has the name of Keras' own, which loads what is written of it.
    """
    own: Any = keras.optimizers.MultiOptimizer

    class MultiOptimizer(own):  # type: ignore[misc]
        @property
        def optimizers(self) -> Any:
            return super().optimizers if self.built or not late else []

        def apply(self, grads: Any, trainable_variables: Any = None) -> None:
            super().apply(grads, trainable_variables)
            for idle in self.optimizers[:-1]:  # as if each had trained something
                idle.iterations.assign_add(1)

    MultiOptimizer.__module__, MultiOptimizer.__qualname__ = own.__module__, own.__qualname__
    return MultiOptimizer


def tutorial_network(
    shape: tuple[int, ...] = (28, 28), learning_rate: float = DEFAULT_RATE, **compiled: object
) -> Any:
    """Make the tutorial's network: Flatten, Dense 128 relu, Dropout 0.2, Dense 10; RMSprop.

    Source: the callback tutorial of `dryfit.demo`; its images are 28 x 28.
    The identity tag, which passes its input through, is ours.

    Args:
        shape: of one input.
        learning_rate: 0.1 in the tutorial.
        **compiled: further arguments of ``compile``, such as ``run_eagerly``.
    """
    model = keras.Sequential(
        [
            keras.Input(shape),
            IdentityTag(),
            keras.layers.Flatten(),
            keras.layers.Dense(128, activation="relu"),
            keras.layers.Dropout(0.2),
            keras.layers.Dense(10),
        ]
    )
    model.compile(
        optimizer=keras.optimizers.RMSprop(learning_rate=learning_rate),
        loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        metrics=["accuracy"],
        **compiled,
    )
    return model


def samples_for(model: RealModel) -> Samples:
    """Make a batch for a compiled model, from the shapes it was built with.

    Two samples, or one for each device over which the model's batches are spread.

    Inputs are random numbers between 0 and 1 from a fixed seed; targets are the
    first class, or 1 in the first output unit and 0 in the others.

    Raises:
        ValueError: the model does not tell its shapes.
    """
    try:
        inputs, outputs = _ends(model)
    except (AttributeError, ValueError):
        raise ValueError(
            f"{type(model).__name__} does not tell the shapes of its inputs and outputs; "
            "give the real lane one batch to train it with, data=(x, y)"
        ) from None
    random = np.random.default_rng(0)
    samples = max(_devices(model), 2)
    x = keras.tree.map_structure(lambda i: _input(i, samples, random), inputs)
    losses = iter(_losses(model, len(keras.tree.flatten(outputs))))
    return Samples(
        x, keras.tree.map_structure(lambda o: _target(o, samples, next(losses)), outputs)
    )


def _ends(model: Any) -> tuple[Any, Any]:
    """What goes in and comes out, in the structure that the model takes."""
    if isinstance(model, keras.Sequential) and model.built:
        return model.inputs[0], model.outputs[0]
    return model.input, model.output


def _shape(tensor: Any, samples: int) -> tuple[int, ...]:
    return (samples, *(1 if size is None else size for size in tensor.shape[1:]))


def _input(tensor: Any, samples: int, random: Any) -> Any:
    return random.random(_shape(tensor, samples)).astype(
        keras.backend.standardize_dtype(tensor.dtype)
    )


def _target(tensor: Any, samples: int, loss: Any) -> Any:
    shape = _shape(tensor, samples)
    if "sparse" in str(getattr(loss, "name", getattr(loss, "__name__", loss))).lower():
        return np.zeros(shape[:-1], np.int32)
    target = np.zeros(shape, np.float32)
    target[..., 0] = 1
    return target


def _losses(model: Any, outputs: int) -> list[Any]:
    """The loss of each output, in order; one loss stands for all."""
    loss = model.loss
    if isinstance(loss, dict):
        return [loss.get(name) for name in model.output_names]
    return list(loss) if isinstance(loss, list | tuple) else [loss] * outputs


def _tupled(data: Any) -> Any:
    return tuple(map(_tupled, data)) if isinstance(data, list) else data
