"""Figures of matplotlib that are open, for whoever has imported it: we do not."""

import sys
from collections.abc import Iterable
from typing import Any


def open_figures() -> list[int]:
    """The numbers of the figures that pyplot keeps until somebody closes them."""
    pyplot = _pyplot()
    return [] if pyplot is None else list(pyplot.get_fignums())


def close_figures(numbers: Iterable[int]) -> None:
    """Close figures by their numbers."""
    pyplot = _pyplot()
    for number in numbers:
        pyplot.close(number)


def _pyplot() -> Any:
    return sys.modules.get("matplotlib.pyplot")
