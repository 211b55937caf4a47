"""Scripts: what their keys say, and the contradictions that are refused."""

from dataclasses import fields
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest

from dryfit import Script
from dryfit_fakes import ScriptError, SeriesError
from dryfit_fakes.playback import Playback
from dryfit_fakes.script_keywords import ScriptKeywords


def test_epochs_are_those_of_the_longest_series() -> None:
    """Constants do not count; the series do."""
    assert Script(metrics={"loss": 1, "val_loss": ".9 .5 .6x4"}).epochs == 6


def test_every_number_is_float32() -> None:
    """A callback sees 0.1 as Keras would log it."""
    assert Script(metrics={"loss": ".1x1"}).value("loss", 0) == 0.10000000149011612


def test_validation_runs_where_a_val_metric_has_a_value() -> None:
    """Epochs without any val_ value have no validation."""
    script = Script(metrics={"loss": "1x4", "val_loss": "_ 1 _ 2"}, validation_freq=2)
    assert script.validation_epochs == (1, 3)


@pytest.mark.parametrize("given", [(1, 3), {1, 3}, range(3), 2.0, "2", np.int64(2), 0])
def test_what_keras_does_not_take_for_a_validation_freq_is_refused(given: Any) -> None:
    """It takes a whole number and a list, and nothing that is like one."""
    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
    model.compile("sgd", "mse")
    x = np.zeros((1, 1))
    with pytest.raises((ValueError, ZeroDivisionError)):
        model.fit(x, x, validation_data=(x, x), validation_freq=given, verbose=0)
    with pytest.raises(ScriptError, match=r"as in Keras, a whole number from 1 or a list of ep"):
        Script(metrics={"val_loss": "1x3"}, validation_freq=given)


def test_metrics_and_batch_metrics_share_a_name_by_epochs() -> None:
    """`_` in one of them leaves the epoch to the other."""
    script = Script(batches=2, metrics={"loss": "_ 3"}, batch_metrics={"loss": ["4 2", "_"]})
    playback = Playback(script)
    playback.start(0.1, -1)
    assert [playback.train(0), playback.train(1)] == [{"loss": 4.0}, {"loss": 3.0}]
    playback.begin_epoch(1)
    playback.start(0.1, 0)
    assert [playback.train(0), playback.train(1)] == [{"loss": 3.0}, {"loss": 3.0}]


@pytest.mark.parametrize(
    ("keys", "message"),
    [
        (
            {"metrics": {"loss": 1}},
            "epochs cannot be told: every metric is one value for all epochs. "
            "Set epochs=, or write a series with as many values as epochs ('.5x6').",
        ),
        (
            {"metrics": {"loss": "1 2"}, "epochs": 3},
            "metrics['loss'] has 2 values, the script has 3 epochs; "
            "write as many values, or '...' after the last to go on with it, or set epochs=2",
        ),
        (
            {"metrics": {"loss": "1 2 3 4"}, "epochs": 3},
            "metrics['loss'] has 4 values, the script has 3 epochs; "
            "write as many values, or set epochs=4",
        ),
        (
            {"metrics": {"loss": "1 2"}, "batch_metrics": {"loss": ["_", "1"]}},
            "'loss' has a value in metrics and in batch_metrics in epoch 1; "
            "write '_' in one of them",
        ),
        (
            {"batch_metrics": {"loss": "1 2"}},
            "batch_metrics['loss'] is a list with one series an epoch, such as "
            "['4 2 2 1', '1x4'], not '1 2'",
        ),
        (
            {"batch_metrics": {"loss": ["1 2 3"]}, "batches": 2},
            "batch_metrics['loss'][0] has 3 values, the script has 2 batches; "
            "write as many values, or set batches=3",
        ),
        (
            {"batch_metrics": {"loss": ["1 _"]}, "batches": 2},
            "batch_metrics['loss'][0]: a metric is absent for a whole epoch "
            "or not at all; write '_' for the epoch",
        ),
        (
            {"batch_metrics": {"loss": ["1"]}, "epochs": 2},
            "batch_metrics['loss'] has 1 epoch, the script has 2; write one series per epoch",
        ),
        (
            {"metrics": {"val_loss": "1x4"}, "validation_freq": 2},
            "validation_freq=2 validates in epochs [1, 3], the val_ series have values in epochs "
            "[0, 1, 2, 3]; write '_' where there is no validation, or leave validation_freq out",
        ),
        (
            {"metrics": {"loss": "1e39x2"}},
            "the series of 'loss' has a value beyond float32 (about 3.4e38), "
            "which is what Keras reports in; write inf",
        ),
        (
            {"metrics": {"loss": lambda epoch: 1.0}, "epochs": 2},
            "metrics['loss'] is a function of (epoch, learning_rate, weights_epoch); this one: "
            "too many positional arguments",
        ),
        (
            {"metrics": {"loss": "1x2"}, "interrupt": {"epoc": 1}},
            "interrupt has no key 'epoc'; did you mean 'epoch'? It has raises, epoch, batch, hook",
        ),
        (
            {"metrics": {"loss": "1x2"}, "batches": -1},
            "batches must be a whole number of at least 0 or 'unknown', not -1",
        ),
        (
            {"metrics": {"loss": "1x2"}, "epochs": True},
            "epochs must be a whole number of at least 0, not True",
        ),
        (
            {"metrics": {"loss": "1x2"}, "steps_per_execution": 0},
            "steps_per_execution must be a whole number of at least 1, not 0",
        ),
        (
            {"metrics": {"f1": "1x2"}, "directions": {"f1": "max"}},
            "directions['f1'] is 'up' or 'down', not 'max'",
        ),
        (
            {"metrics": {"f1": "1x2"}, "directions": {"F1": "up"}},
            "directions['F1']: no such metric; there are f1",
        ),
        ({"metrics": {1: "1x2"}}, "a metric's name is text, not 1"),
        (
            {"metrics": {"loss": "1x2"}, "batches": "unknwon"},
            "batches must be a whole number of at least 0 or 'unknown', not 'unknwon'",
        ),
        (
            {"batch_metrics": {"loss": ["1 2 3", "1 2"]}, "batches": "unknown"},
            "batch_metrics['loss'][1] has 2 values, the script has 3 batches; write as many "
            "values, or '...' after the last to go on with it, or set batches=2",
        ),
        (
            {"metrics": {"loss": {0: 0.5}}},
            "the series of 'loss': a series is made of numbers and text, not {0: 0.5}; "
            "absent is _ or None",
        ),
        (
            {"metrics": {"loss": "1x2"}, "learning_rate": "0.1"},
            "learning_rate is a number or a LearningRateSchedule, not '0.1'",
        ),
        (
            {"metrics": {"loss": "1x2"}, "interrupt": "now"},
            "interrupt is an Interrupt or its keys, not 'now'",
        ),
        (
            {"metrics": {"loss": 1}, "epochs": 10**6, "batches": 100},
            "100,000,000 batches in all; a play takes 10,000,000 at most",
        ),
    ],
)
def test_a_contradiction_is_refused(keys: dict[str, Any], message: str) -> None:
    """The error says where, what was found, and how to mend it."""
    with pytest.raises(ScriptError) as caught:
        Script(**keys)
    assert str(caught.value) == message


@pytest.mark.parametrize(
    ("keys", "counts"),
    [
        ({"metrics": {"loss": "1x2"}, "batches": "unknown"}, (1, None, 1, 1)),
        (
            {
                "batch_metrics": {"loss": ["1x3", "1 2 3"]},
                "batch_logs": {"val_loss": ["1x2", "1"]},
                "batches": "unknown",
                "val_batches": "unknown",
            },
            (3, None, 2, None),
        ),
        ({"metrics": {"loss": "1x2"}, "batches": 4}, (4, 4, 1, 1)),
    ],
    ids=["one", "told-by-series", "known"],
)
def test_how_many_batches_there_are_and_are_said_to_be(
    keys: dict[str, Any], counts: tuple[int | None, ...]
) -> None:
    """What is unknown to Keras is as many as a series has."""
    script = Script(**keys)
    assert (script.batches, script.steps, script.val_batches, script.val_steps) == counts


def test_a_bad_series_says_whose_it_is() -> None:
    """The token and its offset, and the metric it belongs to."""
    with pytest.raises(SeriesError) as caught:
        Script(metrics={"val_loss": "1 2 x"})
    assert caught.value.offset == 4
    assert caught.value.__notes__ == ["in the series of 'val_loss':\n    1 2 x\n        ^"]


def test_the_caret_of_a_long_series() -> None:
    """What stands around the token is shown."""
    with pytest.raises(SeriesError) as caught:
        Script(metrics={"loss": "1 " * 200 + ".6y4" + " 1" * 200})
    above, below = caught.value.pointed_at.splitlines()
    assert below.index("^") == above.index(".6y4")
    assert below.count("^") == 4
    assert len(above) < 80


def test_a_wrong_script_raises_at_the_callers_line() -> None:
    """No frame of ours stands below it, but the one that hides itself."""
    for keys in ({"metrics": {"loss": "1 2 x"}}, {"metrics": {"loss": "1x3"}, "epochs": 2}):
        with pytest.raises((SeriesError, ScriptError)) as caught:
            Script(**keys)  # type: ignore[arg-type]
        mine, *ours = caught.traceback
        assert mine.path == Path(__file__)
        assert all(frame.locals.get("__tracebackhide__") for frame in ours)
        assert caught.value.__cause__ is None


def test_an_unknown_key_gets_a_suggestion() -> None:
    """A misspelt key of a script is not swallowed."""
    with pytest.raises(TypeError, match="unknown key 'batchs'; did you mean 'batches'"):
        Script.of({"loss": "1x2"}, batchs=4)


def test_a_scenario_files_form_is_told_apart() -> None:
    """Its keys in one mapping, where Python has the metrics first."""
    with pytest.raises(TypeError, match="these are keys of a scenario file; in Python the metrics"):
        Script.of({"metrics": {"loss": "1x3"}, "batches": 3})


def test_keys_beside_a_complete_script_are_refused() -> None:
    """A key that would be lost is an error."""
    with pytest.raises(TypeError, match=r"the script is complete; put batches into Script\(...\)"):
        Script.of(Script(metrics={"loss": "1x2"}), batches=3)


def test_a_type_checker_knows_every_key() -> None:
    """What `play` takes beside metrics is what a script has, in its order."""
    keys = [key.name for key in fields(Script) if key.init and key.name != "metrics"]
    assert list(ScriptKeywords.__annotations__) == keys
