"""Refusals: what fakes were asked for and do not offer, heard by whoever listens.

A callback may swallow the error of a fake as it swallows any other, and then does less
than with a real model, without a word. Who judges it listens here.
"""

import dis
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import FrameType
from typing import Any

_CALLED = ("call", "predict")  # which are calls, and no questions
# What stands between a callback and a fake, or is the fake; and what asks for itself.
_BETWEEN = (__name__.partition(".")[0], "dryfit.lanes.fake")
_OURS = ("dryfit.lanes.", "dryfit.recorder.")


@dataclass(frozen=True, slots=True)
class Refusal:
    """One thing that a fake was asked for.

    Attributes:
        owner: the fake's class.
        name: the attribute.
        how: ``reads``, ``sets`` or ``probes``, as ``hasattr`` does.
        module: of the code that asked.
        function: its name.
        line: where in the module's file.
        names: the names that the function mentions.
    """

    owner: str
    name: str
    how: str
    module: str
    function: str
    line: int
    names: tuple[str, ...] = ()


_LISTENING: list[list[Refusal]] = []


@contextmanager
def refusals() -> Iterator[list[Refusal]]:
    """Hear of every refusal for a while, swallowed or not."""
    heard: list[Refusal] = []
    _LISTENING.append(heard)
    try:
        yield heard
    finally:
        _LISTENING.pop()


def note_refusal(owner: object, name: str) -> None:
    """Tell whoever listens; nothing is looked up where nobody does."""
    if not _LISTENING or name.startswith("__"):  # Python's own protocols probe for those
        return
    refusal = _refusal(type(owner).__name__, name)
    if refusal is not None:
        for heard in _LISTENING:
            heard.append(refusal)


def _refusal(owner: str, name: str) -> Refusal | None:
    """Who asked; ``None`` if that is the recorder or a lane."""
    frame: FrameType | None = sys._getframe(2)
    sets = False
    while frame is not None and _module(frame).startswith(_BETWEEN):
        sets |= frame.f_code.co_name == "__setattr__"
        frame = frame.f_back
    if frame is None or _module(frame).startswith(_OURS):
        return None
    code: Any = frame.f_code
    # Reading an attribute is an instruction of its own; hasattr and getattr are calls.
    calls = dis.opname[code.co_code[frame.f_lasti]].startswith(("CALL", "PRECALL"))
    how = "sets" if sets else "probes" if calls and name not in _CALLED else "reads"
    return Refusal(
        owner, name, how, _module(frame), code.co_name, frame.f_lineno, tuple(code.co_names)
    )


def _module(frame: FrameType) -> str:
    return str(frame.f_globals.get("__name__", ""))
