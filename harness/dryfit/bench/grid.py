"""A table with names, numbers and words, drawn as text or as Markdown."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from io import StringIO

from dryfit.table import WIDTH, WORDS

_NAME = 48  # how wide a column of names becomes; longer ones are folded


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table.

    Attributes:
        kind: ``name`` (of something in code), ``number``, or ``words``.
        cells: one a row; empty where there is nothing to say.
    """

    title: str
    kind: str
    cells: Sequence[str]


def filled(columns: Sequence[Column]) -> list[Column]:
    """Leave out columns without any entry."""
    return [column for column in columns if any(column.cells)]


def indented(columns: Sequence[Column]) -> list[Column]:
    """Put hooks under their callback, in one column, and leave out the notes."""
    names = [column.cells for column in columns if column.kind == "name"]
    rows = zip(*names, strict=True)
    first = [row[0] or f"  {row[1]}" for row in rows]
    others = [c for c in columns if c.kind != "name" and c.title != "note"]
    return [Column("callback", "name", first), *others] if names else []


def as_grid(columns: Sequence[Column]) -> str:
    """Draw the table as text; names and numbers as wide as they need."""
    if not columns:
        return ""
    from rich import box
    from rich.console import Console
    from rich.table import Table

    grid = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    needed = 0
    for column in columns:
        width = max(*map(len, (*column.title.split("\n"), *column.cells)), 0)
        if column.kind == "words":
            grid.add_column(column.title, overflow="fold")
            needed += min(width, WORDS) + 3
        else:
            width = min(width, _NAME) if column.kind == "name" else width
            justify = "right" if column.kind == "number" else "left"
            grid.add_column(column.title, justify=justify, width=width, overflow="fold")  # type: ignore[arg-type]
            needed += width + 3
    for row in zip(*(column.cells for column in columns), strict=True):
        grid.add_row(*row)
    text = StringIO()
    console = Console(
        file=text,
        width=max(WIDTH, needed),
        color_system=None,
        highlight=False,
        markup=False,
        emoji=False,
    )
    console.print(grid)
    lines = [line.rstrip() for line in text.getvalue().splitlines()]
    return "\n".join(line for line in lines if line)


def as_pipes(columns: Sequence[Column]) -> str:
    """Draw the table in Markdown, as GitHub reads it."""
    if not columns:
        return ""
    lines = [
        [plain(column.title) for column in columns],
        ["---:" if column.kind == "number" else ":---" for column in columns],
    ]
    written = [
        [code(cell) if column.kind == "name" else plain(cell) for cell in column.cells]
        for column in columns
    ]
    lines += map(list, zip(*written, strict=True))
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def plain(text: str) -> str:
    r"""Write any text so that Markdown shows it as it is, on one line.

    >>> print(plain("a_b | <i>"))
    a\_b \| \<i\>
    """
    return re.sub(r"([\\`*_\[\]<>|~#&])", r"\\\1", " ".join(text.split()))


def code(text: str) -> str:
    """Write a name as code, also in a table; nothing where there is none.

    >>> code("EarlyStopping(mode='min')")
    "`EarlyStopping(mode='min')`"
    """
    text = " ".join(text.split())
    if not text:
        return ""
    fence = "`" * (max(map(len, re.findall("`+", text)), default=0) + 1)
    pad = " " if "`" in (text[0], text[-1]) else ""
    return f"{fence}{pad}{text}{pad}{fence}".replace("|", "\\|")
