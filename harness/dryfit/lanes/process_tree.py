"""The processes that a process has started, and that those have: where a system tells of them."""

import os
import signal
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

_PROCESSES = Path("/proc")


def children(process: int) -> list[int]:
    """The processes that one has started and not waited for; none where there is no ``/proc``."""
    found: list[int] = []
    for told in _PROCESSES.glob(f"{process}/task/*/children"):
        with suppress(OSError):  # the thread has ended
            found += map(int, told.read_text().split())
    return sorted(found)


def descendants(process: int) -> list[int]:
    """Its children, and theirs."""
    return [one for child in children(process) for one in (child, *descendants(child))]


def end_all(processes: Iterable[int]) -> None:
    """Kill processes, as far as they are there."""
    for process in processes:
        with suppress(OSError):
            os.kill(process, signal.SIGKILL)
