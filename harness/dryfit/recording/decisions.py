"""What callbacks decided in a training, as the expectations of its replay.

What is not known is not written, and neither is what no replay can meet.
"""

from collections.abc import Iterable
from typing import Any

from dryfit.events import Began, WeightsUsed
from dryfit.recording.cast import Cast
from dryfit.recording.notation import Raw, number, series
from dryfit.run import Run
from dryfit_fakes.journal import Journal
from dryfit_fakes.weights import MIXED, Weights

NEVER = Raw("never")


class Whose:
    """Says whose weights they are, in the words of a replay: a first fit of a fresh model.

    Args:
        journal: the model's, in the fit that is recorded.

    Attributes:
        each_batch: whether every batch has hooks of its own (``steps_per_execution``
            is 1), so that the batch that trained weights last is known.
    """

    def __init__(self, journal: Journal | None) -> None:
        self._journal, self.each_batch = journal, True
        self._fit = None if journal is None else journal.fits
        self._initial = None if journal is None else journal.weights_identity

    @property
    def known(self) -> bool:
        """Whether calls for weights are heard at all."""
        return self._journal is not None

    @property
    def now(self) -> Any:
        """Whose weights the model has."""
        return None if self._journal is None else self.told(self._journal.weights_identity)

    def told(self, weights: Weights) -> Any:
        """Whose weights they are; ``None`` if that cannot be said."""
        if weights.fit is not None and weights.fit == self._fit:
            batch = {"batch": weights.batch} if self.each_batch else {}
            return {"epoch": weights.epoch, **batch}
        return "initial" if weights == self._initial != MIXED else None


class Decisions:
    """The expectations of a replay, a key each.

    Args:
        run: the training so far.
        began: how it began.
        cast: who plays whom.
        whose: tells of weights.
        even: whether every epoch has as many batches as those of the replay.
    """

    def __init__(self, run: Run, began: Began, cast: Cast, whose: Whose, even: bool = True) -> None:
        self._run, self._began, self._cast, self._whose = run, began, cast, whose
        self._even = even

    def so_far(self) -> dict[str, Any]:
        """What holds after each epoch."""
        expect: dict[str, Any] = {"epochs_run": self._run.epochs_run}
        expect |= self._stopped()
        if self._whose.known:
            expect |= self._restored()
        rates_known = self._cast.rates_known and self._began.learning_rate is not None
        if rates_known and self._can_be_met(self._run.changes):
            expect |= self._rates()
        if self._whose.known and self._can_be_met(self._run.checkpoints):
            expect |= self._checkpoints()
        return expect

    def _can_be_met(self, acts: Iterable[Any]) -> bool:
        """Whether a replay comes to the batches in which callbacks acted, and to no others."""
        return self._even or all(act.batch is None for act in acts)

    def at_the_end(self) -> dict[str, Any]:
        """What holds once training is over, with whose weights the model has."""
        expect = self.so_far()
        whose = self._whose.now
        return expect if whose is None or "restored" not in expect else expect | {"weights": whose}

    def _stopped(self) -> dict[str, Any]:
        stop = self._run.stopped
        if stop is None:
            return {"stopped": NEVER}
        by = self._cast.plays(stop)
        return {} if by is None else {"stopped": _place(stop, by)}

    def _restored(self) -> dict[str, Any]:
        restored = []
        for used in self._run.restored:
            to = self._whose.told(used.to)
            if to is None or not self._cast.is_item(used.by):
                return {}
            by = self._cast.plays(used)
            restored.append(_place(used, by) | {"hook": used.hook, "to": to})
        return {"restored": restored or NEVER}

    def _rates(self) -> dict[str, Any]:
        run, cast = self._run, self._cast
        expect: dict[str, Any] = {
            "learning_rate": series(number(rate) for rate in run.learning_rate),
            "learning_rate_after": series(number(rate) for rate in run.learning_rate_after),
        }
        mine = [change for change in run.reductions if cast.is_item(change.by)]
        replaced = any(not cast.is_item(change.by) for change in run.changes)
        if all(change.epoch is not None for change in mine) and (mine or not replaced):
            expect["reductions"] = self._by_callback(mine)
        if not replaced:  # for an actor stands in for one change, and two of them for an override
            expect["overrides"] = [
                _place(o, cast.plays(o)) | {"undoes": cast.played_by(o.undoes)}
                for o in run.overrides
            ] or NEVER
        return expect

    def _by_callback(self, changes: Iterable[Any]) -> Any:
        found: dict[str, list[str]] = {}
        for change in changes:
            found.setdefault(str(self._cast.plays(change)), []).append(str(change.epoch))
        return {by: Raw(" ".join(epochs)) for by, epochs in found.items()} or NEVER

    def _checkpoints(self) -> dict[str, Any]:
        written = [self._written(c) for c in self._run.checkpoints if self._cast.is_item(c.by)]
        return {"checkpoints": written or NEVER}

    def _written(self, used: WeightsUsed) -> dict[str, Any]:
        path = self._cast.item(str(used.by)).path(str(used.path))
        return _place(used, self._cast.plays(used)) | {"path": path}


def _place(event: Any, by: str | None) -> dict[str, Any]:
    place = {"epoch": event.epoch, "batch": event.batch, "by": by}
    return {name: value for name, value in place.items() if value is not None}
