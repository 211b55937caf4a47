"""The check of what each batch leaves: in files, in lines, in the log."""

import builtins
import io
import logging
import os
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from dryfit.tools.check.finding import Finding, broken_off, failed, passed
from dryfit.tools.check.subject import Subject
from dryfit_fakes.backend import keras
from dryfit_fakes.protocols import Logs

_EPOCHS, _IN_EACH = 14, 3  # as many batches an epoch as the plain run has, for who counts on it
_ENOUGH = 0.9  # the first and the last of an epoch may be something else
_OVER_AND_OVER = set("\r\b")  # a bar, written over itself
_WHOLE = 1 << 16  # files up to here are compared byte by byte, larger ones by their time


def output_per_batch(subject: Subject) -> Finding:
    """Batches are not told one by one: in files, in lines, in the log."""
    curves = subject.curves
    keys = curves.keys(curves.improving(_EPOCHS), _EPOCHS, batches=_IN_EACH, val_batches=_IN_EACH)
    with _heard() as heard:  # the constructor may open what hooks write to
        behind = _EachBatch(heard)
        played = subject.play(keys, subject.make(), after=[behind])
    if played.error is not None and not (played.is_its_own and subject.meant(played.error)):
        return broken_off(played)
    for phase in ("train", "test"):
        hooks = (f"on_{phase}_batch_begin", f"on_{phase}_batch_end")
        lines = [p for p in played.run.prints if p.by == played.by and p.hook in hooks]
        lines = [line for line in lines if not set(line.text) & _OVER_AND_OVER]
        batches = len(behind.logged[phase])
        told = [
            _told_of_files(behind.written[phase]),
            _told("prints in", len({(line.epoch, line.batch) for line in lines}), batches),
            _told("logs in", sum(behind.logged[phase]), batches),
        ]
        for said in filter(None, told):
            return failed(said + " of validation" * (phase == "test"))
    return passed("no file and no line for each batch")


def _told(verb: str, batches: int, played: int) -> str:
    enough = played > 0 and batches >= _ENOUGH * played
    return f"{verb} {batches} of {played} batches" if enough else ""


def _told_of_files(written: list[set[Path]]) -> str:
    """What was written: to one file again and again, or to one for each batch."""
    one = max(set().union(*written), key=lambda path: sum(path in w for w in written), default=None)
    if one is None:
        return ""
    said = _told(
        f"writes to {_shown(one)} in", sum(one in paths for paths in written), len(written)
    )
    every = _told("writes files in", sum(map(bool, written)), len(written))
    return said or (f"{every}, such as {_shown(min(written[:2][-1]))}" if every else "")


def _shown(path: Path) -> str:
    """A path as the callback calls it, if that is in the run's folder."""
    folder = Path.cwd()
    return str(path.relative_to(folder) if path.is_relative_to(folder) else path)


class _Heard:
    """What was opened to be written, and what was logged, since somebody asked."""

    def __init__(self) -> None:
        self.files: list[weakref.ref[Any]] = []
        self.paths: set[Path] = set()
        self.opened: set[Path] = set()
        self.records = 0

    def open(self, file: Any, mode: str = "r", *args: Any, **kwargs: Any) -> IO[Any]:
        """Open a file as `open` does."""
        opened = _open(file, mode, *args, **kwargs)
        if not isinstance(file, int) and set(mode) & set("wax+"):
            path = Path(os.fsdecode(file)).absolute()
            self.files.append(weakref.ref(opened))
            self.paths.add(path)
            self.opened.add(path)
        return opened

    def flush(self) -> None:
        """Write what still is in memory."""
        for reference in self.files:
            file = reference()
            if file is not None and not file.closed:
                file.flush()


_open = io.open


@contextmanager
def _heard() -> Iterator[_Heard]:
    """Hear of what is opened and logged."""
    heard, make = _Heard(), logging.getLogRecordFactory()

    def count(*args: Any, **kwargs: Any) -> logging.LogRecord:
        record = make(*args, **kwargs)
        heard.records += record.levelno >= logging.INFO
        return record

    logging.setLogRecordFactory(count)
    builtins.open = io.open = heard.open  # type: ignore[assignment]
    try:
        yield heard
    finally:
        builtins.open = io.open = _open
        logging.setLogRecordFactory(make)


class _EachBatch(keras.callbacks.Callback):  # type: ignore[misc]
    """Stands behind a callback, and looks after each batch at what has been written.

    Attributes:
        written: which files, for each batch of training and of validation.
        logged: whether something was logged in it.
    """

    def __init__(self, heard: _Heard) -> None:
        super().__init__()
        self._heard = heard
        self._seen: dict[Path, Any] = {}
        self.written: dict[str, list[set[Path]]] = {"train": [], "test": []}
        self.logged: dict[str, list[bool]] = {"train": [], "test": []}

    def on_epoch_begin(self, epoch: int, logs: Logs | None = None) -> None:
        """Forget what was written before."""
        self._look()

    def on_train_batch_end(self, batch: int, logs: Logs | None = None) -> None:
        """Note what was written."""
        self._note("train")

    def on_test_begin(self, logs: Logs | None = None) -> None:
        """Forget what was written before."""
        self._look()

    def on_test_batch_end(self, batch: int, logs: Logs | None = None) -> None:
        """Note what was written."""
        self._note("test")

    def _note(self, phase: str) -> None:
        self.logged[phase].append(self._heard.records > 0)
        self.written[phase].append(self._look())

    def _look(self) -> set[Path]:
        """The files that are others than at the last look, or were opened to be written."""
        self._heard.flush()
        now = {path: _content(path) for path in {*_files(), *self._heard.paths}}
        changed = {path for path, content in now.items() if self._seen.get(path) != content}
        changed |= self._heard.opened
        self._seen, self._heard.opened, self._heard.records = now, set(), 0
        return changed


def _files() -> Iterator[Path]:
    """The files in the run's folder."""
    for folder, _, names in os.walk(Path.cwd()):
        yield from (Path(folder, name) for name in names)


def _content(path: Path) -> Any:
    """What tells that a file was written to; ``None`` where it cannot be read."""
    try:
        status = path.stat()
        small = path.is_file() and status.st_size <= _WHOLE
        return status.st_size, status.st_mtime_ns, path.read_bytes() if small else b""
    except OSError:
        return None
