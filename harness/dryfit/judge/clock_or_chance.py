"""What a clock or chance makes different: it differs between two plays of one lane, too."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import zip_longest
from typing import Any

from dryfit.run.timeline_events import Event, Hook, LogWrite, Printed, State
from dryfit.scenario.playing import Played


def unsteady(first: Sequence[Played], second: Sequence[Played]) -> frozenset[str]:
    """The names of values that two plays in one lane do not agree on.

    Attributes of callbacks, keys of logs, what somebody prints, and files. What else
    differs has no name here: it is no matter of values.
    """
    names: set[str] = set()
    ranks = ([rank for played in plays for rank in played.ranks] for plays in (first, second))
    for one, other in zip(*ranks, strict=False):
        names |= {path for path, _ in set(one.files.items()) ^ set(other.files.items())}
        while found := _first_names(timeline_of(one, names), timeline_of(other, names)):
            names |= found
        mine, theirs = (history_of(played, names) for played in (one, other))
        odd = [key for key in mine if repr(mine[key]) != repr(theirs.get(key))]
        names |= {f"logs[{key!r}]" for key in odd}
    return frozenset(names)


def timeline_of(played: Played | None, apart_from: set[str] | frozenset[str]) -> list[Event]:
    """The events of a call, without those values."""
    events = () if played is None or played.run is None else played.run.timeline
    if not apart_from:
        return list(events)
    kept = (event for event in events if _name(event) not in apart_from)
    return [_without(event, apart_from) if isinstance(event, Hook) else event for event in kept]


def history_of(played: Played | None, apart_from: set[str] | frozenset[str]) -> dict[str, Any]:
    """The history of a call, without those keys."""
    history = {} if played is None or played.run is None else played.run.history
    return {key: values for key, values in history.items() if f"logs[{key!r}]" not in apart_from}


def _first_names(one: list[Event], other: list[Event]) -> set[str]:
    """The names of what differs first; none where nothing does, or where it has none."""
    for pair in zip_longest(one, other):
        if pair[0] != pair[1]:
            return set(_names(*pair))
    return set()


def _names(one: Event | None, other: Event | None) -> Iterator[str]:
    if isinstance(one, Hook) and isinstance(other, Hook):
        if (one.name, one.epoch, one.batch) == (other.name, other.epoch, other.batch):
            keys = [key for key in one.logs if repr(one.logs[key]) != repr(other.logs.get(key))]
            yield from (f"logs[{key!r}]" for key in keys)
        return
    yield from filter(None, {_name(event) for event in (one, other)})


def _name(event: Event | None) -> str:
    match event:
        case State():
            return f"{event.by}.{event.attribute}"
        case LogWrite():
            return f"logs[{event.key!r}]"
        case Printed():
            return f"what {event.by} prints"
    return ""


def _without(hook: Hook, apart_from: set[str] | frozenset[str]) -> Hook:
    logs = {key: value for key, value in hook.logs.items() if f"logs[{key!r}]" not in apart_from}
    return hook if len(logs) == len(hook.logs) else replace(hook, logs=logs)
