"""The colours of an epoch table in a terminal; each only says again what the words say."""

import sys
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


def terminal() -> "Console | None":
    """Standard output, if it is a terminal; its colours are off where ``NO_COLOR`` is set."""
    if not sys.stdout.isatty():
        return None
    from rich.console import Console

    return Console()
