"""How long a process waited for a processor, which is nothing that it did."""

import os
from contextlib import suppress

MOST_TIMES = 10  # a limit is given so often at the most, however busy the machine is


def waited_s(process: int | str = "self") -> float:
    """Seconds in which threads of a process could have run and others did; 0 where nobody counts.

    Linux alone keeps account of it. Threads wait side by side, so it may be more than has passed.
    """
    waited_ns, tasks = 0, f"/proc/{process}/task"
    with suppress(OSError):  # no such process, or system
        for task in os.listdir(tasks):
            waited_ns += _account(f"{tasks}/{task}/schedstat")
    return waited_ns / 1e9


def _account(file: str) -> int:
    try:
        with open(file) as account:
            return int(account.read().split()[1])
    except (OSError, IndexError, ValueError):  # there is none, or the thread has just ended
        return 0
