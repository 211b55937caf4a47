"""Schedules for scenarios: functions of the epoch, or of epoch and rate."""

import numpy as np

from dryfit import keras


def keep(epoch, lr):
    """Leave the rate as it is."""
    return lr


def halved_by_epoch(epoch):
    """1, .5, .25, ...: by the epoch alone."""
    return 1.0 / 2**epoch


def halved_by_rate(epoch, lr):
    """Half of the current rate in each epoch but the first."""
    return lr / 2 if epoch else lr


def whole_number(epoch):
    """An int where a float is asked for."""
    return 1


def nothing(epoch, lr):
    """A schedule whose return was forgotten."""


def numpy_float(epoch):
    """A float of numpy's."""
    return np.float32(0.5)


def tensor(epoch, lr):
    """A number of the backend's."""
    if hasattr(keras, "ops"):
        return keras.ops.convert_to_tensor(0.5)
    return keras.backend.constant(0.5)  # Keras 2


def drop_once(epoch, lr):
    """.9 of the current rate in every second epoch."""
    return lr * 0.9 if epoch and epoch % 2 == 0 else lr


def drop_compounding(epoch, lr):
    """Meant as drop_once, but the power is applied to a rate that already has it."""
    return lr * 0.9 ** (epoch // 2)


def drop_from_start(epoch):
    """What both are meant to be, from the initial rate."""
    return 0.1 * 0.9 ** (epoch // 2)


def tutorial_steps(epoch, lr):
    """The tutorial's first schedule."""
    lr_times = [(0, 1.0), (5, 1e-1), (10, 1e-2)]
    base_lr = 1e-1
    new_lr = base_lr
    for border_epoch, times in lr_times:
        if epoch >= border_epoch:
            new_lr = base_lr * times
    if abs(lr - new_lr) > 1e-7:
        print(
            f"Epoch {epoch + 1:05d}: LearningRateScheduler reducing learning rate "
            f"to {new_lr} from {lr}."
        )
    return new_lr


def tutorial_cooperative(epoch, lr):
    """The tutorial's second schedule: keeps a rate that the plateau has cut once."""
    lr_times = [(0, 1.0), (5, 1e-1), (10, 1e-2)]
    base_lr = 1e-1
    new_lr = base_lr
    for border_epoch, times in lr_times:
        if epoch >= border_epoch:
            new_lr = base_lr * times
    if abs(lr - new_lr) > 1e-7:
        if lr < new_lr and lr > 0.1 * new_lr - 1e-7:
            print(
                f"Epoch {epoch + 1:05d}: Still keep learning rate {round(lr, 7)} "
                f"instead of {round(new_lr, 7)}"
            )
            return lr
        print(
            f"Epoch {epoch + 1:05d}: LearningRateScheduler reducing learning rate "
            f"to {round(new_lr, 7)} from {round(lr, 7)}."
        )
    return new_lr


# 1 in the first epoch of two batches, then half of it in each epoch.
halves_every_two_batches = keras.optimizers.schedules.ExponentialDecay(
    1.0, decay_steps=2, decay_rate=0.5, staircase=True
)


class ForTheWhole(keras.callbacks.LearningRateScheduler):
    """Sets the rate of an optimizer that is made of others, which has none of its own."""

    def on_epoch_begin(self, epoch, logs=None):
        parts = [keras.optimizers.SGD(), keras.optimizers.Adam()]
        whole = keras.optimizers.MultiOptimizer(
            keras.optimizers.OptimizerMap(parts[0], {"head": parts[1]})
        )
        self._update_optimizer_lr(whole, epoch)
