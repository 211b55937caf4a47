"""Folding: of a long table, the rows around what happens."""

from collections.abc import Collection, Hashable, Sequence
from itertools import groupby

FEW = 40  # rows that are never folded
MOST = 100  # rows that are shown of a table in which much happens
SHORT = 3  # rows that a fold stands for at least


def folds(kinds: Sequence[Hashable], keep: Collection[int] = ()) -> list[range]:
    """Say which stretches of rows to leave out.

    A row stays if it is of another kind than the row before or behind it, and so do
    the first and the last.

    Args:
        kinds: what happens in each row; what is equal can be told once.
        keep: rows that stay in any case.

    >>> kinds = ["nothing"] * 30 + ["cut"] + ["nothing"] * 30
    >>> folds(kinds)
    [range(1, 29), range(32, 60)]
    """
    if len(kinds) <= FEW:
        return []
    shown = {0, len(kinds) - 1, *keep}
    for row in range(1, len(kinds)):
        if kinds[row] != kinds[row - 1]:
            shown |= {row - 1, row}
    if len(shown) > MOST:
        half = MOST // 2
        shown = {*sorted(shown)[:half], *sorted(shown)[-half:], *keep}
    hidden = (row for row in range(len(kinds)) if row not in shown)
    stretches = [[row for _, row in group] for _, group in groupby(enumerate(hidden), _offset)]
    return [range(rows[0], rows[-1] + 1) for rows in stretches if len(rows) >= SHORT]


def _offset(numbered: tuple[int, int]) -> int:
    """The same for rows that follow on each other."""
    return numbered[1] - numbered[0]
