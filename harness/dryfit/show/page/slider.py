"""What a picture can be asked: what other settings of its EarlyStopping decide."""

from typing import TypeAlias, TypedDict

# The epoch in which training stops, the best until then, and whose weights remain.
Decision: TypeAlias = tuple[int | None, int | None, int]


class Slider(TypedDict):
    """Every setting, decided beforehand.

    Attributes:
        at: the places of the setting that was played, in the two lists.
        decided: by min_delta, and then by patience.
        last: the last epoch that the curve has.
    """

    patiences: list[float]
    deltas: list[float]
    at: list[int]
    decided: list[list[Decision]]
    last: int
