"""One play, recorded: what both lanes share."""

import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from typing import TypedDict, TypeVar

from dryfit.lanes.interrupts import held, opened
from dryfit.lanes.one_at_a_time import its_turn
from dryfit.lanes.time_limit import ringing
from dryfit.recorder.callback_list import RecordingCallbackList
from dryfit.recorder.capture import captured, warnings_as_errors
from dryfit.recorder.copies import one_process
from dryfit.run.lifecycle import LifecycleError, check_lifecycle, check_loop
from dryfit.run.run import Run
from dryfit_fakes.actors import ActorPlace, KillAt, RaiseAt
from dryfit_fakes.backend import keras
from dryfit_fakes.clock import scripted_time
from dryfit_fakes.disk import Writes
from dryfit_fakes.interrupt import Interrupt
from dryfit_fakes.journal import journal_of
from dryfit_fakes.protocols import Callback, Callbacks, Model
from dryfit_fakes.script import Script

_T = TypeVar("_T")

WALL_TIME_S = 600.0
MAY_BE_KILLED = "DRYFIT_MAY_BE_KILLED"


class KillRefusedError(RuntimeError):
    """A script that kills its process, in a process that is not there for it."""

    def __init__(self) -> None:
        super().__init__(
            "interrupt: {raises: kill} kills the process that plays it. `dryfit run` and pytest "
            "give such a call of a scenario file a process of its own; elsewhere, play it in a "
            f"subprocess with {MAY_BE_KILLED}=1 in its environment."
        )


class NestedFitError(NotImplementedError):
    """A callback called ``fit`` of the model whose ``fit`` is under way."""

    def __init__(self) -> None:
        super().__init__(
            "fit was called inside of fit, by a callback: a script says nothing about that. "
            "Let the callback fit a model of its own."
        )


class PlayOptions(TypedDict, total=False):
    """How a call is recorded, in either lane."""

    record_batches: bool
    wall_time_s: float


class Play:
    """A call of ``fit``, ``evaluate`` or ``predict`` with a recorder in its callbacks.

    Attributes:
        run: what came of it; set however the call ended.
    """

    def __init__(
        self,
        model: Model,
        script: Script,
        callbacks: Callbacks,
        lane: str,
        *,
        record_batches: bool = True,
        wall_time_s: float = WALL_TIME_S,
        by_hand: bool = False,
    ) -> None:
        flat = keras.tree.flatten(callbacks) if callbacks else []
        own = [c for c in flat if isinstance(c, RecordingCallbackList)]
        if len(own) > 1:
            raise TypeError("two Recorders in one call would take each other's notes; pass one")
        self.recorder = (
            own[0] if own else RecordingCallbackList(callbacks, record_batches=record_batches)
        )
        self._around = flat if own else [self.recorder]
        rates = script.scripted_rates
        self.recorder.follows_rate = rates is not None and rates.by_batch
        self._breaker = _breaker(script.interrupt)
        self._model, self._script = model, script
        self._lane, self._wall_time_s, self._by_hand = lane, wall_time_s, by_hand
        self.run: Run

    @property
    def callbacks(self) -> list[Callback]:
        """What the call gets as ``callbacks``: the recorder, then what the script breaks off."""
        return [*self._around, *self._breaker]

    def call(self, method: Callable[[], _T]) -> _T:
        """Make the call and record it.

        Raises:
            PlayTimeoutError: it did not end in time.
            LifecycleError: hooks came in an order that Keras does not have.
            BaseException: whatever came out of the call, with `run` on it.
        """
        __tracebackhide__ = True
        with its_turn(), held(), one_process():
            failure: BaseException | None = None
            try:
                with ExitStack() as stack:
                    self._enter(stack)
                    with opened(), self._deadline():
                        return method()
            except BaseException as error:
                failure = error
                raise
            finally:
                self._finish(failure)

    def _enter(self, stack: ExitStack) -> None:
        """Set what a play needs, and put it back behind it."""
        if self._script.warnings == "error":
            stack.enter_context(warnings_as_errors())
        stack.enter_context(captured(self.recorder.notes, os.getcwd()))
        stack.enter_context(_uncapped())
        stack.enter_context(self._timed())
        journal_of(self._model).disk = Writes(self._script.disk)  # type: ignore[arg-type]

    def _deadline(self) -> AbstractContextManager[None]:
        limit_s = self._wall_time_s

        def tick(check: Callable[[], None]) -> None:
            self.recorder.tick = check

        return ringing(
            limit_s,
            f"the play did not end within {limit_s:g} s; the hook at work is in the traceback. "
            "Give it more with wall_time_s=.",
            tick,
        )

    @contextmanager
    def _timed(self) -> Iterator[None]:
        """Go on with the model's time, if the script has one."""
        journal = journal_of(self._model)
        with scripted_time(self._script, journal.elapsed_s) as clock:
            clock.hear = self.recorder.notes.slept
            journal.tick = clock.tick
            try:
                yield
            finally:
                journal.elapsed_s = clock.elapsed_s

    def _finish(self, failure: BaseException | None) -> None:
        self.recorder.finish(failure)
        journal_of(self._model).listen(None)
        journal_of(self._model).disk = Writes(None)
        self.run = self.recorder.run
        self.run.lane = self._lane
        self.run.interrupt = next((actor.raised for actor in self._breaker), None)
        if failure is not None:
            failure.run = self.run  # type: ignore[attr-defined]
        try:
            if self._by_hand and failure is None:
                check_loop(self.recorder.trace.dispatches(), self.recorder.record_batches)
            check_lifecycle(self.recorder.trace.dispatches(), finished=failure is None)
        except LifecycleError as error:
            error.run = self.run  # type: ignore[attr-defined]
            raise


def _breaker(interrupt: object) -> list[RaiseAt | KillAt]:
    """The script's interrupt as a callback behind all others, beside the recorder."""
    if interrupt is None:
        return []
    assert isinstance(interrupt, Interrupt)
    place: ActorPlace = {
        "epoch": interrupt.epoch,
        "batch": interrupt.batch,
        "hook": interrupt.place,
    }
    if not interrupt.kills:
        return [RaiseAt(interrupt.raises, **place)]  # type: ignore[arg-type]
    if not os.environ.get(MAY_BE_KILLED):
        raise KillRefusedError
    return [KillAt(**place)]


@contextmanager
def _uncapped() -> Iterator[None]:
    """Set aside Keras' limits for debugging runs (KERAS_MAX_EPOCHS and the like)."""
    config = keras.config
    if not hasattr(config, "max_epochs"):  # older Keras has no such limits
        yield
        return
    epochs, steps = config.max_epochs(), config.max_steps_per_epoch()
    config.set_max_epochs(None)
    config.set_max_steps_per_epoch(None)
    try:
        yield
    finally:
        config.set_max_epochs(epochs)
        config.set_max_steps_per_epoch(steps)
