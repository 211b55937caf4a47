"""The cases of a callback tutorial, played in both lanes: ``dryfit demo``.

The tutorial ("Callback", of November 2020, on tf.keras) trains a network on
Fashion-MNIST and reads the effect off a plot. Here the numbers are written down, so
every decision can be checked by hand.
"""

from collections.abc import Callable
from textwrap import fill
from typing import Any

from dryfit.lanes.play import play
from dryfit.show.colours import terminal
from dryfit_fakes.backend import keras
from dryfit_fakes.protocols import Logs
from dryfit_fakes.script import Script

CURVE = {"loss": "1-.05x12", "val_loss": ".9 .7 .5 .52 .54 .51 .55 .53 .56 .57 .58 .59"}
PLATEAU = {"val_loss": "2 1.6 1.3 1.1 .9 .5 .4 .35 .3 .32 .31 .33 .3 .25 .24"}


class MyEarlyStopping(keras.callbacks.Callback):  # type: ignore[misc]
    """Stop once ``val_loss`` has not fallen for `patience` epochs, and restore at once."""

    def __init__(self, patience: int) -> None:
        super().__init__()
        self.patience = patience

    def on_train_begin(self, logs: Logs | None = None) -> None:
        """Start counting."""
        self.wait, self.best, self.best_epoch = 0, float("inf"), -1

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        """Count the epochs without a better value."""
        assert logs is not None
        if logs["val_loss"] < self.best:
            self.wait, self.best, self.best_epoch = 0, logs["val_loss"], epoch
            self._weights = self.model.get_weights()
            return
        self.wait += 1
        if self.wait >= self.patience:
            self.model.stop_training = True
            self.model.set_weights(self._weights)


def step_decay(epoch: int, learning_rate: float) -> float:
    """A tenth every five epochs, whatever the rate is now."""
    return 0.1 * 0.1 ** (epoch // 5)


def respectful_decay(epoch: int, learning_rate: float) -> float:
    """The same steps, but keep a rate that a plateau has cut by no more than a tenth."""
    planned = step_decay(epoch, learning_rate)
    if 0.1 * planned - 1e-7 < learning_rate < planned - 1e-7:
        return learning_rate
    return planned


def _plateau() -> Any:
    return keras.callbacks.ReduceLROnPlateau(factor=0.1, patience=2, min_lr=1e-7)


def _scheduler(schedule: Callable[[int, float], float]) -> Any:
    return keras.callbacks.LearningRateScheduler(schedule)


def _stopping(**settings: Any) -> Any:
    return keras.callbacks.EarlyStopping(monitor="val_loss", patience=5, **settings)


CASES: dict[str, tuple[dict[str, str], float, Callable[[], list[Any]]]] = {
    "the tutorial's early stopping: best weights, at once": (
        CURVE,
        0.01,
        lambda: [MyEarlyStopping(patience=5)],
    ),
    "Keras' EarlyStopping: the same epoch, the last weights": (CURVE, 0.01, lambda: [_stopping()]),
    "Keras' with restore_best_weights: best weights, at the end of training": (
        CURVE,
        0.01,
        lambda: [_stopping(restore_best_weights=True)],
    ),
    "a plateau cuts the rate": (PLATEAU, 0.1, lambda: [_plateau()]),
    "a schedule sets the rate": (PLATEAU, 0.1, lambda: [_scheduler(step_decay)]),
    "the schedule overrides the plateau": (
        PLATEAU,
        0.1,
        lambda: [_plateau(), _scheduler(step_decay)],
    ),
    "the schedule that respects it": (
        PLATEAU,
        0.1,
        lambda: [_plateau(), _scheduler(respectful_decay)],
    ),
}


OPENING = """\
A script says what a training reports. A lane plays it to real Keras callbacks: the fake
lane trains nothing, the real lane is Keras' own fit of a small model. Each case below
is played in both, and both must tell the same.

A table has one row an epoch: what was reported, the learning rate that the epoch trained
with (after > the rate that it left), what callbacks remember, and what they did.
"""
CLOSING = """\
go on with
  docs/five-minutes.md
      the same of a callback of your own
  dryfit check EarlyStopping
      what a callback does in situations of all kinds"""


def main() -> int:
    """Play every case in both lanes; return 1 if any timeline differs."""
    console, differing = terminal(), 0
    width = 88 if console is None else min(88, console.width)
    print("\n\n".join(fill(text, width) for text in OPENING.split("\n\n")), flush=True)
    for title, (metrics, learning_rate, callbacks) in CASES.items():
        script = Script(metrics=metrics, batches=4, learning_rate=learning_rate)
        fake = play(script, callbacks(), lane="fake")
        real = play(script, callbacks(), lane="real")
        same = fake.timeline == real.timeline
        differing += not same
        verdict = "the real lane: the same timeline" if same else f"THE REAL LANE\n{real.table()}"
        heading = fill(f"== {title}", width, subsequent_indent="   ")
        print(f"\n{heading}\n{fake.table(terminal=console)}\n{verdict}")
    print(f"\n{len(CASES)} cases in 2 lanes, {differing} differ\n\n{CLOSING}")
    return 1 if differing else 0
