"""Checks of what instances share with each other, with their module and with the model."""

import inspect
from collections.abc import Iterator
from contextlib import suppress
from types import FunctionType
from typing import Any

import numpy as np

from dryfit.tools.check.finding import Finding, failed, passed
from dryfit.tools.check.given import content_of, given_to_all
from dryfit.tools.check.hook_checks import names_used
from dryfit.tools.check.plain_run import plain_run_of
from dryfit.tools.check.subject import Subject, package, packages_of
from dryfit.tools.check.watch import NOT_THERE, THE_MODEL, SeenChange
from dryfit_fakes.protocols import Callback

_CONTAINERS = (bytearray, dict, list, set, np.ndarray)
_PLAIN = (bool, float, int, str, type(None))


def one_container(subject: Subject) -> Finding:
    """No list, dict or set that training changes is the same one in two instances."""
    mine, other = subject.make(), subject.make()
    given = {name for name, _ in given_to_all(subject)}
    shared = {
        name: value
        for name, value in vars(mine).items()
        if _can_change(value, subject) and vars(other).get(name) is value and name not in given
    }
    before = {name: content_of(value) for name, value in shared.items()}
    subject.play(_keys(subject), mine)
    for name, value in shared.items():
        if content_of(value) != before[name]:
            kind = type(value).__name__
            return failed(f"{name} is one {kind} for all instances, and training changes it")
    return passed("each instance has its own")


def module_state(subject: Subject) -> Finding:
    """Training changes nothing in the callback's module, and nothing in its class."""
    callback = subject.make()
    state = dict(_state(callback))
    before = {place: content_of(value) for place, value in state.items()}
    subject.play(_keys(subject), callback)
    for (owner, name), value in _state(callback):
        if before.get((owner, name), "") != content_of(value):
            return failed(f"{name} of {owner} is another after training")
    return passed("what it remembers, it keeps in itself")


def weights_by_reference(subject: Subject) -> Finding:
    """What it keeps of the weights are values, and not the variables that go on training."""
    watch = plain_run_of(subject).watch
    kept = [c for c in ([] if watch is None else watch.changes) if _is_kept(c)]
    names = [change.what for change in kept]
    for change in kept:
        if change.new is THE_MODEL:
            return failed(
                f"{change.what} is the model itself, set in {change.hook} of epoch {change.epoch}",
                "It is one model: what it has learnt since is in there, too.",
                f"{change.what} = self.model.get_weights()",
            )
        if names.count(change.what) > 1:  # once is for good, and meant so
            return failed(
                f"{change.what} has the model's own variables since {change.hook} of epoch "
                f"{change.epoch}"
            )
    return passed("keeps no variables of the model as if they were values")


def _can_change(value: object, subject: Subject) -> bool:
    """Whether it is a container, an array, or an object of the callback's own package."""
    if isinstance(value, _CONTAINERS):
        return True
    return package(type(value)) in subject.packages and not isinstance(value, type)


def _is_kept(change: SeenChange) -> bool:
    in_training = "epoch" in change.hook or "batch" in change.hook
    return change.what.startswith("self.") and change.new is not NOT_THERE and in_training


def _keys(subject: Subject) -> dict[str, Any]:
    return subject.curves.keys(subject.curves.stalling(6), 6)


def _state(callback: Callback) -> Iterator[tuple[tuple[str, str], Any]]:
    """Values of the callback's modules that its own code mentions, and of its classes."""
    names = set(names_used(callback))
    for base in type(callback).__mro__:
        if package(base) not in packages_of(type(callback)):
            continue
        functions = [value for value in vars(base).values() if isinstance(value, FunctionType)]
        for space in {id(f.__globals__): f.__globals__ for f in functions}.values():
            for name in sorted(names & set(space)):
                if isinstance(space[name], _CONTAINERS + _PLAIN) and not name.startswith("__"):
                    yield (f"the module {base.__module__}", name), space[name]
                elif isinstance(space[name], FunctionType):
                    yield from _remembered(space[name])
        for function in functions:
            yield from _remembered(function)
        for name, value in vars(base).items():  # its containers are a check of their own
            if isinstance(value, _PLAIN) and not name.startswith("__"):
                yield (f"the class {base.__name__}", name), value


def _remembered(function: FunctionType) -> Iterator[tuple[tuple[str, str], Any]]:
    """What a function keeps from call to call: containers among its defaults, and around it."""
    defaults = inspect.signature(function).parameters.values()
    held = [(parameter.name, parameter.default) for parameter in defaults]
    for name, cell in zip(function.__code__.co_freevars, function.__closure__ or (), strict=True):
        with suppress(ValueError):  # it is empty
            held.append((name, cell.cell_contents))
    for name, value in held:
        if isinstance(value, _CONTAINERS) and function.__name__ != "__init__":  # its own check
            yield (f"the function {function.__qualname__}", name), value
