"""The recorder: every hook, and who changed what."""

import sys
import warnings
from typing import Any

import keras
import numpy as np
import pytest

from dryfit import Recorder, Script, play
from dryfit.recorder.callback_list import RecordingCallbackList
from dryfit.run.timeline_events import Change, LogWrite, Printed, Raised, Warned, WeightsUsed
from dryfit_fakes.weights import INITIAL, Weights

LANES = ("fake", "real")


def callback(name: str, **hooks: Any) -> Any:
    """Make a callback of a class of that name with these hooks."""
    return type(name, (keras.callbacks.Callback,), hooks)()


def at_epoch_end(name: str, act: Any) -> Any:
    return callback(name, on_epoch_end=lambda self, epoch, logs=None: act(self, epoch, logs))


@pytest.mark.parametrize("lane", LANES)
def test_a_rate_is_blamed_on_who_set_it(lane: str) -> None:
    """Two callbacks set the rate in one hook: each change has its own author."""
    half = at_epoch_end("Half", lambda self, e, logs: _times(self, 0.5))
    idle = at_epoch_end("Idle", lambda self, e, logs: None)
    tenth = at_epoch_end("Tenth", lambda self, e, logs: _times(self, 0.1))
    run = play({"loss": "1x1"}, [half, idle, tenth], lane=lane, learning_rate=1.0)
    place = {"what": "learning_rate", "epoch": 0, "batch": None, "hook": "on_epoch_end"}
    assert run.changes == (
        Change(**place, by="Half", old=1.0, new=0.5),
        Change(**place, by="Tenth", old=0.5, new=0.05),
    )


def _times(self: Any, factor: float) -> None:
    optimizer = self.model.optimizer
    optimizer.learning_rate = float(keras.ops.convert_to_numpy(optimizer.learning_rate)) * factor


@pytest.mark.parametrize("lane", LANES)
def test_a_write_that_changes_nothing_is_no_change(lane: str) -> None:
    """Setting the rate to itself, or to within 1e-6 of it, is not an event."""
    same = at_epoch_end("Same", lambda self, e, logs: _times(self, 1 + 1e-7))
    assert play({"loss": "1x3"}, [same], lane=lane).changes == ()


@pytest.mark.parametrize("lane", LANES)
def test_a_log_that_is_written_has_an_author(lane: str) -> None:
    """All callbacks share one dict: the second sees what the first wrote, and so does History."""
    writes = at_epoch_end("Writes", lambda self, e, logs: logs.update(f1=0.5, loss=2.0))
    removes = at_epoch_end("Removes", lambda self, e, logs: logs.pop("f1"))
    run = play({"loss": "1x1"}, [writes, removes], lane=lane)
    place = {"epoch": 0, "batch": None, "hook": "on_epoch_end"}
    assert run.log_writes == (
        LogWrite("loss", **place, by="Writes", old=1.0, new=2.0),
        LogWrite("f1", **place, by="Writes", old=None, new=0.5),
        LogWrite("f1", **place, by="Removes", old=0.5, new=None),
    )
    assert run.history == {"loss": [2.0]}


@pytest.mark.parametrize("lane", LANES)
def test_the_second_of_a_class_has_a_number(lane: str) -> None:
    """Two plateaus: the second's cut replaces the first's before any batch trained."""
    plateaus = [keras.callbacks.ReduceLROnPlateau(monitor="loss", patience=1) for _ in range(2)]
    run = play({"loss": "1x2"}, plateaus, lane=lane, learning_rate=1.0)
    assert [change.by for change in run.changes] == ["ReduceLROnPlateau", "ReduceLROnPlateau#2"]
    assert [(o.epoch, o.by, o.undoes) for o in run.overrides] == [
        (1, "ReduceLROnPlateau#2", "ReduceLROnPlateau")
    ]


@pytest.mark.parametrize("lane", LANES)
def test_weights_calls_say_whose_weights(lane: str, tmp_path: Any, monkeypatch: Any) -> None:
    """Saved, read, put back: each with the epoch, the author and the path in the run's folder."""
    monkeypatch.chdir(tmp_path)
    saver = keras.callbacks.ModelCheckpoint(tmp_path / "{epoch}.weights.h5", save_weights_only=True)
    loader = at_epoch_end(
        "Loader", lambda self, e, logs: self.model.load_weights("1.weights.h5") if e else None
    )
    run = play({"loss": "1x2"}, [saver, loader], lane=lane, batches=2)
    first, second = Weights(0, 0, 1, 2), Weights(0, 1, 1, 4)
    place = {"batch": None, "hook": "on_epoch_end"}
    save = {**place, "by": "ModelCheckpoint", "method": "save_weights"}
    assert run.checkpoints == (
        WeightsUsed(epoch=0, **save, path="1.weights.h5", old=first, to=first),
        WeightsUsed(epoch=1, **save, path="2.weights.h5", old=second, to=second),
    )
    load = {**place, "by": "Loader", "method": "load_weights"}
    assert run.restored == (
        WeightsUsed(epoch=1, **load, path="1.weights.h5", old=second, to=first),
    )
    assert run.weights == first


@pytest.mark.parametrize("lane", LANES)
def test_mixed_weights_are_nobodys(lane: str) -> None:
    """An average of two epochs, and arrays of two epochs in one list, are both `mixed`."""

    def average(self: Any, epoch: int, logs: Any) -> None:
        now = self.model.get_weights()
        if epoch == 2:
            self.model.set_weights([(a + b) / 2 for a, b in zip(now, self.kept, strict=True)])
        if epoch == 3:
            self.model.set_weights([self.kept[0], *now[1:]])
        self.kept = now

    run = play({"loss": "1x5"}, [at_epoch_end("Averages", average)], lane=lane)
    assert [(used.epoch, used.to.epoch) for used in run.restored] == [(2, None), (3, None)]
    assert run.weights_epoch == 4


def test_weights_edited_in_place_are_noticed() -> None:
    """In the real lane a variable can be assigned without any of the model's methods."""
    edits = at_epoch_end(
        "Edits", lambda self, e, logs: self.model.layers[-1].bias.assign([7.0]) if e == 1 else None
    )
    run = play({"loss": "1x3"}, [edits], lane="real")
    assert [e for e in run.timeline if isinstance(e, Change)] == [
        Change("weights", 1, None, "on_epoch_end", "Edits", None, Weights(None, None, None, None))
    ]
    assert run.weights_epoch == 2


@pytest.mark.parametrize("lane", LANES)
def test_every_warning_is_kept_with_its_author(lane: str) -> None:
    """Python shows a repeated warning once; a run has all three, and they reach the caller too."""
    stopping = keras.callbacks.EarlyStopping(monitor="val_loss")
    with pytest.warns(UserWarning, match="val_loss"):
        run = play({"loss": "1x3"}, [stopping], lane=lane)
    message = (
        "Early stopping conditioned on metric `val_loss` which is not available. "
        "Available metrics are: loss"
    )
    place = {"batch": None, "hook": "on_epoch_end", "by": "EarlyStopping"}
    assert run.warnings == tuple(
        Warned(epoch, **place, category="UserWarning", message=message) for epoch in range(3)
    )


def test_a_callers_error_filter_is_kept() -> None:
    """Under -W error a callback's warning raises in its hook, as it would in Keras."""
    stopping = keras.callbacks.EarlyStopping(monitor="val_loss")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(UserWarning, match="val_loss") as caught:
            play({"loss": "1x3"}, [stopping])
    assert caught.value.run.raised.by == "EarlyStopping"


def test_a_callers_ignore_filter_is_kept(recwarn: pytest.WarningsRecorder) -> None:
    """What the caller does not want to see is recorded all the same, and not shown."""
    warnings.simplefilter("ignore")
    run = play({"loss": "1x3"}, [keras.callbacks.EarlyStopping(monitor="val_loss")])
    assert len(run.warnings) == 3
    assert len(recwarn) == 0


@pytest.mark.parametrize("lane", LANES)
def test_prints_have_authors_and_still_print(lane: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Stdout and stderr are noted by line, and pass on."""

    def speak(self: Any, epoch: int, logs: Any) -> None:
        print("half", end=" ")
        print("a line")
        print("complaint", file=sys.stderr)

    stopping = keras.callbacks.EarlyStopping(monitor="loss", patience=1, verbose=1)
    run = play({"loss": "1x2"}, [at_epoch_end("Speaks", speak), stopping], lane=lane)
    assert [(line.epoch, line.hook, line.by, line.text) for line in run.prints] == [
        (0, "on_epoch_end", "Speaks", "half a line"),
        (0, "on_epoch_end", "Speaks", "complaint"),
        (1, "on_epoch_end", "Speaks", "half a line"),
        (1, "on_epoch_end", "Speaks", "complaint"),
        (1, "on_train_end", "EarlyStopping", "Epoch 2: early stopping"),
    ]
    assert all(isinstance(line, Printed) for line in run.prints)
    captured = capsys.readouterr()
    assert captured.out.count("half a line\n") == 2
    assert captured.err == "complaint\ncomplaint\n"


def test_keras_prints_are_noted_without_interactive_logging() -> None:
    """Keras' prints would go to absl's log else, and the setting is put back."""
    keras.config.disable_interactive_logging()
    try:
        stopping = keras.callbacks.EarlyStopping(monitor="loss", patience=1, verbose=1)
        run = play({"loss": "1x2"}, [stopping])
        assert [line.text for line in run.prints] == ["Epoch 2: early stopping"]
        assert not keras.config.is_interactive_logging_enabled()
    finally:
        keras.config.enable_interactive_logging()


@pytest.mark.parametrize("lane", LANES)
def test_an_exception_leaves_as_from_fit_with_the_run_so_far(lane: str) -> None:
    """The caller's except clause works, and finds what happened up to there."""

    def fail(self: Any, epoch: int, logs: Any) -> None:
        self.model.stop_training = True
        raise LookupError("no such file")

    with pytest.raises(LookupError, match="no such file") as caught:
        play({"loss": "1x3"}, [at_epoch_end("Fails", fail)], lane=lane)
    run = caught.value.run
    place = {"epoch": 0, "batch": None, "hook": "on_epoch_end", "by": "Fails"}
    assert run.raised == Raised(**place, type="LookupError", message="no such file")
    assert (run.stopped_by, run.epochs_run) == ("Fails", 1)
    assert [hook.name for hook in run.hooks][-1] == "on_epoch_end"


@pytest.mark.parametrize("lane", LANES)
def test_hooks_that_are_assigned_later_are_called(lane: str) -> None:
    """A hook may be assigned on the instance, in on_train_begin or at an epoch's begin."""
    called = []

    def begin(self: Any, logs: Any = None) -> None:
        self.on_train_batch_begin = lambda batch, logs=None: called.append(("begin", batch))

    def epoch_begin(self: Any, epoch: int, logs: Any = None) -> None:
        if epoch == 1:
            self.on_batch_end = lambda batch, logs=None: called.append(("end", batch))

    play(
        {"loss": "1x2"},
        [callback("Assigns", on_train_begin=begin, on_epoch_begin=epoch_begin)],
        lane=lane,
    )
    assert called == [("begin", 0), ("begin", 0), ("end", 0)]


@pytest.mark.parametrize("lane", LANES)
def test_a_callback_needs_no_keras_class(lane: str) -> None:
    """Duck-typed callbacks work in Keras, so they do here."""

    class Duck:
        def __getattr__(self, name: str) -> Any:
            if name.startswith(("on_", "set_")):
                return lambda *args, **kwargs: None
            raise AttributeError(name)

    assert play({"loss": "1x2"}, [Duck()], lane=lane).epochs_run == 2


def test_a_hook_of_a_future_keras_is_recorded_by_itself() -> None:
    """Hooks are found on Keras' CallbackList, not listed."""
    found = {name for name in dir(keras.callbacks.CallbackList) if name.startswith("on_")}
    aliases = {"on_batch_begin", "on_batch_end"}
    recorded = {name for name in vars(RecordingCallbackList) if name.startswith("on_")}
    assert recorded == found - aliases


def test_a_recorder_works_in_anyones_fit() -> None:
    """A real model that knows nothing of dryfit: hooks, rate, stop and logs are recorded."""
    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
    model.compile(optimizer=keras.optimizers.SGD(0.5), loss="mse")
    halves = at_epoch_end("Halves", lambda self, e, logs: _times(self, 0.5))
    recorder = Recorder([halves])
    x = np.zeros((4, 1), np.float32)
    model.fit(x, x, batch_size=2, epochs=2, verbose=0, callbacks=[recorder])
    run = recorder.run
    assert run.learning_rate == (0.5, 0.25)
    assert [change.by for change in run.changes] == ["Halves", "Halves"]
    assert run.epochs_run == 2
    assert run.history["loss"] == [0.0, 0.0]


def test_a_recorder_records_each_call_anew() -> None:
    """The second fit, and an evaluation after it, are runs of their own."""
    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
    model.compile(optimizer="sgd", loss="mse")
    recorder = Recorder([])
    x = np.zeros((2, 1), np.float32)
    model.fit(x, x, verbose=0, epochs=3, callbacks=[recorder])
    first = recorder.run
    model.fit(x, x, verbose=0, epochs=2, validation_data=(x, x), callbacks=[recorder])
    assert (first.epochs_run, recorder.run.epochs_run) == (3, 2)
    model.evaluate(x, x, verbose=0, callbacks=[recorder])
    assert [hook.name for hook in recorder.run.hooks][0::3] == ["on_test_begin", "on_test_end"]


def test_a_users_history_is_the_one_that_fit_returns() -> None:
    """A History inside of the recorder is not replaced by Keras' own."""
    history = keras.callbacks.History()
    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
    model.compile(optimizer="sgd", loss="mse")
    x = np.zeros((2, 1), np.float32)
    assert model.fit(x, x, verbose=0, callbacks=[Recorder([history])]) is history
    assert play({"loss": "3 2"}, [history]).history == {"loss": [0.0, 3.0, 2.0]}


def test_a_bare_recorder_is_refused() -> None:
    """Keras would set no model on it; the error says how to pass it."""
    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
    model.compile(optimizer="sgd", loss="mse")
    x = np.zeros((2, 1), np.float32)
    with pytest.raises(ValueError, match=r"Pass it in a list, fit\(callbacks=\[recorder\]\)"):
        model.fit(x, x, verbose=0, callbacks=Recorder([]))


@pytest.mark.parametrize("lane", LANES)
def test_without_batches_the_rest_is_the_same(lane: str) -> None:
    """record_batches=False leaves out dispatches of batch hooks, and nothing else."""

    def batch_end(self: Any, batch: int, logs: Any = None) -> None:
        if batch == 1:
            _times(self, 0.5)

    def events(record_batches: bool) -> list[Any]:
        run = play(
            Script(metrics={"loss": "1x2", "val_loss": "1x2"}, batches=3),
            [callback("Halves", on_train_batch_end=batch_end)],
            lane=lane,
            record_batches=record_batches,
        )
        return [e for e in run.timeline if "batch" not in getattr(e, "name", "")]

    assert events(True) == events(False)


def test_began_says_where_the_run_starts() -> None:
    """The first event has the rate, the weights and the callbacks."""
    began = play({"loss": "1x1"}, [callback("A"), callback("A")], learning_rate=0.5).timeline[0]
    assert (began.learning_rate, began.weights, began.callbacks) == (0.5, INITIAL, ("A", "A#2"))
