"""One play, recorded: what both lanes share."""

import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from dryfit.capture import captured, warnings_as_errors
from dryfit.lifecycle import check_lifecycle
from dryfit.recorder import Recorder
from dryfit.run import Run
from dryfit_fakes.actors import KillAt, RaiseAt
from dryfit_fakes.backend import keras
from dryfit_fakes.clock import scripted_time
from dryfit_fakes.disk import Writes
from dryfit_fakes.journal import journal_of
from dryfit_fakes.script import Interrupt, Script

WALL_TIME_S = 600.0
MAY_BE_KILLED = "DRYFIT_MAY_BE_KILLED"
_LONGEST_S = 1e8  # a timer takes no infinity


class PlayTimeoutError(TimeoutError):
    """A play did not come to its end in the time it was given."""


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


class Play:
    """A call of ``fit``, ``evaluate`` or ``predict`` with a recorder in its callbacks.

    Attributes:
        run: what came of it; set however the call ended.
    """

    def __init__(
        self,
        model: Any,
        script: Script,
        callbacks: Any,
        lane: str,
        *,
        record_batches: bool = True,
        wall_time_s: float = WALL_TIME_S,
    ) -> None:
        flat = keras.tree.flatten(callbacks) if callbacks else []
        own = [callback for callback in flat if isinstance(callback, Recorder)]
        if len(own) > 1:
            raise TypeError("two Recorders in one call would take each other's notes; pass one")
        self.recorder = own[0] if own else Recorder(callbacks, record_batches=record_batches)
        self._around = flat if own else [self.recorder]
        self._breaker = _breaker(script.interrupt)
        self._model, self._script = model, script
        self._lane, self._wall_time_s = lane, wall_time_s
        self.run: Run

    @property
    def callbacks(self) -> list[Any]:
        """What the call gets as ``callbacks``: the recorder, then what the script breaks off."""
        return [*self._around, *self._breaker]

    def call(self, method: Callable[[], Any]) -> Any:
        """Make the call and record it.

        Raises:
            PlayTimeoutError: it did not end in time.
            LifecycleError: hooks came in an order that Keras does not have.
            BaseException: whatever came out of the call, with `run` on it.
        """
        __tracebackhide__ = True
        failure: BaseException | None = None
        try:
            with ExitStack() as stack:
                if self._script.warnings == "error":
                    stack.enter_context(warnings_as_errors())
                stack.enter_context(captured(self.recorder, Path.cwd()))
                stack.enter_context(_uncapped())
                stack.enter_context(self._timed())
                journal_of(self._model).disk = Writes(self._script.disk)  # type: ignore[arg-type]
                stack.enter_context(_deadline(self._wall_time_s, self.recorder))
                return method()
        except BaseException as error:
            failure = error
            raise
        finally:
            self._finish(failure)

    @contextmanager
    def _timed(self) -> Iterator[None]:
        """Go on with the model's time, if the script has one."""
        journal = journal_of(self._model)
        with scripted_time(self._script, journal.elapsed_s) as clock:
            clock.hear = self.recorder.note_sleep
            journal.tick = clock.tick
            try:
                yield
            finally:
                journal.elapsed_s = clock.elapsed_s

    def _finish(self, failure: BaseException | None) -> None:
        self.recorder.note_end(failure)
        journal_of(self._model).listen(None)
        journal_of(self._model).disk = Writes(None)
        self.run = self.recorder.run
        self.run.lane = self._lane
        self.run.interrupt = next((actor.raised for actor in self._breaker), None)
        if failure is not None:
            failure.run = self.run  # type: ignore[attr-defined]
        check_lifecycle(self.recorder.trace.dispatches(), finished=failure is None)


def _breaker(interrupt: Any) -> list[RaiseAt | KillAt]:
    """The script's interrupt as a callback behind all others, beside the recorder."""
    if interrupt is None:
        return []
    assert isinstance(interrupt, Interrupt)
    place: dict[str, Any] = {
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


@contextmanager
def _deadline(
    wall_time_s: float, recorder: Recorder, now: Callable[[], float] = time.monotonic
) -> Iterator[None]:
    """End a play that does not end by itself, such as a hook that waits forever.

    A timer signal does it where there is one: in the main thread of a POSIX
    system, unless someone else's timer is running (pytest-timeout's, say).
    Elsewhere the play ends at its next hook. `now` is the real clock, whatever the
    script's says.
    """
    end = now() + wall_time_s

    def ring(*args: Any) -> None:
        left = end - now()
        if left > 0:  # somebody else's alarm: theirs to handle, and ours to set again
            if callable(before):
                before(*args)
            signal.setitimer(signal.ITIMER_REAL, left)
            return
        raise PlayTimeoutError(
            f"the play did not end within {wall_time_s:g} s; the hook at work is in the traceback. "
            "Give it more with wall_time_s=."
        )

    in_main_thread = threading.current_thread() is threading.main_thread()
    before: Any = None
    if os.name == "posix" and in_main_thread and not signal.getitimer(signal.ITIMER_REAL)[0]:
        before = signal.signal(signal.SIGALRM, ring)
        signal.setitimer(signal.ITIMER_REAL, min(wall_time_s, _LONGEST_S))
        try:
            yield
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
            signal.signal(signal.SIGALRM, before)
    else:
        recorder.tick = lambda: ring() if now() > end else None
        yield
