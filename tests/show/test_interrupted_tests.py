"""An interrupt of a play ends pytest without a traceback to read."""

import gc

import pytest

from dryfit import play
from dryfit.show.interrupted_tests import OneFrameOfInterrupts
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
