"""Where a recording is written: a file for each fit, and a word on the screen."""

import os
import sys
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from dryfit.scenario.naming import SUFFIX, name_and_suffix


class RecordingPlace:
    """The files of a recorder's fits: ``run``, then ``run.1``, ``run.2``, ...

    A copy of a recorder (keras-tuner makes one for each trial) counts on with it, so that
    no fit takes another's file.

    Args:
        path: of the first, ``*.scenario.yaml`` or ``*.scenario.yml``; a file that is there
            is replaced.

    Raises:
        ValueError: the path has another ending, or there is no such folder.
        PermissionError: the folder is not to be written in.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self._first = _checked(path)
        self.fits = 0

    def __deepcopy__(self, memo: object) -> "RecordingPlace":
        return self

    def next(self) -> Path:
        """The file of another fit."""
        number, self.fits = self.fits, self.fits + 1
        if number == 0:
            return self._first
        name, suffix = name_and_suffix(self._first)
        return self._first.with_name(f"{name}.{number}{suffix}")


def tell(path: Path, lines: Iterable[str]) -> None:
    """Say on the screen what a recording has not; without a screen, training goes on."""
    with suppress(Exception):
        for line in lines:
            print(f"{path.name}: {line}", file=sys.stderr)


def _checked(path: str | os.PathLike[str]) -> Path:
    file = Path(path).absolute()  # training may change the working directory
    if not name_and_suffix(file)[0]:
        raise ValueError(f"save={os.fspath(path)!r}: a recording is a file NAME{SUFFIX}")
    if not file.parent.is_dir():
        raise ValueError(f"save={os.fspath(path)!r}: there is no folder {file.parent}; make it")
    if file.is_dir() or not os.access(file if file.exists() else file.parent, os.W_OK):
        raise PermissionError(f"save={os.fspath(path)!r} is not to be written")
    return file
