"""Run: each question, answered by hand."""

from typing import Any

import keras
import numpy as np
import pytest
from packaging.version import Version

from dryfit import Script, play
from dryfit.run.timeline_events import Raised
from dryfit_fakes import Interrupt, RaiseAt, SetLearningRateAt, StopAt
from dryfit_fakes.weights import INITIAL

RECENT = pytest.mark.skipif(
    Version(keras.__version__) < Version("3.15"),
    reason="docs/keras-releases.md: earlier, callbacks remember otherwise",
)
BOTH = pytest.mark.parametrize("lane", ["fake", "real"])
LOSSES = {"loss": 1, "val_loss": ".9 .5 .6x4"}


@BOTH
def test_a_stop_in_mid_epoch(lane: str) -> None:
    """The first true counts: which epoch, batch, and who."""
    run = play({"loss": "1x4"}, [StopAt(epoch=1, batch=2), StopAt(epoch=1)], lane=lane, batches=4)
    assert (run.stopped_epoch, run.stopped_batch, run.stopped_by) == (1, 2, "StopAt")
    assert (run.epochs, run.epochs_run) == ((0, 1), 2)
    assert run.weights.trained_batches == 7


@BOTH
def test_a_run_that_nobody_stops(lane: str) -> None:
    """None for epoch, batch and author."""
    run = play({"loss": "1x2"}, lane=lane)
    assert (run.stopped, run.stopped_epoch, run.stopped_batch, run.stopped_by) == (None,) * 4
    assert run.raised is None


@BOTH
@pytest.mark.skipif(keras.backend.backend() == "torch", reason="there it leaves fit")
@pytest.mark.filterwarnings("ignore:Your input ran out of data")
def test_what_the_run_went_on_after_did_not_end_it(lane: str) -> None:
    """A StopIteration in a batch hook ends the epoch's batches; what is raised later ends the run.

    keras/src/trainers/epoch_iterator.py, catch_stop_iteration: it is taken for the data's end.
    """
    script = {"metrics": {"loss": "1x3"}, "batches": 2}
    cut_short = RaiseAt(StopIteration, epoch=1, batch=0)
    run = play(Script(**script), [cut_short], lane=lane)
    assert (run.epochs_run, run.raised) == (3, None)
    place = {"epoch": 1, "batch": 0, "hook": "on_train_batch_end", "by": "RaiseAt"}
    stopped = Raised(**place, type="StopIteration", message="")
    assert [event for event in run.timeline if isinstance(event, Raised)] == [stopped]

    with pytest.raises(KeyError) as caught:
        play(Script(**script), [cut_short, RaiseAt(KeyError, epoch=2, batch=0)], lane=lane)
    failed = Raised(2, 0, "on_train_batch_end", "RaiseAt#2", "KeyError", "")
    run = caught.value.run
    assert run.raised == failed
    assert [event for event in run.timeline if isinstance(event, Raised)] == [stopped, failed]


@BOTH
def test_a_stop_that_is_taken_back_is_none(lane: str) -> None:
    """Training went on, so nobody stopped it."""

    class GoOn(keras.callbacks.Callback):
        def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
            self.model.stop_training = epoch == 2

    run = play({"loss": "1x4"}, [StopAt(epoch=0), GoOn()], lane=lane)
    assert (run.epochs_run, run.stopped_epoch, run.stopped_by) == (3, 2, "GoOn")


@BOTH
def test_no_epoch_leaves_initial_weights(lane: str) -> None:
    """initial_epoch at the end: no epoch, weights_epoch -1."""
    run = play({"loss": "1x2"}, lane=lane, initial_epoch=2)
    assert (run.epochs_run, run.weights_epoch, run.weights, run.history) == (0, -1, INITIAL, {})


@BOTH
def test_state_has_every_plain_attribute_each_epoch(lane: str) -> None:
    """After the last callback's on_epoch_end, as series."""
    plateau = keras.callbacks.ReduceLROnPlateau(patience=1, factor=0.5, cooldown=2)
    stopping = keras.callbacks.EarlyStopping(patience=4)
    run = play(LOSSES, [plateau, stopping], lane=lane)
    assert run.state["ReduceLROnPlateau.cooldown_counter"] == (0, 0, 2, 1, 2, 1)
    assert run.state["EarlyStopping.wait"] == (0, 0, 1, 2, 3, 4)
    assert run.state["EarlyStopping.best"][1:] == (0.5,) * 5
    assert run.state["EarlyStopping.monitor"] == ("val_loss",) * 6


def test_an_attribute_that_appears_late_is_none_before() -> None:
    """A series has one value per epoch, whenever the attribute was set."""

    class Late(keras.callbacks.Callback):
        def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
            if epoch == 1:
                self.late = "here"

    assert play({"loss": "1x3"}, [Late()]).state["Late.late"] == (None, "here", "here")


@BOTH
def test_rates_that_nobody_trained_with(lane: str) -> None:
    """The last cut comes after the last batch: never used, and no override."""
    plateau = keras.callbacks.ReduceLROnPlateau(monitor="loss", patience=1, factor=0.5)
    run = play({"loss": "1x3"}, [plateau], lane=lane, learning_rate=1.0)
    assert run.learning_rate == (1.0, 1.0, 0.5)
    assert run.learning_rate_after == (1.0, 0.5, 0.25)
    assert [(change.epoch, change.new) for change in run.unused] == [(2, 0.25)]
    assert run.overrides == ()


@BOTH
def test_in_force_is_what_the_first_batch_trains_with(lane: str) -> None:
    """A rate set in on_train_batch_begin counts for its batch; one set later for the next epoch."""
    warm = SetLearningRateAt(0.5, epoch=0, batch=0, hook="on_train_batch_begin")
    later = SetLearningRateAt(0.25, epoch=0, batch=1, hook="on_train_batch_begin")
    run = play({"loss": "1x2"}, [warm, later], lane=lane, batches=3, learning_rate=1.0)
    assert run.learning_rate == (0.5, 0.25)
    assert run.learning_rate_after == (0.25, 0.25)
    assert run.overrides == ()


@BOTH
def test_an_interrupt_ends_the_run_and_not_the_caller(lane: str) -> None:
    """In the step: batch 1 has begun, its weights have not changed, train_end is not called."""
    script = Script(metrics={"loss": "1x3"}, batches=2, interrupt=Interrupt(epoch=1, batch=1))
    run = play(script, lane=lane)
    assert (run.epochs_run, run.raised.type) == (1, "KeyboardInterrupt")
    assert (run.weights.epoch, run.weights.batch) == (1, 0)
    assert [hook.name for hook in run.hooks][-1] == "on_train_batch_begin"


@BOTH
def test_only_the_scripts_own_interrupt_is_swallowed(lane: str) -> None:
    """A Ctrl-C of the same type, raised by someone else, passes."""

    class CtrlC(keras.callbacks.Callback):
        def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        play({"loss": "1x3"}, [CtrlC()], lane=lane, interrupt={"epoch": 1})


@BOTH
def test_a_second_fit_goes_on_with_the_model(lane: str) -> None:
    """Weights, rate and callbacks' memory are those of the first; the fit has its own number."""
    halve = SetLearningRateAt(0.25, epoch=1)
    first = play({"loss": "1x2"}, [halve], lane=lane, batches=2, learning_rate=1.0)
    second = play({"loss": "1x1"}, [], lane=lane, batches=2, after=first)
    assert second.learning_rate == (0.25,)
    assert second.weights == type(second.weights)(fit=1, epoch=0, batch=1, trained_batches=6)


@RECENT
@BOTH
def test_early_stopping_forgets_between_fits(lane: str) -> None:
    """keras#20521: reused, it starts afresh; with the stale best it would stop at epoch 3."""
    stopping = keras.callbacks.EarlyStopping(monitor="loss", patience=3)
    first = play({"loss": ".1 .2"}, [stopping], lane=lane)
    second = play({"loss": "1 .9 .8 .7 .6 .5"}, [stopping], lane=lane, after=first)
    assert second.epochs_run == 6


def test_wrong_calls_of_play_are_refused() -> None:
    """An unknown lane, two models, a model of the other lane."""
    run = play({"loss": "1x1"})
    with pytest.raises(ValueError, match="lane is one of 'fake', 'real', not 'both'"):
        play({"loss": "1x1"}, lane="both")
    with pytest.raises(TypeError, match="leave model= out"):
        play({"loss": "1x1"}, after=run, model=object())
    with pytest.raises(ValueError, match="the earlier run was in the fake lane"):
        play({"loss": "1x1"}, lane="real", after=run)


def test_what_is_no_callback_is_refused() -> None:
    """A class, a name, None: the error has the place and what to write."""
    with pytest.raises(TypeError, match=r"callbacks\[1\] is the class EarlyStopping; make one"):
        play({"loss": "1x1"}, [StopAt(), keras.callbacks.EarlyStopping])
    with pytest.raises(TypeError, match=r"callbacks\[0\] is 'EarlyStopping', no callback"):
        play({"loss": "1x1"}, "EarlyStopping")


@BOTH
def test_callbacks_predict_and_evaluate_on_data_of_their_own(lane: str) -> None:
    """Whatever its shape, and in one batch or several."""
    seen = []

    class Asks(keras.callbacks.Callback):
        def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
            for samples in (4, 40):
                seen.append(self.model.predict(np.ones((samples, 5)), verbose=0).shape)
            seen.append(self.model.evaluate(np.ones((4, 3)), np.ones(4), verbose=0))

    def predict(x: Any, epoch: int) -> Any:
        return np.zeros((len(x), 2), np.float32)

    play({"loss": "3x1", "val_loss": "7x1"}, [Asks()], lane=lane, predict=predict)
    assert seen == [(4, 2), (40, 2), 7.0]


def test_a_frozen_network_is_not_trained() -> None:
    """In the real lane weights that no batch changed stay the initial ones."""

    class Freeze(keras.callbacks.Callback):
        def on_train_begin(self, logs: Any = None) -> None:
            for layer in self.model.layers:
                layer.trainable = False

    with pytest.warns(UserWarning, match="trainable"):
        run = play({"loss": "3 2 1"}, [Freeze()], lane="real", batches=4)
    assert (run.weights, run.history["loss"]) == (INITIAL, [3, 2, 1])


def test_a_file_of_the_real_lane_loads_in_keras(tmp_path: Any) -> None:
    """load_model gives the network, without the script."""
    saver = keras.callbacks.ModelCheckpoint(tmp_path / "m.keras")
    play({"loss": "1x1"}, [saver], lane="real")
    assert keras.models.load_model(tmp_path / "m.keras").predict(np.ones((2, 1)), verbose=0).shape


def test_a_run_is_told_in_one_line() -> None:
    """Its repr has the lane, the epochs, who stopped it and whose weights it has."""
    run = play(LOSSES, [keras.callbacks.EarlyStopping(patience=2)])
    assert repr(run) == (
        "<Run in the fake lane: 4 epochs, stopped at 3 by EarlyStopping, "
        "the weights of epoch 3, batch 0>"
    )


def test_a_notebook_shows_the_table() -> None:
    """Where a cell ends with a run; no text of a callback is taken for markup."""
    run = play({"<b>": "1x1", "loss": "1x1"})
    assert run._repr_html_() == f"<pre>{run.table().replace('<b>', '&lt;b&gt;')}</pre>"
    assert "<b>" in run.table()


TABLE = """\
 epoch   loss   val_loss   learning rate   state                                   what happened
 ────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────
     0      1        0.9             0.1   ReduceLROnPlateau: best=0.9
                                           min_delta=-0.0001
                                           EarlyStopping: best=0.9
     1    0.9        0.5             0.1   ReduceLROnPlateau: best=0.5
                                           EarlyStopping: best=0.5 best_epoch=1
     2    0.8        0.6      0.1 > 0.05   ReduceLROnPlateau: cooldown_counter=2   ReduceLROnPlateau cuts the learning
                                           EarlyStopping: wait=1                   rate: 0.1 to 0.05
     3    0.7        0.6            0.01   ReduceLROnPlateau: cooldown_counter=1   LearningRateScheduler overrides
                                           EarlyStopping: wait=2                   ReduceLROnPlateau: 0.05 to 0.01
     4    0.6        0.6    0.01 > 0.005   ReduceLROnPlateau: cooldown_counter=2   ReduceLROnPlateau cuts the learning
                                           EarlyStopping: wait=3                   rate: 0.01 to 0.005
     5    0.5        0.6            0.01   ReduceLROnPlateau: cooldown_counter=1   LearningRateScheduler overrides
                                           EarlyStopping: wait=4 stopped_epoch=5   ReduceLROnPlateau: 0.005 to 0.01
                                                                                   EarlyStopping stops training
                                                                                   EarlyStopping puts back the weights of
                                                                                   epoch 1, batch 3
6 epochs in the fake lane, stopped in epoch 5 by EarlyStopping; the model ends with the weights of epoch 1, batch 3"""  # noqa: E501


@RECENT
def test_the_table_of_a_run() -> None:
    """Numbers, rates, attributes and, in words, who did what: compared whole."""
    script = Script(
        metrics={"loss": "1-.1x8", "val_loss": ".9 .5 .6x6"}, batches=4, learning_rate=0.1
    )
    callbacks = [
        keras.callbacks.LearningRateScheduler(lambda epoch: 0.1 if epoch < 3 else 0.01),
        keras.callbacks.ReduceLROnPlateau(patience=1, factor=0.5, cooldown=2),
        keras.callbacks.EarlyStopping(patience=4, restore_best_weights=True),
    ]
    assert play(script, callbacks).table() == TABLE


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("EarlyStopping.wat", "no such attribute with plain values; there are EarlyStopping."),
        ("wait", "no callback of this name has plain attributes; there are EarlyStopping"),
    ],
)
def test_an_attribute_that_is_not_there(name: str, told: str) -> None:
    """The error says which are; in and get stay those of a dict."""
    state = play(LOSSES, [keras.callbacks.EarlyStopping(patience=9)]).state
    with pytest.raises(KeyError) as error:
        state[name]
    assert error.value.args[0].startswith(f"{name}: {told}")
    assert (name in state, state.get(name)) == (False, None)
