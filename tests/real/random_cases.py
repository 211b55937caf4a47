"""Random settings of Keras' callbacks over random curves, the same for every run."""

import random
from collections.abc import Callable
from typing import Any

from keras_here import keras

from dryfit import Script

CURVE = [0.0, 0.1, 0.2, 0.25, 0.5, 0.5001, 0.8, 1.0, 3.0, float("nan"), float("inf"), None]


def case(seed: int) -> tuple[Script, Callable[[], list[Any]]]:
    """Make a script and a maker of fresh callbacks for it."""
    rng = random.Random(seed)
    epochs, batches = rng.randint(2, 7), rng.randint(1, 3)
    raw = [epoch % 3 == 0 for epoch in range(epochs)]  # these epochs tell loss by batch
    script = Script(
        epochs=epochs,
        batches=batches,
        val_batches=rng.randint(1, 2),
        learning_rate=rng.choice([1.0, 0.1, 0.01]),
        metrics={
            "loss": [None if raw[epoch] else rng.choice(CURVE) for epoch in range(epochs)],
            "accuracy": rng.choice([".5", f"0+.1x{epochs}"]),
            "val_loss": [rng.choice(CURVE) for _ in range(epochs)],
        },
        batch_metrics={"loss": [_raw(rng, batches) if told else "_" for told in raw]},
        steps_per_execution=rng.choice([1, 1, 1, 2]),
        initial_epoch=rng.choice([0, 0, 0, 1]),
    )
    makers = rng.sample(_MAKERS, k=rng.randint(2, len(_MAKERS)))
    seeds = [rng.random() for _ in makers]
    return script, lambda: [make(random.Random(s)) for make, s in zip(makers, seeds, strict=True)]


def _raw(rng: random.Random, batches: int) -> str:
    return " ".join(rng.choice(["1", "4", ".3", "1e-3", "7.7"]) for _ in range(batches))


def _monitor(rng: random.Random) -> dict[str, Any]:
    return {"monitor": rng.choice(["loss", "val_loss", "val_loss", "accuracy"])}


def _early_stopping(rng: random.Random) -> Any:
    return keras.callbacks.EarlyStopping(
        **_monitor(rng),
        patience=rng.randint(0, 3),
        min_delta=rng.choice([0, 0.1, 0.05, 1e-4]),
        baseline=rng.choice([None, None, 0.4]),
        restore_best_weights=rng.random() < 0.6,
        start_from_epoch=rng.choice([0, 0, 2]),
        verbose=rng.randint(0, 1),
    )


def _plateau(rng: random.Random) -> Any:
    return keras.callbacks.ReduceLROnPlateau(
        **_monitor(rng),
        factor=rng.choice([0.1, 0.5]),
        patience=rng.randint(0, 2),
        cooldown=rng.randint(0, 2),
        min_delta=rng.choice([0, 1e-4, 0.1]),
        min_lr=rng.choice([0, 1e-3]),
        verbose=rng.randint(0, 1),
    )


def _scheduler(rng: random.Random) -> Any:
    schedules = [lambda e, lr: lr * 0.9, lambda e: 0.1 if e < 2 else 0.01, lambda e, lr: lr]
    return keras.callbacks.LearningRateScheduler(rng.choice(schedules), verbose=rng.randint(0, 1))


def _checkpoint(rng: random.Random) -> Any:
    weights_only = rng.random() < 0.7
    path = rng.choice(["best", "e{epoch:02d}"]) + (".weights.h5" if weights_only else ".keras")
    return keras.callbacks.ModelCheckpoint(
        path,
        **_monitor(rng),
        save_weights_only=weights_only,
        save_best_only=rng.random() < 0.6,
        save_freq=rng.choice(["epoch", "epoch", 2]),
        verbose=rng.randint(0, 1),
    )


def _terminate(rng: random.Random) -> Any:
    return keras.callbacks.TerminateOnNaN()


class GoBack(keras.callbacks.Callback):
    """Puts earlier weights back, and trains on from there."""

    def __init__(self, epoch: int) -> None:
        super().__init__()
        self.epoch = epoch

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        if epoch == self.epoch:
            self._kept = self.model.get_weights()
        if epoch == self.epoch + 1 and hasattr(self, "_kept"):
            self.model.set_weights(self._kept)


def _go_back(rng: random.Random) -> Any:
    return GoBack(rng.randint(0, 2))


_MAKERS = [_early_stopping, _plateau, _scheduler, _checkpoint, _terminate, _go_back]
