"""The plain run: through the real ``fit`` first of all, then with the fake.

What a fake alone says is no verdict: the real ``fit`` decides whether a callback comes
through, and where the two differ the rest is played in the real lane.
"""

from dataclasses import dataclass, field, replace
from typing import Any

from dryfit.lanes.interrupts import came
from dryfit.lanes.left_behind import LeftBehind
from dryfit.lanes.time_limit import PlayTimeoutError
from dryfit.tools.check import keras2
from dryfit.tools.check.asked_keys import asked_in_vain, could_be_a_metric
from dryfit.tools.check.check_folder import room
from dryfit.tools.check.finding import raising
from dryfit.tools.check.memory_checks import decisions
from dryfit.tools.check.subject import PlayedSubject, Subject, functions_of, text_of
from dryfit.tools.check.watch import Watch
from dryfit_fakes.keras_choice import NAME
from dryfit_fakes.refusals import Refusal, refusals

_REPORTED = "asks logs for {!r}: played with a model that reports it"
_MOST_KEYS = 8  # that a callback may ask for, one after another


@dataclass
class PlainRun:
    """What came of eight epochs with nothing special.

    Attributes:
        real: through the real ``fit``; ``None`` where Keras' backend has none, or nothing began.
        fake: with a scripted model; ``None`` if it was not tried.
        refusals: what the scripted model was asked for and does not have.
        watch: what the callback changed in the real model.
        remarks: what the card says of it.
        problem: why nothing began.
    """

    real: PlayedSubject | None = None
    fake: PlayedSubject | None = None
    refusals: list[Refusal] = field(default_factory=list)
    watch: Watch | None = None
    remarks: list[str] = field(default_factory=list)
    problem: str = ""
    through: bool = True

    @property
    def told(self) -> PlayedSubject | None:
        """The one that decides."""
        return self.fake if self.real is None else self.real

    def _held_against(self) -> list[Refusal]:
        """What was refused; a question whether it is there, too, where the run breaks off on it."""
        error = None if self.through or self.told is None else self.told.error
        place = () if error is None else functions_of(error)
        return [
            replace(refusal, how="reads", names=())
            if refusal.how == "probes" and (refusal.module, refusal.function) in place
            else refusal
            for refusal in self.refusals
        ]

    def leftovers(self, kind: type) -> list[keras2.Leftover]:
        """What a class has left over from Keras 2, each once."""
        found = [*keras2.of_refusals(self._held_against()), *keras2.of_source(kind)]
        for played in (self.real, self.fake):
            found += keras2.of_error(None if played is None else played.error)
        whats = [leftover.what.partition(" ")[0] for leftover in found]
        return [one for n, one in enumerate(found) if whats[n] not in whats[:n]]


def keys_of(subject: Subject) -> dict[str, Any]:
    """The script of the plain run."""
    return subject.curves.keys(subject.curves.stalling(8), 8)


def plain_run_of(subject: Subject) -> PlainRun:
    """Play it once, and choose the lane of everything else."""
    if subject.plain is None:
        subject.plain = _played(subject)
    plain: PlainRun = subject.plain
    return plain


def _played(subject: Subject) -> PlainRun:
    plain = PlainRun()
    try:
        left = LeftBehind()
        for key in asked_in_vain(subject)[:_MOST_KEYS]:
            subject.curves.report(key)
            plain.remarks.append(_REPORTED.format(key))
        _through_fit(subject, plain)
        if plain.real is None or not isinstance(plain.real.error, PlayTimeoutError):
            with room(subject.place), refusals() as plain.refusals:
                plain.fake = subject.play(keys_of(subject), lane="fake")
        if copy := left.copy():
            plain.problem = text_of(copy)
    except BaseException as error:  # out of the constructor, or before a run begins
        if came():
            raise
        plain.problem = text_of(error)
    plain.refusals = [r for r in plain.refusals if not r.module.startswith(f"{NAME}.")]
    told = plain.told
    plain.through = not plain.problem and told is not None and _gets_through(subject, told)
    if told is not None and told.swallowed:
        plain.remarks.append(f"goes on after an exception that it prints: {told.swallowed}")
    if plain.through and plain.real is not None:
        _choose(subject, plain)
    return plain


def _through_fit(subject: Subject, plain: PlainRun) -> None:
    """Play it through the real ``fit``, with whatever key the callback asks logs for."""
    for _ in range(_MOST_KEYS):
        try:
            with room(subject.place):
                callback = subject.make()
                plain.watch = watch = Watch(callback)
                plain.real = subject.play(
                    keys_of(subject),
                    callback,
                    before=[watch.before],
                    after=[watch.behind],
                    lane="real",
                )
        except NotImplementedError as error:  # a backend without fit
            plain.remarks.append(f"not through the real fit: {text_of(error)}")
            return
        key = _asked_for(subject, plain.real)
        if key is None:
            return
        subject.curves.demand(key)
        plain.remarks.append(_REPORTED.format(key))


def _asked_for(subject: Subject, played: PlayedSubject) -> str | None:
    """The key that its hook looked for in vain, if a model could report it."""
    error = played.error
    if not isinstance(error, KeyError) or not played.is_its_own or len(error.args) != 1:
        return None
    key = error.args[0]
    if not isinstance(key, str) or key in subject.curves.names or [*keras2.of_error(error)]:
        return None
    return key if could_be_a_metric(key) else None


def _gets_through(subject: Subject, played: PlayedSubject) -> bool:
    """Whether it comes to its end, or decides with an exception in some epoch."""
    if played.error is None:
        return True
    return bool(subject.meant(played.error) and played.run.epochs_run)


def _choose(subject: Subject, plain: PlainRun) -> None:
    """Play in the real lane what the fake does not play as the real ``fit`` does."""
    assert plain.real is not None
    assert plain.fake is not None
    why = _refused(plain.refusals)
    if why and plain.fake.error is None:
        why += ", and the callback swallows the refusal"
    if not why and not _same(plain.real, plain.fake):
        does = (
            "does something else" if plain.fake.error is None else f"raises {raising(plain.fake)}"
        )
        why = f"with a scripted model it {does}"
    if subject.training.model is not None:
        subject.lane = "real"
        plain.remarks.append("played with the model that was given, through the real fit")
    elif why:
        subject.lane = "real"
        plain.remarks.append(f"{why}: everything is played through the real fit")


def _same(real: PlayedSubject, fake: PlayedSubject) -> bool:
    """Whether the callback did the same with both: decisions, what it printed, what it keeps."""
    return type(real.error) is type(fake.error) and _done(real) == _done(fake)


def _done(played: PlayedSubject) -> tuple[Any, ...]:
    run = played.run
    decided = [(epoch, what.partition(" to ")[0]) for epoch, what in decisions(run, saves=True)]
    printed = sum(line.by == played.by for line in run.prints)
    written = {write.key for write in run.log_writes if write.by == played.by}
    kept = {
        name: [bool(value) for value in values]
        for name, values in run.state.items()
        if name.startswith(f"{played.by}.")
    }
    return decided, printed, written, kept


def _refused(refusals: list[Refusal]) -> str:
    """What the scripted model refused and a real one has, with who asked."""
    from dryfit.lanes.networks import small_network

    model, _ = small_network()
    has = {
        "ScriptedModel": model,
        "ScriptedOptimizer": model.optimizer,
        "ScalarVariable": model.optimizer.learning_rate,
    }
    for refusal in refusals:
        real = has.get(refusal.owner)
        there = refusal.name in ("call", "predict") or hasattr(real, refusal.name)
        if refusal.how == "sets" and not [*keras2.of_refusals([refusal])]:
            there = True
        if there:
            where = f"{refusal.function}, line {refusal.line} of {refusal.module}"
            return f"a scripted model has no {_asked(refusal)}, asked for in {where}"
    return ""


def _asked(refusal: Refusal) -> str:
    owner = {"ScriptedOptimizer": "optimizer.", "ScalarVariable": "learning_rate."}
    name = {"call": "prediction", "predict": "prediction"}.get(refusal.name, refusal.name)
    return f"{owner.get(refusal.owner, '')}{name}"
