"""Script: what a training run reports, batch by batch and epoch by epoch."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields
from difflib import get_close_matches
from typing import Any, Literal, TypeAlias, Unpack

from dryfit_fakes.disk import Disk
from dryfit_fakes.interrupt import Interrupt
from dryfit_fakes.past_the_end import refuse_interrupt_in_vain
from dryfit_fakes.quantities import quantity
from dryfit_fakes.raised_at_the_caller import raises_at_the_caller
from dryfit_fakes.script_keywords import Prediction, ScriptKeywords
from dryfit_fakes.script_values import (
    UNKNOWN,
    ScriptError,
    Values,
    check_count,
    check_late,
    check_length,
    check_takes,
    in_epoch,
    optimizers_of,
    rate_of_key,
    rounded_series,
    scripted_rates_of,
    series_by_epoch,
)
from dryfit_fakes.scripted_rates import RatesError, ScriptedRates
from dryfit_fakes.series import Series, SeriesError

MAX_BATCHES = 10_000_000
MAX_EPOCHS = 1_000_000  # as many as a series has values

Metric: TypeAlias = Callable[[int, Any, int | None], float]


@raises_at_the_caller(ScriptError, SeriesError, TypeError)
@dataclass(frozen=True, kw_only=True)
class Script:
    """What a run reports: the numbers, and how many epochs and batches.

    Every number is rounded to float32 before a callback sees it, as Keras
    reports it. Epochs and batches count from 0.

    Attributes:
        epochs: how many; by default as many as the longest series has values.
        batches: training batches per epoch. 0 is data that is empty. ``"unknown"`` are as
            many as `batch_metrics` and `batch_logs` have, or else 1, of data that does not
            tell its length: Keras finds its end by asking for one batch more.
        val_batches: batches per validation, likewise.
        learning_rate: where a fresh model starts (0.01 if unset); a
            ``LearningRateSchedule`` works too. On a model that has trained
            before, it changes the rate only if set.
        optimizers: the rates of several optimizers by name, in place of one:
            ``{"slow": 0.1, "fast": 0.2}`` for a ``keras.optimizers.MultiOptimizer``.
        late_optimizers: whether a function chooses them: on tensorflow there are none then
            before the first training step, and no callback finds a rate.
        rates: the rates that were in force, whoever set them: a series by epoch, or a
            list with a series of batches for each epoch (one value more than batches is
            the rate after the last); or a ``LearningRateSchedule``. The model's rate
            follows them, before a batch trains, until a callback sets it; from then on
            it is the callback's. ``_`` leaves the rate as it is.
        metrics: what the model reports at epoch end, a series each, by absolute
            epoch; or a function of ``(epoch, learning_rate, weights_epoch)``,
            the rate in force in that epoch and the epoch of the weights it
            starts from (-1 initial, ``None`` mixed). With only this, every
            batch of the epoch reports the same value.
        batch_metrics: raw values per batch, one series an epoch. Batches and
            epoch report Keras' running mean of them. ``_`` for a whole epoch
            leaves it to `metrics`.
        batch_logs: what the model reports after each batch, as it is, one series
            an epoch; the epoch's end reports what `metrics` says, or else the
            last of them. ``_`` is not reported in that batch; ``_`` for a whole
            epoch leaves it to `metrics`.
        directions: ``{"f1": "up"}`` for ``mode="auto"``, beside the names that
            ``keras.metrics`` knows.
        initial_epoch: the first epoch's index.
        validation_freq: as in ``fit``; must agree with the ``val_`` series.
        steps_per_execution: as in ``compile``.
        seconds_per_batch: how far the clock that callbacks read moves with each
            training batch. While this or the next is set, it moves with nothing else.
        seconds_per_epoch: and before each epoch's end, on top.
        predict: a function ``(x, epoch)`` for what ``predict`` returns per batch.
        evaluate: a function ``(x, epoch)`` for what ``evaluate`` reports outside
            of ``fit``; unset, the row of the current epoch.
        interrupt: where the run is broken off; an `Interrupt` or its keys.
        disk: which file of weights cannot be written; a `Disk` or its keys.
        warnings: ``"error"`` makes every warning an exception, as ``python -W error``
            does, but for those that Python keeps from users.

    Raises:
        ScriptError: the keys contradict each other.
        SeriesError: a series does not follow the notation.

    >>> script = Script(metrics={"loss": 1, "val_loss": ".9 .5 .6x4"}, batches=4)
    >>> script.epochs, script.validation_epochs
    (6, (0, 1, 2, 3, 4, 5))
    """

    epochs: int = None  # type: ignore[assignment]  # told by the series; an int from then on
    batches: Any = 1  # an int once the script is made
    val_batches: Any = 1
    learning_rate: Any = None
    optimizers: Mapping[str, Any] = field(default_factory=dict)
    late_optimizers: bool = False
    rates: Any = None
    metrics: Mapping[str, Values | Metric] = field(default_factory=dict)
    batch_metrics: Mapping[str, Sequence[Values]] = field(default_factory=dict)
    batch_logs: Mapping[str, Sequence[Values]] = field(default_factory=dict)
    directions: Mapping[str, str] = field(default_factory=dict)
    initial_epoch: int = 0
    validation_freq: int | list[int] | None = None
    steps_per_execution: int = 1
    seconds_per_batch: float = 0.0
    seconds_per_epoch: float = 0.0
    predict: Prediction | None = None
    evaluate: Prediction | None = None
    interrupt: Interrupt | Mapping[str, Any] | None = None
    disk: Disk | Mapping[str, Any] | None = None
    warnings: Literal["error"] | None = None

    def __post_init__(self) -> None:
        __tracebackhide__ = True
        for name in self._all_names():
            if not isinstance(name, str):
                raise ScriptError(f"a metric's name is text, not {name!r}")
        for name, least in _COUNTS.items():
            if name != "epochs" or self.epochs is not None:
                check_count(name, getattr(self, name), least)
        for name, steps in (("batches", "steps"), ("val_batches", "val_steps")):
            given = getattr(self, name)
            self._set(steps, None if given == UNKNOWN else given)
        self._set("functions", {k: v for k, v in self.metrics.items() if callable(v)})
        for name, function in self.functions.items():
            check_takes(f"metrics[{name!r}]", function, "epoch", "learning_rate", "weights_epoch")
        self._set(
            "series", {k: rounded_series(k, v) for k, v in self.metrics.items() if not callable(v)}
        )
        for key, kept in (("batch_metrics", "batch_series"), ("batch_logs", "logged_series")):
            series = {name: series_by_epoch(key, name, v) for name, v in getattr(self, key).items()}
            self._set(kept, series)
        if self.steps is None:
            self._set("batches", self._most_batches(validation=False))
        if self.val_steps is None:
            self._set("val_batches", self._most_batches(validation=True))
        self._set("epochs", self._longest() if self.epochs is None else self.epochs)
        self._check_lengths()
        self._check_sources()
        self._set("validation_epochs", tuple(self._validation_epochs()))
        self._check_directions()
        for name, kind in (("interrupt", Interrupt), ("disk", Disk)):
            self._set(name, _made(name, kind, getattr(self, name)))
        if self.warnings not in (None, "error"):
            raise ScriptError(f"warnings is 'error' or left out, not {self.warnings!r}")
        for name in ("seconds_per_batch", "seconds_per_epoch"):
            seconds = getattr(self, name)
            if isinstance(seconds, bool | str) or not 0 <= seconds < float("inf"):
                raise ScriptError(f"{name} must be a number of at least 0, not {seconds!r}")
        if self.learning_rate is not None:
            self._set("learning_rate", rate_of_key(self.learning_rate))
        self._set("optimizers", optimizers_of(self.optimizers, self.learning_rate))
        check_late(self.late_optimizers, self.optimizers)
        self._take_rates()

    # Derived from the keys above, once.
    steps: int | None = field(init=False, repr=False, compare=False)  # None if not known
    val_steps: int | None = field(init=False, repr=False, compare=False)
    functions: dict[str, Metric] = field(init=False, repr=False, compare=False)
    series: dict[str, Series] = field(init=False, repr=False, compare=False)
    batch_series: dict[str, tuple[Series, ...]] = field(init=False, repr=False, compare=False)
    logged_series: dict[str, tuple[Series, ...]] = field(init=False, repr=False, compare=False)
    validation_epochs: tuple[int, ...] = field(init=False, repr=False, compare=False)
    scripted_rates: ScriptedRates | None = field(init=False, repr=False, compare=False)

    @classmethod
    def of(cls, source: "Script | Mapping[str, Any]", **keys: Unpack[ScriptKeywords]) -> "Script":
        """Take a script as it is, or make one from metrics and a script's keys.

        Raises:
            TypeError: an unknown key, or keys beside a script that is complete.
            ScriptError: the keys contradict each other, or the interrupt never comes.
        """
        __tracebackhide__ = True
        if isinstance(source, Script):
            if keys:
                raise TypeError(f"the script is complete; put {_listed(keys)} into Script(...)")
            refuse_interrupt_in_vain(source)
            return source
        for key in keys:
            there = cls.__dataclass_fields__.get(key)
            if there is None or not there.init:
                known = [key.name for key in fields(cls) if key.init]
                close = get_close_matches(key, [*known, "callbacks", "lane", "model", "after"], 1)
                hint = f"; did you mean {close[0]!r}?" if close else "."
                raise TypeError(f"unknown key {key!r}{hint} A script has {_listed(known)}.")
        if not isinstance(source, Mapping):
            raise TypeError(
                f"a script is a Script or its metrics, such as {{'loss': '1 .5'}}, not {source!r}"
            )
        if isinstance(source.get("metrics"), Mapping) and "metrics" not in keys:
            raise TypeError(
                "these are keys of a scenario file; in Python the metrics come first, and the "
                "other keys beside them: ({'loss': '1 .5'}, batches=3)"
            )
        script = cls(metrics=source, **keys)
        refuse_interrupt_in_vain(script)
        return script

    def value(self, name: str, epoch: int) -> float | None:
        """The epoch's value of a metric that is a series; ``None`` if absent."""
        series = self.series.get(name)
        return None if series is None else series.at(epoch)

    def batch_values(self, name: str, epoch: int) -> Series | None:
        """The raw values of a metric in the batches of an epoch, if it has any."""
        return in_epoch(self.batch_series, name, epoch)

    def batch_logged(self, name: str, epoch: int) -> Series | None:
        """What is reported of a metric after each batch of an epoch, if that is told."""
        return in_epoch(self.logged_series, name, epoch)

    @property
    def names(self) -> tuple[str, ...]:
        """All metrics in the order written, ``val_`` ones without the prefix."""
        return tuple(dict.fromkeys(name.removeprefix("val_") for name in self._all_names()))

    def _all_names(self) -> tuple[str, ...]:
        return (*self.metrics, *self.batch_metrics, *self.batch_logs)

    def _set(self, name: str, value: object) -> None:
        object.__setattr__(self, name, value)

    def _longest(self) -> int:
        __tracebackhide__ = True
        lengths = [len(series) for series in self.series.values() if not series.constant]
        lengths += [len(by_epoch) for _, _, by_epoch in self._by_batch()]
        if self.rates is not None and not callable(self.rates):
            lengths += [n for n in (scripted_rates_of(self.rates).epochs,) if n is not None]
        if not lengths and not self._all_names():
            raise ScriptError(
                "there is no metric: write metrics: {loss: 1x4}, or epochs: 4; "
                "in Python {'loss': '1x4'}, or epochs=4"
            )
        if not lengths:
            raise ScriptError(
                "epochs cannot be told: every metric is one value for all epochs. "
                "Set epochs=, or write a series with as many values as epochs ('.5x6')."
            )
        return max(lengths)

    def _most_batches(self, *, validation: bool) -> int:
        """How many batches a series of an epoch has, where nothing else tells it."""
        passes = [
            by_epoch
            for _, name, by_epoch in self._by_batch()
            if name.startswith("val_") == validation
        ]
        return max((len(series) for by_epoch in passes for series in by_epoch), default=1)

    def _check_lengths(self) -> None:
        __tracebackhide__ = True
        if self.epochs > MAX_EPOCHS:
            raise ScriptError(f"{self.epochs:,} epochs; a play takes {MAX_EPOCHS:,} at most")
        for batches in (self.batches, self.val_batches):
            if (total := self.epochs * batches) > MAX_BATCHES:
                raise ScriptError(f"{total:,} batches in all; a play takes {MAX_BATCHES:,} at most")
        for name, series in self.series.items():
            check_length(f"metrics[{name!r}]", series, self.epochs, "epoch")
        for key, name, by_epoch in self._by_batch():
            if len(by_epoch) != self.epochs:
                raise ScriptError(
                    f"{key}[{name!r}] has {quantity(len(by_epoch), 'epoch')}, "
                    f"the script has {self.epochs}; write one series per epoch"
                )
            batches = self.val_batches if name.startswith("val_") else self.batches
            for epoch, series in enumerate(by_epoch):
                check_length(f"{key}[{name!r}][{epoch}]", series, batches, "batch")

    def _take_rates(self) -> None:
        """Read the rates, and begin with the first of them."""
        __tracebackhide__ = True
        self._set("scripted_rates", None)
        if self.rates is None:
            return
        if self.optimizers:
            raise ScriptError("rates are those of one optimizer; optimizers says where each starts")
        if callable(self.rates) or callable(self.learning_rate):
            if self.learning_rate is not None:
                raise ScriptError("a schedule says all rates: give one of learning_rate and rates")
            self._set("learning_rate", self.rates)
            return
        rates = scripted_rates_of(self.rates)
        try:
            rates.check(self.epochs, self.batches)
        except RatesError as error:
            raise ScriptError(str(error)) from None
        self._set("scripted_rates", rates)
        if self.learning_rate is None and self.epochs:
            begins = rates.at(min(self.initial_epoch, self.epochs - 1), 0)
            self._set("learning_rate", rates.first if begins is None else begins)

    def _by_batch(self) -> Iterator[tuple[str, str, tuple[Series, ...]]]:
        yield from (("batch_metrics", name, item) for name, item in self.batch_series.items())
        yield from (("batch_logs", name, item) for name, item in self.logged_series.items())

    def _check_sources(self) -> None:
        __tracebackhide__ = True
        for name, by_epoch in self.batch_series.items():
            for epoch, series in enumerate(by_epoch):
                absent = [value is None for value in series.values]
                if any(absent) and not all(absent):
                    raise ScriptError(
                        f"batch_metrics[{name!r}][{epoch}]: a metric is absent for a whole epoch "
                        "or not at all; write '_' for the epoch"
                    )
                if not all(absent):
                    self._check_one_source(name, epoch)

    def _check_one_source(self, name: str, epoch: int) -> None:
        __tracebackhide__ = True
        other = None
        if name in self.functions or self.value(name, epoch) is not None:
            other = "metrics"
        elif self.batch_logged(name, epoch) is not None:
            other = "batch_logs"
        if other is not None:
            raise ScriptError(
                f"{name!r} has a value in {other} and in batch_metrics in epoch {epoch}; "
                "write '_' in one of them"
            )

    def _validation_epochs(self) -> Iterable[int]:
        __tracebackhide__ = True
        names = [name for name in self._all_names() if name.startswith("val_")]
        every = range(self.epochs * bool(names))
        whole = any(None not in self.series[name].values for name in names if name in self.series)
        scripted = list(every) if whole else [epoch for epoch in every if self._has(names, epoch)]
        if self.validation_freq is None:
            return scripted
        asked = [epoch for epoch in range(self.epochs) if _should_eval(epoch, self.validation_freq)]
        if any(name in self.functions for name in names):
            scripted = [e for e in scripted if e in asked]  # a function has no `_` to write
        if asked != scripted:
            raise ScriptError(
                f"validation_freq={self.validation_freq!r} validates in epochs {asked}, "
                f"the val_ series have values in epochs {scripted}; "
                "write '_' where there is no validation, or leave validation_freq out"
            )
        return asked

    def _has(self, names: list[str], epoch: int) -> bool:
        return any(
            name in self.functions
            or self.value(name, epoch) is not None
            or self.batch_values(name, epoch) is not None
            or self.batch_logged(name, epoch) is not None
            for name in names
        )

    def _check_directions(self) -> None:
        __tracebackhide__ = True
        for name, direction in self.directions.items():
            if name.removeprefix("val_") not in self.names:
                raise ScriptError(
                    f"directions[{name!r}]: no such metric; there are {_listed(self.names)}"
                )
            if direction not in ("up", "down"):
                raise ScriptError(f"directions[{name!r}] is 'up' or 'down', not {direction!r}")


_COUNTS = {
    "epochs": 0,
    "batches": 0,
    "val_batches": 1,
    "initial_epoch": 0,
    "steps_per_execution": 1,
}


def _made(name: str, kind: type[Interrupt] | type[Disk], given: Any) -> Any:
    """Make a part of a script of its keys."""
    __tracebackhide__ = True
    if isinstance(given, Mapping):
        known = [key.name for key in fields(kind)]
        for key in given:
            if key not in known:
                meant = get_close_matches(str(key), known, 1)
                hint = f"; did you mean {meant[0]!r}?" if meant else "."
                raise ScriptError(f"{name} has no key {key!r}{hint} It has {_listed(known)}")
        if kind is Disk and "fails" not in given:
            raise ScriptError("disk.fails is missing; it says how writing fails")
        try:
            return kind(**given)
        except ValueError as error:
            raise ScriptError(str(error)) from None
    if not isinstance(given, kind | None):
        article = "an" if kind is Interrupt else "a"
        raise ScriptError(f"{name} is {article} {kind.__name__} or its keys, not {given!r}")
    return given


def _should_eval(epoch: int, validation_freq: int | list[int]) -> bool:
    # keras/src/trainers/trainer.py, Trainer._should_eval (3.15.1)
    if isinstance(validation_freq, int) and validation_freq:
        return (epoch + 1) % validation_freq == 0
    if isinstance(validation_freq, list):
        return epoch + 1 in validation_freq
    raise ScriptError(
        "validation_freq is, as in Keras, a whole number from 1 or a list of epochs counted from "
        f"1, not {validation_freq!r}"
    )


def _listed(names: Iterable[str]) -> str:
    return ", ".join(names)
