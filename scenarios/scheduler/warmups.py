"""Warm-ups by batch, for scenarios."""

from dryfit import keras


class WarmupByBatch(keras.callbacks.Callback):
    """Takes the batch index for a count of all batches; it starts again in each epoch."""

    def __init__(self, target, batches):
        super().__init__()
        self.target, self.batches = target, batches

    def on_train_batch_begin(self, batch, logs=None):
        if batch < self.batches:
            self.model.optimizer.learning_rate = self.target * (batch + 1) / self.batches


class WarmupByStep(keras.callbacks.Callback):
    """Counts the batches of the whole training itself."""

    def __init__(self, target, batches):
        super().__init__()
        self.target, self.batches = target, batches
        self.step = 0

    def on_train_batch_begin(self, batch, logs=None):
        if self.step < self.batches:
            self.model.optimizer.learning_rate = self.target * (self.step + 1) / self.batches
        self.step += 1
