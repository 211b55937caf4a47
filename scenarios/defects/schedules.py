"""Schedules for scenarios of known defects."""

from dryfit import keras

ops = getattr(keras, "ops", keras.backend)  # of Keras 3, and of Keras 2


def docstring_example(epoch, lr):
    """The example of LearningRateScheduler's documentation, with one epoch in place of ten."""
    if epoch < 1:
        return lr
    return lr * ops.exp(-0.1)


def times_nothing(epoch, lr):
    """Raises a TypeError of its own."""
    return lr * None
