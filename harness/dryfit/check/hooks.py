"""Checks of a callback's hooks, before any is called."""

import inspect
from collections.abc import Iterator
from difflib import get_close_matches
from types import CodeType, FunctionType
from typing import Any

from dryfit.check.finding import Finding, failed, not_applicable, passed
from dryfit.check.subject import Subject
from dryfit_fakes.backend import keras

_HOOKS = tuple(name for name in dir(keras.callbacks.Callback) if name.startswith("on_"))
_CLOSE = 0.8


def signatures(subject: Subject) -> Finding:
    """Hooks can be called as Keras calls them: epochs by position, ``logs=`` by name in batches."""
    callback = subject.make()
    own = [name for name in _HOOKS if _is_own(callback, name)]
    if not own:
        return not_applicable("it has no hooks")
    for name in own:
        args, kwargs, call = _call(name)
        try:
            signature = inspect.signature(getattr(callback, name))
        except (TypeError, ValueError):  # written in C
            continue
        try:
            signature.bind(*args, **kwargs)
        except TypeError as error:
            return failed(f"{name}{signature} cannot be called as {call}: {error}")
    return passed(f"{len(own)} hook{'s' * (len(own) != 1)}, all callable")


def names(subject: Subject) -> Finding:
    """No method has a name that is almost a hook's, and is never called."""
    callback = subject.make()
    used = set(_names_used(callback))
    for name in sorted(set(dir(callback)) - set(_HOOKS)):
        value = inspect.getattr_static(callback, name)
        if not name.startswith(("on_", "on")) or not callable(value) or name in used:
            continue
        close = get_close_matches(name, _HOOKS, 1, _CLOSE)
        if close:
            return failed(f"{name} is never called; did you mean {close[0]}?")
    return passed("every method that is named like a hook is one")


def _is_own(callback: Any, name: str) -> bool:
    own = getattr(callback, name, None)
    return getattr(own, "__func__", own) is not getattr(keras.callbacks.Callback, name)


def _call(name: str) -> tuple[tuple[Any, ...], dict[str, Any], str]:
    # keras/src/callbacks/callback_list.py, 3.15.1
    if "batch" in name:
        return (0,), {"logs": {}}, f"{name}(batch, logs=logs)"
    if "epoch" in name:
        return (0, {}), {}, f"{name}(epoch, logs)"
    return ({},), {}, f"{name}(logs)"


def _names_used(callback: Any) -> Iterator[str]:
    """Names that the callback's own methods mention: a helper is called by them."""
    for base in type(callback).__mro__:
        if base.__module__.startswith(("keras.", "builtins")):
            continue
        for name, value in vars(base).items():
            code = value.__code__ if isinstance(value, FunctionType) else None
            if code is not None:
                yield from (used for used in _names_in(code) if used != name)


def _names_in(code: CodeType) -> Iterator[str]:
    yield from code.co_names
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _names_in(constant)
        elif isinstance(constant, str):
            yield constant
