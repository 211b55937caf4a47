"""The settings of a sweep: lists of callbacks, and which of them array programs can decide."""

import inspect
import math
import string
from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np

from dryfit.facts.notation import LARGEST, flow
from dryfit.facts.suggestions import did_you_mean
from dryfit.lanes.interrupts import came, held, opened
from dryfit.lanes.recorded_play import WALL_TIME_S
from dryfit.lanes.time_limit import ringing
from dryfit.recorder.notes import readable
from dryfit.scenario.alternatives import (
    Alternatives,
    Item,
    combinations,
    read_alternatives,
    varied_arguments,
)
from dryfit.scenario.construct import callback_maker, importable, make_callbacks
from dryfit.scenario.history_columns import RATES
from dryfit.scenario.trust import USUAL, Trust
from dryfit.scenario.usage import UsageError
from dryfit.tools.sweep.curve_arrays import CurveArrays
from dryfit.tools.sweep.vectorised import Arithmetic
from dryfit_fakes.backend import keras
from dryfit_fakes.metrics import known_direction

Setting: TypeAlias = tuple[Item, ...]

MOST_SETTINGS = 1_000_000
# What array programs know, argument by argument, of Keras' callbacks.
_KNOWN = {
    "EarlyStopping": "monitor min_delta patience verbose mode baseline restore_best_weights "
    "start_from_epoch",
    "ReduceLROnPlateau": "monitor factor patience verbose mode min_delta cooldown min_lr",
    "TerminateOnNaN": "raise_error",
    "ModelCheckpoint": "filepath monitor verbose save_best_only save_weights_only mode "
    "initial_value_threshold save_freq",
}
_NUMBERS = ("min_delta", "patience", "start_from_epoch", "factor", "cooldown", "min_lr")
_OR_NONE = ("baseline", "initial_value_threshold")
_RELEASES = ("3.15.",)  # whose sources the array programs were written from


@dataclass(frozen=True)
class SweptSettings:
    """Every combination that was asked for.

    Attributes:
        lists: of callbacks, one a setting.
        varied: of each setting, the arguments that tell it from the others.
        monitors: the metrics that callbacks monitor, and the mode of the first that does.
        trust: what the callbacks may do.
        folder: where their modules are found, besides what is installed.
    """

    lists: tuple[Setting, ...]
    varied: tuple[Mapping[str, Any], ...]
    monitors: Mapping[str, str]
    trust: Trust = USUAL
    folder: Path = Path()

    def __len__(self) -> int:
        return len(self.lists)

    def sources(self) -> tuple[str, ...]:
        """What the callbacks' own modules have in them: another source is another sweep."""
        told = []
        with self.importable():
            for name in dict.fromkeys(name for setting in self.lists for name, _ in setting):
                if ":" in name:
                    module = inspect.getmodule(callback_maker(name))
                    told.append(inspect.getsource(module) if module else name)
        return tuple(told)

    def importable(self) -> AbstractContextManager[None]:
        """Let the callbacks' own modules be found."""
        return importable(self.folder) if self.trust.imports else nullcontext()


def read_settings(
    items: Sequence[str], trust: Trust = USUAL, folder: Path = Path()
) -> SweptSettings:
    """Read callbacks with alternatives; construct each combination once, to see that it can be.

    Raises:
        UsageError: an item is no callback, an argument none of its, or Keras refuses it.
    """
    if not items:
        raise UsageError(
            "--with", "no callback; expected one, such as 'EarlyStopping: {patience: 3}'"
        )
    asked = [read_alternatives(text) for text in items]
    lists = tuple(combinations(asked, MOST_SETTINGS))
    made = SweptSettings(lists, tuple(map(varied_arguments(asked), lists)), {}, trust, folder)
    with made.importable():
        for item in asked:
            item.kind(trust)
        monitors: dict[str, str] = {}
        for setting in _each_alternative_once(asked, lists):
            for callback in constructed(setting, trust):
                monitor = getattr(callback, "monitor", None)
                if isinstance(monitor, str):
                    monitors.setdefault(monitor, str(getattr(callback, "mode", "auto")))
    return replace(made, monitors=monitors)


def constructed(setting: Setting, trust: Trust = USUAL, folder: Path = Path()) -> list[Any]:
    """Make the callbacks of a setting.

    Raises:
        UsageError: what a constructor raises.
    """
    made, late = [], f"it did not end within {WALL_TIME_S:g} s"
    with held():
        for (name, _), make in zip(
            setting, make_callbacks(setting, folder, trust=trust), strict=True
        ):
            try:
                with opened(), ringing(WALL_TIME_S, late):
                    made.append(make())
            except BaseException as error:
                if came():
                    raise
                told = f"{written(setting)}: {name} refuses it: {type(error).__name__}: "
                raise UsageError("--with", told + readable(error)) from None
    return made


def written(setting: Sequence[tuple[str, Mapping[str, Any]]]) -> str:
    """Write a list of callbacks as a person writes it.

    >>> written((("EarlyStopping", {"patience": 3}), ("TerminateOnNaN", {})))
    'EarlyStopping: {patience: 3}, TerminateOnNaN'
    """
    return ", ".join(
        f"{n}: {flow(dict(arguments))}" if arguments else n for n, arguments in setting
    )


def _each_alternative_once(
    asked: Sequence[Alternatives], lists: Sequence[Setting]
) -> Iterable[Setting]:
    """As few settings as have every alternative of every argument among them."""
    seen: set[str] = set()
    for setting in lists:
        told = {
            f"{index} {key} {value!r}"
            for index, (_, arguments) in enumerate(setting)
            for key, value in arguments.items()
        }
        if not told <= seen or not seen:
            seen |= told
            yield setting
        if not told:
            return


def direction_of(monitor: str, mode: str) -> bool | None:
    """Whether more of a metric is better; ``None`` where Keras does not know either."""
    name = monitor.removeprefix("val_")
    known = "down" if name == "loss" else known_direction(name)
    way = {"min": "down", "max": "up"}.get(mode, known)
    return None if way is None else way == "up"


def arithmetic() -> Arithmetic:
    """How the installed backend compares."""
    return Arithmetic(flushes=not bool(keras.ops.less(1e-40, 2e-40)))


def why_not_vectorised(settings: SweptSettings, curves: CurveArrays) -> str:
    """Say why array programs cannot decide a sweep; nothing where they can.

    Args:
        settings: what is asked for.
        curves: what it is asked of.
    """
    if not keras.__version__.startswith(_RELEASES):
        return f"keras {keras.__version__} is not among the releases that the array programs know"
    if keras.config.floatx() != "float32":
        return f"the backend compares in {keras.config.floatx()}"
    largest = max(
        (float(np.abs(v[np.isfinite(v)]).max(initial=0)) for v in curves.values.values()),
        default=0.0,
    )
    checked: set[str] = set()
    for setting in settings.lists:
        if [name for name, _ in setting].count("ReduceLROnPlateau") > 1:
            return "two ReduceLROnPlateau cut one rate"
        for name, arguments in setting:
            if (key := f"{name} {arguments!r}") not in checked:
                checked.add(key)
                if why := _why_not(name, arguments, largest):
                    return why
    return ""


def _why_not(name: str, arguments: Mapping[str, Any], largest: float) -> str:
    if name not in _KNOWN:
        return f"{name} has no array program"
    if unknown := set(arguments) - set(_KNOWN[name].split()):
        return f"{name} with {', '.join(sorted(unknown))} has no array program"
    for key in (*_NUMBERS, *_OR_NONE):
        value = arguments.get(key, 0)
        if value is None and key in _OR_NONE:
            continue
        if (
            isinstance(value, bool)
            or not isinstance(value, int | float)
            or not abs(value) < math.inf
        ):
            return f"{name} with {key}: {value} has no array program"
        # ops.less refuses what is beyond float32.
        if key in ("min_delta", *_OR_NONE) and largest + abs(value) > LARGEST:
            return f"{name} with {key}: {value} leaves float32"
    mode, monitor = arguments.get("mode", "auto"), arguments.get("monitor", "val_loss")
    if name == "TerminateOnNaN":
        return ""
    if not isinstance(monitor, str) or monitor in RATES:
        return f"{name} monitors {monitor}, which callbacks write"
    if direction_of(monitor, str(mode)) is None:
        return f"{name} does not know whether {monitor} is to rise or to fall"
    return _why_no_checkpoint(arguments) if name == "ModelCheckpoint" else ""


def _why_no_checkpoint(arguments: Mapping[str, Any]) -> str:
    if (
        arguments.get("save_best_only") is not True
        or arguments.get("save_freq", "epoch") != "epoch"
    ):
        return "ModelCheckpoint has an array program with save_best_only after an epoch alone"
    path = str(arguments.get("filepath", ""))
    fields = {field for _, field, _, _ in string.Formatter().parse(path.replace("{run_dir}", ""))}
    if fields - {None, "epoch"}:
        return "ModelCheckpoint has no array program with metrics in its filepath"
    return ""


def check_monitor(monitor: str, known: Iterable[str]) -> None:
    """Refuse a metric that no curve has.

    Raises:
        UsageError: with those that there are.
    """
    names = list(known)
    if monitor not in names:
        hint = did_you_mean(monitor, names) or "."
        raise UsageError("--monitor", f"no curve has {monitor}{hint} They have {', '.join(names)}")
