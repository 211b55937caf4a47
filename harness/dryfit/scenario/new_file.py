"""A scenario file that is not there yet: a tool writes it, and takes no other's place."""

import os
from pathlib import Path

from dryfit.scenario.naming import SUFFIX, SUFFIXES
from dryfit.scenario.usage import UsageError
from dryfit.scenario.whole_file import create_text


def check_new(file: Path, option: str) -> None:
    """Refuse a place for a new scenario file, before anything is played for it.

    Args:
        file: the place.
        option: which names it on the command line.

    Raises:
        UsageError: the name has another ending, the file is there, or its folder is not.
    """
    if not file.name.endswith(SUFFIXES):
        raise UsageError(str(file), f"a scenario file is NAME{SUFFIX}; say so with {option}")
    if not os.path.isdir(file.parent):  # unlike a Path's, it knows no error
        raise UsageError(str(file), f"there is no folder {file.parent}; make it")
    if os.path.lexists(file):
        raise UsageError(str(file), f"is there already; name another with {option}, or delete it")


def write_new(file: Path, text: str, option: str) -> Path:
    """Write a scenario file where there is none yet.

    Raises:
        UsageError: see `check_new`.
        UnwritableError: it cannot be written.
    """
    check_new(file, option)
    create_text(file, text)
    return file
