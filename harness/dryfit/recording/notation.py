"""Writing values as a scenario file has them: exactly, and as short as that allows."""

import json
import math
import re
from collections.abc import Iterable
from itertools import groupby
from typing import Any

import numpy as np

LARGEST = float(np.finfo(np.float32).max)

_WORD = re.compile(r"[A-Za-z][\w.#-]*")
_YAML_WORDS = frozenset("true false null yes no on off y n nan inf".split())


class Raw(str):
    """A text that is YAML already."""

    __slots__ = ()


def number(value: float | None) -> str:
    """Write a number so that it reads as the same float32; ``None`` is ``_``.

    >>> number(0.10000000149011612), number(2.0), number(float("-inf")), number(None)
    ('0.1', '2', '-inf', '_')
    """
    if value is None:
        return "_"
    if math.isfinite(value) and abs(value) <= LARGEST:
        return _short(str(np.float32(value)))
    return "nan" if value != value else "inf" if value > 0 else "-inf"


def exactly(value: float | None) -> str:
    """Write a number so that it reads as the same float64."""
    if value is None or not math.isfinite(value):
        return number(value)
    return _short(repr(float(value)))


def series(tokens: Iterable[str], goes_on: bool = False) -> Raw:
    """Write a series of its values' tokens.

    Args:
        tokens: what `number` and `exactly` give.
        goes_on: whether epochs follow of which nothing is known.

    >>> series(["1", ".5", ".5"]), series(["1"]), series(["1"], goes_on=True)
    ('1 .5x2', '1x1', '1 _...')
    """
    runs = [(token, len(list(group))) for token, group in groupby(tokens)]
    parts = [token if count == 1 else f"{token}x{count}" for token, count in runs]
    if goes_on:
        return Raw(" ".join([*parts, "_..."]))
    return Raw(f"{parts[0]}x1" if len(parts) == 1 and runs[0][1] == 1 else " ".join(parts))


def flow(value: Any) -> str:
    """Write plain data in YAML's flow style, in one line."""
    if isinstance(value, Raw):
        return value
    if isinstance(value, dict):
        return "{" + ", ".join(f"{flow(k)}: {flow(v)}" for k, v in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(flow, value)) + "]"
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, float):
        return repr(value) if math.isfinite(value) else f"{'-' * (value < 0)}.{abs(value)}"
    return json.dumps(value)


def _text(value: str) -> str:
    if _WORD.fullmatch(value) and value.lower() not in _YAML_WORDS:
        return value
    return json.dumps(value, ensure_ascii=not value.isprintable())


def _short(text: str) -> str:
    return text.removesuffix(".0")
