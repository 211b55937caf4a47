"""Problems in a scenario file: each with its place, all of a file at once."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

MAX_CHARACTERS = 4000


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
        message = f"{self.key}: {self.message}" if self.key else self.message
        if len(message) > MAX_CHARACTERS:  # a value that is a megabyte is quoted in part
            half = MAX_CHARACTERS // 2
            message = f"{message[:half]} [...] {message[-half:]}"
        return f"{self.file}:{self.line}: {message}"


class ScenarioFileError(ValueError):
    """A scenario file that cannot be used.

    Attributes:
        problems: everything that is wrong, by line.
    """

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = sorted(problems, key=lambda problem: (problem.line, problem.key))
        super().__init__("\n".join(map(str, self.problems)))
