"""Texts in Markdown, as GitHub reads it: a name stays a name, whatever it is made of.

Source: CommonMark 0.31 and "GitHub Flavored Markdown Spec" 0.29. A backslash makes a mark
of any punctuation a letter, in a table's cell as well.
"""

import re
from collections.abc import Iterable, Iterator, Sequence

from dryfit.facts.visible_text import in_a_line, visible

_MARKS = re.compile(r"([\\`*_\[\]<>|~#&$]|:(?=[\w+-]+:))")
_BEGINS = re.compile(r"^(?:([-+=])(?=\s|\1|$)|(\d{1,9})(?=[.)](?:\s|$)))")


def plain(text: str) -> str:
    r"""Write any text so that Markdown shows it as it is, on one line.

    >>> print(plain("a_b | <i>"))
    a\_b \| \<i\>
    """
    return _BEGINS.sub(_no_item, _MARKS.sub(r"\\\1", in_a_line(text)))


def code(text: str) -> str:
    """Write a name as code, also in a table; nothing where there is none.

    >>> code("EarlyStopping(mode='min')")
    "`EarlyStopping(mode='min')`"
    """
    text = in_a_line(text)
    if not text or "|" in text:  # in a table it needs a backslash, which code elsewhere shows
        return plain(text)
    fence = "`" * (max(map(len, re.findall("`+", text)), default=0) + 1)
    pad = " " if "`" in (text[0], text[-1]) else ""
    return f"{fence}{pad}{text}{pad}{fence}"


def fenced(text: str) -> str:
    """Write lines as they are, as a block that none of them ends."""
    text = visible(text)
    fence = "`" * max(len(run) + 1 for run in ["``", *re.findall("`+", text)])
    return f"{fence}text\n{text}\n{fence}"


def pipes(
    titles: Sequence[str], alignments: Sequence[str], rows: Iterable[Sequence[str]]
) -> Iterator[str]:
    """Write the lines of a table.

    Args:
        titles: in Markdown, as all cells.
        alignments: of each column, such as ``---:`` for what stands right.
        rows: their cells.
    """
    for line in (titles, alignments, *rows):
        yield f"| {' | '.join(line)} |"


def _no_item(found: re.Match[str]) -> str:
    """Keep what begins a list, or a line below a heading, from being one."""
    return f"\\{found[1]}" if found[1] else f"{found[2]}\\"
