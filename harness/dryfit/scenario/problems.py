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
        whole: whether it is about the file, and no line of it is told.
    """

    file: Path
    line: int
    key: str
    message: str
    whole: bool = False

    def __str__(self) -> str:
        message = f"{self.key}: {self.message}" if self.key else self.message
        if len(message) > MAX_CHARACTERS:  # a value that is a megabyte is quoted in part
            half = MAX_CHARACTERS // 2
            message = f"{message[:half]} [...] {message[-half:]}"
        return f"{self.file}: {message}" if self.whole else f"{self.file}:{self.line}: {message}"


class ScenarioFileError(ValueError):
    """A scenario file that cannot be used.

    Attributes:
        problems: everything that is wrong, file by file as they come, and there by line.
    """

    def __init__(self, problems: Iterable[Problem]) -> None:
        told = list(problems)
        files = list(dict.fromkeys(problem.file for problem in told))
        self.problems = sorted(told, key=lambda p: (files.index(p.file), p.line, p.key))
        super().__init__("\n".join(map(str, self.problems)))
