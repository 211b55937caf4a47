"""Rates that a script says were in force are in force, in both lanes alike."""

from typing import Any

import keras
import pytest

from dryfit import Script, play
from dryfit_fakes import ScriptError, SetLearningRateAt
from dryfit_fakes.float32 import float32

LANES = pytest.mark.parametrize("lane", ["fake", "real"])


@LANES
def test_a_series_has_a_rate_an_epoch(lane: str) -> None:
    """Nobody changes it, and it changes between the epochs."""
    run = play({"loss": "1x3"}, [], lane, rates=".1 .05 .05", batches=2)
    assert run.rates == run.learning_rate == run.learning_rate_after == (0.1, 0.05, 0.05)
    assert [(c.epoch, c.by) for c in run.changes] == [(1, None)]


@LANES
def test_a_list_has_a_rate_a_batch(lane: str) -> None:
    """One more value than batches is the rate after the last of them; `_` leaves it."""
    run = play({"loss": "1x3"}, [], lane, rates=[".1 .05 .3", "_", ".2"], batches=2)
    assert run.rates == ((0.1, 0.05), (0.3, 0.3), (0.2, 0.2))
    assert run.learning_rate_after == (0.3, 0.3, 0.2)


@LANES
@pytest.mark.parametrize("step", [1, 2])
def test_an_optimizers_own_schedule(lane: str, step: int) -> None:
    """As plain Keras computes it: .1 * .5 ** (batches trained / 2)."""
    schedule = keras.optimizers.schedules.ExponentialDecay(0.1, 2, 0.5)
    run = play({"loss": "1x2"}, [], lane, rates=schedule, batches=4, steps_per_execution=step)
    assert run.learning_rate == pytest.approx((0.1, 0.025))
    assert run.learning_rate_after == pytest.approx((0.025, 0.00625))


def test_both_lanes_tell_the_same() -> None:
    """Whole timelines, by epoch and by batch."""
    for rates in (".1 .05 .2", [".1 .05 .3", ".3 .2", ".1"]):
        played = [
            play({"loss": "1x3"}, [], lane, rates=rates, batches=2) for lane in ("fake", "real")
        ]
        assert played[0].timeline == played[1].timeline


@LANES
def test_a_rate_that_a_callback_sets_is_its_own_from_there(lane: str) -> None:
    """The script moves it no more."""
    callbacks = [SetLearningRateAt(1.0, epoch=1, batch=0)]
    run = play({"loss": "1x4"}, callbacks, lane, rates=".1 .2 .3 .4", batches=2)
    assert run.rates == ((0.1, 0.1), (0.2, 1.0), (1.0, 1.0), (1.0, 1.0))


@LANES
def test_a_scheduler_that_gave_them_is_still_who_sets_them(lane: str) -> None:
    """Whoever puts the training's own callbacks to its rates sees who changed them."""
    scheduler = keras.callbacks.LearningRateScheduler(lambda epoch: 0.1 / (1 + epoch))
    run = play({"loss": "1x3"}, [scheduler], lane, rates=".1 .05 .0333333")
    assert [(c.epoch, c.by) for c in run.changes] == [
        (1, "LearningRateScheduler"),
        (2, "LearningRateScheduler"),
    ]


def test_where_the_rates_start() -> None:
    """With that of the first epoch; learning_rate is what callbacks see before it."""
    script = Script(metrics={"loss": "1x3"}, rates="_ .2 .1", initial_epoch=1)
    assert script.learning_rate == float32(0.2)
    assert Script(metrics={"loss": 1}, rates=[".1", ".2"]).epochs == 2
    seen: list[float] = []
    begin = keras.callbacks.LambdaCallback(
        on_train_begin=lambda logs: seen.append(float(begin.model.optimizer.learning_rate))
    )
    run = play({"loss": "1x2"}, [begin], rates=".1 .2", learning_rate=0.5)
    assert (seen, run.rates) == ([0.5], (0.1, 0.2))


@pytest.mark.parametrize(
    ("rates", "message"),
    [
        (".1 .2 .3", "rates has 3 epochs, the script has 2"),
        (
            [".1 .2 .3 .4 .5", ".1"],
            "rates[0] has 5 values, the script has 3 batches; write as many, or one more for the "
            "rate after the last batch",
        ),
        (".1 nan", "rates: a rate is a number of 0 or more, not nan"),
        (".1 -1", "rates: a rate is a number of 0 or more, not -1.0"),
        (
            [".1", True],
            "rates[1]: a series is made of numbers and text, not True; absent is _ or None",
        ),
    ],
)
def test_rates_that_are_none(rates: Any, message: str) -> None:
    """Said when the script is made."""
    with pytest.raises(ScriptError) as caught:
        Script(epochs=2, batches=3, metrics={"loss": 1}, rates=rates)
    assert str(caught.value) == message


def test_a_schedule_beside_another_rate() -> None:
    """Two that say the rate of the same batch."""
    schedule = keras.optimizers.schedules.ExponentialDecay(0.1, 2, 0.5)
    for keys in (
        {"learning_rate": 0.1, "rates": schedule},
        {"learning_rate": schedule, "rates": ".1"},
    ):
        with pytest.raises(ScriptError, match="a schedule says all rates: give one of"):
            Script(epochs=2, metrics={"loss": 1}, **keys)
