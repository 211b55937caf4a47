"""Makes SVGs parts of one page: small, and with ids that no other picture there has."""

import re
from collections.abc import Iterator
from xml.etree import ElementTree  # the SVGs are matplotlib's, in which text is escaped

_NUMBER = re.compile(r"-?\d+\.\d+")
_REFERENCE = re.compile(r"url\(#([^)]+)\)")
_GEOMETRY = ("d", "x", "y", "points", "transform", "width", "height")
_AROUND = re.compile(r"\s*([A-Za-z])\s*")  # what stands between a path's commands


class Inliner:
    """Writes SVGs as elements of one HTML page.

    Coordinates get one decimal, a tenth of a pixel; what nothing refers to is left
    out, and styles that come again and again are classes of the page.
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
        root = ElementTree.fromstring(svg)  # noqa: S314
        prefix = f"p{self._pictures}-"
        self._pictures += 1
        used = {name for element in root.iter() for name in _references(element)}
        for element in root.iter():
            element[:] = [c for c in element if _local(c.tag) not in ("metadata", "style")]
            element.tag = _local(element.tag)
            element.attrib = dict(self._attributes(element, prefix, used))
            element.text = element.text if (element.text or "").strip() else None
            element.tail = element.tail if (element.tail or "").strip() else None
        _flatten(root)
        return ElementTree.tostring(root, encoding="unicode")

    def _attributes(
        self, element: ElementTree.Element, prefix: str, used: set[str]
    ) -> Iterator[tuple[str, str]]:
        for name, value in element.items():
            name = _local(name)
            if name == "id":
                if value in used:
                    yield name, prefix + value
            elif name == "href" and value.startswith("#"):
                yield name, f"#{prefix}{value[1:]}"
            elif "url(#" in value:
                yield name, value.replace("url(#", f"url(#{prefix}")
            elif name == "style":
                yield "class", self._classes.setdefault(value, f"s{len(self._classes)}")
            elif name in _GEOMETRY:
                short = _NUMBER.sub(lambda n: f"{float(n[0]):.1f}".removesuffix(".0"), value)
                yield name, _AROUND.sub(r"\1", short) if name == "d" else short
            else:
                yield name, value


def _references(element: ElementTree.Element) -> list[str]:
    values = list(element.attrib.values())
    return [v[1:] for v in values if v.startswith("#")] + [
        name for value in values for name in _REFERENCE.findall(value)
    ]


def _flatten(element: ElementTree.Element) -> None:
    """Replace groups that say nothing by what is in them."""
    children: list[ElementTree.Element] = []
    for child in element:
        _flatten(child)
        children += list(child) if child.tag == "g" and not child.attrib else [child]
    element[:] = children


def _local(name: object) -> str:
    return str(name).rpartition("}")[2]
