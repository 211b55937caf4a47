"""A bell that ends what does not end by itself, and rings until it is heard.

An alarm's exception may be swallowed: by a hook that lives with every exception, or by
a finaliser in which it came. So the bell rings again, after a while for what cleans up. In
a callback's own code it then rings at every loop and call, where no ``except`` is; what
holds locks, as Keras and its backends do, is left to pass on the exception.
"""

import os
import signal
import sys
import threading
import time
from _thread import interrupt_main
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from types import FrameType
from typing import Any

from dryfit.lanes.handlers import set_handler
from dryfit.lanes.processor_waits import MOST_TIMES, waited_s

_AGAIN_S, _SOON_S = 0.25, 0.001
_FIRST_LOOK = 0.1  # of the limit: when it is first asked how long the process waits
_LONGEST_S = 1e8  # a timer takes no infinity
_OURS = ("dryfit", "dryfit_fakes")
_OF_PYTHON = sys.stdlib_module_names
_BACKENDS = ("keras", "tensorflow", "jax", "torch", "numpy", "h5py")


def _now(real: Callable[[], float] = time.monotonic) -> float:
    """The real clock, whatever a script's says: who replaces a module's functions misses it."""
    return real()


class PlayTimeoutError(TimeoutError):
    """Something did not come to its end in the time it was given."""


class _Bell:
    """One thing that is to end. What it waits for a processor does not count.

    Such waits are looked up in a file for each thread, and not before a part of its time is over:
    what is short pays nothing for it.

    Attributes:
        end: when it rings or looks, by the real clock.
        error: what it raises; ``None`` until it rang.
        before: who had the alarm before.
        insists: whether it rings at every loop and call now.
        soon: whether it rings as soon as our own code is left.
    """

    __slots__ = ("_due", "_last", "_late", "_waited", "before", "end", "error", "insists", "soon")

    def __init__(self, limit_s: float, late: str) -> None:
        begun = _now()
        self.end = begun + _FIRST_LOOK * limit_s
        self._due, self._last = begun + limit_s, begun + MOST_TIMES * limit_s
        self._waited: float | None = None
        self.error: BaseException | None = None
        self.before: Any = None
        self.insists = self.soon = False
        self._late = late

    def is_late(self) -> PlayTimeoutError | None:
        """What to raise, once its time is over."""
        if self.is_due():
            before, self._waited = self._waited, waited_s()
            more_s = 0.0 if before is None else max(0.0, self._waited - before)
            self.end = min(max(self.end, self._due) + more_s, self._last)
        return PlayTimeoutError(self._late) if self.is_due() else None

    def is_due(self) -> bool:
        """Whether its end has come."""
        return _now() >= self.end


_bells: list[_Bell] = []  # the innermost last


@contextmanager
def ringing(
    limit_s: float, late: str, tick: Callable[[Callable[[], None]], object] | None = None
) -> Iterator[None]:
    """End what is done within by an exception, once its time is over.

    A timer signal does it where there is one: in the main thread of a POSIX system, unless
    somebody else's timer is running (pytest-timeout's, say).

    Args:
        limit_s: its time.
        late: what the exception says.
        tick: where there is no signal, takes what raises once time is over, to call it
            now and then.

    Raises:
        PlayTimeoutError: its time was over.
    """
    bell = _Bell(limit_s, late)
    if not _may_ring():
        if tick is not None:
            tick(lambda: _raise(bell.is_late()))
        yield
        return
    bell.before = set_handler(signal.SIGALRM, _ring)
    try:
        _bells.append(bell)
        _wind()  # which may ring at once
        yield
    finally:
        try:
            signal.setitimer(signal.ITIMER_REAL, 0)
        finally:  # whatever rang between the two
            signal.setitimer(signal.ITIMER_REAL, 0)
            _bells.remove(bell)
            set_handler(signal.SIGALRM, bell.before)  # which first lets ring what is about to
            if _bells:
                _wind()


def insisting() -> AbstractContextManager[None]:
    """Let what `insist` is given be heard within, and set no time."""
    return ringing(_LONGEST_S, "")


def insist(error: BaseException) -> None:
    """Raise an exception that was raised once again and again, until it is heard."""
    if _bells:
        _bells[-1].error = error
        signal.setitimer(signal.ITIMER_REAL, _AGAIN_S)


def _may_ring() -> bool:
    if os.name != "posix" or threading.current_thread() is not threading.main_thread():
        return False
    return bool(_bells) or not signal.getitimer(signal.ITIMER_REAL)[0]


def _wind() -> None:
    left = min(bell.end for bell in _bells) - _now()
    signal.setitimer(signal.ITIMER_REAL, min(max(left, 1e-6), _LONGEST_S))


def _ring(number: int, frame: FrameType | None) -> None:
    if not _bells:  # it was left just now
        return
    bell = _bells[-1]
    if bell.error is None:
        is_ours = any(one.is_due() for one in _bells)
        bell.error = next(filter(None, (one.is_late() for one in reversed(_bells))), None)
        if bell.error is None:  # it is given more time, or somebody else's alarm
            if not is_ours and callable(_bells[0].before):
                _bells[0].before(number, frame)
            _wind()
            return
        signal.setitimer(signal.ITIMER_REAL, _AGAIN_S)
        raise bell.error
    package, insisted, soon = _package(frame), bell.insists, bell.soon
    bell.soon = package in _OURS
    bell.insists = not bell.soon and package not in _BACKENDS
    signal.setitimer(signal.ITIMER_REAL, _SOON_S if bell.soon else _AGAIN_S)
    error: BaseException | None = bell.error
    if package in _OF_PYTHON or package in _BACKENDS:
        bell.insists &= insisted
        error = None if insisted or soon else error
    if bell.soon or (error is None and not bell.insists):
        return
    bell.error.__traceback__ = None
    # An iterator's step is not followed by a look at signals, as a call would be: this one
    # is heard after the exception, at the next loop or call of whoever swallows it.
    for _ in map(interrupt_main, [signal.SIGALRM] * bell.insists):
        if error is None:
            return
        raise error
    if error is not None:
        raise error


def _package(frame: FrameType | None) -> str:
    name: Any = frame.f_globals.get("__name__") if frame is not None else None
    return str(name).partition(".")[0]


def _raise(error: BaseException | None) -> None:
    if error is not None:
        raise error
