"""The rates of a training that moved by themselves, as a script's ``rates``.

An optimizer's own schedule is written as what it is, where a file can name it: it goes on
after the last epoch that ran. Else it is the rates that were seen.
"""

from collections.abc import Sequence
from typing import Any

from dryfit.facts.notation import Raw, number, series
from dryfit.run.run import Run
from dryfit.tools.record.callback_items import CannotWriteError, plain_setting
from dryfit.tools.record.module_names import importable_name
from dryfit_fakes.backend import keras

MOST_BATCHES = 20_000  # whose rates are written one by one


class OwnSchedule:
    """The schedule of a model's optimizer, as it is when a training begins.

    Args:
        model: the model that is trained.

    Attributes:
        there: whether the rate is a schedule's.
    """

    def __init__(self, model: object) -> None:
        optimizer: Any = getattr(model, "optimizer", None)
        kept = getattr(optimizer, "__dict__", {})
        schedule = kept.get("_learning_rate", kept.get("_schedule"))
        self._schedule = schedule if callable(schedule) else None
        self._fresh = self._schedule is not None and _trained(optimizer) == 0

    @property
    def there(self) -> bool:
        """Whether the rate is a schedule's, so that no callback can set it."""
        return self._schedule is not None

    @property
    def written(self) -> dict[str, Any] | None:
        """It with its arguments, as a file has it; ``None`` if a file cannot name it."""
        schedules = keras.optimizers.schedules
        if not self._fresh or not isinstance(self._schedule, schedules.LearningRateSchedule):
            return None  # what a model has trained before, a replay's has not
        kind = type(self._schedule)
        own = getattr(schedules, kind.__name__, None) is kind
        name = kind.__name__ if own else importable_name(kind)
        try:
            config = self._schedule.get_config()
            plain = {key: plain_setting(key, value) for key, value in config.items()}
        except (CannotWriteError, NotImplementedError):
            return None
        if name is None or any(isinstance(value, dict) for value in plain.values()):
            return None
        unnamed = {key: v for key, v in plain.items() if (key, v) != ("name", kind.__name__)}
        return {name: {key: value for key, value in unnamed.items() if value is not None}}


def _trained(optimizer: Any) -> int | None:
    try:
        return int(optimizer.iterations)
    except Exception:  # several optimizers in one, say
        return None


def observed(run: Run, epochs: int, batches: int) -> Any:
    """The rates that were seen, padded to so many epochs; ``None`` if they cannot be told."""
    rates, after = run.rates, run.learning_rate_after
    by_batch = [r if isinstance(r, tuple) else (r,) * batches for r in rates]
    if any(rate is None or not 0 <= rate < float("inf") for row in by_batch for rate in row):
        return None
    last = run.epochs[-1] + 1
    if all(set(row) == {end} for row, end in zip(by_batch, after, strict=True)):
        by_epoch = dict(zip(run.epochs, after, strict=True))
        tokens = [number(by_epoch.get(epoch)) for epoch in range(last)]
        return series(tokens, goes_on=epochs > last)
    if sum(map(len, by_batch)) > MOST_BATCHES:
        return None
    return _by_batch(dict(zip(run.epochs, zip(by_batch, after, strict=True), strict=True)), epochs)


def _by_batch(found: dict[int, tuple[Sequence[Any], Any]], epochs: int) -> list[Raw]:
    rows = [Raw("_")] * epochs
    for epoch, (rates, end) in found.items():
        rows[epoch] = series(number(rate) for rate in (*rates, end))
    return rows
