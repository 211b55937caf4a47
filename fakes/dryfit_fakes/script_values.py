"""The values of a script: series and rates as they are written, rounded as Keras reports them."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from inspect import signature
from typing import Any, TypeAlias

from dryfit_fakes.float32 import float32
from dryfit_fakes.quantities import quantity
from dryfit_fakes.scripted_rates import RatesError, RateSource, ScriptedRates
from dryfit_fakes.series import Series, SeriesError

UNKNOWN = "unknown"
Values: TypeAlias = str | float | Series | Iterable[str | float | None]


class ScriptError(ValueError):
    """A script that contradicts itself; the message says where and how to mend it."""


def rate_of_key(source: object, key: str = "learning_rate") -> Any:
    """Take a rate that a key has: a number, or a schedule as it is."""
    if isinstance(source, bool | str) or (
        not hasattr(source, "__float__") and not callable(source)
    ):
        raise ScriptError(f"{key} is a number or a LearningRateSchedule, not {source!r}")
    return source if callable(source) else float(source)


def scripted_rates_of(source: RateSource) -> ScriptedRates:
    """Read the rates that were in force."""
    __tracebackhide__ = True
    try:
        return ScriptedRates(source)
    except RatesError as error:
        raise ScriptError(str(error)) from None


def optimizers_of(given: object, one: object) -> dict[str, Any]:
    """Read the rates of several optimizers, where no rate of one is given."""
    if not isinstance(given, Mapping) or not all(isinstance(name, str) for name in given):
        raise ScriptError(f"optimizers is a mapping of names to rates, not {given!r}")
    if given and one is not None:
        raise ScriptError("learning_rate is for one optimizer, and optimizers has one for each")
    return {name: rate_of_key(rate, f"optimizers[{name!r}]") for name, rate in given.items()}


def check_late(late: object, optimizers: Mapping[str, object]) -> None:
    """Refuse optimizers that are made late where there are none."""
    if not isinstance(late, bool):
        raise ScriptError(f"late_optimizers is true or false, not {late!r}")
    if late and not optimizers:
        raise ScriptError("late_optimizers says when optimizers are made; there is no optimizers")


def rounded_series(name: str, source: Values) -> Series:
    """Read a series of a metric, in float32."""
    __tracebackhide__ = True
    try:
        series = Series.of(source)
    except SeriesError as error:
        error.add_note(f"in the series of {name!r}:\n{error.pointed_at}")
        raise
    except TypeError as error:
        raise ScriptError(f"the series of {name!r}: {error}") from error
    try:
        rounded = [None if value is None else float32(value) for value in series.values]
    except OverflowError:
        raise ScriptError(
            f"the series of {name!r} has a value beyond float32 (about 3.4e38), "
            "which is what Keras reports in; write inf"
        ) from None
    return Series(tuple(rounded), series.open)


def series_by_epoch(key: str, name: str, source: Sequence[Values]) -> tuple[Series, ...]:
    """Read the series of a metric that has one for each epoch."""
    if isinstance(source, str) or not isinstance(source, Sequence):
        raise ScriptError(
            f"{key}[{name!r}] is a list with one series an epoch, such as "
            f"['4 2 2 1', '1x4'], not {source!r}"
        )
    return tuple(rounded_series(f"{name}[{epoch}]", item) for epoch, item in enumerate(source))


def in_epoch(found: dict[str, tuple[Series, ...]], name: str, epoch: int) -> Series | None:
    """The values of an epoch; ``None`` if there is none in any of its batches."""
    if name not in found:
        return None
    series = found[name][epoch]
    return None if all(value is None for value in series.values) else series


def check_length(what: str, series: Series, expected: int, unit: str) -> None:
    """Refuse a series that is longer than its epochs or batches, or ends before them."""
    if series.constant:
        return
    key = "epochs" if unit == "epoch" else "batches"
    if len(series) > expected or (len(series) < expected and not series.open):
        go_on = " or '...' after the last to go on with it," if len(series) < expected else ""
        raise ScriptError(
            f"{what} has {quantity(len(series), 'value')}, the script has "
            f"{quantity(expected, unit)}; write as many values,{go_on} or set {key}={len(series)}"
        )


def check_takes(what: str, function: Callable[..., object], *arguments: str) -> None:
    """Refuse a function that cannot be called with these arguments, before it is."""
    try:
        signature(function).bind(*arguments)
    except TypeError as error:
        given = ", ".join(arguments)
        raise ScriptError(f"{what} is a function of ({given}); this one: {error}") from None
    except ValueError:  # written in C, it may not tell what it takes
        pass


def check_count(name: str, value: object, least: int) -> None:
    """Refuse what is no number of epochs, batches or the like."""
    may_be_unknown = name in ("batches", "val_batches")
    if may_be_unknown and value == UNKNOWN:
        return
    if not isinstance(value, int) or isinstance(value, bool) or value < least:
        known = f"a whole number of at least {least}"
        allowed = f"{known} or {UNKNOWN!r}" if may_be_unknown else known
        raise ScriptError(f"{name} must be {allowed}, not {value!r}")
