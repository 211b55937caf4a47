"""Checks that play one script: does the callback come through?"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from dryfit.facts.notation import number
from dryfit.run.run import Run
from dryfit.scenario.alternatives import Item
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
from dryfit.tools.check.keras2 import of_error
from dryfit.tools.check.own_source import every_nth
from dryfit.tools.check.plain_run import keys_of, plain_run_of
from dryfit.tools.check.situations import PREDICTION, at
from dryfit.tools.check.subject import PlayedSubject, Subject, text_of
from dryfit.tools.check.wrappers import WithoutLogs, WithoutSteps
from dryfit_fakes.actors import StopAt
from dryfit_fakes.backend import LEGACY, keras
from dryfit_fakes.dispatch import has_hook
from dryfit_fakes.protocols import Callback
from dryfit_fakes.quantities import quantity
from dryfit_fakes.script_keywords import Method

_BESIDE: tuple[Item, ...] = (
    ("EarlyStopping", {"patience": 50, "restore_best_weights": True}),
    ("ReduceLROnPlateau", {"patience": 50}),
    ("ModelCheckpoint", {"filepath": "beside.weights.h5", "save_weights_only": True}),
    ("CSVLogger", {"filename": "beside.csv"}),
    ("TerminateOnNaN", {}),
)


def plain_run(subject: Subject) -> Finding:
    """Eight epochs of three batches, with validation, through the real ``fit``."""
    if subject.unmade is not None:
        return failed(f"{text_of(subject.unmade)} in its constructor")
    plain = plain_run_of(subject)
    if plain.problem or plain.told is None:
        return failed(plain.problem)
    found = _of_play(subject, keys_of(subject), plain.told, [subject.item])
    found = replace(found, remark="; ".join(plain.remarks))
    if found.outcome != "failed":
        return found
    both = plain.fake is not None and type(plain.fake.error) is type(plain.told.error)
    return replace(found, lane="fake" if both else "real")


def keras_2(subject: Subject) -> Finding:
    """Nothing is used that was Keras 2's and is not there any more."""
    if LEGACY:
        return not_applicable("this process has Keras 2; `dryfit migrate` says what Keras 3 does")
    if subject.unmade is not None:
        found = [*of_error(subject.unmade)]
    else:
        found = plain_run_of(subject).leftovers(type(subject.make()))
    if not found:
        return passed("nothing that Keras 3 does not have")
    return failed(
        f"uses {', '.join(one.what for one in found)}",
        " ".join(dict.fromkeys(one.why for one in found)),
        "; ".join(dict.fromkeys(one.write for one in found)),
    )


def shortest_run(subject: Subject) -> Finding:
    """One epoch of one batch."""
    curves = subject.curves
    return _through(subject, curves.keys(curves.improving(1), 1, batches=1))


def no_epochs(subject: Subject) -> Finding:
    """A run that is at its last epoch before it begins, as a resumed one may be."""
    curves = subject.curves
    return _through(subject, curves.keys(curves.improving(2), 2, initial_epoch=2))


def no_validation(subject: Subject) -> Finding:
    """A run without validation: no ``val_`` keys."""
    names = [name for name in subject.curves.names if not name.startswith("val_")]
    return _through(subject, subject.curves.keys(subject.curves.improving(4, names), 4))


def rare_validation(subject: Subject) -> Finding:
    """Validation in every second epoch: the ``val_`` keys come and go."""
    metrics = subject.curves.improving(4)
    for name in metrics:
        if name.startswith("val_"):
            metrics[name] = at(at(metrics[name], 0, "_"), 2, "_")
    return _through(subject, subject.curves.keys(metrics, 4, validation_freq=2))


def missing_keys(subject: Subject) -> Finding:
    """A model that reports its loss and no metrics."""
    demanded = subject.curves.demanded
    metrics = subject.curves.improving(4, ["loss", "val_loss", *demanded])
    found = _through(subject, subject.curves.keys(metrics, 4))
    if isinstance(found.error, KeyError) and found.error.args[:1] in _settings(subject):
        return passed("not held against it: it is told to look at that key", found.reason)
    return found


def _settings(subject: Subject) -> set[tuple[str]]:
    """The texts among a callback's attributes, also those in lists of them."""
    values = vars(subject.make()).values()
    lists = [value if isinstance(value, list | tuple | set) else [value] for value in values]
    return {(text,) for texts in lists for text in texts if isinstance(text, str)}


def empty_logs(subject: Subject) -> Finding:
    """A run that reports nothing at all."""
    return _remarked(_through(subject, subject.curves.keys({}, 3)))


def logs_are_none(subject: Subject) -> Finding:
    """Hooks called with ``logs=None``, the default that Keras declares."""
    return _remarked(_wrapped(subject, WithoutLogs))


def unknown_steps(subject: Subject) -> Finding:
    """Data of unknown length: ``params["steps"]`` is None."""
    return _wrapped(subject, WithoutSteps)


def initial_epoch(subject: Subject) -> Finding:
    """A run that begins with epoch 3, as a resumed one does."""
    metrics = subject.curves.improving(6)
    return _through(subject, subject.curves.keys(metrics, 6, initial_epoch=3))


def steps_per_execution(subject: Subject) -> Finding:
    """Hooks for every third batch only, and a last execution that is cut short."""
    metrics = subject.curves.improving(3)
    keys = subject.curves.keys(metrics, 3, batches=8, val_batches=4, steps_per_execution=3)
    found = _through(subject, keys)
    if found.outcome == "passed" and (asked := every_nth(type(subject.make()))):
        return replace(found, remark=f"{asked}: with steps_per_execution=3 batches are 2, 5, 8, …")
    return found


def evaluate_only(subject: Subject) -> Finding:
    """``evaluate`` with a callback that was never in a ``fit``."""
    return _through(subject, subject.curves.keys(subject.curves.improving(1), 1), call="evaluate")


def predict_only(subject: Subject) -> Finding:
    """``predict`` with a callback that was never in a ``fit``."""
    keys = subject.curves.keys(subject.curves.improving(1), 1, predict=PREDICTION, val_batches=2)
    return _through(subject, keys, call="predict")


def stopped_by_another(subject: Subject) -> Finding:
    """Another callback stops the run at the end of epoch 1; it stays stopped."""
    return _stopped(subject, {"epoch": 1, "hook": "on_epoch_end"})


def stopped_mid_epoch(subject: Subject) -> Finding:
    """Another callback stops the run in the middle of epoch 1; it stays stopped."""
    return _stopped(subject, {"epoch": 1, "batch": 1})


def before_the_builtins(subject: Subject) -> Finding:
    """In front of five of Keras' own callbacks."""
    return _beside(subject, first=True)


def behind_the_builtins(subject: Subject) -> Finding:
    """Behind five of Keras' own callbacks."""
    return _beside(subject, first=False)


def shared_logs(subject: Subject) -> Finding:
    """What the model reports is left as it is; new keys may be added."""
    keys = subject.curves.keys(subject.curves.stalling(6), 6)
    played = subject.play(keys)
    own: set[str] = set()
    for write in played.run.log_writes:
        if write.by != played.by:
            continue
        if write.old is None and write.key not in keys["metrics"]:
            own.add(write.key)
        elif write.key not in own:
            doing = "removes" if write.new is None else "overwrites"
            found = failed(f"{doing} {write.key!r} in the logs{place_of(write)}")
            history = {"history": {"loss": keys["metrics"]["loss"]}}
            history["history"] |= {n: v for n, v in keys["metrics"].items() if n == write.key}
            return found.shown_by([subject.item], call_of(keys, history))
    watch = plain_run_of(subject).watch
    for key in [] if watch is None else watch.in_logs:
        return failed(
            f"puts a variable into the logs as {key!r}, and not its value",
            "History keeps what it is given: in each epoch it has the value of the last.",
            f"logs[{key!r}] = float(keras.ops.convert_to_numpy(variable))",
        )
    words = f"adds {', '.join(sorted(own))} and " if own else ""
    found = passed(f"{words}changes nothing that the model reports", _gaps(played.run, own))
    if played.error is not None or played.run.epochs_run < 6:
        return found
    history = {name: keys["metrics"][name] for name in ("loss", "val_loss")}
    return found.shown_by([subject.item], call_of(keys, {"history": history}))


def _gaps(run: Run, own: set[str]) -> str:
    """Which of its keys are not in the logs of every epoch."""
    for key in sorted(own):
        if 0 < (count := len(run.history.get(key, ()))) < run.epochs_run:
            epochs = f"{count} of {quantity(run.epochs_run, 'epoch')}"
            return f"adds {key} in {epochs}: History does not say in which, and makes no table"
    return ""


def rate_left(subject: Subject) -> Finding:
    """The rate stays a rate; a run that trains nothing leaves it, and so does the end of one."""
    keys = subject.curves.keys(subject.curves.stalling(8), 8)
    tested = subject.play({**keys, "predict": PREDICTION}, call="evaluate")
    if tested.run.changes:
        change = tested.run.changes[0]
        return failed(f"evaluate changes the rate to {number(change.new)}{place_of(change)}")
    played = subject.play(keys)
    changes = [change for change in played.run.changes if change.by == played.by]
    rates = [change.old for change in played.run.changes[:1]]
    for change in changes:
        if not 0 <= change.new < float("inf"):
            return failed(f"sets the rate to {number(change.new)}{place_of(change)}")
        if change.hook == "on_train_end" and change.new not in rates:
            reason = f"leaves the rate at {number(change.new)} in on_train_end"
            return failed(reason).shown_by([subject.item], call_of(keys, {"unused": []}))
    if not changes:
        expect = {"learning_rate_after": "0.01", "unused": []}
        call = call_of(keys, expect)
        return passed("does not touch the rate").shown_by([subject.item], call)
    return passed(f"sets the rate in training; it ends at {number(changes[-1].new)}")


def slow_hooks(subject: Subject) -> Finding:
    """Hooks of batches take less than 2 ms."""
    from dryfit.tools.check.wrappers import Begins, Ends

    begins = Begins()
    ends = Ends(begins)
    keys = subject.curves.keys(subject.curves.improving(1), 1, batches=40)
    own = subject.make()
    subject.play(keys, own, before=[begins], after=[ends])
    took = sorted(ends.batches_ns)
    if took and took[len(took) // 2] > _SLOW_NS:
        return failed("on_train_batch_end takes more than 2 ms; dryfit bench says how long")
    if not has_hook(own, "on_train_batch_end"):  # only now: some assign theirs in on_train_begin
        return passed("does nothing in on_train_batch_end")
    return passed("on_train_batch_end takes less than 2 ms")


_SLOW_NS = 2_000_000


def _through(
    subject: Subject,
    keys: dict[str, Any],
    *,
    call: Method = "fit",
    before: Sequence[Item] = (),
    after: Sequence[Item] = (),
    callback: Callback | None = None,
    item: Item | None = None,
) -> Finding:
    """Play, and see whether an exception comes that the callback does not mean."""
    made = [[_made(other) for other in others] for others in (before, after)]
    played = subject.play(keys, callback, before=made[0], after=made[1], call=call)
    items = [*before, subject.item if item is None else item, *after]
    return _of_play(subject, keys, played, items, call)


def _of_play(
    subject: Subject,
    keys: dict[str, Any],
    played: PlayedSubject,
    items: Sequence[Item | None],
    call: str = "fit",
) -> Finding:
    """Say how a play ended."""
    if played.error is None:
        ran = played.run.epochs_run
        reason = (
            f"comes to its end, {ran} epoch{'s' * (ran != 1)}"
            if call == "fit"
            else ("comes to its end")
        )
        return passed(reason).shown_by(items, call_of(keys, None, call))
    raised = raising(played)
    if played.is_its_own and subject.meant(played.error):
        expect = {"raises": {"type": type(played.error).__name__}}
        return passed(f"raises on purpose: {raised}").shown_by(items, call_of(keys, expect, call))
    return broken_off(played).shown_by(items, call_of(keys, None, call))


def _remarked(found: Finding) -> Finding:
    """A failure where ``fit`` never goes is a remark."""
    if found.outcome != "failed":
        return found
    return passed(_NEVER, found.reason)


_NEVER = "not held against it: fit always has logs, and a loss in them"


def _wrapped(subject: Subject, wrapper: Callable[..., Any]) -> Finding:
    keys = subject.curves.keys(subject.curves.improving(3), 3)
    item = None
    if subject.item is not None:
        name, arguments = subject.item
        given = {"callback": name} | ({"arguments": arguments} if arguments else {})
        item = (f"dryfit.check:{wrapper.__name__}", given)
    callback = wrapper(subject.make())
    if item is None:
        found = _through(subject, keys, callback=callback)
        return replace(found, calls=(), items=())
    return _through(subject, keys, callback=callback, item=item)


def _stopped(subject: Subject, place: dict[str, Any]) -> Finding:
    keys = subject.curves.keys(subject.curves.improving(5), 5)
    item: Item = ("StopAt", place)
    found = _through(subject, keys, before=[item])
    if found.outcome == "failed":
        return found
    for first in (True, False):
        stop = [StopAt(**place)]
        beside = {"before": stop} if first else {"after": stop}
        run = subject.play(keys, **beside).run  # type: ignore[arg-type]
        if run.raised is None and run.epochs_run > 2:
            where = "in front of it" if first else "behind it"
            items = [item, subject.item] if first else [subject.item, item]
            expect = {"epochs": "0 1"}
            ran = quantity(run.epochs_run, "epoch")
            reason = f"takes back the stop of a callback {where}: {ran} run"
            return failed(reason).shown_by(items, call_of(keys, expect))
    return found


def _beside(subject: Subject, first: bool) -> Finding:
    keys = subject.curves.keys(subject.curves.improving(4), 4)
    cuts = not subject.optimizes_by_itself  # else there is no rate to cut, in plain Keras either
    beside = tuple(item for item in _BESIDE if cuts or item[0] != "ReduceLROnPlateau")
    others = {"after": beside} if first else {"before": beside}
    return _through(subject, keys, **others)  # type: ignore[arg-type]


def _made(item: Item) -> Any:
    name, arguments = item
    kind = StopAt if name == "StopAt" else getattr(keras.callbacks, name)
    return kind(**arguments)
