"""A disk that fails at one of the files of weights that are written to it.

What is left is what a real disk leaves: opening a file to write it empties it,
so a full disk costs the file that was there before; a disk that is read-only
leaves it as it was.
"""

import errno
import os
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from dryfit_fakes.protocols import FilePath

_T = TypeVar("_T")

_ERRORS = {"full": errno.ENOSPC, "read_only": errno.EROFS, "torn": errno.EIO}


@dataclass(frozen=True, kw_only=True)
class Disk:
    """When writing weights fails in a play, and how.

    Attributes:
        fails: ``full``, ``read_only`` or ``torn``. A disk that is full or read-only
            stays so; a write is torn once.
        at_write: which ``save`` or ``save_weights`` of the call, counted from 0.
        after_bytes: how much of the file there is by then; 0 unless told. A disk that
            is read-only takes nothing.

    Raises:
        ValueError: the keys contradict each other.
    """

    fails: str
    at_write: int = 0
    after_bytes: int | None = None

    def __post_init__(self) -> None:
        if self.fails not in _ERRORS:
            raise ValueError(f"disk.fails is one of {', '.join(_ERRORS)}, not {self.fails!r}")
        for name in ("at_write", "after_bytes"):
            value = getattr(self, name)
            whole = isinstance(value, int) and not isinstance(value, bool) and value >= 0
            if not whole and not (name == "after_bytes" and value is None):
                raise ValueError(f"disk.{name} is a whole number, 0 or more, not {value!r}")
        if self.fails == "read_only" and self.after_bytes is not None:
            raise ValueError(
                "disk.after_bytes: a disk that is read-only takes no byte; leave it out"
            )

    def hits(self, write: int) -> bool:
        """Whether a write fails."""
        return write == self.at_write or (write > self.at_write and self.fails != "torn")


class Writes:
    """Lets a play's files of weights be written, or fail, in their order.

    Args:
        disk: what they are written to; ``None`` never fails.
    """

    def __init__(self, disk: Disk | None) -> None:
        self._disk = disk
        self._count = 0

    def write(self, path: FilePath, call: Callable[[], _T]) -> _T:
        """Make a call that writes a file.

        Raises:
            OSError: with the number that the operating system has for the failure.
        """
        write, self._count = self._count, self._count + 1
        disk = self._disk
        if disk is None or not disk.hits(write):
            return call()
        if disk.fails != "read_only":
            call()
            os.truncate(path, min(disk.after_bytes or 0, os.path.getsize(path)))
        number = _ERRORS[disk.fails]
        raise OSError(number, os.strerror(number), str(path))
