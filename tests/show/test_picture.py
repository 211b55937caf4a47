"""What a picture shows, by numbers worked out by hand."""

import math
from typing import Any

import pytest
from keras.callbacks import (
    BackupAndRestore,
    Callback,
    EarlyStopping,
    History,
    LearningRateScheduler,
    ReduceLROnPlateau,
)

from dryfit import Recorder, play
from dryfit.show.plot.curves import CurvePanel, DrawnCurve, best, thinned
from dryfit.show.plot.picture import Cooldown, Cut, DrawnOverride, Restore, Save, Stop
from dryfit.show.plot.picture_of_run import of_history, picture
from dryfit_fakes.actors import SetLearningRateAt, StopAt


def names(shown: Any) -> list[list[str]]:
    return [[curve.name for curve in panel.curves] for panel in shown.panels]


def test_what_is_monitored_is_shown_with_its_partner() -> None:
    """A panel for each metric that a callback monitors, what it watches first."""
    run = play(
        {"loss": "1x2", "val_loss": "1x2", "accuracy": "1x2", "val_accuracy": "1x2", "mae": "1x2"},
        [EarlyStopping(monitor="accuracy"), ReduceLROnPlateau(), EarlyStopping()],
    )
    assert names(picture(run)) == [["accuracy", "val_accuracy"], ["val_loss", "loss"]]


@pytest.mark.parametrize(
    ("metrics", "expected"),
    [
        ({"mae": "1x2", "loss": "1x2", "val_loss": "1x2"}, [["val_loss", "loss"]]),
        ({"mae": "1x2", "loss": "1x2"}, [["loss"]]),
        ({"mae": "1x2"}, [["mae"]]),
    ],
)
def test_without_a_monitor_the_loss_is_shown(metrics: Any, expected: Any) -> None:
    """And where there is none, what was reported first."""
    assert names(picture(play(metrics))) == expected


def test_a_monitor_that_nobody_reports_is_not_shown() -> None:
    """A typing error in a monitor leaves the loss to be shown."""
    with pytest.warns(UserWarning, match="not available"):
        run = play({"loss": "1x2"}, [EarlyStopping("val_acc", mode="max")])
    assert names(picture(run)) == [["loss"]]


def test_curves_have_a_point_where_there_is_a_value() -> None:
    """Validation every second epoch; nan is a value."""
    run = play({"loss": "3 nan 1", "val_loss": "_ 2 _"})
    (panel,) = picture(run).panels
    assert panel.curves[0] == DrawnCurve("val_loss", ((1, 2.0),))
    assert [epoch for epoch, _ in panel.curves[1].points] == [0, 1, 2]
    assert math.isnan(panel.curves[1].points[1][1])


@pytest.mark.parametrize(
    ("metric", "callback", "expected"),
    [
        ("val_loss", EarlyStopping(patience=9), (1, 1.0)),  # the first of equals
        ("accuracy", EarlyStopping(monitor="accuracy", patience=9), (2, 3.0)),
        ("f1", EarlyStopping(monitor="f1", mode="max", patience=9), (2, 3.0)),
        ("f1", EarlyStopping(monitor="f1", mode="min", patience=9), (1, 1.0)),
        ("f1", Callback(), None),
    ],
)
def test_the_best_epoch(metric: str, callback: Any, expected: Any) -> None:
    """Low or high, as the callback has it or as the metric's name says; else nobody knows."""
    run = play({metric: "2 1 3 1 nan"}, [callback])
    assert picture(run).panels[0].best == expected


def test_the_best_of_a_direction_that_the_script_says() -> None:
    """With mode="auto" a callback's best values tell."""
    run = play(
        {"f1": "2 1 3 1"}, [EarlyStopping(monitor="f1", patience=9)], directions={"f1": "up"}
    )
    assert picture(run).panels[0].best == (2, 3.0)


def test_nan_is_never_the_best() -> None:
    """Infinity may be; of nan alone there is none."""
    assert best(DrawnCurve("loss", ((0, math.nan), (1, math.inf))), "down") == (1, math.inf)
    assert best(DrawnCurve("loss", ((0, math.nan),)), "down") is None


def test_who_stopped_and_what_never_ran() -> None:
    """At the end of epoch 3 of 10."""
    run = play({"val_loss": ".9 .5 .6x8"}, [EarlyStopping(patience=2)])
    shown = picture(run)
    assert shown.stops == (Stop(3.5, 3, None, "EarlyStopping"),)
    assert shown.never_run == (4, 9)
    assert (shown.first, shown.last) == (0, 3)


def test_a_stop_within_an_epoch() -> None:
    """After the second of four batches epoch 1 is half over."""
    run = play({"loss": "1x3"}, [StopAt(epoch=1, batch=1)], batches=4)
    assert picture(run).stops == (Stop(1.0, 1, 1, "StopAt"),)


def test_an_exception_is_a_stop() -> None:
    """One that the script raises has no author; the epoch that it broke off began."""
    run = play({"loss": "1x5"}, interrupt={"epoch": 2, "raises": KeyboardInterrupt})
    shown = picture(run)
    assert shown.stops == (Stop(2, 2, None, None, "KeyboardInterrupt"),)
    assert shown.never_run == (3, 4)


def test_where_weights_came_back_from_and_to() -> None:
    """EarlyStopping puts back epoch 1's at the end of training."""
    run = play({"val_loss": "3 1 2 2"}, [EarlyStopping(patience=2, restore_best_weights=True)])
    expected = Restore(3.5, 3, "EarlyStopping", "the weights of epoch 1, batch 0", 1)
    assert picture(run).restored == (expected,)


def test_weights_of_an_earlier_fit_are_no_epochs_of_this(
    tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A backup that is loaded before the first epoch has none to point at."""
    monkeypatch.chdir(tmp_path)
    play(
        {"loss": "3 2 1"},
        [BackupAndRestore("backup")],
        interrupt={"epoch": 1, "raises": KeyboardInterrupt},
    )
    shown = picture(play({"loss": "3 2 1"}, [BackupAndRestore("backup")]))
    expected = Restore(0.5, None, "BackupAndRestore", "the weights of epoch 0, batch 0", None)
    assert shown.restored == (expected,)
    assert (shown.first, shown.last) == (1, 2)
    assert shown.saved == (
        Save(1.5, 1, "BackupAndRestore"),
        Save(2.5, 2, "BackupAndRestore"),
    )


def test_overridden_and_unused_rates() -> None:
    """The plateau cuts after epochs 2, 3, 4; the schedule takes the first two back."""
    run = play(
        {"val_loss": ".9 .5 .6x3"},
        [ReduceLROnPlateau(patience=1, factor=0.5), LearningRateScheduler(lambda epoch: 1.0)],
        learning_rate=1.0,
    )
    shown = picture(run)
    assert shown.rates == ((-0.5, 1.0),)
    assert shown.learning_rate == (1.0,) * 5
    assert shown.learning_rate_after == (1.0, 1.0, 0.5, 0.5, 0.5)
    assert shown.cuts == tuple(
        Cut(epoch + 0.5, epoch, "ReduceLROnPlateau", 1.0, 0.5, used=False) for epoch in (2, 3, 4)
    )
    assert shown.overrides == tuple(
        DrawnOverride(e - 0.5, e, "LearningRateScheduler", "ReduceLROnPlateau", e - 1, 0.5, 1.0)
        for e in (3, 4)
    )


def test_rates_within_an_epoch() -> None:
    """A rate set before batch 2 of 4 holds from the middle of the epoch."""
    setter = SetLearningRateAt(0.25, epoch=1, batch=2, hook="on_train_batch_begin")
    run = play({"loss": "1x2"}, [setter], batches=4, learning_rate=1.0)
    assert picture(run).rates == ((-0.5, 1.0), (1.0, 0.25))


def test_cooldowns_are_the_epochs_that_are_not_judged() -> None:
    """Of three, two: the epoch in which the counter comes to 0 is judged."""
    run = play({"loss": "1x8"}, [ReduceLROnPlateau("loss", patience=2, factor=0.5, cooldown=3)])
    assert run.state["ReduceLROnPlateau.cooldown_counter"] == (0, 0, 3, 2, 1, 0, 3, 2)
    assert picture(run).cooldowns == (
        Cooldown("ReduceLROnPlateau", 3, 4),
        Cooldown("ReduceLROnPlateau", 7, 7),
    )


def test_a_cooldown_of_one_is_none() -> None:
    """The very next epoch is judged."""
    run = play({"loss": "1x4"}, [ReduceLROnPlateau("loss", patience=1, cooldown=1)])
    assert picture(run).cooldowns == ()


def test_a_later_fit_counts_from_its_initial_epoch() -> None:
    """The axis begins with the first epoch that began."""
    run = play({"loss": "_x3 2 1"}, initial_epoch=3)
    shown = picture(run)
    assert (shown.first, shown.last, shown.never_run) == (3, 4, None)
    assert shown.panels == (CurvePanel((DrawnCurve("loss", ((3, 2.0), (4, 1.0))),), (4, 1.0)),)


def test_a_run_without_epochs() -> None:
    """Evaluate has none, and nothing is missing."""
    shown = picture(play({"loss": "1x3"}, call="evaluate"))
    assert (shown.began, shown.panels, shown.never_run, shown.stops) == (False, (), None, ())


def test_the_lanes_show_the_same() -> None:
    """The real lane's run, and a recorded one, are asked as the fake lane's is."""
    metrics = {"loss": "1x5", "val_loss": ".9 .5 .6x3"}
    callbacks = [EarlyStopping(patience=2, restore_best_weights=True)]
    shown = [picture(play(metrics, callbacks, lane)) for lane in ("fake", "real")]
    recorder = Recorder(callbacks)
    play(metrics, [recorder])
    assert shown[0] == shown[1] == picture(recorder.run)


def test_a_history_has_curves_and_logged_rates() -> None:
    """The one that fit returns says how many epochs were asked for, and where it began."""
    history = History()
    play({"accuracy": "_ .5 .9 .8 _"}, [history, StopAt(epoch=3)], initial_epoch=1)
    shown = of_history(history)
    assert shown.panels[0].curves[0].name == "accuracy"
    assert shown.panels[0].best == (2, pytest.approx(0.9))
    assert (shown.first, shown.last, shown.never_run) == (1, 3, (4, 4))


def test_a_historys_dict() -> None:
    """Rates are what was logged, by either name; they are no curve."""
    shown = of_history({"loss": [3.0, 2.0], "val_loss": [2.0, 3.0], "lr": [0.1, 0.01]})
    assert shown.rates == ((-0.5, 0.1), (0.5, 0.01))
    assert shown.rates_logged
    assert names(shown) == [["val_loss", "loss"]]
    assert shown.panels[0].best == (0, 2.0)


def test_a_history_with_validation_every_second_epoch() -> None:
    """validation_freq says to which epochs the values belong."""
    history = {"loss": [4.0, 3.0, 2.0, 1.0], "val_loss": [3.0, 4.0]}
    assert of_history(history, validation_freq=2).panels[0].best == (1, 3.0)


def test_the_monitor_asked_for_is_shown_by_its_validation() -> None:
    """As the tutorial's plot_history(history, "accuracy") has its red dot."""
    history = {"loss": [1.0, 2.0], "accuracy": [0.5, 0.9], "val_accuracy": [0.8, 0.7]}
    shown = of_history(history, monitor="accuracy")
    assert names(shown) == [["val_accuracy", "accuracy"]]
    assert shown.panels[0].best == (0, 0.8)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (
            {"monitor": "acuracy"},
            "monitor='acuracy': no epoch reported it; did you mean 'accuracy'?; "
            "there are loss, accuracy",
        ),
        ({"mode": "up"}, "mode is one of 'auto', 'min', 'max', not 'up'"),
    ],
)
def test_what_cannot_be_shown_is_an_error(options: Any, message: str) -> None:
    """It says what there is."""
    with pytest.raises(ValueError, match=".") as raised:
        of_history({"loss": [1.0], "accuracy": [1.0]}, **options)
    assert str(raised.value) == message


def test_many_points_are_thinned_to_what_can_be_seen() -> None:
    """Of ten in a row the lowest and the highest stay, in their order; a few stay as they are."""
    points = [(n, math.sin(n)) for n in range(10_000)]
    kept = thinned(points)
    assert len(kept) == 2000
    assert kept[:2] == [(5, math.sin(5)), (8, math.sin(8))]
    assert thinned(points[:1999]) == points[:1999]
    assert thinned([(n, math.nan) for n in range(5000)])[0][0] == 0
