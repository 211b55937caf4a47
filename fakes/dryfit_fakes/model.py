"""ScriptedModel: a model that trains nothing and reports what a script says.

The loops mirror ``TensorFlowTrainer.fit``, ``evaluate`` and ``predict``
(``keras/src/backend/tensorflow/trainer.py``, 3.15.1) hook by hook.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

from dryfit_fakes.backend import keras
from dryfit_fakes.data import (
    OUT_OF_DATA,
    begin_without_data,
    check_not_empty,
    one_step_on_torch,
    ran_out,
)
from dryfit_fakes.dispatch import Dispatch, heard_out
from dryfit_fakes.journal import Journal, Journaled, Observation, learning_rate
from dryfit_fakes.metrics import ScriptedMetrics
from dryfit_fakes.optimizer import ScriptedOptimizer
from dryfit_fakes.playback import Logs, Playback
from dryfit_fakes.prediction import Predicting
from dryfit_fakes.releases import EPOCH_LOGS_ARE_SHARED, steps_ahead
from dryfit_fakes.script import Script
from dryfit_fakes.stores import LentWeights, OwnWeights, Stored
from dryfit_fakes.strict import NotOfferedError
from dryfit_fakes.weights import INITIAL, MIXED, Weights

_DEFAULT_RATE = 0.01
_REMEDY = (
    "To go on: lend it a real model, ScriptedModel(script, model=keras_model) or "
    "play(script, callbacks, model=keras_model), or play it in the real lane (lane='real')."
)


class ScriptedModel(Journaled, Journal, Stored, Predicting):
    """Reports a script to real callbacks, in Keras' order, without tensors.

    What it does not offer raises an `AttributeError` that names the attribute.

    Args:
        script: what to report; assign another one to ``model.script`` before
            the next ``fit``.
        model: a compiled and built ``keras.Model`` to take weights, layers,
            optimizer, saving and prediction from. It is not trained, but what a
            run does to it stays: the rate, ``iterations``, weights a callback sets.

    >>> model = ScriptedModel(Script(metrics={"loss": "1 .5 .7"}))
    >>> stopping = keras.callbacks.EarlyStopping(monitor="loss", patience=1)
    >>> history = model.fit(callbacks=[stopping], verbose=0)
    >>> stopping.stopped_epoch
    2
    """

    _OURS = frozenset(
        "advance disk elapsed_s fits listen noted observe record_batches run runs script tick "
        "trained_batches wall_time_s weights_identity".split()
    )
    built = True
    compiled = True
    name = "scripted_model"

    def __init__(self, script: Script, model: Any = None) -> None:
        if model is not None and getattr(model, "optimizer", None) is None:
            raise ValueError(
                f"model= takes a compiled keras.Model, and {type(model).__name__} has no "
                "optimizer; call model.compile(...) before lending it"
            )
        self._lent = model
        start = _DEFAULT_RATE if script.learning_rate is None else script.learning_rate
        self._own_optimizer = ScriptedOptimizer(start)
        self._store: Any = OwnWeights(self._own_optimizer) if model is None else LentWeights(model)
        self._identity = INITIAL
        self._untold = 0  # batches trained since the identity was settled
        self._last_epoch = self._last_batch = -1
        self._initial_epoch: int | None = None
        self._observed = Observation(None, False, False)
        self.stop_training = self.stop_evaluating = self.stop_predicting = False
        self.script = script

    @property
    def _dryfit_journal(self) -> "ScriptedModel":
        return self

    @property
    def script(self) -> Script:
        """What the model reports."""
        return self._playback.script

    @script.setter
    def script(self, script: Script) -> None:
        self._playback = Playback(script)
        self._metrics = [ScriptedMetrics(script)]
        if script.learning_rate is not None:
            self.optimizer.learning_rate = script.learning_rate

    @property
    def optimizer(self) -> Any:
        """The optimizer: a scripted one, or the lent model's."""
        return self._own_optimizer if self._lent is None else self._lent.optimizer

    @property
    def metrics(self) -> list[Any]:
        """Metric objects that hold names and directions, for ``mode="auto"``."""
        return self._metrics

    @property
    def weights_identity(self) -> Weights:
        """Whose weights the model has: which batch trained them last."""
        self._settle()
        return MIXED if self._store.edited else self._identity

    def observe(self) -> Observation:
        """Read what a callback can change."""
        if self._lent is not None:
            return Observation(self._rate(), self.stop_training, self._store.edited)
        rate, seen = self._own_optimizer.rate(), self._observed
        if rate is not seen.learning_rate or self.stop_training is not seen.stop_training:
            self._observed = Observation(rate, self.stop_training, False)
        return self._observed

    def fit(
        self,
        x: Any = None,
        y: Any = None,
        batch_size: int | None = None,
        epochs: int | None = None,
        verbose: Any = "auto",
        callbacks: Any = None,
        validation_split: float = 0.0,
        validation_data: Any = None,
        shuffle: bool = True,
        class_weight: Any = None,
        sample_weight: Any = None,
        initial_epoch: int | None = None,
        steps_per_epoch: int | None = None,
        validation_steps: int | None = None,
        validation_batch_size: int | None = None,
        validation_freq: Any = None,
    ) -> Any:
        """Play the script, as ``keras.Model.fit`` would train.

        The arguments are Keras'. Data is ignored; a number that contradicts the
        script is an error.

        Returns:
            Keras' ``History``.

        Raises:
            ValueError: an argument contradicts the script.
        """
        __tracebackhide__ = True
        script = self.script
        check_not_empty(script.batches)
        _agree("epochs", epochs, script.epochs)
        _agree("initial_epoch", initial_epoch, script.initial_epoch)
        _agree("steps_per_epoch", steps_per_epoch, script.batches)
        _agree("validation_steps", validation_steps, script.val_batches)
        if validation_freq is not None:
            _agree("validation_freq", validation_freq, script.validation_freq or 1)
        callbacks = self._callback_list(
            callbacks, verbose, add_history=True, epochs=script.epochs, steps=script.batches
        )
        hooks = Dispatch(callbacks)
        self._settle()
        self.fits += 1
        self.stop_training = False
        hooks.call("on_train_begin")
        validating = frozenset(script.validation_epochs)
        last: Logs | None = None
        logs: Logs = {}
        for epoch in range(self._initial_epoch or script.initial_epoch, script.epochs):
            self._playback.begin_epoch(epoch)
            hooks.call("on_epoch_begin", epoch)
            logs = self._train_epoch(hooks, epoch, logs)
            last = self._playback.train_result(logs)
            if epoch in validating:
                validated = self._test(hooks, within_fit=True)
                last = dict(sorted({**last, **_prefixed(validated)}.items()))
            self.tick(script.seconds_per_epoch)
            shared = hooks.call("on_epoch_end", epoch, logs=last)
            last = shared if EPOCH_LOGS_ARE_SHARED else last
            if self.stop_training:
                break
        hooks.call("on_train_end", logs=last)
        return self.history

    def evaluate(
        self,
        x: Any = None,
        y: Any = None,
        batch_size: int | None = None,
        verbose: Any = "auto",
        sample_weight: Any = None,
        steps: int | None = None,
        callbacks: Any = None,
        return_dict: bool = False,
    ) -> Any:
        """Report a validation, as ``keras.Model.evaluate`` would.

        Data and ``steps`` are ignored: a callback may evaluate what it likes.
        Reports what the script's ``evaluate`` function says of ``x``; without
        one, the row of the current epoch: its ``val_`` values, or where it has
        none its training values.

        Returns:
            A dict of metrics, or like Keras one number or a list of numbers.
        """
        _agree("steps", steps, self.script.val_batches)
        callbacks = self._callback_list(callbacks, verbose, epochs=1, steps=self.script.val_batches)
        logs = self._test(Dispatch(callbacks), within_fit=False, x=x)
        if return_dict:
            return logs
        in_order = [*dict.fromkeys(("loss", *self.script.names)), *logs]
        results = [logs[name] for name in dict.fromkeys(in_order) if name in logs]
        return results[0] if len(results) == 1 else results

    def count_params(self) -> int:
        """Return how many numbers the weights have."""
        return sum(int(np.size(array)) for array in self._store.get_weights())

    def summary(self, *args: Any, print_fn: Callable[[str], Any] = print, **kwargs: Any) -> None:
        """Print what this model is, or the lent model's summary."""
        if self._lent is not None:
            self._lent.summary(*args, print_fn=print_fn, **kwargs)
            return
        script = self.script
        print_fn(
            f"ScriptedModel: {script.epochs} epochs of {script.batches} batches, "
            f"metrics {', '.join(script.names) or 'none'}, {self.count_params()} params"
        )

    def _callback_list(self, callbacks: Any, verbose: Any, steps: Any, **params: Any) -> Any:
        if isinstance(callbacks, keras.callbacks.CallbackList):
            return callbacks
        made = keras.callbacks.CallbackList(
            callbacks,
            add_history=params.pop("add_history", False),
            add_progbar=verbose != 0,
            model=self,
            verbose=verbose,
            steps=steps,
            **params,
        )
        one_step_on_torch(self.script.steps_per_execution)
        return made

    def _train_epoch(self, hooks: Dispatch, epoch: int, logs: Logs) -> Logs:
        __tracebackhide__ = True
        script, playback = self.script, self._playback
        step = script.steps_per_execution
        ahead = steps_ahead(step)
        self._settle()
        self._last_epoch = epoch
        begins = hooks.listening("on_train_batch_begin")
        ends = hooks.listening("on_train_batch_end")
        count = self.optimizer.iterations.assign_add
        try:
            for batch in range(0, script.batches, step):
                shared: dict[str, Any] = {}
                for callback in begins:
                    callback.on_train_batch_begin(batch, logs=shared)
                if not playback.started:
                    playback.start(self._rate(), self.weights_identity.epoch)
                batches = min(step, script.batches - batch)
                logs = playback.train(batch, batches)
                self._untold += batches
                self._last_batch = batch + batches - 1
                count(batches)
                if script.seconds_per_batch:
                    self.tick(batches * script.seconds_per_batch)
                if self._lent is not None:  # so that what a hook edits is not taken for training
                    self._settle()
                shared = dict(logs)
                for callback in ends:
                    callback.on_train_batch_end(batch + ahead, logs=shared)
                if self.stop_training:
                    break
                if batch == 0 and self._may_skip(begins, ends):
                    logs = self._train_the_rest(logs)
                    break
            if not script.batches:
                begin_without_data(begins)
        except OUT_OF_DATA:
            ran_out()
        return logs

    def _may_skip(self, begins: list[Any], ends: list[Any]) -> bool:
        """Whether nobody listens to the epoch's batches after the first, and none is needed."""
        needed = self._playback.by_mean or self.script.seconds_per_batch
        return not needed and heard_out("train", [*begins, *ends])

    def _train_the_rest(self, logs: Logs) -> Logs:
        batches = self.script.batches - self._last_batch - 1
        if not batches:
            return logs
        self._untold += batches
        self._last_batch = self.script.batches - 1
        self.optimizer.iterations.assign_add(batches)
        return self._playback.train(self._last_batch)

    def _test(self, hooks: Dispatch, within_fit: bool, x: Any = None) -> Logs:
        __tracebackhide__ = True
        script, playback = self.script, self._playback
        told = None if within_fit or script.evaluate is None else playback.evaluation(x)
        step = script.steps_per_execution
        ahead = steps_ahead(step)
        self.stop_evaluating = False
        hooks.call("on_test_begin")
        begins = hooks.listening("on_test_batch_begin")
        ends = hooks.listening("on_test_batch_end")
        playback.begin_test(within_fit)
        logs: Logs = {}
        try:
            for batch in range(0, script.val_batches, step):
                shared: dict[str, Any] = {}
                for callback in begins:
                    callback.on_test_batch_begin(batch, logs=shared)
                logs = told or playback.test(batch, min(step, script.val_batches - batch))
                shared = dict(logs)
                for callback in ends:
                    callback.on_test_batch_end(batch + ahead, logs=shared)
                if self.stop_evaluating:
                    break
                if batch == 0 and playback.test_is_fixed and heard_out("test", [*begins, *ends]):
                    break
        except OUT_OF_DATA:
            ran_out()
        logs = told or playback.test_result(logs)
        hooks.call("on_test_end", logs=logs)
        return logs

    def _rate(self) -> float:
        if self._lent is None:
            return self._own_optimizer.rate()
        return learning_rate(self._lent.optimizer)

    def _settle(self) -> None:
        if self._untold:
            batches, self._untold = self._untold, 0
            place = (self._last_epoch, self._last_batch)
            self._identity = self.advance(self._identity, *place, batches)
            self._store.mark(self._identity)

    def __getattr__(self, name: str) -> Any:
        lent = self.__dict__.get("_lent")
        if lent is not None:
            return getattr(lent, name)
        raise NotOfferedError(self, name, _REMEDY)


def _prefixed(logs: Logs) -> Logs:
    return {f"val_{name}": value for name, value in logs.items()}


def _agree(name: str, given: Any, scripted: Any) -> None:
    if given is not None and given != scripted:
        raise ValueError(
            f"fit got {name}={given!r}, and the script says {scripted!r}. "
            f"Leave {name} out, or change the script."
        )
