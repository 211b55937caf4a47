"""Scripted time: the clock that callbacks read moves as the script says."""

import time
from datetime import datetime
from pathlib import Path
from threading import Thread
from typing import Any

import keras
import pytest

from dryfit import Script, play
from dryfit.run.timeline_events import Slept
from dryfit.tools.bench.loop import FrozenTimeError, Loop
from dryfit_fakes import ScriptError, clock
from dryfit_fakes.clock import VirtualClock

REAL_CLOCK = (time.perf_counter,)  # where freezegun does not find it
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


class Naps(keras.callbacks.Callback):
    """Sleeps for a minute at the end of an epoch, in three parts."""

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        for seconds in (10, 20, 30):
            time.sleep(seconds)


@BOTH
def test_a_sleep_moves_the_clock_and_is_recorded(lane: str) -> None:
    """Nobody waits; sleeps with nothing between are one."""
    stopping = StopAfter(130)
    before = time.monotonic()
    run = play({"loss": "1x9"}, [Naps(), stopping], lane=lane, seconds_per_batch=5)
    assert run.slept == tuple(Slept(e, None, "on_epoch_end", "Naps", 60.0) for e in (0, 1, 2))
    assert (run.stopped_epoch, run.stopped_batch) == (2, 0)
    assert "Naps sleeps for 60 s" in run.table()
    assert time.monotonic() - before < 60


def test_two_plays_on_the_clock_have_one_timeline() -> None:
    """Time is the script's, so nothing of the real one shows."""
    runs = [play({"loss": "1x9"}, [Naps(), StopAfter(130)], seconds_per_batch=5) for _ in range(2)]
    assert runs[0].timeline == runs[1].timeline


def test_a_sleep_in_another_thread_is_real() -> None:
    """Threads have no order; the clock would show which of them came first."""

    class Waits(keras.callbacks.Callback):
        def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
            thread = Thread(target=time.sleep, args=[0.001])
            thread.start()
            thread.join()

    assert play({"loss": "1x1"}, [Waits()], seconds_per_epoch=1).slept == ()


def test_sleep_is_real_without_scripted_time() -> None:
    """A script without seconds leaves the clock alone."""
    real = time.sleep

    class Looks(keras.callbacks.Callback):
        def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
            assert time.sleep is real

    play({"loss": "1x1"}, [Looks()])


def test_a_second_play_goes_on_with_the_time_of_the_first() -> None:
    """A clock never goes back."""
    seen = []

    class Looks(keras.callbacks.Callback):
        def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
            seen.append(time.time())

    run = play({"loss": "1x2"}, [Looks()], seconds_per_epoch=60)
    play({"loss": "1x2"}, [Looks()], after=run, seconds_per_epoch=60)
    assert [later - seen[0] for later in seen] == [0, 60, 120, 180]


@pytest.mark.parametrize("call", ["evaluate", "predict"])
def test_other_calls_have_the_scripts_time_too(call: str) -> None:
    """However few calls lie between the play and the hook."""
    seen = []

    class Looks(keras.callbacks.Callback):
        def on_test_begin(self, logs: Any = None) -> None:
            seen.append(datetime.now().year)

        on_predict_begin = on_test_begin

    script = Script(metrics={"loss": "1x1"}, seconds_per_batch=1, predict=lambda x, epoch: x)
    play(script, [Looks()], call=call)
    assert seen == [2000]


def test_a_simulated_week_is_over_before_its_first_ten_minutes(
    virtual_clock: VirtualClock,
) -> None:
    """A checkpoint every ten minutes of 10,080 batches of a minute each; nothing waits."""
    saved = []

    class EveryTenMinutes(keras.callbacks.Callback):
        def on_train_begin(self, logs: Any = None) -> None:
            self.due = time.time() + 600

        def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
            if time.time() >= self.due:
                saved.append(batch)
                self.due += 600

    before = REAL_CLOCK[0]()
    play({"loss": "1x7"}, [EveryTenMinutes()], batches=1440, seconds_per_batch=60)
    assert REAL_CLOCK[0]() - before < 600
    assert virtual_clock.elapsed_s == 7 * 24 * 3600
    assert len(saved) == 7 * 24 * 6


def test_the_fixture_is_the_clock_of_a_whole_test(virtual_clock: VirtualClock) -> None:
    """A play without seconds stands still on it; the test may move it between plays."""
    seen = []

    class Looks(keras.callbacks.Callback):
        def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
            seen.append(time.perf_counter())

    begun = time.perf_counter()
    play({"loss": "1x2"}, [Looks()])
    virtual_clock.tick(3600)
    play({"loss": "1x2"}, [Looks()])
    time.sleep(0.5)
    assert [moment - begun for moment in seen] == [0, 0, 3600, 3600]
    assert virtual_clock.elapsed_s == 3600.5


def test_the_fixture_is_off_after_the_test() -> None:
    """The test before this one left the real clock behind."""
    assert datetime.now().year > 2000


def test_nothing_is_measured_on_a_clock_that_stands(virtual_clock: VirtualClock) -> None:
    """A time of 0 would look like a fast callback."""
    with pytest.raises(FrozenTimeError, match="the clock is frozen"):
        Loop().fit([Naps()], 1)


@pytest.mark.parametrize("seconds", [-1, float("nan")])
def test_a_clock_is_not_set_back(virtual_clock: VirtualClock, seconds: float) -> None:
    """Time is monotone."""
    with pytest.raises(ValueError, match="0 seconds or more"):
        virtual_clock.tick(seconds)


def test_a_module_that_is_imported_meanwhile_sleeps_really_afterwards(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It has taken ``sleep`` by its name while the clock stood."""
    (tmp_path / "imported_late.py").write_text("from time import sleep\n")
    monkeypatch.syspath_prepend(tmp_path)
    real = time.sleep
    with clock.virtual_clock():
        import imported_late

        assert imported_late.sleep is time.sleep is not real
    assert imported_late.sleep is real
