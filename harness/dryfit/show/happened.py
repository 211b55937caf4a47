"""What happened in each epoch, and who did it, in words."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, TypeAlias

from dryfit.facts.readable import six_digits
from dryfit.facts.suggestions import did_you_mean
from dryfit.run.timeline_events import (
    RATE,
    Change,
    Event,
    Hook,
    LogWrite,
    Printed,
    Raised,
    Slept,
    State,
    Unread,
    Warned,
    WeightsUsed,
)
from dryfit_fakes.weights import MIXED

if TYPE_CHECKING:
    from dryfit.run.run import Run

# Of each epoch the lines that tell of it, once each; and whether a line says what a run
# came to, so that it is never left out.
Happened: TypeAlias = defaultdict[int | None, dict[str, bool]]

_LINES = 8  # what an epoch says at most, but for what is never left out
_FEW = 3  # changes of a rate by one callback that have a line each


def happened_by_epoch(run: "Run") -> Happened:
    """Say what happened in each epoch of a run, in order."""
    happened: Happened = defaultdict(dict)
    rates, warned = _RatesSet(run), defaultdict[str, dict[int | None, None]](dict)
    for event in run.timeline:
        epoch = getattr(event, "epoch", None)
        if isinstance(event, Change) and event.is_rate:
            happened[epoch] |= dict.fromkeys(rates.words(event), True)
            continue
        decides = not isinstance(event, LogWrite | Warned | Slept | Unread) and not _is_save(event)
        for words in _words(event):
            happened[epoch].setdefault(words, decides)
            if isinstance(event, Warned):
                warned[words][epoch] = None
    for words, epochs in warned.items():
        _tell_once(happened, words, [epoch for epoch in epochs if epoch is not None])
    return happened


def lines_of(happened: dict[str, bool]) -> list[str]:
    """What an epoch says in its row: some lines, and all that a run came to."""
    lines = list(happened)
    if len(lines) <= _LINES:
        return lines
    free = max(0, _LINES - 1 - sum(happened.values()))
    others = [line for line, decides in happened.items() if not decides]
    left_out = set(others[free:])
    more = [f"... and {len(left_out)} more"] if left_out else []
    return [line for line in lines if line not in left_out] + more


def asked_in_vain(run: "Run") -> Iterator[str]:
    """Say which keys callbacks asked for that no epoch reported, and what was perhaps meant.

    What a callback of Keras' monitors stands in its ``monitor``; a callback of somebody's own
    that reads a key from the logs raises, and one that gets it goes on without: that is told
    where a misspelt metric was meant. A ModelCheckpoint that saves all asks for nothing.
    """
    reported = list(dict.fromkeys(key for row in run.reported.values() for key in row))
    states = [event for event in run.timeline if isinstance(event, State)]
    save_all = {s.by for s in states if s.attribute == "save_best_only" and not s.value}
    asked = {
        (state.by, state.value): None
        for state in states
        if state.attribute == "monitor" and state.by not in save_all and reported
    }
    raised = run.raised
    if raised is not None and raised.type == "KeyError" and raised.by is not None:
        asked[raised.by, raised.message.strip("'\"")] = None
        logs = (key for hook in run.hooks if hook.name == raised.hook for key in hook.logs)
        reported = list(dict.fromkeys([*reported, *logs]))
    for by, key in asked:
        if isinstance(key, str) and key not in reported and reported:
            hint = did_you_mean(key, reported)
            yield f"{by} asked for {key!r}, which no epoch reported{hint}"
    for by, keys in run.asked.items():
        for key in keys:
            if (by, key) not in asked and (hint := _misspelt(key, reported)):
                yield f"{by} asked for {key!r}, which no epoch reported{hint}"


def _misspelt(key: str, reported: Sequence[str]) -> str:
    """What was meant by a key that is none; nothing where it may well be left out.

    ``val_loss`` beside ``loss`` is not misspelt, but of a run without validation.
    """
    base = key.removeprefix("val_")
    written = {"learning_rate", "lr", *reported}
    if {key, base, f"val_{key}"} & written:
        return ""
    return did_you_mean(key, reported, 0.8)


def in_epochs(epochs: Sequence[int]) -> str:
    """Name epochs, those that follow on each other by the first and the last.

    >>> in_epochs([0, 1, 2, 5])
    'in epochs 0\u20132, 5'
    """
    starts = [epochs[0], *(after for before, after in pairwise(epochs) if after != before + 1)]
    ends = [*(before for before, after in pairwise(epochs) if after != before + 1), epochs[-1]]
    told = [str(a) if a == b else f"{a}\u2013{b}" for a, b in zip(starts, ends, strict=True)]
    return f"in epochs {', '.join(told)}"


def _tell_once(happened: Happened, words: str, epochs: list[int]) -> None:
    """Tell a warning that comes again in the first of its epochs alone."""
    if len(epochs) < 2:
        return
    for epoch in epochs[1:]:
        del happened[epoch][words]
    first = happened[epochs[0]]
    told = {f"{words} ({in_epochs(epochs)})" if w == words else w: d for w, d in first.items()}
    happened[epochs[0]] = told


def _is_save(event: Event) -> bool:
    return isinstance(event, WeightsUsed) and event.method.startswith("save")


class _RatesSet:
    """The rates that were set, by whom: one line for many of one callback in an epoch."""

    def __init__(self, run: "Run") -> None:
        self._undone = {_place(override): override.undoes for override in run.overrides}
        self._by: dict[tuple[object, ...], list[Change]] = defaultdict(list)
        for change in run.changes:
            self._by[self._whose(change)].append(change)

    def words(self, change: Change) -> Iterator[str]:
        """Say what a change is; of many, the first says all."""
        changes, undone = self._by[self._whose(change)], self._undone.get(_place(change))
        by, old, new = change.by or "the model", change.old, change.new
        of = f" of {change.optimizer}" if change.optimizer else ""
        step = f"{six_digits(old)} to {six_digits(new)}"
        if len(changes) > _FEW:
            if change is changes[0]:
                what = "sets {} rates" if undone is None else f"overrides {undone} {{}} times"
                yield f"{by} {what.format(len(changes))}{of}: {_course(changes)}"
        elif undone is None:
            yield f"{by} {_verb(old, new)} the learning rate{of}: {step}"
        else:
            yield f"{by} overrides {undone}{of}: {step}"

    def _whose(self, change: Change) -> tuple[object, ...]:
        return (change.epoch, change.by, change.what, self._undone.get(_place(change)))


def _place(change: Change) -> tuple[object, ...]:
    at = (change.what, change.epoch, change.batch, change.hook, change.by)
    return (*at, change.old, change.new)


def _course(changes: Sequence[Change]) -> str:
    """From where to where rates went, with what lies above or below both ends."""
    rates = [change.new for change in changes]
    known = [rate for rate in rates if rate is not None]
    beyond = {min(known), max(known)} - {rates[0], rates[-1]} if known else set()
    between = sorted(beyond, key=rates.index)
    return " \u2026 ".join(map(six_digits, (rates[0], *between, rates[-1])))


def _verb(old: float | None, new: float | None) -> str:
    if old is None or new is None or old == new:
        return "sets"
    return "cuts" if new < old else "raises" if new > old else "sets"


def _words(event: Event) -> Iterator[str]:
    """Say what an event means to a reader; most events say nothing."""
    match event:
        case Change(what="stop_training", new=new, by=by):
            at = "" if event.batch is None else f" at batch {event.batch}"
            yield f"{by or 'the model'} {'stops training' if new else 'lets training go on'}{at}"
        case Change(what="weights", by=by):
            yield f"{by} edits weights in place"
        case LogWrite(key=key, new=new, by=by) if not key.startswith(RATE):
            yield f"{by} writes {key}={six_digits(new)} into the logs"
        case WeightsUsed(method="set_weights" | "load_weights", old=old, to=to, by=by):
            if to == MIXED:
                yield f"{by} sets weights of no one epoch"
            elif old != to:
                yield f"{by} puts back {to}"
        case WeightsUsed(method="save" | "save_weights", path=path, by=by):
            yield f"{by} saves {path}"
        case Warned(by=by, message=message):
            yield f"{by or 'Keras'} warns: {message}"
        case Slept(by=by, seconds=seconds):
            yield f"{by or 'the model'} sleeps for {six_digits(seconds)} s"
        case Raised(by=by, type=kind, message=message):
            yield f"{by or 'the run'} raises {kind}{f': {message}' if message else ''}"
        case Unread(what=what, type=kind, message=message):
            yield f"{what} cannot be read: {kind}{f': {message}' if message else ''}"
        case Printed() | Hook() | _:
            return
