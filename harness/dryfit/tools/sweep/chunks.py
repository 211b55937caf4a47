"""Parts of a sweep that are worked on by themselves: some settings on some curves."""

import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING
from zipfile import BadZipFile

import numpy as np

from dryfit.scenario.whole_file import make_folder, write_bytes
from dryfit.tools.sweep.callback_lists import Directions
from dryfit.tools.sweep.callback_lists import decide as decide_lists
from dryfit.tools.sweep.curve_arrays import CurveArrays
from dryfit.tools.sweep.outcomes import Outcomes
from dryfit.tools.sweep.vectorised import Arithmetic

if TYPE_CHECKING:
    from dryfit.scenario.alternatives import Item
    from dryfit.tools.sweep.settings import SweptSettings

# Both for one to five seconds on one core.
_VECTORISED_CELLS = 10_000_000
_PLAYED_EPOCHS = 30_000
_MOST_CURVES = 20_000


@dataclass(frozen=True)
class Chunk:
    """What a worker needs to know.

    Attributes:
        curves: those of this chunk.
        lists: the settings of this chunk.
        at: the places of its settings and of its curves in the whole.
        directions: whether more of a metric is better, where array programs decide.
        arithmetic: how the installed backend compares, likewise.
        settings: all settings, where the real callbacks decide; a worker of array
            programs never loads Keras.
    """

    curves: CurveArrays
    lists: "Sequence[Sequence[Item]]"
    at: tuple[slice, slice]
    directions: Directions
    arithmetic: Arithmetic
    settings: "SweptSettings | None" = None

    @property
    def cells(self) -> int:
        """How many cells it has."""
        return len(self.lists) * len(self.curves)


def decide(chunk: Chunk) -> Outcomes:
    """Decide every cell of a chunk."""
    if chunk.settings is None:
        return decide_lists(chunk.curves, chunk.lists, chunk.directions, chunk.arithmetic)
    from dryfit.tools.sweep.real_callbacks import play_cells

    rows = range(*chunk.at[0].indices(len(chunk.settings)))
    return play_cells(chunk.curves, chunk.settings, rows)


def cut(
    curves: CurveArrays,
    settings: "SweptSettings",
    part: slice,
    directions: Directions,
    arithmetic: Arithmetic,
    *,
    plays: bool,
) -> Iterator[Chunk]:
    """Cut a grid into chunks.

    Args:
        curves: all of them.
        settings: all of them.
        part: the curves that are asked for.
        directions: as a chunk's, like what follows.
        arithmetic: how the backend compares.
        plays: whether the real callbacks decide.
    """
    columns, rows = _sizes(len(settings), curves.longest, plays)
    for start in range(part.start, part.stop, columns):
        at = slice(start, min(start + columns, part.stop))
        for first in range(0, len(settings), rows):
            mine = slice(first, min(first + rows, len(settings)))
            yield Chunk(
                curves.part(at.start, at.stop),
                settings.lists[mine],
                (mine, at),
                directions,
                arithmetic,
                settings if plays else None,
            )


def _sizes(settings: int, epochs: int, plays: bool) -> tuple[int, int]:
    """How many curves, and how many settings, a chunk has."""
    if plays:
        cells = max(1, _PLAYED_EPOCHS // epochs)
        rows = min(settings, cells)
        return max(1, cells // rows), rows
    rows = min(settings, 1000)
    return max(1, min(_MOST_CURVES, _VECTORISED_CELLS // rows)), rows


class KeptChunks:
    """What is finished, in a folder, by what it was made of: the same sweep goes on from it.

    Args:
        folder: where to; ``None`` keeps nothing.
        of_what: what a chunk's outcome depends on besides the chunk's place.
    """

    def __init__(self, folder: Path | None, of_what: str) -> None:
        self._folder = (
            None if folder is None else folder / sha256(of_what.encode()).hexdigest()[:32]
        )

    def read(self, chunk: Chunk) -> Outcomes | None:
        """Read a chunk's outcome; ``None`` if it is not there, or not whole."""
        if self._folder is None:
            return None
        shape = len(chunk.lists), len(chunk.curves)
        try:
            with np.load(BytesIO(self._file(chunk).read_bytes()), allow_pickle=False) as kept:
                arrays = [kept[field.name] for field in fields(Outcomes)]
        except (OSError, ValueError, KeyError, EOFError, BadZipFile, zlib.error):
            return None
        return Outcomes(*arrays) if all(array.shape == shape for array in arrays) else None

    def write(self, chunk: Chunk, outcomes: Outcomes) -> None:
        """Keep a chunk's outcome.

        Raises:
            UnwritableError: it cannot be written.
        """
        if self._folder is None:
            return
        make_folder(self._folder)
        content = BytesIO()
        np.savez_compressed(
            content, **{f.name: getattr(outcomes, f.name) for f in fields(Outcomes)}
        )
        write_bytes(self._file(chunk), content.getvalue())

    def clear(self) -> None:
        """Forget what was kept: the sweep has been answered."""
        if self._folder is None or not self._folder.is_dir():
            return
        for file in self._folder.glob("*.npz"):
            file.unlink(missing_ok=True)
        for folder in (self._folder, *self._folder.parents[:2]):
            try:
                folder.rmdir()
            except OSError:  # another sweep keeps something there
                return

    def _file(self, chunk: Chunk) -> Path:
        assert self._folder is not None
        settings, curves = chunk.at
        return self._folder / f"{settings.start}-{settings.stop}-{curves.start}-{curves.stop}.npz"
