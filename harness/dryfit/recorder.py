"""Recorder: the callback list that says which callback did it.

Around each callback's hook it compares what a callback can change: the learning
rate, ``stop_training``, the weights and the shared ``logs``. It goes *inside*
the list that ``fit`` gets, ``fit(callbacks=[Recorder([...])])``: passed bare,
Keras would set neither model nor params nor History.
"""

import os
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from typing import Any

from dryfit.events import (
    Began,
    Change,
    Ended,
    LogWrite,
    Printed,
    Raised,
    Slept,
    State,
    Trained,
    Warned,
    WeightsUsed,
)
from dryfit.every_hook import with_every_hook
from dryfit.observed import (
    check_callbacks,
    observer,
    plain_attributes,
    same_rate,
    unique_names,
)
from dryfit.run import Run
from dryfit.trace import Trace, same, settled
from dryfit.whose import ModelJournal, heard
from dryfit_fakes.backend import keras
from dryfit_fakes.dispatch import has_hook
from dryfit_fakes.journal import Observation, WeightsCall, journal_of
from dryfit_fakes.strict import NotOfferedError

Place = tuple[int | None, int | None, str | None, str | None]

_NOTHING = Observation(None, False, False)
_NO_LOGS: dict[str, Any] = {}


@with_every_hook
class Recorder(keras.callbacks.CallbackList):  # type: ignore[misc]
    """Calls callbacks as Keras does, and records every hook and who changed what.

    Args:
        callbacks: what ``fit`` takes: a list, a tuple, a dict or one callback.
        record_batches: whether dispatches of batch hooks are kept. What callbacks
            change in them is kept in any case; without, memory grows with
            epochs alone.
        save: a ``*.scenario.yaml`` file to keep what a ``fit`` reported and what
            callbacks decided, written anew after each epoch; ``dryfit run`` replays
            it. A file that is there is replaced.
        save_batches: whether that file has the logs of every batch.

    Attributes:
        names: the callbacks' names, as `by` has them.
        trace: what happened so far; `run` answers questions about it.

    >>> recorder = Recorder([keras.callbacks.EarlyStopping(), keras.callbacks.EarlyStopping()])
    >>> recorder.names
    ('EarlyStopping', 'EarlyStopping#2')
    """

    def __init__(
        self,
        callbacks: Any = None,
        *,
        record_batches: bool = True,
        save: str | os.PathLike[str] | None = None,
        save_batches: bool = False,
    ) -> None:
        self._recording = _recording(save, save_batches, record_batches)
        self.trace = Trace()
        self.record_batches = record_batches
        self.relative: Callable[[str], str] = str  # how a path is noted
        self.tick: Callable[[], None] | None = None  # called at every hook but batches'
        self._model: Any = None
        self._journal: Any = None  # says whose weights the model has
        self._beside: ModelJournal | None = None  # the same, if the model came without
        self._used = False
        self._within: str | None = None  # the hook that ends the call that is recorded
        self._epoch: int | None = None
        self._batch: int | None = None
        self._hook: str | None = None
        self._by: str | None = None
        self._raised: BaseException | None = None
        self._observe: Callable[[], Observation] = lambda: _NOTHING
        self._seen = _NOTHING
        self._logs = _NO_LOGS  # the last that were copied
        self._in_force: float | None = None
        self._trains_anew = True
        self._states: dict[tuple[str, str], Any] = {}
        self._listeners: dict[str, list[tuple[str, Any]]] = {}
        super().__init__(callbacks)
        check_callbacks(self.callbacks)
        self.names = tuple(unique_names(self.callbacks))
        self._named = list(zip(self.names, self.callbacks, strict=True))

    def set_model(self, model: Any) -> None:
        """Take the model that ``fit`` hands to its callbacks."""
        super().set_model(model)
        if not model:
            return
        self._journal, before, self._beside = journal_of(model), self._beside, None
        if self._journal is None and isinstance(model, keras.Model):
            again = before is not None and before.model is model
            self._journal = self._beside = before if again else ModelJournal(model)
        if self._journal is None:
            self._observe = observer(model)
        else:
            self._observe = self._journal.observe
            self._journal.listen(self._note_call)

    def set_params(self, params: dict[str, Any]) -> None:
        """Hand on the params; Keras adds a progress bar of its own, so one in here is quiet."""
        super().set_params(params)
        if self._progbar is not None and params.get("verbose"):
            self._progbar.set_params({**params, "verbose": 0})

    def note_warning(self, category: str, message: str) -> None:
        """Record a warning, by whoever is at work."""
        self.trace.add(Warned(*self.place, category, self.relative(message)))

    def note_print(self, text: str, place: Place) -> None:
        """Record a printed line, and where it was begun."""
        if "━" not in text:  # Keras' progress bar has times in it; its logs are noted anyway
            self.trace.add(Printed(*place, self.relative(text)))

    def note_sleep(self, seconds: float) -> None:
        """Record that whoever is at work slept; a loop of short sleeps is one long one."""
        last, place = self.trace.last, self.place
        if isinstance(last, Slept) and (last.epoch, last.batch, last.hook, last.by) == place:
            self.trace.replace_last(Slept(*place, last.seconds + seconds))
        else:
            self.trace.add(Slept(*place, seconds))

    def note_end(self, error: BaseException | None = None) -> None:
        """Record the end of the run, and what broke it off if that was outside of a hook."""
        if error is not None and error is not self._raised:
            self._note_error(error)
        self._within = None
        self.trace.add(Ended(self._whose()))

    @property
    def run(self) -> Run:
        """What came of the last ``fit``, ``evaluate`` or ``predict`` so far."""
        history = getattr(self._model, "history", None)
        values = {} if history is None else {k: list(v) for k, v in history.history.items()}
        return Run(self.trace, values, "real", self._model, params=dict(self.params))

    @property
    def place(self) -> Place:
        """Where the run is: epoch, batch, hook, and who is at work."""
        if self._by is None:
            return (self._epoch, None, None, None)
        return (self._epoch, self._batch, self._hook, self._by)

    def wants_first_batch_only(self, kind: str) -> bool:
        """Whether a pass ("train" or "test") has nothing of interest after its first batch."""
        if self.record_batches or self._beside:
            return False
        hooks = (f"on_{kind}_batch_begin", f"on_{kind}_batch_end")
        return not any(self._listeners[hook] for hook in hooks)

    def _configure_async_dispatch(self, callbacks: Any) -> None:
        """Never in threads: what happened has an order and an author."""

    # The two hooks of a training batch have nothing in them that can be done elsewhere.

    def on_train_batch_begin(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        """Call the hook of every callback, and keep the rate the batch trains with."""
        self._batch = batch
        if self._listeners["on_train_batch_begin"]:
            logs = {} if logs is None else logs
            self._dispatch("on_train_batch_begin", logs, (batch,), {"logs": logs})
        elif self.record_batches:
            self.trace.row += ("on_train_batch_begin", self._epoch, batch, _NO_LOGS)
        if self._trains_anew:
            self._settle_outside()
            self._in_force = self._seen.learning_rate

    def on_train_batch_end(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        """Note what rate trained, and call the hook of every callback."""
        if self._beside is not None:
            self._beside.count(self._epoch, self._batch, batch)
        if self._trains_anew and self._batch is not None:
            self.trace.add(Trained(self._epoch, self._batch, self._in_force))
            self._trains_anew = False
        self._batch = batch
        logs = {} if logs is None else logs
        if self._listeners["on_train_batch_end"]:
            self._dispatch("on_train_batch_end", logs, (batch,), {"logs": logs})
        elif self.record_batches:  # nobody has the hook, so nobody can change anything in it
            if logs != self._logs:
                self._logs = dict(logs)
            self.trace.row += ("on_train_batch_end", self._epoch, batch, self._logs)

    def _dispatch(
        self, name: str, logs: dict[str, Any], args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> None:
        """Call one hook of every callback that has it, and see who changed what."""
        __tracebackhide__ = True
        self._hook = name
        self._settle_outside()
        if not same(logs, self._logs):
            self._logs = dict(logs)
        seen = self._logs
        if self._batch is None:
            if self.tick is not None:
                self.tick()
            listeners = self._listening(name)
            self.trace.row += (name, self._epoch, None, seen)
        else:
            listeners = self._listeners[name]
            if self.record_batches:
                self.trace.row += (name, self._epoch, self._batch, seen)
        if not listeners:
            return
        with self._heard():
            for by, callback in listeners:
                self._by = by
                try:
                    getattr(callback, name)(*args, **kwargs)  # it may have been replaced just now
                except BaseException as error:
                    self._note_changes(logs, seen)
                    self._note_error(error)
                    self._by = None
                    raise
                if self._observe() != self._seen or not same(logs, seen):
                    seen = self._note_changes(logs, seen)
        self._by = None

    def _heard(self) -> AbstractContextManager[None]:
        return nullcontext() if self._beside is None else heard(self._beside)

    def _listening(self, name: str) -> list[tuple[str, Any]]:
        return [(by, callback) for by, callback in self._named if has_hook(callback, name)]

    def _look(self, kind: str) -> None:
        """See which callbacks have the batch hooks of a kind now."""
        for name in (f"on_{kind}_batch_begin", f"on_{kind}_batch_end"):
            self._listeners[name] = self._listening(name)

    # What the recorder itself does around some hooks.

    def _begin(self, until: str) -> None:
        if self._model is None:
            raise ValueError(
                "the Recorder has no model: it was passed bare. Pass it in a list, "
                "fit(callbacks=[recorder]), so that Keras hands it the model."
            )
        if self._used:  # in another call: a run of its own
            self.trace, self._states = Trace(), {}
        self._used, self._within, self._epoch = True, until, None
        self._seen = self._observe()  # fit has set stop_training back: nobody's doing
        self.trace.add(Began(self._seen.learning_rate, self._whose(), self.names))

    def _before_on_train_begin(self) -> None:
        if self._beside is not None:
            self._beside.fits += 1
        self._begin("on_train_end")
        if self._recording is not None:
            self._recording.begin(self, self._journal)

    def _before_on_test_begin(self) -> None:
        if self._within is None:  # else it is the validation of a fit
            self._begin("on_test_end")

    def _before_on_predict_begin(self) -> None:
        self._begin("on_predict_end")

    def _after_on_train_begin(self) -> None:
        self._look("train")
        self._note_states(None)

    def _leave(self) -> None:
        self._within = None
        if self._beside is not None:
            self.trace.add(Ended(self._whose()))

    def _after_on_epoch_begin(self) -> None:
        self._look("train")
        self._trains_anew = True

    def _after_on_test_begin(self) -> None:
        self._look("test")

    def _after_on_predict_begin(self) -> None:
        self._look("predict")

    def _after_on_epoch_end(self) -> None:
        self._note_states(self._epoch)
        if self._recording is not None:
            self._recording.epoch_ended(self)

    def _after_on_train_end(self) -> None:
        self._leave()
        if self._recording is not None:
            self._recording.ended(self)
        if self._history is not None:
            # Keras appends a History of its own behind a user's that is in here.
            self._model.history = self._history

    def _after_on_test_end(self) -> None:
        if self._within == "on_test_end":
            self._leave()

    def _after_on_predict_end(self) -> None:
        if self._within == "on_predict_end":
            self._leave()

    # What is noted.

    def _settle_outside(self) -> None:
        now = self._observe()
        if now != self._seen:
            self._compare(now)

    def _note_changes(self, logs: dict[str, Any], seen: dict[str, Any]) -> dict[str, Any]:
        self._compare(self._observe())
        for key in [*seen, *(key for key in logs if key not in seen)]:
            old, new = seen.get(key), logs.get(key)
            if not same(old, new) or (key in seen) != (key in logs):
                self.trace.add(LogWrite(key, *self.place, settled(old), settled(new)))
        return dict(logs)

    def _compare(self, now: Observation) -> None:
        old = self._seen
        if not same_rate(old.learning_rate, now.learning_rate):
            self._note_change("learning_rate", old.learning_rate, now.learning_rate)
            self._trains_anew = True
        else:  # many small steps are noted once they add up
            now = now._replace(learning_rate=old.learning_rate)
        if old.stop_training != now.stop_training:
            self._note_change("stop_training", old.stop_training, now.stop_training)
        if now.edited and not old.edited:
            self._note_change("weights", None, self._whose())
        self._seen = now

    def _note_change(self, what: str, old: Any, new: Any) -> None:
        self.trace.add(Change(what, *self.place, settled(old), settled(new)))

    def _note_call(self, call: WeightsCall) -> None:
        path = None if call.path is None else self.relative(call.path)
        self.trace.add(WeightsUsed(call.method, *self.place, path, call.old, call.new))

    def _note_error(self, error: BaseException) -> None:
        if isinstance(error, NotOfferedError) and self._by is not None:
            error.add_note(f"asked for by {self._by}.{self._hook}, epoch {self._epoch}")
        self._raised = error
        message = self.relative(str(error).partition("\n")[0])
        self.trace.add(Raised(*self.place, type(error).__name__, message))
        if not isinstance(error, StopIteration):  # which ends the batches of an epoch alone
            if self._recording is not None and self._within == "on_train_end":
                self._recording.broke_off(self)
            self._leave()

    def _note_states(self, epoch: int | None) -> None:
        for name, callback in self._named:
            for attribute, value in plain_attributes(callback).items():
                value = self.relative(value) if isinstance(value, str) else settled(value)
                key = (name, attribute)
                if key not in self._states or not same(self._states[key], value):
                    self._states[key] = value
                    self.trace.add(State(epoch, name, attribute, value))

    def _whose(self) -> Any:
        return None if self._journal is None else self._journal.weights_identity


def _recording(save: Any, batches: bool, record_batches: bool) -> Any:
    """What writes the file that is asked for; imported when it is, for what it needs itself."""
    if save is None:
        if batches:
            raise ValueError("save_batches= says what is saved, and save= where: give save= too")
        return None
    if not record_batches:
        raise ValueError("save= needs the batches: leave record_batches=False out")
    from dryfit.recording.recording import Recording

    return Recording(save, batches)
