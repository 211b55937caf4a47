"""Makes SVGs parts of one page: with ids that no other picture there has."""

import re

_TAG = re.compile(r"<[^>]+>")
_NAME = re.compile(r'( id="|href="#|url\(#)')
_STYLE = re.compile(r' style="([^"(]*)"')  # but one that refers to a hatch of its picture


class Inliner:
    """Writes SVGs that `dryfit.show.plot.compact` made small as elements of one HTML page.

    Styles that come again and again are classes of the page.
    """

    def __init__(self) -> None:
        self._classes: dict[str, str] = {}
        self._pictures = 0

    @property
    def sheet(self) -> str:
        """The style sheet of every picture so far."""
        return "\n".join(f".{name} {{{style}}}" for style, name in self._classes.items())

    def element(self, svg: str) -> str:
        """Write an SVG as an element of the page."""
        own = rf"\1p{self._pictures}-"
        self._pictures += 1
        return _TAG.sub(lambda tag: _STYLE.sub(self._class, _NAME.sub(own, tag[0])), svg)

    def _class(self, style: re.Match[str]) -> str:
        return f' class="{self._classes.setdefault(style[1], f"s{len(self._classes)}")}"'
