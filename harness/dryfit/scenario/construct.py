"""Callbacks by name: Keras' own, ours, and a project's, with arguments from a file."""

import importlib
import os
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import dryfit_fakes
from dryfit.scenario.problems import did_you_mean
from dryfit_fakes.backend import keras

ACTORS = ("EvaluateAt", "PredictAt", "RaiseAt", "SetLearningRateAt", "StopAt", "WriteLogs")


class ConstructionError(ValueError):
    """A callback that cannot be made of what the file says."""


def make_callbacks(
    items: tuple[tuple[str, dict[str, Any]], ...], run_dir: Path
) -> Iterator[Callable[[], Any]]:
    """Resolve names and arguments; hand out what makes each callback.

    Importing and resolving happen here, with clear errors; calling the maker is
    the callback's own constructor, whose exception is its own.

    Raises:
        ConstructionError: a name that is no callback, or an import that fails.
    """
    for name, arguments in items:
        kind = callback_class(name)
        values = {key: resolve(value, run_dir) for key, value in arguments.items()}
        yield partial(kind, **values)


def resolve(value: Any, run_dir: Path) -> Any:
    """Turn a file's value into an argument: imports, piecewise schedules, the run's folder.

    Raises:
        ConstructionError: an import that fails, or a schedule without epoch 0.
    """
    if isinstance(value, str):
        return value.replace("{run_dir}", str(run_dir))
    if isinstance(value, list):
        return [resolve(item, run_dir) for item in value]
    if not isinstance(value, dict):
        return value
    if set(value) == {"import"}:
        return import_name(str(value["import"]))
    if set(value) == {"piecewise"}:
        return _piecewise(value["piecewise"])
    return {key: resolve(item, run_dir) for key, item in value.items()}


def import_name(text: str) -> Any:
    """Import ``pkg.module:name``.

    Raises:
        ConstructionError: the module or the name is not there.
    """
    module_name, _, path = text.partition(":")
    if not module_name or not path:
        raise ConstructionError(f"{text!r} is no import; write 'pkg.module:name'")
    try:
        found: Any = importlib.import_module(module_name)
    except ModuleNotFoundError as error:
        raise ConstructionError(
            f"{text!r}: no module {error.name!r}; importable are installed packages, the working "
            "directory and the folder of the scenario file"
        ) from None
    except Exception as error:
        raise ConstructionError(
            f"{text!r}: importing it raised {type(error).__name__}: {error}"
        ) from error
    for part in path.split("."):
        if not hasattr(found, part):
            names = [name for name in dir(found) if not name.startswith("_")]
            raise ConstructionError(
                f"{text!r}: {module_name} has no {part!r}{did_you_mean(part, names)}"
            )
        found = getattr(found, part)
    return found


@contextmanager
def importable(folder: Path) -> Iterator[None]:
    """Let a scenario's own modules be imported: from the working directory and its folder.

    Modules of the folder are forgotten afterwards: another folder may have one of
    the same name.
    """
    paths = [str(folder.resolve()), os.getcwd()]
    before = set(sys.modules)
    sys.path[:0] = paths
    try:
        yield
    finally:
        for path in paths:
            sys.path.remove(path)
        for name in set(sys.modules) - before:
            origin = getattr(sys.modules[name], "__file__", None) or ""
            if Path(origin).parent == folder.resolve():
                del sys.modules[name]


def callback_class(name: str) -> Any:
    """Find a callback's class by its name in a file.

    Raises:
        ConstructionError: there is none of that name, or it is no callback.
    """
    if ":" in name:
        found = import_name(name)
        if not isinstance(found, type):
            raise ConstructionError(f"{name!r} is {found!r}, no class")
        if not issubclass(found, keras.callbacks.Callback):
            raise ConstructionError(f"{name!r} is no callback: not a keras.callbacks.Callback")
        return found
    if name in ACTORS:
        return getattr(dryfit_fakes, name)
    found = getattr(keras.callbacks, name, None)
    if isinstance(found, type) and issubclass(found, keras.callbacks.Callback):
        return found
    known = [*ACTORS, *(n for n in dir(keras.callbacks) if n[0].isupper())]
    raise ConstructionError(
        f"unknown callback {name!r}{did_you_mean(name, known) or '.'} Known are those of "
        f"keras.callbacks, and {', '.join(ACTORS)}; your own is 'pkg.module:Class'"
    )


def _piecewise(steps: Any) -> Callable[[int], float]:
    try:
        rates = sorted((int(epoch), float(rate)) for epoch, rate in steps.items())
    except (AttributeError, TypeError, ValueError):
        raise ConstructionError(
            f"piecewise takes rates by epoch, such as {{0: .1, 5: .01}}, not {steps!r}"
        ) from None
    if not rates or rates[0][0] != 0:
        raise ConstructionError("piecewise needs a rate for epoch 0")

    def schedule(epoch: int) -> float:
        return next(rate for first, rate in reversed(rates) if first <= epoch)

    return schedule


def resolve_keys(given: Mapping[str, Any], run_dir: Path) -> dict[str, Any]:
    """Resolve the imports among a script's keys."""
    return {
        name: resolve(value, run_dir) if isinstance(value, dict) and "import" in value else value
        for name, value in given.items()
    }
