"""What becomes of a scenario: its outcomes, in one order and one wording."""

from collections import Counter
from collections.abc import Iterable, Iterator
from enum import StrEnum


class Outcome(StrEnum):
    """What became of a scenario in a lane; the worst first.

    >>> str(Outcome.KNOWN_DEFECT), Outcome.KNOWN_DEFECT.words, Outcome.KNOWN_DEFECT.holds
    ('known_defect', 'known defect', True)
    """

    ERROR = "error"
    FAILED = "failed"
    KNOWN_DEFECT = "known_defect"
    PASSED = "passed"
    SKIPPED = "skipped"

    @property
    def holds(self) -> bool:
        """Whether nothing is to be done about it."""
        return self not in (Outcome.ERROR, Outcome.FAILED)

    @property
    def words(self) -> str:
        """As a reader has it."""
        return self.replace("_", " ")


def worst(outcomes: Iterable[str]) -> Outcome:
    """The one that counts of several; a skip only where there is nothing else.

    >>> str(worst(["skipped", "known_defect", "passed"]))
    'known_defect'
    """
    return min(map(Outcome, outcomes), key=list(Outcome).index)


def counted(outcomes: Iterable[str]) -> Iterator[str]:
    """How many there are of each, in words; of which there is none is not named.

    >>> list(counted(["passed", "known_defect", "passed"]))
    ['1 known defect', '2 passed']
    >>> list(counted(["error", "error"]))
    ['2 errors']
    """
    counts = Counter(outcomes)
    words = {outcome: outcome.words for outcome in Outcome}
    words[Outcome.ERROR] += "s" if counts[Outcome.ERROR] > 1 else ""  # the others are no nouns
    return (f"{counts[outcome]} {words[outcome]}" for outcome in Outcome if counts[outcome])
