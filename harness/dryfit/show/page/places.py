"""How a page names files: without what all of their names begin with."""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath


@dataclass(frozen=True, slots=True)
class Places:
    """The folder that all files of a page are below.

    Attributes:
        above: that folder, as the files' names have it; empty if that is where the command was.
        name: what a heading calls it.
    """

    above: str
    name: str

    @classmethod
    def of(cls, files: Sequence[str], here: str = "") -> "Places":
        """Find the folder.

        Args:
            files: their names, with ``/``, from one folder or from the root.
            here: what the folder is called that they are named from.

        >>> places = Places.of(["a/b/c.yaml", "a/b/d/e.yaml"])
        >>> places.above, places.folder("a/b/c.yaml"), places.folder("a/b/d/e.yaml")
        ('a/b', 'b', 'd')
        >>> places.short("a/b/d/e.yaml")
        'd/e.yaml'
        """
        folders = {str(PurePosixPath(file).parent) for file in files}
        try:
            above = os.path.commonpath(folders).replace(os.sep, "/") if folders else ""
        except ValueError:  # some from a folder, some from the root
            above = ""
        above = "" if above in (".", "/") else above
        return cls(above, PurePosixPath(above).name or here or "this folder")

    def folder(self, file: str) -> str:
        """The heading that a file stands under."""
        parent = str(PurePosixPath(self.short(file)).parent)
        return self.name if parent == "." else parent

    def short(self, file: str) -> str:
        """A file's name from the folder on."""
        return file.removeprefix(f"{self.above}/") if self.above else file
