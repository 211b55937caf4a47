"""What the text of a YAML scalar stands for, as YAML 1.2's core schema has it."""

import re

MAX_DIGITS = 250  # less than the largest float, in hexadecimal too

_WORDS: dict[str, bool | None] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
_WHOLE = re.compile(r"[-+]?(?:[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+)")
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
_NO_NUMBER = re.compile(r"[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)")
_HALF = re.compile("[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]")


def characters(text: str) -> str:
    """Join pairs of surrogates, which are JSON's escapes of one character.

    Raises:
        ValueError: a half of a pair.
    """
    try:
        return text.encode("utf-16", "surrogatepass").decode("utf-16")
    except UnicodeDecodeError:
        half = _HALF.search(text)
        assert half is not None
        told = f"\\u{ord(half[0]):x} is half of a pair of surrogates, and no character"
        raise ValueError(told) from None


def resolved(text: str) -> str | int | float | bool | None:
    """Read a scalar without quotes as YAML 1.2's core schema does; a sign may stand before ``0x``.

    Raises:
        ValueError: a whole number that is beyond every float.
    """
    if text in _WORDS:
        return _WORDS[text]
    if _WHOLE.fullmatch(text):
        return _whole(text)
    if _FLOAT.fullmatch(text):
        return float(text)
    return float(text.replace(".", "")) if _NO_NUMBER.fullmatch(text) else text


def _whole(text: str) -> int:
    base = {"0x": 16, "0o": 8}.get(text.lstrip("+-")[:2], 10)
    if len(text) <= MAX_DIGITS:
        return int(text, base if base == 10 else 0)
    raise ValueError(f"a whole number of {len(text):,} digits; {MAX_DIGITS} are read at most")
