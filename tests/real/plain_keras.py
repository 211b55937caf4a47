"""Plain Keras as the judge: a tracer, and a model whose losses stand in a table.

Imports nothing of dryfit.
"""

from typing import Any

import numpy as np
import tensorflow as tf
from keras_here import LEGACY, keras


class Tracer(keras.callbacks.Callback):
    """Writes down every hook that it is called with, and the params it is given."""

    def __init__(self) -> None:
        super().__init__()
        self.calls: list[tuple[Any, ...]] = []

    def set_params(self, params: dict[str, Any]) -> None:
        super().set_params(params)
        self.calls.append(("set_params", dict(params)))


def _traced(name: str) -> Any:
    def hook(self: Tracer, *index: Any, logs: Any = None) -> None:
        *index, logs = index if logs is None else (*index, logs)
        self.calls.append((name, *index, {k: plain(v) for k, v in logs.items()}))

    return hook


for _name in dir(keras.callbacks.Callback):
    if _name.startswith("on_") and _name not in ("on_batch_begin", "on_batch_end"):
        setattr(Tracer, _name, _traced(_name))


def plain(value: Any) -> Any:
    """Make a logged value comparable: nan as text, arrays as lists."""
    if isinstance(value, float):
        return value if value == value else "nan"
    return np.asarray(value).tolist()


class TableOfKeras3(keras.Sequential):
    """Reports the losses of a table, one a batch, through Keras' own loss tracker."""

    def __init__(self, train: list[float], test: list[float], **compiled: Any) -> None:
        super().__init__([keras.Input((1,)), keras.layers.Dense(1, kernel_initializer="ones")])
        self._tables = {True: tf.constant(train or [0.0]), False: tf.constant(test or [0.0])}
        self._rows = {True: tf.Variable(0), False: tf.Variable(0)}
        self.compile(optimizer=keras.optimizers.SGD(0.0), loss="mse", **compiled)

    def compute_loss(
        self, x: Any, y: Any, y_pred: Any, sample_weight: Any = None, training: bool = True
    ) -> Any:
        row = self._rows[training]
        value = self._tables[training][row % len(self._tables[training])]
        nothing = 0.0 * tf.reduce_mean(y_pred)
        # Only with data: the step that finds none does what needs none all the same.
        row.assign_add(1 + tf.cast(nothing, tf.int32))
        return value + nothing


class TableOfKeras2(keras.Sequential):
    """The same in Keras 2, where the loss function alone is between a step and the tracker."""

    def __init__(self, train: list[float], test: list[float], **compiled: Any) -> None:
        super().__init__([keras.Input((1,)), keras.layers.Dense(1, kernel_initializer="ones")])
        tables, rows = [tf.constant(t or [0.0]) for t in (test, train)], []

        def loss(y: Any, y_pred: Any) -> Any:
            row, table = rows[self._trains], tables[self._trains]
            value = table[row % len(table)]
            nothing = 0.0 * tf.reduce_mean(y_pred)
            row.assign_add(1 + tf.cast(nothing, tf.int32))
            return value + nothing

        rows += [tf.Variable(0, trainable=False) for _ in tables]
        self.compile(optimizer=keras.optimizers.SGD(0.0), loss=loss, **compiled)

    def train_step(self, data: Any) -> Any:
        self._trains = True  # while the step is traced
        return super().train_step(data)

    def test_step(self, data: Any) -> Any:
        self._trains = False
        return super().test_step(data)


TableModel: Any = TableOfKeras2 if LEGACY else TableOfKeras3


def data(batches: int, *, length_known: bool = True) -> Any:
    """A dataset of one sample a batch; or a generator of them, which tells no length."""
    x = np.arange(batches, dtype=np.float32).reshape(-1, 1)
    if length_known:
        return tf.data.Dataset.from_tensor_slices((x, x)).batch(1)
    # The size of a batch is not told either: a step without data would add one that is to
    # the count of the mean loss (TensorFlow does what needs no data, 2.21).
    one = tf.TensorSpec((None, 1))
    return tf.data.Dataset.from_generator(
        lambda: ((row[None], row[None]) for row in x), output_signature=(one, one)
    )
