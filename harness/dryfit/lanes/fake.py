"""The fake lane: a scripted model, no tensors."""

from functools import partial
from typing import Any

import dryfit_fakes.model
from dryfit.lanes.record import WALL_TIME_S, NestedFitError, Play
from dryfit.run import Run
from dryfit_fakes.script import Script


class ScriptedModel(dryfit_fakes.model.ScriptedModel):
    """Reports a script to real callbacks, in Keras' order, and records the run.

    ``fit``, ``evaluate`` and ``predict`` take Keras' arguments; data is ignored.
    What a scripted model does not offer raises an `AttributeError` that names
    the attribute.

    Args:
        script: what to report; assign another one to ``model.script`` before
            the next ``fit``.
        model: a compiled and built ``keras.Model`` to take weights, layers,
            optimizer, saving and prediction from. It is not trained, but what a
            run does to it stays: the rate, ``iterations``, weights a callback sets.

    Attributes:
        runs: what came of each ``fit``, ``evaluate`` and ``predict``, in order.
    """

    record_batches = True
    wall_time_s = WALL_TIME_S
    _play: Play | None = None

    def __init__(self, script: Script, model: Any = None) -> None:
        self.runs: list[Run] = []
        super().__init__(script, model)

    @property
    def run(self) -> Run:
        """What came of the last call.

        Raises:
            RuntimeError: nothing has been called yet.
        """
        if not self.runs:
            raise RuntimeError("no run yet: call fit, evaluate or predict first")
        return self.runs[-1]

    def fit(self, *args: Any, callbacks: Any = None, **kwargs: Any) -> Any:
        """Play the script, as ``keras.Model.fit`` would train.

        Takes Keras' arguments, and returns Keras' ``History``; `run` has what came of it.

        Raises:
            ValueError: an argument contradicts the script.
        """
        __tracebackhide__ = True
        return self._recorded(super().fit, callbacks, *args, **kwargs)

    def evaluate(self, *args: Any, callbacks: Any = None, **kwargs: Any) -> Any:
        """Report a validation, as ``keras.Model.evaluate`` would.

        That is what the script's ``evaluate`` says of ``x``; or else the current epoch's
        ``val_`` values, and where it has none, its training values.
        """
        return self._recorded(super().evaluate, callbacks, *args, **kwargs)

    def predict(self, *args: Any, callbacks: Any = None, **kwargs: Any) -> Any:
        """Return what the script's ``predict`` or a lent model says of data.

        Raises:
            NotImplementedError: neither is there.
        """
        return self._recorded(super().predict, callbacks, *args, **kwargs)

    def _recorded(self, method: Any, callbacks: Any, *args: Any, **kwargs: Any) -> Any:
        __tracebackhide__ = True
        if self._play is not None:  # a callback's own call: part of the run that is recorded
            if method.__name__ == "fit":
                raise NestedFitError
            return method(*args, callbacks=callbacks, **kwargs)
        self._play = play = Play(
            self,
            self.script,
            callbacks,
            "fake",
            record_batches=self.record_batches,
            wall_time_s=self.wall_time_s,
        )
        try:
            return play.call(partial(method, *args, callbacks=play.callbacks, **kwargs))
        finally:
            self._play = None
            self.runs.append(play.run)


def play_fake(
    script: Script, callbacks: Any, model: Any, call: str, load: str | None, **options: Any
) -> Run:
    """Play a script to callbacks with a scripted model.

    Args:
        model: the scripted model of an earlier run to go on with, a
            ``keras.Model`` to lend, or ``None``.
        call: which of the model's methods is played.
        load: a file of weights to begin with.
    """
    __tracebackhide__ = True
    if isinstance(model, ScriptedModel):
        scripted = model
        if scripted.script is not script:  # else it goes on where it is in the script
            scripted.script = script
    else:
        scripted = ScriptedModel(script, model=model)
    for name, value in options.items():
        setattr(scripted, name, value)
    if load is not None:
        scripted.load_weights(load)
    getattr(scripted, call)(callbacks=callbacks, verbose=0)
    return scripted.run
