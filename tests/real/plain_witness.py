"""What plain Keras shows a callback in every hook, weights and all. Imports nothing of dryfit."""

from typing import Any

import numpy as np
from keras_here import LEGACY, keras


class PlainWitness(keras.callbacks.Callback):
    """Keeps what it sees in each hook: the model's state, and the logs by epoch and batch.

    Attributes:
        seen: hook, index, logs, rates, whether to stop, names of metrics, whether the
            optimizer is built, and the bytes of all weights.
        epochs: the logs of each epoch's end.
        batches: those of each batch's end, by prefix (``""`` or ``"val_"``) and epoch.
        whose: by the bytes of weights, the epoch and batch that trained them last.
    """

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[tuple[Any, ...]] = []
        self.epochs: dict[int, dict[str, float]] = {}
        self.batches: dict[str, dict[int, list[tuple[int, dict[str, float]]]]] = {
            "": {},
            "val_": {},
        }
        self.whose: dict[bytes, tuple[int, int]] = {}
        self._epoch = -1

    def see(self, hook: str, index: int | None, logs: dict[str, float]) -> None:
        """Keep what there is to see in a hook."""
        model, weights = self.model, weights_of(self.model)
        if hook == "on_train_begin":
            self.whose[weights] = (-1, -1)
        elif hook == "on_epoch_begin":
            self._epoch = index or 0
        elif hook == "on_epoch_end":
            self.epochs[self._epoch] = logs
        elif hook.endswith("batch_end"):
            prefix = "" if "train" in hook else "val_"
            self.batches[prefix].setdefault(self._epoch, []).append((index or 0, logs))
            if "train" in hook and self.whose.get(weights) != (-1, -1):
                self.whose[weights] = (self._epoch, index or 0)
        names = [metric.name for metric in model.metrics]
        built = getattr(model.optimizer, "built", None)  # Keras 2 does not say it
        state = (_rates(model.optimizer), model.stop_training, names, built, weights)
        self.seen.append((hook, index, logs, *state))

    def script(self, epochs: int, batches: int, val_batches: int) -> dict[str, Any]:
        """A script that reports what was seen, in epochs and batches alike."""
        last = max(self.epochs)
        rows = [self.epochs[min(epoch, last)] for epoch in range(epochs)]
        logs: dict[str, list[Any]] = {}
        for prefix, count in (("", batches), ("val_", val_batches)):
            for epoch, ended in self.batches[prefix].items():
                for name, values in _spread(ended, count).items():
                    logs.setdefault(prefix + name, ["_"] * epochs)[epoch] = values
        return {
            "metrics": {name: [row[name] for row in rows] for name in rows[0]},
            "batch_logs": logs,
            "epochs": epochs,
            "batches": batches,
            "val_batches": val_batches,
        }


def weights_of(model: Any) -> bytes:
    """All weights as they are."""
    return b"".join(_numpy(v).tobytes() for v in model.weights)


def _rates(optimizer: Any) -> list[float]:
    every = getattr(optimizer, "optimizers", [optimizer])
    return [float(_numpy(one.learning_rate)) for one in every]


def _numpy(variable: Any) -> Any:
    return variable.numpy() if LEGACY else np.asarray(keras.ops.convert_to_numpy(variable))


def _spread(ended: list[tuple[int, dict[str, float]]], count: int) -> dict[str, list[float]]:
    """Each batch's logs are those of the execution that it was in."""
    found: dict[str, list[float]] = {}
    for end, logs in ended:
        for name, value in logs.items():
            values = found.setdefault(name, [])
            values += [value] * (min(end + 1, count) - len(values))
    return found


def _seen(name: str) -> Any:
    def hook(self: PlainWitness, *index: Any, logs: Any = None) -> None:
        *index, logs = index if logs is None else (*index, logs)
        numbers = {key: float(value) for key, value in (logs or {}).items()}
        self.see(name, index[0] if index else None, numbers)

    return hook


for _name in dir(keras.callbacks.Callback):
    if _name.startswith("on_") and _name not in ("on_batch_begin", "on_batch_end"):
        setattr(PlainWitness, _name, _seen(_name))
