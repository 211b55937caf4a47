"""Pictures as files of the user's cache, and drawing what is not there: without Keras."""

import os
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from dryfit.scenario.bounded_file import UnreadableFileError, read_bounded
from dryfit.scenario.usage import UsageError
from dryfit.scenario.whole_file import make_folder, write_text
from dryfit.show.plot.figures import svgs_of
from dryfit.show.plot.picture import Picture

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_MOST_BYTES = 10_000_000  # of a picture
_MOST_KEPT = 5_000  # of some 15 kB each

_used: "dict[int, Figure]" = {}  # of this process, which may draw many parts


def kept_pictures() -> Path | None:
    """Where pictures are kept; nowhere for a user without a home."""
    base = os.environ.get("XDG_CACHE_HOME") or os.environ.get("LOCALAPPDATA")
    with suppress(RuntimeError):
        return Path(base or Path.home() / ".cache") / "dryfit" / "pictures"
    return None


def kept(folder: Path | None, name: str) -> str:
    """The SVG of a name; empty where none is kept."""
    if folder is not None:
        with suppress(UnreadableFileError, OSError, UnicodeDecodeError):
            return read_bounded(folder / f"{name}.svg", _MOST_BYTES).decode()
    return ""


def drawn_and_kept(folder: Path | None, pictures: Mapping[str, Picture]) -> dict[str, str]:
    """Draw pictures, and keep the SVG of each by its name."""
    svgs = dict(zip(pictures, svgs_of([*pictures.values()], used=_used), strict=True))
    if folder is not None:
        with suppress(UsageError):  # then they are drawn again next time
            make_folder(folder, mode=0o700)
            for name, svg in svgs.items():
                write_text(folder / f"{name}.svg", svg)
    return svgs


def thin(folder: Path) -> None:
    """Delete the oldest where there are too many."""
    with suppress(OSError):
        if len(os.listdir(folder)) <= _MOST_KEPT:  # each test of pytest's asks
            return
        found = sorted(folder.glob("*.svg"), key=lambda file: file.stat().st_mtime)
        for file in found[: max(0, len(found) - _MOST_KEPT)]:
            file.unlink(missing_ok=True)
