"""The callback list that says which callback did it.

Around each callback's hook it compares what a callback can change: the learning
rate, ``stop_training``, the weights and the shared ``logs``. It goes *inside*
the list that ``fit`` gets, ``fit(callbacks=[RecordingCallbackList([...])])``:
passed bare, Keras would set neither model nor params nor History.
"""

import sys
from collections.abc import Callable
from typing import Any, Protocol

from dryfit.recorder.asked_of_logs import asked_of_logs
from dryfit.recorder.copies import end_copy
from dryfit.recorder.difference import NO_LOGS, Difference
from dryfit.recorder.hook_methods import with_every_hook
from dryfit.recorder.listeners import Listeners
from dryfit.recorder.model_journal import heard
from dryfit.recorder.notes import Notes
from dryfit.run.run import Run
from dryfit.run.timeline_events import Ended
from dryfit.run.trace import Trace, same, settled
from dryfit_fakes.backend import keras
from dryfit_fakes.journal import Journal, has_schedule
from dryfit_fakes.keras_of_process import of_another_keras
from dryfit_fakes.protocols import Callback, Callbacks, Logs, Model

# What a fake's loop calls from an epoch's begin to its end.
_IN_EPOCHS = [f"on_{kind}_{at}" for kind in ("epoch", "test") for at in ("begin", "end")]
_IN_EPOCHS += [f"on_{kind}_batch_{at}" for kind in ("train", "test") for at in ("begin", "end")]


class Follower(Protocol):
    """Hears how a ``fit`` goes on that is recorded."""

    def begin(self, recorder: "RecordingCallbackList", journal: Journal | None) -> None:
        """It begins; no callback was called yet. The journal says whose weights the model has."""

    def epoch_ended(self, recorder: "RecordingCallbackList") -> None:
        """Every callback was told of an epoch's end."""

    def broke_off(self, recorder: "RecordingCallbackList") -> None:
        """An exception came out of a callback."""

    def ended(self, recorder: "RecordingCallbackList") -> None:
        """Every callback was told of the end."""


@with_every_hook
class RecordingCallbackList(keras.callbacks.CallbackList):  # type: ignore[misc]
    """Calls callbacks as Keras does, and records every hook and who changed what.

    Args:
        callbacks: what ``fit`` takes: a list, a tuple, a dict or one callback.
        record_batches: whether dispatches of batch hooks are kept. What callbacks
            change in them is kept in any case; without, memory grows with
            epochs alone.
        follower: who is told how a ``fit`` goes on.

    Attributes:
        names: the callbacks' names, as `by` has them.
        notes: what is noted, and where the run is.
        tick: called at every hook but batches'.
        follows_rate: whether the rate moves by itself, and is looked at before each batch.
    """

    def __init__(
        self,
        callbacks: Callbacks = None,
        *,
        record_batches: bool = True,
        follower: Follower | None = None,
    ) -> None:
        self.notes = Notes()
        self.record_batches = record_batches
        self.tick: Callable[[], None] | None = None
        self.follows_rate = False
        self._difference = Difference(self.notes)
        self._follower = follower
        self._model: Any = None
        self._used = False
        self._within: str | None = None  # the hook that ends the call that is recorded
        self._raised: BaseException | None = None
        self._last_batch = sys.maxsize  # of an epoch, if that is known
        super().__init__(callbacks)
        self._supports_tf_logs = False  # in Keras 2: what is noted are numbers
        self._listeners = Listeners(self.callbacks)
        self.names = self._listeners.names

    def set_model(self, model: Model) -> None:
        """Take the model that ``fit`` hands to its callbacks."""
        if foreign := of_another_keras(type(model), f"the model, a {type(model).__name__},"):
            raise TypeError(f"{foreign} This Recorder is of the process' Keras.")
        super().set_model(model)
        self._model = model  # which Keras 2 keeps by another name
        if model:
            self._difference.watch(model)

    def set_params(self, params: dict[str, Any]) -> None:
        """Hand on the params; Keras adds a progress bar of its own, so one in here is quiet."""
        super().set_params(params)
        bar = self._last(keras.callbacks.ProgbarLogger)
        if bar is not None and params.get("verbose"):
            bar.set_params({**params, "verbose": 0})

    def finish(self, error: BaseException | None = None) -> None:
        """Note the end of the run, and what broke it off if that was outside of a hook."""
        if error is not None and error is not self._raised:
            self._broke_off(error)
        self._within = None
        self.trace.add(Ended(self._difference.whose))

    @property
    def trace(self) -> Trace:
        """What happened so far; `run` answers questions about it."""
        return self.notes.trace

    @property
    def run(self) -> Run:
        """What came of the last ``fit``, ``evaluate`` or ``predict`` so far."""
        history = getattr(self._model, "history", None)
        values = {} if history is None else {k: _now(v) for k, v in history.history.items()}
        params = getattr(self, "params", None) or {}  # none, of what broke off before any hook
        return Run(self.trace, values, "real", self._model, params=dict(params))

    def _last(self, kind: type) -> Any:
        """The last callback of a kind, which is the one that Keras takes of several."""
        return next((c for c in reversed(self.callbacks) if isinstance(c, kind)), None)

    def wants_first_batch_only(self, kind: str) -> bool:
        """Whether a pass ("train" or "test") has nothing of interest after its first batch."""
        if self._difference.beside or self.follows_rate:
            return False
        return not self._listeners.any_at_batches(kind)

    def has_nobody_in_epochs(self) -> bool:
        """Whether an epoch's events are known from the last one's, as no callback has a hook."""
        if self._difference.beside or self.follows_rate or self._follower is not None:
            return False
        heard = any(self._listeners.now(hook) for hook in _IN_EPOCHS)
        return not heard and self.trace.keeps_epoch()

    def silent_epoch(self, epoch: int, train: Logs, test: Logs, logs: Logs) -> None:
        """Note an epoch that went as the one before, but for what it reports."""
        if self.tick is not None:
            self.tick()
        self.notes.epoch = epoch
        told = {"on_train_batch_end": train, "train": train, "on_test_batch_end": test}
        self.trace.repeat(epoch, told | {"test": test, "on_test_end": test, "on_epoch_end": logs})

    def silent_batches(self, kind: str, batches: range, ahead: int, logs: dict[str, Any]) -> None:
        """Note batches that are not dispatched one by one, as nobody listens to them.

        Args:
            kind: of the pass, ``train`` or ``test``.
            batches: the first batch of each execution.
            ahead: how far its end is ahead of that.
            logs: of each end.
        """
        if self.record_batches:
            seen = self._difference.noted(logs)
            self.trace.row += (kind, self.notes.epoch, (batches, ahead), seen)
        self.notes.batch = batches[-1] + ahead

    def _implements_train_batch_hooks(self) -> bool:
        """Keras 2 asks each callback of its list: yes, to be told of every batch."""
        return True

    _implements_test_batch_hooks = _implements_predict_batch_hooks = _implements_train_batch_hooks

    def _configure_async_dispatch(self, callbacks: list[Callback]) -> None:
        """Never in threads: what happened has an order and an author."""

    # The two hooks of a training batch have nothing in them that can be done elsewhere.

    def on_train_batch_begin(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        """Call the hook of every callback, and keep the rate the batch trains with."""
        notes, difference = self.notes, self._difference
        notes.batch = batch
        if self._listeners.at_batches["on_train_batch_begin"]:
            logs = {} if logs is None else logs
            self._dispatch("on_train_batch_begin", logs, batch)
        elif self.record_batches:
            notes.trace.row += ("on_train_batch_begin", notes.epoch, batch, NO_LOGS)
        if self.follows_rate:
            difference.settle()
        if difference.trains_anew:
            difference.settle()
            difference.in_force = difference.seen.learning_rate

    def on_train_batch_end(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        """Note what rate trained, and call the hook of every callback."""
        notes, difference = self.notes, self._difference
        if difference.beside is not None:
            difference.beside.count(notes.epoch, notes.batch, min(batch, self._last_batch))
        if difference.trains_anew and notes.batch is not None:
            notes.trained(difference.rate_in_force())
            difference.trains_anew = False
        notes.batch = batch
        logs = {} if logs is None else logs
        if self._listeners.at_batches["on_train_batch_end"]:
            self._dispatch("on_train_batch_end", logs, batch)
        elif self.record_batches:  # nobody has the hook, so nobody can change anything in it
            seen = difference.noted(logs)
            notes.trace.row += ("on_train_batch_end", notes.epoch, batch, seen)

    def _dispatch(self, name: str, logs: dict[str, Any], batch: int | None, *args: Any) -> None:
        """Note a hook, and call it of every callback that has it.

        Args:
            name: of the hook.
            logs: which it is called with.
            batch: which a hook of batches is called with before.
            args: all that another hook is called with.
        """
        __tracebackhide__ = True
        notes, difference = self.notes, self._difference
        notes.hook = name
        difference.settle()
        seen = difference.noted(logs)
        if batch is None:
            if self.tick is not None:
                self.tick()
            listeners = self._listeners.now(name)
            notes.trace.row += (name, notes.epoch, None, seen)
        else:
            listeners = self._listeners.at_batches[name]
            if self.record_batches:
                notes.trace.row += (name, notes.epoch, batch, seen)
        if not listeners:
            return
        if difference.beside is None:
            self._call(listeners, name, logs, seen, batch, args)
            return
        with heard(difference.beside):
            self._call(listeners, name, logs, seen, batch, args)

    def _call(
        self,
        listeners: list[tuple[str, Callback]],
        name: str,
        logs: dict[str, Any],
        seen: dict[str, Any],
        batch: int | None,
        args: tuple[Any, ...],
    ) -> None:
        """Call a hook of some callbacks, and see behind each what it changed."""
        __tracebackhide__ = True
        notes, difference = self.notes, self._difference
        for by, callback in listeners:
            notes.by = by
            try:
                hook = getattr(callback, name)  # it may have been replaced just now
                if args:
                    hook(*args)
                else:
                    hook(batch, logs=logs)
            except BaseException as error:
                end_copy()
                difference.settle_all(logs, seen)
                self._broke_off(error)
                notes.by = None
                raise
            end_copy()
            now = difference.observe()
            if (now is not difference.seen and now != difference.seen) or not same(logs, seen):
                seen = difference.settle_all(logs, seen)
        notes.by = None

    def _broke_off(self, error: BaseException) -> None:
        self._raised = error
        self.notes.raised(error)
        if not isinstance(error, StopIteration):  # which ends the batches of an epoch alone
            if self._follower is not None and self._within == "on_train_end":
                self._follower.broke_off(self)
            self._leave()

    # What the recorder itself does around some hooks.

    def _begin(self, until: str) -> None:
        if self._model is None:
            raise ValueError(
                "the Recorder has no model: it was passed bare. Pass it in a list, "
                "fit(callbacks=[recorder]), so that Keras hands it the model."
            )
        if self._used:  # in another call: a run of its own
            self.notes.begin()
        self._used, self._within, self.notes.epoch = True, until, None
        difference = self._difference
        self.follows_rate |= has_schedule(self._model)
        difference.begin()  # fit has set stop_training back: nobody's doing
        self.notes.begins(difference.seen.learning_rate, difference.whose, self.names)
        self.trace.asked = {name: asked_of_logs(type(c)) for name, c in self._listeners.named}

    def _leave(self) -> None:
        self._within = None
        if self._difference.beside is not None:
            self.trace.add(Ended(self._difference.whose))

    def _before_on_train_begin(self) -> None:
        if self._difference.beside is not None:
            self._difference.beside.fits += 1
        self._begin("on_train_end")
        if self._follower is not None:
            self._follower.begin(self, self._difference.journal)

    def _before_on_test_begin(self) -> None:
        if self._within is None:  # else it is the validation of a fit
            self._begin("on_test_end")

    def _before_on_predict_begin(self) -> None:
        self._begin("on_predict_end")

    def _after_on_train_begin(self) -> None:
        # An execution of several steps is said to end with its last one, which a short
        # epoch may not have (keras/src/trainers/epoch_iterator.py, 3.15.1).
        self._last_batch = (self.params.get("steps") or sys.maxsize) - 1
        self._listeners.look("train")
        self._difference.settle_states(None, self._listeners.named)

    def _after_on_epoch_begin(self) -> None:
        self._listeners.look("train")
        self._difference.trains_anew = True

    def _after_on_test_begin(self) -> None:
        self._listeners.look("test")

    def _after_on_predict_begin(self) -> None:
        self._listeners.look("predict")

    def _after_on_epoch_end(self) -> None:
        self._difference.settle_states(self.notes.epoch, self._listeners.named)
        if self._follower is not None:
            self._follower.epoch_ended(self)

    def _after_on_train_end(self) -> None:
        self._leave()
        if self._follower is not None:
            self._follower.ended(self)
        history = self._last(keras.callbacks.History)
        if history is not None:
            # Keras appends a History of its own behind a user's that is in here.
            self._model.history = history

    def _after_on_test_end(self) -> None:
        if self._within == "on_test_end":
            self._leave()

    def _after_on_predict_end(self) -> None:
        if self._within == "on_predict_end":
            self._leave()


def _now(values: list[Any]) -> list[Any]:
    """What History has of a metric at this moment: of a live variable, its value now."""
    return list(values) if {*map(type, values)} <= {float} else [settled(v) for v in values]
