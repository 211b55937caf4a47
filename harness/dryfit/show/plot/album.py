"""Pictures of many runs: each drawn once, on all cores, and kept by what it shows.

What a file in the user's cache is called says all that its picture depends on: what is
shown, how we draw, and which matplotlib does.
"""

from collections.abc import Mapping
from functools import cache
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path

from dryfit.run.run import Run
from dryfit.show.plot.drawers import Drawers
from dryfit.show.plot.picture_cache import kept, kept_pictures, thin
from dryfit.show.plot.picture_of_run import picture


class Album:
    """Pictures that are drawn together; to be closed, for the processes that draw.

    Args:
        folder: where they are kept; by default nowhere.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = folder
        self._names: set[str] = set()
        self._svgs: dict[str, str] = {}  # of those that were kept
        self._drawers = Drawers(folder)

    def __enter__(self) -> "Album":
        return self

    def __exit__(self, *error: object) -> None:
        self._drawers.close()

    def add(self, run: Run) -> str:
        """Take a run's picture; return its name, in the place of which `drawn` has it."""
        shown = picture(run)
        name = sha256(f"{_drawn_by()} {shown!r}".encode(errors="surrogatepass")).hexdigest()
        if name not in self._names:
            self._names.add(name)
            if svg := kept(self._folder, name):
                self._svgs[name] = svg
            else:
                self._drawers.add(name, shown)
        return name

    def drawn(self) -> Mapping[str, str]:
        """The SVG of each picture by its name."""
        if found := self._drawers.drawn():
            self._svgs |= found
            if self._folder is not None:
                thin(self._folder)
        return self._svgs


def kept_picture(run: Run) -> str:
    """The SVG of one run, drawn now if it is not kept yet."""
    with Album(kept_pictures()) as album:
        name = album.add(run)
        return album.drawn()[name]


@cache
def _drawn_by() -> str:
    """What draws: a digest of the sources beside this one, and matplotlib's release."""
    sources = sorted(Path(__file__).parent.glob("*.py"))
    content = b"".join(source.read_bytes() for source in sources)
    return f"{sha256(content).hexdigest()} matplotlib {version('matplotlib')}"
