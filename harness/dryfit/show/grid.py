"""A table with names, numbers and words, drawn as text or as Markdown."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from io import StringIO
from itertools import chain, zip_longest
from typing import TYPE_CHECKING, Literal

from dryfit.facts.visible_text import visible
from dryfit.show.colours import highlighter, theme
from dryfit.show.markdown import code, pipes, plain

if TYPE_CHECKING:
    from rich.console import Console

Kind = Literal["name", "number", "words"]

_WIDTH = 120  # of a table that is for no terminal, or what it needs
_WORDS = 40  # what a column of words can have there, at least
_NARROW = 16  # and in a terminal
_NAME = 48  # how wide a column of names becomes; longer ones are folded
_BETWEEN = 3  # characters between columns


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table.

    Attributes:
        kind: ``name`` (of something in code), ``number``, or ``words``.
        cells: one a row; empty where there is nothing to say.
    """

    title: str
    kind: Kind
    cells: Sequence[str]


def filled(columns: Sequence[Column]) -> list[Column]:
    """Leave out columns without any entry."""
    return [column for column in columns if any(column.cells)]


def indented(columns: Sequence[Column]) -> list[Column]:
    """Put hooks under their callback, in one column, and leave out the notes."""
    names = [column.cells for column in columns if column.kind == "name"]
    rows = zip(*names, strict=True)
    first = [row[0] or f"  {''.join(row[1:])}" for row in rows]  # a name may be empty
    others = [c for c in columns if c.kind != "name" and c.title != "note"]
    return [Column("callback", "name", first), *others] if names else []


def as_grid(columns: Sequence[Column], terminal: "Console | None" = None) -> str:
    """Draw the table as text; names and numbers as wide as they need.

    Args:
        columns: the first says what a row is about.
        terminal: what it is for, with its width and colours. In one that is too narrow, the
            table goes on below with its next columns, each time beside the first one.
    """
    if not columns:
        return ""
    shown = [Column(_shown(c.title), c.kind, [*map(_shown, c.cells)]) for c in columns]
    if terminal is None:
        return _laid_out(shown, _room(shown))
    parts = (_drawn(part, terminal.width, terminal) for part in _parts(shown, terminal.width))
    return "\n\n".join(parts)


def as_pipes(columns: Sequence[Column]) -> str:
    """Draw the table in Markdown, as GitHub reads it."""
    if not columns:
        return ""
    written = [[*map(code if c.kind == "name" else plain, c.cells)] for c in columns]
    titles = [plain(column.title) for column in columns]
    alignments = ["---:" if column.kind == "number" else ":---" for column in columns]
    return "\n".join(pipes(titles, alignments, zip(*written, strict=True)))


def _shown(cell: str) -> str:
    return visible(cell).expandtabs(8)


def _parts(columns: Sequence[Column], width: int) -> Iterator[list[Column]]:
    """Columns that fit beside each other; those after the first part without empty rows."""
    first, *rest = columns
    part: list[Column] = [first]
    parts = [part]
    for column in rest:
        fits = sum(map(_least, [*part, column])) - _BETWEEN + 1 < width
        if len(part) > 1 and not fits:
            parts.append(part := [first])
        part.append(column)
    yield parts[0]
    for part in parts[1:]:
        rows = [row for row in zip(*(c.cells for c in part), strict=True) if any(row[1:])]
        cells = zip(*rows, strict=True)
        yield [Column(c.title, c.kind, kept) for c, kept in zip(part, cells, strict=True)]


def _least(column: Column) -> int:
    """How many characters of a terminal it takes, at least."""
    widest = _widest(column)
    return (min(widest, _NARROW) if column.kind == "words" else widest) + _BETWEEN


def _room(columns: Sequence[Column]) -> int:
    """How many characters a table for no terminal takes, at most."""
    needed = (_WORDS if c.kind == "words" else _widest(c) + _BETWEEN for c in columns)
    return max(_WIDTH, sum(needed))


def _widest(column: Column) -> int:
    from rich.cells import cell_len

    lines = [line for text in (column.title, *column.cells) for line in text.split("\n")]
    widest = max(map(cell_len, lines))
    return min(widest, _NAME) if column.kind == "name" else widest


def _laid_out(columns: Sequence[Column], width: int) -> str:
    """Draw as rich does for no terminal, in a tenth of its time."""
    between = _BETWEEN * (len(columns) - 1)
    widths = _narrowed(columns, width - between - 2)  # a space at either edge
    cells = zip(*(column.cells for column in columns), strict=True)
    titles = [_folded(column.title, fits) for column, fits in zip(columns, widths, strict=True)]
    height = max(map(len, titles))
    low = ["\n" * (height - len(lines)) + "\n".join(lines) for lines in titles]
    title, *rows = (_lines(row, columns, widths) for row in (low, *cells))
    lines = [*title, f" {'─' * (sum(widths) + between)}", *chain.from_iterable(rows)]
    return "\n".join(line for line in lines if line)


def _narrowed(columns: Sequence[Column], room: int) -> list[int]:
    """How wide columns are in a room: of words the widest give way, down to the next widest.

    With the spaces beside them, of which an outer column has one side.
    """
    last = len(columns) - 1
    spaces = [(at > 0) + (at < last) for at in range(last + 1)]
    room += sum(spaces)
    widths = [min(_widest(c) + beside, room) for c, beside in zip(columns, spaces, strict=True)]
    words = [at for at, column in enumerate(columns) if column.kind == "words"]
    while (excess := sum(widths) - room) > 0:
        widest, *others = sorted({widths[at] for at in words}, reverse=True)
        most = min(excess, widest - max(others, default=0))
        giving = [at for at in words if widths[at] == widest]
        for left, at in zip(range(len(giving), 0, -1), giving, strict=True):
            less = min(most, round(excess / left))
            widths[at] -= less
            excess -= less
    return [*map(int.__sub__, widths, spaces)]


def _lines(row: Sequence[str], columns: Sequence[Column], widths: Sequence[int]) -> Iterator[str]:
    from rich.cells import cell_len

    for line in zip_longest(*map(_folded, row, widths), fillvalue=""):
        text = ""
        for piece, column, width in zip(line, columns, widths, strict=True):
            piece = piece.rstrip(" ")
            room = " " * (width - cell_len(piece))
            text += " " * _BETWEEN + (room + piece if column.kind == "number" else piece + room)
        yield text[_BETWEEN - 1 :].rstrip()


def _folded(cell: str, width: int) -> list[str]:
    """The lines of a cell, as rich folds those that are too long."""
    from rich.cells import cell_len

    lines = cell.split("\n")
    if all(cell_len(line) <= width for line in lines):
        return lines
    from rich.console import Console
    from rich.text import Text

    return [line.plain for line in Text(cell).wrap(Console(), width, overflow="fold")]


def _drawn(columns: Sequence[Column], width: int, terminal: "Console") -> str:
    from rich import box
    from rich.console import Console
    from rich.table import Table

    grid = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for column in columns:
        grid.add_column(
            column.title,
            justify="right" if column.kind == "number" else "left",
            width=None if column.kind == "words" else _widest(column),
            overflow="fold",
        )
    text = StringIO()
    console = Console(
        file=text,
        width=width,
        force_terminal=True,
        color_system=terminal.color_system,  # type: ignore[arg-type]  # a name of its own
        no_color=terminal.no_color,
        theme=theme(),
        markup=False,
        emoji=False,
    )
    lit = highlighter()
    for row in zip(*(column.cells for column in columns), strict=True):
        grid.add_row(*map(lit, row))
    console.print(grid)
    lines = [line.rstrip() for line in text.getvalue().splitlines()]
    return "\n".join(line for line in lines if line)
