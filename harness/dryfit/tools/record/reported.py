"""What the model reported: the numbers of epochs and batches, read off a trace."""

from collections.abc import Iterable
from typing import Any

from dryfit.facts.notation import Raw, number, series
from dryfit.run.trace import Dispatches, Trace
from dryfit_fakes.script_values import UNKNOWN

Logs = dict[str, Any]

_TRAIN = ("on_train_batch_begin", "on_train_batch_end")
_TEST = ("on_test_batch_begin", "on_test_batch_end")


class ReportedLogs:
    """The numbers of a training so far; every `read` goes on where the last one ended.

    Args:
        steps: how many batches an epoch has, if that is known.

    Attributes:
        first: the first epoch that began, ``None`` before.
        by_epoch: the logs of each epoch's end, as the model reported them.
        batches: how many training batches an epoch has, or had at most.
        val_batches: and a validation.
        step: how many batches there are between two hooks (``steps_per_execution``).
        ran_out: ``""`` if training data, ``"val_"`` if validation data did not tell its length:
            Keras asked for one batch more, and there was none.
    """

    def __init__(self, steps: int | None) -> None:
        self.first: int | None = None
        self.by_epoch: dict[int, Logs] = {}
        self._steps = steps
        self.batches, self.val_batches, self.step = steps or 0, 0, 1
        self.ran_out: set[str] = set()
        self._open: str | None = None  # of which data a batch has begun and not ended
        self._executions: dict[int, list[tuple[str, int, int, Logs]]] = {}
        self._written: dict[tuple[int, int, int], dict[str, Raw]] = {}
        self._lengths: dict[int, int] = {}
        self._begun = 0
        self._item = self._place = 0

    def read(self, trace: Trace) -> None:
        """Take in what was noted since the last time."""
        for index in range(self._item, len(trace.items)):
            item = trace.items[index]
            place = self._place if index == self._item else 0
            if isinstance(item, Dispatches):
                for dispatched in Dispatches(item[place:]).each():
                    self._take(*dispatched)
        self._item, self._place = len(trace.items) - 1, len(trace.row)

    def _take(self, hook: str, epoch: int | None, batch: int | None, logs: Logs) -> None:
        if epoch is None:
            return
        if batch is None:
            self._pass_ended()
            if hook == "on_epoch_begin" and self.first is None:
                self.first = epoch
            elif hook == "on_epoch_end":
                self.by_epoch[epoch] = logs
        elif hook in (_TRAIN[0], _TEST[0]):
            self._begun = batch
            self._open = "" if hook == _TRAIN[0] else "val_"
        elif hook == _TRAIN[1]:
            self._open = None
            self.batches = self._steps or max(self.batches, batch + 1)
            self._lengths[epoch] = min(batch + 1, self.batches)
            self.step = max(self.step, batch + 1 - self._begun)
            self._executions.setdefault(epoch, []).append(("", self._begun, batch, logs))
        elif hook == _TEST[1]:
            self._open = None
            self.val_batches = max(self.val_batches, batch + 1)
            self._executions.setdefault(epoch, []).append(("val_", self._begun, batch, logs))

    def _pass_ended(self) -> None:
        if self._open is not None and (self._open or self._steps is None):
            self.ran_out.add(self._open)
        self._open = None

    def lengths(self, but: int | None = None) -> list[int]:
        """How many batches the epochs had that came to their end, but for one of them."""
        epochs = (epoch for epoch in self.by_epoch if epoch != but)
        return [self._lengths.get(epoch, 0) for epoch in epochs]

    @property
    def end(self) -> int:
        """The epoch after the last of which anything is known."""
        return max(self.by_epoch, default=-1) + 1

    def metrics(self, planned: int) -> dict[str, Raw]:
        """A series for each metric, by absolute epoch."""
        rows = [self.by_epoch.get(epoch, {}) for epoch in range(self.end)]
        names = dict.fromkeys(name for row in rows for name in row if _is_number(row[name]))
        return {
            name: series([_token(row.get(name)) for row in rows], goes_on=planned > self.end)
            for name in names
        }

    def batch_logs(self, epochs: Iterable[int], planned: int) -> dict[str, list[Raw]]:
        """For each metric a series an epoch, for some epochs; ``_`` for the others."""
        found: dict[str, list[Raw]] = {}
        for epoch in epochs:
            key = (epoch, self.batches, self.val_batches)
            if key not in self._written:
                tokens = self._tokens(epoch)
                self._written[key] = {name: series(item) for name, item in tokens.items()}
            for name, text in self._written[key].items():
                found.setdefault(name, [Raw("_")] * planned)[epoch] = text
        for prefix in self.ran_out:  # a script has the length of such data from its series alone
            self._tell_length(prefix, found, planned)
        return found

    def length(self, prefix: str, written: Iterable[str]) -> int | str:
        """How many batches a script says there are: unknown, if its series tell the number.

        Args:
            prefix: ``""`` of training, ``"val_"`` of validation.
            written: the names of which there are series of batches.
        """
        if prefix in self.ran_out and _of(prefix, written):
            return UNKNOWN
        return self.val_batches if prefix else self.batches

    def _tell_length(self, prefix: str, found: dict[str, list[Raw]], planned: int) -> None:
        names = _of(prefix, self.metrics(planned))
        if names and not _of(prefix, found):
            batches = self.val_batches if prefix else self.batches
            found[names[0]] = [series(["_"] * batches), *[Raw("_")] * (planned - 1)]

    def _tokens(self, epoch: int) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for prefix, begun, ended, logs in self._executions.get(epoch, ()):
            batches = self.val_batches if prefix else self.batches
            for name, value in logs.items():
                if _is_number(value):
                    tokens = found.setdefault(prefix + name, ["_"] * batches)
                    span = range(begun, min(ended + 1, batches))
                    tokens[begun : span.stop] = [number(value)] * len(span)
        return found


def _of(prefix: str, names: Iterable[str]) -> list[str]:
    """The names of training, or of validation."""
    return [name for name in names if name.startswith("val_") == bool(prefix)]


def _is_number(value: object) -> bool:
    return isinstance(value, int | float)


def _token(value: Any) -> str:
    return number(value if _is_number(value) else None)
