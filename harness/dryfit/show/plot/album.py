"""Pictures of many runs: each drawn once, on all cores, and kept by what it shows.

What a file in the user's cache is called says all that its picture depends on: what is
shown, how we draw, and which matplotlib does. What is not there is drawn by other processes
while runs are still added.
"""

from collections.abc import Mapping
from functools import cache, partial
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path

from dryfit.lanes.parallel_jobs import Beside
from dryfit.run.run import Run
from dryfit.show.plot.picture import Picture
from dryfit.show.plot.picture_cache import drawn_and_kept, kept, kept_pictures, thin
from dryfit.show.plot.picture_of_run import picture

_WORTH_PROCESSES = 50  # pictures, each of some 10 ms: a process that draws takes a second to begin
_AT_ONCE = 10  # pictures for a process


class Album:
    """Pictures that are drawn together; to be closed, for the processes that draw.

    Args:
        folder: where they are kept; by default nowhere.
        at_most: how many will be added; of few, all are drawn in this process.
    """

    def __init__(self, folder: Path | None = None, at_most: int = 1) -> None:
        self._folder = folder
        self._few = at_most < _WORTH_PROCESSES
        self._names: set[str] = set()
        self._svgs: dict[str, str] = {}  # of those that were kept
        self._missing: dict[str, Picture] = {}  # and nobody was asked to draw
        self._beside = Beside(partial(drawn_and_kept, folder))

    def __enter__(self) -> "Album":
        return self

    def __exit__(self, *error: object) -> None:
        self._beside.close()

    def add(self, run: Run) -> str:
        """Take a run's picture; return its name, in the place of which `drawn` has it."""
        shown = picture(run)
        name = sha256(f"{_drawn_by()} {shown!r}".encode(errors="surrogatepass")).hexdigest()
        if name not in self._names:
            self._names.add(name)
            if svg := kept(self._folder, name):
                self._svgs[name] = svg
            else:
                self._missing[name] = shown
        # The first alone, so that a process has begun when others are there.
        if not self._few and len(self._missing) >= (_AT_ONCE if self._beside.begun else 1):
            self._hand_out()
        return name

    def drawn(self) -> Mapping[str, str]:
        """The SVG of each picture by its name."""
        if self._beside.begun and self._missing:
            self._hand_out()
        found = [*self._beside.results()]
        if self._missing:
            found.append(drawn_and_kept(self._folder, self._missing))
            self._missing = {}
        for svgs in found:
            self._svgs |= svgs
        if found and self._folder is not None:
            thin(self._folder)
        return self._svgs

    def _hand_out(self) -> None:
        self._beside.hand_out(self._missing)
        self._missing = {}


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
