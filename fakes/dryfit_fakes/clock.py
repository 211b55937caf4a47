"""Time that moves only when the script moves it.

``time.time``, ``monotonic``, ``perf_counter`` and ``datetime.now``, as callbacks
see them, stand still between batches, and ``time.sleep`` moves them on without
waiting. freezegun is underneath, but for ``sleep``, which it leaves alone. It
looks through every loaded module when it starts, so it starts only for a script
that says how long things take, or for a test that asks for a clock.
"""

import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import datetime, timedelta
from types import ModuleType
from typing import Any

from dryfit_fakes.script import Script

START = datetime(2000, 1, 1)
# Who keeps the real time: what is under Keras, and who waits for another process.
_REAL = ["tensorflow", "jax", "torch", "subprocess", "concurrent"]
# Their modules import others as soon as they are looked through (torch takes 1.6 s).
_LAZY = ["optree", "scipy", "sklearn", "IPython"]
# Where pytest keeps the functions that say how long a test took.
_STOPWATCHES = ["_pytest.timing"]
_SLEEP = (time.sleep,)  # in a tuple, where nobody who replaces functions of modules finds it


class VirtualClock:
    """A clock that stands until somebody moves it.

    Args:
        move: what moves it on, by a `timedelta`.

    Attributes:
        elapsed_s: seconds that have passed since it began.
        hear: called with the seconds of every sleep.
    """

    def __init__(self, move: Callable[[timedelta], object], elapsed_s: float = 0.0) -> None:
        self._move = move
        self._thread = threading.get_ident()
        self.elapsed_s = elapsed_s
        self.hear: Callable[[float], None] = _unheard

    def tick(self, seconds: float) -> None:
        """Move on by some seconds.

        Raises:
            ValueError: time does not run backwards.
        """
        if not seconds >= 0:
            raise ValueError(f"a clock moves on by 0 seconds or more, not by {seconds!r}")
        self.elapsed_s += seconds
        self._move(timedelta(seconds=seconds))

    def sleep(self, seconds: float) -> None:
        """Move on in place of ``time.sleep``; other threads than the clock's wait really."""
        caller = sys._getframe(1).f_globals.get("__name__") or ""
        if threading.get_ident() != self._thread or caller.startswith(tuple(_REAL)):
            _SLEEP[0](seconds)
            return
        if seconds < 0:
            raise ValueError("sleep length must be non-negative")  # as time.sleep has it
        self.tick(seconds)
        self.hear(seconds)


_running: list[VirtualClock] = []


@contextmanager
def virtual_clock(elapsed_s: float = 0.0) -> Iterator[VirtualClock]:
    """Let a clock that stands be the only one for a while; inside of another, it is that one.

    Args:
        elapsed_s: how far it has come already.

    >>> with virtual_clock() as clock:
    ...     before = time.monotonic()
    ...     time.sleep(7 * 24 * 3600)
    ...     time.monotonic() - before == clock.elapsed_s == 604800
    True
    """
    if _running:
        yield _running[-1]
        return
    from freezegun import freeze_time

    with ExitStack() as stack:
        kept = [(module, dict(vars(module))) for module in _loaded(_STOPWATCHES)]
        frozen = stack.enter_context(
            freeze_time(
                START + timedelta(seconds=elapsed_s), ignore=[*_REAL, *_LAZY], real_asyncio=True
            )
        )
        clock = VirtualClock(frozen.tick, elapsed_s)
        _running.append(clock)
        stack.callback(_running.remove, clock)
        stack.enter_context(_sleeping(clock.sleep))
        for module, names in kept:
            vars(module).update(names)
        yield clock


@contextmanager
def scripted_time(script: Script, elapsed_s: float = 0.0) -> Iterator[VirtualClock]:
    """Give a play its clock: one that stands, if its script says how long things take.

    Args:
        elapsed_s: how long earlier plays with the model took.
    """
    if _running or script.seconds_per_batch or script.seconds_per_epoch:
        with virtual_clock(elapsed_s) as clock:
            hear = clock.hear
            try:
                yield clock
            finally:
                clock.hear = hear
    else:
        yield VirtualClock(_unheard)


def _unheard(passed: object) -> None:
    """Nobody listens; a function of a module, as what a run came to is pickled."""


@contextmanager
def _sleeping(sleep: Callable[[float], None]) -> Iterator[None]:
    """Replace ``time.sleep``, also where a module has imported it by its name."""
    real: Any = _SLEEP[0]
    _exchange(real, sleep)
    try:
        yield
    finally:
        _exchange(sleep, real)  # also where a module was imported meanwhile


def _exchange(old: object, new: object) -> None:
    for module in list(sys.modules.values()):
        if getattr(module, "__dict__", {}).get("sleep") is old:
            module.sleep = new  # type: ignore[attr-defined]


def _loaded(names: list[str]) -> list[ModuleType]:
    return [sys.modules[name] for name in names if name in sys.modules]
