"""What callbacks decided in a training, as the expectations of its replay.

What is not known is not written, and neither is what no replay can meet.
"""

from collections.abc import Iterable
from typing import Any

from dryfit.facts.expect_keys import FACTS
from dryfit.facts.fact import RecordedTraining
from dryfit.facts.notation import known
from dryfit.run.run import Run
from dryfit.tools.record.cast import Cast
from dryfit_fakes.journal import Journal
from dryfit_fakes.protocols import Rates
from dryfit_fakes.weights import MIXED, Weights


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
    """The expectations of a replay: every fact says what a recording has of it.

    Args:
        run: the training so far.
        rates: those that it began with, if they are known.
        cast: who plays whom.
        whose: tells of weights.
        even: whether every epoch has as many batches as those of the replay.
    """

    def __init__(self, run: Run, rates: Rates, cast: Cast, whose: Whose, even: bool = True) -> None:
        changes, saves = run.changes, run.checkpoints

        def can_be_met(acts: Iterable[Any]) -> bool:
            """Whether a replay comes to the batches in which callbacks acted, and to no others."""
            return even or all(act.batch is None for act in acts)

        self._training = RecordedTraining(
            run=run,
            weights=whose.now,
            restores=whose.known
            and all(cast.is_item(u.by) and whose.told(u.to) is not None for u in run.restored),
            rates_known=cast.rates_known and bool(rates) and can_be_met(changes),
            rates_replaced=any(not cast.is_item(change.by) for change in changes),
            saves_known=whose.known and can_be_met(saves),
            whose=whose.told,
            plays=cast.plays,
            played_by=cast.played_by,
            is_item=cast.is_item,
            path=lambda used: cast.item(str(used.by)).path(str(used.path)),
        )

    def so_far(self) -> dict[str, Any]:
        """What holds after each epoch."""
        return self._recorded(at_the_end=False)

    def at_the_end(self) -> dict[str, Any]:
        """What holds once training is over, with whose weights the model has."""
        return self.so_far() | self._recorded(at_the_end=True)

    def _recorded(self, at_the_end: bool) -> dict[str, Any]:
        facts = (fact for fact in FACTS if fact.at_the_end is at_the_end)
        return known(**{fact.name: fact.recorded(self._training) for fact in facts})
