"""FakeModel: a model that trains nothing and reports what a script says.

The loops mirror ``TensorFlowTrainer.fit``, ``evaluate`` and ``predict``
(``keras/src/backend/tensorflow/trainer.py``, 3.15.1) hook by hook.
"""

from collections.abc import Callable, Mapping, Sequence
from math import ceil
from typing import Any

import numpy as np

from dryfit_fakes.backend import keras
from dryfit_fakes.data import (
    OUT_OF_DATA,
    Supply,
    begin_without_data,
    check_no_empty_logs,
    check_not_empty,
    one_step_on_torch,
)
from dryfit_fakes.dispatch import Dispatch, heard_out, tell_silent
from dryfit_fakes.evaluation import Evaluating, agree
from dryfit_fakes.fake_journal import FakeJournal, Stored
from dryfit_fakes.journal import Journaled, learning_rate
from dryfit_fakes.keras_of_process import of_another_keras
from dryfit_fakes.metrics import ScriptedMetrics
from dryfit_fakes.on_batch_calls import ByHand
from dryfit_fakes.optimizer import counter
from dryfit_fakes.parts_of_keras import KeptWeights, OfKeras
from dryfit_fakes.playback import Playback
from dryfit_fakes.prediction import Predicting
from dryfit_fakes.protocols import (
    Callback,
    CallbackList,
    Callbacks,
    Data,
    FitHistory,
    Logs,
    Metric,
    Rates,
    RealModel,
    Variable,
    Verbose,
)
from dryfit_fakes.quantities import quantity
from dryfit_fakes.releases import (
    BUILT_BEFORE_HOOKS,
    EACH_CALL_HAS_A_HISTORY,
    EPOCH_LOGS_ARE_SHARED,
    EXECUTIONS_ARE_CUT,
    LOGS_ARE_SORTED,
    steps_ahead,
)
from dryfit_fakes.script import MAX_BATCHES, Script
from dryfit_fakes.several_optimizers import begin_as_told, is_late, rate_reader, scripted
from dryfit_fakes.stores import LentWeights, OwnWeights
from dryfit_fakes.strict import NotOfferedError

_DEFAULT_RATE = 0.01
_OF_MODELS = frozenset(name for name in dir(keras.Model) if not name.startswith("_"))
_REMEDY = (
    "To go on: lend it a real model, ScriptedModel(script, model=keras_model) or "
    "play(script, callbacks, model=keras_model), or play it in the real lane (lane='real')."
)


class FakeModel(Journaled, Stored, Evaluating, Predicting, ByHand, OfKeras):  # type: ignore[misc]
    """Reports a script to real callbacks, in Keras' order, without tensors.

    It has the names that a ``keras.Model`` has, and what it does not offer of them
    raises an `AttributeError` that names the attribute.

    Args:
        script: what to report.
        model: a compiled and built ``keras.Model`` to take weights, layers,
            optimizer, saving and prediction from. It is not trained, but what a
            run does to it stays: the rate, ``iterations``, weights a callback sets.

    >>> model = FakeModel(Script(metrics={"loss": "1 .5 .7"}))
    >>> stopping = keras.callbacks.EarlyStopping(monitor="loss", patience=1)
    >>> history = model.fit(callbacks=[stopping], verbose=0)
    >>> stopping.stopped_epoch
    2
    """

    _store: OwnWeights | LentWeights
    _rate: Callable[[], Rates]
    _dryfit_journal: FakeJournal
    built = True
    compiled = True
    name = "scripted_model"
    history: FitHistory  # which Keras' callback of that name puts there

    def __init__(self, script: Script, model: RealModel | None = None) -> None:
        if foreign := of_another_keras(type(model), f"model=, a {type(model).__name__},"):
            raise TypeError(foreign)
        if model is not None and getattr(model, "optimizer", None) is None:
            raise ValueError(
                f"model= takes a compiled keras.Model, and {type(model).__name__} has no "
                "optimizer; call model.compile(...) before lending it"
            )
        self._lent = model
        start = _DEFAULT_RATE if script.learning_rate is None else script.learning_rate
        self._own_optimizer = scripted(start, script.optimizers, script.late_optimizers)
        if model is None:
            self._store = KeptWeights(self._own_optimizer)
            self._rate = rate_reader(self._own_optimizer)
        else:
            self._store = LentWeights(model)
            self._rate = lambda: learning_rate(model.optimizer)
        self._dryfit_journal = FakeJournal(self, self._store, self._rate)
        self._initial_epoch: int | None = None
        self.stop_training = self.stop_evaluating = self.stop_predicting = False
        self._longest = MAX_BATCHES  # of an execution
        self._script = script

    @property
    def _script(self) -> Script:
        """What the model reports."""
        return self._playback.script

    @_script.setter
    def _script(self, script: Script) -> None:
        self._playback = Playback(script)
        self._metrics: list[Metric] = []
        self._late = is_late(script, self.optimizer)
        if not self._late:
            begin_as_told(script, self.optimizer, self._trainable)

    @property
    def optimizer(self) -> Any:
        """The optimizer: a scripted one, or the lent model's."""
        return self._own_optimizer if self._lent is None else self._lent.optimizer

    @property
    def metrics(self) -> list[Metric]:
        """Metric objects that hold names and directions, for ``mode="auto"``."""
        if not self._metrics:  # made when somebody asks: few callbacks do
            self._metrics = [ScriptedMetrics(self._script)]
        return self._metrics

    def fit(
        self,
        x: Data = None,
        y: Data = None,
        batch_size: int | None = None,
        epochs: int | None = None,
        verbose: Verbose = "auto",
        callbacks: Callbacks = None,
        validation_split: float = 0.0,
        validation_data: Data = None,
        shuffle: bool = True,
        class_weight: Mapping[int, float] | None = None,
        sample_weight: Data = None,
        initial_epoch: int | None = None,
        steps_per_epoch: int | None = None,
        validation_steps: int | None = None,
        validation_batch_size: int | None = None,
        validation_freq: int | list[int] | None = None,
    ) -> FitHistory:
        """Play the script, as ``keras.Model.fit`` would train.

        The arguments are Keras'. Data is ignored; a number that contradicts the
        script is an error.

        Returns:
            Keras' ``History``.

        Raises:
            ValueError: an argument contradicts the script.
        """
        __tracebackhide__ = True
        script = self._script
        check_not_empty(script.batches)
        agree("fit", "epochs", epochs, script.epochs)
        agree("fit", "initial_epoch", initial_epoch, script.initial_epoch)
        agree("fit", "steps_per_epoch", steps_per_epoch, script.steps)
        agree("fit", "validation_steps", validation_steps, script.val_steps)
        if validation_freq is not None:
            agree("fit", "validation_freq", validation_freq, script.validation_freq or 1)
        self._supply = Supply(length_known=script.steps is not None, steps=steps_per_epoch)
        self._supply.check(script.steps_per_execution)
        callbacks = self._callback_list(
            callbacks, verbose, add_history=True, epochs=script.epochs, steps=script.steps
        )
        self._val_supply = Supply(length_known=script.val_steps is not None, steps=validation_steps)
        outer, self._fitting = self._fitting, True
        try:
            self._fit(Dispatch(callbacks))
        finally:
            self._fitting = outer
        return self.history

    def count_params(self) -> int:
        """Return how many numbers the weights have."""
        return sum(int(np.size(array)) for array in self._store.get_weights())

    def summary(
        self, *args: object, print_fn: Callable[[str], object] = print, **kwargs: object
    ) -> None:
        """Print what this model is, or the lent model's summary."""
        if self._lent is not None:
            self._lent.summary(*args, print_fn=print_fn, **kwargs)
            return
        script = self._script
        print_fn(
            f"ScriptedModel: {quantity(script.epochs, 'epoch')} of "
            f"{quantity(script.batches, 'batch')}, "
            f"metrics {', '.join(script.names) or 'none'}, {self.count_params()} params"
        )

    def _callback_list(self, callbacks: Callbacks, verbose: Verbose, **params: Any) -> CallbackList:
        if isinstance(callbacks, keras.callbacks.CallbackList):
            given: CallbackList = callbacks
            return given
        made: CallbackList = keras.callbacks.CallbackList(
            callbacks,
            add_history=params.pop("add_history", EACH_CALL_HAS_A_HISTORY),
            add_progbar=verbose != 0,
            model=self,
            verbose=verbose,
            **params,
        )
        one_step_on_torch(self._script.steps_per_execution)
        return made

    def _fit(self, hooks: Dispatch) -> None:
        __tracebackhide__ = True
        script = self._script
        if BUILT_BEFORE_HOOKS:
            self._build_optimizer()
        self._dryfit_journal.settle()
        self._dryfit_journal.fits += 1
        self.stop_training = False
        self._longest = script.batches if EXECUTIONS_ARE_CUT else MAX_BATCHES
        hooks.call("on_train_begin")
        validating = frozenset(script.validation_epochs)
        last: Logs | None = None
        logs: Logs = {}
        first, batch = self._resumed_at(script.initial_epoch)
        first_whole, silent = first + (batch > 0), False
        for epoch in range(first, script.epochs):
            if self._supply.is_over:
                break
            # The last goes through the loop: what comes behind finds all as that leaves it.
            if silent and epoch < script.epochs - 1 and not self.stop_training:
                last = self._train_silently(hooks, epoch)
                continue
            self._begin_epoch(epoch)
            hooks.call("on_epoch_begin", epoch)
            if (course := self._playback.course).moves:
                course.move(self.optimizer, self._rate(), epoch, 0)
            logs, batch = self._train_epoch(hooks, epoch, batch, logs), 0
            if not logs and not self._playback.started:
                check_no_empty_logs()
            last = self._playback.train_result(logs)
            if epoch in validating:
                last = _with_validation(last, self._test(hooks, within_fit=True))
            if script.seconds_per_epoch:
                self._dryfit_journal.tick(script.seconds_per_epoch)
            shared = hooks.call("on_epoch_end", epoch, logs=last)
            last = shared if EPOCH_LOGS_ARE_SHARED else last
            if self.stop_training:
                break
            silent = epoch == first_whole < script.epochs - 2 and self._may_skip_epochs(hooks)
        self._longest = MAX_BATCHES
        hooks.call("on_train_end", logs=last)

    def _train_epoch(self, hooks: Dispatch, epoch: int, first: int, logs: Logs) -> Logs:
        __tracebackhide__ = True
        script, playback, journal = self._script, self._playback, self._dryfit_journal
        step = min(script.steps_per_execution, self._longest)
        ahead, supply = steps_ahead(step), self._supply
        journal.settle()
        journal.epoch = epoch
        begins = hooks.listening("on_train_batch_begin")
        ends = hooks.listening("on_train_batch_end")
        count = counter(self.optimizer)
        course, by_batch = playback.course, playback.course.by_batch
        seconds, lent = script.seconds_per_batch, self._lent is not None
        try:
            for batch in range(first, script.batches, step):
                shared: Logs = {}
                for callback in begins:
                    callback.on_train_batch_begin(batch, logs=shared)
                if not playback.started:
                    self._build_optimizer()
                    playback.start(self._rate(), journal.weights_identity.epoch)
                batches = 1 if step == 1 else min(step, script.batches - batch)
                logs = playback.train(batch, batches)
                journal.untold += batches
                journal.batch = batch + batches - 1
                count(batches)
                if seconds:
                    journal.tick(batches * seconds)
                if by_batch:
                    course.move(self.optimizer, self._rate(), epoch, batch + batches)
                if lent:  # so that what a hook edits is not taken for training
                    journal.settle()
                shared = dict(logs)
                end = batch + (batches - 1 if EXECUTIONS_ARE_CUT else ahead)
                for callback in ends:
                    callback.on_train_batch_end(end, logs=shared)
                if self.stop_training:
                    return logs
                may_skip = batch == first == 0 and batches < script.batches
                if may_skip and self._may_skip(begins, ends):
                    self._train_the_rest(ends, logs)
                    break
            if not supply.length_known or script.steps == 0:
                end = ceil(script.batches / step) * step
                counted = count if step == 1 else None
                begin_without_data(begins, end, "on_train_batch_begin", counted)
                supply.ends(0)
        except OUT_OF_DATA:
            supply.ran_out((script.epochs - script.initial_epoch) * script.batches)
        return logs

    def _build_optimizer(self) -> None:
        """Let an optimizer have its variables, as the first training step would."""
        if not getattr(self.optimizer, "built", True):
            self.optimizer.build(self._trainable)
        if self._late:
            self._late = False
            begin_as_told(self._script, self.optimizer, self._trainable)

    @property
    def _trainable(self) -> Sequence[Variable]:
        return () if self._lent is None else self._lent.trainable_variables

    def _may_skip(self, begins: list[Callback], ends: list[Callback]) -> bool:
        """Whether nobody listens to the epoch's batches after the first, and none is needed."""
        moves = self._playback.course.by_batch or self._script.seconds_per_batch
        cut = EXECUTIONS_ARE_CUT and self._script.steps_per_execution > 1
        fixed = self._playback.train_is_fixed and not moves and not cut
        return fixed and heard_out("train", begins, ends)

    def _train_the_rest(self, recorders: list[Callback], logs: Logs) -> None:
        journal, script = self._dryfit_journal, self._script
        batches = script.batches - journal.batch - 1
        journal.untold += batches
        journal.batch = script.batches - 1
        counter(self.optimizer)(batches)
        if self._lent is not None:  # as behind every batch
            journal.settle()
        step = script.steps_per_execution
        stretch = range(step, script.batches, step)
        tell_silent("train", recorders, stretch, steps_ahead(step), dict(logs))

    def _may_skip_epochs(self, hooks: Dispatch) -> bool:
        """Whether nobody listens to the epochs to come, and they differ in what they report alone.

        They do not where a script has a function, which is code of somebody's: it may do anything.
        """
        script = self._script
        moves = script.functions or script.batch_series or script.logged_series or script.rates
        passes = script.seconds_per_batch or script.seconds_per_epoch
        known = script.steps and script.val_steps and self._lent is None
        alike = len(script.validation_epochs) in (0, script.epochs)
        return bool(known and alike and not (moves or passes)) and hooks.nobody_in_epochs()

    def _train_silently(self, hooks: Dispatch, epoch: int) -> Logs:
        script, journal = self._script, self._dryfit_journal
        journal.epoch = epoch
        journal.untold += script.batches
        counter(self.optimizer)(script.batches)
        train, test = self._playback.silent_epoch(epoch)
        logs = _with_validation(train, test)
        hooks.silent_epoch(epoch, train, test, logs)
        return logs

    def __getattr__(self, name: str) -> Any:
        lent = self.__dict__.get("_lent")
        if lent is not None:
            return getattr(lent, name)
        raise NotOfferedError(self, name, _REMEDY)

    def __setattr__(self, name: str, value: object) -> None:
        """Take what a ``keras.Model`` would: attributes of nobody's, and what it offers itself."""
        if name not in _OF_MODELS or name in self.__dict__ or hasattr(type(self), name):
            object.__setattr__(self, name, value)
        elif self.__dict__.get("_lent") is not None:
            setattr(self._lent, name, value)
        elif isinstance(own := getattr(keras.Model, name), property) and own.fset is None:
            kind = type(self).__name__
            raise AttributeError(f"property {name!r} of {kind!r} object has no setter")
        else:
            raise NotOfferedError(self, name, _REMEDY)


def _with_validation(train: Logs, test: Logs) -> Logs:
    logs = train | {f"val_{name}": value for name, value in test.items()}
    return dict(sorted(logs.items())) if LOGS_ARE_SORTED else logs
