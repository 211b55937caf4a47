"""What is explored: a class or a function that makes callbacks, and how they are set."""

import inspect
from collections.abc import Callable, Mapping, Sequence
from contextlib import chdir
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeAlias

from dryfit.lanes.interrupts import came
from dryfit.lanes.temporary import temporary_folder
from dryfit.scenario.construct import ConstructionError, make_callback
from dryfit.scenario.given_training import USUAL_TRAINING, GivenTraining
from dryfit_fakes.backend import keras
from dryfit_fakes.protocols import Callback

Maker: TypeAlias = type | Callable[..., Callback]

_KEPT_AS = {"initial_value_threshold": "best"}  # keras/src/callbacks/monitor_callback.py, 3.15.1


@dataclass(frozen=True)
class Explored:
    """A callback that is held against its documentation.

    Attributes:
        make: its class, or a function that makes it.
        kind: the class of what is made.
        given: what each argument may be that is always given, as a file has it.
        training: the model that it is lent, and what that reports.
        kept: what it keeps where nothing else is said: its settings among them.
    """

    make: Maker
    kind: type
    given: Mapping[str, Sequence[Any]]
    training: GivenTraining
    kept: Mapping[str, Any]


def explored(
    make: Maker,
    given: Mapping[str, Sequence[Any]] | None = None,
    training: GivenTraining = USUAL_TRAINING,
) -> Explored:
    """Find out what a class or a function makes; one model is made for all plays with it.

    Raises:
        ConstructionError: nothing, or no callback.
    """
    given = given or {}
    kind, kept = make, {}
    try:
        with temporary_folder() as folder, chdir(folder):
            made = _made(make, {name: values[0] for name, values in given.items()})
        kind, kept = type(made), vars(made).copy()
    except ConstructionError:
        if not isinstance(make, type):  # what a class needs is drawn
            raise
    assert isinstance(kind, type)
    return Explored(make, kind, given, _for_all_plays(training), kept)


def _made(make: Callable[..., Callback], arguments: Mapping[str, Any]) -> Callback:
    name = maker_name(make)
    try:
        return make_callback(name, make, arguments, Path.cwd())
    except ConstructionError:
        raise
    except BaseException as error:
        if came():
            raise
        told = f"{name} raises {type(error).__name__}: {error}".removesuffix(": ")
        hint = f"; an argument is given as '{name}: {{argument: value}}'"
        raise ConstructionError(told + hint * isinstance(error, TypeError)) from error


def _for_all_plays(training: GivenTraining) -> GivenTraining:
    """The same, with a model that is made once, and its weights put back for each play."""
    if training.model is None:
        return training
    model: Any = training.lend()
    weights = model.get_weights()

    def again() -> Any:
        model.set_weights(weights)
        return model

    return replace(training, model=again, data=None)


def settings_of(
    callback: Callback, reference: Callable[..., Any], given: Mapping[str, Any]
) -> dict[str, Any]:
    """The settings that a reference machine takes: those that were given, and those kept.

    Args:
        callback: before any training.
        reference: the machine.
        given: what its class was given.
    """
    found: dict[str, Any] = {}
    for name in inspect.signature(reference).parameters:
        attribute = _KEPT_AS.get(name, name)
        held = [
            vars(callback)[key] for key in (attribute, f"_{attribute}") if key in vars(callback)
        ]
        if name in given and not isinstance(given[name], dict):  # else it names what is kept
            held = [given[name]]
        found |= {name: held[0]} if held else {}
    return found


def maker_name(make: Maker) -> str:
    """What a scenario file calls a callback."""
    name = make.__name__
    if getattr(keras.callbacks, name, None) is make:
        return name
    return f"{make.__module__}:{make.__qualname__}"
