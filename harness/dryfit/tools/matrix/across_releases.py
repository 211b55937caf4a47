"""Which scenarios decide otherwise in which cell, and what they decide."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from string import ascii_lowercase
from typing import Any

from packaging.version import Version

from dryfit.judge.outcome import Outcome
from dryfit.tools.matrix.cells import in_order
from dryfit.tools.matrix.player import PlayedElsewhere

SKIPPED = "-"


@dataclass(frozen=True, slots=True)
class ReleaseDifference:
    """A fact that is another one than in the cell before.

    Attributes:
        fact: its key, as in a scenario file.
    """

    fact: str
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class ReleaseChange:
    """A cell that decides otherwise than the one before it.

    Attributes:
        at: the cell, by its place in the table.
        before: the one before it, likewise.
    """

    at: int
    before: int
    what: tuple[ReleaseDifference, ...]


@dataclass(frozen=True, slots=True)
class ReleaseRow:
    """A scenario in all cells.

    Attributes:
        plays: what came of it in each; ``None`` in a cell that broke.
    """

    file: str
    slug: str
    name: str
    plays: tuple[dict[str, Any] | None, ...]

    def facts(self, index: int) -> dict[str, str] | None:
        """What came of it in a cell, ``None`` if it was not played there."""
        play = self.plays[index]
        found: dict[str, str] | None = None if play is None else play["facts"]
        return found

    def outcome(self, index: int) -> str:
        """Its outcome in a cell."""
        play = self.plays[index]
        return "" if play is None else str(play["outcome"])

    @property
    def played(self) -> list[int]:
        """The cells in which it was played."""
        return [index for index in range(len(self.plays)) if self.facts(index) is not None]

    @property
    def letters(self) -> list[str]:
        """A letter for each cell, the same where the same was decided."""
        known: list[dict[str, str]] = []
        letters = []
        for index in range(len(self.plays)):
            found = self.facts(index)
            if found is None:
                letters.append(SKIPPED)
                continue
            if found not in known:
                known.append(found)
            letters.append(_letter(known.index(found)))
        return letters

    @property
    def changes(self) -> tuple[ReleaseChange, ...]:
        """Every cell that decides otherwise than the one before it."""
        pairs = zip(self.played, self.played[1:], strict=False)
        found = (ReleaseChange(at, before, self._differences(before, at)) for before, at in pairs)
        return tuple(change for change in found if change.what)

    @property
    def segments(self) -> list[list[int]]:
        """Neighbouring cells that decide the same."""
        return [list(cells) for _, cells in groupby(self.played, self.facts)]

    def values(self, fact: str) -> list[str]:
        """A fact in each segment."""
        return [(self.facts(cells[0]) or {}).get(fact, "") for cells in self.segments]

    @property
    def telling(self) -> tuple[str, ...]:
        """The facts that are not the same in all cells."""
        every = [self.facts(index) or {} for index in self.played]
        names = dict.fromkeys(name for found in every for name in found)
        return tuple(n for n in names if len({found.get(n, "") for found in every}) > 1)

    def _differences(self, before: int, at: int) -> tuple[ReleaseDifference, ...]:
        old, new = self.facts(before) or {}, self.facts(at) or {}
        return tuple(
            ReleaseDifference(name, old.get(name, ""), new.get(name, ""))
            for name in dict.fromkeys([*old, *new])
            if old.get(name, "") != new.get(name, "")
        )


@dataclass(frozen=True, slots=True)
class ReleaseTable:
    """Scenarios and cells."""

    cells: tuple[PlayedElsewhere, ...]
    rows: tuple[ReleaseRow, ...]

    @property
    def changed(self) -> tuple[ReleaseRow, ...]:
        """The rows that are not the same in all cells."""
        return tuple(row for row in self.rows if row.changes)

    @property
    def titles(self) -> list[str]:
        """A title for each cell: what tells it from the others."""
        backends = len({p.cell.backend for p in self.cells if not p.cell.legacy}) > 1
        pythons = len({played.cell.python for played in self.cells}) > 1
        return [
            " ".join(
                [
                    p.title,
                    *([p.cell.backend] * (backends and not p.cell.legacy)),
                    *([p.cell.interpreter] * pythons),
                ],
            )
            for p in self.cells
        ]

    @property
    def not_holding(self) -> tuple[tuple[ReleaseRow, int], ...]:
        """Each row and cell that is not as the scenario expects."""
        return tuple(
            (row, index)
            for row in self.rows
            for index in range(len(self.cells))
            if (outcome := row.outcome(index)) and not Outcome(outcome).holds
        )


def table(played: Sequence[PlayedElsewhere]) -> ReleaseTable:
    """Bring the cells together: Keras 2, then releases in order in each backend and Python."""
    groups = list(dict.fromkeys((p.cell.backend, p.cell.python) for p in played))
    return side_by_side(
        sorted(
            played,
            key=lambda p: (
                not p.cell.legacy,
                groups.index((p.cell.backend, p.cell.python)),
                in_order(p.keras),
            ),
        )
    )


def side_by_side(cells: Sequence[PlayedElsewhere]) -> ReleaseTable:
    """Bring cells together as they stand."""
    found = [{(row["file"], row["slug"]): row for row in p.rows} for p in cells]
    names = {key: row["name"] for rows in found for key, row in rows.items()}
    rows = tuple(
        ReleaseRow(file, slug, name, tuple(rows.get((file, slug)) for rows in found))
        for (file, slug), name in names.items()
    )
    return ReleaseTable(tuple(cells), rows)


def spans(cells: Sequence[int], titles: Sequence[str]) -> str:
    """Name neighbouring cells by the first and the last."""
    first, last = titles[cells[0]], titles[cells[-1]]
    return first if first == last else f"{first} to {last}"


def installed(played: PlayedElsewhere) -> Iterator[str]:
    """What is installed in a cell, as far as it matters."""
    versions = played.versions or {}
    for name in (played.cell.backend_package, "numpy"):
        if name in versions:
            yield f"{name} {versions[name]}"
    if "python" in versions:
        yield f"Python {Version(versions['python'])}"


def _letter(index: int) -> str:
    return ascii_lowercase[index] if index < len(ascii_lowercase) else str(index)
