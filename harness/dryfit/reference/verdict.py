"""Holding a callback against its documentation."""

import tempfile
import warnings
from collections.abc import Callable, Mapping
from contextlib import chdir
from dataclasses import dataclass
from typing import Any

from dryfit.lanes import play
from dryfit.recording.layout import document
from dryfit.recording.notation import Raw, flow, number, series
from dryfit.reference import (
    early_stopping,
    learning_rate_scheduler,
    model_checkpoint,
    reduce_lr_on_plateau,
)
from dryfit.reference.promises import NEVER, Defect, Promise, Reported
from dryfit.run import Run
from dryfit_fakes.backend import keras
from dryfit_fakes.float32 import float32
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
        callback_class: the callback.
        settings: its constructor's arguments.
        script: what is reported.
        promised: the decisions that are documented, as `expect` has them.
        happened: those that were made.
        at_issue: the known defects whose rules decide it; empty for a finding.
    """

    callback_class: type
    settings: Mapping[str, Any]
    script: Script
    promised: Mapping[str, Any]
    happened: Mapping[str, Any]
    at_issue: tuple[Defect, ...] = ()

    def __str__(self) -> str:
        kind = callback_name(self.callback_class)
        about = [f"The documentation of {_documented(self.callback_class)} promises otherwise."]
        defect = next(iter(self.at_issue), None)
        if defect is not None:
            about = [f"Documented: {defect.sentence}", f"That is, {defect.reading}."]
        about.append(f"Found with keras {keras.__version__}.")
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
        return text + "\n".join(lines) + "\n"


def disagreement(
    script: Script, callback_class: type, settings: Mapping[str, Any] | None = None
) -> Disagreement | None:
    """Play a script to a callback and compare what it decides with its documentation.

    Args:
        script: with ``metrics``, ``epochs``, ``batches`` and ``learning_rate`` alone.
        callback_class: EarlyStopping, ReduceLROnPlateau, LearningRateScheduler or
            ModelCheckpoint of Keras, or a class of that name or derived from it.
        settings: arguments of the constructor; paths are relative, and written in a
            folder that is deleted.

    Returns:
        ``None`` where they agree.

    Raises:
        TypeError: there is no reference for the class.
        ValueError: a key of the script that the reference machines cannot take.

    >>> from dryfit import Script
    >>> falling = Script(metrics={"val_loss": "3 2 1"})
    >>> disagreement(falling, keras.callbacks.EarlyStopping, {"patience": 1})
    >>> first = Script(metrics={"val_loss": "nan 1"})
    >>> disagreement(first, keras.callbacks.EarlyStopping).happened["stopped"]
    {'epoch': 1}
    """
    settings = dict(settings or {})
    reference, _ = _REFERENCES[_documented(callback_class)]
    promise = reference(_reported(script), **settings)
    with tempfile.TemporaryDirectory(prefix="dryfit-") as folder, chdir(folder):
        happened = _happened(script, callback_class(**settings), promise.decisions)
    if happened == promise.decisions:
        return None
    at_issue = tuple(promise.at_issue)
    return Disagreement(callback_class, settings, script, promise.decisions, happened, at_issue)


def known_defects(callback_class: type) -> tuple[Defect, ...]:
    """The rules of a callback's documentation that Keras is known to break."""
    return _REFERENCES[_documented(callback_class)][1]


def callback_name(callback_class: type) -> str:
    """What a scenario file calls a callback."""
    name = callback_class.__name__
    if getattr(keras.callbacks, name, None) is callback_class:
        return name
    return f"{callback_class.__module__}:{callback_class.__qualname__}"


def _documented(callback_class: type) -> str:
    """The name of the documented callback that a class is."""
    for base in callback_class.__mro__:
        if base.__name__ in _REFERENCES:
            return base.__name__
    known = ", ".join(_REFERENCES)
    raise TypeError(
        f"no reference for {callback_class.__name__}: there are {known}, and what is derived "
        "from them or has their name"
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
    return Reported(tuple(epochs), script.batches, float32(rate))


def _happened(script: Script, callback: Any, keys: Mapping[str, Any]) -> dict[str, Any]:
    """What was decided, in the keys of what is promised, and what was raised."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # they are no decisions
        try:
            run = play(script, [callback], record_batches=False)
        except Exception as error:
            if not hasattr(error, "run"):
                raise
            run = error.run
    decided = {key: _DECIDED[key](run) for key in keys}
    if (raised := run.raised) is not None:
        place = {"epoch": raised.epoch} | ({} if raised.batch is None else {"batch": raised.batch})
        decided["raises"] = {"type": raised.type, "match": raised.message[:60]} | place
    return decided


def _checkpoints(run: Run) -> list[dict[str, Any]]:
    return [
        {
            name: getattr(saved, name)
            for name in ("epoch", "batch")
            if getattr(saved, name) is not None
        }
        | {"path": saved.path}
        for saved in run.checkpoints
    ]


def _files(run: Run) -> dict[str, Any] | list[Any]:
    """Whose weights each file was left with."""
    files: dict[str, Any] = {}
    for saved in run.checkpoints:
        at = {} if saved.batch is None else {"batch": saved.to.batch}
        files[str(saved.path)] = {"epoch": saved.to.epoch} | at
    return files or []


_DECIDED: dict[str, Callable[[Run], Any]] = {
    "checkpoints": lambda run: _checkpoints(run) or NEVER,
    "epochs_run": lambda run: run.epochs_run,
    "files": _files,
    "learning_rate": lambda run: run.learning_rate,
    "learning_rate_after": lambda run: run.learning_rate_after,
    "reductions": lambda run: [{"epoch": cut.epoch} for cut in run.reductions] or NEVER,
    "stopped": lambda run: {"epoch": run.stopped_epoch} if run.stopped else NEVER,
    "weights": lambda run: {"epoch": run.weights_epoch},
}


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
