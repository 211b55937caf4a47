"""Problems in a scenario file: each with its place, all of a file at once."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong at one place of a file.

    Attributes:
        line: from 1.
        key: the key path, such as ``script.metrics.loss``; empty for the file.
        message: what was found, what is allowed, what to do.
    """

    file: Path
    line: int
    key: str
    message: str

    def __str__(self) -> str:
        where = f"{self.file}:{self.line}: "
        return f"{where}{self.key}: {self.message}" if self.key else f"{where}{self.message}"


class ScenarioFileError(ValueError):
    """A scenario file that cannot be used.

    Attributes:
        problems: everything that is wrong, by line.
    """

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = sorted(problems, key=lambda problem: (problem.line, problem.key))
        super().__init__("\n".join(map(str, self.problems)))


def did_you_mean(name: str, known: Sequence[str], cutoff: float = 0.6) -> str:
    """Say which known name is close, if one is."""
    close = get_close_matches(name, known, 1, cutoff)
    return f"; did you mean {close[0]!r}?" if close else ""
