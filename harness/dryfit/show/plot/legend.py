"""A legend in rows of words above the axes, which have their length whatever the font."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from dryfit.show.plot.palette import CHARACTER, INNER, LINE

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

_WIDE, _HIGH = 21 / 72, 7.35 / 72  # inches, of what stands before a word


def place_legend(
    axes: "Axes", handles: Sequence[Any], words: Sequence[str], top: float, height: float
) -> float:
    """Lay out a legend in rows, each entry where its words fit.

    Args:
        top: inches from the axes' foot to the legend's upper edge.
        height: of the axes, in inches.

    Returns:
        Where its lower edge is, likewise.
    """
    entries = iter(handles)
    for row in legend_rows(words):
        x = 0.0
        for word in row:
            _place_mark(axes, next(entries), x, top - 0.06, height)
            middle = (x + 0.4) / INNER, (top - LINE / 2 + 0.015) / height
            axes.text(*middle, word, transform=axes.transAxes, va="center")
            x += _width(word)
        top -= LINE
    return top


def _place_mark(axes: "Axes", handle: "Line2D | Patch", x: float, y: float, height: float) -> None:
    """Show a line with its mark, or a patch: a ``Legend`` for each takes a third of all time."""
    from matplotlib.lines import Line2D
    from matplotlib.patches import Rectangle

    left, middle, right = (place / INNER for place in (x, x + _WIDE / 2, x + _WIDE))
    if isinstance(handle, Line2D):
        across = [left, middle, right]
        shown: Line2D | Rectangle = Line2D(across, [y / height] * 3, markevery=[1])
    else:
        shown = Rectangle((left, (y - _HIGH / 2) / height), right - left, _HIGH / height)
    shown.update_from(handle)
    shown.set_transform(axes.transAxes)
    shown.set_clip_on(False)
    axes.figure.add_artist(shown)  # not the axes', which has the curves


def legend_rows(words: Sequence[str]) -> list[list[str]]:
    """Lay words into rows that fit."""
    made: list[list[str]] = []
    left = 0.0
    for word in words:
        if not made or _width(word) > left:
            made.append([])
            left = INNER
        made[-1].append(word)
        left -= _width(word)
    return made


def _width(word: str) -> float:
    return 0.6 + CHARACTER * len(word)
