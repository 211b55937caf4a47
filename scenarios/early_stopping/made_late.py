"""A callback that makes another once training begins, as those do that wait for the model."""

from dryfit import keras


class MadeLate(keras.callbacks.Callback):
    """Makes an EarlyStopping in ``on_train_begin`` and hands epochs on to it."""

    def __init__(self, **settings):
        super().__init__()
        self.settings = settings

    def on_train_begin(self, logs=None):
        self.stopping = keras.callbacks.EarlyStopping(**self.settings)
        self.stopping.set_model(self.model)
        self.stopping.on_train_begin(logs)

    def on_epoch_end(self, epoch, logs=None):
        self.stopping.on_epoch_end(epoch, logs)
