"""Checks of a callback's hooks, before any is called."""

import inspect
import re
from collections.abc import Iterator
from difflib import get_close_matches
from types import CodeType, FunctionType
from typing import Any

from dryfit.recorder.asked_of_logs import is_of_others
from dryfit.tools.check.finding import Finding, failed, not_applicable, passed
from dryfit.tools.check.subject import Subject
from dryfit_fakes.backend import keras
from dryfit_fakes.protocols import Callback

_HOOKS = tuple(name for name in dir(keras.callbacks.Callback) if name.startswith("on_"))
_CLOSE = 0.86  # on_trial_end is no misspelt on_train_end


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
        first = next(iter(signature.parameters), "")
        if first == "self":  # which a method's signature does not have
            return failed(
                f"{name} is a static method: its self is what {call} begins with",
                "Keras calls hooks of an instance, and a static method is not given one.",
                f"{name} without @staticmethod",
            )
    return passed(f"{len(own)} hook{'s' * (len(own) != 1)}, all callable")


def names(subject: Subject) -> Finding:
    """No method has a name that is almost a hook's, or hides one, and is never called."""
    callback = subject.make()
    used = set(names_used(callback))
    for name in sorted(set(dir(callback)) - set(_HOOKS)):
        value = inspect.getattr_static(callback, name)
        if callable(value) and name not in used and (hook := _meant(name)):
            return failed(f"{name} is never called; did you mean {hook}?")
    for alias, hook in _ALIASES.items():
        if _is_own(callback, alias) and _is_own(callback, hook) and _hides(callback, hook, alias):
            return failed(
                f"{alias} is never called: {hook} is there too",
                f"Keras calls {hook}, which calls {alias} in keras.callbacks.Callback alone.",
                f"all of it in {hook}",
            )
    ours = [b for b in type(callback).__mro__ if issubclass(b, keras.callbacks.Callback)]
    methods = {name for base in ours for name in vars(base)}  # others' bases have their own hooks
    others = sorted(n for n in methods - {*_HOOKS, *used} if n.startswith("on_"))
    remark = (
        f"{others[0]} is no hook of Keras', and its own code does not call it" if others else ""
    )
    return passed("every method that is named like a hook is one", remark)


def hooks_that_run(subject: Subject) -> Finding:
    """No hook is a coroutine or a generator, of which a call runs nothing."""
    callback = subject.make()
    for name in _HOOKS:
        hook = getattr(callback, name)
        if inspect.iscoroutinefunction(hook):
            return failed(f"{name} is a coroutine: it is called, and never run")
        if inspect.isgeneratorfunction(hook) or inspect.isasyncgenfunction(hook):
            return failed(f"{name} is a generator: it is called, and never run")
    return passed("each runs when it is called")


# Keras 2's names, which the hooks of keras.callbacks.Callback call.
_ALIASES = {"on_batch_begin": "on_train_batch_begin", "on_batch_end": "on_train_batch_end"}
# What other libraries call the parts of a hook's name.
_WORDS = {
    "begin": "beginning begins start started starts",
    "end": "complete completed done ended ends finish finished stop",
    "test": "eval evaluate evaluation testing val valid validate validation",
    "train": "fit fitting training",
    "predict": "inference predicting prediction",
    "batch": "batches iteration minibatch step",
    "epoch": "epochs",
}
_WORD = {other: word for word, others in _WORDS.items() for other in others.split()}
_SIDES = {"before": "begin", "pre": "begin", "after": "end", "post": "end"}
_PARTS = re.compile(r"[A-Z]?[a-z]+")


def _meant(name: str) -> str:
    """The hook that a name of another library, or a misspelt one, stands for; empty for none."""
    words = [part.lower() for part in _PARTS.findall(name)]
    if not words or name.startswith("_"):
        return ""
    if words[0] in _SIDES:
        words = [*words[1:], _SIDES[words[0]]]
    words = [_WORD.get(word, word) for word in words if word != "on"]
    if "epoch" in words:  # an epoch of the validation is a validation
        words = [w for w in words if w not in ("train", "epoch" if "test" in words else "train")]
    if words and words[0] in ("begin", "end"):  # on_end_epoch
        words = [*words[1:], words[0]]
    hook = f"on_{'_'.join(words)}"
    if hook in _HOOKS:
        return hook
    close = get_close_matches(name, _HOOKS, 1, _CLOSE) if name.startswith("on") else []
    return close[0] if close else ""


def _hides(callback: Callback, hook: str, alias: str) -> bool:
    """Whether a hook is another function than its alias, and does not call it."""
    function = getattr(getattr(callback, hook), "__func__", None)
    if function is None or function is getattr(getattr(callback, alias), "__func__", None):
        return False
    return not {alias, "super"} & set(_names_in(function.__code__))


def _is_own(callback: Callback, name: str) -> bool:
    own = getattr(callback, name, None)
    return getattr(own, "__func__", own) is not getattr(keras.callbacks.Callback, name)


def _call(name: str) -> tuple[tuple[Any, ...], dict[str, Any], str]:
    # keras/src/callbacks/callback_list.py, 3.15.1
    if "batch" in name:
        return (0,), {"logs": {}}, f"{name}(batch, logs=logs)"
    if "epoch" in name:
        return (0, {}), {}, f"{name}(epoch, logs)"
    return ({},), {}, f"{name}(logs)"


def names_used(callback: Callback) -> Iterator[str]:
    """Names that the callback's own methods mention: a helper is called by them."""
    for base in type(callback).__mro__:
        if is_of_others(base.__module__):
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
