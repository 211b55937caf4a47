"""The real lane: a real model through the real ``fit``, reporting the script.

The step is Keras' own, with gradients, optimizer and files; what it returns is
replaced by the script's numbers on its way to the callbacks. ``get_metrics_result``
is replaced with it, else Keras brings the real values back at the end of an epoch
(``Trainer._get_metrics_result_or_logs``, ``keras/src/trainers/trainer.py``, 3.15.1).
"""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

from dryfit.lanes.gpu import limit_gpu_memory
from dryfit.lanes.networks import Samples, samples_for, small_network
from dryfit.lanes.record import NestedFitError, Play
from dryfit.lanes.stage import Stage
from dryfit.run import Run
from dryfit.whose import attach, detach, own_class, plainly
from dryfit_fakes.backend import BACKENDS, keras
from dryfit_fakes.data import check_not_empty
from dryfit_fakes.journal import Journaled
from dryfit_fakes.playback import Logs
from dryfit_fakes.script import Script


class OnStage(Journaled):
    """What a model does differently while a script is played: mixed into its class."""

    _dryfit_journal: Stage
    train_function: Any
    test_function: Any
    predict_function: Any

    def __new__(cls, *args: Any, **kwargs: Any) -> Any:
        """Make a copy that a callback asks for, of the model's own class and on no stage."""
        return own_class(cls)(*args, **kwargs)

    def __reduce__(self) -> Any:
        """Pickle or copy the model under its own class."""
        with plainly(self):
            return self.__reduce__()

    def to_json(self, **kwargs: Any) -> Any:
        """Describe the model under its own class."""
        with plainly(self):
            return self.to_json(**kwargs)

    @property
    def metrics(self) -> list[Any]:
        """Keras' own, and the script's names and directions for ``mode="auto"``."""
        return [*super().metrics, self._dryfit_journal.metrics]  # type: ignore[misc]

    def fit(self, *args: Any, **kwargs: Any) -> Any:
        """Keras' ``fit``, not inside of itself."""
        stage = self._dryfit_journal
        if stage.fitting:
            raise NestedFitError
        stage.fits += 1
        stage.fitting = True
        try:
            return super().fit(*args, **kwargs)  # type: ignore[misc]
        finally:
            stage.fitting = False

    def evaluate(self, x: Any = None, y: Any = None, **kwargs: Any) -> Any:
        """Keras' ``evaluate`` over the script's validation batches, whatever the data."""
        stage = self._dryfit_journal
        within_fit = kwargs.get("_use_cached_eval_dataset", False)
        told = None if within_fit or not stage.script.evaluate else stage.playback.evaluation(x)
        if not within_fit:  # a callback's own data need not fit this network
            x, y = stage.samples.batches(stage.script.val_batches), None
            kwargs = {k: v for k, v in kwargs.items() if k not in ("batch_size", "steps")}
        with stage.testing_pass(within_fit, told):
            return super().evaluate(x, y, **kwargs)  # type: ignore[misc]

    def predict(self, x: Any = None, batch_size: int | None = None, **kwargs: Any) -> Any:
        """Keras' ``predict``; without data, over as many batches as validation has."""
        stage = self._dryfit_journal
        if x is None:
            x, batch_size = stage.samples.inputs(stage.script.val_batches), stage.samples.size
        return super().predict(x, batch_size=batch_size, **kwargs)  # type: ignore[misc]

    def reset_metrics(self) -> None:
        """Keras' reset, and the script's running means with it."""
        super().reset_metrics()  # type: ignore[misc]
        self._dryfit_journal.reset()

    def get_metrics_result(self) -> Logs:
        """What the script says, in place of the real values."""
        stage = self._dryfit_journal
        if stage.stepping:  # while the step is traced: Keras' own tensors
            return super().get_metrics_result()  # type: ignore[misc, no-any-return]
        return stage.result()

    def make_train_function(self, force: bool = False) -> None:
        """Make Keras' training function, and report the script around it."""
        if self.train_function is None or force:
            super().make_train_function(force)  # type: ignore[misc]
            self.train_function = self._dryfit_journal.training(self.train_function)

    def make_test_function(self, force: bool = False) -> None:
        """Make Keras' test function, and report the script around it."""
        if self.test_function is None or force:
            super().make_test_function(force)  # type: ignore[misc]
            self.test_function = self._dryfit_journal.testing(self.test_function)

    def make_predict_function(self, force: bool = False) -> None:
        """Make Keras' prediction function, or call the script's."""
        if self._dryfit_journal.script.predict is None:
            super().make_predict_function(force)  # type: ignore[misc]
        else:
            self.predict_function = self._dryfit_journal.predicting()


class _Conductor(keras.callbacks.Callback):  # type: ignore[misc]
    """Goes to each epoch in the script, and through its time, before any other callback sees it."""

    def __init__(self, stage: Stage) -> None:
        super().__init__()
        self._stage = stage

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        """Turn the page."""
        self._stage.playback.begin_epoch(epoch)

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        """Let the epoch's own time pass before any other callback sees its end."""
        self._stage.tick(self._stage.script.seconds_per_epoch)


@contextmanager
def on_stage(
    script: Script, model: Any = None, data: Any = None, *, going_on: bool = False
) -> Iterator[Any]:
    """Let a model report a script for a while.

    Args:
        script: what it reports.
        model: a compiled ``keras.Model``, which is trained; a small network of
            its own if there is none.
        data: one batch ``(x, y)`` to train it with; by default made from its shapes.
        going_on: whether it is the model of an earlier run, with what it was trained.

    Raises:
        TypeError: not a ``keras.Model``.
        ValueError: it is not compiled or built, or does not tell its shapes.
    """
    if going_on:
        stage = model._dryfit_journal
    else:
        model, samples = small_network() if model is None else (model, _samples(model, data))
        stage = Stage(model, samples)
    attach(model, stage, OnStage)
    try:
        stage.begin(script)
        yield model
    finally:
        stage.leave()
        detach(model)


def play_real(
    script: Script,
    callbacks: Any,
    model: Any,
    call: str,
    load: str | None,
    data: Any = None,
    going_on: bool = False,
    **options: Any,
) -> Run:
    """Play a script to callbacks through the real ``fit`` of a real network.

    Args:
        script: what it reports.
        callbacks: what ``fit`` takes.
        model: a model to train, see `on_stage`.
        call: which of the model's methods is played.
        load: a file of weights to begin with.
        data: one batch ``(x, y)`` for a model that does not tell its shapes.
        going_on: whether it is the model of an earlier run.

    Raises:
        NotImplementedError: Keras is set to a backend without ``fit``.
        GpuLimitError: see `dryfit.lanes.gpu.limit_gpu_memory`.
    """
    __tracebackhide__ = True
    if (backend := keras.backend.backend()) not in BACKENDS:
        raise NotImplementedError(
            f"Keras does not train on {backend}, so there is no real lane; set KERAS_BACKEND to "
            f"{', '.join(BACKENDS)}, or use lane='fake'"
        )
    limit_gpu_memory()
    with on_stage(script, model, data, going_on=going_on) as model:
        if load is not None:
            model.load_weights(load)
        stage = model._dryfit_journal
        play = Play(model, script, callbacks, "real", **options)
        given = {"callbacks": [_Conductor(stage), *play.callbacks], "verbose": 0}
        if call == "fit":
            given |= _fit_arguments(script, stage.samples)
        play.call(partial(getattr(model, call), **given))
        return play.run


def _fit_arguments(script: Script, samples: Samples) -> dict[str, Any]:
    check_not_empty(script.batches)
    validation = [epoch + 1 for epoch in script.validation_epochs]
    return {
        "x": samples.batches(script.batches),
        "epochs": script.epochs,
        "initial_epoch": script.initial_epoch,
        "shuffle": False,
        "validation_data": samples.batches(script.val_batches) if validation else None,
        "validation_freq": validation or 1,
    }


def _samples(model: Any, data: Any) -> Samples:
    kind = type(model).__name__
    if not isinstance(model, keras.Model):
        raise TypeError(f"the real lane trains a keras.Model, not {model!r}")
    if not model.compiled:
        raise ValueError(f"model= takes a compiled model; call {kind}.compile(...) first")
    if data is None:
        return samples_for(model)
    try:
        x, y = data
    except (TypeError, ValueError):
        raise TypeError(f"data= is one batch (x, y) of arrays, not {data!r}") from None
    return Samples(x, y)
