"""The battery: every check with its name, and the door that plays them all."""

import gc
import warnings
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from dryfit.facts.own_line import own_line
from dryfit.lanes.garbage import old_objects_pass
from dryfit.lanes.interrupts import came, held
from dryfit.scenario.given_training import GivenTraining
from dryfit.tools.check import hook_checks as hooks
from dryfit.tools.check import memory_checks as memory
from dryfit.tools.check import model_checks as models
from dryfit.tools.check import play_checks as plays
from dryfit.tools.check import resume_checks as resuming
from dryfit.tools.check import sharing_checks as sharing
from dryfit.tools.check import trace_checks as traces
from dryfit.tools.check.advice import advice_of, advice_on
from dryfit.tools.check.batch_output import output_per_batch
from dryfit.tools.check.check_folder import room
from dryfit.tools.check.check_targets import Wishes, subject_of
from dryfit.tools.check.finding import Finding, failed, scenario_of
from dryfit.tools.check.plain_run import plain_run_of
from dryfit.tools.check.report_card import Card, Result
from dryfit.tools.check.subject import Subject, text_of
from dryfit_fakes.protocols import Batch, Callback, RealModel

NOT_MADE = "not played: the callback cannot be made"
NOT_PLAYED = "not played: the callback does not get through the plain run"


@dataclass(frozen=True, slots=True)
class Check:
    """One question to a callback.

    Attributes:
        name: as the card has it.
        find: finds the answer; its docstring is what is asked.
        plays: whether it is played only to a callback that gets through the plain run.
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
    Check("hooks that run", hooks.hooks_that_run, plays=False),
    Check("plain run", plays.plain_run, plays=False),
    Check("left over from Keras 2", plays.keras_2, plays=False),
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
    Check("one container", sharing.one_container),
    Check("module state", sharing.module_state),
    Check("deep copy", memory.deep_copy),
    Check("pickling", memory.pickled),
    Check("shared logs", plays.shared_logs),
    Check("learning rate left", plays.rate_left),
    Check("learning rate schedule", models.schedule),
    Check("settings with effect", models.settings),
    Check("attributes of the model", models.attributes),
    Check("weights by reference", sharing.weights_by_reference),
    Check("resumed", resuming.resumed),
    Check("open files", traces.open_files),
    Check("figures", traces.figures),
    Check("temporary files", traces.temporary_files),
    Check("threads", traces.threads),
    Check("environment", traces.environment),
    Check("working directory", traces.working_directory),
    Check("signal handlers", traces.signal_handlers),
    Check("global random state", traces.global_random_state),
    Check("warning filters", traces.warning_filters),
    Check("streams", traces.streams),
    Check("closed streams", traces.closed_streams),
    Check("garbage collection", traces.garbage_collection),
    Check("recursion limit", traces.recursion_limit),
    Check("trace functions", traces.trace_functions),
    Check("Keras settings", traces.keras_settings),
    Check("output per batch", output_per_batch),
    Check("slow hooks", plays.slow_hooks),
)


def check_callback(
    callback: str | Callable[..., Callback],
    /,
    *arguments: object,
    check_model: Callable[[], RealModel] | None = None,
    check_data: "Callable[[], Batch] | None" = None,
    check_metrics: Sequence[str] = (),
    check_raises: type[BaseException] | tuple[type[BaseException], ...] = (),
    check_seed: int = 0,
    **keywords: object,
) -> Card:
    """Play the battery to a callback and return its card.

    Args:
        callback: the class, with its arguments behind it; a function that makes an
            instance; or a target as text, such as ``"EarlyStopping: {patience: 3}"``.
        *arguments: of the class.
        check_model: makes a compiled ``keras.Model`` for a callback that needs one of
            a kind; a small one is trained otherwise.
        check_data: makes one batch ``(x, y)`` to train that model with.
        check_metrics: what the model reports besides loss and accuracy.
        check_raises: exceptions with which the callback ends a training on purpose,
            besides those of its own package.
        check_seed: which numbers the scripts have; their shape is the same.
        **keywords: arguments of the class by name.

    Raises:
        TypeError: this makes no callback.
        ValueError: the text names no callback.

    >>> card = check_callback(keras.callbacks.TerminateOnNaN)
    >>> card.failed
    ()
    """
    raises = check_raises if isinstance(check_raises, tuple) else (check_raises,)
    training = GivenTraining(check_model, check_data, check_metrics)
    wishes = Wishes(training, lambda: raises, check_seed)
    return card_of(subject_of(callback, arguments, keywords, wishes))


def card_of(subject: Subject) -> Card:
    """Play the battery to a subject."""
    return Card(subject.name, tuple(results_of(subject)))


def results_of(subject: Subject, first: int = 0) -> Iterator[Result]:
    """Play the checks from one on, and say what became of each as soon as it is known."""
    gc.collect()
    with old_objects_pass():
        try:
            for check in CHECKS[first:]:
                yield result_of(check, subject)[0]
        finally:
            with held():  # a finaliser would swallow an interrupt
                gc.collect()  # files of broken-off runs close here, unheard


def result_of(check: Check, subject: Subject) -> tuple[Result, BaseException | None]:
    """Play one check, and say what became of it; with what was raised, if that is why it failed."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        if subject.unmade is not None and check.name not in ("plain run", "left over from Keras 2"):
            return Result(check.name, "not_applicable", NOT_MADE), None
        if check.plays and not plain_run_of(subject).through:
            return Result(check.name, "not_applicable", NOT_PLAYED), None
        finding = _found(check, subject)
        return _result(check, finding, subject), finding.error


def _found(check: Check, subject: Subject) -> Finding:
    """What a check finds; an exception with a scripted model is none until a real one has it."""
    finding = _looked(check, subject)
    if not (finding.error and finding.ends and check.plays and _can_be_real(subject)):
        return finding
    subject.lane = "real"
    confirmed = _looked(check, subject)
    if confirmed.error is not None:
        subject.lane = "fake"
        return finding
    said = (
        f"with a scripted model: {finding.reason}; from here on all is played through the real fit"
    )
    return replace(confirmed, remark="; ".join(filter(None, (said, confirmed.remark))))


def _can_be_real(subject: Subject) -> bool:
    return subject.lane == "fake" and plain_run_of(subject).real is not None


def _looked(check: Check, subject: Subject) -> Finding:
    with room(subject.place):
        try:
            return check.find(subject)
        except BaseException as error:  # out of the constructor, or before a run begins
            if came():
                raise
            return replace(failed(text_of(error), *advice_on(error)), error=error)


def _result(check: Check, finding: Finding, subject: Subject) -> Result:
    with room(subject.place):
        scenario = scenario_of(check.name, check.asks, finding, subject)
    why = write = at = ""
    if finding.outcome == "failed":
        at = own_line(finding.error)
        advice = advice_of(check.name, raised=finding.error is not None)
        why, write = finding.why or advice.why, finding.write or advice.write
    outcome, reason, remark = finding.outcome, finding.reason, finding.remark
    return Result(check.name, outcome, reason, scenario, why, write, remark, at)
