"""Checks of what is done to the model and its optimizer beside the learning rate."""

import inspect
from functools import cache

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
from dryfit.tools.check.plain_run import PlainRun, plain_run_of
from dryfit.tools.check.situations import SCHEDULE
from dryfit.tools.check.subject import PlayedSubject, Subject, without_addresses
from dryfit.tools.check.watch import COMPILED, NOT_THERE, SeenChange
from dryfit_fakes.backend import keras

_COMPILED = frozenset(f"model.{name}" for name in COMPILED)
_OF_MODEL = _COMPILED | {"model.optimizer", "model.trainable"}


def settings(subject: Subject) -> Finding:
    """What it sets on optimizer and layers comes before the step is traced, and has an effect."""
    plain = plain_run_of(subject)
    changes = [change for change in _changes(plain) if _is_setting(change)]
    for change in changes:
        if change.what in _COMPILED:
            return failed(
                f"{_told(change)}, and nothing comes of it",
                "fit makes its step of what compile() was told, before any hook is called.",
                "compile() between two calls of fit; for a weight of a loss that moves, "
                "compile(loss_weights=[variable]) with a keras.Variable, and variable.assign(...) "
                "in the hook",
            )
        if change.trained and _is_traced(plain):
            return failed(
                f"{_told(change)}, and nothing comes of it",
                "fit traces its step with the first batch: numbers and flags of Python are fixed "
                "in it from there on.",
                "compile() between two calls of fit, or set it before the first batch; the "
                "learning rate alone is a variable",
            )
    if changes:
        return passed(f"{_told(changes[0])}, and it has an effect")
    return passed("sets no number and no flag that a step is traced with")


def attributes(subject: Subject) -> Finding:
    """No attributes of its own are left on the model."""
    plain = plain_run_of(subject)
    left = [] if plain.watch is None else plain.watch.left
    for change in _changes(plain):
        if change.what in _COMPILED or not change.what.startswith("model."):
            continue
        if change.old is NOT_THERE and change.what in left:
            return failed(f"leaves {change.what} behind, set in {change.hook}{_epoch(change)}")
    return passed("leaves none")


def schedule(subject: Subject) -> Finding:
    """An optimizer with a schedule for its rate: no rate can be set."""
    if subject.optimizes_by_itself:
        return not_applicable("the model is compiled without an optimizer")
    keys = subject.curves.keys(subject.curves.stalling(8), 8, learning_rate=SCHEDULE)
    played = subject.play(keys)
    if played.error is None:
        found = passed("comes to its end")
    elif played.is_its_own and subject.meant(played.error):
        return passed(f"raises on purpose: {raising(played)}")
    elif not _is_refused(played):
        found = broken_off(played)
    elif played.run.raised is not None and played.run.raised.epoch:
        found = failed(f"sets a rate, which Keras refuses{place_of(played.run.raised)}")
    else:  # nothing was trained yet that could be lost
        return passed("sets a rate, which Keras refuses in the first epoch", raising(played))
    return found.shown_by([subject.item], call_of(keys, None))


def _changes(plain: PlainRun) -> list[SeenChange]:
    return [] if plain.watch is None else plain.watch.changes


def _is_setting(change: SeenChange) -> bool:
    owner, _, name = change.what.rpartition(".")
    if change.what in _OF_MODEL:
        return change.hook != "on_train_end"
    own = owner == "optimizer" or owner.startswith("layers[")
    known = change.old is not NOT_THERE or name in _hyperparameters()
    return own and known and change.hook != "on_train_end"


@cache
def _hyperparameters() -> frozenset[str]:
    """What optimizers of Keras are made with; the small network's has not all of it."""
    kinds = [kind for kind in vars(keras.optimizers).values() if isinstance(kind, type)]
    return frozenset(name for kind in kinds for name in inspect.signature(kind).parameters)


def _is_traced(plain: PlainRun) -> bool:
    """Whether the step was made once for all batches, as it is unless it runs eagerly."""
    assert plain.real is not None
    eager = getattr(plain.real.run.model, "run_eagerly", False)
    return keras.backend.backend() != "torch" and not eager


def _is_refused(played: PlayedSubject) -> bool:
    return isinstance(played.error, TypeError) and "not settable" in str(played.error)


def _told(change: SeenChange) -> str:
    old = "" if change.old is NOT_THERE else f" from {change.old}"
    new = "nothing" if change.new is NOT_THERE else change.new
    told = without_addresses(f"sets {change.what}{old} to {new}")
    return f"{told} in {change.hook}{_epoch(change)}"


def _epoch(change: SeenChange) -> str:
    return "" if change.epoch is None else f" of epoch {change.epoch}"
