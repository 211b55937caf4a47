"""An interrupt of a play ends pytest without a traceback to read."""

import gc
import signal
import sys
from types import SimpleNamespace
from typing import Any

import pytest

from dryfit import play
from dryfit.show.interrupted_tests import OneFrameOfInterrupts, heard_again
from dryfit_fakes.actors import RaiseAt


def test_an_interrupt_of_a_play_is_told_by_one_frame() -> None:
    """Pytest reads the source of every frame, and prints the place of the last."""
    with pytest.raises(KeyboardInterrupt) as caught:
        play({"loss": "1x2"}, [RaiseAt(KeyboardInterrupt, epoch=0)])
    place = caught.traceback[-1].lineno
    kept = gc.get_freeze_count()
    OneFrameOfInterrupts().pytest_keyboard_interrupt(caught)
    assert gc.get_freeze_count() > kept  # no garbage is sought in TensorFlow's objects
    gc.unfreeze()
    assert [entry.lineno for entry in caught.traceback] == [place]


def test_an_interrupt_that_is_lost_comes_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """As in a hook of the garbage collector, of whose exceptions Python only tells."""
    told: list[Any] = []
    monkeypatch.setattr(sys, "unraisablehook", told.append)
    handler = signal.signal(signal.SIGINT, signal.default_int_handler)

    def lose(error: BaseException) -> int:
        with heard_again():
            sys.unraisablehook(SimpleNamespace(exc_value=error))  # type: ignore[arg-type]
            return sum(range(10))  # where Python looks for signals

    try:
        with pytest.raises(KeyboardInterrupt):
            lose(KeyboardInterrupt())
        assert lose(ValueError()) == 45
    finally:
        signal.signal(signal.SIGINT, handler)
    assert [type(one.exc_value) for one in told] == [KeyboardInterrupt, ValueError]
    assert sys.unraisablehook == told.append
