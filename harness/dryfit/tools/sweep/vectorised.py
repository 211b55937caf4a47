"""Keras' callbacks as array programs: what each decides on many curves at once.

They decide what the installed callbacks decide, known defects included; that they do is
what a sweep's audit holds them to. Source: ``keras/src/callbacks/`` of 3.15.1, the files
``monitor_callback.py``, ``early_stopping.py``, ``reduce_lr_on_plateau.py``,
``terminate_on_nan.py`` and ``model_checkpoint.py``.

A callback's decisions depend on a curve alone, since a recorded curve does not change: each
is followed to the end of every curve, and what comes after a stop is cut off at last.
Nothing here loads Keras: a worker needs numpy alone.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from dryfit.tools.sweep.curve_arrays import NEVER, Counts, CurveArrays, Flags, Floats

_TINY = np.float32(np.finfo(np.float32).tiny)

Doubles = NDArray[np.float64]


@dataclass(frozen=True)
class Arithmetic:
    """How the installed backend compares two numbers.

    Attributes:
        flushes: whether it takes denormal numbers for 0, as TensorFlow does on a CPU.
    """

    flushes: bool

    def seen(self, values: ArrayLike) -> Floats:
        """Values as a comparison sees them, in float32."""
        single = np.asarray(values, np.float32)
        return np.where(np.abs(single) < _TINY, np.float32(0), single) if self.flushes else single


@dataclass(frozen=True)
class Monitored:
    """A metric over all curves, as a callback that monitors it compares it.

    Attributes:
        there: where it has a value.
        value: what is remembered as the best.
        shifted: what is held against the best: ``value`` less ``min_delta``, in float32.
        up: whether more is better.
        arithmetic: how two numbers are compared.
    """

    there: Flags
    value: Floats
    shifted: Floats
    up: bool
    arithmetic: Arithmetic

    def better(self, epoch: int, than: Floats) -> Flags:
        """Where an epoch's value is an improvement (``_is_improvement``)."""
        shifted = self.shifted[epoch]
        better: Flags = shifted > than if self.up else shifted < than
        return better


def monitored(
    curves: CurveArrays, name: str, up: bool, min_delta: float, arithmetic: Arithmetic
) -> Monitored:
    """Find a metric, and what of it is compared.

    ``monitor_value - self.min_delta`` is a Python float, which ``ops.less`` makes float32;
    ``min_delta`` is ``abs(min_delta)``, and negative where less is better.
    """
    value = curves.values[name]
    delta = abs(min_delta) if up else -abs(min_delta)
    with np.errstate(over="ignore", invalid="ignore"):
        shifted = (value.astype(np.float64) - delta).astype(np.float32)
    seen = arithmetic.seen
    return Monitored(curves.there[name], seen(value), seen(shifted), up, arithmetic)


@dataclass(frozen=True)
class Improvements:
    """Where a metric is an improvement on the best so far, ``[epoch, curve]``.

    Attributes:
        active: where the callback looks at the metric.
        improved: where it is an improvement; the first value always is.
    """

    active: Flags
    improved: Flags


def improvements(metric: Monitored, active: Flags, best: float | None = None) -> Improvements:
    """Follow the best value of every curve.

    Args:
        metric: what is looked at.
        active: where it is.
        best: the best before the first epoch, ``None`` for none yet.
    """
    epochs, curves = metric.value.shape
    improved = np.zeros((epochs, curves), np.bool_)
    best_so_far = np.full(curves, np.nan if best is None else best, np.float32)
    if best is not None:
        best_so_far = metric.arithmetic.seen(best_so_far)
    known = np.full(curves, best is not None)
    for epoch in range(epochs):
        better = metric.better(epoch, best_so_far)
        better |= ~known
        better &= active[epoch]
        np.copyto(best_so_far, metric.value[epoch], where=better)
        known |= better
        improved[epoch] = better
    return Improvements(active, improved)


@dataclass(frozen=True)
class Waiting:
    """How ``EarlyStopping`` waits, whatever its patience is.

    Attributes:
        first_epoch_of_wait: ``[wait, curve]`` the first epoch in which it may stop after so
            long a wait, or the number of epochs where there is none.
        improved: ``[epoch, curve]`` where it takes the weights for the best.
        active: where it looks at the metric.
    """

    first_epoch_of_wait: Counts
    improved: Flags
    active: Flags

    def stops(self, patience: float) -> Counts:
        """The epoch in which each curve is stopped."""
        most = len(self.first_epoch_of_wait) - 1
        row = most if math.isinf(patience) and patience > 0 else math.ceil(max(patience, 0))
        stops: Counts = self.first_epoch_of_wait[min(row, most)]
        return stops


def early_stopping(
    curves: CurveArrays, metric: Monitored, *, baseline: float | None, start_from_epoch: float
) -> Waiting:
    """Follow ``wait`` once for every curve: any patience is a threshold on it."""
    epochs, count = metric.value.shape
    index = np.arange(epochs)[:, None] + curves.first
    active = metric.there & (index >= start_from_epoch)
    found = improvements(metric, active)
    restarts = found.improved
    if baseline is not None:
        bar = metric.arithmetic.seen(baseline)
        restarts = restarts & (metric.shifted > bar if metric.up else metric.shifted < bar)
    # An improvement that misses the baseline goes on waiting, and returns before it may stop.
    # "epoch > 0": the first epoch of all never stops.
    may_stop = active & ~found.improved & (index > 0)
    first = np.full((epochs + 2, count), epochs, np.int32)
    wait = np.zeros(count, np.int32)
    longest = np.zeros(count, np.int32)
    for epoch in range(epochs):
        wait += active[epoch]
        wait[restarts[epoch]] = 0
        rows = np.flatnonzero(may_stop[epoch] & (wait > longest))
        longest[rows] = wait[rows]
        first[wait[rows], rows] = epoch
    # Who has waited longer has waited long enough.
    first = np.minimum.accumulate(first[::-1], axis=0)[::-1]
    return Waiting(first, found.improved, active)


def restored_epoch(curves: CurveArrays, waiting: Waiting, last: Counts) -> Counts:
    """The epoch whose weights are put back when training ends after an epoch.

    Args:
        curves: all of them.
        waiting: how it waited.
        last: the last epoch that ran to its end, by its place in the curve; -1 for none.
    """
    epochs, count = waiting.improved.shape
    place = np.where(waiting.improved, np.arange(epochs, dtype=np.int32)[:, None], NEVER)
    best = np.maximum.accumulate(place, axis=0)
    at = best[np.maximum(last, 0), np.arange(count)]
    return np.where((last < 0) | (at < 0), NEVER, at + curves.first).astype(np.int32)


@dataclass(frozen=True)
class Rates:
    """What ``ReduceLROnPlateau`` makes of the rate.

    Attributes:
        after: ``[epoch, curve]`` the rate after each epoch.
        cut: where it was cut.
    """

    after: Floats
    cut: Flags


def reduce_lr_on_plateau(
    found: Improvements,
    rate: Floats,
    *,
    factor: float,
    patience: float,
    cooldown: float,
    min_lr: float,
) -> Rates:
    """Follow wait and cooldown of every curve.

    Args:
        found: where the metric improves.
        rate: what each curve begins with.
        factor: as the callback's, like those below.
        patience: in epochs.
        cooldown: in epochs.
        min_lr: what the rate is not cut below.
    """
    epochs, count = found.improved.shape
    after = np.empty((epochs, count), np.float32)
    cut = np.zeros((epochs, count), np.bool_)
    wait = np.zeros(count, np.int32)
    resting = np.zeros(count, np.float64)
    for epoch in range(epochs):
        active, improved = found.active[epoch], found.improved[epoch]
        in_cooldown = active & (resting > 0)
        resting -= in_cooldown
        wait[in_cooldown | improved] = 0
        counting = active & ~improved & ~(resting > 0)
        wait += counting
        due = counting & (wait >= patience) & (rate > np.float32(min_lr))
        lower = np.maximum(rate.astype(np.float64) * factor, min_lr).astype(np.float32)
        rate = np.where(due, lower, rate)
        resting[due] = cooldown
        wait[due] = 0
        after[epoch], cut[epoch] = rate, due
    return Rates(after, cut)


def terminate_on_nan(curves: CurveArrays) -> Counts:
    """The epoch in whose first batch the loss is nan or inf, by its place in the curve."""
    epochs, count = curves.rates.shape
    if "loss" not in curves.values:
        return np.full(count, epochs, np.int32)
    broken = curves.there["loss"] & ~np.isfinite(curves.values["loss"])
    first: Counts = np.where(broken.any(0), broken.argmax(0), epochs).astype(np.int32)
    return first


def model_checkpoint(metric: Monitored, threshold: float | None, epochs: Counts) -> Flags:
    """Where the model is saved: also where the metric is not there, and beats nothing."""
    best = improvements(metric, metric.there, threshold)
    recorded = np.arange(len(metric.there))[:, None] < epochs
    return recorded & (best.improved | ~metric.there)
