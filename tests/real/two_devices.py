"""A training over two virtual CPU devices: run as a script, prints whether all agree.

python tests/real/two_devices.py tensorflow|jax
"""

import os
import sys
from contextlib import nullcontext
from typing import Any

BACKEND = sys.argv[1]
os.environ |= {"KERAS_BACKEND": BACKEND, "XLA_FLAGS": "--xla_force_host_platform_device_count=2"}

import keras  # noqa: E402 - the environment says its backend
import numpy as np  # noqa: E402

if BACKEND == "tensorflow":
    import tensorflow as tf

    (cpu,) = tf.config.list_physical_devices("CPU")
    tf.config.set_logical_device_configuration(cpu, [tf.config.LogicalDeviceConfiguration()] * 2)
    scope: Any = tf.distribute.MirroredStrategy(["CPU:0", "CPU:1"]).scope
else:
    cpus = ["cpu:0", "cpu:1"]
    keras.distribution.set_distribution(keras.distribution.DataParallel(devices=cpus))
    scope = nullcontext

from dryfit import Recorder, play  # noqa: E402

X = np.linspace(0, 1, 8, dtype=np.float32).reshape(8, 1)


def model() -> Any:
    keras.utils.set_random_seed(1)
    with scope():
        made = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
        made.compile(keras.optimizers.SGD(0.1), "mse")
    return made


def callbacks() -> list[Any]:
    bad = {"monitor": "loss", "min_delta": 100}
    return [
        keras.callbacks.EarlyStopping(patience=2, restore_best_weights=True, **bad),
        keras.callbacks.ReduceLROnPlateau(patience=1, **bad),
    ]


def trained(given: list[Any]) -> Any:
    made = model()
    history = made.fit(X, X, batch_size=4, epochs=5, verbose=0, callbacks=given)
    return history.history, [weights.tolist() for weights in made.get_weights()]


recorder = Recorder(callbacks())
assert trained(callbacks()) == trained([recorder]), "a Recorder changes the training"
whose = recorder.run.weights
assert whose is not None
assert (whose.epoch, whose.batch, recorder.run.stopped_epoch) == (0, 1, 2), recorder.run.table()

keys: Any = {"batches": 2, "learning_rate": 0.1}
script = {"loss": "1x5", "val_loss": "1x5"}
one_device = play(script, callbacks(), **keys).timeline
assert play(script, callbacks(), "real", model(), **keys).timeline == one_device, "own model"
with scope():
    assert play(script, callbacks(), "real", **keys).timeline == one_device, "the lane's network"
print("the same")
