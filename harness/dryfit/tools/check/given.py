"""What a callback is given by whoever makes it: an object may remember, and is not the callback."""

from collections.abc import Iterator
from functools import partial

import numpy as np

from dryfit.tools.check.finding import Finding, not_applicable
from dryfit.tools.check.subject import Subject

_CONTAINERS = (bytearray, dict, list, set, np.ndarray)
_LONG = 100_000  # characters of a thing that are compared


def content_of(value: object) -> str:
    """What is in a thing, to be compared with what is in it later."""
    held = value if isinstance(value, _CONTAINERS) else getattr(value, "__dict__", value)
    return repr(held)[:_LONG]


def of_its_own(subject: Subject, found: Finding, *, one_callback: bool = False) -> Finding:
    """Hold nothing against a callback that an object it was given may have done.

    Args:
        subject: the callback.
        found: what came of two plays.
        one_callback: whether both were with the same instance, and so with the same object.
    """
    if found.outcome != "failed":
        return found
    for name, advice in given_to_all(subject):
        if _is_changed(subject, name):
            return not_applicable(
                f"{name} is one object for all plays, and training changes it: {advice}"
            )
    made = _arguments(subject, "call") if one_callback else ()
    if any(_is_changed(subject, name) for name in made):
        return not_applicable(f"{made[0]} is one object for both fits, and remembers the first")
    return found


def given_to_all(subject: Subject) -> Iterator[tuple[str, str]]:
    """The objects that all instances are given, and how each gets its own."""
    for name in _arguments(subject, "import"):
        yield name, f"{{{name}: {{call: module:function}}}} makes a new one for each callback"
    make = subject.make
    parts = (*make.args, *make.keywords.values()) if isinstance(make, partial) else ()
    given = {id(value) for value in parts}
    for name, value in vars(subject.make()).items():
        if id(value) in given:
            yield name, "give a function that makes the callback and a new one"


def _arguments(subject: Subject, how: str) -> tuple[str, ...]:
    """The arguments that a target has by ``import`` or ``call``."""
    arguments = {} if subject.item is None else subject.item[1]
    return tuple(n for n, value in arguments.items() if isinstance(value, dict) and how in value)


def _is_changed(subject: Subject, name: str) -> bool:
    """Whether training changes what an argument has become, if the callback keeps it."""
    callback = subject.make()
    held = vars(callback)
    value = held.get(name, held.get(f"_{name}"))
    before = content_of(value)
    curves = subject.curves
    subject.play(curves.keys(curves.improving(3), 3), callback)
    return content_of(value) != before
