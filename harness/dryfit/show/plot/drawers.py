"""Processes that draw pictures while callbacks play in this one.

They are not its children, and it holds nothing open to them: a callback may wait for all children,
count or kill them, and close every descriptor. What goes over lies in a folder, a file for each
task. Whoever locks a file has its task, and deletes it behind; who dies leaves it unlocked.
"""

import os
import pickle
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from itertools import islice
from pathlib import Path
from shutil import rmtree
from typing import IO

from dryfit.lanes.temporary import temporary_folder
from dryfit.scenario.whole_file import write_bytes
from dryfit.show.plot.picture import Picture
from dryfit.show.plot.picture_cache import drawn_and_kept, kept

try:
    import fcntl
except ImportError:  # where there is none, nobody else draws
    fcntl = None  # type: ignore[assignment]

_AT_ONCE = 10  # pictures of a task, each of some 10 ms
_FOR_ONE = 50  # pictures for one more process, which takes a second to begin
_TAKEN = 3  # tasks that a process has, so that it is not at once without one
_LOOK_S = 0.02
_LONGEST_S = 60.0  # how long to wait for those who draw, of whom one may hang
_TASK = ".task"


class Drawers:
    """Pictures, drawn by other processes from the first fifty on; to be closed.

    What none of them has come to in the end, or who died or hangs had, this process draws.

    Args:
        keep: the folder in which pictures are kept, without which no other process draws.
    """

    def __init__(self, keep: Path | None) -> None:
        self._keep = keep
        self._waiting: dict[str, Picture] = {}
        self._tasks: list[tuple[Path, dict[str, Picture]]] = []
        self._folder: Path | None = None
        self._at_end = ExitStack()
        self._begun = 0

    def add(self, name: str, picture: Picture) -> None:
        """Take a picture that is not kept."""
        self._waiting[name] = picture
        if len(self._waiting) >= (_AT_ONCE if self._tasks else _FOR_ONE):
            self._hand_out()

    def drawn(self) -> dict[str, str]:
        """The SVG of each, by its name."""
        if self._tasks and self._waiting:
            self._hand_out()
            time.sleep(2 * _LOOK_S)  # for those that have nothing to do
        mine, self._waiting = self._waiting, {}
        svgs = drawn_and_kept(self._keep, mine) if mine else {}
        theirs = []
        while self._tasks:
            task, pictures = self._tasks.pop()  # the last: others begin with the first
            if lock := _lock(task):
                with lock:
                    svgs |= drawn_and_kept(self._keep, pictures)
                    task.unlink(missing_ok=True)
            else:
                theirs.append((task, pictures))
        until = time.monotonic() + _LONGEST_S
        for task, pictures in theirs:
            _wait_for(task, until)
            found = {name: kept(self._keep, name) for name in pictures}
            missing = {name: pictures[name] for name, svg in found.items() if not svg}
            svgs |= found | (drawn_and_kept(self._keep, missing) if missing else {})
        return svgs

    def close(self) -> None:
        """Let whoever draws end."""
        self._at_end.close()

    def _hand_out(self) -> None:
        if self._keep is None or fcntl is None:
            return
        with suppress(OSError):  # what is not handed out is drawn here in the end
            if self._folder is None:
                self._folder = self._at_end.enter_context(temporary_folder())
            while part := dict(islice(self._waiting.items(), _AT_ONCE)):
                task = self._folder / f"{len(self._tasks):06}{_TASK}"
                write_bytes(task, pickle.dumps(part))
                self._tasks.append((task, part))
                for name in part:
                    del self._waiting[name]
            if self._begun < min(_cores() - 1, _AT_ONCE * len(self._tasks) // _FOR_ONE):
                _begin(self._folder, self._keep)
                self._begun += 1


def _begin(folder: Path, keep: Path) -> None:
    """Begin a process that draws: the shell that starts it ends, and with it who it belongs to."""
    places = (str(folder), str(keep.absolute()), __file__)
    drawer = (sys.executable, "-P", "-m", __name__, *places, str(os.getpid()))
    nothing = subprocess.DEVNULL
    subprocess.run(  # noqa: S603  # our own module
        ["/bin/sh", "-c", '"$@" &', "sh", *drawer],
        check=False, stdin=nothing, stdout=nothing, stderr=nothing, start_new_session=True,
    )  # fmt: skip


def _cores() -> int:
    """How many of them this process may use, where that is told."""
    told = getattr(os, "sched_getaffinity", None)
    return len(told(0)) if told else os.cpu_count() or 1


def _lock(task: Path) -> IO[bytes] | None:
    """Lock the file of a task, which then is this process'; or nothing, as it is another's."""
    with suppress(OSError):  # it is gone, or locked
        file = task.open("rb")
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            file.close()
            raise
        if os.fstat(file.fileno()).st_nlink:
            return file
        file.close()  # done while it was opened
    return None


def _wait_for(task: Path, until: float) -> None:
    """Wait for another process that has a task: until it is through, or has died, or some time."""
    while task.exists() and time.monotonic() < until:
        if lock := _lock(task):  # who had it has died
            task.unlink(missing_ok=True)
            lock.close()
        else:
            time.sleep(_LOOK_S)


def _draw(folder: Path, keep: Path, asks: int) -> None:
    """Draw what lies in a folder, until that or the process that asks is gone."""
    while folder.is_dir():
        for task, lock in list(islice(_unlocked(folder), _TAKEN)):
            with lock:
                drawn = drawn_and_kept(keep, pickle.load(lock))  # noqa: S301  # of who asks
                if not all(kept(keep, name) for name in drawn):
                    return  # nothing can be kept there, so all of this is for nothing
                task.unlink(missing_ok=True)
        time.sleep(_LOOK_S)
        if not _lives(asks):
            rmtree(folder, ignore_errors=True)


def _unlocked(folder: Path) -> Iterator[tuple[Path, IO[bytes]]]:
    for task in sorted(folder.glob(f"*{_TASK}")):
        if lock := _lock(task):
            yield task, lock


def _lives(process: int) -> bool:
    try:
        os.kill(process, 0)
    except OSError:
        return False
    return True


if __name__ == "__main__":
    where, kept_in, ours, asker = sys.argv[1:]
    if os.path.samefile(ours, __file__):  # else another dryfit's, which may draw otherwise
        _draw(Path(where), Path(kept_in), int(asker))
