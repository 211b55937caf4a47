"""The tutorial's cases, with what follows from its text by hand."""

from typing import Any

import keras
import pytest

from dryfit import Run, play
from dryfit.tools.tutorial_cases import CASES, MyEarlyStopping, main, respectful_decay, step_decay
from dryfit_fakes import Series

PLATEAU = "2 1.6 1.3 1.1 .9 .5 .4 .35 .3 .32 .31 .33 .3 .25 .24"
BOTH = pytest.mark.parametrize("lane", ["fake", "real"])


def rates(text: str) -> Any:
    return pytest.approx(Series.parse(text).values, rel=1e-6)


def plateau() -> Any:
    return keras.callbacks.ReduceLROnPlateau(factor=0.1, patience=2, min_lr=1e-7)


def schedule(function: Any) -> Any:
    return keras.callbacks.LearningRateScheduler(function)


def trained(callbacks: list[Any], lane: str) -> Run:
    return play({"val_loss": PLATEAU}, callbacks, lane=lane, learning_rate=0.1)


@BOTH
def test_the_schedule_that_respects_the_plateau(lane: str) -> None:
    """Epochs 11 and 12 keep the cut rate; the second cut is too deep, and epoch 13 undoes it."""
    run = trained([plateau(), schedule(respectful_decay)], lane)
    assert run.learning_rate == rates(".1x5 .01x5 .001 .0001x2 .001x2")
    assert run.learning_rate_after == rates(".1x5 .01x5 .0001x2 .00001 .001x2")
    cuts = [change.epoch for change in run.reductions if change.by == "ReduceLROnPlateau"]
    assert cuts == [10, 12]
    assert [(o.epoch, o.by, o.undoes) for o in run.overrides] == [
        (13, "LearningRateScheduler", "ReduceLROnPlateau")
    ]


@BOTH
def test_history_has_the_rate_of_whoever_writes_last(lane: str) -> None:
    """keras#11973: the log is the rate after the cut, or the one trained with, by order alone."""
    run = trained([plateau(), schedule(respectful_decay)], lane)
    assert run.history["learning_rate"] == pytest.approx(run.learning_rate_after)
    run = trained([schedule(respectful_decay), plateau()], lane)
    assert run.history["learning_rate"] == pytest.approx(run.learning_rate)


@BOTH
def test_the_schedule_wins_over_the_plateau(lane: str) -> None:
    """keras#8829: a schedule that looks at the epoch alone undoes every cut before it is used."""
    run = trained([plateau(), schedule(step_decay)], lane)
    assert run.learning_rate == rates(".1x5 .01x5 .001x5")
    assert [override.epoch for override in run.overrides] == [11, 13]
    assert [change.epoch for change in run.unused] == [10, 12]


@BOTH
def test_the_tutorials_early_stopping_and_keras_stop_in_the_same_epoch(lane: str) -> None:
    """The tutorial says the effect is exactly the same; on the stopping epoch it is."""
    losses = {"val_loss": ".9 .5 .6x6"}
    own, keras_own = MyEarlyStopping(5), keras.callbacks.EarlyStopping(patience=5)
    assert play(losses, [own], lane=lane).stopped_epoch == 6
    assert play(losses, [keras_own], lane=lane).stopped_epoch == 6


@BOTH
def test_they_differ_in_whose_weights_the_model_ends_with(lane: str) -> None:
    """But Keras' keeps the last epoch's weights, unless it is asked for the best."""
    losses = {"val_loss": ".9 .5 .6x6"}
    own, keras_own = MyEarlyStopping(5), keras.callbacks.EarlyStopping(patience=5)
    assert play(losses, [own], lane=lane).weights_epoch == 1
    assert play(losses, [keras_own], lane=lane).weights_epoch == 6


@BOTH
def test_they_differ_in_when_weights_are_restored(lane: str) -> None:
    """The tutorial's restores when it stops; Keras' at the end of training, stopped or not."""
    stopped, ended = {"val_loss": ".9 .5 .6x6"}, {"val_loss": ".9 .5 .6x2"}

    def restored(losses: dict[str, str], callback: Any) -> list[Any]:
        return [(r.hook, r.to.epoch) for r in play(losses, [callback], lane=lane).restored]

    def best() -> Any:
        return keras.callbacks.EarlyStopping(patience=5, restore_best_weights=True)

    assert restored(stopped, MyEarlyStopping(5)) == [("on_epoch_end", 1)]
    assert restored(stopped, best()) == [("on_train_end", 1)]
    assert restored(ended, MyEarlyStopping(5)) == []
    assert restored(ended, best()) == [("on_train_end", 1)]


def test_the_demo_plays_every_case_in_both_lanes(capsys: pytest.CaptureFixture[str]) -> None:
    """It exits with 0, and would not if a lane differed."""
    assert main() == 0
    printed = capsys.readouterr().out
    assert printed.count("the real lane: the same timeline") == len(CASES)
    assert printed.startswith("A script says what a training reports. A lane plays it to real ")
    assert f"\n{len(CASES)} cases in 2 lanes, 0 differ\n\ngo on with\n" in printed
