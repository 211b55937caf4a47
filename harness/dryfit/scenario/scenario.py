"""Scenario: one of a file, ready to be played, with the place of each of its keys."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeAlias

from dryfit.facts.failure import Key
from dryfit.scenario.conditions import Condition
from dryfit.scenario.schema import Expect, KnownDefect, ScriptKeys
from dryfit.scenario.source import Document
from dryfit.scenario.trust import USUAL, Trust
from dryfit_fakes.script_keywords import Method

Item: TypeAlias = tuple[str, dict[str, Any]]


@dataclass(frozen=True)
class Call:
    """One call of a scenario.

    Attributes:
        method: ``fit``, ``evaluate`` or ``predict``.
        keys: the script's keys, ``None`` to go on with the script before; of several
            ranks those of rank 0.
        other_ranks: the keys of the ranks from 1 on.
        expect: what must come of it, ``None`` if nothing is checked here.
        at: the key of `expect` in the file.
        callbacks: ``same`` or ``fresh``.
        model: ``same``, ``fresh``, or a path to load weights from.
    """

    method: Method
    keys: ScriptKeys | None
    expect: Expect | None
    at: Key
    callbacks: str = "same"
    model: str = "same"
    load: str | None = None
    other_ranks: tuple[ScriptKeys, ...] = ()

    @property
    def by_rank(self) -> tuple[ScriptKeys, ...]:
        """The keys of each rank; none without a script."""
        return () if self.keys is None else (self.keys, *self.other_ranks)

    @property
    def killed(self) -> bool:
        """Whether the process that plays it is killed."""
        interrupt = None if self.keys is None else self.keys.interrupt
        return interrupt is not None and interrupt.raises == "kill"


@dataclass(frozen=True)
class Scenario:
    """A scenario, ready to be played.

    Attributes:
        slug: the name as part of an id, unique in the file.
        callbacks: names and arguments, as written; where each rank has its own, rank 0's.
        condition: what must be installed.
        lanes: where the scenario is valid.
        loop: the training loop that is called in place of ``fit``, ``module:function``.
        model: what makes the compiled model that is trained, or lent; likewise.
        data: what makes one batch ``(x, y)`` to train that with; likewise.
        differs: why its timeline is not the same in both lanes, if it cannot be.
        defect_at: the key of `known_defect` in the file.
        defect_condition: what must be installed for it to be there.
        trust: what it may do.
        other_callbacks: those of the ranks from 1 on, where each has its own.
    """

    file: Path
    name: str
    slug: str
    document: Document = field(repr=False)
    calls: tuple[Call, ...]
    callbacks: tuple[Item, ...]
    callbacks_at: Key
    lanes: tuple[str, ...]
    condition: Condition | None = None
    known_defect: KnownDefect | None = None
    defect_at: Key = ("known_defect",)
    defect_condition: Condition | None = None
    loop: str = ""
    model: str = ""
    data: str = ""
    differs: str = ""
    about: str = ""
    source: tuple[str, ...] = ()
    trust: Trust = USUAL
    other_callbacks: tuple[tuple[Item, ...], ...] = ()

    @property
    def ranks(self) -> int:
        """How many ranks there are; 1 without ranks."""
        return max(len(call.by_rank) for call in self.calls) or 1

    def callbacks_of(self, rank: int) -> tuple[tuple[Item, ...], Key]:
        """The callbacks of a rank, and their key in the file."""
        if rank and self.other_callbacks:
            return self.other_callbacks[rank - 1], (*self.callbacks_at[:-1], rank)
        return self.callbacks, self.callbacks_at

    @property
    def timed(self) -> bool:
        """Whether a call says how long things take; then the time of all is the script's."""
        scripts = (call.keys for call in self.calls)
        return any(keys.seconds_per_batch or keys.seconds_per_epoch for keys in scripts if keys)

    def line(self, key: Key) -> int:
        """The line of a key in the file."""
        return self.document.line(key)
