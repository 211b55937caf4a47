"""Counts what changes the files of a folder, and kills the process at one of these events.

An event is what Python opens to write, copies, makes or removes, and every single
write of h5py, which is made to write through a file object of ours.
"""

import builtins
import io
import os
import signal
import sys
from typing import Any

import h5py

_CHANGES = {"os.mkdir", "os.remove", "os.rename", "os.rmdir", "os.truncate"}


class Events:
    """What happens to the files of a folder, in order.

    Args:
        folder: whose files count.
        kill_at: the event before which the process is killed, ``None`` for none.

    Attributes:
        names: what happened so far.
    """

    def __init__(self, folder: str, kill_at: int | None) -> None:
        self.folder, self.kill_at = os.path.realpath(folder), kill_at
        self.names: list[str] = []

    def watch(self) -> None:
        """Begin; it has no end but that of the process."""
        sys.addaudithook(self._heard)
        builtins.open = self._open  # type: ignore[assignment]
        h5py.File = _noted_file(h5py.File, self)

    def happens(self, what: str, path: str) -> None:
        """Note an event, or be killed before it happens."""
        if len(self.names) == self.kill_at:
            os.kill(os.getpid(), signal.SIGKILL)
        self.names.append(f"{what} {os.path.relpath(path, self.folder)}")

    def _heard(self, event: str, arguments: tuple[Any, ...]) -> None:
        if event != "open" and event not in _CHANGES:
            return
        path = arguments[0]
        if not isinstance(path, str | bytes) or not self._here(path):
            return
        if event != "open":
            at = os.path.realpath(os.fsdecode(path)) if self._here(path) else self.folder
            self.happens(event.partition(".")[2], at)
        elif arguments[2] & (os.O_WRONLY | os.O_RDWR):
            self.happens("open", os.path.realpath(os.fsdecode(path)))

    def _here(self, path: Any) -> bool:
        return os.path.realpath(os.fsdecode(path)).startswith(self.folder)

    def _open(self, file: Any, mode: str = "r", *args: Any, **kwargs: Any) -> Any:
        opened = io.open(file, mode, *args, **kwargs)  # noqa: SIM115, UP020  # open is replaced
        if "w" in mode and isinstance(file, str | os.PathLike) and self._here(file):
            return Written(opened, os.fspath(file), self)
        return opened


class Written:
    """A file that is opened to be written: each write is an event, and is there when it returns."""

    def __init__(self, file: Any, path: str, events: Events) -> None:
        self._file, self._path, self._events = file, os.path.realpath(path), events

    def write(self, data: Any) -> Any:
        """Write, with an event before."""
        self._events.happens("write", self._path)
        count = self._file.write(data)
        self._file.flush()
        return count

    def fileno(self) -> int:
        """What ``shutil`` asks for when it is about to copy into this file."""
        self._events.happens("copy into", self._path)
        number: int = self._file.fileno()
        return number

    def __enter__(self) -> "Written":
        return self

    def __exit__(self, *failure: Any) -> None:
        self._file.close()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._file, name)


def _noted_file(kind: Any, events: Events) -> Any:
    class File(kind):  # type: ignore[misc]
        """An h5py file that is written through Python."""

        def __init__(self, name: Any, mode: str = "r", **options: Any) -> None:
            self._written = None
            if mode == "w" and isinstance(name, str | os.PathLike):
                raw = io.open(name, "w+b", buffering=0)  # noqa: SIM115, UP020
                name = self._written = Written(raw, os.fspath(name), events)
            super().__init__(name, mode, **options)

        def close(self) -> None:
            super().close()
            if self._written is not None:
                self._written.close()

    return File
