"""Lists of callbacks as array programs: what each decides, cut off where the first one stops."""

from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

import numpy as np
from numpy.typing import ArrayLike

from dryfit.tools.sweep import vectorised as programs
from dryfit.tools.sweep.curve_arrays import NEVER, Counts, CurveArrays, Floats
from dryfit.tools.sweep.outcomes import Outcomes, empty
from dryfit.tools.sweep.vectorised import Arithmetic, Improvements, Monitored, Waiting

_T = TypeVar("_T")

Item = tuple[str, Mapping[str, Any]]
Directions = Mapping[tuple[str, str], bool]

SAME_RATE = 1e-6  # relative, as a scenario's rates are compared
_REMEMBERED = 16
# Curves that are decided together: their traces, of 100 epochs, are half a megabyte each and
# stay in a core's cache, and memory does not grow with the number of curves.
_TOGETHER = 1000


def decide(
    curves: CurveArrays,
    settings: Sequence[Sequence[Item]],
    directions: Directions,
    arithmetic: Arithmetic,
) -> Outcomes:
    """Decide every setting on every curve, a thousand curves at a time.

    Args:
        curves: all of them have what is monitored.
        settings: lists of callbacks that have array programs.
        directions: whether more is better, by ``(monitor, mode)``.
        arithmetic: how the installed backend compares.
    """
    made = empty(len(settings), curves)
    for start in range(0, len(curves), _TOGETHER):
        some = curves.part(start, start + _TOGETHER)
        part = ArrayLists(some, directions, arithmetic).decide(settings)
        made.put(slice(len(settings)), slice(start, start + len(some)), part)
    return made


class ArrayLists:
    """Decides settings on some curves.

    What callbacks share but for their patience is followed once and remembered.

    Args:
        curves: all of them have what is monitored.
        directions: whether more is better, by ``(monitor, mode)``.
        arithmetic: how the installed backend compares.
    """

    def __init__(self, curves: CurveArrays, directions: Directions, arithmetic: Arithmetic) -> None:
        self._curves, self._directions, self._arithmetic = curves, directions, arithmetic
        self._known: OrderedDict[tuple[Any, ...], Any] = OrderedDict()

    def decide(self, settings: Sequence[Sequence[Item]]) -> Outcomes:
        """Decide every setting; those that share a trace one after the other."""
        made = empty(len(settings), self._curves)
        order = sorted(range(len(settings)), key=lambda row: repr(_shared(settings[row])))
        for row in order:
            self._one(settings[row], made, row)
        return made

    def _one(self, setting: Sequence[Item], made: Outcomes, row: int) -> None:
        curves = self._curves
        stop, raised = self._stops(setting)
        # A raise in a batch comes before the end of its epoch; a stop in it does not.
        last = np.where(raised, stop - 1, np.minimum(stop, curves.epochs - 1)).astype(np.int32)
        stopped = stop < curves.longest
        made.epochs[row] = last + 1
        made.stopped[row] = np.where(stopped, stop + curves.first, NEVER)
        made.saves[row] = made.cuts[row] = 0
        made.last_rate[row] = curves.begins_with
        for name, arguments in setting:
            if name == "EarlyStopping" and arguments.get("restore_best_weights"):
                restored = programs.restored_epoch(curves, self._waiting(arguments), last)
                mine = ~raised & (restored != NEVER)
                np.copyto(made.restored[row], restored, where=mine)
            elif name == "ReduceLROnPlateau":
                self._rates(arguments, last, raised, made, row)
            elif name == "ModelCheckpoint":
                self._saves(arguments, last, made, row)

    def _stops(self, setting: Sequence[Item]) -> tuple[Counts, Any]:
        longest = self._curves.longest
        stop = np.full(len(self._curves), longest, np.int32)
        raises = stop
        for name, arguments in setting:
            if name == "EarlyStopping":
                waiting = self._waiting(arguments)
                stop = np.minimum(stop, waiting.stops(arguments.get("patience", 0)))
            elif name == "TerminateOnNaN":
                broken = self._remembered(("nan",), lambda: programs.terminate_on_nan(self._curves))
                stop = np.minimum(stop, broken)
                raises = np.minimum(raises, broken) if arguments.get("raise_error") else raises
        return stop, (raises <= stop) & (raises < longest)

    def _rates(
        self, arguments: Mapping[str, Any], last: Counts, raised: Any, made: Outcomes, row: int
    ) -> None:
        curves = self._curves
        found = self._improvements(arguments, arguments.get("min_delta", 1e-4))
        rates = programs.reduce_lr_on_plateau(
            found,
            curves.begins_with,
            factor=arguments.get("factor", 0.1),
            patience=arguments.get("patience", 10),
            cooldown=arguments.get("cooldown", 0),
            min_lr=arguments.get("min_lr", 0.0),
        )
        before = np.concatenate([curves.begins_with[None], rates.after[:-1]])
        ran = np.arange(curves.longest)[:, None] <= last
        made.cuts[row] = ((rates.after < before) & ran).sum(0)
        at = np.maximum(last, 0), np.arange(len(curves))
        made.last_rate[row] = np.where(last < 0, curves.begins_with, rates.after[at])
        begun = np.arange(curves.longest)[:, None] <= last + raised
        other = differs(before, curves.rates, curves.begins_with) & begun
        made.other_rates_from[row] = np.where(other.any(0), other.argmax(0) + curves.first, NEVER)

    def _saves(self, arguments: Mapping[str, Any], last: Counts, made: Outcomes, row: int) -> None:
        curves, index = self._curves, np.arange(self._curves.longest, dtype=np.int32)[:, None]
        metric = self._monitored(arguments, 0)
        threshold = arguments.get("initial_value_threshold")
        saved = programs.model_checkpoint(metric, threshold, curves.epochs) & (index <= last)
        made.saves[row] += saved.sum(0, dtype=np.int32)
        latest = np.where(saved, index + curves.first, NEVER).max(0)
        made.last_save[row] = np.maximum(made.last_save[row], latest)

    def _waiting(self, arguments: Mapping[str, Any]) -> Waiting:
        return self._remembered(
            _trace("EarlyStopping", arguments),
            lambda: programs.early_stopping(
                self._curves,
                self._monitored(arguments, arguments.get("min_delta", 0)),
                baseline=arguments.get("baseline"),
                start_from_epoch=arguments.get("start_from_epoch", 0),
            ),
        )

    def _improvements(self, arguments: Mapping[str, Any], min_delta: float) -> Improvements:
        metric = self._monitored(arguments, min_delta)
        key = ("improvements", arguments.get("monitor"), arguments.get("mode"), min_delta)
        return self._remembered(key, lambda: programs.improvements(metric, metric.there))

    def _monitored(self, arguments: Mapping[str, Any], min_delta: float) -> Monitored:
        monitor, mode = arguments.get("monitor", "val_loss"), arguments.get("mode", "auto")
        up = self._directions[monitor, mode]
        key = ("monitored", monitor, up, min_delta)
        return self._remembered(
            key,
            lambda: programs.monitored(self._curves, monitor, up, min_delta, self._arithmetic),
        )

    def _remembered(self, key: tuple[Any, ...], make: Callable[[], _T]) -> _T:
        if key not in self._known:
            self._known[key] = make()
            if len(self._known) > _REMEMBERED:
                self._known.popitem(last=False)
        self._known.move_to_end(key)
        found: _T = self._known[key]
        return found


def differs(rates: ArrayLike, recorded: Floats, begins_with: Floats) -> Any:
    """Where rates are others than the recorded ones; nobody knows of any, the first holds.

    Args:
        rates: ``[epoch, curve]`` what epochs are trained with.
        recorded: the same of the recording; nan where it does not say.
        begins_with: what each recording begins with.
    """
    silent = np.isnan(recorded)
    constant = silent.all(0)
    other = np.where(silent, begins_with, recorded).astype(np.float64)
    mine = np.asarray(rates, np.float64)
    far = np.abs(mine - other) > SAME_RATE * np.maximum(np.abs(mine), np.abs(other))
    return far & (~silent | constant)


def _shared(setting: Sequence[Item]) -> list[tuple[Any, ...]]:
    return [_trace(name, arguments) for name, arguments in setting]


def _trace(name: str, arguments: Mapping[str, Any]) -> tuple[Any, ...]:
    """What a callback's trace depends on; of `EarlyStopping` all but its patience."""
    kept = {
        key: value
        for key, value in arguments.items()
        if key not in ("patience", "verbose", "restore_best_weights")
    }
    return (name, *sorted((key, repr(value)) for key, value in kept.items()))
