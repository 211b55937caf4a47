"""Callbacks by name: Keras' own, ours, and a project's, with arguments from a file."""

import importlib
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from types import FunctionType
from typing import Any

import dryfit_fakes
from dryfit.facts.own_line import own_line
from dryfit.facts.suggestions import did_you_mean
from dryfit.lanes.interrupts import came
from dryfit.scenario.known_callbacks import ACTORS
from dryfit.scenario.own_modules import TwoModulesError, check_unambiguous
from dryfit.scenario.own_modules import importable as importable
from dryfit.scenario.parameters import meant_argument
from dryfit.scenario.run_folder import OutsideError, check_arguments
from dryfit.scenario.schema import BY_NAME
from dryfit.scenario.trust import USUAL, Trust
from dryfit.scenario.usage import ARGUMENTS_HINT
from dryfit_fakes.backend import keras
from dryfit_fakes.keras_of_process import of_another_keras
from dryfit_fakes.protocols import Callback, Plain

_CLOSE = 0.8  # as alike as a misspelt word is
_MOST_NAMED = 9


class ConstructionError(ValueError):
    """A callback that cannot be made of what the file says."""


def make_callbacks(
    items: tuple[tuple[str, dict[str, Any]], ...], run_dir: Path, *, trust: Trust = USUAL
) -> Iterator[Callable[[], Callback]]:
    """Resolve names and arguments; hand out what makes each callback.

    Importing and resolving happen here, with clear errors; calling the maker is
    the callback's own constructor, whose exception is its own.

    Args:
        items: names and arguments, as a file has them.
        run_dir: the run's folder.
        trust: whether Keras' callbacks may write and delete outside of it.

    Raises:
        ConstructionError: a name that is no callback, an import that fails, or a path
            that leads out of the run's folder.
    """
    for name, arguments in items:
        kind = callback_maker(name)
        yield partial(_made, name, kind, _resolved(kind, arguments, run_dir, trust))


def make_callback(
    name: str,
    kind: Callable[..., Any],
    arguments: Mapping[str, Any],
    run_dir: Path,
    trust: Trust = USUAL,
) -> Callback:
    """Make a callback of its class or of a function, with arguments as a file has them.

    Args:
        name: what a file calls it.
        kind: the class or function.
        arguments: by name.
        run_dir: the run's folder.
        trust: as in `make_callbacks`.

    Raises:
        ConstructionError: as in `make_callbacks`, or what comes out is no callback.
        BaseException: whatever the constructor raises.
    """
    made: Callback = _made(name, kind, _resolved(kind, arguments, run_dir, trust))
    return made


def constructed(item: tuple[str, Mapping[str, Any]], trust: Trust = USUAL) -> Callback:
    """Make one callback of its name and arguments, as a file has them.

    Raises:
        ConstructionError: as in `make_callbacks`, or what the constructor raised, and where.
    """
    name, arguments = item
    (make,) = make_callbacks(((name, dict(arguments)),), Path.cwd(), trust=trust)
    try:
        made: Callback = make()
    except ConstructionError:
        raise
    except BaseException as error:
        if came():
            raise
        place = own_line(error)
        told = f"{type(error).__name__}: {error}".removesuffix(": ")
        hint = meant_argument(callback_maker(name), error)
        if isinstance(error, TypeError) and not hint:
            hint = f"; {ARGUMENTS_HINT}"
        raise ConstructionError(
            f"{as_call(name, arguments)} raised {told}{f' ({place})' if place else ''}{hint}"
        ) from error
    return made


def as_call(name: str, arguments: Mapping[str, Any]) -> str:
    """A callback's name and arguments as they are called."""
    return f"{name}({', '.join(f'{key}={value!r}' for key, value in arguments.items())})"


def _resolved(
    kind: Callable[..., Any], arguments: Mapping[str, Any], run_dir: Path, trust: Trust
) -> dict[str, Any]:
    values = {key: resolve(value, run_dir) for key, value in arguments.items()}
    if not trust.outside and isinstance(kind, type):
        try:
            check_arguments(kind, values, run_dir)
        except OutsideError as error:
            raise ConstructionError(str(error)) from None
    imported = [key for key, value in arguments.items() if _is_import(value)]
    # Not made anew, as a list that stands in the file is: all callbacks have the one object.
    return values | {key: _Factory(partial(_itself, values[key])) for key in imported}


def _made(name: str, kind: Callable[..., Any], values: Mapping[str, Any]) -> Any:
    """Call a class or a function, each factory among its arguments before."""
    made = kind(**{key: _called(value) for key, value in values.items()})
    if not isinstance(made, keras.callbacks.Callback):
        raise ConstructionError(f"{name!r} made {made!r}, no keras.callbacks.Callback")
    return made


@dataclass(frozen=True)
class _Factory:
    """What makes an argument, anew for each callback."""

    call: Callable[[], Any]


def _itself(value: object) -> object:
    return value


def _is_import(value: object) -> bool:
    return isinstance(value, dict) and set(value) == {"import"}


def _called(value: object) -> Any:
    if isinstance(value, _Factory):
        return value.call()
    if isinstance(value, list):
        return [_called(item) for item in value]
    if isinstance(value, dict):
        return {key: _called(item) for key, item in value.items()}
    return value


def resolve(value: Plain, run_dir: Path) -> Any:
    """Turn a file's value into an argument: imports, calls, piecewise schedules, the run's folder.

    Raises:
        ConstructionError: an import that fails, a schedule without epoch 0, or one of these
            misspelt.
    """
    if isinstance(value, str):
        for field in re.findall(r"\{([^{}]+)\}", value.replace("{run_dir}", "")):
            if did_you_mean(field.partition(":")[0].strip(), ["run_dir"], _CLOSE):
                raise ConstructionError(f"{value!r}: did you mean {{run_dir}}?")
        return value.replace("{run_dir}", str(run_dir))
    if isinstance(value, list):
        return [resolve(item, run_dir) for item in value]
    if not isinstance(value, dict):
        return value
    if _is_import(value):
        return import_name(str(value["import"]))
    if set(value) == {"call"}:
        return _Factory(_callable(str(value["call"])))
    if set(value) == {"piecewise"}:
        return _piecewise(value["piecewise"])
    for key, given in value.items() if len(value) == 1 else ():
        if hint := did_you_mean(key, _made_of(given), _CLOSE):
            raise ConstructionError(f"{{{key}: ...}} makes no argument{hint}")
    return {key: resolve(item, run_dir) for key, item in value.items()}


def _made_of(given: Plain) -> tuple[str, ...]:
    """The keys behind which such a value makes an argument of something else."""
    if isinstance(given, dict):
        return ("piecewise",) if all(str(key).isdecimal() for key in given) else ()
    named = isinstance(given, str) and re.fullmatch(r"[^\W\d][\w.]*:[^\W\d][\w.]*", given)
    return ("import", "call") if named else ()


def _callable(text: str) -> Callable[[], Any]:
    found = import_name(text)
    if not callable(found):
        raise ConstructionError(
            f"{{call: {text}}}: {found!r} cannot be called; write {{import: {text}}}"
        )
    made: Callable[[], Any] = found
    return made


def import_name(text: str) -> Any:
    """Import ``pkg.module:name``.

    Raises:
        ConstructionError: the module or the name is not there.
    """
    module_name, _, path = text.partition(":")
    if not module_name or not path:
        raise ConstructionError(f"{text!r} is no import; write 'pkg.module:name'")
    try:
        check_unambiguous(module_name)
        found: Any = importlib.import_module(module_name)
    except TwoModulesError as error:
        raise ConstructionError(f"{text!r}: {error}") from None
    except ModuleNotFoundError as error:
        told = _of_a_file(module_name, path) or (
            "; importable are installed packages, the working directory and the folder of the "
            "scenario file"
        )
        raise ConstructionError(f"{text!r}: no module {error.name!r}{told}") from None
    except BaseException as error:
        if came():
            raise
        told = f"{type(error).__name__}: {error}".removesuffix(": ")
        raise ConstructionError(f"{text!r}: importing it raised {told}") from error
    for part in path.split("."):
        if not hasattr(found, part):
            hint = did_you_mean(part, _names_in(found)) or _callbacks_in(found)
            raise ConstructionError(f"{text!r}: {module_name} has no {part!r}{hint}")
        found = getattr(found, part)
    return found


def _names_in(found: object) -> list[str]:
    return [name for name in dir(found) if not name.startswith("_")]


def _callbacks_in(found: object) -> str:
    """Which callbacks there are, where they are few."""
    base, names = keras.callbacks.Callback, []
    for name in _names_in(found):
        kind = getattr(found, name, None)
        if isinstance(kind, type) and issubclass(kind, base) and kind is not base:
            names.append(name)
    return f"; its callbacks are {', '.join(names)}" if 0 < len(names) <= _MOST_NAMED else ""


def _of_a_file(module_name: str, path: str) -> str:
    """What is meant where a file stands for its module, as ``my/callbacks.py:Mine``."""
    if not module_name.endswith(".py"):
        return ""
    module = module_name.removesuffix(".py").replace("/", ".")
    return f"; did you mean '{module}:{path}'?"


def callback_maker(name: str) -> Any:
    """Find a callback's class, or a function that makes callbacks, by its name in a file.

    Raises:
        ConstructionError: there is none of that name, or it makes no callbacks.
    """
    if ":" in name and isinstance(found := import_name(name), FunctionType):
        return found
    return callback_class(name)


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
            raise ConstructionError(
                of_another_keras(found, repr(name))
                or f"{name!r} is no callback: not a keras.callbacks.Callback"
            )
        return found
    if name in ACTORS:
        return getattr(dryfit_fakes, name)
    found = getattr(keras.callbacks, name, None)
    if isinstance(found, type) and issubclass(found, keras.callbacks.Callback):
        return found
    known = [*ACTORS, *(n for n in dir(keras.callbacks) if n[0].isupper())]
    meant = _written_as_python(name) or did_you_mean(name, known) or "."
    raise ConstructionError(
        f"unknown callback {name!r}{meant} Known are those of "
        f"keras.callbacks, and {', '.join(ACTORS)}; your own is 'pkg.module:Class'"
    )


def _written_as_python(name: str) -> str:
    """What is meant by ``module.Class`` and calls, which Python has, and by a file's name.

    >>> _written_as_python("my.callbacks.Mine"), _written_as_python("EarlyStoping")
    ("; did you mean 'my.callbacks:Mine'?", '')
    >>> _written_as_python("EarlyStopping(patience=2)")
    '; did you mean EarlyStopping: {patience: 2}?'
    >>> _written_as_python("keras.callbacks.EarlyStopping")
    "; did you mean 'EarlyStopping'?"
    """
    if call := re.fullmatch(r"([\w.]+)\((.*)\)", name):
        return f"; did you mean {call[1]}: {{{re.sub(r' *= *', ': ', call[2])}}}?"
    module, dot, kind = name.rpartition(".")
    if not dot or not module:
        return ""
    if kind == "py":
        return f"; did you mean a class of it, '{module.replace('/', '.')}:Class'?"
    keras_has_it = re.fullmatch(r"(tf\.|tensorflow\.)?(tf_)?keras\.callbacks", module)
    return f"; did you mean {kind if keras_has_it else f'{module}:{kind}'!r}?"


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
    """Resolve the imports among a script's keys, and make a schedule of rates.

    Raises:
        ConstructionError: something is not there, or refuses its arguments.
    """
    found = dict(given)
    for name, value in given.items():
        if name == "optimizers":
            found[name] = {optimizer: resolve(rate, run_dir) for optimizer, rate in value.items()}
        elif isinstance(value, dict) and "import" in value and name not in BY_NAME:
            found[name] = resolve(value, run_dir)
    if isinstance(found.get("rates"), dict):
        found["rates"] = _schedule(found["rates"], run_dir)
    return found


def _schedule(item: Mapping[str, Any], run_dir: Path) -> Any:
    ((name, arguments),) = item.items()
    schedules = keras.optimizers.schedules
    kind = import_name(name) if ":" in name else getattr(schedules, name, None)
    if not (isinstance(kind, type) and issubclass(kind, schedules.LearningRateSchedule)):
        known = [known for known in dir(schedules) if known[0].isupper()]
        raise ConstructionError(
            f"unknown schedule {name!r}{did_you_mean(name, known) or '.'} Known are those of "
            "keras.optimizers.schedules; your own is 'pkg.module:Class'"
        )
    try:
        return kind(**resolve(dict(arguments), run_dir))
    except Exception as error:
        raise ConstructionError(f"{name}: {type(error).__name__}: {error}") from error
