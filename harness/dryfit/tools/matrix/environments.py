"""Environments: uv makes them, one for each cell, and they are kept for the next time.

One is made under another name and takes its place when it is complete, with a
note of what it was made for. What has no such note, or another, or has lost files
since, is made again.

``uv run --isolated --with`` makes environments too, and would be half of this module. Tried
with uv 0.13.9, it is no replacement: it keeps an environment in which a file is missing, even
with ``--refresh`` and ``--reinstall``; it asks the index before every play, and fails without
one (1.1 s where this takes 0.07 s); it has no name by which results of an environment could be
kept; and four releases of Keras took 2.2 GB, one a copy, where these share uv's files.
"""

import hashlib
import json
import os
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from uuid import uuid4

from dryfit.tools.matrix import wheel
from dryfit.tools.matrix.cells import Cell
from dryfit.tools.matrix.kept_results import read_note
from dryfit.tools.matrix.processes import ProcessError, Processes

_NOTE = "dryfit-matrix.json"
_BIN = "Scripts" if os.name == "nt" else "bin"
_MAKING, _OLD = ".making-", ".old-"


class NoUvError(RuntimeError):
    """There is no uv."""


@dataclass(frozen=True, slots=True)
class Environment:
    """An environment that is ready.

    Attributes:
        id: another one for every making.
        made: whether it was made just now.
    """

    python: Path
    id: str
    made: bool


def find_uv() -> str:
    """Find uv: the one of this environment, or of the system.

    Raises:
        NoUvError: there is none.
    """
    if find_spec("uv") is not None:
        import uv

        return str(uv.find_uv_bin())
    if found := shutil.which("uv"):
        return found
    raise NoUvError("dryfit matrix needs uv: pip install 'dryfit[matrix]'")


class Environments:
    """The environments of a cache folder.

    Args:
        cache: where they are kept.
        processes: runs uv.
        projects: what else each has: folders, files of packages, or requirements.
        uv: the program.
    """

    def __init__(
        self, cache: Path, processes: Processes, projects: Sequence[str] = (), uv: str | None = None
    ) -> None:
        self._folder = cache / "environments"
        self._processes = processes
        self._projects = [word for project in projects for word in _as_words(project)]
        self._uv = uv or find_uv()
        self._dryfit = wheel.content()
        self._digest = wheel.digest(self._dryfit)

    def ready(self, cell: Cell, *, anew: bool = False) -> Environment:
        """Give a cell's environment, made now if it is not there or not whole.

        Raises:
            ProcessError: it cannot be made; the message is uv's.
        """
        place = self._folder / self._name(cell)
        note = None if anew else read_note(place / _NOTE)
        wanted = note is not None and note.get("for") == self._wanted(cell)
        if note is not None and wanted and note["files"] == _files(place):
            return Environment(_python(place), note["id"], made=False)
        return self._make(cell, place)

    def _make(self, cell: Cell, place: Path) -> Environment:
        self._folder.mkdir(parents=True, exist_ok=True)
        identity = uuid4().hex
        making = self._folder / f"{_MAKING}{place.name}-{identity[:8]}"
        try:
            self._install(cell, making)
            note = {"for": self._wanted(cell), "id": identity, "files": _files(making)}
            (making / _NOTE).write_text(json.dumps(note), encoding="utf-8")
            _take_place(making, place)
        finally:
            shutil.rmtree(making, ignore_errors=True)
        return Environment(_python(place), identity, made=True)

    def _install(self, cell: Cell, folder: Path) -> None:
        venv = ["venv", "--relocatable", "--python", cell.python, str(folder)]
        self._ask(*venv)
        built = wheel.write(self._dryfit, folder)
        wanted = [cell.requirement, cell.backend_requirement, str(built), *self._projects]
        self._ask("pip", "install", "--python", str(_python(folder)), *wanted)

    def _ask(self, *words: str) -> None:
        ended = self._processes.run([self._uv, "--quiet", *words])
        if ended.status:
            raise ProcessError(_in_a_line(ended.said) or f"uv ended with {ended.status}")

    def _name(self, cell: Cell) -> str:
        told = json.dumps([cell.python, cell.pre, self._projects])
        short = hashlib.sha256(told.encode()).hexdigest()[:8]
        release = cell.keras.replace(":", "-")  # no letter of a file's name on Windows
        return f"keras-{release}-{cell.backend}-{short}"

    def _wanted(self, cell: Cell) -> list[str]:
        return [cell.requirement, cell.backend_requirement, self._digest]


def clean(cache: Path) -> None:
    """Remove what was left half-made a day ago or longer; what is younger may be at work."""
    from time import time

    folder = cache / "environments"
    for left in folder.glob(".*") if folder.is_dir() else ():
        if left.name.startswith((_MAKING, _OLD)) and left.stat().st_mtime < time() - 86400:
            shutil.rmtree(left, ignore_errors=True)


def _as_words(project: str) -> list[str]:
    """A folder is installed as it is and stays up to date; the rest uv knows."""
    path = Path(project)
    if path.is_dir():
        return ["--editable", str(path.resolve())]
    return [str(path.resolve()) if path.is_file() else project]


def _take_place(making: Path, place: Path) -> None:
    old = place.with_name(f"{_OLD}{uuid4().hex[:8]}")
    if place.exists():
        place.rename(old)
    making.rename(place)
    shutil.rmtree(old, ignore_errors=True)


def _python(folder: Path) -> Path:
    return folder / _BIN / ("python.exe" if os.name == "nt" else "python")


def _files(folder: Path) -> int:
    """How many files it has; those that Python adds and our note do not count."""
    count = 0
    for _, folders, files in os.walk(folder):
        if "__pycache__" in folders:
            folders.remove("__pycache__")
        count += sum(name != _NOTE for name in files)
    return count


def _in_a_line(said: str) -> str:
    """What uv said, without its drawing."""
    words = " ".join(said.split())
    for mark in ("\N{MULTIPLICATION SIGN}", "╰─▶", "│"):
        words = words.replace(mark, "")
    return " ".join(words.split())
