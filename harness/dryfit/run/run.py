"""Run: what came of a play, as queries over its timeline."""

from collections.abc import Iterator, Sequence
from functools import cached_property
from html import escape
from typing import TYPE_CHECKING, Any, TypeVar

from dryfit.run.attribute_series import AttributeSeries
from dryfit.run.overrides import overridden, untrained
from dryfit.run.timeline_events import (
    Began,
    Change,
    Ended,
    Event,
    Hook,
    LogWrite,
    Override,
    Printed,
    Raised,
    Slept,
    State,
    Trained,
    Warned,
    WeightsUsed,
)
from dryfit.run.trace import Dispatches, Trace
from dryfit.show.table import table
from dryfit_fakes.protocols import Model, Rates
from dryfit_fakes.quantities import quantity
from dryfit_fakes.weights import MIXED, Weights

if TYPE_CHECKING:
    from rich.console import Console

_E = TypeVar("_E")
_END = "on_epoch_end"


class Run:
    """Questions about a run, each answered from its timeline.

    Epochs and batches count from 0. Series have one value per epoch that ran.

    Args:
        trace: what the recorder noted.
        history: Keras' ``History.history``.
        lane: ``"fake"`` or ``"real"``.
        model: the model that ended the run, for a later call on it.
        interrupt: the exception by which the script itself broke the run off.
        params: Keras' params of the call, such as the ``epochs`` that were asked for.

    >>> from dryfit import play
    >>> run = play({"val_loss": ".9 .5 .6x4"}, [keras.callbacks.EarlyStopping(patience=2)])
    >>> run.stopped_epoch, run.stopped_by, run.weights_epoch
    (3, 'EarlyStopping', 3)
    """

    def __init__(
        self,
        trace: Trace,
        history: dict[str, list[Any]],
        lane: str,
        model: Model | None = None,
        interrupt: BaseException | None = None,
        params: dict[str, Any] | None = None,
    ) -> None:
        self._trace = trace
        self.history = history
        self.lane = lane
        self.model: Any = model  # with all that its class has
        self.interrupt = interrupt
        self.params = params or {}
        self._others: tuple[Run, ...] = ()

    @classmethod
    def of_ranks(cls, runs: "Sequence[Run]") -> "Run":
        """Take the runs of several ranks together: that of rank 0, which knows the others."""
        first, *others = runs
        first._others = tuple(others)
        return first

    @property
    def ranks(self) -> "tuple[Run, ...]":
        """The run of every rank, this one first; of a play without ranks it is alone."""
        return (self, *self._others)

    @cached_property
    def timeline(self) -> tuple[Event, ...]:
        """Everything that happened, in order; two equal runs have equal timelines."""
        return tuple(self._trace.timeline())

    @property
    def hooks(self) -> tuple[Hook, ...]:
        """Every dispatch of a hook, with the logs that the first callback got."""
        return tuple(event for event in self.timeline if isinstance(event, Hook))

    @property
    def asked(self) -> dict[str, tuple[str, ...]]:
        """The keys that hooks of one's own callbacks get from their logs, by callback."""
        return self._trace.asked

    @property
    def callbacks(self) -> tuple[str, ...]:
        """The callbacks' names, in order."""
        return next((began.callbacks for began in self._of(Began)), ())

    @property
    def epochs(self) -> tuple[int, ...]:
        """The indices of the epochs that ended."""
        return tuple(epoch for epoch, _ in self._epoch_ends)

    @property
    def epochs_begun(self) -> tuple[int, ...]:
        """The indices of the epochs that began; the last may not have ended."""
        begun = (d[1] for d in self._trace.dispatches() if d[0] == "on_epoch_begin")
        return tuple(epoch for epoch in begun if epoch is not None)

    @property
    def reported(self) -> dict[int, dict[str, Any]]:
        """The logs of each epoch's end, as ``History`` has them: after every callback's writes."""
        logs: dict[int | None, dict[str, Any]] = {}
        for item in self._trace.items:
            if isinstance(item, Dispatches):
                logs |= {epoch: dict(row) for name, epoch, _, row in item.ends() if name == _END}
            elif isinstance(item, LogWrite) and item.hook == _END:
                logs[item.epoch][item.key] = item.new
        return {epoch: row for epoch, row in logs.items() if epoch is not None}

    @property
    def epochs_run(self) -> int:
        """How many epochs came to their ``on_epoch_end``."""
        return len(self.epochs)

    @property
    def stopped(self) -> Change | None:
        """The change of ``stop_training`` that stopped training, ``None`` if none did.

        The first to true; one that a callback takes back does not count.
        """
        stop = None
        for change in self._of(Change):
            if change.what == "stop_training":
                stop = (stop or change) if change.new else None
        return stop

    @property
    def stopped_epoch(self) -> int | None:
        """The epoch in which training was stopped, ``None`` if it was not."""
        return None if self.stopped is None else self.stopped.epoch

    @property
    def stopped_batch(self) -> int | None:
        """The batch whose hook stopped training, ``None`` for another hook."""
        return None if self.stopped is None else self.stopped.batch

    @property
    def stopped_by(self) -> str | None:
        """Who stopped training."""
        return None if self.stopped is None else self.stopped.by

    @property
    def weights(self) -> Weights | None:
        """Whose weights the model ended with; ``None`` for a model that cannot tell."""
        return next((ended.weights for ended in self._of(Ended)), None)

    @property
    def weights_epoch(self) -> int | None:
        """The epoch that trained the final weights last; -1 initial, ``None`` mixed."""
        return None if self.weights is None else self.weights.epoch

    @property
    def restored(self) -> tuple[WeightsUsed, ...]:
        """Every time that weights were set or loaded so that they became others'."""
        return tuple(
            used
            for used in self._of(WeightsUsed)
            if used.method in ("set_weights", "load_weights")
            and (used.old != used.to or used.to == MIXED)
        )

    @property
    def checkpoints(self) -> tuple[WeightsUsed, ...]:
        """Every file of weights written, in order."""
        saves = ("save", "save_weights")
        return tuple(used for used in self._of(WeightsUsed) if used.method in saves)

    @property
    def learning_rate(self) -> tuple[float | None, ...]:
        """The rate in force in each epoch: what its first batch trained with.

        ``None`` where there is none or more than one: see `learning_rates`.
        """
        return tuple(map(_one, self._in_force))

    @property
    def rates(self) -> tuple[Any, ...]:
        """The rates in force, as a script's ``rates`` has them.

        One an epoch; or one a batch, in a tuple an epoch, where the rate moved inside of
        an epoch. ``None`` of several optimizers: see `learning_rates`.
        """
        trained: dict[int | None, list[Trained]] = {epoch: [] for epoch in self.epochs}
        for event in self._of(Trained):
            trained.setdefault(event.epoch, []).append(event)
        several = any(isinstance(e.learning_rate, dict) for e in self._of(Trained))
        if several or not any(map(_moves, trained.values())):
            return self.learning_rate
        lengths = self._batches()
        return tuple(_by_batch(trained[e], lengths.get(e, 0)) for e in self.epochs)

    def _batches(self) -> dict[int | None, int]:
        """How many batches each epoch trained."""
        found: dict[int | None, int] = {}
        for name, epoch, batch, _ in self._trace.dispatches():
            if name == "on_train_batch_end" and batch is not None:
                found[epoch] = batch + 1
        steps = self.params.get("steps") or 0
        return found or dict.fromkeys(self.epochs, steps)

    @property
    def learning_rate_after(self) -> tuple[float | None, ...]:
        """The rate after the last hook of each epoch."""
        return tuple(_one(rate) for _, rate in self._epoch_ends)

    @property
    def learning_rates(self) -> dict[str, tuple[float | None, ...]]:
        """The rates in force of several optimizers, such as ``keras.optimizers.MultiOptimizer``'s.

        A series for each by its name; none for one optimizer, whose `learning_rate` is.
        """
        return _by_name(self._in_force)

    @property
    def learning_rates_after(self) -> dict[str, tuple[float | None, ...]]:
        """The same after the last hook of each epoch."""
        return _by_name([rate for _, rate in self._epoch_ends])

    @property
    def changes(self) -> tuple[Change, ...]:
        """Every change of the learning rate."""
        return tuple(change for change in self._of(Change) if change.is_rate)

    @property
    def reductions(self) -> tuple[Change, ...]:
        """Every change to a lower rate."""
        known = (c for c in self.changes if c.old is not None and c.new is not None)
        return tuple(change for change in known if change.new < change.old)

    @property
    def overrides(self) -> tuple[Override, ...]:
        """Rates set by one callback and replaced by another before any batch trained."""
        return tuple(overridden(self._trace.items))

    @property
    def unused(self) -> tuple[Change, ...]:
        """Changes to a rate that no batch trained with."""
        return tuple(old for old, _ in untrained(self._trace.items))

    @property
    def log_writes(self) -> tuple[LogWrite, ...]:
        """Every value that a callback wrote into the shared logs."""
        return tuple(self._of(LogWrite))

    @property
    def warnings(self) -> tuple[Warned, ...]:
        """Every warning, repeated ones too."""
        return tuple(self._of(Warned))

    @property
    def prints(self) -> tuple[Printed, ...]:
        """Every line printed."""
        return tuple(self._of(Printed))

    @property
    def slept(self) -> tuple[Slept, ...]:
        """Every sleep, on a clock that only the script moves."""
        return tuple(self._of(Slept))

    @property
    def raised(self) -> Raised | None:
        """The exception that ended the run, ``None`` if it came to its end.

        A ``StopIteration`` in a batch hook ends the epoch's batches and no more.
        """
        raised = None
        for event in self._trace.items:
            if isinstance(event, Raised):
                raised = event
            elif isinstance(event, Dispatches) and event:
                raised = None
        return raised

    @property
    def state(self) -> dict[str, tuple[Any, ...]]:
        """Every plain attribute after each epoch: ``{"EarlyStopping.wait": (0, 0, 1)}``.

        What is plain no more is ``"(list)"``, ``"(object)"`` or the like, or ``"(deleted)"``.

        A name that is not there is a `KeyError` that says which are.
        """
        epochs = self.epochs
        series: dict[str, list[Any]] = {}
        now: dict[str, Any] = {}
        ended = 0
        for event in self.timeline:
            if not isinstance(event, State):
                continue
            while ended < len(epochs) and event.epoch is not None and epochs[ended] < event.epoch:
                ended = _close(series, now, ended)
            now[f"{event.by}.{event.attribute}"] = event.value
        while ended < len(epochs):
            ended = _close(series, now, ended)
        return AttributeSeries((name, tuple(values)) for name, values in series.items())

    def table(
        self,
        mark: tuple[int, str] | None = None,
        *,
        fold: bool = True,
        terminal: "Console | None" = None,
    ) -> str:
        """The run as a text table: a row an epoch, and in words what happened and who did it.

        Of several ranks it is a table for each.

        Args:
            mark: an epoch and an expectation, whose cell is pointed at.
            fold: whether a table of more than 40 epochs leaves out those in which
                happens what happened in the epoch before.
            terminal: a ``rich.console.Console`` whose width and colours the table
                has; without, it is plain, and 120 columns wide or more.
        """
        return table(self, mark, fold=fold, terminal=terminal)

    def __repr__(self) -> str:
        stop = f", stopped at {self.stopped_epoch} by {self.stopped_by}" if self.stopped else ""
        whose = f", {self.weights}" if self.weights else ""
        ranks = f", rank 0 of {len(self.ranks)}" if self._others else ""
        epochs = quantity(self.epochs_run, "epoch")
        return f"<Run in the {self.lane} lane: {epochs}{stop}{whose}{ranks}>"

    def _repr_html_(self) -> str:
        """The table, where a notebook's cell ends with a run."""
        return f"<pre>{escape(self.table())}</pre>"

    def _of(self, kind: type[_E]) -> Iterator[_E]:
        return (event for event in self._trace.items if type(event) is kind)

    @property
    def _in_force(self) -> list[Rates]:
        in_force: dict[int | None, Rates] = {}
        for trained in self._of(Trained):
            in_force.setdefault(trained.epoch, trained.learning_rate)
        return [in_force.get(epoch) for epoch in self.epochs]

    @cached_property
    def _epoch_ends(self) -> tuple[tuple[int, Rates], ...]:
        """Each epoch that ended, and the rate once its last hook was done."""
        found: list[tuple[int, Rates]] = []
        rate: Rates = None
        open_epoch = None
        for item in self._trace.items:
            if isinstance(item, Began) or (isinstance(item, Trained) and rate == {}):
                rate = item.learning_rate
            elif isinstance(item, Change) and item.is_rate:
                if open_epoch is not None and item.hook is None:  # after the hook, by nobody
                    found.append((open_epoch, rate))
                    open_epoch = None
                rate = _after(rate, item)
            elif isinstance(item, Dispatches):
                for name, epoch, _, _ in item.ends():
                    if open_epoch is not None:
                        found.append((open_epoch, rate))
                    open_epoch = epoch if name == "on_epoch_end" else None
        return (*found, *([] if open_epoch is None else [(open_epoch, rate)]))


def _after(rates: Rates, change: Change) -> Rates:
    """The rates after one of them changed."""
    name = change.optimizer
    return {**rates, name: change.new} if isinstance(rates, dict) and name else change.new


def _one(rates: Rates) -> float | None:
    return None if isinstance(rates, dict) else rates


def _by_name(series: Sequence[Rates]) -> dict[str, tuple[float | None, ...]]:
    several = [rates if isinstance(rates, dict) else {} for rates in series]
    names = dict.fromkeys(name for rates in several for name in rates)
    return {name: tuple(rates.get(name) for rates in several) for name in names}


def _moves(trained: list[Trained]) -> bool:
    return any(event.learning_rate != trained[0].learning_rate for event in trained)


def _by_batch(trained: list[Trained], batches: int) -> tuple[float | None, ...]:
    rates: list[Any] = []
    for event in trained:
        rates += rates[-1:] * (event.batch - len(rates))
        rates.append(event.learning_rate)
    return tuple(rates + rates[-1:] * (batches - len(rates)))


def _close(series: dict[str, list[Any]], now: dict[str, Any], ended: int) -> int:
    for name, value in now.items():
        series.setdefault(name, [None] * ended).append(value)
    return ended + 1
