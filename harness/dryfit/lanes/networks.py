"""Networks for the real lane, and the data that any network is trained with.

What a network learns does not matter, since what it reports is the script's: one
batch of data stands for all.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

from dryfit.whose import IdentityTag
from dryfit_fakes.backend import keras

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

    def batches(self, count: int) -> Any:
        """A dataset of known length."""
        if keras.backend.backend() == "tensorflow":
            import tensorflow as tf

            # Arrays would take Keras 50 ms more an epoch. tf.data takes no lists.
            return tf.data.Dataset.from_tensors((_tupled(self.x), _tupled(self.y))).repeat(count)
        return _Repeated(self, count)

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


def small_network() -> tuple[Any, Samples]:
    """Make a network for where speed counts: Input (1,), the identity tag, Dense(1).

    Mean absolute error, whose gradient stays bounded at any learning rate; SGD.
    The prediction is the bias (1 kernel, 0 input), and a bias that starts at 0
    moves by the learning rate with each batch towards a target out of reach.
    """
    model = keras.Sequential(
        [keras.Input((1,)), IdentityTag(), keras.layers.Dense(1, kernel_initializer="ones")]
    )
    model.compile(
        optimizer=keras.optimizers.SGD(DEFAULT_RATE), loss="mean_absolute_error", jit_compile=False
    )
    return model, Samples(np.zeros((1, 1), np.float32), np.full((1, 1), 1e9, np.float32))


def tutorial_network(
    shape: tuple[int, ...] = (28, 28), learning_rate: float = DEFAULT_RATE, **compiled: Any
) -> Any:
    """Make the tutorial's network: Flatten, Dense 128 relu, Dropout 0.2, Dense 10; RMSprop.

    Source: the callback tutorial that the project starts from; its images are 28 x 28.
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


def samples_for(model: Any) -> Samples:
    """Make a batch of two samples for a compiled model, from the shapes it was built with.

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
    x = keras.tree.map_structure(lambda i: _input(i, random), inputs)
    losses = iter(_losses(model, len(keras.tree.flatten(outputs))))
    return Samples(x, keras.tree.map_structure(lambda o: _target(o, next(losses)), outputs))


def _ends(model: Any) -> tuple[Any, Any]:
    """What goes in and comes out, in the structure that the model takes."""
    if isinstance(model, keras.Sequential) and model.built:
        return model.inputs[0], model.outputs[0]
    return model.input, model.output


def _shape(tensor: Any) -> tuple[int, ...]:
    return (2, *(1 if size is None else size for size in tensor.shape[1:]))


def _input(tensor: Any, random: Any) -> Any:
    return random.random(_shape(tensor)).astype(keras.backend.standardize_dtype(tensor.dtype))


def _target(tensor: Any, loss: Any) -> Any:
    shape = _shape(tensor)
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
