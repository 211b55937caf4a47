"""The one-line notation of a series of values.

For example ``1 .9 .8x3 _ 1-.1x4 .5...``:

==========  ==========================================================
token       meaning
==========  ==========================================================
``.5``      a number, with or without exponent
``nan``     also ``inf``, ``-inf``, ``.nan``, ``.inf``, ``-.inf``
``_``       absent: no value in that epoch
``VxN``     V, N times
``A+BxN``   N values A, A+B, A+2B, ... computed in decimal
``A-BxN``   N values A, A-B, ...
``V...``    V to the end; only as the last token
==========  ==========================================================

N is always the number of values (in promtool's notation it is one less). One
value alone is that value in every epoch; one epoch is ``.5x1``.
"""

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from dryfit_fakes.float32 import NAN

MAX_VALUES = 1_000_000

_UNSIGNED = r"(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?"
_TOKEN = re.compile(
    rf"(?P<value>[+-]?{_UNSIGNED}|[+-]?\.?inf|\.?nan|_)"
    rf"(?:(?P<step>[+-]{_UNSIGNED})?x(?P<count>-?\d+)|(?P<open>\.\.\.))?",
)
_NUMBER = re.compile(rf"[+-]?{_UNSIGNED}")
_EXPECTED = "a number, nan, inf, -inf, _ (absent), VxN, A+BxN, A-BxN or V..."


class SeriesError(ValueError):
    """A series that does not follow the notation.

    Attributes:
        text: what was read.
        token: the token that is wrong.
        offset: where it starts in the text, in characters from 0.
    """

    def __init__(self, problem: str, text: str, token: str, offset: int) -> None:
        self.text = text
        self.token = token
        self.offset = offset
        shown = text if len(text) <= 60 else f"{text[:57]}..."
        super().__init__(f"{problem}: {token!r} at offset {offset} of {shown!r}")

    @property
    def pointed_at(self) -> str:
        """The text with a caret under the token, or what of it fits into a line."""
        start = max(0, self.offset - 40)
        before, shown = "... " if start else "", self.text[start : start + 70]
        carets = "^" * max(1, min(len(self.token), 70 - (self.offset - start)))
        return f"    {before}{shown}\n    {' ' * (len(before) + self.offset - start)}{carets}"


@dataclass(frozen=True, slots=True)
class Series:
    """Values by epoch (or by batch); ``None`` where there is none.

    Attributes:
        values: the values that are written down.
        open: whether the last value goes on to the end.
    """

    values: tuple[float | None, ...]
    open: bool = False

    @classmethod
    def parse(cls, text: str) -> "Series":
        """Read a series from its notation.

        Args:
            text: tokens with white space between them.

        Raises:
            SeriesError: a token is wrong, or the whole is longer than
                1,000,000 values; raised before any value is made.

        >>> Series.parse("1 .5x2 _").values
        (1.0, 0.5, 0.5, None)
        >>> Series.parse(".1")
        Series(values=(0.1,), open=True)
        """
        return cls._run_together([text])

    @classmethod
    def of(cls, source: object) -> "Series":
        """Read a series from a text, a number, or a list of both and ``None``.

        A list's items are run together as if written in one line, so a list of
        one value is that value in every epoch, as the text is.

        Raises:
            SeriesError: see `parse`.
            TypeError: the source is none of these.
        """
        if isinstance(source, Series):
            return source
        if isinstance(source, str | int | float):
            return cls._run_together([_as_text(source)])
        if isinstance(source, list | tuple) or hasattr(source, "tolist"):
            items = source if isinstance(source, list | tuple) else source.tolist()
            return cls._run_together([_as_text(item) for item in items])
        return cls._run_together([_as_text(source)])

    @classmethod
    def _run_together(cls, texts: list[str]) -> "Series":
        tokens = [token for text in texts for token in _tokens(text)]
        if not tokens:
            raise SeriesError(f"empty series; expected {_EXPECTED}", " ".join(texts), "", 0)
        if "" in (stripped := [text.strip() for text in texts]):
            index = stripped.index("")
            told = f"item {index} of the list has no value; write _ or None for one that is absent"
            raise SeriesError(told, str(stripped), "", len(str(stripped[:index])) + 1)
        for token in tokens[:-1]:
            if token.open:
                raise token.error("'...' goes on to the end, so it must come last")
        total = 0
        for token in tokens:
            total += token.count
            if total > MAX_VALUES:
                raise token.error(f"the series passes {MAX_VALUES:,} values here")
        values = tuple(value for token in tokens for value in token.expand())
        alone = len(tokens) == 1 and not tokens[0].repeated
        return cls(values, open=tokens[-1].open or alone)

    def __len__(self) -> int:
        return len(self.values)

    def at(self, index: int) -> float | None:
        """Return the value at an index, ``None`` where it is absent.

        Raises:
            IndexError: the index is past the end of a series that is not open.
        """
        if self.open and index >= len(self.values):
            return self.values[-1]
        return self.values[index]

    @property
    def constant(self) -> bool:
        """Whether this is one value alone, the same in every epoch."""
        return self.open and len(self.values) == 1


@dataclass(frozen=True, slots=True)
class _Token:
    text: str
    line: str
    offset: int
    value: str
    step: str | None
    count: int
    open: bool
    repeated: bool

    def error(self, problem: str) -> SeriesError:
        return SeriesError(problem, self.line, self.text, self.offset)

    def expand(self) -> Iterator[float | None]:
        if self.step is None:
            value = _number(self.value)
            yield from (value for _ in range(self.count))
            return
        start, step = Decimal(self.value), Decimal(self.step)
        yield from (float(start + index * step) for index in range(self.count))


def _tokens(line: str) -> Iterator[_Token]:
    for found in re.finditer(r"\S+", line):
        yield _token(found.group(), line, found.start())


def _token(text: str, line: str, offset: int) -> _Token:
    match = _TOKEN.fullmatch(text)
    if match is None:
        meant = _meant(text)
        told = f"did you mean {meant}? Expected" if meant else "expected"
        raise SeriesError(f"bad token; {told} {_EXPECTED}", line, text, offset)
    value, step, count = match["value"], match["step"], match["count"]
    if step is not None and _NUMBER.fullmatch(value) is None:
        raise SeriesError("only a number can be counted up or down", line, text, offset)
    if count is not None and (count.startswith("-") or not int(count[:20])):
        raise SeriesError("a repeat must be 1 or more", line, text, offset)
    if count is not None and len(count.lstrip("0")) > len(str(MAX_VALUES)):
        raise SeriesError(f"the series passes {MAX_VALUES:,} values here", line, text, offset)
    if any(_overflows(number) for number in (value, step or "0")):
        raise SeriesError("too large for a float; write inf", line, text, offset)
    return _Token(
        text, line, offset, value, step, int(count or 1), bool(match["open"]), count is not None
    )


def _meant(text: str) -> str:
    """How something is written here that other notations write so; empty where nobody knows.

    >>> _meant("1*3"), _meant("2-5"), _meant("NaN"), _meant("1,5"), _meant("abc")
    ("'1x3'", "'2+1x4', which is 2 to 5", "'nan'", "'1 5' or '1.5'", '')
    """
    if text in ("..", "...", "\u2026"):
        return "'...' right behind the last value, as in '.5...'"
    if between := re.fullmatch(r"(\d{1,6})(?:-|\.\.\.?|:|\u2013)(\d{1,6})", text):
        first, last = int(between[1]), int(between[2])
        count = abs(last - first) + 1
        return f"'{first}{'+' if last >= first else '-'}1x{count}', which is {first} to {last}"
    absent = text.lower() in ("none", "null", "na", "~", "-")
    meant = "_" if absent else re.sub(r"[*X\xd7]", "x", text.strip(",;")).lower()
    if _TOKEN.fullmatch(meant):
        return f"'{meant}'"
    parts = text.strip(",").split(",")
    if all(map(_TOKEN.fullmatch, parts)):
        point = f" or '{parts[0]}.{parts[1]}'" if len(parts) == 2 else ""
        return f"'{' '.join(parts)}'{point}"
    return ""


def _overflows(text: str) -> bool:
    return _NUMBER.fullmatch(text) is not None and math.isinf(float(text))


def _number(text: str) -> float | None:
    if text == "_":
        return None
    if text.endswith("nan"):
        return NAN
    return float(text.replace(".inf", "inf"))


def _as_text(item: object) -> str:
    if item is None:
        return "_"
    if isinstance(item, str):
        return item
    if isinstance(item, bool) or not hasattr(item, "__float__"):
        raise TypeError(f"a series is made of numbers and text, not {item!r}; absent is _ or None")
    return repr(float(item))
