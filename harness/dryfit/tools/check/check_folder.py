"""A room for each check: a folder and a process state of its own."""

import io
import warnings
from collections.abc import Callable, Iterator
from contextlib import (
    AbstractContextManager,
    chdir,
    contextmanager,
    redirect_stderr,
    redirect_stdout,
)
from pathlib import Path

from dryfit.lanes.interrupts import held, opened
from dryfit.lanes.one_at_a_time import its_turn
from dryfit.lanes.put_back import put_back
from dryfit.lanes.temporary import temporary_folder
from dryfit.lanes.time_limit import insisting

_MOST_PRINTED = 10_000_000


class OutputFloodError(RuntimeError):
    """More was printed than anybody reads."""

    def __init__(self) -> None:
        super().__init__(f"more than {_MOST_PRINTED / 1e6:g} MB printed")


class Sink(io.TextIOBase):
    """A stream that keeps nothing, and takes so much and no more."""

    def __init__(self) -> None:
        super().__init__()
        self._printed = 0

    def writable(self) -> bool:
        """It is written to."""
        return True

    def write(self, text: str) -> int:
        """Count what is written.

        Raises:
            OutputFloodError: it is too much.
        """
        self._printed += len(text)
        if self._printed > _MOST_PRINTED:
            raise OutputFloodError
        return len(text)


@contextmanager
def room(place: Callable[[], AbstractContextManager[None]]) -> Iterator[Path]:
    """Enter an empty folder; what a callback leaves in the process is put back behind it.

    Args:
        place: a context in which the callback can be imported.
    """
    with (
        its_turn(),
        held(),
        temporary_folder() as name,
        chdir(name),
        put_back(),
        place(),
        redirect_stdout(Sink()),
        redirect_stderr(Sink()),
        warnings.catch_warnings(),
    ):
        warnings.simplefilter("ignore")
        with opened(), insisting():
            yield Path.cwd()


@contextmanager
def folder_of_its_own(name: str) -> Iterator[Path]:
    """Enter a folder in the room, where nothing lies that another play has written."""
    folder = Path.cwd() / name
    folder.mkdir()
    with chdir(folder):
        yield folder
