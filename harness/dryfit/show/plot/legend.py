"""A legend in rows of words above the axes, which have their length whatever the font."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from dryfit.show.plot.palette import CHARACTER, INNER, LINE, SIZE

if TYPE_CHECKING:
    from matplotlib.axes import Axes


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
    from matplotlib.legend import Legend

    entries = iter(handles)
    for row in legend_rows(words):
        x = 0.0
        for word in row:
            place = (x / INNER, top / height)
            look: dict[str, Any] = {"borderpad": 0, "borderaxespad": 0, "fontsize": SIZE}
            axes.add_artist(
                Legend(axes, [next(entries)], [" "], loc=2, bbox_to_anchor=place, **look)
            )
            middle = (x + 0.4) / INNER, (top - LINE / 2 + 0.015) / height
            axes.text(*middle, word, transform=axes.transAxes, va="center")
            x += _width(word)
        top -= LINE
    return top


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
