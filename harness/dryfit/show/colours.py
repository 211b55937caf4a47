"""The colours of an epoch table in a terminal; each only says again what the words say."""

import re
import sys
from io import StringIO
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console
    from rich.highlighter import Highlighter
    from rich.theme import Theme

_PATTERNS = (
    r"(?m)^(?P<marked>> .*)$",
    r"(?m)^(?P<ends>.* (stops training.*|raises [A-Z]\w+(:.*)?))$",
    r"(?m)^(?P<overrides>.* overrides .*)$",
    r"(?m)^(?P<rate>.* ((cuts|raises|sets) the learning rate|sets [0-9]+ rates)( of .*)?: .*)$",
    r"(?m)^(?P<weights>.* (puts back|sets|edits) .*)$",
    r"(?m)^(?P<warns>.* warns: .*)$",
    r"^(?P<odd>-?(nan|inf))$",
    r"^(?P<folded>\.\.\.|[0-9,]+ epochs (like the one before|left out).*|nothing happened in .*)$",
)
_LINES = tuple(
    (re.compile(pattern), style)
    for pattern, style in (
        (r"\+\+\+ |--- ", "bold"),
        (r"@@ ", "cyan"),
        (r"\+|    exp: |  ✓ ", "green"),
        (r"-|    got: |  ✗ ", "red"),
        (r"      (why|write|remark): |  - ", "dim"),
        (r"\S.*[1-9][0-9]* (failed|errors?|files? cannot be used)\b", "bold red"),
        (r"\S.* checks?[,:].* passed\b", "bold green"),
        (r"\S+:\d+: ", "bold"),
    )
)
_COLOURS = {
    "marked": "bold red",
    "ends": "bold red",
    "overrides": "bold magenta",
    "rate": "cyan",
    "weights": "green",
    "warns": "yellow",
    "odd": "bold yellow",
    "folded": "dim",
}


def highlighter() -> "Highlighter":
    """Find what has a colour."""
    from rich.highlighter import RegexHighlighter

    class Words(RegexHighlighter):
        base_style = "dryfit."
        highlights = _PATTERNS

    return Words()


def theme() -> "Theme":
    """Say which colour it is."""
    from rich.theme import Theme

    return Theme({f"dryfit.{name}": colour for name, colour in _COLOURS.items()})


def in_colours(text: str, terminal: "Console | None") -> str:
    """Colour lines that stand outside of tables by how they begin.

    Args:
        text: a report, or a difference between two files.
        terminal: what it is for; without one it stays plain.
    """
    if terminal is None or terminal.no_color or terminal.color_system is None:
        return text
    from rich.console import Console
    from rich.text import Text

    file = StringIO()
    console = Console(
        file=file,
        force_terminal=True,
        color_system=terminal.color_system,  # type: ignore[arg-type]  # a name of its own
        legacy_windows=False,
    )
    told = Text()
    for line in text.splitlines(keepends=True):
        told.append(line, next((style for found, style in _LINES if found.match(line)), ""))
    console.print(told, end="", soft_wrap=True)
    return file.getvalue()


def terminal() -> "Console | None":
    """Standard output, if it is a terminal; its colours are off where ``NO_COLOR`` is set."""
    if not sys.stdout.isatty():
        return None
    from rich.console import Console

    return Console()
