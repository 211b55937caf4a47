"""Checks that play twice: what does the callback keep that it should not?"""

import copy
import linecache
import pickle
from collections.abc import Callable
from contextlib import chdir
from dataclasses import dataclass
from typing import Any

from dryfit.facts.notation import number
from dryfit.lanes.interrupts import came
from dryfit.run.run import Run
from dryfit.tools.check.check_folder import folder_of_its_own
from dryfit.tools.check.finding import (
    Finding,
    broken_off,
    call_of,
    failed,
    not_applicable,
    passed,
    place_of,
    raising,
)
from dryfit.tools.check.given import of_its_own
from dryfit.tools.check.situations import at
from dryfit.tools.check.subject import PlayedSubject, Subject, functions_of, text_of
from dryfit_fakes.protocols import Callback

_EPOCHS = 20
_SHORTEST = 3  # a count of less is one of fits
_CONTAINERS = (list, dict, set, bytearray)
# What copying says of a lock, a file, a lambda or a class in a function.
_HELD = ("cannot pickle", "can't pickle", "local object", "not found as", "cannot serialize")


def nan_first(subject: Subject) -> Finding:
    """NaN in epoch 0, then every value better than the last: nothing later is decided by it."""
    return _odd(subject, "nan", 0)


def inf_first(subject: Subject) -> Finding:
    """An infinite loss in epoch 0, then every value better than the last."""
    return _odd(subject, "inf", 0)


def nan_later(subject: Subject) -> Finding:
    """NaN in epoch 2, and every value better than the last but for that."""
    return _odd(subject, "nan", 2)


def inf_later(subject: Subject) -> Finding:
    """An infinite loss in epoch 2, and every value better than the last but for that."""
    return _odd(subject, "inf", 2)


def second_fit(subject: Subject) -> Finding:
    """The same script again with the same instance: the same decisions."""
    keys = subject.curves.keys(subject.curves.stalling(_EPOCHS), _EPOCHS)
    fits = _two_fits(subject)
    first, second = fits.first, fits.second
    if first.error is None and _refuses(subject, second):
        return passed("refuses a second fit before it trains", raising(second))
    if second.swallowed and not first.swallowed:
        return failed(
            f"the second fit goes on after an exception that it prints: {second.swallowed}",
            "An instance may train twice, and of the second training it does nothing.",
            "in on_train_begin, and not in __init__, what training changes or uses up",
        )
    found = _same(subject, keys, first, second, "the second fit")
    return of_its_own(subject, found, one_callback=True)


def attributes_reset(subject: Subject) -> Finding:
    """What the callback collects in a fit is not still there in the next."""
    fits = _two_fits(subject)
    began, after_first, after_second = fits.lengths
    if fits.second.error is not None and not _meant(subject, fits.second):
        return not_applicable("not played: the second fit does not come to its end")
    for name, length in after_first.items():
        if began.get(name, 0) < length < after_second.get(name, 0):
            more = after_second[name]
            return failed(f"{name} has {length} items after a fit, and {more} after the next")
    return passed("nothing that it collects has grown with the second fit", _going_on(*fits.counts))


def after_an_exception(subject: Subject) -> Finding:
    """A fit after one that was broken off: hooks of its end were never called."""
    keys = subject.curves.keys(subject.curves.improving(4), 4)
    broken = {**keys, "interrupt": {"epoch": 1, "batch": 1}}
    callback = subject.make()
    subject.play(broken, callback)
    again = subject.play(keys, callback)
    calls = (
        call_of(broken, {"raises": {"type": "KeyboardInterrupt"}}),
        {**call_of(keys, None), "model": "fresh"},
    )
    if again.error is not None and not _meant(subject, again):
        return broken_off(again).shown_by([subject.item], *calls)
    if again.error is not None:
        return passed(f"raises on purpose: {raising(again)}")
    return passed("the next fit comes to its end").shown_by([subject.item], *calls)


def two_instances(subject: Subject) -> Finding:
    """A second instance does not know what the first has seen."""
    keys = subject.curves.keys(subject.curves.stalling(_EPOCHS), _EPOCHS)
    mine = subject.make()
    with folder_of_its_own("other"):  # what one has written, the other may well read
        other = subject.make()
    began = _class_lengths(mine)
    first = subject.play(keys, mine)
    for name, length in _class_lengths(mine).items():
        if length > began.get(name, 0):
            return failed(f"{name} belongs to the class and has grown: all instances share it")
    with chdir("other"):
        second = subject.play(keys, other)
    found = _same(subject, keys, first, second, "a second instance", file=False)
    return of_its_own(subject, found)


def deep_copy(subject: Subject) -> Finding:
    """A deep copy made before training decides as the original, which does not notice."""
    return _copied(subject, copy.deepcopy, "a deep copy")


def pickled(subject: Subject) -> Finding:
    """Pickled before training and read again, it decides as the original."""
    return _copied(subject, lambda one: pickle.loads(pickle.dumps(one)), "a pickled copy")  # noqa: S301


@dataclass(frozen=True, slots=True)
class _TwoFits:
    """The same script twice, with one instance.

    Attributes:
        lengths: how much its containers hold before, in between and behind.
        counts: likewise, its counts.
    """

    first: PlayedSubject
    second: PlayedSubject
    lengths: list[dict[str, int]]
    counts: list[dict[str, int]]


def _two_fits(subject: Subject) -> _TwoFits:
    def played() -> _TwoFits:
        keys = subject.curves.keys(subject.curves.stalling(_EPOCHS), _EPOCHS)
        callback = subject.make()
        fits, lengths, counts = [], [_lengths(callback)], [_counts(callback)]
        for _ in range(2):
            fits.append(subject.play(keys, callback))
            lengths.append(_lengths(callback))
            counts.append(_counts(callback))
        return _TwoFits(fits[0], fits[1], lengths, counts)

    return subject.once("two fits", played)


def decisions(run: Run, *, saves: bool = False) -> list[tuple[int, str]]:
    """What was decided in a run, with the epoch of each.

    Args:
        saves: whether weights written to files count.
    """
    found = [
        (event.epoch or 0, place_of(event), f"sets the rate to {number(event.new)}")
        for event in run.changes
    ]
    found += [
        (event.epoch or 0, place_of(event), f"puts back {event.to}") for event in run.restored
    ]
    if saves:
        found += [(e.epoch or 0, place_of(e), "saves weights") for e in run.checkpoints]
    if run.stopped is not None:
        found.append((run.stopped.epoch or 0, place_of(run.stopped), "stops"))
    return sorted((epoch, f"{what}{where}") for epoch, where, what in found)


def _odd(subject: Subject, token: str, epoch: int) -> Finding:
    """Compare a run that has an odd value in one epoch with one that has not."""
    metrics = subject.curves.improving(_EPOCHS)
    control = subject.curves.keys(metrics, _EPOCHS)
    hit = [n for n in metrics if token == "nan" or n.removeprefix("val_") == "loss"]  # noqa: S105
    keys = subject.curves.keys(
        {n: at(v, epoch, token) if n in hit else v for n, v in metrics.items()}, _EPOCHS
    )
    played = subject.play(keys)
    if played.error is not None and not _meant(subject, played):
        return broken_off(played).shown_by([subject.item], call_of(keys, None))
    # In the odd epoch and the one behind it a callback may do what it likes.
    allowed = epoch + (epoch > 0)
    got = decisions(played.run, saves=True)
    if any(at_ <= allowed and "stops" in what for at_, what in got) or played.error is not None:
        what = raising(played) if played.error else next(w for _, w in got if "stops" in w)
        found = passed(f"ends the run: {what}")
        if played.error is not None:
            return found
        return found.shown_by([subject.item], call_of(keys, None))
    with folder_of_its_own("control"):
        plain = subject.once("control", lambda: decisions(subject.play(control).run, saves=True))
    later = [[d for d in all_ if d[0] > allowed] for all_ in (got, plain)]
    if [_kind(d) for d in later[0]] == [_kind(d) for d in later[1]]:
        reason = "decides later epochs as it does without"
        return passed(reason).shown_by([subject.item], call_of(keys, None))
    stops = [next((at_ for at_, what in all_ if "stops" in what), _EPOCHS) for all_ in later]
    if stops[1] < stops[0] < _EPOCHS:  # it counts what is no improvement, and counts anew
        return passed("stops later", f"stops in epoch {stops[0]}, without in epoch {stops[1]}")
    only = [d for d in later[0] if _kind(d) not in map(_kind, later[1])]
    lacking = [d for d in later[1] if _kind(d) not in map(_kind, later[0])]
    said = (
        f"{only[0][1]}, though every value from there on is the best so far"
        if only
        else (f"no longer {lacking[0][1]}, as it does without")
    )
    expect = _expected(subject, control)
    return of_its_own(subject, failed(said).shown_by([subject.item], call_of(keys, expect)))


def _expected(subject: Subject, keys: dict[str, Any]) -> dict[str, Any]:
    """What a scenario may expect of the decisions of a run."""
    run = subject.play(keys).run
    expect: dict[str, Any] = {"epochs_run": run.epochs_run}
    if run.checkpoints:
        expect["checkpoints"] = [{"epoch": event.epoch} for event in run.checkpoints]
    if len(set(run.learning_rate_after)) == 1:
        expect["learning_rate_after"] = number(run.learning_rate_after[0])
    return expect


def _kind(decision: tuple[int, str]) -> tuple[int, str]:
    """A decision without what a rate was before."""
    epoch, what = decision
    return epoch, what.partition(" to ")[0]


def _same(
    subject: Subject,
    keys: dict[str, Any],
    first: PlayedSubject,
    second: PlayedSubject,
    who: str,
    *,
    file: bool = True,
) -> Finding:
    for played in (first, second):
        if played.error is not None and not _meant(subject, played):
            found = broken_off(played, f"{who if played is second else 'the first fit'}: {{}}")
            calls = (call_of(keys, None), {**call_of(keys, None), "model": "fresh"})
            return found.shown_by([subject.item], *calls) if file else found
    here, there = decisions(first.run), decisions(second.run)
    ends = [str(p.error and raising(p)) for p in (first, second)]
    if here == there and ends[0] == ends[1]:
        said = "decides the same" if here else "decides nothing, both times"
        return _shown(subject, keys, first, passed(said), file)
    old = next((what for what in here if what not in there), None)
    new = next((what for what in there if what not in here), None)
    said_of_first = f"the first {old[1]}" if old else "the first does not"
    said_of_second = f"{who} {new[1]}" if new else f"{who} does not"
    return _shown(subject, keys, first, failed(f"{said_of_second}; {said_of_first}"), file)


def _shown(
    subject: Subject, keys: dict[str, Any], first: PlayedSubject, found: Finding, file: bool
) -> Finding:
    """With a file of two fits, in which the second must decide as the first did."""
    if not file:
        return found
    run = first.run
    expect: dict[str, Any] = {"epochs_run": run.epochs_run}
    if run.stopped is not None and run.stopped.epoch is not None:
        expect["stopped"] = {"epoch": run.stopped.epoch}
    expect["learning_rate_after"] = " ".join(map(number, run.learning_rate_after))
    if run.epochs_run == 1:
        expect["learning_rate_after"] += "x1"
    expect["restored"] = [{"epoch": event.epoch} for event in run.restored]
    calls = (call_of(keys, expect), {**call_of(keys, expect), "model": "fresh"})
    return found.shown_by([subject.item], *calls)


def _copied(subject: Subject, copied: Callable[[Any], Any], what: str) -> Finding:
    original = subject.make()
    try:
        twin = copied(original)
    except BaseException as error:
        if came():
            raise
        text = text_of(error)
        held = any(part in text.lower() for part in _HELD) or not _is_out_of(error, subject)
        if held and not isinstance(error, RecursionError):
            return not_applicable(f"it holds what cannot be copied: {text}")
        return failed(f"making {what} raises {text}")
    keys = subject.curves.keys(subject.curves.stalling(_EPOCHS), _EPOCHS)
    if twin is original:
        return failed(f"{what} is the original itself")
    with folder_of_its_own("first"):
        first = subject.play(keys)
    before = _lengths(original)  # which may share with all instances, and so with that one
    second = subject.play(keys, twin)
    if _lengths(original) != before:
        grown = next(name for name, size in _lengths(original).items() if before.get(name) != size)
        return failed(f"{what} shares {grown} with the original")
    found = _same(subject, keys, first, second, what, file=False)
    with folder_of_its_own("another"):
        alike = found.outcome != "failed" or _is_alike(first, subject.play(keys))
    if not alike:
        return not_applicable("two instances that are no copies decide differently already")
    return found


def _refuses(subject: Subject, played: PlayedSubject) -> bool:
    """Whether it says no at a fit's begin, where nothing is lost: a ``raise`` line of its own."""
    raised = played.run.raised
    if played.error is None or raised is None or raised.hook != "on_train_begin":
        return False
    trace = played.error.__traceback__
    assert trace is not None  # it was caught
    while trace.tb_next is not None:
        trace = trace.tb_next
    module = str(trace.tb_frame.f_globals.get("__name__")).partition(".")[0]
    line = linecache.getline(trace.tb_frame.f_code.co_filename, trace.tb_lineno)
    return module in subject.packages and line.lstrip().startswith("raise")


def _is_out_of(error: BaseException, subject: Subject) -> bool:
    """Whether code of the callback's own package had a part in what was raised."""
    modules = (name.partition(".")[0] for name, _ in functions_of(error))
    return not subject.packages.isdisjoint(modules)


def _is_alike(first: PlayedSubject, second: PlayedSubject) -> bool:
    return decisions(first.run) == decisions(second.run)


def _meant(subject: Subject, played: PlayedSubject) -> bool:
    assert played.error is not None
    return played.is_its_own and subject.meant(played.error)


def _lengths(callback: Callback) -> dict[str, int]:
    """How much each container of a callback holds."""
    own = vars(callback).items()
    return {name: len(value) for name, value in own if isinstance(value, _CONTAINERS)}


def _counts(callback: Callback) -> dict[str, int]:
    return {name: value for name, value in vars(callback).items() if type(value) is int}


def _going_on(began: dict[str, int], first: dict[str, int], second: dict[str, int]) -> str:
    """What counted epochs or batches, and went on where the fit before had ended."""
    for name, count in first.items():
        in_first = count - began.get(name, 0)
        if in_first >= _SHORTEST and second.get(name, 0) - count == in_first:
            return f"{name} goes on counting: {count} after a fit, {second[name]} after the next"
    return ""


def _class_lengths(callback: Callback) -> dict[str, int]:
    """How much each container of a callback's class and its bases holds."""
    found: dict[str, int] = {}
    for base in type(callback).__mro__:
        for name, value in vars(base).items():
            if not name.startswith("__") and isinstance(value, _CONTAINERS):
                found.setdefault(f"{base.__name__}.{name}", len(value))
    return found
