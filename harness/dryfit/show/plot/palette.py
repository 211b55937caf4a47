"""How pictures look: colours that the colour-blind tell apart, shapes that print in grey."""

from collections.abc import Sequence
from typing import Any

# Okabe and Ito, https://jfly.uni-koeln.de/color/: told apart by everyone, and by lightness.
BLUE, ORANGE, GREEN, RED = "#0072b2", "#e69f00", "#009e73", "#d55e00"
PURPLE, SKY = "#cc79a7", "#56b4e9"
INK = "#000000"  # `as_svg` writes it as currentColor
GREY = "#808080"  # between black and white, for a dark page too

CURVES: Sequence[tuple[str, str, str]] = (
    (BLUE, "-", "o"),
    (ORANGE, "--", "s"),
)
CUTS: Sequence[tuple[str, str]] = ((BLUE, "v"), (GREEN, "D"), (PURPLE, "P"), (ORANGE, "s"))

MANY = 40  # marks of a kind, before they are no longer drawn one by one

SIZE = 10.5  # points, of all text but the title: 8 pixels where a phone shows the whole sheet
WIDTH, LEFT, RIGHT = 6.4, 0.95, 0.15  # inches, of a sheet and beside its axes
INNER = WIDTH - LEFT - RIGHT
LINE = 0.21  # inches, of a line of text
CHARACTER = 0.078  # inches, about

_HAN = ("Noto Sans CJK SC", "Noto Sans SC", "WenQuanYi Micro Hei", "PingFang SC", "SimHei")


def settings() -> dict[Any, Any]:
    """Matplotlib's own settings and font, whatever the user's are, and names as they stand."""
    import matplotlib as mpl
    from matplotlib.font_manager import fontManager

    there = {font.name for font in fontManager.ttflist}
    kept = ("backend", "backend_fallback", "interactive", "toolbar")
    default = {key: mpl.rcParamsDefault[key] for key in mpl.rcParamsDefault if key not in kept}
    return default | {
        "font.family": ["DejaVu Sans", *(name for name in _HAN if name in there)],
        "font.size": SIZE,
        "text.parse_math": False,  # a metric may be called $x$
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.unicode_minus": False,
        "svg.fonttype": "none",
        "svg.hashsalt": "dryfit",
        "legend.frameon": False,
        "hatch.linewidth": 0.9,
    }


def short(name: str | None, most: int = 32) -> str:
    """A callback's name, cut short if it is very long."""
    name = "the model" if name is None else name
    return name if len(name) <= most else f"{name[: most - 1]}…"


def times(words: str, count: int) -> str:
    """Say how often, where marks are too many to be counted."""
    return words if count <= MANY else f"{words} {count:,} times"
