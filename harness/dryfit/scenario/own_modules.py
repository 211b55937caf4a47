"""A scenario's own modules: those of its folder and of the working directory.

They come last, behind everything that is installed: a file beside a scenario does not
take the place of a library, and where a name is in both, that is an error.
"""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from importlib.machinery import PathFinder
from pathlib import Path

_FOLDERS: ContextVar[tuple[str, ...]] = ContextVar("folders", default=())


class TwoModulesError(ImportError):
    """A module's name stands for two files."""


@contextmanager
def importable(folder: Path) -> Iterator[None]:
    """Let a scenario's own modules be imported: from its folder, and the working directory.

    Modules of the folder are forgotten afterwards: another folder may have one of
    the same name.
    """
    own = os.path.realpath(folder)
    folders = tuple(dict.fromkeys((own, os.getcwd())))
    before = set(sys.modules)
    sys.path += folders
    outer = _FOLDERS.set(folders)
    try:
        yield
    finally:
        _FOLDERS.reset(outer)
        for path in folders:
            _remove_last(sys.path, path)
        new = set(sys.modules) - before
        for name in [name for name in new if _is_in(own, name.partition(".")[0])]:
            del sys.modules[name]


def check_unambiguous(name: str) -> None:
    """Refuse the name of a module that is both a scenario's own and another's.

    Args:
        name: such as ``pkg.module``.

    Raises:
        TwoModulesError: with both files.
    """
    top = name.partition(".")[0]
    folders = _FOLDERS.get()
    mine = _file_of(top, list(folders))
    if mine is None:
        return
    other = _imported(top) or _file_of(top, [p for p in sys.path if _real(p) not in folders])
    if top in sys.builtin_module_names:
        other = "Python itself"
    if other is not None and _real(other) != _real(mine):
        raise TwoModulesError(
            f"there are two modules {top!r}: {mine} and {other}; give the scenario's own another "
            "name"
        )


def _real(path: str) -> str:
    return os.path.realpath(path or os.getcwd())


def _file_of(name: str, paths: list[str]) -> str | None:
    """Where a module is on some paths; none for a folder without ``__init__.py``."""
    spec = PathFinder.find_spec(name, paths)
    return None if spec is None or not spec.has_location else spec.origin


def _imported(name: str) -> str | None:
    return getattr(sys.modules.get(name), "__file__", None)


def _is_in(folder: str, name: str) -> bool:
    """Whether a module or package of that name lies in a folder, and not deeper."""
    module = sys.modules.get(name)
    places = [getattr(module, "__file__", None), *getattr(module, "__path__", ())]
    return any(place and os.path.dirname(_real(place)) == folder for place in places)


def _remove_last(paths: list[str], path: str) -> None:
    """Take away what was added at the end, and not a user's own entry before it."""
    for index in range(len(paths) - 1, -1, -1):
        if paths[index] == path:
            del paths[index]
            return
