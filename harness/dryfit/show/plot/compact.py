"""Makes matplotlib's SVGs small, for a page of many."""

import re
from collections.abc import Iterator
from xml.etree import ElementTree  # the SVGs are matplotlib's, in which text is escaped

_NUMBER = re.compile(r"-?\d+\.\d+")
_REFERENCE = re.compile(r"url\(#([^)]+)\)")
_GEOMETRY = ("d", "x", "y", "points", "transform", "width", "height")
_AROUND = re.compile(r"\s*([A-Za-z])\s*")  # what stands between a path's commands


def compact(svg: str) -> str:
    """Write an SVG as an element of HTML, with coordinates of a tenth of a pixel.

    What nothing refers to is left out.
    """
    root = ElementTree.fromstring(svg)  # noqa: S314
    used = {name for element in root.iter() for name in _references(element)}
    for element in root.iter():
        element[:] = [c for c in element if _local(c.tag) not in ("metadata", "style")]
        element.tag = _local(element.tag)
        element.attrib = dict(_attributes(element, used))
        element.text = element.text if (element.text or "").strip() else None
        element.tail = element.tail if (element.tail or "").strip() else None
    _flatten(root)
    return ElementTree.tostring(root, encoding="unicode")


def _attributes(element: ElementTree.Element, used: set[str]) -> Iterator[tuple[str, str]]:
    for name, value in element.items():
        name = _local(name)
        if name in _GEOMETRY:
            short = _NUMBER.sub(lambda n: f"{float(n[0]):.1f}".removesuffix(".0"), value)
            yield name, _AROUND.sub(r"\1", short) if name == "d" else short
        elif name != "id" or value in used:
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
