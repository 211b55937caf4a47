"""Callbacks as they are written for Keras 2, for scenarios of what Keras 3 makes of them."""

from dryfit import keras


class StopsBelow(keras.callbacks.Callback):
    """Stops once the logged rate is below one; reads it by Keras 2's name."""

    def __init__(self, rate):
        super().__init__()
        self.rate = rate

    def on_epoch_end(self, epoch, logs=None):
        if logs["lr"] < self.rate:
            self.model.stop_training = True


class StopsBelowIfLogged(keras.callbacks.Callback):
    """The same, and takes 1 where no rate is logged."""

    def __init__(self, rate):
        super().__init__()
        self.rate = rate

    def on_epoch_end(self, epoch, logs=None):
        if logs.get("lr", 1.0) < self.rate:
            self.model.stop_training = True


class AssignsLr(keras.callbacks.Callback):
    """Sets the rate by Keras 2's short name."""

    def __init__(self, epoch, rate):
        super().__init__()
        self.epoch, self.rate = epoch, rate

    def on_epoch_begin(self, epoch, logs=None):
        if epoch == self.epoch:
            self.model.optimizer.lr = self.rate


class StopsAboveByPosition(keras.callbacks.Callback):
    """Stops once the first of the logs, which it takes for the loss, is above a value."""

    def __init__(self, value):
        super().__init__()
        self.value = value

    def on_epoch_end(self, epoch, logs=None):
        if next(iter(logs.values())) > self.value:
            self.model.stop_training = True
