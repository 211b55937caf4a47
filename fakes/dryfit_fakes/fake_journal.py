"""Whose weights a fake model has: a journal beside it, which counts batches that train nothing."""

from collections.abc import Callable, Sequence
from typing import Any

from numpy.typing import ArrayLike, NDArray

from dryfit_fakes.journal import Journal, Observation
from dryfit_fakes.protocols import Model, Rates
from dryfit_fakes.stores import LentWeights, OwnWeights
from dryfit_fakes.weights import INITIAL, Weights


class FakeJournal(Journal):
    """The journal of a fake model.

    Args:
        model: the fake model.
        store: where its weights are kept.
        rate: reads its optimizer's rate.

    Attributes:
        identity: whose weights the model had when they were settled last.
        untold: batches that trained it since.
        epoch: the epoch of the last batch that trained it; -1 if none did.
        batch: that batch, likewise.
    """

    def __init__(
        self, model: Model, store: OwnWeights | LentWeights, rate: Callable[[], Rates]
    ) -> None:
        self.store, self.rate = store, rate
        self.identity = INITIAL
        self.untold = 0
        self.epoch = self.batch = -1
        self._model = model
        self._observed = Observation(None, False, False)

    def observe(self) -> Observation:
        """Read what a callback can change; the same object while nothing is another."""
        now = (self.rate(), self._model.stop_training, self.store.edited)
        if now != self._observed:
            self._observed = Observation(*now)
        return self._observed

    @property
    def weights_identity(self) -> Weights:
        """Whose weights the model has: which batch trained them last."""
        self.settle()
        return self.store.whose(self.identity)

    def settle(self) -> None:
        """Give the weights the identity that the batches since have made of it."""
        if self.untold:
            batches, self.untold = self.untold, 0
            self.identity = self.advance(self.identity, self.epoch, self.batch, batches)
            self.store.mark(self.identity)


class Stored:
    """Calls for weights go to where they are kept; `Journaled` stands in front."""

    _store: OwnWeights | LentWeights
    _dryfit_journal: FakeJournal

    def get_weights(self) -> Sequence[NDArray[Any]]:
        """Return the weights as arrays."""
        self._dryfit_journal.settle()
        return self._store.get_weights()

    def set_weights(self, weights: Sequence[ArrayLike]) -> None:
        """Put arrays in as weights."""
        self._dryfit_journal.settle()
        self._dryfit_journal.identity = self._store.set_weights(weights)

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Write the whole model to a file."""
        self._dryfit_journal.settle()
        self._store.save(*args, **kwargs)

    def save_weights(self, *args: Any, **kwargs: Any) -> None:
        """Write weights and the optimizer's state to a file."""
        self._dryfit_journal.settle()
        self._store.save_weights(*args, **kwargs)

    def load_weights(self, *args: Any, **kwargs: Any) -> None:
        """Read weights back from a file."""
        self._dryfit_journal.settle()
        self._dryfit_journal.identity = self._store.load_weights(*args, **kwargs)
