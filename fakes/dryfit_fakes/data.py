"""What stands for data: batches of it, and its end."""

import warnings
from collections.abc import Callable
from typing import Any

import numpy as np

from dryfit_fakes.backend import keras
from dryfit_fakes.protocols import Callback
from dryfit_fakes.releases import (
    A_STEP_WITHOUT_DATA_COUNTS,
    EVERY_END_OF_DATA_IS_WARNED_OF,
    ONE_STEP_ON_TORCH,
    SUCH_DATA_IS_REFUSED,
    THE_END_OF_DATA_ENDS_ALL,
)

OUT_OF_DATA: tuple[type[BaseException], ...] = (StopIteration,)
if keras.backend.backend() == "tensorflow":
    import tensorflow as tf

    OUT_OF_DATA += (tf.errors.OutOfRangeError,)


def begin_without_data(
    begins: list[Callback], batch: int, hook: str, count: Callable[[int], object] | None = None
) -> None:
    """Begin a batch and find no data, as Keras does at the end of data of unknown length.

    Args:
        begins: the callbacks that have the hook.
        batch: its index.
        hook: the begin of a batch.
        count: counts a step that trains, where it is of one batch.
    """
    # The step asks for it behind the hook (TFEpochIterator, JAXEpochIterator, 3.15.1); torch's
    # iterator has asked before (EpochIterator.__next__), and ends without the hook.
    shared: dict[str, Any] = {}
    for callback in begins if keras.backend.backend() != "torch" else ():
        getattr(callback, hook)(batch, logs=shared)
    # TensorFlow does what needs no data before it misses it: `iterations.assign_add(1)`.
    if count is not None and A_STEP_WITHOUT_DATA_COUNTS:
        count(1)


def in_batches(x: Any, size: int) -> list[Any]:
    """Cut an array into batches, or take those of a dataset."""
    if hasattr(x, "shape") or isinstance(x, list | tuple):
        return [x[start : start + size] for start in range(0, len(x), size)]
    unpack = keras.utils.unpack_x_y_sample_weight
    return [keras.ops.convert_to_numpy(unpack(item)[0]) for item in x]


def joined(outputs: list[Any]) -> Any:
    """Put the outputs of batches together."""
    return keras.tree.map_structure(lambda *parts: np.concatenate(parts), *outputs)


def check_not_empty(batches: int) -> None:
    """Refuse empty data where Keras fails on it before any callback is called.

    On jax an array of no samples lets StopIteration out of ``fit``, torch refuses to
    sample from it, and a dataset gives neither a shape to build on (3.15.1).
    """
    if batches == 0 and SUCH_DATA_IS_REFUSED:
        raise ValueError("Expected input data to be non-empty.")
    if batches == 0 and (backend := keras.backend.backend()) != "tensorflow":
        raise ValueError(
            f"a script of 0 batches is data that is empty, which Keras fits on tensorflow "
            f"alone; on {backend} it fails before any callback is called"
        )


def check_no_empty_logs() -> None:
    """Refuse an epoch of which nothing was reported, where Keras does."""
    if SUCH_DATA_IS_REFUSED:
        raise ValueError(
            "Unexpected result of `train_function` (Empty logs). This could be due to issues in "
            "input pipeline that resulted in an empty dataset. Otherwise, please use "
            "`Model.compile(..., run_eagerly=True)`, or `tf.config.run_functions_eagerly(True)` "
            "for more information of where went wrong, or file a issue/bug to `tf.keras`."
        )


def one_step_on_torch(steps_per_execution: int) -> None:
    """Refuse what Keras refuses on torch: more than one step at a time."""
    # make_train_function and its like (keras/src/backend/torch/trainer.py, 3.15.1)
    if steps_per_execution > 1 and ONE_STEP_ON_TORCH:
        raise ValueError(
            "`steps_per_execution` must be 1 with the PyTorch backend. "
            f"Received: steps_per_execution={steps_per_execution}"
        )


class Supply:
    """The data of a ``fit``, or that of all validations in it.

    Args:
        length_known: whether it is known how many batches there are.
        steps: how many the caller asked for, if so.

    Attributes:
        is_over: whether there is none any more, for later epochs too.
    """

    def __init__(self, *, length_known: bool, steps: int | None = None) -> None:
        self.length_known = length_known
        self._is_warned_of = EVERY_END_OF_DATA_IS_WARNED_OF or bool(steps)
        self.is_over = False

    def check(self, steps_per_execution: int) -> None:
        """Refuse executions of several steps where Keras has to know how many there are."""
        if SUCH_DATA_IS_REFUSED and steps_per_execution > 1 and not self.length_known:
            raise ValueError(
                "Could not infer the size of the data. With `steps_per_execution > 1`, you must "
                "specify the number of steps to run."
            )

    def ends(self, batches: int) -> None:
        """Note the end of data of unknown length, or of none."""
        if not THE_END_OF_DATA_ENDS_ALL:
            if self._is_warned_of:
                warn_of_the_end()
        elif self.length_known:
            self.is_over = True
            log_the_end(batches)
        self.length_known |= THE_END_OF_DATA_ENDS_ALL

    def ran_out(self, batches: int) -> None:
        """Note that data ran out; called while the exception is handled.

        Args:
            batches: how many there are in all epochs.
        """
        # EpochIterator.catch_stop_iteration (keras/src/trainers/epoch_iterator.py,
        # 3.15.1): a StopIteration out of a batch hook reads as data that ran out.
        # torch's own loop does not pass through it.
        if keras.backend.backend() == "torch":
            raise
        self.ends(batches)


def log_the_end(batches: int) -> None:
    """Log what Keras 2 says at the end of the data."""
    from tensorflow.python.platform import tf_logging

    tf_logging.warning(
        "Your input ran out of data; interrupting training. Make sure that your dataset or "
        "generator can generate at least `steps_per_epoch * epochs` batches (in this case, "
        f"{batches} batches). You may need to use the repeat() function when building your "
        "dataset."
    )


def warn_of_the_end() -> None:
    """Warn as Keras does at the end of the data, whether it is too early or not."""
    warnings.warn(
        "Your input ran out of data; interrupting training. Make sure that your dataset "
        "or generator can generate at least `steps_per_epoch * epochs` batches. You may "
        "need to use the `.repeat()` function when building your dataset.",
        stacklevel=2,
    )
