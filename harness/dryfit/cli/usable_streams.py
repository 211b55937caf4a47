"""What a command finds when it starts: streams to print to, folders to work in."""

import codecs
import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from io import TextIOWrapper

_STDERR = 2
_HANDLER = "dryfit.few_letters"
_NEAREST = str.maketrans(
    {"─": "-", "│": "|", "µ": "u", "…": "...", "\N{MULTIPLICATION SIGN}": "x", "✓": "+", "✗": "x"}
)


def _few_letters(error: UnicodeError) -> tuple[str, int]:
    assert isinstance(error, UnicodeEncodeError)
    text = error.object[error.start : error.end].translate(_NEAREST)
    return text.encode("ascii", "backslashreplace").decode("ascii"), error.end


codecs.register_error(_HANDLER, _few_letters)


@contextmanager
def usable_streams() -> Iterator[None]:
    r"""Let everything be printed: to a terminal of few letters, and to a stream that is closed.

    A letter that the stream's encoding has not is printed as its escape, such as ``\xe9``,
    and what tables and cards are drawn with as the nearest letters.
    """
    before = sys.stdout, sys.stderr
    if None in before:
        _take_descriptors()
    sys.stdout, sys.stderr = (s or open(os.devnull, "w", encoding="utf-8") for s in before)  # noqa: SIM115
    out = sys.stdout if isinstance(sys.stdout, TextIOWrapper) else None  # a test's is another
    errors = None if out is None else out.errors
    if out is not None and errors in ("strict", "surrogateescape"):
        out.reconfigure(errors=_HANDLER)
    try:
        yield
    finally:
        sys.stdout, sys.stderr = before
        if out is not None and not out.closed:
            out.reconfigure(errors=errors)


def _take_descriptors() -> None:
    """Take the numbers of closed streams; else the next file that is opened has one of them."""
    while (descriptor := os.open(os.devnull, os.O_RDWR)) <= _STDERR:
        pass
    os.close(descriptor)


def no_working_directory() -> str:
    """Say that the working directory is gone; empty if it is there."""
    try:
        os.getcwd()
    except FileNotFoundError:
        return "the working directory is not there any more; change to one that is"
    return ""


def why_nothing_works(error: OSError) -> str:
    """Say what is missing around a command that failed with an error; empty if nothing is."""
    try:
        tempfile.gettempdir()
    except FileNotFoundError as missing:
        return f"{missing.strerror}; name a folder that can be written to with TMPDIR"
    return "" if error.filename else _why_nothing_is_printed()


def _why_nothing_is_printed() -> str:
    try:
        print(flush=True)
    except OSError as error:
        # Python flushes once more when it exits, and would complain.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return f"what is printed cannot be written: {error.strerror}"
    return ""
