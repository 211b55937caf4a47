"""Whose interrupt it is: a signal ends what is played, and is nobody's failure.

A played scenario may raise ``KeyboardInterrupt`` of its own, and that is recorded as its. So
an interrupt is told by identity: what came out of a signal's handler is the user's. A signal
waits while what a play has set is put back, and one that a callback swallows comes again.
"""

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from types import FrameType
from typing import Any, TypeAlias

from dryfit.lanes.handlers import handler_of, set_handler
from dryfit.lanes.time_limit import insist

SIGNALS = (signal.SIGINT, signal.SIGTERM)

_Handler: TypeAlias = Callable[[int, FrameType | None], Any]


class TerminatedError(BaseException):
    """Somebody ends the program; it cleans up first."""


@dataclass
class _Heard:
    """What a signal said while something is played.

    Attributes:
        error: what its handler raised.
        number: its number, where it had no handler: it ends the program in the end.
        waits: whether signals wait now.
    """

    error: BaseException | None = None
    number: int | None = None
    waits: bool = True


_heard: _Heard | None = None


@contextmanager
def held() -> Iterator[None]:
    """Let signals wait within, but where it is `opened`; in the end they are heard."""
    global _heard
    if threading.current_thread() is not threading.main_thread():
        yield  # no signal comes here
        return
    if _heard is not None:
        with _waiting(_heard, True):
            yield
        return
    _heard = heard = _Heard()
    before = {number: handler_of(number) for number in SIGNALS}
    for number, handler in before.items():
        if callable(handler) or handler == signal.SIG_DFL:  # else nobody's, or it is ignored
            set_handler(number, partial(_hear, heard, handler))
    try:
        yield
    finally:
        for number, handler in before.items():
            if isinstance(handler_of(number), partial):
                set_handler(number, handler)
        _heard = None
        if heard.number is not None:
            signal.raise_signal(heard.number)
        if heard.error is not None:
            raise heard.error


@contextmanager
def opened() -> Iterator[None]:
    """Let signals interrupt what is done within: a callback, or what may take long."""
    if _heard is None or threading.current_thread() is not threading.main_thread():
        yield
        return
    with _waiting(_heard, False):
        yield


def came() -> bool:
    """Whether a signal ends what is played: then no exception is a callback's failure."""
    here = threading.current_thread() is threading.main_thread()
    return here and _heard is not None and _heard.error is not None


@contextmanager
def _waiting(heard: _Heard, waits: bool) -> Iterator[None]:
    before, heard.waits = heard.waits, waits
    try:
        if heard.error is not None and not waits:
            raise heard.error
        yield
    finally:
        heard.waits = before
    if heard.error is not None and not before:  # it came meanwhile, or was swallowed
        raise heard.error


def _hear(heard: _Heard, before: Any, number: int, frame: FrameType | None) -> None:
    if heard.error is None:
        try:
            if not callable(before):
                heard.number = number
                raise TerminatedError(signal.Signals(number).name)
            before(number, frame)
        except BaseException as error:
            heard.error = error
        else:
            return  # whoever handles it otherwise keeps it
    if not heard.waits:
        insist(heard.error)
        raise heard.error
