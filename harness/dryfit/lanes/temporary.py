"""Folders for a while: named after the process that made them, so that another can clear them.

A process that is killed clears nothing. Whoever ended it, or waited for it, does.
"""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def temporary_folder() -> Iterator[Path]:
    """Make an empty folder, and remove it with all that is in it."""
    with tempfile.TemporaryDirectory(
        prefix=_prefix(os.getpid()), ignore_cleanup_errors=True
    ) as name:
        yield Path(name)


def clear_behind(*processes: int) -> None:
    """Remove the folders of processes that have ended."""
    theirs = tuple(map(_prefix, processes))
    try:
        folder = Path(tempfile.gettempdir())
    except FileNotFoundError:
        return  # none can be written to, so none was made
    for left in folder.glob("dryfit-*"):
        if left.name.startswith(theirs):
            shutil.rmtree(left, ignore_errors=True)


def _prefix(process: int) -> str:
    return f"dryfit-{process}-"
