"""Stage: where in the script a real model is, and what its steps report.

A backend's trainer calls its step functions in a way of its own
(``keras/src/backend/{tensorflow,jax,torch}/trainer.py``, 3.15.1): tensorflow with an
iterator, torch with the data, jax with the model's state, which comes back beside the
logs. The last one is the only difference that is visible here.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

from dryfit.lanes.networks import Samples
from dryfit.whose import WatchfulJournal
from dryfit_fakes.backend import keras
from dryfit_fakes.journal import learning_rate
from dryfit_fakes.metrics import ScriptedMetrics
from dryfit_fakes.playback import Logs, Playback
from dryfit_fakes.script import Script

_ON_JAX = keras.backend.backend() == "jax"
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
        model: a compiled and built ``keras.Model``.
        samples: what each batch trains it with.
    """

    playback: Playback
    metrics: ScriptedMetrics

    def __init__(self, model: Any, samples: Samples) -> None:
        if not model.built:
            model(keras.tree.map_structure(keras.ops.convert_to_tensor, samples.x))
        if not model.optimizer.built:
            model.optimizer.build(model.trainable_variables)
        super().__init__(model)
        self.samples = samples
        self.fitting = self.stepping = False
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
        if script.learning_rate is not None:
            self.model.optimizer.learning_rate = script.learning_rate

    def leave(self) -> None:
        """Let the model be what it was but for what was trained."""
        self.sync()
        model = self.model
        model.steps_per_execution = self._steps_per_execution
        model.train_function = model.test_function = model.predict_function = None

    def reset(self) -> None:
        """The metrics are reset: at the begin of an epoch, or of a pass over validation data."""
        if self._testing is not None:
            self.playback.begin_test(self._testing.within_fit)

    def result(self) -> Logs:
        """What the metrics say at the end of an epoch or a validation."""
        if self._testing is None:
            return self.playback.train_result(self._train_logs)
        return self._testing.told or self.playback.test_result(self._testing.logs)

    @contextmanager
    def testing_pass(self, within_fit: bool, told: Logs | None) -> Iterator[None]:
        """Report validation for a while; `told` by the script's own function, if it has one."""
        outer, self._testing = self._testing, _Testing(within_fit, told)
        try:
            yield
        finally:
            self._testing = outer

    def training(self, real: Callable[..., Any]) -> Callable[..., Any]:
        """Make Keras' training step report the script."""

        def step(*given: Any) -> Any:
            self._hold(given)
            optimizer, playback = self.model.optimizer, self.playback
            if not playback.started:
                playback.start(learning_rate(optimizer), self.weights_identity.epoch)
                self._batch = 0
            before, iterations = self.weights_identity, _count(optimizer)
            self._hold(self._step(real, given))
            trained = _count(optimizer) - iterations  # none, if all layers are frozen
            # The last execution of an epoch may be cut short.
            batches = min(self.script.steps_per_execution, self.script.batches - self._batch)
            self._train_logs = playback.train(self._batch, batches)
            self._batch += batches
            self.tick(batches * self.script.seconds_per_batch)
            if trained:
                self.trained(before, playback.epoch, self._batch - 1, trained)
            return (self._train_logs, self._handed_back()) if _ON_JAX else self._train_logs

        return step

    def testing(self, real: Callable[..., Any]) -> Callable[..., Any]:
        """Make Keras' validation step report the script."""

        def step(*given: Any) -> Any:
            returned = self._step(real, given)
            testing = self._testing
            assert testing is not None
            left = self.script.val_batches - testing.batch
            batches = min(self.script.steps_per_execution, left)
            testing.logs = testing.told or self.playback.test(testing.batch, batches)
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

        return on_jax if _ON_JAX else predict

    def _settle_functions(self, script: Script) -> None:
        # Keras makes its functions anew, for the steps and the prediction of this script.
        model = self.model
        self._steps_per_execution = model.steps_per_execution
        model.steps_per_execution = script.steps_per_execution
        model.train_function = model.test_function = model.predict_function = None

    def _step(self, real: Callable[..., Any], given: tuple[Any, ...]) -> Any:
        self.stepping = True
        try:
            return real(*given)
        finally:
            self.stepping = False

    def _hold(self, returned: Any) -> None:
        """On jax, put the state that came with or out of a step into the model's variables."""
        if _ON_JAX:
            state = next(item for item in returned if isinstance(item, tuple))
            names = (*_STATE, "metrics_variables")
            self.model._jax_state = dict(zip(names, state, strict=True))
            self.model._jax_state_synced = False
            self.sync()

    def _handed_back(self) -> Any:
        """On jax, take the state out of the variables again, as ``fit`` has it there."""
        wanted = dict.fromkeys((*_STATE, "metrics_variables"), True)
        state = self.model._get_jax_state(**wanted, purge_model_variables=True)
        self.model._jax_state_synced = False
        return state


def _count(optimizer: Any) -> int:
    return int(optimizer.iterations)
