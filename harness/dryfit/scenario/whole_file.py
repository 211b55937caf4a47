"""Writing a file whole, or leaving it as it was.

Whatever ends a write (a kill, a full disk), the file has its old content or its new one:
what is written is written beside it, read back, and put in its place in one step.
"""

import errno
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import mkstemp

from dryfit.scenario.usage import UsageError

_BESIDE, _PART = ".dryfit-", ".part"  # short: a file's own name may be as long as names can be
# What file systems answer that have no hard links.
_NO_LINKS = (errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK)


class UnwritableError(UsageError, OSError):
    """A file that cannot be written; it is as it was."""

    def __init__(self, file: Path, why: str) -> None:
        super().__init__(str(file), why)


def write_text(file: Path, text: str) -> bool:
    """Write a text into a file, line ends as they stand in it.

    Returns:
        Whether the file had to be changed.

    Raises:
        UnwritableError: the file is as it was.
    """
    return write_bytes(file, _encoded(file, text))


def write_bytes(file: Path, content: bytes) -> bool:
    """Write a file; one that is there keeps its mode, its owner and the links to it by name.

    A file that has this content already is left alone. What is no regular file
    (``/dev/stdout``, a pipe) is written to as it is.

    Returns:
        Whether the file had to be changed.

    Raises:
        UnwritableError: the file is as it was.
    """
    with _told(file):
        # A symbolic link stays one, and its target is replaced.
        return _written(Path(os.path.realpath(file)), content)


def create_text(file: Path, text: str) -> None:
    """Write a file that is not there yet.

    Raises:
        UnwritableError: it is there, or it cannot be written, and then it is not.
    """
    content = _encoded(file, text)
    with _told(file), _beside(file, content) as part:
        _dress(part, None)
        try:
            os.link(part, file)  # in one step, unlike a look and a rename
        except FileExistsError:
            raise
        except OSError as error:
            if error.errno not in _NO_LINKS or os.path.lexists(file):
                raise
            os.replace(part, file)


def append_text(file: Path, text: str) -> None:
    """Add to a file that others add to as well: in one write, which is taken back if it fails.

    Raises:
        UnwritableError: the file is as it was, but for what others added.
    """
    content = _encoded(file, text)
    with _told(file), open(file, "ab", buffering=0, opener=_opened_at_once) as opened:
        before = os.fstat(opened.fileno())
        try:
            if opened.write(content) != len(content):
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        except OSError:
            if stat.S_ISREG(before.st_mode):
                opened.truncate(before.st_size)
            raise


def make_folder(folder: Path, mode: int = 0o777) -> None:
    """Make a folder, and those that it is in, where they are not there yet.

    Args:
        folder: which.
        mode: its own, where it is made; the others' is the usual one.

    Raises:
        UnwritableError: it cannot be made.
    """
    with _told(folder, "made"):
        folder.mkdir(mode, parents=True, exist_ok=True)


def _encoded(file: Path, text: str) -> bytes:
    try:
        return text.encode()
    except UnicodeEncodeError as error:
        half = ascii(text[error.start])
        raise UnwritableError(
            file, f"cannot be written: {half} is half a surrogate pair, which UTF-8 does not have"
        ) from None


@contextmanager
def _told(file: Path, what: str = "written") -> Iterator[None]:
    """Say of an error of the system which file it is about: not of the one beside it."""
    try:
        yield
    except OSError as error:
        told = UnwritableError(file, f"cannot be {what}: {error.strerror or error}")
        told.errno = error.errno
        raise told from error


def _written(file: Path, content: bytes) -> bool:
    try:
        before = file.stat()
    except FileNotFoundError:
        before = None
    if before is not None and not stat.S_ISREG(before.st_mode):
        with open(_opened_at_once(file, os.O_WRONLY), "wb") as opened:
            opened.write(content)
        return True
    if before is not None and before.st_size == len(content) and file.read_bytes() == content:
        return False
    if before is not None and not os.access(file, os.W_OK):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
    with _beside(file, content) as part:
        _dress(part, before)
        os.replace(part, file)
    return True


def _opened_at_once(name: str | Path, flags: int) -> int:
    """Open a file; a pipe that nobody reads is refused, where opening it would wait."""
    descriptor = os.open(name, flags | getattr(os, "O_NONBLOCK", 0), 0o666)
    if hasattr(os, "set_blocking"):
        os.set_blocking(descriptor, True)
    return descriptor


@contextmanager
def _beside(file: Path, content: bytes) -> Iterator[Path]:
    """A file beside another, with a content that is on the disk."""
    descriptor, name = mkstemp(prefix=_BESIDE, suffix=_PART, dir=file.parent)
    part = Path(name)
    try:
        with open(descriptor, "wb") as opened:
            opened.write(content)
            opened.flush()
            os.fsync(opened.fileno())  # else a crash after the rename can leave it empty
        if part.read_bytes() != content:
            raise OSError(errno.EIO, "what was written does not read back the same")
        yield part
    finally:
        part.unlink(missing_ok=True)


def _dress(part: Path, before: os.stat_result | None) -> None:
    """Give a new file the mode and owner of the one that it replaces, or those of any new file."""
    if before is None:
        umask = os.umask(0)
        os.umask(umask)
        part.chmod(0o666 & ~umask)
        return
    if hasattr(os, "chown") and (before.st_uid, before.st_gid) != (os.getuid(), os.getgid()):
        with suppress(PermissionError):  # another's file in a folder of ours: the content counts
            os.chown(part, before.st_uid, before.st_gid)
    part.chmod(stat.S_IMODE(before.st_mode))
