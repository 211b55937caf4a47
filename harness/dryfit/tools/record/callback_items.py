"""What a callback is in a scenario file: a name with settings, or why it cannot be written.

Settings are read off the callback: its constructor's parameters against its
attributes of the same names.
"""

import inspect
import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import PurePath
from string import Formatter
from typing import Any

import dryfit_fakes
from dryfit.scenario.known_callbacks import ACTORS
from dryfit.tools.record.kept_settings import keeps_it
from dryfit.tools.record.keras2_settings import made_settings
from dryfit.tools.record.module_names import importable_name
from dryfit.tools.record.own_sources import is_keras, methods
from dryfit.tools.record.recorded_paths import RecordedPaths, replayed_path
from dryfit_fakes.backend import keras
from dryfit_fakes.protocols import Callback

# Parameters that Keras keeps under other names (keras/src/callbacks, 3.15.1).
_KEPT_AS = {
    "CSVLogger": {"separator": "sep"},
    "ModelCheckpoint": {"initial_value_threshold": "best"},  # until training changes it
}
_LEFT_OUT = {
    "OrbaxCheckpoint": "it writes the state of a real model",
    "RemoteMonitor": "it sends numbers to a server",
    "SwapEMAWeights": "it swaps the variables of a real optimizer",
    "TensorBoard": "it writes about a real model",
}
_SHOWS = ("History", "ProgbarLogger")  # of which fit adds its own
_SAVES = ("BackupAndRestore", "ModelCheckpoint")
_MAKE_FOLDERS = _SAVES
_PATHS = ("backup_dir", "directory", "filename", "filepath", "log_dir")
_KEYWORD = inspect.Parameter.KEYWORD_ONLY
_VARIABLE = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)
_UNKNOWN = object()

BY_RATES = object()  # a schedule that is told by the rates that it gave


class CannotWriteError(Exception):
    """A callback that a scenario file cannot name; the message is the reason."""


@dataclass(frozen=True)
class Item:
    """A callback as a scenario file has it.

    Attributes:
        name: a bare name or ``module:Class``.
        settings: those that differ from their defaults, and all paths.
            A schedule that cannot be imported is `BY_RATES`.
        paths: files and folders among the settings, as they were set, and as written.
    """

    name: str
    settings: dict[str, Any]
    paths: dict[str, str] = field(default_factory=dict)

    @property
    def saves_by_count(self) -> bool:
        """Whether it saves whatever batches report, under names that do not say it either."""
        parts = [part for path in self.paths for part in Formatter().parse(path)]
        fields = {name for _, name, _, _ in parts if name is not None}
        plain = self.name in _SAVES and not self.settings.get("save_best_only")
        return plain and fields <= {"epoch", "batch"}

    def path(self, path: str) -> str | None:
        """What a file that it wrote is called in a replay; ``None`` if no setting says."""
        for given, written in self.paths.items():
            if (replayed := replayed_path(path, given, written)) is not None:
                return replayed
        return path if os.path.normpath(path) == PurePath(path).name else None


def is_shown_anyway(callback: Callback) -> bool:
    """Whether ``fit`` has a callback of this kind of its own."""
    return isinstance(callback, tuple(getattr(keras.callbacks, name) for name in _SHOWS))


def describe(callback: Callback, names: RecordedPaths) -> Item:
    """Say how a scenario file makes a callback like this one.

    Call it before training: callbacks keep their state beside their settings.

    Raises:
        CannotWriteError: a file cannot name its class, or a setting is no plain value.
    """
    item = Item(_name(callback), {})
    for parameter in _parameters(callback):
        value = _kept(callback, parameter.name)
        if value is _UNKNOWN:
            raise CannotWriteError(f"it does not keep its {parameter.name}")
        if getattr(value, "__self__", None) is callback and parameter.default is None:
            continue  # a method of its own, which it takes where it is given none
        if _is_told_by_rates(callback, parameter.name, value):
            item.settings["schedule"] = BY_RATES
        else:
            _set(item, parameter, value, names)
    return item


def _set(item: Item, parameter: inspect.Parameter, value: Any, names: RecordedPaths) -> None:
    name, default = parameter.name, _is_default(value, parameter.default)
    if default and not isinstance(value, str | os.PathLike):
        return
    value = plain_setting(name, value)
    if _is_path(name, value):  # written even by default: a replay stays in its own folder
        makes = item.name in _MAKE_FOLDERS
        item.settings[name] = item.paths.setdefault(value, names.written(value, makes))
    elif not default:
        item.settings[name] = value


def _is_told_by_rates(callback: Callback, parameter: str, value: object) -> bool:
    """Whether the rates that it gave say all of a scheduler: not where it has logic of its own."""
    if not isinstance(callback, keras.callbacks.LearningRateScheduler) or parameter != "schedule":
        return False
    return importable_name(value) is None and not methods(type(callback)).keys() - {"__init__"}


def _name(callback: Callback) -> str:
    kind = type(callback)
    for base in kind.__mro__:
        if is_keras(base) and base.__name__ in _LEFT_OUT:
            raise CannotWriteError(_LEFT_OUT[base.__name__])
    if not isinstance(callback, keras.callbacks.Callback):
        raise CannotWriteError("it is no keras.callbacks.Callback")
    name: str = kind.__name__
    if is_keras(kind) or (name in ACTORS and getattr(dryfit_fakes, name) is kind):
        return name
    if (path := importable_name(kind)) is None:
        raise CannotWriteError("its class cannot be imported")
    return path


def _parameters(callback: Callback) -> Iterator[inspect.Parameter]:
    """The parameters of a constructor, and of those that it hands its ``**kwargs`` on to."""
    seen = {"self"}
    for base in type(callback).__mro__:
        if "__init__" not in vars(base):
            continue
        parameters = list(inspect.signature(base.__init__).parameters.values())  # type: ignore[misc]
        if base is keras.callbacks.LambdaCallback:  # it takes every hook as a keyword
            hooks = (name for name in vars(callback) if name.startswith("on_"))
            parameters += [inspect.Parameter(n, _KEYWORD, default=None) for n in hooks]
        for parameter in parameters:
            if parameter.name not in seen and parameter.kind not in _VARIABLE:
                seen.add(parameter.name)
                yield parameter
        # Keras' own take other keywords only to ignore them.
        if is_keras(base) or all(p.kind is not p.VAR_KEYWORD for p in parameters):
            return


def _kept(callback: Callback, parameter: str) -> Any:
    """The value of a parameter, as the callback keeps it."""
    if (made := made_settings(callback).get(parameter)) is not None:
        return made(callback)
    kept_as = {k: v for base in type(callback).__mro__ for k, v in _renamed(base).items()}
    attribute = kept_as.get(parameter, parameter)
    kept = getattr(callback, "__dict__", {})
    for name in (attribute, f"_{attribute}"):
        if name in kept:
            value = kept[name]
            break
        if isinstance(getattr(type(callback), name, None), property):
            value = getattr(callback, name)
            break
    else:
        # A LambdaCallback keeps the hooks that it was given, and no others.
        return None if isinstance(callback, keras.callbacks.LambdaCallback) else _UNKNOWN
    if not keeps_it(type(callback), parameter, attribute):
        raise CannotWriteError(f"it keeps its {parameter} as something else")
    if parameter == "min_delta" and "monitor_op" in kept:
        return abs(value)  # Keras turns its sign round in place once it knows the direction
    return value


def _renamed(base: type) -> dict[str, str]:
    return _KEPT_AS.get(base.__name__, {}) if is_keras(base) else {}


def _is_default(value: object, default: object) -> bool:
    try:
        return type(value) is type(default) and bool(value == default)
    except ValueError:  # arrays
        return False


def plain_setting(parameter: str, value: object) -> Any:
    """A setting as plain data.

    Raises:
        CannotWriteError: it is none.
    """
    if getattr(value, "shape", None) == () and hasattr(value, "item"):
        value = value.item()
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, os.PathLike):
        return os.fspath(value)
    if isinstance(value, list | tuple):
        return [plain_setting(parameter, item) for item in value]
    if isinstance(value, dict) and all(isinstance(key, str) for key in value):
        return {key: plain_setting(parameter, item) for key, item in value.items()}
    if (path := importable_name(value)) is not None:
        return {"import": path}
    raise CannotWriteError(f"its {parameter} is {_shown(value)}, no plain value")


def _is_path(parameter: str, value: object) -> bool:
    if not isinstance(value, str):
        return False
    separated = any(sep in value for sep in (os.sep, os.altsep) if sep)
    return parameter in _PATHS or (separated and parameter != "monitor")


def _shown(value: object) -> str:
    text = repr(value)
    return type(value).__name__ if len(text) > 60 or " at 0x" in text else text
