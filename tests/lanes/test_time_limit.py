"""What does not end by itself is ended, also where it swallows every exception."""

import contextlib
import signal
import sys
import time
from collections.abc import Callable
from typing import Any

import keras
import pytest

from dryfit import PlayTimeoutError, play
from dryfit.lanes import time_limit
from dryfit.lanes.time_limit import ringing


def waits() -> None:
    while True:
        time.sleep(60)


def swallows() -> None:
    while True:
        try:
            time.sleep(60)
        except BaseException:
            continue


def swallows_twice() -> None:
    while True:
        try:
            swallows()
        except BaseException:
            continue


def is_busy() -> None:
    number = 0
    while True:
        try:
            number += 1
        except BaseException:
            number = 0


def suppresses() -> None:
    while True:
        with contextlib.suppress(BaseException):
            time.sleep(60)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The time by which a bell is late, which a test moves: a busy machine does not.

    The alarm rings again and again until then.
    """
    now = [0.0]
    monkeypatch.setattr(time_limit, "_now", lambda: now[0])
    monkeypatch.setattr(time_limit, "waited_s", lambda: 0.0)  # it would be given more time
    return now


@pytest.mark.skipif(sys.version_info[:2] == (3, 12), reason="3.12 looks at signals within the try")
@pytest.mark.parametrize("hangs", [waits, swallows, swallows_twice, is_busy, suppresses])
def test_a_hook_that_hangs_is_ended(hangs: Callable[[], None], clock: list[float]) -> None:
    """Whatever it does with exceptions; who was at work is known."""

    class Hangs(keras.callbacks.Callback):
        def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
            clock[0] = 0.05
            hangs()

    with pytest.raises(PlayTimeoutError, match="did not end within") as caught:
        play({"loss": "1x2"}, [Hangs()], wall_time_s=0.05)
    raised = caught.value.run.raised  # type: ignore[attr-defined]
    assert (raised.by, raised.hook, raised.epoch) == ("Hangs", "on_epoch_end", 0)


def test_what_cleans_up_has_time_to() -> None:
    """The bell does not ring again at once: files are closed."""
    closed = []

    def cleans_up() -> None:
        with ringing(0.01, "too late"):
            try:
                waits()
            finally:
                closed.extend(True for _ in range(100))

    with pytest.raises(PlayTimeoutError, match=r"^too late$"):
        cleans_up()
    assert len(closed) == 100


def test_the_inner_of_two_ends_first(clock: list[float]) -> None:
    """And the outer one still rings behind it; the alarm is as it was in the end."""
    before = signal.getsignal(signal.SIGALRM), signal.getitimer(signal.ITIMER_REAL)

    def waits_until(moment: float) -> None:
        clock[0] = moment
        waits()

    def nested() -> None:
        with ringing(0.2, "outer"):
            with pytest.raises(PlayTimeoutError, match="inner"), ringing(0.01, "inner"):
                waits_until(0.1)
            waits_until(0.2)

    with pytest.raises(PlayTimeoutError, match="outer"):
        nested()
    assert (signal.getsignal(signal.SIGALRM), signal.getitimer(signal.ITIMER_REAL)) == before


def test_the_alarm_is_wound_for_whoever_ends_first() -> None:
    """That may be the outer of two."""
    with ringing(100, "outer"), ringing(1000, "inner"):
        assert 0 < signal.getitimer(signal.ITIMER_REAL)[0] <= 100


def test_somebody_else_s_timer_goes_on() -> None:
    """It is not ours to wind: a thing ends at the next hook then."""
    signal.setitimer(signal.ITIMER_REAL, 1000)
    checks: list[Callable[[], None]] = []
    try:
        with ringing(0.0, "late", checks.append), pytest.raises(PlayTimeoutError, match="late"):
            checks[0]()
        assert signal.getitimer(signal.ITIMER_REAL)[0] > 900
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)


def test_what_a_process_waits_for_a_processor_is_not_its_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A busy machine ends nothing that an idle one would not; ten times the limit is the last."""
    clock = {"now": 0.0, "waited": 0.0}
    monkeypatch.setattr(time_limit, "_now", lambda: clock["now"])
    monkeypatch.setattr(time_limit, "waited_s", lambda: clock["waited"])
    bell = time_limit._Bell(30, "too late")

    def at(now: float, waited: float) -> bool:
        clock.update(now=now, waited=waited)
        return bell.is_late() is not None

    assert not at(29, 0)
    assert not at(40, 15)  # 25 s of its own
    assert not at(44, 15)
    assert at(46, 15)
    assert not at(46, 20)
    assert not at(299, 280)
    assert at(300, 900)


def test_what_is_short_is_not_asked_how_long_it_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    """That is read from a file for each thread: first when a tenth of the limit is over."""
    clock, asked = {"now": 0.0}, []
    monkeypatch.setattr(time_limit, "_now", lambda: clock["now"])
    monkeypatch.setattr(time_limit, "waited_s", lambda: float(bool(asked.append(clock["now"]))))
    bell = time_limit._Bell(30, "too late")
    for clock["now"] in (0.0, 2.9, 3.0, 29.9):
        assert bell.is_late() is None
    assert asked == [3.0]
    clock["now"] = 30.0
    assert bell.is_late() is not None
