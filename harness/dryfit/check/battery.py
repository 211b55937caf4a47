"""The battery: every check with its name, and the door that plays them all."""

import gc
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from dryfit.check import hooks, memory, plays, traces
from dryfit.check.card import Card, Result
from dryfit.check.finding import Finding, raising, scenario_of
from dryfit.check.subject import Played, Subject, room, subject_of, text_of
from dryfit_fakes.strict import NotOfferedError


@dataclass(frozen=True, slots=True)
class Check:
    """One question to a callback.

    Attributes:
        name: as the card has it.
        find: finds the answer; its docstring is what is asked.
        plays: whether it plays runs with the callback, which must be possible.
    """

    name: str
    find: Callable[[Subject], Finding]
    plays: bool = True

    @property
    def asks(self) -> str:
        """What is asked, in a sentence."""
        return (self.find.__doc__ or "").strip().replace("``", "").partition("\n")[0]


CHECKS = (
    Check("signatures of hooks", hooks.signatures, plays=False),
    Check("names of hooks", hooks.names, plays=False),
    Check("plain run", plays.plain_run),
    Check("shortest run", plays.shortest_run),
    Check("no epochs", plays.no_epochs),
    Check("no validation", plays.no_validation),
    Check("rare validation", plays.rare_validation),
    Check("missing keys", plays.missing_keys),
    Check("empty logs", plays.empty_logs),
    Check("logs=None", plays.logs_are_none),
    Check("unknown steps", plays.unknown_steps),
    Check("NaN first", memory.nan_first),
    Check("NaN later", memory.nan_later),
    Check("inf first", memory.inf_first),
    Check("inf later", memory.inf_later),
    Check("initial_epoch", plays.initial_epoch),
    Check("steps_per_execution", plays.steps_per_execution),
    Check("evaluate only", plays.evaluate_only),
    Check("predict only", plays.predict_only),
    Check("stopped by another", plays.stopped_by_another),
    Check("stopped mid-epoch", plays.stopped_mid_epoch),
    Check("before the built-ins", plays.before_the_builtins),
    Check("behind the built-ins", plays.behind_the_builtins),
    Check("two fits", memory.second_fit),
    Check("attributes reset", memory.attributes_reset),
    Check("after an exception", memory.after_an_exception),
    Check("two instances", memory.two_instances),
    Check("deep copy", memory.deep_copy),
    Check("pickling", memory.pickled),
    Check("shared logs", plays.shared_logs),
    Check("learning rate left", plays.rate_left),
    Check("open files", traces.open_files),
    Check("threads", traces.threads),
    Check("environment", traces.environment),
    Check("working directory", traces.working_directory),
    Check("signal handlers", traces.signal_handlers),
    Check("global random state", traces.global_random_state),
    Check("warning filters", traces.warning_filters),
    Check("streams", traces.streams),
    Check("Keras settings", traces.keras_settings),
    Check("slow hooks", plays.slow_hooks),
)


def check_callback(
    callback: Any,
    /,
    *arguments: Any,
    check_model: Callable[[], Any] | None = None,
    check_seed: int = 0,
    **keywords: Any,
) -> Card:
    """Play the battery to a callback and return its card.

    Args:
        callback: the class, with its arguments behind it; a function that makes an
            instance; or a target as text, such as ``"EarlyStopping: {patience: 3}"``.
        *arguments: of the class.
        check_model: makes a compiled ``keras.Model`` for a callback that needs one of
            a kind; else a small one is lent where a script is not enough.
        check_seed: which numbers the scripts have; their shape is the same.
        **keywords: arguments of the class by name.

    Raises:
        TypeError: this makes no callback.
        ScenarioFileError: the text names no callback.

    >>> card = check_callback(keras.callbacks.TerminateOnNaN)
    >>> card.failed
    ()
    """
    subject = subject_of(callback, arguments, keywords, network=check_model, seed=check_seed)
    return card_of(subject)


def card_of(subject: Subject) -> Card:
    """Play the battery to a subject."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        card = Card(subject.name, tuple(_results(subject)))
        gc.collect()  # files of runs that broke off close here, unheard, and not in the next test
    return card


def _results(subject: Subject) -> Iterator[Result]:
    refusal = _refusal(subject)
    for check in CHECKS:
        if refusal and check.plays and check.name != "plain run":
            yield Result(check.name, "not_applicable", refusal)
        else:
            yield _result(check, subject)


def _result(check: Check, subject: Subject) -> Result:
    with room(subject):
        try:
            finding = check.find(subject)
        except Exception as error:  # out of the constructor, or before a run begins
            finding = Finding("failed", text_of(error))
        outcome = finding.outcome
        reason = finding.reason
    with room(subject):
        scenario = scenario_of(check.name, check.asks, finding, subject)
    return Result(check.name, outcome, reason, scenario)


def _refusal(subject: Subject) -> str:
    """Why a callback cannot be judged by runs at all; lends it a model if that helps."""
    played = _plain(subject)
    if not subject.lent and isinstance(played.error, NotOfferedError | NotImplementedError):
        subject.lent = True
        played = _plain(subject)
    if played.error is None:
        return ""
    if subject.meant(played.error) and played.run.epochs_run:
        return ""  # an exception is what it decides with
    with room(subject):
        return f"the plain run raises {raising(played)}"


def _plain(subject: Subject) -> Played:
    with room(subject):
        curves = subject.curves
        return subject.play(curves.keys(curves.stalling(8), 8))
