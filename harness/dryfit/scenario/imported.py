"""What playing a scenario imports: every name in its file that stands for a module's."""

from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, nullcontext
from typing import TYPE_CHECKING, Any

from dryfit.facts.failure import Key
from dryfit.scenario.own_modules import importable
from dryfit.scenario.schema import BY_NAME

if TYPE_CHECKING:
    from dryfit.scenario.scenario import Scenario


def imported(scenario: "Scenario") -> Iterator[tuple[Key, str]]:
    """Each name that is imported, with its key in the file."""
    for rank in range(1 + len(scenario.other_callbacks)):
        items, callbacks_at = scenario.callbacks_of(rank)
        for index, (name, arguments) in enumerate(items):
            yield from imported_by(name, arguments, (*callbacks_at, index))
    for key in ("loop", "model", "data"):
        if name := getattr(scenario, key):
            yield (key,), name
    for call in scenario.calls:
        if call.keys is None:
            continue
        script: Key = (*(call.at[:2] if call.at[0] == "calls" else ()), "script")
        for key, value in call.keys.given().items():  # all: a key that is new is not forgotten
            if key in BY_NAME:
                for name, item in value.items():
                    yield from _in(item, (*script, key, name))
            else:
                yield from _in(value, (*script, key))
        if call.keys.interrupt is not None and ":" in call.keys.interrupt.raises:
            yield (*script, "interrupt", "raises"), call.keys.interrupt.raises


def imported_by(name: str, arguments: Mapping[str, Any], at: Key = ()) -> Iterator[tuple[Key, str]]:
    """Each name that a callback and its arguments import."""
    if ":" in name:
        yield at, name
    for key, value in arguments.items():
        yield from _in(value, (*at, name, key))


def why_not_imported(name: str) -> str:
    """Say that a name is refused where nothing is imported."""
    return (
        f"{name!r} would be imported, which runs its module; with --no-import (pytest: "
        "--dryfit-no-import) only callbacks of Keras and of dryfit are played, by name, "
        "with plain values"
    )


def _in(value: Any, at: Key) -> Iterator[tuple[Key, str]]:
    """What `dryfit.scenario.construct.resolve` would import for a value."""
    if isinstance(value, list):
        for index, item in enumerate(value):
            yield from _in(item, (*at, index))
    elif isinstance(value, dict) and set(value) in ({"import"}, {"call"}):
        yield at, str(*value.values())
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from _in(item, (*at, key))


def own_modules(scenario: "Scenario") -> AbstractContextManager[None]:
    """Let a scenario's own modules be imported, if it names any and is trusted so far.

    Else a module beside it could take the place of one that a library looks for and
    that is not installed.
    """
    if scenario.trust.imports and any(imported(scenario)):
        return importable(scenario.file.parent)
    return nullcontext()
