"""What a fact that is not as expected is told as: a record, and its form in JSON."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias, TypedDict

Key: TypeAlias = tuple[str | int, ...]


class Mismatch(TypedDict):
    """One thing that is not as expected, and the line that expects it, as JSON has it."""

    what: str
    epoch: int | None
    expected: str
    got: str
    line: int


@dataclass(frozen=True, slots=True)
class Failure:
    """One thing that is not as expected.

    Attributes:
        what: which expectation, such as ``learning_rate`` or ``state.EarlyStopping.wait``.
        epoch: where, if it has an epoch.
        expected: in words or numbers, as text.
        got: likewise.
        key: the expectation's place below ``expect``.
    """

    what: str
    epoch: int | None
    expected: str
    got: str
    key: Key

    def at_line(self, line: int) -> Mismatch:
        """Say it as JSON has it, with the line of the file that is not met."""
        return Mismatch(
            what=self.what, epoch=self.epoch, expected=self.expected, got=self.got, line=line
        )


Failures: TypeAlias = Iterator[Failure]
