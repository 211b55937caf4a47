"""Loops of one's own around train_on_batch: what they come to, and what they forget."""

import sys
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest

from dryfit import Recorder, Run, play
from dryfit.cli import main
from dryfit.run.lifecycle import LifecycleError

sys.path.append(str(Path(__file__).parents[1] / "data"))
import own_loops

LANES = pytest.mark.parametrize("lane", ["fake", "real"])
METRICS = {"loss": 1, "val_loss": ".9 .5 .6x4"}


def _callbacks() -> list[Any]:
    return [
        keras.callbacks.EarlyStopping(patience=2, restore_best_weights=True),
        keras.callbacks.ReduceLROnPlateau(patience=1),
    ]


@LANES
def test_a_loop_that_calls_every_hook_is_a_fit(lane: str) -> None:
    """The whole timeline is that of Keras' own loop."""
    fitted = play(METRICS, _callbacks(), lane, batches=2)
    looped = play(METRICS, _callbacks(), lane, batches=2, loop=own_loops.whole)
    assert looped.timeline == fitted.timeline
    assert looped.history == fitted.history
    assert (looped.stopped_epoch, looped.weights_epoch) == (3, 1)


@LANES
def test_a_step_by_hand_reports_its_own_batch(lane: str) -> None:
    """Keras resets the metrics in train_on_batch, so there is no running mean."""
    seen = []

    def loop(model: Any, callbacks: Any, epochs: int) -> None:
        own_loops.late(model, callbacks, epochs)
        seen.extend(model.history.history["loss"])

    play({}, [], lane, batches=2, loop=loop, epochs=2, batch_metrics={"loss": ["4 2", "3 1"]})
    assert seen == [2.0, 1.0]


def test_plain_keras_resets_the_metrics_in_train_on_batch() -> None:
    """A second step of the same batch without training reports the same, not a mean."""
    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
    model.compile(keras.optimizers.SGD(0.0), "mse")
    first, second = (np.full((1, 1), value, "float32") for value in (1, 5))
    model.train_on_batch(first, np.zeros((1, 1)))
    alone = model.test_on_batch(second, np.zeros((1, 1)))
    assert model.train_on_batch(second, np.zeros((1, 1))) == pytest.approx(alone)


@LANES
@pytest.mark.parametrize(
    ("loop", "told"),
    [
        (
            own_loops.forgetful,
            "the loop never called on_epoch_begin (LearningRateScheduler sets the rate of the "
            "epoch there); on_train_end (CSVLogger closes its file there, and EarlyStopping "
            "says where it stopped)",
        ),
        (
            own_loops.silent,
            "the loop called no hook: make a keras.callbacks.CallbackList(callbacks, "
            "model=model) and call its on_train_begin, on_epoch_begin and so on",
        ),
    ],
)
def test_a_forgotten_hook_is_named(lane: str, loop: Any, told: str) -> None:
    """With who misses it, and the run so far."""
    with pytest.raises(LifecycleError) as caught:
        play({"loss": "1x2"}, [], lane, batches=2, loop=loop)
    assert str(caught.value) == told
    assert isinstance(caught.value.run, Run)  # type: ignore[attr-defined]


def test_a_loop_that_does_not_look_at_stop_training_goes_on() -> None:
    """EarlyStopping asks, and nobody hears it."""
    stopping = keras.callbacks.EarlyStopping("loss", patience=1)
    run = play({"loss": "1x5"}, [stopping], batches=2, loop=own_loops.late)
    assert (run.stopped_epoch, run.epochs_run) == (1, 5)


@LANES
def test_a_scenario_names_its_loop(
    lane: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """And is played through it."""
    source = Path(own_loops.__file__).read_text(encoding="utf-8")
    (tmp_path / "train_by_hand.py").write_text(source, encoding="utf-8")
    file = tmp_path / "loop.scenario.yaml"
    file.write_text(
        "name: a loop that does not stop\n"
        "loop: train_by_hand:late\n"
        "script: {batches: 2, metrics: {loss: 1x4}}\n"
        "callbacks: [EarlyStopping: {monitor: loss, patience: 1}]\n"
        "expect: {stopped: {epoch: 1}, epochs_run: 4}\n",
        encoding="utf-8",
    )
    assert main(["run", str(file), "--lane", lane]) == 0, capsys.readouterr().out


def _model() -> Any:
    keras.utils.set_random_seed(3)
    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
    model.compile(keras.optimizers.SGD(0.1), "mse")
    return model


X = np.linspace(1, 2, 4, dtype="float32").reshape(4, 1)


def test_a_recorder_leads_through_a_loop() -> None:
    """Hooks, stop and History are those of a loop that calls each hook itself."""
    model, stopping = _model(), keras.callbacks.EarlyStopping("loss", patience=1, min_delta=0.5)
    recorder = Recorder([stopping], model=model, epochs=5, steps=2)
    for _ in recorder.epochs():
        for part in recorder.batches([X[:2], X[2:]]):
            recorder.batch_end(model.train_on_batch(part, part, return_dict=True))

    plain, again = _model(), keras.callbacks.EarlyStopping("loss", patience=1, min_delta=0.5)
    callbacks = keras.callbacks.CallbackList([again], add_history=True, model=plain, epochs=5)
    callbacks.on_train_begin()
    for epoch in range(5):
        callbacks.on_epoch_begin(epoch)
        for batch, part in enumerate([X[:2], X[2:]]):
            callbacks.on_train_batch_begin(batch)
            logs = plain.train_on_batch(part, part, return_dict=True)
            callbacks.on_train_batch_end(batch, logs)
        callbacks.on_epoch_end(epoch, logs)
        if plain.stop_training:
            break
    callbacks.on_train_end(logs)

    assert model.history.history == plain.history.history
    assert recorder.run.stopped_epoch == again.stopped_epoch > 0
    assert [w.tolist() for w in model.get_weights()] == [w.tolist() for w in plain.get_weights()]
    last = recorder.run.epochs_run - 1
    assert (recorder.run.weights.epoch, recorder.run.weights.batch) == (last, 1)  # type: ignore[union-attr]


def test_validation_is_logged_beside() -> None:
    """What `log` is told is in the epoch's logs and in History."""
    model = _model()
    recorder = Recorder([keras.callbacks.EarlyStopping("val_loss", patience=1)], model=model)
    for epoch in recorder.epochs(4):
        for part in recorder.batches([X]):
            recorder.batch_end(model.train_on_batch(part, part, return_dict=True))
        recorder.log(val_loss=1.0 + epoch)
    assert model.history.history["val_loss"] == [1.0, 2.0]
    assert recorder.run.stopped_by == "EarlyStopping"


def test_a_batch_without_its_end_is_told() -> None:
    """With what to call."""
    recorder = Recorder([], model=_model(), epochs=1)
    begun = recorder.epochs()
    next(begun)
    with pytest.raises(RuntimeError, match=r"batch 0 is over and had no batch_end: call recorder"):
        list(recorder.batches([1, 2]))


@pytest.mark.parametrize(
    ("use", "told"),
    [
        (lambda: list(Recorder([]).epochs(1)), "the recorder has no model: Recorder(callbacks"),
        (lambda: list(Recorder([], model=_model()).epochs()), "how many epochs? epochs(10), or"),
        (lambda: Recorder([], epochs=3), "epochs= and steps= are of a loop of one's own"),
        (lambda: Recorder([], model=_model()).batch_end({}), "batch_end is called once a batch"),
    ],
)
def test_wrong_use_is_told(use: Any, told: str) -> None:
    """Before anything is called."""
    with pytest.raises((ValueError, RuntimeError)) as caught:
        use()
    assert str(caught.value).startswith(told)
