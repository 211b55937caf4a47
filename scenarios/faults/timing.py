"""Callbacks that look at the clock."""

import time

from dryfit import keras


class SaveEvery(keras.callbacks.Callback):
    """Saves weights when some minutes have passed since the last time."""

    def __init__(self, minutes):
        super().__init__()
        self.seconds = 60 * minutes

    def on_train_begin(self, logs=None):
        self._saved = time.time()

    def on_train_batch_end(self, batch, logs=None):
        if time.time() - self._saved >= self.seconds:
            self._saved = time.time()
            self.model.save_weights("latest.weights.h5")


class Remaining(keras.callbacks.Callback):
    """Says how long the rest will take, from how long it took so far."""

    def on_train_begin(self, logs=None):
        self._begun = time.perf_counter()

    def on_epoch_end(self, epoch, logs=None):
        per_epoch = (time.perf_counter() - self._begun) / (epoch + 1)
        self.minutes = per_epoch * (self.params["epochs"] - epoch - 1) / 60


class CoolDown(keras.callbacks.Callback):
    """Lets the machine rest after each epoch."""

    def on_epoch_end(self, epoch, logs=None):
        time.sleep(120)
