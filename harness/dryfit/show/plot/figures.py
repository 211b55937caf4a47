"""From pictures to figures and to elements of a page: it needs matplotlib, and no Keras."""

import re
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from importlib.util import find_spec
from io import StringIO
from typing import TYPE_CHECKING

from dryfit.facts.visible_text import visible
from dryfit.show.plot.compact import compact
from dryfit.show.plot.picture import Picture

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.figure import Figure

_BACKEND = "module://dryfit.show.plot.svg_canvas"
_ABOUT = ("Date", "Creator", "Format", "Type")  # which an element of a page does not need


def svgs_of(
    pictures: Sequence[Picture], title: str = "", used: "dict[int, Figure] | None" = None
) -> list[str]:
    """Draw pictures, each as `dryfit.show.plot.plot.as_svg` does a run.

    Args:
        pictures: what to draw.
        title: of each.
        used: takes the figures that were drawn into, where others will be later.
    """
    check_matplotlib()
    from dryfit.show.plot.drawing import draw

    used = {} if used is None else used
    with style():
        return [_svg(inert(draw([picture], [title], 0, used))) for picture in pictures]


def _svg(figure: "Figure") -> str:
    width, height = 72 * figure.get_figwidth(), 72 * figure.get_figheight()
    axes = figure.axes[0]
    box = axes.get_position()
    edges = (box.x0 * width, (1 - box.y1) * height, box.x1 * width, (1 - box.y0) * height)
    told = " ".join(f"{number:.4g}" for number in (*edges, *axes.get_xlim()))
    return compact(_written(figure).replace(" xmlns", f' data-axes="{told}" xmlns', 1))


def as_element(figure: "Figure") -> str:
    """Write a figure as an SVG element, as `as_svg` does."""
    with style():
        return _written(figure)


def _written(figure: "Figure") -> str:
    text = StringIO()
    figure.savefig(
        text, format="svg", backend=_BACKEND, dpi=72, transparent=True,
        metadata=dict.fromkeys(_ABOUT),
    )  # fmt: skip
    return _element(text.getvalue())


def check_matplotlib() -> None:
    """Say what is missing, if it is.

    Raises:
        ImportError: matplotlib is not installed.
    """
    if find_spec("matplotlib") is None:
        raise ImportError(
            "a picture needs matplotlib, which is not installed: "
            'pip install "dryfit[plot]", or matplotlib itself'
        )


def drawn(pictures: Mapping[str, Picture], title: str, start_epoch: int) -> "Figure":
    """Draw pictures one below the other, each with what is said above it."""
    check_matplotlib()
    from dryfit.show.plot.drawing import draw

    titles = [": ".join(filter(None, (title, said))) for said in pictures]
    with style():
        return inert(draw(list(pictures.values()), titles, start_epoch))


def inert(figure: "Figure") -> "Figure":
    """Let every text be one that each format can hold; ticks only have numbers."""
    from matplotlib.axis import Axis
    from matplotlib.text import Text

    parts: list[Artist] = [*figure.texts]
    for axes in figure.axes:
        parts += [axes.xaxis.label, axes.yaxis.label]
        parts += [part for part in axes.get_children() if not isinstance(part, Axis)]
    for text in (text for part in parts for text in part.findobj(Text)):
        assert isinstance(text, Text)
        if (said := text.get_text()) != (shown := visible(said)):
            text.set_text(shown)
    return figure


@contextmanager
def style() -> Iterator[None]:
    """Matplotlib as it comes, and no warning of letters that its font has not."""
    import matplotlib as mpl

    from dryfit.show.plot.palette import settings

    with mpl.rc_context(settings()), warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Glyph .* missing from")
        yield


def _element(text: str) -> str:
    """Leave of an SVG file what a page needs."""
    svg = text[text.index("<svg") :]
    used = set(re.findall(r"#([\w-]+)", svg))
    svg = re.sub(r' id="([\w-]+)"', lambda m: m[0] if m[1] in used else "", svg)
    svg = svg.replace("<svg ", '<svg fill="currentColor" ', 1)  # what is black says no colour
    svg = svg.replace("'DejaVu Sans'", "sans-serif").replace("#000000", "currentColor")
    return re.sub(r"\n\s*", "\n", svg)
