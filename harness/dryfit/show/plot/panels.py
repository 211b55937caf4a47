"""A sheet of panels one below the other: axes that share the epochs, with words above each.

Words stand in rows of their own above the axes, so that they never lie on a curve.
"""

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from dryfit.show.plot.legend import legend_rows, place_legend
from dryfit.show.plot.palette import CHARACTER, GREY, INK, INNER, LEFT, LINE, WIDTH

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

BELOW = 0.44  # the last panel's ticks and label
BETWEEN = 0.14


@dataclass(frozen=True, slots=True)
class Note:
    """Words above a panel.

    Attributes:
        at: the time they stand at; ``None`` at the left.
        line: a line's style from the words down through the axes; empty for none.
        to: an earlier or later time that an arrow points to.
    """

    text: str
    at: float | None = None
    line: str = ""
    to: float | None = None


@dataclass(slots=True)
class Panel:
    """Axes to be, with their legend and notes.

    Attributes:
        draw: draws into the axes, and returns the legend: handles and words.
        legend: the words of the legend, to make room for it.
    """

    draw: Any
    height: float
    legend: Sequence[str] = ()
    notes: Sequence[Note] = ()
    label: str = ""
    limits: tuple[float, float] = (0, 1)
    _wrapped: list[list[str]] = field(default_factory=list)
    _written: list[tuple[float, float, float]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._wrapped = [_wrapped(note, self.limits) for note in self.notes]

    @property
    def above(self) -> float:
        """Inches of words above the axes."""
        lines = sum(map(len, self._wrapped)) + sum(note.to is not None for note in self.notes)
        return LINE * (lines + len(legend_rows(self.legend))) + 0.05

    def place(self, figure: "Figure", axes: "Axes", top: float) -> None:
        """Draw everything, with the words' upper edge so many inches from the sheet's top."""
        height = float(figure.get_figheight())
        bottom = height - top - self.above - self.height
        axes.set_position((LEFT / WIDTH, bottom / height, INNER / WIDTH, self.height / height))
        axes.set_xlim(*self.limits)
        axes.yaxis.set_label_coords(-0.74 / INNER, 0.5)
        handles, words = self.draw(axes)
        y = place_legend(axes, handles, words, self.height + self.above, self.height)
        tops = []
        for note, lines in zip(self.notes, self._wrapped, strict=True):
            tops.append(y)
            y = self._note(axes, note, lines, y)
        for note, y in zip(self.notes, tops, strict=True):
            self._line(axes, note, y)

    def _note(self, axes: "Axes", note: Note, lines: list[str], y: float) -> float:
        in_axes = axes.transAxes if note.at is None else axes.get_xaxis_transform()
        right = note.at is not None and _right(note.at, self.limits)
        x = 0.0 if note.at is None else note.at
        pad = 0 if note.at is None else -4 if right else 4
        for line in lines:
            axes.annotate(
                line,
                (x, (y - LINE / 2) / self.height),
                xycoords=in_axes,
                xytext=(pad, 0),
                textcoords="offset points",
                ha="right" if right else "left",
                va="center",
                annotation_clip=False,
            )
            self._written.append((y, *self._extent(x, line, right)))
            y -= LINE
        if note.to is not None and note.at is not None:
            self._arrow(axes, note.at, note.to, y - LINE / 2)
            y -= LINE
        return y

    def _extent(self, x: float, line: str, right: bool) -> tuple[float, float]:
        """From where to where a line of words goes, about."""
        width = len(line) * CHARACTER * (self.limits[1] - self.limits[0]) / INNER
        return (x - width, x) if right else (x, x + width)

    def _line(self, axes: "Axes", note: Note, top: float) -> None:
        """Draw a note's line, but not through the words of others."""
        if not note.line or note.at is None:
            return
        pieces = [(0.0, self.height)]
        y = self.height
        for words, start, end in reversed(self._written):
            if y <= words - LINE < top and start < note.at < end:
                pieces.append((y, words - LINE))
                y = words
        pieces.append((y, top))
        for piece in pieces:
            axes.plot(
                [note.at] * 2,
                [edge / self.height for edge in piece],
                note.line,
                transform=axes.get_xaxis_transform(),
                color=INK,
                linewidth=1.1,
                clip_on=False,
            )

    def _arrow(self, axes: "Axes", at: float, to: float, y: float) -> None:
        place = axes.get_xaxis_transform()
        axes.annotate(
            "",
            (to, y / self.height),
            (at, y / self.height),
            xycoords=place,
            textcoords=place,
            arrowprops={"arrowstyle": "-|>", "color": INK, "shrinkA": 0, "shrinkB": 0},
            annotation_clip=False,
        )
        axes.plot(
            [to] * 2, [0, y / self.height], ":", transform=place, color=GREY, lw=1, clip_on=False
        )


def _wrapped(note: Note, limits: tuple[float, float]) -> list[str]:
    share = 1.0
    if note.at is not None:
        share = (note.at - limits[0]) / (limits[1] - limits[0])
        share = max(share, 1 - share)
    return textwrap.wrap(note.text, int(share * INNER / CHARACTER)) or [""]


def _right(at: float, limits: tuple[float, float]) -> bool:
    return at > sum(limits) / 2
