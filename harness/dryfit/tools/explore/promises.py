"""What a training reports, and what the documentation promises about it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

NEVER = "never"


@dataclass(frozen=True)
class Reported:
    """What a training reports: all that a reference machine sees.

    Attributes:
        epochs: the logs of each epoch's end, in float32; what is absent is not there.
        batches: how many an epoch has. Each reports its epoch's values, without ``val_``.
        learning_rate: what the first epoch begins with, in float32.
        first_is_compared: whether a first value is held against infinity; else it is the best.
    """

    epochs: tuple[Mapping[str, float], ...]
    batches: int = 1
    learning_rate: float = 0.01
    first_is_compared: bool = False


@dataclass(frozen=True)
class Defect:
    """A rule of the documentation that Keras is known to break.

    Attributes:
        name: the rule in a few words, unique for the callback.
        id: the thread about it; ``unreported`` if there is none.
        sentence: of the documentation.
        reading: what that is taken to mean.
        when: the releases that break it, as a scenario has them; empty for all.
    """

    name: str
    id: str
    sentence: str
    reading: str
    when: str = ""


@dataclass
class Promise:
    """What must be decided according to the documentation.

    Attributes:
        decisions: as the ``expect`` of a scenario file has them; a series is a tuple.
        at_issue: the known defects whose rules were applied on the way.
    """

    decisions: dict[str, Any] = field(default_factory=dict)
    at_issue: list[Defect] = field(default_factory=list)

    def rests_on(self, defect: Defect) -> None:
        """Note that a rule was applied that Keras is known to break."""
        if defect not in self.at_issue:
            self.at_issue.append(defect)
