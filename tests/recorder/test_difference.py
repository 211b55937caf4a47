"""What counts as a change, and what does not."""

from typing import Any

import keras
import pytest

from dryfit import play
from dryfit_fakes.float32 import shortest

LANES = ("fake", "real")
STEP = 2.0**-21  # 4.8e-7: four float32 steps above 1


def times(factor: float, epochs: int, lane: str) -> list[tuple[int | None, float, float]]:
    """What is noted of a rate of 1 that each epoch's end multiplies."""

    class Times(keras.callbacks.Callback):
        def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
            optimizer = self.model.optimizer
            optimizer.learning_rate = float(optimizer.learning_rate) * factor

    run = play({"loss": f"1x{epochs}"}, [Times()], lane=lane, learning_rate=1.0)
    return [(change.epoch, change.old, change.new) for change in run.changes]


@pytest.mark.parametrize("lane", LANES)
def test_a_rate_that_differs_by_more_than_a_millionth_is_a_change(lane: str) -> None:
    """Three steps of float32's rounding, 1.4e-6, up and down."""
    up, down = 1 + 3 * STEP, 1 - 3 * STEP
    assert times(up, 1, lane) == [(0, 1.0, shortest(up))]
    assert times(down, 1, lane) == [(0, 1.0, shortest(down))]


@pytest.mark.parametrize("lane", LANES)
def test_a_rate_that_differs_by_less_than_a_millionth_is_none(lane: str) -> None:
    """A rate that is written back after some arithmetic is the one that was read."""
    assert times(1 + STEP, 1, lane) == []
    assert times(1 - STEP, 1, lane) == []


@pytest.mark.parametrize("lane", LANES)
def test_small_steps_are_a_change_once_they_add_up(lane: str) -> None:
    """Each is compared with the rate that was noted last, and not with the step before it."""
    third = 1 + 3 * STEP
    assert times(1 + STEP, 5, lane) == [(2, 1.0, shortest(third))]


@pytest.mark.parametrize("lane", LANES)
@pytest.mark.parametrize(
    ("old", "new"), [(0.0, 1e-30), (1e-30, 0.0), (1.0, float("inf")), (float("inf"), 1.0)]
)
def test_rates_next_to_zero_and_infinity_are_their_own(lane: str, old: float, new: float) -> None:
    """A millionth is of the rate itself, so nothing but 0 is as good as 0."""

    class Sets(keras.callbacks.Callback):
        def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
            self.model.optimizer.learning_rate = new

    run = play({"loss": "1x2"}, [Sets()], lane=lane, learning_rate=old)
    (change,) = run.changes
    assert (change.epoch, change.old) == (0, pytest.approx(old))
    assert change.new == pytest.approx(new)


@pytest.mark.parametrize("lane", LANES)
@pytest.mark.parametrize("new", [1.0 + 1e-12, float("nan"), 0.999])
def test_any_other_value_in_the_logs_is_a_write(lane: str, new: float) -> None:
    """Logs have no tolerance: whoever writes a metric means it."""

    class Writes(keras.callbacks.Callback):
        def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
            logs["loss"] = new

    (write,) = play({"loss": "1x1"}, [Writes()], lane=lane).log_writes
    assert (write.key, write.by, write.old) == ("loss", "Writes", 1.0)
    assert write.new == pytest.approx(new, rel=0, abs=0, nan_ok=True)


class Forgets(keras.callbacks.Callback):  # type: ignore[misc]
    """Keeps something plain at first, and in later epochs something else, or nothing."""

    def on_train_begin(self, logs: Any = None) -> None:
        self.best, self.wait, self.gone, self.itself = None, 0, 1, "nobody"

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        self.best = self.model.get_weights()
        self.wait = {"loss": epoch} if epoch == 0 else 3
        self.itself = self.model
        if epoch == 1:
            del self.gone
        elif epoch == 2:
            self.gone = 1


@pytest.mark.parametrize("lane", ["fake", "real"])
def test_an_attribute_that_is_plain_no_more_keeps_no_old_value(lane: str) -> None:
    """Else a test that nothing was kept would pass, whatever is."""
    run = play({"loss": "1x4"}, [Forgets()], lane=lane)
    assert run.state == {
        "Forgets.best": ("(list)",) * 4,
        "Forgets.wait": ("(dict)", 3, 3, 3),
        "Forgets.gone": (1, "(deleted)", 1, 1),
        "Forgets.itself": ("(object)",) * 4,
    }
    assert "(list)" not in run.table()
