"""The paths of a training's callbacks, as a replay has them: below its own folder.

A relative path stays as it was written, where the folders in it will be there. Of any
other path the folders are left out, up to the first that has a format field; a field may
have a ``/`` in its name, which is none of the path.
"""

import os
from pathlib import PurePath

_SEPARATORS = tuple(sep for sep in (os.sep, os.altsep) if sep)


def folder_of(path: str) -> str:
    """The folders of a path before its first format field, with the separator.

    >>> folder_of("out/a/{epoch}/{train/loss}.h5"), folder_of("{train/loss}.h5")
    ('out/a/', '')
    """
    literal = path[: _first_field(path)].rstrip("".join(_SEPARATORS)) if _ends(path) else path
    literal = literal[: _first_field(literal)]
    last = max(literal.rfind(sep) for sep in _SEPARATORS)
    return path[: last + 1]


class RecordedPaths:
    """Gives files and folders names of their own in a replay's folder."""

    def __init__(self) -> None:
        self._given: dict[str, str] = {}

    def written(self, path: str, makes_folders: bool) -> str:
        """What a path is called in a file.

        Args:
            path: as it was set.
            makes_folders: whether who writes there makes the folders itself.
        """
        if path not in self._given:
            self._given[path] = self._new(path, makes_folders)
        return self._given[path]

    def _new(self, path: str, makes_folders: bool) -> str:
        folder = folder_of(path)
        here = os.path.normpath(path) == "."
        if os.path.isdir(path) and not (makes_folders or here) and "." not in self._taken:
            return f".{os.sep}" if _ends(path) else "."  # the folder was there, and nobody makes it
        if not PurePath(path).is_absolute() and ".." not in PurePath(path).parts:
            bare = os.path.normpath(folder or ".") == "."
            if makes_folders or bare or not os.path.isdir(folder):
                return path
        kept = path[len(folder) :] or "folder"
        name, number = kept, 2
        while name in self._taken:
            name, number = f"{number}-{kept}", number + 1
        return name

    @property
    def _taken(self) -> set[str]:
        return {os.path.normpath(name) for name in self._given.values()}


def replayed_path(path: str, given: str, written: str) -> str | None:
    """What a file that was written is called in a replay; ``None`` if a setting does not say.

    Args:
        path: of the file.
        given: the setting.
        written: the same, as a file has it.

    >>> replayed_path("/any/folder/01.h5", "/any/folder/{epoch:02d}.h5", "{epoch:02d}.h5")
    '01.h5'
    """
    if given == written:
        here = os.getcwd() + os.sep
        return None if os.path.isabs(path.removeprefix(here)) else path.removeprefix(here)
    for prefix, instead in _prefixes(given, written):
        for there in (path, os.path.abspath(path)):
            if prefix and there.startswith(prefix):
                return (instead + there[len(prefix) :]).replace(os.sep, "/")
    return None


def _prefixes(given: str, written: str) -> list[tuple[str, str]]:
    """Beginnings of paths, and what they are in a replay; the longest first."""
    folder = folder_of(given)
    kept = given[len(folder) :]
    instead = written.removesuffix(kept) if written.endswith(kept) else ""
    pairs = [(given, written), (folder, instead)] if "{" not in given else [(folder, instead)]
    absolute = [
        (os.path.abspath(p) + os.sep * _ends(p), w.removeprefix("./")) for p, w in pairs if p
    ]
    return [*pairs, *absolute]


def _first_field(path: str) -> int:
    """Where the first format field begins; the end if there is none."""
    place = 0
    while (place := path.find("{", place)) >= 0:
        if path[place : place + 2] != "{{":
            return place
        place += 2
    return len(path)


def _ends(path: str) -> bool:
    return path.endswith(_SEPARATORS)
