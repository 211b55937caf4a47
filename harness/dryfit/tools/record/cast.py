"""Who is who: the callbacks of a training, and those of the scenario that replays it.

A callback that a file cannot name is left out. What it did is done by small
actors in its place: `WriteLogs`, `SetLearningRateAt` and `StopAt`.
"""

from collections import Counter, deque
from collections.abc import Sequence
from typing import Any

from dryfit.facts.notation import Raw, exactly, number, series
from dryfit.run.run import Run
from dryfit.run.timeline_events import Began, Change, Deed
from dryfit.tools.record.callback_items import BY_RATES, CannotWriteError, Item

MAX_RATES = 100  # that are set again one by one in place of a callback

Described = Item | CannotWriteError | None


class Cast:
    """The callbacks of a scenario file, and whom of the training each of them plays.

    Args:
        began: how the training began, with its callbacks as `by` has them.
        described: what each is in a file, or why it cannot be; ``None`` is left
            out without a word.
        run: what they have done so far.

    Attributes:
        entries: names and settings, as they are written.
        about: what a reader of the file should know of them.
        rates_known: whether every rate that a callback set is set again.
        moved_by_themselves: whether rates moved that no callback of the file sets.
    """

    def __init__(self, began: Began, described: Sequence[Described], run: Run) -> None:
        self.entries: list[tuple[str, dict[str, Any]]] = []
        self.about: list[str] = []
        self.rates_known = True
        self._began = began
        self._run = run
        self._counts: Counter[str] = Counter()
        self._items: dict[str, Item] = {}
        self._names: dict[Any, str] = {}
        for by, callback in zip(began.callbacks, described, strict=True):
            if isinstance(callback, Item) and (path := self._untold_path(by, callback)) is not None:
                callback = CannotWriteError(f"it writes {path}, which none of its settings says")
            several = isinstance(began.learning_rate, dict)
            if several and isinstance(callback, Item) and BY_RATES in callback.settings.values():
                callback = CannotWriteError("its schedule gave the rates of several optimizers")
            if isinstance(callback, Item):
                self._add_item(by, callback)
            elif callback is not None:
                self._replace(by, str(callback))
        self.moved_by_themselves = any(self.plays(change) is None for change in run.changes)

    @property
    def sets_rates(self) -> bool:
        """Whether a callback of the file sets a rate."""
        return any(self.plays(change) is not None for change in self._run.changes)

    @property
    def epochs_with_acts_in_batches(self) -> list[int]:
        """The epochs in which a callback of the file acted on what a batch reported."""
        run = self._run
        acts: list[Any] = [*run.changes, *run.checkpoints]
        acts += [run.stopped] if run.stopped is not None else []
        return sorted({act.epoch for act in acts if self._looked_at_batch(act)})

    def _looked_at_batch(self, act: Any) -> bool:
        if act.batch is None or not self.is_item(act.by):
            return False
        return isinstance(act, Change) or not self.item(act.by).saves_by_count

    def plays(self, event: Deed) -> str | None:
        """Who does it in the replay; ``None`` for what nobody does."""
        return self.played_by(event.by) or self._names.get(_place(event))

    def played_by(self, by: str | None) -> str | None:
        """What a callback that is in the file is called there."""
        return self._names.get(by)

    @property
    def of_ones_own(self) -> list[str]:
        """The callbacks of the file that are neither Keras' nor ours, those who acted first."""
        own = [by for by, item in self._items.items() if ":" in item.name]
        stop = self._run.stopped
        acted = {change.by for change in self._run.changes} | {stop.by if stop else None}
        return sorted(own, key=lambda by: by not in acted)

    def whose(self, name: str | None) -> str | None:
        """Who of the training has a name in the replay."""
        return next((by for by in self._items if self._names[by] == name), None)

    def is_item(self, by: str | None) -> bool:
        """Whether a callback is in the file itself."""
        return by in self._items

    def item(self, by: str) -> Item:
        """A callback of the training as the file has it."""
        return self._items[by]

    def _untold_path(self, by: str, item: Item) -> str | None:
        paths = (used.path for used in self._run.checkpoints if used.by == by)
        return next((path for path in paths if path and item.path(path) is None), None)

    def _add_item(self, by: str, item: Item) -> None:
        settings = dict(item.settings)
        if settings.get("schedule") is BY_RATES:
            rates = self._rates_after(by)
            settings["schedule"] = {"piecewise": {e: Raw(number(r)) for e, r in rates.items()}}
            self.about.append(f"{by}: its schedule is written as the rates that it gave")
        self._items[by] = item
        self._names[by] = self._add(item.name, settings)

    def _add(self, name: str, settings: dict[str, Any]) -> str:
        """Write an entry; return what `by` calls it in the replay."""
        self.entries.append((name, settings))
        kind = name.rpartition(":")[2].rpartition(".")[2]
        self._counts[kind] += 1
        return kind if self._counts[kind] == 1 else f"{kind}#{self._counts[kind]}"

    def _replace(self, by: str, reason: str) -> None:
        before = len(self.entries)
        if written := self._log_writes(by):
            self._add("WriteLogs", {"metrics": written})
        mine = (change for change in self._run.changes if change.by == by)
        rates = [change for change in mine if change.optimizer is None]  # actors know one optimizer
        many = len(rates) > MAX_RATES
        if many:  # they are written as rates that moved by themselves
            rates = []
        for change in rates:
            rate = {"learning_rate": Raw(number(change.new))}
            settings = rate | _where(change)
            self._names[_place(change)] = self._add("SetLearningRateAt", settings)
        stop = self._run.stopped
        if stop is not None and stop.by == by:
            self._names[_place(stop)] = self._add("StopAt", _where(stop))
        actors = dict.fromkeys(name for name, _ in self.entries[before:])
        actors |= {"rates": None} if many else {}
        does = f"; {', '.join(actors)} in its place" if actors else ""
        self.about.append(f"left out: {by}: {reason}{does}")

    def _log_writes(self, by: str) -> dict[str, Any]:
        """What a callback wrote into the logs of epochs' ends: a series each."""
        found: dict[str, dict[int, float]] = {}
        for write in self._run.log_writes:
            at_end = write.hook == "on_epoch_end" and write.epoch is not None
            if write.by == by and at_end and isinstance(write.new, int | float):
                found.setdefault(write.key, {})[write.epoch] = write.new  # type: ignore[index]
        return {key: _as_text(values) for key, values in found.items()}

    def _rates_after(self, by: str) -> dict[int, float]:
        """The rate after a callback's own ``on_epoch_begin``, in each epoch in which it moved.

        Whoever stands behind it in the list may have changed the rate again.
        """
        rate: Any = self._began.learning_rate
        changes = deque(self._run.changes)
        found: dict[int, float] = {}
        for epoch in self._run.epochs:
            while changes and self._is_before(changes[0], epoch, by):
                rate = changes.popleft().new
            if not found or rate != next(reversed(found.values())):
                found[epoch if found else 0] = rate
        return found

    def _is_before(self, change: Change, epoch: int, by: str) -> bool:
        """Whether a change comes before the end of a callback's ``on_epoch_begin``."""
        if change.epoch is None or change.epoch < epoch:
            return True
        if change.epoch > epoch or change.hook != "on_epoch_begin" or change.by is None:
            return False
        order = self._began.callbacks.index
        return order(change.by) <= order(by)


def _where(change: Change) -> dict[str, Any]:
    """The place of a change, as the actors take it."""
    usual = "on_epoch_end" if change.batch is None else "on_train_batch_end"
    hook = change.hook if change.hook != usual else None
    place = {"epoch": change.epoch, "batch": change.batch, "hook": hook}
    return {name: value for name, value in place.items() if value is not None}


def _place(event: Deed) -> tuple[Any, ...]:
    what = getattr(event, "what", None)
    return (what, event.epoch, event.batch, event.hook, event.by)


def _as_text(values: dict[int, float]) -> str:
    # Text, and not a number: that would be one for every epoch.
    tokens = (exactly(values.get(epoch)) for epoch in range(max(values) + 1))
    return str(series(tokens, goes_on=True))
