"""Keras' callbacks, driven by plain Keras' hooks: nothing of dryfit is in it."""

from collections.abc import Mapping, Sequence
from typing import Any

import keras

NEVER = -1


class _Model:
    """What the four callbacks ask of a model."""

    def __init__(self, rate: float) -> None:
        self.optimizer = _optimizer(rate)
        self.stop_training = False
        self.saved: list[int] = []
        self.epoch = self.weights = NEVER

    def get_weights(self) -> int:
        return self.epoch

    def set_weights(self, weights: int) -> None:
        self.weights = weights

    def save_weights(self, path: str, overwrite: bool) -> None:
        self.saved.append(self.epoch)


_ONE: list[Any] = []


def _optimizer(rate: float) -> Any:
    if not _ONE:  # one for all: making it takes longer than a play
        _ONE.append(keras.optimizers.SGD())
    _ONE[0].learning_rate = rate
    return _ONE[0]


def _rate(model: _Model) -> float:
    return float(keras.ops.convert_to_numpy(model.optimizer.learning_rate))


def play(
    callbacks: Sequence[Any],
    metrics: Mapping[str, Sequence[float | None]],
    first: int,
    rate: float,
) -> dict[str, float]:
    """What callbacks decide on a curve of one batch an epoch, as a cell of a sweep tells it."""
    model = _Model(rate)
    for callback in callbacks:
        callback.set_model(model)
        callback.on_train_begin()
    epochs = cuts = 0
    stopped = NEVER
    length = len(next(iter(metrics.values())))
    for place in range(length):
        model.epoch = first + place
        logs = {n: column[place] for n, column in metrics.items() if column[place] is not None}
        before = _rate(model)
        for callback in callbacks:
            callback.on_epoch_begin(model.epoch)
        try:
            for callback in callbacks:
                callback.on_train_batch_end(0, {k: v for k, v in logs.items() if k == "loss"})
        except RuntimeError:  # TerminateOnNaN(raise_error=True): fit ends here
            stopped, model.weights = model.epoch, NEVER
            break
        epochs += 1
        for callback in callbacks:
            callback.on_epoch_end(model.epoch, dict(logs))
        cuts += _rate(model) < before
        if model.stop_training:
            stopped = model.epoch
            break
    else:
        place = length - 1
    if stopped == NEVER or model.stop_training:
        for callback in callbacks:
            callback.on_train_end()
    return {
        "epochs": epochs,
        "stopped": stopped,
        "restored": model.weights,
        "saves": len(model.saved),
        "last_save": model.saved[-1] if model.saved else NEVER,
        "cuts": cuts,
        "last_rate": _rate(model),
    }
