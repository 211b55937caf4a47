"""Writing values as a scenario file has them: exactly, and as short as that allows."""

import json
import math
import re
from collections.abc import Iterable, Sequence
from decimal import Decimal
from itertools import groupby, pairwise, takewhile
from typing import Any

from dryfit.facts.texts import quoted, written
from dryfit_fakes import float32
from dryfit_fakes.series import Series, SeriesError

_NUMBER = re.compile(r"-?\d+(\.\d+)?")
LARGEST = float.fromhex("0x1.fffffep+127")  # of float32


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
    if abs(value) > LARGEST:
        return "inf" if value > 0 else "-inf"
    same = float32.shortest(float32.float32(value))
    if not same or not math.isfinite(same) or 1e-4 < abs(same) < 1e6:
        return repr(same).removesuffix(".0")
    digits, _, exponent = f"{same:.8e}".partition("e")
    return f"{digits.rstrip('0').removesuffix('.')}e{exponent}"


def exactly(value: float | None) -> str:
    """Write a number so that it reads as the same float64."""
    return "_" if value is None else repr(float(value)).removesuffix(".0")


def shortest(value: object) -> str:
    """Write a number as shortly as the comparison allows; a count is written whole.

    >>> shortest(0.1 + 0.2), shortest(1_000_001), shortest(float("nan")), shortest(True)
    ('0.3', '1000001', 'nan', '1')
    """
    if value is None:
        return "_"
    if not isinstance(value, float):
        return str(int(value)) if isinstance(value, bool) else str(value)
    tried = (f"{value:.{digits}g}" for digits in range(1, 10))
    close = (text for text in tried if math.isclose(float(text), value, rel_tol=5e-7))
    return next(close, repr(value))


def series(tokens: Iterable[str], goes_on: bool = False) -> Raw:
    """Write a series of its values' tokens; one without values is ``[]``.

    Args:
        tokens: what `number`, `exactly` and `shortest` give.
        goes_on: whether epochs follow of which nothing is known.

    >>> series(["1", ".5", ".5"]), series(["1"]), series([]), series(["1"], goes_on=True)
    ('1 .5x2', '1x1', '[]', '1 _...')
    """
    runs = [(token, len(list(group))) for token, group in groupby(tokens)]
    parts = [token if count == 1 else f"{token}x{count}" for token, count in runs]
    if goes_on:
        return Raw(" ".join([*parts, "_..."]))
    if len(runs) == 1 and runs[0][1] == 1:  # one value alone would go on to the end
        return Raw(f"{parts[0]}x1")
    return Raw(" ".join(parts) or "[]")


def in_steps(text: str) -> Raw:
    """Write a series shorter where at least four values are as far apart, or two the same.

    >>> in_steps("1 0.96 0.92 0.88 nan 2 2"), in_steps("1 2 3")
    ('1-0.04x4 nan 2x2', '1 2 3')
    """
    tokens, parts = text.split(), []
    while tokens:
        step, count = _even(tokens)
        if count < (2 if not step else 4):
            step, count = Decimal(0), 1
        sign = "" if not step else f"{step:+f}"
        parts.append(tokens[0] if count == 1 else f"{tokens[0]}{sign}x{count}")
        tokens = tokens[count:]
    return Raw(" ".join(parts))


def _even(tokens: Sequence[str]) -> tuple[Decimal, int]:
    """By how much the first values differ, and how many of them are that far apart."""
    values = [Decimal(t) for t in takewhile(_NUMBER.fullmatch, tokens)]
    if len(values) < 2:
        return Decimal(0), 1
    step = values[1] - values[0]
    gaps = (new - old for old, new in pairwise(values))
    return step, 1 + sum(1 for _ in takewhile(lambda gap: gap == step, gaps))


def written_series(values: Iterable[object], exact: bool = False) -> Raw:
    """Write a series of values as exactly as they are compared.

    >>> written_series([0.1 + 0.2, None, 0.5, 0.5]), written_series([3])
    ('0.3 _ 0.5x2', '3x1')
    """
    return series(
        number(value) if exact and isinstance(value, float) else shortest(value) for value in values
    )


def listed(values: Iterable[object]) -> Raw:
    """Write a list of values that is no series, whatever texts stand in it.

    >>> listed(["auto", "1x4", None])
    '[auto, "1x4", null]'
    """
    return Raw(flow([_no_token(v) if isinstance(v, str) else v for v in values]))


def _no_token(text: str) -> str:
    try:
        Series.parse(text)
    except SeriesError:
        return text
    return Raw(quoted(text))


def flow(value: object) -> str:
    """Write plain data in YAML's flow style, in one line, with quotes where a text needs them.

    >>> flow({"a": [1, 0.5, float("nan"), None, "null"], "b c": True})
    '{a: [1, 0.5, .nan, null, "null"], b c: true}'
    """
    if isinstance(value, Raw):
        return value
    if isinstance(value, str):
        return written(value)
    if isinstance(value, dict):
        return "{" + ", ".join(f"{flow(k)}: {flow(v)}" for k, v in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(flow, value)) + "]"
    if isinstance(value, float):
        return repr(value) if math.isfinite(value) else f"{'-' * (value < 0)}.{abs(value)}"
    return json.dumps(value)


def known(**keys: object) -> dict[str, Any]:
    """The keys of a mapping that have a value: what is not known is not written."""
    return {name: value for name, value in keys.items() if value is not None}
