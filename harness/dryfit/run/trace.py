"""Trace: what a recorder notes while a run goes on, kept small.

A run has two dispatches per batch or more. They are noted flat, because a
million small objects keep Python's garbage collector busy, and become `Hook`
events when somebody asks for the timeline.
"""

from collections.abc import Iterable, Iterator, Mapping
from itertools import chain
from typing import Any, TypeAlias

from dryfit.run.timeline_events import Event, Hook, Trained
from dryfit_fakes.backend import keras
from dryfit_fakes.float32 import NAN

# hook, epoch, batch, logs
Dispatched = tuple[str, int | None, int | None, dict[str, Any]]


_PLAIN = frozenset((float, int, bool, str, type(None)))


class Dispatches(list[Any]):
    """Dispatches in a row: hook, epoch, batch, logs, hook, epoch, batch, logs, ...

    Batches in a row that nobody listens to are one of them: the kind of the pass (``train`` or
    ``test``), the epoch, `Stretch`, and the logs of each end.
    """

    def each(self) -> Iterator[Dispatched]:
        """One dispatch after the other."""
        return self._told(0)

    def ends(self) -> Iterator[Dispatched]:
        """The same, but of a stretch its last batch alone: up to it, batches count up."""
        return self._told(-1)

    def _told(self, first: int) -> Iterator[Dispatched]:
        items = iter(self)
        noted = zip(items, items, items, items, strict=True)
        return _with_stretches(noted, first) if tuple in map(type, self[2::4]) else noted


def _with_stretches(noted: Iterable[Any], first: int) -> Iterator[Dispatched]:
    for one in noted:
        if type(one[2]) is not tuple:
            yield one
            continue
        name, epoch, (batches, ahead), logs = one
        for begins in batches[first:]:
            yield f"on_{name}_batch_begin", epoch, begins, {}
            yield f"on_{name}_batch_end", epoch, begins + ahead, logs


# The first batch of each execution, at least one; and how far an execution's last batch is
# ahead of its first, as its end is told.
Stretch: TypeAlias = tuple[range, int]

_NO_LOGS: dict[str, Any] = {}


class Trace:
    """Dispatches and events, in the order in which they happened.

    Attributes:
        items: events, and the dispatches between them.
        row: the dispatches at the end; what is added to it is noted.
        asked: the keys that callbacks get from their logs, by the callbacks' names.
    """

    __slots__ = ("_kept", "asked", "items", "row")

    _kept: tuple[list[Any], Trained, list[Any]]  # up to training, and from there to the end

    def __init__(self) -> None:
        self.asked: dict[str, tuple[str, ...]] = {}
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

    def keeps_epoch(self) -> bool:
        """Keep how the last epoch went, to `repeat` it, if nothing happened in it but training."""
        begun, trained, _ = [None, None, *self.items][-3:]
        if not isinstance(trained, Trained) or not isinstance(begun, Dispatches):
            return False
        begins = [at for at in range(0, len(begun), 4) if begun[at] == "on_epoch_begin"]
        if begins:
            self._kept = begun[begins[-1] :], trained, self.row[:]
        return bool(begins)

    def repeat(self, epoch: int, logs: Mapping[str, dict[str, Any]]) -> None:
        """Note an epoch that went as the one that is kept, with other logs, by the hook's name."""
        begun, trained, ended = self._kept
        begun[1::4] = [epoch] * len(begun[1::4])
        ended[1::4] = [epoch] * len(ended[1::4])
        ended[3::4] = [logs.get(name, _NO_LOGS) for name in ended[::4]]
        self.row += begun
        self.add(Trained(epoch, trained.batch, trained.learning_rate))
        self.row += ended

    def dispatches(self) -> Iterator[Dispatched]:
        """Every dispatch of a hook, but of a silent stretch only those of its last batch."""
        rows = (item.ends() for item in self.items if isinstance(item, Dispatches))
        return chain.from_iterable(rows)

    def timeline(self) -> Iterator[Event]:
        """Everything as events."""
        for item in self.items:
            if isinstance(item, Dispatches):
                for name, epoch, batch, logs in item.each():
                    yield Hook(name, epoch, batch, settled(logs))
            else:
                yield item


def settled(value: object) -> Any:
    """Make a value one that compares: one object for every nan, plain lists for arrays."""
    if isinstance(value, float):
        return value if value == value else NAN
    if type(value) in _PLAIN:
        return value
    if isinstance(value, Mapping):
        return {key: settled(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [settled(item) for item in value]
    if hasattr(value, "shape") and hasattr(value, "__array__"):
        try:
            value = settled(keras.ops.convert_to_numpy(value).tolist())
        except Exception:  # what it says it is it cannot be made: noted as it is
            return f"unreadable {type(value).__name__}"
    return value


def are_plain(logs: dict[str, Any]) -> bool:
    """Whether no value in logs can be another by and by."""
    return _PLAIN.issuperset(map(type, logs.values()))


def at_this_moment(logs: dict[str, Any]) -> dict[str, Any]:
    """Copy logs; a variable or an array in them becomes what it is now."""
    return {key: value if type(value) in _PLAIN else settled(value) for key, value in logs.items()}


def same(old: object, new: object) -> bool:
    """Whether two values are equal; nan equals nan, and an array only itself."""
    if old is new:
        return True
    try:
        return bool(old == new or (old != old and new != new))
    except Exception:  # whatever an object of somebody's makes of a comparison
        return False
