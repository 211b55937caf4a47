"""A curve: what one training reported, as a file has it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class LoggedCurve:
    """What one training reported, epoch by epoch.

    Attributes:
        id: what tells it from the others of its file.
        first_epoch: the index of the first epoch.
        metrics: by name a value for each epoch, ``None`` where there was none;
            learning rates that were logged stand among them.
        place: where in the file it stands, for messages.
        planned: how many epochs the training was to have, where that is known
            and explained by a stop.
        batches: of an epoch, where they are known.
        expect: what callbacks printed that they decided, as a scenario's ``expect``.
        callbacks: lines of a scenario's ``callbacks`` that would print so.
        notes: what was left out or taken for granted.
    """

    id: str
    first_epoch: int
    metrics: Mapping[str, tuple[float | None, ...]]
    place: str = ""
    planned: int | None = None
    batches: int | None = None
    expect: Mapping[str, Any] = field(default_factory=dict)
    callbacks: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def epochs(self) -> int:
        """How many epochs there are."""
        return len(next(iter(self.metrics.values())))
