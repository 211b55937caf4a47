"""One case of a pack, and what came of it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

_HOLD = ("passed", "known_defect", "skipped", "xfailed")


@dataclass(frozen=True, slots=True)
class JudgedCase:
    """What came of a scenario or a test.

    Attributes:
        name: its file and its name.
        outcome: in the words of a verdict or of pytest.
        reason: why it does not hold, if it is known.
    """

    name: str
    outcome: str
    reason: str = ""

    @property
    def holds(self) -> bool:
        """Whether there is nothing wrong with it."""
        return self.outcome in _HOLD


Seen: TypeAlias = Callable[[JudgedCase], bool]
"""Takes what came of a case; says whether to go on."""
