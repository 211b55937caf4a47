"""Which of a project's own modules a play imports: found while it does.

What is imported within a hook, by a name that is made there, or by another module is found
as well, and so is a module whose import fails.
"""

import os
import sys
import sysconfig
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.machinery import PathFinder
from pathlib import Path
from types import ModuleType

_OURS = ("dryfit", "dryfit_fakes")
# Not all that sysconfig names: a project may lie below Python's own prefix.
_INSTALLED = {
    os.path.realpath(sysconfig.get_path(name))
    for name in ("stdlib", "platstdlib", "purelib", "platlib")
}
# Also a user's own, and Debian's, which sysconfig does not name.
_FOR_INSTALLED = {"site-packages", "dist-packages"}


@contextmanager
def modules_seen() -> Iterator[set[str]]:
    """Find the files of modules that are imported within, but for those that are installed.

    These modules are forgotten afterwards, so that the next play imports its own anew.
    """
    seen = _Seen()
    before = set(sys.modules)
    sys.meta_path.insert(0, seen)
    try:
        yield seen.files
    finally:
        sys.meta_path.remove(seen)
        for name in set(sys.modules) - before:
            if file := own_file(name, getattr(sys.modules[name], "__file__", None)):
                seen.files.add(file)  # where another finder than Python's has found it
                del sys.modules[name]


def own_file(name: str, file: str | None) -> str:
    """The file of a module, if it is the project's own; else nothing.

    >>> import json
    >>> own_file("json", json.__file__), own_file("sys", None)
    ('', '')
    """
    if file is None or not file.endswith(".py") or name.partition(".")[0] in _OURS:
        return ""
    real = os.path.realpath(file)
    return "" if _is_installed(real) else real


def _is_installed(file: str) -> bool:
    if not _FOR_INSTALLED.isdisjoint(Path(file).parts):
        return True
    return any(file.startswith(os.path.join(folder, "")) for folder in _INSTALLED)


class _Seen:
    """A finder that finds nothing, and notes what Python's own is about to find."""

    def __init__(self) -> None:
        self.files: set[str] = set()

    def find_spec(
        self, name: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> None:
        """Note where a module is."""
        spec = PathFinder.find_spec(name, path)
        if spec is not None and (file := own_file(name, spec.origin)):
            self.files.add(file)
