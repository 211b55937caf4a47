"""Schedules that an optimizer is made with, for scenarios."""

from dryfit import keras

# 1 for the first two batches, .5 for the next two, .25 for the two after.
halves_every_two_batches = keras.optimizers.schedules.ExponentialDecay(
    1.0, decay_steps=2, decay_rate=0.5, staircase=True
)
