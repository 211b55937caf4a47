"""Callbacks that put arrays into the logs."""

import numpy as np

from dryfit import keras


class LogsAnArray(keras.callbacks.Callback):
    """Writes an array of two values under a key."""

    def __init__(self, key, shape):
        super().__init__()
        self._key, self._shape = key, shape

    def on_epoch_end(self, epoch, logs=None):
        logs[self._key] = np.ones(self._shape)
