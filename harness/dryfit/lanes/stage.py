"""Stage: where in the script a real model is, and what its steps report.

A backend's trainer calls its step functions in a way of its own
(``keras/src/backend/{tensorflow,jax,torch}/trainer.py``, 3.15.1): tensorflow with an
iterator, torch with the data, jax with the model's state, which comes back beside the
logs. The last one is the only difference that is visible here.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

from dryfit.lanes.networks import Samples
from dryfit.lanes.shared_steps import SharedSteps
from dryfit.recorder.model_journal import WatchfulJournal, plainly
from dryfit_fakes.backend import LEGACY, keras
from dryfit_fakes.journal import learning_rate
from dryfit_fakes.metrics import ScriptedMetrics
from dryfit_fakes.playback import Playback
from dryfit_fakes.protocols import Logs, TrainedModel
from dryfit_fakes.releases import BUILT_BEFORE_HOOKS, EXECUTIONS_ARE_CUT
from dryfit_fakes.script import Script
from dryfit_fakes.several_optimizers import begin_as_told, is_late

_ON_JAX = keras.backend.backend() == "jax"
_FUNCTIONS = ("train_function", "test_function", "predict_function")
_STATE = ("trainable_variables", "non_trainable_variables", "optimizer_variables")


class _Testing:
    """One pass over validation data."""

    def __init__(self, within_fit: bool, told: Logs | None) -> None:
        self.within_fit, self.told = within_fit, told
        self.batch = 0
        self.logs: Logs = {}


class Stage(WatchfulJournal):
    """The journal of a model that plays a script, and its place in it.

    Args:
        model: a compiled ``keras.Model``; Keras builds it when it does in any ``fit``.
        samples: what each batch trains it with.
        shared: steps that are traced already, for a network of ours.
    """

    model: TrainedModel
    playback: Playback
    metrics: ScriptedMetrics

    def __init__(
        self, model: TrainedModel, samples: Samples, shared: SharedSteps | None = None
    ) -> None:
        super().__init__(model)
        self.samples = samples
        self._shared = shared
        self.fitting = self.stepping = False
        self._once_more = False  # does a callback train the last batch of the running fit
        self.first_batch = 0  # of the epoch that begins next
        self._script: Script | None = None

    @property
    def script(self) -> Script:
        """What the model reports."""
        return self.playback.script

    def begin(self, script: Script) -> None:
        """Play a script; the one that was played before goes on where it was."""
        self._settle_functions(script)
        if script is self._script:
            return
        self._script = script
        self.playback, self.metrics = Playback(script), ScriptedMetrics(script)
        self._batch = 0
        self._train_logs: Logs = {}
        self._testing: _Testing | None = None
        self._by_hand: _Testing | None = None  # a pass that ends with its last batch
        # On other backends fit builds it before any hook.
        self._late = not BUILT_BEFORE_HOOKS and is_late(script, self.model.optimizer)
        if not self._late:
            begin_as_told(script, self.model.optimizer, self.model.trainable_variables)

    def validation_batches(self) -> Any:
        """What the script says that there is to validate on."""
        known = self.script.val_steps is not None
        return self.samples.batches(self.script.val_batches, length_known=known)

    def leave(self) -> None:
        """Let the model be what it was but for what was trained."""
        self.sync()
        model = self.model
        model.steps_per_execution = self._steps_per_execution
        model.train_function = model.test_function = model.predict_function = None

    def move_rate(self, batch: int) -> None:
        """Let the rate be what the script says of a batch of this epoch."""
        if not self.playback.course.moves:
            return
        self.sync()
        optimizer, playback = self.model.optimizer, self.playback
        playback.course.move(optimizer, learning_rate(optimizer), playback.epoch, batch)

    def reset(self) -> None:
        """The metrics are reset: at the begin of an epoch, or of a pass over validation data."""
        if self._testing is not None:
            self.playback.begin_test(self._testing.within_fit, self._testing.told)
        else:
            self._by_hand = None
            self.playback.reset()

    def result(self) -> Logs:
        """What the metrics say at the end of an epoch or a validation."""
        if self._testing is None:
            return self.playback.train_result(self._train_logs)
        return self.playback.test_result(self._testing.logs)

    @contextmanager
    def testing_pass(self, within_fit: bool, told: Logs | None) -> Iterator[None]:
        """Report validation for a while; `told` by the script's own function, if it has one."""
        outer, tested = self._testing, self.playback.tested
        self._testing = _Testing(within_fit, told)
        try:
            yield
        finally:
            self._testing, self.playback.tested = outer, tested

    @contextmanager
    def training_by_hand(self) -> Iterator[None]:
        """Report one batch: within a ``fit`` its last once more, and leave its place as it is."""
        if not self.fitting:
            yield
            return
        playback = self.playback
        place = playback.started, self._batch, self.first_batch
        self._batch = self._batch - 1 if playback.started else 0
        self._once_more, self.first_batch = True, 0
        try:
            yield
        finally:
            self._once_more = False
            playback.started, self._batch, self.first_batch = place

    @contextmanager
    def testing_by_hand(self) -> Iterator[None]:
        """Report one batch of a validation that a loop of somebody's own goes through."""
        by_hand = self._by_hand
        if by_hand is None or by_hand.batch >= self.script.val_batches:
            by_hand = self._by_hand = _Testing(True, None)
            self.playback.begin_test(True)
        outer, self._testing = self._testing, by_hand
        try:
            yield
        finally:
            self._testing = outer

    def begin_epoch(self, epoch: int) -> None:
        """Go to an epoch of the script."""
        self.playback.begin_epoch(epoch)
        self._by_hand = None

    def end_epoch(self) -> None:
        """Let the epoch's own time pass."""
        self.tick(self.script.seconds_per_epoch)

    def end(self) -> None:
        """Let weights that the optimizer averaged be those that the last batch trained."""
        if _averages(self.model.optimizer):
            self.settle()

    @contextmanager
    def left(self) -> Iterator[None]:
        """Let the model be plain Keras' for a while, inside of the ``fit`` that is played."""
        model = self.model
        made = {name: getattr(model, name) for name in _FUNCTIONS}
        for name in made:
            setattr(model, name, None)
        try:
            with plainly(model):
                yield
        finally:
            for name, function in made.items():
                setattr(model, name, function)

    def training(self, real: Callable[..., Any]) -> Callable[..., Any]:
        """Make Keras' training step report the script."""
        real = self._traced("train_step", real, self.script.steps)

        def step(*given: Any) -> Any:
            self._hold(given)
            self._by_hand = None
            if self._late:
                self._late = False
                begin_as_told(self.script, self.model.optimizer, self.model.trainable_variables)
            playback, before, script = self.playback, self.weights_identity, self.script
            over = playback.started and self._batch >= script.batches
            begins = not playback.started or over
            rate = self.rate if begins else None
            trains = bool(self.model.trainable_variables)  # none, if all layers are frozen
            found = None if trains else self.checksum()
            self._hold(self._step(real, given))  # which leaves here where the data ends
            if over and playback.epoch + 1 < script.epochs:  # a loop that begins no epochs
                playback.begin_epoch(playback.epoch + 1)
            if not playback.started:
                playback.start(rate, before.epoch)
                self._batch, self.first_batch = self.first_batch, 0
            # The last execution of an epoch may be cut short; a loop may train on.
            batches = max(min(script.steps_per_execution, script.batches - self._batch), 1)
            batches = 1 if self._once_more else batches
            self._train_logs = playback.train(min(self._batch, script.batches - 1), batches)
            self._batch += batches
            self.tick(batches * self.script.seconds_per_batch)
            if trains or self.checksum() != found:
                self.trained(before, playback.epoch, self._batch - 1, batches)
            if playback.course.by_batch and not self._once_more:
                self.move_rate(self._batch)
            return (self._train_logs, self._handed_back()) if _ON_JAX else self._train_logs

        return step

    def testing(self, real: Callable[..., Any]) -> Callable[..., Any]:
        """Make Keras' validation step report the script."""
        real = self._traced("test_step", real, self.script.val_steps)

        def step(*given: Any) -> Any:
            returned = self._step(real, given)
            testing = self._testing
            assert testing is not None
            left = self.script.val_batches - testing.batch
            batches = min(self._steps(), left)
            testing.logs = self.playback.test(testing.batch, batches)
            testing.batch += batches
            return (testing.logs, returned[1]) if _ON_JAX else testing.logs

        return step

    def predicting(self) -> Callable[..., Any]:
        """Make a prediction step that returns what the script's function says."""
        function, epoch = self.script.predict, self.playback.epoch
        assert function is not None

        def predict(items: list[Any]) -> Any:
            inputs = [keras.utils.unpack_x_y_sample_weight(item)[0] for item in items]
            made = [function(keras.ops.convert_to_numpy(x), epoch) for x in inputs]
            return keras.tree.map_structure(
                lambda *parts: keras.ops.convert_to_tensor(np.concatenate(parts)), *made
            )

        def on_jax(state: Any, iterator: Any) -> Any:
            items = [next(iterator)]
            for _ in range(self.script.steps_per_execution - 1):
                items += [item for item in (next(iterator, None),) if item is not None]
            return predict(items), state

        def on_keras_2(iterator: Any) -> Any:
            return predict([next(iterator) for _ in range(self._steps())])

        if LEGACY:
            return on_keras_2
        return on_jax if _ON_JAX else predict

    def _steps(self) -> int:
        """How many steps an execution has, at most; Keras 2 counts those that are left."""
        if EXECUTIONS_ARE_CUT:
            model: Any = self.model
            return int(model._steps_per_execution.numpy())
        return self.script.steps_per_execution

    def _settle_functions(self, script: Script) -> None:
        # Keras makes its functions anew, for the steps and the prediction of this script.
        model = self.model
        self._steps_per_execution = int(model.steps_per_execution)  # of Keras 2, a variable
        model.steps_per_execution = script.steps_per_execution
        model.train_function = model.test_function = model.predict_function = None

    def _traced(self, name: str, real: Callable[..., Any], known: int | None) -> Callable[..., Any]:
        # Where the data ends, Keras' own function has a say: what has been counted by then.
        if self._shared is None or known is None or self.script.steps_per_execution != 1:
            return real
        return self._shared.step(name, real)

    def _step(self, real: Callable[..., Any], given: tuple[Any, ...]) -> Any:
        self.stepping = True
        try:
            return real(*given)
        finally:
            self.stepping = False

    def _hold(self, returned: Iterable[object]) -> None:
        """On jax, put the state that came with or out of a step into the model's variables."""
        if _ON_JAX and hasattr(self.model, "_jax_state_synced"):  # else Keras keeps no such state
            state = next(item for item in returned if isinstance(item, tuple))
            names = (*_STATE, "metrics_variables")
            self.model._jax_state = dict(zip(names, state, strict=True))
            self.model._jax_state_synced = False
            self.sync()

    def _handed_back(self) -> Any:
        """On jax, take the state out of the variables again, as ``fit`` has it there."""
        names = (*_STATE, "metrics_variables")
        if not hasattr(self.model, "_get_jax_state"):
            return tuple([v.value for v in variables_of(self.model, name)] for name in names)
        state = self.model._get_jax_state(**dict.fromkeys(names, True), purge_model_variables=True)
        self.model._jax_state_synced = False
        return state


def variables_of(model: TrainedModel, name: str) -> Any:
    """The variables that one part of a state is of, as ``fit`` on jax names the parts."""
    return model.optimizer.variables if name == "optimizer_variables" else getattr(model, name)


def _averages(optimizer: Any) -> bool:
    """Whether it replaces weights by their moving average (``use_ema``) when training ends."""
    inner = getattr(optimizer, "inner_optimizer", optimizer)
    every = getattr(inner, "optimizers", (inner,))
    return any(getattr(one, "use_ema", False) for one in every)
