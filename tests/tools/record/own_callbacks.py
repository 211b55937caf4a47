"""Callbacks of somebody's own whose decisions a replay can, or cannot, make again."""

import os
import random
import time
import urllib.request
from pathlib import Path
from time import monotonic
from typing import Any

import keras
import numpy as np

Callback = keras.callbacks.Callback


def layers_of(model: Any) -> int:
    return len(model.layers)


class Layers(Callback):
    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        self.count = layers_of(self.model)


class Losses(Callback):
    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        model = self.model
        self.count = len(model.losses)


class Resets(Callback):
    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        self.model.reset_metrics()


class Evaluates(Callback):
    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        x = np.ones((2, 1), "float32")
        logs["own"] = self.model.evaluate(x, x, verbose=0)
        self.model.stop_training = epoch == 1


class Calls(Callback):
    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        self.seen = self.model(np.ones((1, 1), "float32"))


class Asserts(Callback):
    def set_model(self, model: Any) -> None:
        super().set_model(model)
        assert isinstance(model, keras.Model)


class Limited(Callback):
    def __init__(self, seconds: float) -> None:
        super().__init__()
        self.seconds = seconds

    def on_train_begin(self, logs: Any = None) -> None:
        self.began = monotonic()

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        if time.monotonic() - self.began >= self.seconds:
            self.model.stop_training = True


class Chance(Callback):
    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        self.model.stop_training = random.random() < 2


class Looks(Callback):
    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        if os.path.exists("STOP"):
            self.model.stop_training = True


class Reads(Callback):
    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        if Path("STOP").exists():
            self.text = Path("STOP").read_text()


class Posts(Callback):
    def on_train_end(self, logs: Any = None) -> None:
        if logs is None:
            urllib.request.urlopen("http://localhost")


class Momentum(Callback):
    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        self.momentum = self.model.optimizer.momentum


class WarmUp(keras.callbacks.LearningRateScheduler):
    def __init__(self, peak: float, schedule: Any = None) -> None:
        super().__init__(schedule or self.ramp)
        self.peak, self.warms = peak, False

    def ramp(self, epoch: int, rate: float) -> float:
        self.warms = epoch < 2
        return self.peak * (epoch + 1) / 3

    def on_train_batch_begin(self, batch: int, logs: Any = None) -> None:
        if self.warms:
            optimizer = self.model.optimizer
            optimizer.learning_rate = float(optimizer.learning_rate) + 0.001


class Harmless(Callback):
    def set_model(self, model: Any) -> None:
        super().set_model(model)
        self.net = model

    def on_train_begin(self, logs: Any = None) -> None:
        self.net.note = 1.0
        os.makedirs("made", exist_ok=True)

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        with open("made/log.txt", "a") as file:
            file.write(f"{logs}")
        if self.model is not None and self.net.note and self.stops(self.model, logs):
            self.net.set_weights(self.net.get_weights())

    def stops(self, model: Any, logs: Any) -> bool:
        model.stop_training = bool(logs["loss"] < -1) and hasattr(model.optimizer, "iterations")
        return True


class Norm(Callback):
    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        logs["norm"] = float(sum(np.sum(array**2) for array in self.model.get_weights()))
        self.model.stop_training = logs["norm"] > -epoch


class Once(Callback):
    stopped = False

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        if epoch == 1 and not type(self).stopped:
            type(self).stopped = self.model.stop_training = True


class FailsAgain(Callback):
    made = 0

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        type(self).made += 1
        assert type(self).made < 4
