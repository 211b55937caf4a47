"""Trace: what a recorder notes while a run goes on, kept small.

A run has two dispatches per batch or more. They are noted flat, because a
million small objects keep Python's garbage collector busy, and become `Hook`
events when somebody asks for the timeline.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from dryfit.events import Event, Hook
from dryfit_fakes.backend import keras
from dryfit_fakes.float32 import NAN

# hook, epoch, batch, logs
Dispatched = tuple[str, int | None, int | None, dict[str, Any]]


class Dispatches(list[Any]):
    """Dispatches in a row: hook, epoch, batch, logs, hook, epoch, batch, logs, ..."""

    def each(self) -> Iterator[Dispatched]:
        """One dispatch after the other."""
        items = iter(self)
        return zip(items, items, items, items, strict=True)


class Trace:
    """Dispatches and events, in the order in which they happened.

    Attributes:
        items: events, and the dispatches between them.
        row: the dispatches at the end; what is added to it is noted.
    """

    __slots__ = ("items", "row")

    def __init__(self) -> None:
        self.row = Dispatches()
        self.items: list[Event | Dispatches] = [self.row]

    def add(self, event: Event) -> None:
        """Note an event."""
        if not self.row:
            self.items[-1] = event
        else:
            self.items.append(event)
            self.row = Dispatches()
        self.items.append(self.row)

    @property
    def last(self) -> Event | None:
        """The event after which nothing has happened, if there is one."""
        last = self.items[-2] if len(self.items) > 1 and not self.row else None
        return None if isinstance(last, Dispatches) else last

    def replace_last(self, event: Event) -> None:
        """Note an event in place of the last."""
        self.items[-2] = event

    def dispatches(self) -> Iterator[Dispatched]:
        """Every dispatch of a hook."""
        for item in self.items:
            if isinstance(item, Dispatches):
                yield from item.each()

    def timeline(self) -> Iterator[Event]:
        """Everything as events."""
        for item in self.items:
            if isinstance(item, Dispatches):
                for name, epoch, batch, logs in item.each():
                    yield Hook(name, epoch, batch, settled(logs))
            else:
                yield item


def settled(value: Any) -> Any:
    """Make a value one that compares: one object for every nan, plain lists for arrays."""
    if isinstance(value, float):
        return value if value == value else NAN
    if isinstance(value, Mapping):
        return {key: settled(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [settled(item) for item in value]
    if hasattr(value, "shape") and hasattr(value, "__array__"):
        return settled(keras.ops.convert_to_numpy(value).tolist())
    return value


def same(old: Any, new: Any) -> bool:
    """Whether two values are equal; nan equals nan, and an array only itself."""
    if old is new:
        return True
    try:
        return bool(old == new or (old != old and new != new))
    except ValueError:
        return False
