"""Scripted time: the clock that callbacks read moves as the script says."""

import time
from datetime import datetime
from typing import Any

import keras
import pytest

from dryfit import Script, play
from dryfit_fakes import ScriptError

BOTH = pytest.mark.parametrize("lane", ["fake", "real"])


class StopAfter(keras.callbacks.Callback):
    """Stops once some seconds have passed since training began."""

    def __init__(self, seconds: float) -> None:
        super().__init__()
        self.seconds = seconds

    def on_train_begin(self, logs: Any = None) -> None:
        self.begun = time.time()

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        if time.time() - self.begun >= self.seconds:
            self.model.stop_training = True


@BOTH
def test_a_time_based_stop(lane: str) -> None:
    """Batches end at 10, 20, 30 s; the epoch takes 5 more; batch 0 of epoch 1 ends at 45 s."""
    script = Script(metrics={"loss": "1x4"}, batches=3, seconds_per_batch=10, seconds_per_epoch=5)
    run = play(script, [StopAfter(45)], lane=lane)
    assert (run.stopped_epoch, run.stopped_batch) == (1, 0)


@BOTH
def test_every_clock_agrees_and_is_real_again_afterwards(lane: str) -> None:
    """Also when a callback raises."""
    seen = []

    class Looks(keras.callbacks.Callback):
        def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
            seen.append((time.time(), time.monotonic(), time.perf_counter(), datetime.now()))
            if epoch == 1:
                raise LookupError

    before = time.monotonic()
    with pytest.raises(LookupError):
        play({"loss": "1x2"}, [Looks()], lane=lane, seconds_per_epoch=60)
    first, second = seen
    assert [b - a for a, b in zip(first[:3], second[:3], strict=True)] == [60.0] * 3
    assert (second[3] - first[3]).total_seconds() == 60
    assert 0 <= time.monotonic() - before < 60


@BOTH
def test_a_hook_that_never_returns_is_ended_all_the_same(lane: str) -> None:
    """The deadline of a play keeps the real time."""

    class Waits(keras.callbacks.Callback):
        def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
            while True:
                time.sleep(0.01)

    with pytest.raises(TimeoutError, match=r"within 0\.3 s"):
        play({"loss": "1x2"}, [Waits()], lane=lane, seconds_per_batch=1, wall_time_s=0.3)


def test_time_does_not_run_backwards() -> None:
    """A negative number of seconds is refused."""
    with pytest.raises(ScriptError, match="seconds_per_batch must be a number of at least 0"):
        Script(metrics={"loss": "1x2"}, seconds_per_batch=-1)
