"""The real lane: a real model through the real ``fit``, reporting the script.

The step is Keras' own, with gradients, optimizer and files; what it returns is
replaced by the script's numbers on its way to the callbacks. ``get_metrics_result``
is replaced with it, else Keras brings the real values back at the end of an epoch
(``Trainer._get_metrics_result_or_logs``, ``keras/src/trainers/trainer.py``, 3.15.1).
"""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any, Unpack

from dryfit.lanes.conductor import Conductor
from dryfit.lanes.gpu import limit_gpu_memory
from dryfit.lanes.networks import Samples, samples_for, small_network
from dryfit.lanes.recorded_play import Play, PlayOptions
from dryfit.lanes.shared_steps import CAN_SHARE, SharedSteps
from dryfit.lanes.stage import Stage
from dryfit.recorder.model_journal import attach, detach, own_class, plainly
from dryfit.run.run import Run
from dryfit_fakes.backend import BACKENDS, COMPILED, keras
from dryfit_fakes.data import check_not_empty
from dryfit_fakes.journal import Journaled
from dryfit_fakes.keras_of_process import of_another_keras
from dryfit_fakes.on_batch_calls import reported
from dryfit_fakes.protocols import (
    Batch,
    Callbacks,
    Data,
    FitHistory,
    Logs,
    Loop,
    RealModel,
    TrainedModel,
)
from dryfit_fakes.script import Script


class OnStage(Journaled):
    """What a model does differently while a script is played: mixed into its class."""

    _dryfit_journal: Stage
    train_function: Any
    test_function: Any
    predict_function: Any

    def __new__(cls, *args: object, **kwargs: object) -> Any:
        """Make a copy that a callback asks for, of the model's own class and on no stage."""
        return own_class(cls)(*args, **kwargs)

    def __reduce__(self) -> Any:
        """Pickle or copy the model under its own class."""
        with plainly(self):
            return self.__reduce__()

    def to_json(self, **kwargs: object) -> str:
        """Describe the model under its own class."""
        with plainly(self):
            return self.to_json(**kwargs)

    @property
    def metrics(self) -> list[Any]:
        """Keras' own; behind them the script's for ``mode="auto"``, if it has others."""
        own = super().metrics  # type: ignore[misc]
        scripted = self._dryfit_journal.metrics
        return [*own, *([scripted] if scripted.adds_to(own) else [])]

    def fit(self, *args: object, **kwargs: object) -> FitHistory:
        """Keras' ``fit``; inside of itself it is plain Keras', and reports what it finds."""
        stage = self._dryfit_journal
        if stage.fitting:
            with stage.left():
                return self.fit(*args, **kwargs)
        stage.fits += 1
        stage.fitting = True
        try:
            return super().fit(*args, **kwargs)  # type: ignore[misc, no-any-return]
        finally:
            stage.fitting = False

    def evaluate(self, x: Data = None, y: Data = None, **kwargs: object) -> Any:
        """Keras' ``evaluate`` over the script's validation batches, whatever the data."""
        stage = self._dryfit_journal
        within_fit = bool(kwargs.get("_use_cached_eval_dataset", False)) or isinstance(
            kwargs.get("callbacks"), keras.callbacks.CallbackList
        )
        told = None if within_fit or not stage.script.evaluate else stage.playback.evaluation(x)
        if not within_fit:  # a callback's own data need not fit this network
            x, y = stage.validation_batches(), None
            kwargs = {k: v for k, v in kwargs.items() if k not in ("batch_size", "steps")}
        with stage.testing_pass(within_fit, told):
            return super().evaluate(x, y, **kwargs)  # type: ignore[misc]

    def predict(self, x: Data = None, batch_size: int | None = None, **kwargs: object) -> Any:
        """Keras' ``predict``; without data, over as many batches as validation has."""
        stage = self._dryfit_journal
        if x is None:
            x, batch_size = stage.samples.inputs(stage.script.val_batches), stage.samples.size
        return super().predict(x, batch_size=batch_size, **kwargs)  # type: ignore[misc]

    def reset_metrics(self) -> None:
        """Keras' reset, and the script's running means with it."""
        super().reset_metrics()  # type: ignore[misc]
        self._dryfit_journal.reset()

    def train_on_batch(
        self,
        x: Data = None,
        y: Data = None,
        sample_weight: Data = None,
        class_weight: dict[int, float] | None = None,
        return_dict: bool = False,
    ) -> Any:
        """Keras' step on one of the script's batches, whatever the data."""
        stage = self._dryfit_journal
        x, y = stage.samples.x, stage.samples.y
        with stage.training_by_hand():
            logs = super().train_on_batch(x, y, return_dict=True)  # type: ignore[misc]
        return reported(_numbers(logs), stage.script.names, return_dict)

    def test_on_batch(
        self, x: Data = None, y: Data = None, sample_weight: Data = None, return_dict: bool = False
    ) -> Any:
        """Keras' test of one batch, whatever the data; the script's ``val_`` values."""
        stage = self._dryfit_journal
        x, y = stage.samples.x, stage.samples.y
        with stage.testing_by_hand():
            logs = super().test_on_batch(x, y, return_dict=True)  # type: ignore[misc]
        return reported(_numbers(logs), stage.script.names, return_dict)

    def get_metrics_result(self) -> Logs:
        """What the script says, in place of the real values."""
        stage = self._dryfit_journal
        if stage.stepping:  # while the step is traced: Keras' own tensors
            return super().get_metrics_result()  # type: ignore[misc, no-any-return]
        return stage.result()

    # Keras 2 takes what these return, Keras 3 what they keep.

    def make_train_function(self, force: bool = False) -> Any:
        """Make Keras' training function, and report the script around it."""
        if self.train_function is None or force:
            super().make_train_function(force)  # type: ignore[misc]
            self.train_function = self._dryfit_journal.training(self.train_function)
        return self.train_function

    def make_test_function(self, force: bool = False) -> Any:
        """Make Keras' test function, and report the script around it."""
        if self.test_function is None or force:
            super().make_test_function(force)  # type: ignore[misc]
            self.test_function = self._dryfit_journal.testing(self.test_function)
        return self.test_function

    def _maybe_load_initial_counters_from_ckpt(self, *given: object, **more: object) -> Any:
        """Keras 2's, of where a fit goes on in the first of its epochs."""
        epoch, batch = super()._maybe_load_initial_counters_from_ckpt(  # type: ignore[misc]
            *given, **more
        )
        self._dryfit_journal.first_batch = int(batch)
        return epoch, batch

    def make_predict_function(self, force: bool = False) -> Any:
        """Make Keras' prediction function, or call the script's."""
        if self._dryfit_journal.script.predict is None:
            super().make_predict_function(force)  # type: ignore[misc]
        else:
            self.predict_function = self._dryfit_journal.predicting()
        return self.predict_function


class _RateMover(keras.callbacks.Callback):  # type: ignore[misc]
    """Moves the rate as the script says, once every other callback has had its say."""

    def __init__(self, stage: Stage) -> None:
        super().__init__()
        self._stage = stage

    def on_epoch_begin(self, epoch: int, logs: Logs | None = None) -> None:
        """Move it for the first batch of the epoch."""
        self._stage.move_rate(0)


@contextmanager
def on_stage(
    script: Script,
    model: TrainedModel | None = None,
    data: "Batch | None" = None,
    *,
    going_on: bool = False,
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
    trained: Any = model  # a class of anybody's, with what is mixed into it
    if going_on:
        stage = trained._dryfit_journal
    else:
        if model is None:
            trained, samples = small_network(tuple(script.optimizers), script.late_optimizers)
        else:
            samples = _samples(model, data)
        alike = CAN_SHARE and model is None and not script.optimizers
        stage = Stage(trained, samples, SharedSteps(trained) if alike else None)
    attach(trained, stage, OnStage)
    try:
        stage.begin(script)
        yield trained
    finally:
        stage.leave()
        detach(trained)


def play_real(
    script: Script,
    callbacks: Callbacks,
    model: TrainedModel | None,
    call: str,
    load: str | None,
    data: "Batch | None" = None,
    going_on: bool = False,
    loop: Loop | None = None,
    **options: Unpack[PlayOptions],
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
        loop: in place of ``fit``.

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
    with on_stage(script, model, data, going_on=going_on) as trained:
        if load is not None:
            trained.load_weights(load)
        stage = trained._dryfit_journal
        play = Play(trained, script, callbacks, "real", by_hand=loop is not None, **options)
        conductor = Conductor(stage.begin_epoch, stage.end_epoch, stage.end)
        around = [conductor, *play.callbacks, _RateMover(stage)]
        if loop is not None:
            stage.fits += 1
            trained.stop_training = False
            play.call(partial(loop, trained, around, script.epochs))
            return play.run
        given: dict[str, Any] = {"callbacks": around, "verbose": 0}
        if call == "fit":
            given |= _fit_arguments(stage)
        play.call(partial(getattr(trained, call), **given))
        return play.run


def _fit_arguments(stage: Stage) -> dict[str, Any]:
    script, samples = stage.script, stage.samples
    check_not_empty(script.batches)
    validation = [epoch + 1 for epoch in script.validation_epochs]
    return {
        "x": samples.batches(script.batches, length_known=script.steps is not None),
        "epochs": script.epochs,
        "initial_epoch": script.initial_epoch,
        "shuffle": False,
        "validation_data": stage.validation_batches() if validation else None,
        "validation_freq": validation or 1,
    }


def _numbers(logs: Logs) -> Logs:
    return {name: float(value) for name, value in logs.items()}


def _samples(model: RealModel, data: "Batch | None") -> Samples:
    kind = type(model).__name__
    if not isinstance(model, keras.Model):
        raise TypeError(
            of_another_keras(type(model), f"model=, a {kind},")
            or f"the real lane trains a keras.Model, not {model!r}"
        )
    if not getattr(model, COMPILED):
        raise ValueError(f"model= takes a compiled model; call {kind}.compile(...) first")
    if data is None:
        return samples_for(model)
    try:
        x, y = data
    except (TypeError, ValueError):
        raise TypeError(f"data= is one batch (x, y) of arrays, not {data!r}") from None
    return Samples(x, y)
