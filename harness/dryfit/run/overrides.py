"""Which rates trained nothing, and which of them another callback threw away."""

from collections.abc import Iterable, Iterator

from dryfit.run.timeline_events import Change, Override, Trained


def overridden(events: Iterable[object]) -> Iterator[Override]:
    """Each rate that one callback set and another replaced before any batch trained."""
    for old, new in untrained(events):
        if new is not None and old.by is not None and new.by not in (None, old.by):
            at = new.epoch, new.batch, new.hook
            yield Override(new.what, *at, new.by, new.old, new.new, undoes=old.by)


def untrained(events: Iterable[object]) -> Iterator[tuple[Change, Change | None]]:
    """Each rate that no batch trained with, and the change that replaced it, if any."""
    waiting: dict[str, Change] = {}
    for event in events:
        if isinstance(event, Trained):
            waiting = {}
        elif isinstance(event, Change) and event.is_rate:
            if event.what in waiting:
                yield waiting[event.what], event
            waiting[event.what] = event
    yield from ((change, None) for change in waiting.values())
