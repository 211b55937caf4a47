"""What pytest prints where an interrupt ends a play."""

import gc

import pytest


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
