"""Asking a run, or a ``History``, for what its picture shows."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby, pairwise
from typing import TYPE_CHECKING, Any

from dryfit.run.run import Run
from dryfit.run.timeline_events import Began, Change, Raised, State, WeightsUsed
from dryfit.show.plot.curves import panels
from dryfit.show.plot.picture import Cooldown, Cut, DrawnOverride, Picture, Restore, Save, Stop

if TYPE_CHECKING:
    from dryfit.scenario.history_columns import ReportedHistory

_COUNTER = "cooldown_counter"


def picture(run: Run, monitor: str | None = None, mode: str = "auto") -> Picture:
    """Ask a run for what its picture shows.

    Args:
        monitor: the metric to show with its best epoch, that of its validation where
            there is one; by default what the callbacks monitor, or else the loss.
        mode: ``"min"`` or ``"max"``, whether low or high is best; with ``"auto"`` what the
            callbacks have, or what the metric's name says.

    Raises:
        ValueError: no epoch reported such a metric, or there is no such mode.
    """
    begun = run.epochs_begun
    first, last = (begun[0], begun[-1]) if begun else (0, 0)
    remembered = _remembered(run)
    when = _When(first, last, frozenset(run.epochs), run.params.get("steps") or 0)
    return Picture(
        first,
        last,
        bool(begun),
        panels(
            run.reported,
            {name: [value for _, value in changes] for name, changes in remembered.items()},
            monitor,
            mode,
        ),
        rates=tuple(_rates(run, when)),
        learning_rate=run.learning_rate,
        learning_rate_after=run.learning_rate_after,
        stops=tuple(_stops(run, when)),
        restored=tuple(_restored(run, when)),
        saved=tuple(Save(when.at(used), used.epoch, used.by) for used in run.checkpoints),
        cuts=tuple(_cuts(run, when)),
        overrides=tuple(_overrides(run, when)),
        cooldowns=tuple(_cooldowns(run, remembered)),
        never_run=never_run(begun, run.params.get("epochs")),
    )


def of_history(
    history: "ReportedHistory",
    monitor: str | None = None,
    mode: str = "auto",
    validation_freq: int = 1,
) -> Picture:
    """Ask a ``History``, or its dict, for what its picture shows: curves, and logged rates.

    Args:
        history: what ``fit`` returned, or its ``history``.
        monitor: as in `picture`.
        mode: as in `picture`.
        validation_freq: as in ``fit``: a history does not say which epochs had a validation.

    Raises:
        ValueError: it is no training's; or as in `picture`.
    """
    from dryfit.scenario.history_columns import RATES, by_epoch

    first, columns = by_epoch(history, validation_freq=validation_freq)
    rates = next((columns.pop(key) for key in RATES if key in columns), [])
    length = max((len(column) for column in columns.values()), default=len(rates))
    epochs = range(first, first + length)
    rows = {
        epoch: {name: column[epoch - first] for name, column in columns.items()} for epoch in epochs
    }
    return Picture(
        first,
        epochs[-1],
        True,
        panels(rows, {}, monitor, mode),
        rates=tuple((e - 0.5, rate) for e, rate in zip(epochs, rates, strict=False) if rate),
        rates_logged=True,
        learning_rate=tuple(rates),
        never_run=never_run(tuple(epochs), (getattr(history, "params", None) or {}).get("epochs")),
    )


def never_run(begun: tuple[int, ...], asked_for: int | None) -> tuple[int, int] | None:
    """The first and the last epoch that were asked for and did not begin."""
    if not begun or asked_for is None or asked_for <= begun[-1] + 1:
        return None
    return begun[-1] + 1, asked_for - 1


@dataclass(frozen=True, slots=True)
class _When:
    """Where on the axis of epochs something happens."""

    first: int
    last: int
    ended: frozenset[int]
    batches: int

    def at(self, event: Change | WeightsUsed | Raised) -> float:
        hook = event.hook or ""
        if hook == "on_train_begin" or (event.epoch is None and hook != "on_train_end"):
            return self.first - 0.5
        if hook == "on_train_end" or event.epoch is None:
            return self.last + 0.5
        if hook == "on_epoch_begin":
            return event.epoch - 0.5
        if not hook and event.epoch not in self.ended:  # somewhere in it
            return event.epoch
        if event.batch is not None and "train_batch" in hook and self.batches:
            done = event.batch + (hook == "on_train_batch_end")
            return event.epoch - 0.5 + min(done / self.batches, 1)
        return event.epoch + 0.5


def _rates(run: Run, when: _When) -> Iterator[tuple[float, float]]:
    began = next((e for e in run.timeline if isinstance(e, Began)), None)
    unused = set(map(id, run.unused))
    rate = None if began is None else began.learning_rate
    if isinstance(rate, dict):
        return
    if rate is not None:
        yield when.first - 0.5, rate
    for change in run.changes:
        if id(change) not in unused and change.new not in (None, rate):
            rate = change.new
            yield when.at(change), rate


def _stops(run: Run, when: _When) -> Iterator[Stop]:
    if (stop := run.stopped) is not None:
        yield Stop(when.at(stop), stop.epoch, stop.batch, stop.by)
    if (error := run.raised) is not None:
        yield Stop(when.at(error), error.epoch, error.batch, error.by, error.type)


def _restored(run: Run, when: _When) -> Iterator[Restore]:
    epochs = set(run.epochs_begun)
    for used in run.restored:
        own = used.to.fit == used.old.fit and used.to.epoch in epochs
        yield Restore(
            when.at(used), used.epoch, used.by, str(used.to), used.to.epoch if own else None
        )


def _cuts(run: Run, when: _When) -> Iterator[Cut]:
    unused = set(map(id, run.unused))
    for cut in run.reductions:
        yield Cut(when.at(cut), cut.epoch, cut.by, cut.old, cut.new, id(cut) not in unused)


def _overrides(run: Run, when: _When) -> Iterator[DrawnOverride]:
    found = iter(run.overrides)
    override = next(found, None)
    for old, new in pairwise(run.changes):
        if override is None:
            return
        if _place(override) == _place(new) and old.by == override.undoes:
            assert override.by is not None
            yield DrawnOverride(
                when.at(new), new.epoch, override.by, override.undoes, old.epoch, old.new, new.new
            )
            override = next(found, None)


def _place(change: Change) -> tuple[Any, ...]:
    return change.epoch, change.batch, change.hook, change.by, change.old, change.new


def _remembered(run: Run) -> dict[str, list[tuple[int | None, Any]]]:
    """The values of the attributes that a picture tells of: since which epoch, and what.

    `Run.state` has every attribute in every epoch, which is much in a long run.
    """
    found: dict[str, list[tuple[int | None, Any]]] = {}
    for event in run.timeline:
        if isinstance(event, State) and event.attribute in ("monitor", "mode", "best", _COUNTER):
            found.setdefault(f"{event.by}.{event.attribute}", []).append((event.epoch, event.value))
    return found


def _cooldowns(run: Run, remembered: dict[str, list[tuple[int | None, Any]]]) -> Iterator[Cooldown]:
    cut = {(change.by, change.epoch) for change in run.reductions}
    for name, changes in remembered.items():
        by, _, attribute = name.rpartition(".")
        if attribute != _COUNTER:
            continue
        since = dict(changes)
        count = since.get(None, 0)
        rests = []
        for epoch in run.epochs:
            count = since.get(epoch, count)
            rests.append((epoch, bool(count) and count > 0 and (by, epoch) not in cut))
        for resting, epochs in groupby(rests, key=lambda item: item[1]):
            if resting:
                span = [epoch for epoch, _ in epochs]
                yield Cooldown(by, span[0], span[-1])
