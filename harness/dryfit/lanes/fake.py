"""The fake lane: a scripted model, no tensors."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, TypeVar, Unpack

from dryfit.lanes.conductor import Conductor
from dryfit.lanes.recorded_play import NestedFitError, Play, PlayOptions
from dryfit.run.run import Run
from dryfit_fakes.model import FakeModel
from dryfit_fakes.past_the_end import refuse_interrupt_in_vain
from dryfit_fakes.protocols import Callbacks, FitHistory, Loop, RealModel
from dryfit_fakes.script import Script

_T = TypeVar("_T")


class ScriptedModel(FakeModel):
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

    _play: Play | None = None

    def __init__(self, script: Script, model: RealModel | None = None) -> None:
        __tracebackhide__ = True
        if not isinstance(script, Script):
            told = type(script).__name__
            raise TypeError(
                f"ScriptedModel takes a Script, such as Script(metrics=...), not {told}"
            )
        refuse_interrupt_in_vain(script)
        self.runs: list[Run] = []
        self._options: PlayOptions = {}  # of every play
        super().__init__(script, model)

    @property
    def script(self) -> Script:
        """What the model reports."""
        return self._script

    @script.setter
    def script(self, script: Script) -> None:
        __tracebackhide__ = True
        refuse_interrupt_in_vain(script)
        self._script = script

    @property
    def run(self) -> Run:
        """What came of the last call.

        Raises:
            RuntimeError: nothing has been called yet.
        """
        if not self.runs:
            raise RuntimeError("no run yet: call fit, evaluate or predict first")
        return self.runs[-1]

    def fit(self, *args: object, callbacks: Callbacks = None, **kwargs: object) -> FitHistory:
        """Play the script, as ``keras.Model.fit`` would train.

        Takes Keras' arguments, and returns Keras' ``History``; `run` has what came of it.

        Raises:
            ValueError: an argument contradicts the script.
        """
        __tracebackhide__ = True
        return self._recorded(super().fit, callbacks, *args, **kwargs)

    def evaluate(self, *args: object, callbacks: Callbacks = None, **kwargs: object) -> Any:
        """Report a validation, as ``keras.Model.evaluate`` would.

        That is what the script's ``evaluate`` says of ``x``; or else the current epoch's
        ``val_`` values, and where it has none, its training values.
        """
        return self._recorded(super().evaluate, callbacks, *args, **kwargs)

    def predict(self, *args: object, callbacks: Callbacks = None, **kwargs: object) -> Any:
        """Return what the script's ``predict`` or a lent model says of data.

        Raises:
            NotImplementedError: neither is there.
        """
        return self._recorded(super().predict, callbacks, *args, **kwargs)

    def _through(self, function: Loop, callbacks: Callbacks = None) -> None:
        """Play the script through a training loop of one's own; `run` has what came of it.

        Args:
            function: called with this model, a list of callbacks and the script's epochs.
            callbacks: what ``fit`` takes.

        Raises:
            LifecycleError: it called hooks in another order than Keras does, or never.
        """
        __tracebackhide__ = True
        conductor = Conductor(self._begin_epoch, self._end_epoch)

        def loop(callbacks: Sequence[Any]) -> object:
            self._dryfit_journal.settle()
            self._dryfit_journal.fits += 1
            self.stop_training = False
            return function(self, [conductor, *callbacks], self.script.epochs)

        self._played(loop, callbacks, by_hand=True)

    def _end_epoch(self) -> None:
        self._dryfit_journal.tick(self.script.seconds_per_epoch)

    def _recorded(
        self, method: Callable[..., _T], callbacks: Callbacks, *args: object, **kwargs: object
    ) -> _T:
        __tracebackhide__ = True
        if self._play is not None and method.__name__ == "fit":
            raise NestedFitError
        return self._played(partial(method, *args, **kwargs), callbacks)

    def _played(
        self, method: Callable[..., _T], callbacks: Callbacks, *, by_hand: bool = False
    ) -> _T:
        __tracebackhide__ = True
        if self._play is not None:  # a callback's own call: part of the run that is recorded
            return method(callbacks=callbacks)
        play = Play(self, self.script, callbacks, "fake", by_hand=by_hand, **self._options)
        self._play = play
        try:
            return play.call(partial(method, callbacks=play.callbacks))
        finally:
            self._play = None
            self.runs.append(play.run)


def play_fake(
    script: Script,
    callbacks: Callbacks,
    model: ScriptedModel | RealModel | None,
    call: str,
    load: str | None,
    loop: Loop | None = None,
    **options: Unpack[PlayOptions],
) -> Run:
    """Play a script to callbacks with a scripted model.

    Args:
        model: the scripted model of an earlier run to go on with, a
            ``keras.Model`` to lend, or ``None``.
        call: which of the model's methods is played.
        load: a file of weights to begin with.
        loop: in place of ``fit``.
    """
    __tracebackhide__ = True
    if isinstance(model, ScriptedModel):
        scripted = model
        if scripted.script is not script:  # else it goes on where it is in the script
            scripted.script = script
    else:
        scripted = ScriptedModel(script, model=model)
    scripted._options = options
    if load is not None:
        scripted.load_weights(load)
    if loop is not None:
        scripted._through(loop, callbacks)
    else:
        getattr(scripted, call)(callbacks=callbacks, verbose=0)
    return scripted.run
