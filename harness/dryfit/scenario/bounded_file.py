"""Reading a file within bounds: nothing of it is read before its kind and size are known."""

import errno
import os
import stat
from pathlib import Path

# Opening a pipe waits for who writes into it, but for O_NONBLOCK; Windows alone has O_BINARY.
_FLAGS = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
_IRREGULAR = "is no regular file; write what it gives into one, and name that"


class UnreadableFileError(ValueError):
    """A file that is not read; the message says why, for a line that names it."""


def read_bounded(path: Path, most_bytes: int) -> bytes:
    """Read a file that is no larger than a bound.

    A pipe has no end and may never begin, a device may have neither, and a sparse file has
    fifty gigabytes of nothing.

    Raises:
        UnreadableFileError: it is missing, no regular file, too large, or cannot be read.
    """
    try:
        descriptor = os.open(path, _FLAGS)
    except OSError as error:
        is_socket = error.errno == errno.ENXIO  # or a device that is not there
        told = _IRREGULAR if is_socket else f"cannot be read: {error.strerror}"
        raise UnreadableFileError(told) from None
    except ValueError as error:  # half a surrogate pair, or a null character, in its name
        raise UnreadableFileError(f"cannot be read: {error}") from None
    try:
        _check(os.fstat(descriptor), most_bytes)
        with open(descriptor, "rb", closefd=False) as opened:
            data = opened.read(most_bytes + 1)
    except OSError as error:
        raise UnreadableFileError(f"cannot be read: {error.strerror}") from None
    finally:
        os.close(descriptor)
    if len(data) > most_bytes:  # it grows, or says that it is empty as those of /proc do
        raise UnreadableFileError(_too_large(len(data), most_bytes))
    return data


def _check(found: os.stat_result, most: int) -> None:
    if stat.S_ISDIR(found.st_mode):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
    if not stat.S_ISREG(found.st_mode):
        raise UnreadableFileError(_IRREGULAR)
    if found.st_size > most:
        raise UnreadableFileError(_too_large(found.st_size, most))


def _too_large(size: int, most: int) -> str:
    return f"has {size:,} bytes; {most:,} are read at most"
