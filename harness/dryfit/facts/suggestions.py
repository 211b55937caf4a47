"""Saying which known name was perhaps meant."""

from collections.abc import Sequence
from difflib import get_close_matches

_LONGEST = 200


def did_you_mean(name: str, known: Sequence[str], cutoff: float = 0.6) -> str:
    """Say which known name is close, if one is."""
    if len(name) > _LONGEST:  # the comparison takes the square of it
        return ""
    close = get_close_matches(name, known, 1, cutoff)
    return f"; did you mean {close[0]!r}?" if close else ""
