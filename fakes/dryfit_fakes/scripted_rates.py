"""The learning rates that a script says were in force, whoever set them.

A text has a value an epoch; a list has a series of batches for each epoch, and where that
has one value more than the epoch has batches, it is the rate after the last of them.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

from dryfit_fakes.float32 import float32
from dryfit_fakes.protocols import Optimizer
from dryfit_fakes.quantities import quantity
from dryfit_fakes.series import Series, SeriesError

if TYPE_CHECKING:
    from dryfit_fakes.script_values import Values

RateSource: TypeAlias = "Values | Sequence[Values]"


class RatesError(ValueError):
    """Rates that are none, or not as many as there are epochs or batches."""


class ScriptedRates:
    """Rates by epoch, or by batch.

    Args:
        source: a series by epoch, or a list with a series of batches for each epoch.

    Raises:
        RatesError: a value that is no finite number of 0 or more.
        SeriesError: a series does not follow the notation.

    >>> rates = ScriptedRates([".1 .05", ".02"])
    >>> rates.at(0, 1), rates.at(1, 0), rates.at(1, 1)
    (0.05000000074505806, 0.019999999552965164, 0.019999999552965164)
    """

    def __init__(self, source: RateSource) -> None:
        __tracebackhide__ = True
        self.by_batch = isinstance(source, list | tuple)
        sources = list(source) if isinstance(source, list | tuple) else [source]
        self._series = [
            _series(f"rates[{i}]" if self.by_batch else "rates", s) for i, s in enumerate(sources)
        ]

    @property
    def epochs(self) -> int | None:
        """How many epochs they are for; ``None`` for one value in all of them."""
        if self.by_batch:
            return len(self._series)
        return None if self._series[0].constant else len(self._series[0])

    def check(self, epochs: int, batches: int) -> None:
        """Refuse what has not as many values as a script has epochs, or batches.

        Raises:
            RatesError: with the numbers of both.
        """
        __tracebackhide__ = True
        found, goes_on = self.epochs, not self.by_batch and self._series[0].open
        if found is not None and (found > epochs or (found < epochs and not goes_on)):
            raise RatesError(f"rates has {quantity(found, 'epoch')}, the script has {epochs}")
        for epoch, series in enumerate(self._series if self.by_batch else ()):
            enough = series.open or len(series) in (batches, batches + 1)
            if not enough or len(series) > batches + 1:
                raise RatesError(
                    f"rates[{epoch}] has {quantity(len(series), 'value')}, the script has "
                    f"{quantity(batches, 'batch')}; "
                    "write as many, or one more for the rate after the last batch"
                )

    def at(self, epoch: int, batch: int) -> float | None:
        """The rate that a batch trains with; ``None`` where it is not told."""
        if not self.by_batch:
            return self._series[0].at(epoch)
        series = self._series[epoch]
        return series.at(batch) if series.open or batch < len(series) else None

    @property
    def first(self) -> float | None:
        """The first rate that is told."""
        return next((v for s in self._series for v in s.values if v is not None), None)


class RateCourse:
    """Moves a model's rate along, until somebody else sets it: then it is theirs.

    Args:
        rates: what the script says; ``None`` moves nothing.
    """

    def __init__(self, rates: ScriptedRates | None) -> None:
        self._rates = rates
        self._last: float | None = None

    @property
    def moves(self) -> bool:
        """Whether it moves the rate at all, still."""
        return self._rates is not None

    @property
    def by_batch(self) -> bool:
        """Whether the rate may move inside of an epoch."""
        return self._rates is not None and self._rates.by_batch

    def move(self, optimizer: Optimizer, now: object, epoch: int, batch: int) -> None:
        """Set the rate that a batch is to train with.

        Args:
            now: the rate as it is; several optimizers have none that a script moves.
        """
        if self._rates is None or (rate := self._rates.at(epoch, batch)) is None:
            return
        if self._last is not None and now != self._last:
            self._rates = None
            return
        self._last = rate
        if rate != now:
            optimizer.learning_rate = rate


def _series(name: str, source: Any) -> Series:
    __tracebackhide__ = True
    try:
        series = Series.of(source)
    except SeriesError as error:
        error.add_note(f"in {name}:\n{error.pointed_at}")
        raise
    except TypeError as error:
        raise RatesError(f"{name}: {error}") from error
    for value in series.values:
        if value is not None and not 0 <= value < float("inf"):
            raise RatesError(f"{name}: a rate is a number of 0 or more, not {value!r}")
    try:
        rounded = tuple(None if value is None else float32(value) for value in series.values)
    except OverflowError:
        raise RatesError(f"{name}: a rate is beyond float32 (about 3.4e38)") from None
    return Series(rounded, series.open)
