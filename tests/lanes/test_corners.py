"""Corners in which a fake, a recorder or a play could tell something false.

Each was found by comparing with plain Keras; the expectations say what plain
Keras does, or follow by hand.
"""

import logging
import signal
import sys
import time
import warnings
from contextlib import nullcontext
from pathlib import Path
from typing import Any
from unittest.mock import MagicMock

import keras
import numpy as np
import pytest

from dryfit import Recorder, Script, ScriptedModel, play
from dryfit.lanes.real import on_stage
from dryfit.lanes.recorded_play import NestedFitError
from dryfit_fakes import PredictAt, RaiseAt

MODELS = pytest.mark.parametrize(
    "model_of", [lambda script: nullcontext(ScriptedModel(script)), on_stage], ids=["fake", "real"]
)
BOTH = pytest.mark.parametrize("lane", ["fake", "real"])
Callback = keras.callbacks.Callback


@pytest.fixture(autouse=True)
def _in_a_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


class Back(Callback):
    """Puts the weights of epoch 0 back at the end of epoch 1."""

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        if epoch == 0:
            self.kept = self.model.get_weights()
        if epoch == 1:
            self.model.set_weights(self.kept)


@BOTH
def test_a_mock_is_called(lane: str) -> None:
    """A Mock has every attribute, also the one that marks empty defaults."""
    mock = MagicMock(spec=Callback)
    play({"loss": "1x2"}, [mock], lane=lane)
    assert mock.on_epoch_end.call_count == mock.on_train_batch_end.call_count == 2


@BOTH
def test_batches_are_counted_from_the_weights_that_were_put_back(lane: str) -> None:
    """Two of epoch 0, put back, and two of epoch 2 make four."""
    assert play({"loss": "1x3"}, [Back()], lane=lane, batches=2).weights.trained_batches == 4


@BOTH
def test_a_backup_brings_its_count(lane: str) -> None:
    """Six batches before the crash, and six after the resume."""
    backup = keras.callbacks.BackupAndRestore
    with pytest.raises(RuntimeError):
        play({"loss": "1x4"}, [backup("b"), RaiseAt(epoch=2)], lane=lane, batches=3)
    run = play({"loss": "1x4"}, [backup("b")], lane=lane, batches=3)
    assert (run.epochs, run.weights.trained_batches) == ((3,), 12)


@BOTH
def test_a_hook_that_replaces_itself_is_called_once(lane: str) -> None:
    """Keras looks a hook up each time it calls it."""
    called = []

    class Once(Callback):
        def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
            called.append(batch)
            self.on_train_batch_end = lambda batch, logs=None: None

    play({"loss": "1x1"}, [Once()], lane=lane, batches=4)
    assert called == [0]


@BOTH
def test_callers_filters_decide_what_is_shown(lane: str) -> None:
    """The default filter shows one of three; a filter for a module finds the module."""

    class Warns(Callback):
        def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
            warnings.warn("hello", stacklevel=1)

    stopping = keras.callbacks.EarlyStopping(monitor="nope", mode="min")
    with warnings.catch_warnings(record=True) as shown:
        warnings.resetwarnings()
        warnings.simplefilter("default")
        warnings.filterwarnings("ignore", module="keras")
        warnings.filterwarnings("ignore", category=DeprecationWarning)
        run = play({"loss": "1x3"}, [Warns(), stopping], lane=lane)
    assert [str(warning.message) for warning in shown] == ["hello"]
    assert len(run.warnings) == 6


@BOTH
def test_a_play_passes_where_warnings_are_errors(lane: str) -> None:
    """Reading weights and rates warns of nothing."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert play({"loss": "1x2"}, [Back()], lane=lane).epochs_run == 2


@MODELS
def test_predict_steps_as_keras_does(model_of: Any) -> None:
    """steps_per_execution=2 over five batches: ends 1, 3, 5 with 2, 2 and 1 rows."""
    ends: list[Any] = []

    class Ends(Callback):
        def on_predict_batch_end(self, batch: int, logs: Any = None) -> None:
            ends.append((batch, len(logs["outputs"])))

    script = Script(metrics={"loss": "1x1"}, steps_per_execution=2, predict=lambda x, e: x)
    x = np.arange(5, dtype=np.float32).reshape(5, 1)
    with model_of(script) as model:
        result = model.predict(x, batch_size=1, verbose=0, callbacks=[Ends()])
    assert result.tolist() == x.tolist()
    assert ends == [(1, 2), (3, 2), (5, 1)]


@MODELS
def test_predict_takes_datasets_and_gives_dicts(model_of: Any) -> None:
    """What Keras takes and gives: batches of a dataset, a dict of outputs."""
    import tensorflow as tf

    def predict(x: Any, epoch: int) -> Any:
        return {"a": x, "b": 2 * x}

    script = Script(metrics={"loss": "1x1"}, predict=predict)
    x = np.ones((5, 1), np.float32)
    with model_of(script) as model:
        result = model.predict(tf.data.Dataset.from_tensor_slices(x).batch(2), verbose=0)
    assert (result["a"].tolist(), result["b"].tolist()) == (x.tolist(), (2 * x).tolist())


@BOTH
def test_predict_at_a_place(lane: str) -> None:
    """The actor hands the prediction on."""
    got: list[Any] = []
    actor = PredictAt(np.ones((3, 1), np.float32), use=got.append, epoch=1)
    play({"loss": "1x3"}, [actor], lane=lane, predict=lambda x, epoch: x + epoch)
    assert [array.tolist() for array in got] == [[[2.0]] * 3]


@BOTH
def test_two_recorders_are_refused_and_one_is_found_anywhere(lane: str) -> None:
    """Bare, in a dict or in a list, a Recorder is the one that records."""
    with pytest.raises(TypeError, match="two Recorders in one call"):
        play({"loss": "1x1"}, [Recorder([]), Recorder([])], lane=lane)
    for wrap in (lambda r: r, lambda r: {"a": r}, lambda r: [[r]]):
        stopping = keras.callbacks.EarlyStopping(monitor="loss", patience=1)
        run = play({"loss": "1x3"}, wrap(Recorder([stopping])), lane=lane)
        assert run.stopped_by == "EarlyStopping"


@BOTH
def test_a_callbacks_own_alarm_is_its_own(lane: str) -> None:
    """A SIGALRM before the time is up goes to the handler that was there."""
    rung = []
    before = signal.signal(signal.SIGALRM, lambda *args: rung.append(args))

    class Alarm(Callback):
        def on_train_begin(self, logs: Any = None) -> None:
            signal.setitimer(signal.ITIMER_REAL, 0.02)
            time.sleep(0.1)

    try:
        assert play({"loss": "1x2"}, [Alarm()], lane=lane).epochs_run == 2
        assert len(rung) == 1
        assert signal.getitimer(signal.ITIMER_REAL) == (0.0, 0.0)
    finally:
        signal.signal(signal.SIGALRM, before)


def test_time_without_end_can_be_given() -> None:
    """wall_time_s=inf is no limit."""
    assert play({"loss": "1x1"}, wall_time_s=float("inf")).epochs_run == 1


@BOTH
def test_a_finished_run_does_not_change(lane: str) -> None:
    """A callback that keeps the stream of a play writes past it later, into nothing."""

    class Keeps(Callback):
        def on_train_begin(self, logs: Any = None) -> None:
            self.handler = logging.StreamHandler(sys.stdout)
            sys.stdout.writelines(["one\n", "two\n"])

    keeps = Keeps()
    run = play({"loss": "1x1"}, [keeps], lane=lane)
    keeps.handler.emit(logging.LogRecord("a", 30, "f", 1, "after the play", (), None))
    assert [line.text for line in run.prints] == ["one", "two"]


@BOTH
def test_a_line_belongs_to_who_began_it(lane: str) -> None:
    """Half a line of one callback is not another's."""

    class A(Callback):
        def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
            print("a", end="")

    class B(Callback):
        def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
            print("b")

    run = play({"loss": "1x1"}, [A(), B()], lane=lane)
    assert [(line.by, line.text) for line in run.prints] == [("A", "a"), ("B", "b")]


@BOTH
def test_a_progress_bar_is_no_part_of_the_timeline(lane: str) -> None:
    """An evaluation in a hook draws a bar with times; two plays are equal all the same."""

    class Evaluates(Callback):
        def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
            self.model.evaluate()

    runs = [play({"loss": "2 1"}, [Evaluates()], lane=lane) for _ in range(3)]
    assert runs[0].timeline == runs[1].timeline == runs[2].timeline
    assert runs[0].prints == ()


@BOTH
def test_weights_methods_take_keras_positional_arguments(lane: str) -> None:
    """overwrite, skip_mismatch: as in Keras' signatures."""

    class Saves(Callback):
        def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
            self.model.save_weights("w.weights.h5", True)
            self.model.load_weights("w.weights.h5", False)
            self.model.save("m.keras", True)

    assert play({"loss": "1x2"}, [Saves()], lane=lane).epochs_run == 2


def test_a_fit_inside_of_a_fit_is_refused() -> None:
    """A script says nothing about it; the real lane trains, as plain Keras does."""

    class Fits(Callback):
        def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
            self.model.fit(np.zeros((2, 1)), np.zeros((2, 1)), verbose=0)

    with pytest.raises(NestedFitError, match="fit was called inside of fit, by a callback"):
        play({"loss": "1x2"}, [Fits()])


@BOTH
def test_out_of_range_in_a_batch_hook_is_the_end_of_the_data(lane: str) -> None:
    """TensorFlow's own end of data, raised in a hook, ends the epoch's batches."""
    tf = pytest.importorskip("tensorflow")
    error = tf.errors.OutOfRangeError(None, None, "x")
    with pytest.warns(UserWarning, match="Your input ran out of data"):
        run = play({"loss": "1x2"}, [RaiseAt(error, epoch=0, batch=0)], lane=lane, batches=3)
    assert (run.epochs_run, run.weights.trained_batches) == (2, 4)


@BOTH
@pytest.mark.parametrize("rate", [True, np.bool_(True), np.float64(1.0), "tensor"])
def test_rates_that_keras_takes(rate: Any, lane: str) -> None:
    """What is a number to Keras sets the rate in both lanes."""
    value = keras.ops.convert_to_tensor(1.0) if isinstance(rate, str) else rate

    class Sets(Callback):
        def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
            self.model.optimizer.learning_rate = value

    assert play({"loss": "1x2"}, [Sets()], lane=lane).learning_rate_after == (1.0, 1.0)


def test_one_progress_bar_is_drawn(capsys: pytest.CaptureFixture[str]) -> None:
    """A ProgbarLogger inside of a Recorder is quiet: Keras adds its own beside it."""
    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
    model.compile(optimizer="sgd", loss="mse")
    x = np.zeros((2, 1), np.float32)
    recorder = Recorder([keras.callbacks.ProgbarLogger()])
    model.fit(x, x, epochs=2, verbose=2, callbacks=[recorder])
    assert capsys.readouterr().out.count("Epoch ") == 2


@BOTH
def test_no_epochs_at_all(lane: str) -> None:
    """fit(epochs=0) runs in Keras 3; a constant has nothing to be too long for."""
    assert play({"loss": 1}, epochs=0, lane=lane).epochs_run == 0
