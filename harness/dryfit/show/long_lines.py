"""Sentences in lines that fit into a terminal."""

import re
import textwrap
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console

# Where the words of a sentence begin, behind a mark and the name of what it is about.
_BEGINS = re.compile(
    r"  [✓✗-] \S.*?  +(?=\S)| {3,6}(?:why|write|remark|and so \d+ others): |(?=\S)"
)
_LEAST = 24  # characters of a line of words; where there is less room, they go on at the left


def folded(text: str, terminal: "Console | None") -> str:
    """Let what is too long for a terminal go on in the next line, below where its words began.

    The lines of a file, which somebody may copy, stay whole, and so does all that no terminal
    gets.
    """
    if terminal is None:
        return text
    return "\n".join(_folded(line, terminal.width) for line in text.split("\n"))


def _folded(line: str, width: int) -> str:
    begins = _BEGINS.match(line)
    if len(line) <= width or begins is None:
        return line
    room = " " * (begins.end() if begins.end() <= width - _LEAST else 6)
    return "\n".join(
        textwrap.wrap(
            line, width, subsequent_indent=room, break_long_words=False, break_on_hyphens=False
        )
    )
