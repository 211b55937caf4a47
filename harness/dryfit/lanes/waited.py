"""How long a process waited for a processor, which is nothing that it did."""

from pathlib import Path

MOST_TIMES = 10  # a limit is given so often at the most, however busy the machine is


def waited_s(process: int | str = "self") -> float:
    """Seconds in which threads of a process could have run and others did; 0 where nobody counts.

    Linux alone keeps account of it. Threads wait side by side, so it may be more than has passed.
    """
    waited_ns = 0
    try:
        for task in Path("/proc", str(process), "task").iterdir():
            waited_ns += int((task / "schedstat").read_text().split()[1])
    except (OSError, IndexError, ValueError):  # no such account, or a thread that just ended
        pass
    return waited_ns / 1e9
