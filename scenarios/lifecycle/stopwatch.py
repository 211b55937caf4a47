"""A callback that looks at the clock."""

import time

from dryfit import keras


class StopAfter(keras.callbacks.Callback):
    """Stops once some seconds have passed since training began."""

    def __init__(self, seconds):
        super().__init__()
        self.seconds = seconds
        self.elapsed = 0.0

    def on_train_begin(self, logs=None):
        self._begun = time.monotonic()

    def on_train_batch_end(self, batch, logs=None):
        self.elapsed = time.monotonic() - self._begun
        if self.elapsed >= self.seconds:
            self.model.stop_training = True
