"""What an interrupt does in pytest."""

import gc
import sys
from _thread import interrupt_main
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from typing import Any

import pytest


@contextmanager
def heard_again() -> Iterator[None]:
    """Let an interrupt come again that was raised where Python only tells of exceptions.

    jax has a hook of the garbage collector, which is at work for much of the time while
    TensorFlow loads: what is raised there ends nothing (``jax/_src/lib/__init__.py``, 0.10).
    """
    before = sys.unraisablehook

    def tell(unraisable: Any) -> None:
        before(unraisable)
        if isinstance(unraisable.exc_value, KeyboardInterrupt):
            interrupt_main()

    sys.unraisablehook = tell
    try:
        yield
    finally:
        sys.unraisablehook = before


class HeardInterrupts:
    """Loses no interrupt while pytest collects, which loads Keras, and while it runs tests."""

    @pytest.hookimpl(wrapper=True)
    def pytest_collection(self) -> Generator[None, object, object]:
        """Hear them while it collects."""
        with heard_again():
            return (yield)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtestloop(self) -> Generator[None, object, object]:
        """Hear them while it runs tests."""
        with heard_again():
            return (yield)


class OneFrameOfInterrupts:
    """Lets an interrupt of a play end pytest at once.

    Of its traceback pytest prints where it came, and would read the source of every frame; then
    it collects garbage several times, and so does Python: a second each with TensorFlow in it.
    """

    @pytest.hookimpl(tryfirst=True)
    def pytest_keyboard_interrupt(self, excinfo: pytest.ExceptionInfo[BaseException]) -> None:
        """Leave the one frame that is told, and nothing that garbage is sought in."""
        gc.freeze()
        entries = excinfo.traceback
        modules = {str(entry.frame.f_globals.get("__name__")) for entry in entries}
        told = [at for at, entry in enumerate(entries) if not entry.ishidden(excinfo)]
        if told and any(name.startswith("dryfit.") for name in modules):
            excinfo.traceback = entries[told[-1] : told[-1] + 1]
