"""What-if: other settings on a recorded curve, and what a recording cannot say."""

from pathlib import Path

import pytest
from recorded_curve import CURVE, RECORDING, asked, recording, refused

from dryfit.tools.replay.what_if import what_if
from dryfit.tools.replay.what_if_table import comparison


def test_a_row_is_what_plain_keras_would_decide() -> None:
    """Patience 1 stops after .6, 2 after .55, 3 three epochs after the best, .4; 4 one later."""
    recorded, *rows = what_if(recording(), ["EarlyStopping: {patience: 1..4}"])
    assert [row.stopped and (row.stopped.epoch, row.stopped.by) for row in rows] == [
        (2, "EarlyStopping"),
        (3, "EarlyStopping"),
        (7, "EarlyStopping"),
        (8, "EarlyStopping"),
    ]
    assert [row.epochs_run for row in rows] == [3, 4, 8, 9]
    assert [row.epochs_saved for row in rows] == [7, 6, 2, 1]
    assert [(row.best_epoch, row.best) for row in rows] == [
        (epoch, pytest.approx(value)) for epoch, value in [(1, 0.5), (1, 0.5), (4, 0.4), (4, 0.4)]
    ]
    assert [row.worse_by for row in rows] == pytest.approx([0.1, 0.1, 0, 0])
    assert [row.weights.epoch for row in rows if row.weights] == [1, 1, 4, 4]
    assert (recorded.asked, recorded.stopped, recorded.epochs_saved) == ((), None, 0)


# What is played.


def test_arguments_go_over_those_of_the_file() -> None:
    """What an item does not name stays as the file has it."""
    text = "script: {metrics: {acc: 0 1 .5x4}}\ncallbacks: [EarlyStopping: {monitor: acc}]"
    (row,) = asked(text, "EarlyStopping: {patience: 2}")
    assert row.stopped is not None
    assert row.stopped.epoch == 3
    assert row.curve.monitor == "acc"


def test_an_item_goes_to_the_first_of_its_class_and_the_next_to_the_second() -> None:
    """The third is added at the end."""
    text = """script: {metrics: {a: 1x9, b: 1x9, c: 1x9}}
callbacks: [EarlyStopping: {monitor: a, mode: min, patience: 9}, EarlyStopping: {patience: 9}]"""
    items = ["EarlyStopping: {patience: 5}", "EarlyStopping: {monitor: b, mode: min, patience: 4}"]
    third = "EarlyStopping: {monitor: c, mode: min, patience: 3}"
    stops = [asked(text, *items)[0].stopped, asked(text, *items, third)[0].stopped]
    assert [stop and (stop.epoch, stop.by) for stop in stops] == [
        (4, "EarlyStopping#2"),
        (3, "EarlyStopping#3"),
    ]


def test_a_class_is_the_same_by_its_long_name() -> None:
    """It is the class that decides, not how it is written."""
    (row,) = what_if(recording(), ["keras.callbacks:EarlyStopping: {patience: 1}"])[1:]
    assert row.stopped is not None
    assert (row.stopped.by, row.weights and row.weights.epoch) == ("EarlyStopping", 1)


def test_a_callback_of_one_s_own_is_found_beside_the_file() -> None:
    """As in a scenario file."""
    Path("mine_what_if.py").write_text(
        "import keras\n\n\nclass Mine(keras.callbacks.EarlyStopping):\n"
        "    def __init__(self, *, slow=1, **kwargs):\n"
        "        super().__init__(**kwargs)\n        self.patience *= slow\n"
    )
    text = f"script: {{metrics: {{val_loss: {CURVE}}}}}"
    rows = asked(text, "mine_what_if:Mine: {patience: 1, slow: 1|3}")
    assert [row.epochs_run for row in rows] == [3, 8]
    assert "did you mean 'patience'?" in refused("mine_what_if:Mine: {patiense: 1}")


def test_a_schedule_is_found_beside_the_file() -> None:
    """Of a recording whose optimizer moves the rate by itself."""
    Path("decays_what_if.py").write_text(
        "import keras\n\nhalves = keras.optimizers.schedules.ExponentialDecay(1.0, 1, 0.5)\n"
    )
    script = "learning_rate: {import: 'decays_what_if:halves'}, metrics: {loss: 3 2 1 2 3}"
    (row,) = asked(f"script: {{{script}}}", "EarlyStopping: {monitor: loss, patience: 1}")
    assert (row.epochs_run, row.best_epoch, row.other_rates_from) == (4, 2, None)


def test_alternatives_multiply_and_the_last_varies_fastest() -> None:
    """Ranges, words and numbers; a list is an argument like others."""
    item = "EarlyStopping: {patience: 1..2|9, monitor: loss|val_loss, min_delta: .0|1e-1}"
    rows = what_if(recording(), [item])
    assert [tuple(row.varied.values()) for row in rows] == [
        (10,),
        *((p, m, d) for p in (1, 2, 9) for m in ("loss", "val_loss") for d in (0.0, 0.1)),
    ]
    (row,) = asked("script: {metrics: {loss: 1x2}}", "ModelCheckpoint: {filepath: [1, 2]}")
    assert row.asked == (("ModelCheckpoint", {"filepath": [1, 2]}),)
    assert row.error.startswith("AttributeError: ")


def test_arguments_of_one_name_are_told_apart() -> None:
    """By the callback's name."""
    items = ["EarlyStopping: {patience: 1|2}", "ReduceLROnPlateau: {patience: 3|4}"]
    titles = what_if(recording(), items)[-1].varied
    assert titles == {"EarlyStopping.patience": 2, "ReduceLROnPlateau.patience": 4}


# What it is compared by.


def test_more_is_better_where_keras_says_so() -> None:
    """By the metric's name, by the callback's mode, and by the script's directions."""
    text = "script: {{metrics: {{{0}: .1 .3 .2 .4 .1}}{1}}}"
    item = "EarlyStopping: {{monitor: {0}, patience: 1{1}}}"
    for name, script, mode in [
        ("val_accuracy", "", ""),
        ("val_f1", "", ", mode: max"),
        ("val_f1", ", directions: {val_f1: up}", ""),
    ]:
        (row,) = asked(text.format(name, script), item.format(name, mode))
        assert (row.best_epoch, row.worse_by) == (1, pytest.approx(0.1))


def test_a_metric_of_unknown_direction_has_no_best() -> None:
    """The table says so, and leaves the column out."""
    text = "name: a run\nscript: {metrics: {loss: 1x3, f1: 1 2 3}}"
    rows = what_if(recording(text), ["StopAt: {epoch: 1}"], "f1")
    assert rows[1].best is None
    assert (
        comparison(rows)
        == """\
      row   epoch   epochs   saved   weights   stopped
 ──────────────────────────────────────────────────────────────────
 recorded                3       0   epoch 2   never
        1       1        2       1   epoch 1   in epoch 1 by StopAt
Whether f1 is to rise or to fall is not known, so no value is the best; \
say it with mode: min or max, or with directions in the file's script."""
    )


def test_nan_is_never_the_best() -> None:
    """Nor is a value of an epoch that did not run; nothing but nan has no best."""
    text = "script: {metrics: {val_loss: nan .5 nan .4 _ .3}}"
    (row,) = asked(text, "StopAt: {epoch: 4}")
    assert (row.best_epoch, row.worse_by) == (3, pytest.approx(0.1))
    rows = what_if(recording("name: a\nscript: {metrics: {loss: nan nan}}"), ["TerminateOnNaN"])
    assert rows[1].best is None
    assert rows[1].stopped is not None
    assert "Every recorded loss is nan, so no value is the best." in comparison(rows)


def test_monitor_names_what_is_compared() -> None:
    """In place of what the first item monitors."""
    rows = what_if(recording(), ["EarlyStopping: {patience: 1}"], "loss")
    assert (rows[1].curve.monitor, rows[1].best, rows[1].best_epoch) == ("loss", 1.0, 0)


def test_the_mean_of_raw_values_is_what_is_compared() -> None:
    """As callbacks see it at the epoch's end."""
    text = "script: {batches: 2, batch_metrics: {loss: [3 1, 1 1, 9 9]}}"
    (row,) = asked(text, "EarlyStopping: {monitor: loss, patience: 1}")
    assert dict(row.curve.values) == {0: 2.0, 1: 1.0, 2: 9.0}


# What a recording cannot say.


def test_nobody_knows_what_comes_after_the_recorded_epochs() -> None:
    """A setting that has not stopped by then goes on: no weights, and nothing saved."""
    planned = RECORDING.replace("1x10", "1x10 _...").replace(CURVE, f"{CURVE} _...")
    planned = planned.replace("learning_rate: 1", "epochs: 1000")
    rows = what_if(recording(planned), ["EarlyStopping: {patience: 5..6}"])
    assert [row.epochs_run for row in rows] == [10, 10, 10]
    assert [row.goes_on for row in rows] == [True, False, True]
    assert [row.epochs_saved for row in rows] == [None, 0, None]
    assert [row.weights and row.weights.epoch for row in rows] == [None, 4, None]
    assert "not within the 10 recorded epochs" in comparison(rows)


def test_the_same_holds_where_the_recording_was_stopped_in_its_last_epoch() -> None:
    """With more patience it would have gone on; a plan that came to its end is no such case."""
    stopped = RECORDING.replace("patience: 10", "patience: 5")
    (row,) = what_if(recording(stopped), ["EarlyStopping: {patience: 6}"])[1:]
    assert row.goes_on
    (row,) = what_if(recording(), ["EarlyStopping: {patience: 6}"])[1:]
    assert not row.goes_on


def test_a_recording_that_is_broken_off_goes_on_but_for_who_stops_by_then() -> None:
    """Also in the epoch in whose end it was broken off; training that stops comes to its end."""
    text = """
script:
  epochs: 9
  interrupt: {epoch: 3, hook: on_epoch_end}
  metrics: {val_loss: 3 2 3 4 _...}
"""
    rows = asked(text, "EarlyStopping: {patience: 1..3, restore_best_weights: true}")
    assert [row.goes_on for row in rows] == [False, False, True]
    assert [row.weights and row.weights.epoch for row in rows] == [1, 1, None]


def test_values_that_a_callback_writes_can_be_compared_by() -> None:
    """In place of a callback that the file cannot name, WriteLogs writes them."""
    text = """
script: {metrics: {loss: 1x4}}
callbacks:
  - WriteLogs: {metrics: {val_f1: .1 .3 .2 .5}}
"""
    (row,) = asked(text, "EarlyStopping: {monitor: val_f1, mode: max, patience: 1}")
    assert (row.epochs_run, row.best, row.worse_by) == (3, 0.3, pytest.approx(0.2))


def test_what_happens_after_the_last_recorded_epoch_is_not_told() -> None:
    """A stop and a cut at the begin of the epoch that nobody recorded."""
    text = "script: {epochs: 5, learning_rate: 1, metrics: {loss: 3 2 _...}}"
    stop = "StopAt: {epoch: 2, hook: on_epoch_begin}"
    cut = "LearningRateScheduler: {schedule: {piecewise: {0: 1, 2: .5}}}"
    (row,) = asked(text, cut, stop)
    assert (row.stopped, row.goes_on, row.reductions, row.epochs_run) == (None, True, (), 2)


def test_a_recording_may_start_late_and_be_broken_off() -> None:
    """Epochs keep their numbers, and a broken run's last epochs are those that ended."""
    text = """script:
  {initial_epoch: 3, epochs: 9, interrupt: {epoch: 7, batch: 0}, metrics: {loss: 9x3 4 3 2 3x3}}"""
    short, long = asked(text, "EarlyStopping: {monitor: loss, patience: 1|2}")
    assert (short.stopped and short.stopped.epoch, short.epochs_saved) == (6, 0)
    assert (long.goes_on, long.best_epoch, long.curve.epochs) == (True, 5, 4)


def test_a_curve_does_not_change_when_the_rate_does() -> None:
    """Cuts of the recording are no news; others are told, from the next epoch on."""
    text = f"""
name: a run
script: {{learning_rate: 1, metrics: {{val_loss: {CURVE}}}}}
callbacks: [ReduceLROnPlateau: {{patience: 2, factor: .5}}]
"""
    rows = what_if(recording(text), ["ReduceLROnPlateau: {patience: 2..4}"])
    assert [[change.epoch for change in row.reductions] for row in rows] == [
        [3, 6, 8],
        [3, 6, 8],
        [7],
        [8],
    ]
    assert [row.other_rates_from for row in rows] == [None, None, 4, 4]
    *_, ranked, warned = comparison(rows).splitlines()
    assert "Row 1 (patience: 2) reaches it" in ranked
    assert warned == (
        "The recorded curve was trained with other rates than rows 2-3: from epoch 4 on the "
        "numbers would have been others. A recorded curve does not change when the rate does."
    )


def test_who_cuts_is_told_where_there_are_several() -> None:
    """One line a callback."""
    text = "name: a run\nscript: {learning_rate: 1, metrics: {val_loss: 1x4}}"
    items = ["SetLearningRateAt: {epoch: 0, learning_rate: .5}", "ReduceLROnPlateau: {patience: 1}"]
    lines = comparison(what_if(recording(text), items)).splitlines()
    assert any(line.endswith(" 0 by SetLearningRateAt") for line in lines)
    assert any(line.endswith(" 1 2 3 by ReduceLROnPlateau") for line in lines)


def test_a_recording_whose_own_callbacks_raise_is_answered_all_the_same() -> None:
    """Its row has the error, and rates are compared with none."""
    text = "name: a\nscript: {metrics: {loss: 1x3}}\ncallbacks: [ReduceLROnPlateau: {factor: 2}]"
    recorded, row = what_if(recording(text), ["ReduceLROnPlateau: {factor: .5, monitor: loss}"])
    assert recorded.error.startswith("ValueError: ReduceLROnPlateau does not support")
    assert (row.error, row.epochs_run, row.best, row.other_rates_from) == ("", 3, 1.0, None)
    rows = what_if(recording(text), ["TerminateOnNaN"])
    assert [bool(row.error) for row in rows] == [True, True]
    assert comparison(rows).endswith("The best recorded loss is 1, in epoch 0.")


def test_a_stop_before_the_first_epoch_has_no_epoch() -> None:
    """Keras runs one epoch all the same."""
    rows = what_if(recording(), ["StopAt: {hook: on_train_begin}"])
    assert rows[1].epochs_run == 1
    assert "in on_train_begin by StopAt" in comparison(rows)


def test_a_callback_s_own_interrupt_is_a_setting_s_error() -> None:
    """What a user's Ctrl-C does is told from it by whose it is."""
    item = "RaiseAt: {epoch: 1, raises: {import: 'builtins:KeyboardInterrupt'}}"
    _, row = what_if(recording(), [item])
    assert row.error == "KeyboardInterrupt"
