"""Pictures of many runs: each drawn once, on all cores, and kept by what it shows.

They are kept in the user's cache. What a file there is called says all that its picture
depends on: what is shown, how we draw, and which matplotlib does.
"""

import os
from collections.abc import Mapping
from contextlib import suppress
from functools import cache
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path

from dryfit.lanes.parallel_jobs import WorkersDiedError, end_workers, in_bulk
from dryfit.run.run import Run
from dryfit.scenario.bounded_file import UnreadableFileError, read_bounded
from dryfit.scenario.usage import UsageError
from dryfit.scenario.whole_file import make_folder, write_text
from dryfit.show.plot.figures import svgs_of
from dryfit.show.plot.picture import Picture
from dryfit.show.plot.picture_of_run import picture

_MOST_BYTES = 10_000_000  # of a picture
_MOST_KEPT = 5_000  # of some 15 kB each
_WORTH_PROCESSES = 100  # pictures, each of some 10 ms: a process that draws takes a second to begin
_AT_ONCE = 25  # pictures that a process draws into the same axes, before it takes others


class Album:
    """Pictures that are drawn together.

    Args:
        folder: where they are kept; by default nowhere.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = folder
        self._pictures: dict[str, Picture] = {}

    def add(self, run: Run) -> str:
        """Take a run's picture; return its name, in the place of which `drawn` has it."""
        shown = picture(run)
        name = sha256(f"{_drawn_by()} {shown!r}".encode(errors="surrogatepass")).hexdigest()
        self._pictures[name] = shown
        return name

    def drawn(self) -> Mapping[str, str]:
        """The SVG of each picture by its name."""
        found = {name: svg for name in self._pictures if (svg := self._kept(name))}
        missing = [name for name in self._pictures if name not in found]
        for name, svg in zip(missing, _drawn([self._pictures[n] for n in missing]), strict=True):
            found[name] = svg
            self._keep(name, svg)
        if missing and self._folder is not None:
            _thin(self._folder)
        return found

    def _kept(self, name: str) -> str:
        if self._folder is not None:
            with suppress(UnreadableFileError, OSError, UnicodeDecodeError):
                return read_bounded(self._folder / f"{name}.svg", _MOST_BYTES).decode()
        return ""

    def _keep(self, name: str, svg: str) -> None:
        if self._folder is not None:
            with suppress(UsageError):  # then it is drawn again next time
                make_folder(self._folder, mode=0o700)
                write_text(self._folder / f"{name}.svg", svg)


def kept_picture(run: Run) -> str:
    """The SVG of one run, drawn now if it is not kept yet."""
    album = Album(kept_pictures())
    name = album.add(run)
    return album.drawn()[name]


def kept_pictures() -> Path | None:
    """Where pictures are kept; nowhere for a user without a home."""
    base = os.environ.get("XDG_CACHE_HOME") or os.environ.get("LOCALAPPDATA")
    with suppress(RuntimeError):
        return Path(base or Path.home() / ".cache") / "dryfit" / "pictures"
    return None


def _drawn(pictures: list[Picture]) -> list[str]:
    if len(pictures) < _WORTH_PROCESSES:
        return svgs_of(pictures)
    parts = [pictures[at : at + _AT_ONCE] for at in range(0, len(pictures), _AT_ONCE)]
    try:
        return [svg for _, svgs in sorted(in_bulk(svgs_of, parts, -1)) for svg in svgs]
    except WorkersDiedError:
        return svgs_of(pictures)
    finally:
        end_workers()


@cache
def _drawn_by() -> str:
    """What draws: a digest of the sources beside this one, and matplotlib's release."""
    sources = sorted(Path(__file__).parent.glob("*.py"))
    content = b"".join(source.read_bytes() for source in sources)
    return f"{sha256(content).hexdigest()} matplotlib {version('matplotlib')}"


def _thin(folder: Path) -> None:
    """Delete the oldest where there are too many."""
    with suppress(OSError):
        if len(os.listdir(folder)) <= _MOST_KEPT:  # each test of pytest's asks
            return
        kept = sorted(folder.glob("*.svg"), key=lambda file: file.stat().st_mtime)
        for file in kept[: max(0, len(kept) - _MOST_KEPT)]:
            file.unlink(missing_ok=True)
