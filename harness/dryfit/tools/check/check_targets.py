"""Targets: what is to be checked, as text or as a class with arguments."""

import inspect
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from dryfit.scenario.alternatives import Item, combinations, read_alternatives
from dryfit.scenario.construct import ConstructionError, constructed, import_name, importable
from dryfit.scenario.given_training import USUAL_TRAINING, GivenTraining, given_training
from dryfit.scenario.known_callbacks import ACTORS
from dryfit.scenario.trust import USUAL, Trust
from dryfit.tools.check.check_folder import room
from dryfit.tools.check.keras2 import of_error
from dryfit.tools.check.situations import Curves
from dryfit.tools.check.subject import Subject, without_addresses
from dryfit.tools.record.callback_items import CannotWriteError, describe
from dryfit.tools.record.recorded_paths import RecordedPaths
from dryfit_fakes.backend import keras
from dryfit_fakes.keras_of_process import of_another_keras
from dryfit_fakes.protocols import Callback


@dataclass(frozen=True)
class Wishes:
    """What is known of a callback that its plays cannot tell.

    Attributes:
        training: the model that it needs, data and metrics.
        raises: gives the exceptions that it ends a training with on purpose.
        seed: which numbers the scripts have.
        trust: what callbacks of Keras' may do.
    """

    training: GivenTraining = USUAL_TRAINING
    raises: Callable[[], tuple[type[BaseException], ...]] = tuple
    seed: int = 0
    trust: Trust = USUAL


def subjects_of(text: str, wishes: Wishes | None = None) -> list[Subject]:
    """Read what the command line names: ``Name``, ``Name: {argument: value}``, ``module:Class``.

    Raises:
        ScenarioFileError: there is no such callback or argument.
    """
    asked, known = read_alternatives(text), wishes or Wishes()
    with importable(Path()):
        asked.kind(known.trust)
    return [_of_item(item, known) for (item,) in combinations([asked])]


def wishes_of(
    *,
    model: str = "",
    data: str = "",
    metrics: str = "",
    raises: Sequence[str] = (),
    seed: int = 0,
    allow_outside: bool = False,
) -> Wishes:
    """Import what the command line names.

    Raises:
        ConstructionError: a name that cannot be imported.
        UsageError: a model or data that cannot be, see `given_training`.
        ValueError: what is no exception.
    """
    training = given_training(model=model, data=data, metrics=metrics)
    with importable(Path()):
        for name in raises:
            kind = import_name(_whole(name))
            if not (isinstance(kind, type) and issubclass(kind, BaseException)):
                raise ValueError(f"--raises {name} is no exception; write such as ValueError")
    return Wishes(
        training,
        lambda: tuple(import_name(_whole(name)) for name in raises),
        seed,
        Trust(outside=allow_outside),
    )


def _whole(name: str) -> str:
    return name if ":" in name else f"builtins:{name}"


def subject_of(
    callback: str | Callable[..., Callback],
    arguments: Sequence[object],
    keywords: dict[str, Any],
    wishes: Wishes | None = None,
) -> Subject:
    """Take a class with arguments, a function that makes an instance, or a target as text.

    Raises:
        TypeError: it is none of these.
        ScenarioFileError: the text names no callback.
    """
    wishes = wishes or Wishes()
    if isinstance(callback, str):
        if arguments or keywords:
            raise TypeError("a target as text has its arguments in it: 'Name: {argument: value}'")
        subjects = subjects_of(callback, wishes)
        if len(subjects) != 1:
            raise TypeError(f"{callback!r} means {len(subjects)} callbacks; check them one by one")
        return subjects[0]
    if isinstance(callback, keras.callbacks.Callback) or not callable(callback):
        raise TypeError(
            "every scenario needs a fresh callback: give the class and its arguments, or a "
            f"function that makes one, not {callback!r}"
        )
    item, name = None, ""  # of what a function makes, its class tells
    if isinstance(callback, type):
        item, name = _item_of_class(callback, arguments, keywords)
    return _watched(name, partial(callback, *arguments, **keywords), item, wishes)


def _of_item(item: Item, wishes: Wishes) -> Subject:
    make = partial(constructed, item, wishes.trust)
    return _watched(_shown(*item), make, item, wishes, Path.cwd())


def _watched(
    name: str,
    make: Callable[[], Callback],
    item: Item | None,
    wishes: Wishes,
    folder: Path | None = None,
) -> Subject:
    """Refuse what is no callback, and script the metrics that it looks for."""
    made = Subject(name, make, item=item, training=wishes.training, trust=wishes.trust)
    if folder is not None:
        made.place = partial(importable, folder)
    with room(made.place):  # constructors write files too
        wishes.training.try_out()
        try:
            first, second = make(), make()
        except (AttributeError, ConstructionError) as error:
            raised = error.__cause__ if isinstance(error, ConstructionError) else error
            if not isinstance(raised, AttributeError) or not [*of_error(raised)]:
                raise
            made.unmade = raised  # what was made in Keras 2 is worth a card
            return made
        made.name = name = name or type(first).__name__
        if not isinstance(first, keras.callbacks.Callback):
            raise TypeError(
                of_another_keras(type(first), name)
                or f"{name} makes {first!r}, no keras.callbacks.Callback"
            )
        if first is second:
            raise TypeError(f"{name} is the same instance twice; every scenario needs a fresh one")
        if item is None:
            made.item = _described(first)
    made.kind, made.raises = type(first), wishes.raises
    monitor = getattr(first, "monitor", None)
    made.curves = Curves([monitor] if isinstance(monitor, str) else [], wishes.seed)
    made.curves.demand(*wishes.training.reported)
    return made


def _described(callback: Callback) -> Item | None:
    try:
        item = describe(callback, RecordedPaths())
    except CannotWriteError:
        return None
    settings = item.settings
    plain = all(_is_plain(value) for value in settings.values())
    return (item.name, settings) if plain else None


def _item_of_class(
    kind: type, arguments: Sequence[Any], keywords: dict[str, Any]
) -> tuple[Item | None, str]:
    name = _name(kind)
    try:
        given = dict(inspect.signature(kind).bind(*arguments, **keywords).arguments)
    except (TypeError, ValueError):
        given = dict(keywords)
    given |= given.pop("kwargs", {}) if isinstance(given.get("kwargs"), dict) else {}
    writable = name is not None and all(_is_plain(value) for value in given.values())
    item = (name, given) if writable and name is not None else None
    return item, _shown(kind.__name__, given)


def _name(kind: type) -> str | None:
    name = kind.__name__
    if name in ACTORS or getattr(keras.callbacks, name, None) is kind:
        return name
    found: Any = sys.modules.get(kind.__module__)
    for part in kind.__qualname__.split("."):
        found = getattr(found, part, None)
    known = found is kind and kind.__module__ != "__main__"
    return f"{kind.__module__}:{kind.__qualname__}" if known else None


def _is_plain(value: object) -> bool:
    if isinstance(value, list | tuple):
        return all(map(_is_plain, value))
    if isinstance(value, dict):
        return all(isinstance(k, str) and _is_plain(v) for k, v in value.items())
    return value is None or type(value) in (bool, int, float, str)


def _shown(name: str, arguments: dict[str, Any]) -> str:
    if not arguments:
        return name
    texts = {key: without_addresses(repr(value)) for key, value in arguments.items()}
    return f"{name}({', '.join(f'{key}={text}' for key, text in texts.items())})"
