"""The real lane: a real network through the real ``fit``, reporting the script.

The step is Keras' own, with gradients, optimizer and files; what it returns is
replaced by the script's numbers on its way to the callbacks. ``get_metrics_result``
is replaced with it, else Keras brings the real values back at the end of an epoch
(``Trainer._get_metrics_result_or_logs``, ``keras/src/trainers/trainer.py``, 3.15.1).
"""

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from dryfit.lanes.record import NestedFitError, Play
from dryfit.run import Run
from dryfit_fakes.backend import keras
from dryfit_fakes.journal import Journal, Observation, fingerprint, learning_rate
from dryfit_fakes.metrics import ScriptedMetrics
from dryfit_fakes.playback import Logs, Playback
from dryfit_fakes.script import Script
from dryfit_fakes.weights import INITIAL, MIXED, TAG_SHAPE, Weights, decode, encode

_DEFAULT_RATE = 0.01


@keras.saving.register_keras_serializable(package="dryfit")
class IdentityTag(keras.layers.Layer):  # type: ignore[misc]
    """Passes its input through; its one weight says whose weights the model has."""

    def build(self, input_shape: Any) -> None:
        """Make the tag, shape (4, 3), not trained."""
        self.tag = self.add_weight(shape=TAG_SHAPE, trainable=False, name="tag")
        self.tag.assign(encode(INITIAL))

    def call(self, inputs: Any) -> Any:
        """Return the input."""
        return inputs


class _Prints:
    """Fingerprints of weights, to tell edited or mixed ones from trained ones."""

    def __init__(self) -> None:
        self.known: dict[Weights, int] = {}
        self.after = 0  # after the last training step, set or load
        self.nobodys = False


class _Fingerprinted:
    """Looks at weights that are put in from outside; `Journal` stands in front."""

    _prints: _Prints

    def set_weights(self, weights: Any) -> None:
        super().set_weights(weights)  # type: ignore[misc]
        self._put_in()

    def load_weights(self, *args: Any, **kwargs: Any) -> None:
        super().load_weights(*args, **kwargs)  # type: ignore[misc]
        self._put_in()

    def _put_in(self) -> None:
        self._prints.after = now = self.fingerprint()
        self._prints.nobodys = self._prints.known.get(self.tagged, now) != now

    def fingerprint(self) -> int:
        """A checksum of all weights but the tag."""
        raise NotImplementedError

    @property
    def tagged(self) -> Weights:
        """Whose weights the tag says they are."""
        raise NotImplementedError


class _Place:
    """Where in the script the model is; a plain object, which Keras does not track."""

    def __init__(self, script: Script) -> None:
        self.playback = Playback(script)
        self.metrics = [ScriptedMetrics(script)]
        self.batch = 0
        self.train_logs: Logs = {}
        self.fitting = self.stepping = False
        self.testing: _Testing | None = None


class _Testing:
    """One pass over validation data."""

    def __init__(self, within_fit: bool, told: Logs | None) -> None:
        self.within_fit, self.told = within_fit, told
        self.batch = 0
        self.logs: Logs = {}


@keras.saving.register_keras_serializable(package="dryfit")
class RealModel(Journal, _Fingerprinted, keras.Sequential):  # type: ignore[misc]
    """A small network that trains for real and reports a script.

    Input (1,), the identity tag, Dense(1); mean absolute error, whose gradient
    stays bounded at any learning rate; SGD.
    """

    @classmethod
    def from_config(cls, config: Any, custom_objects: Any = None) -> Any:
        """Make the network alone: what ``keras.models.load_model`` gives for a saved file."""
        return keras.Sequential.from_config(config, custom_objects)

    train_function: Any
    test_function: Any
    predict_function: Any

    def __init__(self, script: Script) -> None:
        super().__init__(
            [keras.Input((1,)), IdentityTag(), keras.layers.Dense(1, kernel_initializer="ones")]
        )
        rate = _DEFAULT_RATE if script.learning_rate is None else script.learning_rate
        self.compile(
            optimizer=keras.optimizers.SGD(rate),
            loss="mean_absolute_error",
            steps_per_execution=script.steps_per_execution,
            jit_compile=False,
        )
        self.optimizer.build(self.trainable_variables)
        self._prints = _Prints()
        self._prints.after = self._prints.known[INITIAL] = self.fingerprint()
        self._place = _Place(script)

    @property
    def script(self) -> Script:
        """What the model reports."""
        return self._place.playback.script

    @script.setter
    def script(self, script: Script) -> None:
        self._place = _Place(script)
        if script.learning_rate is not None:
            self.optimizer.learning_rate = script.learning_rate
        # Keras makes its functions anew, for the steps and the prediction of this script.
        self.steps_per_execution = script.steps_per_execution
        self.train_function = self.test_function = self.predict_function = None

    @property
    def metrics(self) -> list[Any]:
        """Keras' own, and the script's names and directions for ``mode="auto"``."""
        place = self.__dict__.get("_place")
        return [*super().metrics, *(place.metrics if place else ())]

    @property
    def tagged(self) -> Weights:
        """Whose weights the tag says they are."""
        return decode(self.layers[0].tag.value.numpy())

    @property
    def weights_identity(self) -> Weights:
        """Whose weights the model has; nobody's if they were edited or mixed."""
        prints = self._prints
        return MIXED if prints.nobodys or self.fingerprint() != prints.after else self.tagged

    def fingerprint(self) -> int:
        """A checksum of all weights but the tag."""
        return fingerprint(v for v in self.weights if v is not self.layers[0].tag)

    def observe(self) -> Observation:
        """Read what a callback can change."""
        rate = learning_rate(self.optimizer)
        return Observation(rate, self.stop_training, self.fingerprint() != self._prints.after)

    def fit(self, *args: Any, **kwargs: Any) -> Any:
        """Keras' ``fit``, not inside of itself."""
        if self._place.fitting:
            raise NestedFitError
        self.fits += 1
        self._place.fitting = True
        try:
            return super().fit(*args, **kwargs)
        finally:
            self._place.fitting = False

    def evaluate(self, x: Any = None, y: Any = None, **kwargs: Any) -> Any:
        """Keras' ``evaluate`` over the script's validation batches, whatever the data."""
        place, script = self._place, self.script
        within_fit = kwargs.get("_use_cached_eval_dataset", False)
        told = None if within_fit or not script.evaluate else place.playback.evaluation(x)
        if not within_fit:  # a callback's own data need not fit this network
            x, y, kwargs["batch_size"] = *_zeros(script.val_batches), 1
            kwargs.pop("steps", None)
        outer, place.testing = place.testing, _Testing(within_fit, told)
        try:
            return super().evaluate(x, y, **kwargs)
        finally:
            place.testing = outer

    def predict(self, x: Any = None, batch_size: int | None = None, **kwargs: Any) -> Any:
        """Keras' ``predict``; without data, over as many batches as validation has."""
        if x is None:
            x, batch_size = _zeros(self.script.val_batches)[0], 1
        return super().predict(x, batch_size=batch_size, **kwargs)

    def reset_metrics(self) -> None:
        """Keras' reset, and the script's running means with it."""
        super().reset_metrics()
        place = self._place
        if place.testing is not None:
            place.playback.begin_test(place.testing.within_fit)

    def get_metrics_result(self) -> Logs:
        """What the script says, in place of the real values."""
        place = self._place
        if place.stepping:  # while TensorFlow traces the step: Keras' own tensors
            return super().get_metrics_result()  # type: ignore[no-any-return]
        if place.testing is None:
            return place.playback.train_result(place.train_logs)
        return place.testing.told or place.playback.test_result(place.testing.logs)

    def make_train_function(self, force: bool = False) -> None:
        """Make Keras' training function, and report the script around it."""
        if self.train_function is None or force:
            super().make_train_function(force)
            self.train_function = self._reporting(self.train_function, self._train)

    def make_test_function(self, force: bool = False) -> None:
        """Make Keras' test function, and report the script around it."""
        if self.test_function is None or force:
            super().make_test_function(force)
            self.test_function = self._reporting(self.test_function, self._test)

    def make_predict_function(self, force: bool = False) -> None:
        """Make Keras' prediction function, or call the script's."""
        function = self.script.predict
        if function is None:
            super().make_predict_function(force)
            return
        epoch = self._place.playback.epoch
        inputs = keras.utils.unpack_x_y_sample_weight

        def predict(data: list[Any]) -> Any:
            made = [function(inputs(item)[0].numpy(), epoch) for item in data]
            return keras.tree.map_structure(
                lambda *parts: keras.ops.convert_to_tensor(np.concatenate(parts)), *made
            )

        self.predict_function = predict

    def _reporting(self, real: Callable[..., Any], report: Callable[..., Logs]) -> Any:
        return lambda iterator: report(lambda: self._step(real, iterator))

    def _step(self, real: Callable[..., Any], iterator: Any) -> None:
        self._place.stepping = True
        try:
            real(iterator)
        finally:
            self._place.stepping = False

    def _train(self, step: Callable[[], None]) -> Logs:
        place, optimizer = self._place, self.optimizer
        if not place.playback.started:
            place.playback.start(learning_rate(optimizer), self.weights_identity.epoch)
            place.batch = 0
        before, iterations = self.weights_identity, int(optimizer.iterations)
        step()
        trained = int(optimizer.iterations) - iterations  # none, if all layers are frozen
        # The last execution of an epoch may be cut short.
        batches = min(self.script.steps_per_execution, self.script.batches - place.batch)
        place.train_logs = place.playback.train(place.batch, batches)
        place.batch += batches
        self.tick(batches * self.script.seconds_per_batch)
        if trained:
            weights = self.advance(before, place.playback.epoch, place.batch - 1, trained)
            self.layers[0].tag.assign(encode(weights))
            self._prints.nobodys = False
            self._prints.after = self._prints.known[weights] = self.fingerprint()
        return place.train_logs

    def _test(self, step: Callable[[], None]) -> Logs:
        place = self._place
        testing = place.testing
        assert testing is not None
        step()
        batches = min(self.script.steps_per_execution, self.script.val_batches - testing.batch)
        testing.logs = testing.told or place.playback.test(testing.batch, batches)
        testing.batch += batches
        return testing.logs


class _Conductor(keras.callbacks.Callback):  # type: ignore[misc]
    """Goes to each epoch in the script, and through its time, before any other callback sees it."""

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        """Turn the page."""
        self.model._place.playback.begin_epoch(epoch)

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        """Let the epoch's own time pass before any other callback sees its end."""
        self.model.tick(self.model.script.seconds_per_epoch)


def play_real(
    script: Script, callbacks: Any, model: Any, call: str, load: str | None, **options: Any
) -> Run:
    """Play a script to callbacks through the real ``fit`` of a real network.

    Args:
        model: the model of an earlier run in this lane to go on with, or ``None``.
        call: which of the model's methods is played.
        load: a file of weights to begin with.

    Raises:
        NotImplementedError: another backend than TensorFlow, or a model of
            another kind.
    """
    __tracebackhide__ = True
    if keras.backend.backend() != "tensorflow":
        raise NotImplementedError(
            f"the real lane plays on TensorFlow so far, and Keras is set to "
            f"{keras.backend.backend()}; set KERAS_BACKEND=tensorflow, or use lane='fake'"
        )
    if model is None:
        model = RealModel(script)
    elif isinstance(model, RealModel):
        if model.script is not script:  # else it goes on where it is in the script
            model.script = script
    else:
        raise NotImplementedError(
            f"the real lane trains its own small network so far, not a {type(model).__name__}; "
            "leave model= out, or lend it to the fake lane"
        )
    if load is not None:
        model.load_weights(load)
    play = Play(model, script, callbacks, "real", **options)
    given = {"callbacks": [_Conductor(), *play.callbacks], "verbose": 0}
    if call == "fit":
        given |= _fit_arguments(script)
    play.call(partial(getattr(model, call), **given))
    return play.run


def _fit_arguments(script: Script) -> dict[str, Any]:
    validation = [epoch + 1 for epoch in script.validation_epochs]
    return {
        "x": _data(script.batches),
        "epochs": script.epochs,
        "initial_epoch": script.initial_epoch,
        "shuffle": False,
        "validation_data": _data(script.val_batches) if validation else None,
        "validation_freq": validation or 1,
    }


def _data(batches: int) -> Any:
    import tensorflow as tf

    # A dataset of known length: arrays take Keras 50 ms more an epoch.
    return tf.data.Dataset.from_tensor_slices(_zeros(batches)).batch(1)


def _zeros(batches: int) -> tuple[Any, Any]:
    # The prediction is the bias (1 kernel, 0 input) and a bias that starts at 0
    # moves by the learning rate with each batch towards a target out of reach.
    return np.zeros((batches, 1), np.float32), np.full((batches, 1), 1e9, np.float32)
