"""Many curves as arrays: an axis of epochs, then an axis of curves."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from hashlib import sha256
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dryfit.scenario.history_columns import RATES
from dryfit_fakes.float32 import float32

Floats = NDArray[np.float32]
Flags = NDArray[np.bool_]
Counts = NDArray[np.int32]

NEVER = -1


@dataclass(frozen=True, slots=True)
class SweptCurve:
    """What one training reported.

    Attributes:
        id: what tells it from all others of a sweep.
        first_epoch: the index of its first epoch.
        metrics: by name a value for each epoch, ``None`` where there was none.
        rates: the learning rate that each epoch was trained with, ``None`` where unknown.
        begins_with: the rate before the first epoch.
        is_whole: whether training ended here because it was planned so.
    """

    id: str
    first_epoch: int
    metrics: Mapping[str, tuple[float | None, ...]]
    rates: tuple[float | None, ...] = ()
    begins_with: float | None = None
    is_whole: bool = False

    @property
    def epochs(self) -> int:
        """How many epochs there are."""
        return len(next(iter(self.metrics.values())))


@dataclass(frozen=True)
class CurveArrays:
    """Curves side by side; where one has ended, it has no values.

    Attributes:
        ids: of each curve.
        first: the index of each one's first epoch.
        epochs: how many each one has.
        values: by metric ``[epoch, curve]``, float32 as Keras reports them.
        there: by metric, where there is a value; one that is nan is there.
        rates: ``[epoch, curve]`` the recorded learning rates, nan where unknown.
        begins_with: the rate that each one begins with.
        is_whole: whether each one ended because it was planned so.
    """

    ids: tuple[str, ...]
    first: Counts
    epochs: Counts
    values: Mapping[str, Floats]
    there: Mapping[str, Flags]
    rates: Floats
    begins_with: Floats
    is_whole: Flags

    @property
    def longest(self) -> int:
        """How many epochs the arrays have: those of the longest of all curves."""
        return len(self.rates)

    def __len__(self) -> int:
        return len(self.ids)

    def part(self, start: int, end: int) -> "CurveArrays":
        """Some curves next to each other."""
        part = slice(start, end)
        return replace(
            self,
            ids=self.ids[part],
            first=self.first[part],
            epochs=self.epochs[part],
            values={name: array[:, part] for name, array in self.values.items()},
            there={name: array[:, part] for name, array in self.there.items()},
            rates=self.rates[:, part],
            begins_with=self.begins_with[part],
            is_whole=self.is_whole[part],
        )

    def curve(self, index: int) -> SweptCurve:
        """One of them, as it was read."""
        length = int(self.epochs[index])
        metrics: dict[str, tuple[float | None, ...]] = {}
        for name, array in self.values.items():
            there = self.there[name][:length, index]
            if there.any():
                pairs = zip(array[:length, index].tolist(), there.tolist(), strict=True)
                metrics[name] = tuple(value if known else None for value, known in pairs)
        rates = tuple(
            None if rate != rate else rate for rate in self.rates[:length, index].tolist()
        )
        begins = float(self.begins_with[index])
        whole = bool(self.is_whole[index])
        return SweptCurve(self.ids[index], int(self.first[index]), metrics, rates, begins, whole)

    @cached_property
    def fingerprint(self) -> str:
        """What is in them, in short."""
        told = sha256(repr((self.ids, sorted(self.values))).encode())
        arrays: list[Any] = [self.first, self.epochs, self.rates, self.begins_with, self.is_whole]
        for name in sorted(self.values):
            arrays += [self.values[name], self.there[name]]
        for array in arrays:
            told.update(np.ascontiguousarray(array).tobytes())
        return told.hexdigest()[:32]


def as_arrays(curves: Sequence[SweptCurve], default_rate: float = 0.01) -> CurveArrays:
    """Put curves side by side.

    Args:
        curves: at least one.
        default_rate: what those begin with whose rate nobody knows; a scripted model's.
    """
    shape = max(curve.epochs for curve in curves), len(curves)
    names = dict.fromkeys(name for curve in curves for name in curve.metrics)
    values = {name: np.full(shape, np.nan, np.float32) for name in names}
    there = {name: np.zeros(shape, np.bool_) for name in names}
    rates = np.full(shape, np.nan, np.float32)
    for index, curve in enumerate(curves):
        for name, column in curve.metrics.items():
            known = np.array([value is not None for value in column])
            there[name][: len(column), index] = known
            values[name][: len(column), index] = [np.nan if v is None else v for v in column]
        rates[: len(curve.rates), index] = [np.nan if r is None else r for r in curve.rates]
    begins = [default_rate if curve.begins_with is None else curve.begins_with for curve in curves]
    return CurveArrays(
        tuple(curve.id for curve in curves),
        np.array([curve.first_epoch for curve in curves], np.int32),
        np.array([curve.epochs for curve in curves], np.int32),
        values,
        there,
        rates,
        np.array(begins, np.float32),
        np.array([curve.is_whole for curve in curves], np.bool_),
    )


def with_rates(curve_id: str, first_epoch: int, metrics: Mapping[str, Any]) -> SweptCurve:
    """A curve of logged columns, of which one may have the learning rates."""
    columns = dict(metrics)
    rates = next((tuple(columns.pop(key)) for key in RATES if key in columns), ())
    if any(rate is not None and not 0 <= rate < np.inf for rate in rates):
        rates = ()
    begins = next((float32(rate) for rate in rates if rate is not None), None)
    return SweptCurve(curve_id, first_epoch, columns, rates, begins)
