"""Holding a callback against its documentation."""

import warnings
from collections.abc import Callable, Mapping
from contextlib import chdir
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dryfit.facts.expect_keys import BY_NAME
from dryfit.facts.notation import Raw, flow, number, series
from dryfit.lanes.interrupts import came
from dryfit.lanes.play import play
from dryfit.lanes.temporary import temporary_folder
from dryfit.scenario.conditions import Condition
from dryfit.scenario.construct import make_callback
from dryfit.scenario.given_training import USUAL_TRAINING, GivenTraining
from dryfit.scenario.layout import document
from dryfit.tools.explore import (
    early_stopping,
    learning_rate_scheduler,
    model_checkpoint,
    reduce_lr_on_plateau,
)
from dryfit.tools.explore.explored import Maker, maker_name, settings_of
from dryfit.tools.explore.promises import Defect, Promise, Reported
from dryfit_fakes.backend import keras
from dryfit_fakes.float32 import float32
from dryfit_fakes.keras_choice import NAME
from dryfit_fakes.protocols import Callback, RealModel
from dryfit_fakes.refusals import Refusal, refusals
from dryfit_fakes.releases import FIRST_VALUES_ARE_COMPARED
from dryfit_fakes.script import Script

_REFERENCES: dict[str, tuple[Callable[..., Promise], tuple[Defect, ...]]] = {
    "EarlyStopping": (early_stopping.early_stopping, early_stopping.DEFECTS),
    "LearningRateScheduler": (
        learning_rate_scheduler.learning_rate_scheduler,
        learning_rate_scheduler.DEFECTS,
    ),
    "ModelCheckpoint": (model_checkpoint.model_checkpoint, model_checkpoint.DEFECTS),
    "ReduceLROnPlateau": (
        reduce_lr_on_plateau.reduce_lr_on_plateau,
        reduce_lr_on_plateau.DEFECTS,
    ),
}
_KEYS = ("metrics", "epochs", "batches", "learning_rate")  # what a reference machine can take
_RATE = 0.01  # a fresh model's, if the script does not say


@dataclass(frozen=True)
class Disagreement:
    """A script and settings for which a callback does not do what is documented.

    Its text is a scenario file: `expect` is what the documentation promises, and
    `instead` what happens.

    Attributes:
        callback_class: the callback, or a function that makes it.
        settings: its constructor's arguments.
        script: what is reported.
        promised: the decisions that are documented, as `expect` has them.
        happened: those that were made.
        at_issue: the known defects whose rules decide it; empty for a finding.
        reference: the name of the documented callback.
        training: the model that it was lent.
    """

    callback_class: Maker
    settings: Mapping[str, Any]
    script: Script
    promised: Mapping[str, Any]
    happened: Mapping[str, Any]
    at_issue: tuple[Defect, ...] = ()
    reference: str = ""
    training: GivenTraining = USUAL_TRAINING

    def __str__(self) -> str:
        kind = maker_name(self.callback_class)
        about = [f"The documentation of {self.reference} promises otherwise."]
        defect = next(iter(self.at_issue), None)
        if defect is not None:
            about = [f"Documented: {defect.sentence}", f"That is, {defect.reading}."]
        about.append(f"Found with {NAME} {keras.__version__}.")
        name = f"{kind} against its documentation"
        text = document(
            f"{name}, {defect.name}" if defect else name,
            about,
            _script(self.script),
            [(kind, {key: _argument(value) for key, value in self.settings.items()})],
            _expect(self.promised),
        )
        lines = ["known_defect:", f"  id: {flow(defect.id if defect else 'unreported')}"]
        lines += ["  instead:"]
        lines += [f"    {key}: {flow(value)}" for key, value in _expect(self.happened).items()]
        given = [f"{key}: {flow(name)}" for key, name in self.training.names.items()]
        return text + "\n".join([*given, *lines]) + "\n"


class NeedsModelError(ValueError):
    """What a callback does with a scripted model is no verdict about it."""

    def __init__(self, name: str, asked: Refusal) -> None:
        super().__init__(
            f"{name} asks for {asked.owner}.{asked.name}, in {asked.function}, line {asked.line} "
            f"of {asked.module}; no script has that: give the model that it needs, --model "
            "MODULE:FUNCTION, in Python training=GivenTraining(function)"
        )


def disagreement(
    script: Script,
    callback_class: Maker,
    settings: Mapping[str, Any] | None = None,
    *,
    training: GivenTraining = USUAL_TRAINING,
) -> Disagreement | None:
    """Play a script to a callback and compare what it decides with its documentation.

    Args:
        script: with ``metrics``, ``epochs``, ``batches`` and ``learning_rate`` alone.
        callback_class: EarlyStopping, ReduceLROnPlateau, LearningRateScheduler or
            ModelCheckpoint of Keras, or a class of that name or derived from it; or a
            function that makes such a callback.
        settings: arguments, as a scenario file may have them; paths are relative, and
            written in a folder that is deleted.
        training: the model that it is lent.

    Returns:
        ``None`` where they agree.

    Raises:
        TypeError: there is no reference for the class.
        NeedsModelError: the callback asks for what a scripted model has not.
        ValueError: a key of the script that the reference machines cannot take.

    >>> from dryfit import Script
    >>> falling = Script(metrics={"val_loss": "3 2 1"})
    >>> disagreement(falling, keras.callbacks.EarlyStopping, {"patience": 1})
    >>> first = Script(metrics={"val_loss": "nan 1"})
    >>> disagreement(first, keras.callbacks.EarlyStopping).happened["stopped"]
    {'epoch': 1}
    """
    settings = dict(settings or {})
    told: Mapping[str, Any] = {}
    if isinstance(callback_class, type):
        documented(callback_class)  # refused before it is made
        told = settings
    with temporary_folder() as folder, chdir(folder):
        name = maker_name(callback_class)
        callback = make_callback(name, callback_class, settings, Path.cwd())
        kind = documented(type(callback))
        reference, _ = _REFERENCES[kind]
        promised = settings_of(callback, reference, told)
        promise = reference(_reported(script), **promised)
        model = None if training.model is None else training.lend()
        with refusals() as heard:
            happened = _happened(script, callback, model, promise.decisions)
    others = [one for one in heard if not one.module.startswith(f"{NAME}.")]
    asked = [one for one in others if one.how != "probes"]
    if model is None and asked:  # swallowed or not: with a real model it may do otherwise
        raise NeedsModelError(name, asked[0])
    if happened == promise.decisions:
        return None
    return Disagreement(
        callback_class,
        settings,
        script,
        promise.decisions,
        happened,
        tuple(filter(_is_known_here, promise.at_issue)),
        kind,
        training,
    )


def known_defects(callback_class: type) -> tuple[Defect, ...]:
    """The rules of a callback's documentation that this Keras is known to break."""
    return tuple(filter(_is_known_here, _REFERENCES[documented(callback_class)][1]))


def _is_known_here(defect: Defect) -> bool:
    return not defect.when or Condition(defect.when).unmet() is None


def documented(callback_class: type) -> str:
    """The name of the documented callback that a class is.

    Raises:
        TypeError: there is none.
    """
    for base in callback_class.__mro__:
        if base.__name__ in _REFERENCES:
            return base.__name__
    known = ", ".join(_REFERENCES)
    raise TypeError(
        f"no reference for {callback_class.__name__}: there are {known}, and what is derived "
        "from them or has their name: call the class so to have it compared, also where a function "
        "makes it"
    )


def _reported(script: Script) -> Reported:
    given = {name for name in ("batch_metrics", "batch_logs", "interrupt") if getattr(script, name)}
    given |= {"metrics as functions"} if script.functions else set()
    given |= {"initial_epoch"} if script.initial_epoch else set()
    given |= {"steps_per_execution"} if script.steps_per_execution > 1 else set()
    if given:
        raise ValueError(
            f"a reference machine takes {', '.join(_KEYS)}; leave out {', '.join(sorted(given))}"
        )
    epochs = []
    for epoch in range(script.epochs):
        told = {name: script.value(name, epoch) for name in script.series}
        epochs.append({name: value for name, value in told.items() if value is not None})
    rate = _RATE if script.learning_rate is None else script.learning_rate
    return Reported(tuple(epochs), script.batches, float32(rate), FIRST_VALUES_ARE_COMPARED)


def _happened(
    script: Script, callback: Callback, model: RealModel | None, keys: Mapping[str, Any]
) -> dict[str, Any]:
    """What was decided, in the keys of what is promised, and what was raised."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # they are no decisions
        try:
            run = play(script, [callback], model=model, record_batches=False)
        except BaseException as error:
            if came() or not hasattr(error, "run"):
                raise
            run = error.run
    names = [*keys] if run.raised is None else [*keys, "raises"]
    return {name: BY_NAME[name].decided(run) for name in names}


def _script(script: Script) -> dict[str, Any]:
    values = {
        name: series([number(script.value(name, epoch)) for epoch in range(script.epochs)])
        for name in script.series
    }
    keys: dict[str, Any] = {} if script.batches == 1 else {"batches": script.batches}
    if script.learning_rate is not None:
        keys["learning_rate"] = Raw(number(float32(script.learning_rate)))
    return keys | {"metrics": values}


def _expect(decisions: Mapping[str, Any]) -> dict[str, Any]:
    return {
        key: series(map(number, value)) if isinstance(value, tuple) else value
        for key, value in decisions.items()
    }


def _argument(value: Any) -> Any:
    return {"import": f"{value.__module__}:{value.__qualname__}"} if callable(value) else value
