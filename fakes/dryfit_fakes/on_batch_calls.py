"""What a loop of one's own calls of a model, one batch after the other.

Source: ``Trainer.train_on_batch`` and ``test_on_batch``
(``keras/src/backend/tensorflow/trainer.py``, 3.15.1): they reset the metrics, train or test
one batch and call no hook. A ``train_step`` resets nothing.
"""

from collections.abc import Callable, Iterable
from typing import Any

from dryfit_fakes.fake_journal import FakeJournal
from dryfit_fakes.optimizer import counter
from dryfit_fakes.playback import Playback
from dryfit_fakes.protocols import Data, Logs
from dryfit_fakes.script import Script


class ByHand:
    """The steps of a fake model; `Playback` says what they report.

    The script's epoch is the one whose ``on_epoch_begin`` was called last. In a loop that
    calls none, an epoch is over after its batches. Within a ``fit`` it is the one that ``fit``
    is in: a callback that trains a batch there trains its last batch once more.
    """

    _script: Script
    _playback: Playback
    _dryfit_journal: FakeJournal
    _rate: Callable[[], Any]
    _build_optimizer: Callable[[], None]
    optimizer: Any
    _fitting = False
    _trained = 0  # batches of the epoch
    _tested: int | None = None  # batches of the pass over validation data
    _tested_behind = 0  # batches of training

    def train_on_batch(
        self,
        x: Data = None,
        y: Data = None,
        sample_weight: Data = None,
        class_weight: dict[int, float] | None = None,
        return_dict: bool = False,
    ) -> Any:
        """Train one batch, whatever the data; return what the script says of it.

        Returns:
            A dict of metrics, or like Keras one number or a list of numbers.
        """
        self.reset_metrics()
        return reported(self._train_one(), self._script.names, return_dict)

    def test_on_batch(
        self, x: Data = None, y: Data = None, sample_weight: Data = None, return_dict: bool = False
    ) -> Any:
        """Test one batch: what the script says of a validation, without ``val_``."""
        self._playback.reset()
        return reported(self._test_one(), self._script.names, return_dict)

    def _test_one(self) -> Logs:
        script, playback, journal = self._script, self._playback, self._dryfit_journal
        journal.settle()
        if self._tested_behind != journal.trained_batches:
            self._tested = None
        if self._tested is None or self._tested >= script.val_batches:
            playback.begin_test(within_fit=True)
            self._tested, self._tested_behind = 0, journal.trained_batches
        logs = playback.test(self._tested)
        self._tested += 1
        return logs

    def train_step(self, data: Data = None) -> Logs:
        """Train one batch, as a ``train_step`` that is called by hand."""
        return dict(self._train_one())

    def test_step(self, data: Data = None) -> Logs:
        """Test one batch likewise."""
        return dict(self._test_one())

    def reset_metrics(self) -> None:
        """Set the running means back, and end a pass over validation data."""
        self._playback.reset()
        self._tested = None

    def _begin_epoch(self, epoch: int) -> None:
        """Go to an epoch of the script."""
        self._playback.begin_epoch(epoch)
        self._trained, self._tested = 0, None

    def _train_one(self) -> Logs:
        script, playback = self._script, self._playback
        if self._fitting:
            return self._train_once_more()
        if self._trained >= script.batches and playback.epoch + 1 < script.epochs:
            self._begin_epoch(playback.epoch + 1)
        self._trained += 1
        return self._train(self._trained - 1)

    def _train_once_more(self) -> Logs:
        playback = self._playback
        started = playback.started
        logs = self._train(self._dryfit_journal.batch if started else 0)
        playback.started = started  # else with its own first batch
        return logs

    def _train(self, batch: int) -> Logs:
        script, playback, journal = self._script, self._playback, self._dryfit_journal
        if not playback.started:
            self._build_optimizer()
            playback.start(self._rate(), journal.weights_identity.epoch)
        logs = playback.train(min(batch, script.batches - 1))
        journal.settle()
        journal.epoch, journal.batch = playback.epoch, batch
        journal.untold += 1
        counter(self.optimizer)(1)
        journal.tick(script.seconds_per_batch)
        journal.settle()
        return logs


def reported(logs: Logs, names: Iterable[str], return_dict: bool) -> Any:
    """A dict of metrics, or like Keras one number or a list of numbers, the loss first."""
    if return_dict:
        return dict(logs)
    in_order = dict.fromkeys(("loss", *names, *logs))
    results = [logs[name] for name in in_order if name in logs]
    return results[0] if len(results) == 1 else results
