"""Writing a text into a scenario file so that it reads as the same text."""

import re
from functools import cache

from yaml import YAMLError, safe_load

from dryfit.facts.yaml_scalars import resolved

_MAY_BE_PLAIN = re.compile(r"[+-]?[\w./][\w.+/# -]*")  # a dash alone begins an item of a list
_ESCAPES = {'"': r"\"", "\\": r"\\", "\n": r"\n", "\r": r"\r", "\t": r"\t"}


def written(text: str) -> str:
    r"""Write a text in YAML's flow style, without quotes where it needs none.

    >>> written("on_epoch_end 3"), written("Mine#2"), written("null"), written("a: b")
    ('on_epoch_end 3', 'Mine#2', '"null"', '"a: b"')
    """
    if _MAY_BE_PLAIN.fullmatch(text) and text.isprintable() and _reads_as_itself(text):
        return text
    return quoted(text)


def quoted(text: str) -> str:
    """Write a text in double quotes."""
    return f'"{"".join(map(_escaped, text))}"'


@cache
def _reads_as_itself(text: str) -> bool:
    """Whether YAML takes it for this text, and for no number, word or part of another.

    Not only YAML 1.2, as scenario files are: others may read them as YAML 1.1.
    """
    try:
        return resolved(text) is text and safe_load(f"[{text}]") == [text]
    except (YAMLError, ValueError):  # a ValueError for what looks like a date and is none
        return False


def _escaped(character: str) -> str:
    # YAML's own escapes: JSON's write what is beyond U+FFFF as two, which YAML reads as two.
    if character in _ESCAPES:
        return _ESCAPES[character]
    if character.isprintable():
        return character
    code = ord(character)
    if 0xD800 <= code <= 0xDFFF:  # half a pair of surrogates, which no scenario file may have
        return "\N{REPLACEMENT CHARACTER}"
    if code <= 0xFF:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"
