"""What a model that follows a script reports at this point of the run.

Both lanes report through this one object, so that a number cannot differ
between them; that it is the number Keras itself would report is tested against
plain Keras.
"""

from collections.abc import Mapping

from dryfit_fakes.float32 import RunningMean, float32
from dryfit_fakes.protocols import Data, Logs, Rates
from dryfit_fakes.releases import LOGS_ARE_SORTED
from dryfit_fakes.script import Script
from dryfit_fakes.scripted_rates import RateCourse
from dryfit_fakes.series import Series


class Playback:
    """The place in a script, and the running means that Keras keeps beside it.

    Attributes:
        course: moves the model's rate as the script says.
        tested: where the numbers of the pass over validation data come from; of the one around
            it again, behind one that a callback asks for.
    """

    def __init__(self, script: Script) -> None:
        self.script = script
        self.epoch = min(script.initial_epoch, script.epochs - 1)
        self._names = {prefix: _sorted_names(script, prefix) for prefix in ("", "val_")}
        self._means: dict[str, RunningMean] = {}
        self._computed: Logs = {}
        self._train = _Source()
        self.tested = _Source()
        self.started = False
        self.course = RateCourse(script.scripted_rates)

    def begin_epoch(self, epoch: int) -> None:
        """Go to an epoch; its values are told when its first batch trains."""
        self.epoch = epoch
        self.started = False
        self.reset()

    def silent_epoch(self, epoch: int) -> tuple[Logs, Logs]:
        """Go to an epoch; return its logs and its validation's, where no batch changes them."""
        self.epoch = epoch
        return self._told(""), self._told("val_")

    def reset(self) -> None:
        """Set the running means back, as ``Model.reset_metrics`` does."""
        for mean in self._means.values():
            mean.reset()

    def start(self, learning_rate: Rates, weights_epoch: int | None) -> None:
        """Settle the epoch's values, once the rate it trains with is known."""
        self.started = True
        self._computed = {
            name: _number(name, self.epoch, function(self.epoch, learning_rate, weights_epoch))
            for name, function in self.script.functions.items()
        }
        self._train = self._source("")

    @property
    def train_is_fixed(self) -> bool:
        """Whether every batch of the epoch says the same, and none moves a mean."""
        return not self._train.moves

    @property
    def test_is_fixed(self) -> bool:
        """Whether every batch of the validation says the same, and none moves a mean."""
        return not self.tested.moves and self._means.keys().isdisjoint(self.tested.fixed)

    def train(self, batch: int, batches: int = 1) -> Logs:
        """The logs after some training batches; do not change the dict."""
        train = self._train
        return self._report(train, batch, batches) if train.moves else train.fixed

    def begin_test(self, within_fit: bool, told: Logs | None = None) -> None:
        """Choose what a pass over the validation data reports.

        Args:
            within_fit: whether it is the validation of an epoch.
            told: what the script's own ``evaluate`` function says of every batch.
        """
        self.reset()
        self.tested = _Source() if told else self._source("val_")
        if told:
            self.tested.fixed = told
        elif not within_fit and not self.tested:
            self.tested = self._source("")

    def test(self, batch: int, batches: int = 1) -> Logs:
        """The logs after some validation batches; do not change the dict."""
        # Training and validation share Keras' trackers: an `evaluate` in a batch
        # hook leaves its values in the running means of the epoch (keras#12959).
        test = self.tested
        if self._means:
            for name, value in test.fixed.items():
                for _ in range(batches if name in self._means else 0):
                    self._means[name].update(value)
        return self._report(test, batch, batches) if test.moves else test.fixed

    def evaluation(self, x: Data) -> Logs:
        """What the script's own ``evaluate`` function reports for this data."""
        assert self.script.evaluate is not None
        result = self.script.evaluate(x, self.epoch)
        row = result if isinstance(result, Mapping) else {"loss": result}
        return {name: _number(name, self.epoch, row[name]) for name in sorted(row)}

    def train_result(self, logs: Logs) -> Logs:
        """What the metrics say at the end of an epoch.

        Keras asks the metrics again instead of taking the last batch's logs
        (``Trainer._get_metrics_result_or_logs``): a running mean that was
        reset meanwhile, or never fed because the epoch broke off before its
        first batch, shows here.
        """
        if not self.started:
            return dict.fromkeys(logs, 0.0)
        return self._asked_again(self._train, logs)

    def test_result(self, logs: Logs) -> Logs:
        """What the metrics say at the end of a validation."""
        return self._asked_again(self.tested, logs)

    def _asked_again(self, source: "_Source", logs: Logs) -> Logs:
        if logs is source.fixed:
            return dict(logs)
        return {name: self._at_end(source, name, value) for name, value in logs.items()}

    def _at_end(self, source: "_Source", name: str, last: float) -> float:
        if name in source.raw:
            return self._means[name].result()
        return source.fixed.get(name, last)

    def _source(self, prefix: str) -> "_Source":
        source = _Source()
        if not (self.script.batch_series or self.script.logged_series):  # as nearly always
            source.fixed = source.begins = self._told(prefix)
            return source
        for key, name in self._names[prefix]:
            if (values := self.script.batch_values(name, self.epoch)) is not None:
                source.raw[key] = values
                source.begins[key] = 0.0
                self._means.setdefault(key, RunningMean())
                continue
            if (logged := self.script.batch_logged(name, self.epoch)) is not None:
                source.logged[key] = logged
                source.begins[key] = 0.0
            if (value := self._epoch_value(name)) is not None:
                source.fixed[key] = source.begins[key] = value
        source.moves = bool(source.raw or source.logged)
        return source

    def _told(self, prefix: str) -> Logs:
        """What is told of a whole epoch."""
        return {
            key: value
            for key, name in self._names[prefix]
            if (value := self._epoch_value(name)) is not None
        }

    def _epoch_value(self, name: str) -> float | None:
        if name in self._computed:
            return self._computed[name]
        return self.script.value(name, self.epoch)

    def _report(self, source: "_Source", first: int, batches: int) -> Logs:
        logs = source.begins.copy()
        for name, values in source.raw.items():
            mean = self._means[name]
            for batch in range(first, first + batches):
                logs[name] = mean.update(values.at(batch))  # type: ignore[arg-type]
        for name, values in source.logged.items():
            value = values.at(first + batches - 1)
            if value is None:
                del logs[name]
            else:
                logs[name] = value
        return logs


class _Source:
    """Where the numbers of a pass come from: fixed for the epoch, raw or as logged by batch.

    Attributes:
        moves: whether the batches of the epoch differ.
        begins: logs in their order, with what is fixed; what moves is filled in.
    """

    __slots__ = ("begins", "fixed", "logged", "moves", "raw")

    def __init__(self) -> None:
        self.fixed: Logs = {}
        self.raw: dict[str, Series] = {}
        self.logged: dict[str, Series] = {}
        self.begins: Logs = {}
        self.moves = False

    def __bool__(self) -> bool:
        return bool(self.fixed or self.moves)


def _sorted_names(script: Script, prefix: str) -> list[tuple[str, str]]:
    """Keys of the logs and their metrics, as Keras sorts logs (python_utils.pythonify_logs).

    In Keras 2 the loss comes first, and the others as they are scripted.
    """
    names = (*script.metrics, *script.batch_metrics, *script.batch_logs)
    mine = (name for name in names if name.startswith("val_") == bool(prefix))
    found = {name.removeprefix(prefix): name for name in mine}.items()
    return sorted(found, key=None if LOGS_ARE_SORTED else lambda item: item[0] != "loss")


def _number(name: str, epoch: int, value: object) -> float:
    try:
        return float32(float(value))  # type: ignore[arg-type]
    except (TypeError, ValueError):
        raise TypeError(
            f"the function for {name!r} gave {value!r} in epoch {epoch}; expected a number"
        ) from None
