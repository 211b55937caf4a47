"""Callbacks that do something wrong with the model, its logs or its rate, and some that do not."""

from pathlib import Path
from typing import Any

import keras


class OverwritesLoss(keras.callbacks.Callback):
    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        if logs and "loss" in logs:
            logs["loss"] = 0.0


class LogsVariable(keras.callbacks.Callback):
    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        logs["lr"] = self.model.optimizer.learning_rate


class LeavesRate(keras.callbacks.Callback):
    def on_train_end(self, logs: Any = None) -> None:
        self.model.optimizer.learning_rate = 1e-7


class ReducesTooLate(keras.callbacks.Callback):
    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        if epoch == 4:
            self.model.optimizer.learning_rate = 0.001


class LooksFirst(keras.callbacks.Callback):
    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        if epoch == 4 and hasattr(self.model.optimizer.learning_rate, "assign"):
            self.model.optimizer.learning_rate = 0.001


class FreezesTooLate(keras.callbacks.Callback):
    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        if epoch == 1:
            self.model.layers[-1].trainable = False


class FreezesInTime(keras.callbacks.Callback):
    def on_train_begin(self, logs: Any = None) -> None:
        self.model.layers[-1].trainable = False


class MarksModel(keras.callbacks.Callback):
    def on_train_begin(self, logs: Any = None) -> None:
        self.model.marked_by = "me"


class TakesMarkAway(keras.callbacks.Callback):
    def on_train_begin(self, logs: Any = None) -> None:
        self.model.marked_by = "me"

    def on_train_end(self, logs: Any = None) -> None:
        del self.model.marked_by


class KeepsVariables(keras.callbacks.Callback):
    def on_train_begin(self, logs: Any = None) -> None:
        self.best, self.weights = float("inf"), None

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        loss = (logs or {}).get("loss", 0.0)
        if loss < self.best:
            self.best, self.weights = loss, list(self.model.weights)


class KeepsValues(keras.callbacks.Callback):
    def on_train_begin(self, logs: Any = None) -> None:
        self.best, self.weights = float("inf"), None

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        loss = (logs or {}).get("loss", 0.0)
        if loss < self.best:
            self.best, self.weights = loss, self.model.get_weights()


class KeepsModel(keras.callbacks.Callback):
    def on_train_begin(self, logs: Any = None) -> None:
        self.best, self.best_model = float("inf"), None

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        if logs["loss"] < self.best:
            self.best, self.best_model = logs["loss"], self.model


class KeepsByLayer(keras.callbacks.Callback):
    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        self.saved = {layer.name: layer.weights for layer in self.model.layers}


class SavesTheFirst(keras.callbacks.Callback):
    """After each start, whatever comes first is the best, and written over what was."""

    def on_train_begin(self, logs: Any = None) -> None:
        self.best = float("inf")

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        loss = (logs or {}).get("loss", 0.0)
        if loss < self.best:
            self.best = loss
            self.model.save_weights("best.weights.h5")


class KnowsItsBest(SavesTheFirst):
    """The best value stands beside the weights."""

    def on_train_begin(self, logs: Any = None) -> None:
        file = Path("best.txt")
        self.best = float(file.read_text()) if file.exists() else float("inf")

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        super().on_epoch_end(epoch, logs)
        Path("best.txt").write_text(str(self.best))
