"""Fresh callbacks like one that somebody made: each situation needs one that is untrained."""

import copy
from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias, cast

from dryfit.scenario.construct import make_callbacks
from dryfit.tools.record.callback_items import BY_RATES, CannotWriteError, describe
from dryfit.tools.record.recorded_paths import RecordedPaths
from dryfit_fakes.backend import keras
from dryfit_fakes.protocols import Callback

# An instance, a class, a function that makes one, or a target as text.
Target: TypeAlias = str | Callback | Callable[..., Callback]


def fresh(callback: Target) -> "str | Callable[..., Callback]":
    """Say how callbacks like this one are made; a class, a function or a text says it itself.

    Its constructor is called with the settings that it keeps, and where it does not keep
    all of them it is copied: a copy hides what its instances share.

    Raises:
        TypeError: neither can be done.
    """
    if not isinstance(callback, keras.callbacks.Callback):
        return cast("str | Callable[..., Callback]", callback)
    made = _constructor(callback)
    if made is not None:
        return made
    try:
        pristine = copy.deepcopy(callback)
    except Exception as error:
        kind = type(callback).__name__
        raise TypeError(
            f"every check needs a fresh {kind}, and this one can neither be made anew of its "
            f"attributes nor copied ({type(error).__name__}: {error}): give a function that "
            f"makes one, lambda: {kind}(...)"
        ) from error
    return lambda: copy.deepcopy(pristine)


def _constructor(callback: Callback) -> Callable[[], Callback] | None:
    try:
        item = describe(callback, RecordedPaths())
    except CannotWriteError:
        return None
    if BY_RATES in item.settings.values():
        return None

    def make() -> Callback:
        (maker,) = make_callbacks(((item.name, item.settings),), Path.cwd())
        return maker()

    return make
