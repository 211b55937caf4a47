"""Callbacks that were written after ReduceLROnPlateau, for scenarios."""

from dryfit import keras


class TorchPlateau(keras.callbacks.Callback):
    """Counts as torch's ReduceLROnPlateau does: more than `patience` bad epochs."""

    def __init__(self, monitor="loss", factor=0.5, patience=2):
        super().__init__()
        self.monitor, self.factor, self.patience = monitor, factor, patience
        self.best, self.bad_epochs = float("inf"), 0

    def on_epoch_end(self, epoch, logs=None):
        if logs[self.monitor] < self.best:
            self.best, self.bad_epochs = logs[self.monitor], 0
        else:
            self.bad_epochs += 1
        if self.bad_epochs > self.patience:
            rate = float(self.model.optimizer.learning_rate.numpy())
            self.model.optimizer.learning_rate = rate * self.factor
            self.bad_epochs = 0


class ForgetfulPlateau(keras.callbacks.Callback):
    """Computes a lower rate after each epoch without progress, and keeps it to itself."""

    def __init__(self, rate, monitor="loss", factor=0.5):
        super().__init__()
        self.rate, self.monitor, self.factor = rate, monitor, factor
        self.best = float("inf")

    def on_epoch_end(self, epoch, logs=None):
        if logs[self.monitor] < self.best:
            self.best = logs[self.monitor]
        else:
            self.rate *= self.factor


class OldPlateau(keras.callbacks.Callback):
    """Reads ``optimizer.lr``, as callbacks written for tf_keras do."""

    def on_epoch_end(self, epoch, logs=None):
        self.rate = float(self.model.optimizer.lr)
