"""What Keras 2's callbacks ask of a model, and Keras 3's do not.

BackupAndRestore gives the model to ``tf.train.Checkpoint``, which takes a `Trackable` and
asks it for tensors (``tf_keras/src/distribute/worker_training_state.py``, 2.21).
"""

from typing import Any

import numpy as np
import tensorflow as tf

from dryfit_fakes.keras2_files import Keras2Weights
from dryfit_fakes.script import Script


class OfKeras2(tf.__internal__.tracking.Trackable):  # type: ignore[misc]
    """Where a model trains, and what a checkpoint has of it."""

    _dryfit_journal: Any
    _store: Any
    _script: Script
    _distribution_strategy = None  # trained in one place, as `distribute_strategy` says too
    _training_state: Any = None  # which BackupAndRestore puts there for a fit

    @property
    def distribute_strategy(self) -> Any:
        """TensorFlow's default strategy: ModelCheckpoint asks it where to write."""
        return tf.distribute.get_strategy()

    @property
    def _train_counter(self) -> Any:
        return self.__dict__.setdefault("_counter", tf.Variable(0, dtype=tf.int64))

    def _resumed_at(self, epoch: int) -> tuple[int, int]:
        """Where training begins: the epoch and its batch."""
        if self._training_state is None:
            return epoch, 0
        goes_on = self._training_state.maybe_load_initial_counters_from_ckpt
        first, batch = goes_on(self._script.steps, epoch, "train")
        return int(first), int(batch)

    def _serialize_to_tensors(self) -> dict[str, Any]:
        self._dryfit_journal.settle()
        return {name: tf.constant(array) for name, array in self._store.arrays().items()}

    def _restore_from_tensors(self, restored: dict[str, Any]) -> None:
        if not isinstance(self._store, Keras2Weights):
            return  # a lent model's weights stay its own
        arrays = {name: np.asarray(tensor) for name, tensor in restored.items()}
        self._dryfit_journal.identity = self._store.put_back(arrays)
