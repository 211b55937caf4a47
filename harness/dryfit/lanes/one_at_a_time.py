"""One play at a time: streams, clocks, the working directory belong to the whole process."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from dryfit.lanes.time_limit import PlayTimeoutError

_LONGEST_S = 600.0
_turn = threading.RLock()


@contextmanager
def its_turn(limit_s: float = _LONGEST_S) -> Iterator[None]:
    """Wait until no other thread plays; a play within a play is part of it.

    Raises:
        PlayTimeoutError: another thread did not come to its end.
    """
    __tracebackhide__ = True
    if not _turn.acquire(timeout=limit_s):
        raise PlayTimeoutError(
            f"a play of another thread did not end within {limit_s:g} s, and one process plays one "
            "at a time: no callback may wait for a thread that plays. Play in processes of their "
            "own to play at the same time."
        )
    try:
        yield
    finally:
        _turn.release()
