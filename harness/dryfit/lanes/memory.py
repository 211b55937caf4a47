"""How much memory a process takes, and how much one that plays callbacks may.

Who takes memory without end takes everybody's, and the system then ends whom it likes. So
whoever waits for such a process looks, and ends it before.
"""

import os
from pathlib import Path

SHARE = 0.75  # of the machine's memory


def too_much(*processes: int) -> str:
    """Say that one of some processes takes more than it may; empty while none does.

    Args:
        *processes: their numbers; of one that is not there, nobody can tell.
    """
    taken, most = max(map(_taken_bytes, processes)), SHARE * _machine_bytes()
    return f"it took more than {most / 1e9:.3g} GB of memory" if taken > most else ""


def _taken_bytes(process: int) -> int:
    try:
        pages = Path(f"/proc/{process}/statm").read_text().split()[1]
    except (OSError, IndexError):  # it has ended, or there is no such place
        return 0
    return int(pages) * os.sysconf("SC_PAGE_SIZE")


def _machine_bytes() -> float:
    try:
        return float(os.sysconf("SC_PHYS_PAGES")) * os.sysconf("SC_PAGE_SIZE")
    except (ValueError, OSError):  # a system that does not say
        return float("inf")
