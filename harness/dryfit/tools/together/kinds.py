"""The kinds of statement about two callbacks: of which curve each can be said, and whether."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from dryfit.run.run import Run
from dryfit.run.timeline_events import Change, LogWrite, WeightsUsed
from dryfit.tools.together.played_pair import Take
from dryfit_fakes.protocols import Callback


@dataclass(frozen=True)
class Who:
    """Two callbacks in the roles of a statement.

    Attributes:
        one: the index of the first role's, in a `Take`'s items.
        names: by index, as sentences call them.
        made: by index, a callback with its settings.
    """

    one: int
    names: tuple[str, str]
    made: tuple[Any, Any]

    @property
    def other(self) -> int:
        """The index of the other's."""
        return 1 - self.one

    def setting(self, index: int, name: str) -> Any:
        """What a callback has of a setting."""
        return getattr(self.made[index], name, None)


@dataclass(frozen=True)
class Kind:
    """A kind of statement.

    Attributes:
        orders: whether it is about the order of the two.
        directed: whether it says something else with the roles swapped.
        judge: whether it holds in a take; ``None`` where nothing of the kind could happen.
        could: what happens in the takes that count, for "in all N curves in which ...".
        always: the statement, if it holds in all of these.
        mixed: what is said if it holds in some; empty for nothing.
        never: what is said if it does not hold in any; empty for nothing.
        exception: what is said of fine curves alone, where it is always so in the others.
        trouble: which of ``always``, ``mixed`` and ``never`` a user should know of.
        shown: in which takes a witness shows ``mixed``: where it holds, or where not.
        expect: the keys of ``expect`` that show it.
        why: what explains it, from settings or from the takes that show it.
    """

    judge: Callable[[Take, Who], bool | None]
    could: str
    always: str
    mixed: str
    never: str
    trouble: frozenset[str]
    expect: tuple[str, ...]
    exception: str = ""
    orders: bool = False
    directed: bool = True
    shown: bool = True
    why: Callable[[Who, Sequence[Take]], str] = lambda who, takes: ""


def _undoes(take: Take, who: Who) -> bool | None:
    both, alone = take.both, take.alone[who.other]
    if not _useful_cuts(both, who.one):
        return None
    return both.learning_rate == alone.learning_rate[: len(both.epochs)]


def _cuts_too_late(take: Take, who: Who) -> bool | None:
    cutter, stopper = take.alone[who.one], take.alone[who.other]
    if not _useful_cuts(cutter, 0) or stopper.stopped is None:
        return None
    return not _useful_cuts(take.both, who.one)


def _stops_too_late(take: Take, who: Who) -> bool | None:
    late, early = take.alone[who.one].stopped_epoch, take.alone[who.other].stopped_epoch
    if late is None or early is None:
        return None
    return early < late and take.both.stopped_by == take.both.callbacks[who.other]


def _order_is_free(take: Take, who: Who) -> bool | None:
    both = take.both
    if not all(_acts(both, name) for name in both.callbacks):
        return None
    return not differing(take)


def _agree(take: Take, who: Who) -> bool | None:
    first, second = (best_epoch(take.both, index, who.made[index]) for index in (0, 1))
    return None if first is None or second is None else first == second


def _unseen(take: Take, who: Who) -> bool | None:
    monitor, both = who.setting(who.one, "monitor"), take.both
    if not isinstance(monitor, str) or monitor in take.script.series:
        return None
    writer = both.callbacks[who.other]
    writes = any(w.key == monitor and w.by == writer for w in both.log_writes)
    if not writes and not take.recorded:
        return None
    return not writes or who.one < who.other  # who comes first looks before it is written


def outcome(run: Run) -> dict[str, str]:
    """What an order can change, as text: nan equals nan."""
    saved = [(c.path, c.epoch, c.batch, c.to) for c in run.checkpoints]
    restored = [(c.epoch, c.batch, c.to) for c in run.restored]
    found = {
        "epochs_run": run.epochs_run,
        "stopped": run.stopped_epoch,
        "learning_rate": run.learning_rate,
        "learning_rate_after": run.learning_rate_after,
        "weights": run.weights,
        "checkpoints": saved,
        "restored": restored,
        "history": run.history,
    }
    return {name: repr(value) for name, value in found.items()}


def differing(take: Take) -> set[str]:
    """What the order changes on a curve."""
    first, second = outcome(take.both), outcome(take.swapped)
    return {name for name in first if first[name] != second[name]}


def best_epoch(run: Run, index: int, callback: Callback) -> int | None:
    """Which epoch a callback of a run takes for the best; ``None`` if it has no such thing."""
    name = run.callbacks[index]
    if getattr(callback, "save_best_only", False):
        saved = [c.epoch for c in run.checkpoints if c.by == name]
        return saved[-1] if saved else None
    told = [epoch for epoch in run.state.get(f"{name}.best_epoch", ()) if epoch is not None]
    return int(told[-1]) if told else None


def _useful_cuts(run: Run, index: int) -> list[Change]:
    """Cuts that an epoch came after."""
    name, last = run.callbacks[index], max(run.epochs, default=-1)
    return [cut for cut in run.reductions if cut.by == name and (cut.epoch or 0) < last]


def _acts(run: Run, name: str) -> bool:
    kinds = (Change, LogWrite, WeightsUsed)
    return any(isinstance(event, kinds) and event.by == name for event in run.timeline)


def _patience(who: Who, takes: Sequence[Take]) -> str:
    """Why one is too late: where both count epochs, and the other counts fewer."""
    late, early = who.setting(who.one, "patience"), who.setting(who.other, "patience")
    counted = isinstance(late, int) and isinstance(early, int) and late >= early
    return f" (patience {late} >= {early})" if counted else ""


def _monitors(who: Who, takes: Sequence[Take]) -> str:
    first, second = (who.setting(index, "monitor") for index in (0, 1))
    return "" if first == second else f" (they monitor {first} and {second})"


def _what_differs(who: Who, takes: Sequence[Take]) -> str:
    keys = {key for take in takes for key in differing(take)}
    return f" for {' and '.join(sorted(keys))}" if keys else ""


KINDS = (
    Kind(
        _undoes,
        could="{one} cuts",
        always="{other} undoes every cut of {one}",
        mixed="{other} undoes every cut of {one}",
        never="",
        trouble=frozenset(("always", "mixed")),
        expect=("learning_rate", "reductions"),
    ),
    Kind(
        _cuts_too_late,
        could="each would do so alone",
        always="{one} never cuts before {other} stops",
        exception="{one} cuts before {other} stops",
        mixed="",
        never="",
        trouble=frozenset(("always",)),
        expect=("stopped", "learning_rate"),
        why=_patience,
    ),
    Kind(
        _stops_too_late,
        could="each would stop alone",
        always="{one} never stops before {other} does",
        exception="{one} stops before {other} does",
        mixed="",
        never="",
        trouble=frozenset(("always",)),
        expect=("stopped",),
        why=_patience,
    ),
    Kind(
        _order_is_free,
        could="both do something",
        always="The order of {one} and {other} does not matter",
        mixed="The order of {one} and {other} matters",
        never="The order of {one} and {other} matters",
        trouble=frozenset(("mixed", "never")),
        expect=("stopped", "learning_rate_after", "checkpoints", "weights"),
        orders=True,
        directed=False,
        shown=False,
        why=_what_differs,
    ),
    Kind(
        _agree,
        could="both have one",
        always="{one} and {other} agree on the best epoch",
        mixed="{one} and {other} disagree on the best epoch",
        never="{one} and {other} disagree on the best epoch",
        trouble=frozenset(("mixed", "never")),
        expect=("best",),
        directed=False,
        shown=False,
        why=_monitors,
    ),
    Kind(
        _unseen,
        could="nothing else reports it",
        always="The monitor of {one}, {monitor}, is never reported",
        mixed="The monitor of {one}, {monitor}, is never reported",
        never="",
        trouble=frozenset(("always", "mixed")),
        expect=("epochs_run",),
    ),
)
"""Every kind of statement; a new one is an item more."""
