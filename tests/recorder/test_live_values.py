"""A live value is noted as what it was at that moment, and as what History has in the end."""

import re
from typing import Any

import keras
import numpy as np
import pytest

from dryfit import play
from dryfit.events import LogWrite

LANES = pytest.mark.parametrize("lane", ["fake", "real"])


class Anneals(keras.callbacks.Callback):
    """Puts one variable into the logs of every epoch."""

    def __init__(self) -> None:
        super().__init__()
        self.alpha = keras.Variable(1.0)
        self.counts = np.zeros(2, "int64")

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        self.alpha.assign(self.alpha - 0.25)
        self.counts[1] += 1
        logs["alpha"] = self.alpha
        logs["counts"] = self.counts


class Reads(keras.callbacks.Callback):
    """Stands behind it."""

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        self.seen = float(logs["alpha"])


@LANES
def test_a_variable_in_the_logs(lane: str) -> None:
    """By hand: a quarter less in each epoch, and one live variable in all of History."""
    run = play({"loss": "1x4"}, [Anneals(), Reads()], lane)
    writes = [e.new for e in run.timeline if isinstance(e, LogWrite) and e.key == "alpha"]
    assert writes == [0.75, 0.5, 0.25, 0.0]
    assert run.history["alpha"] == [0.0] * 4
    assert run.history["counts"] == [[0, 4]] * 4
    assert run.state["Reads.seen"] == (0.75, 0.5, 0.25, 0.0)


@LANES
def test_a_variable_and_a_small_array_as_attributes(lane: str) -> None:
    """They are state like any number, and an array is a list."""
    run = play({"loss": "1x3"}, [Anneals()], lane)
    assert run.state["Anneals.alpha"] == (0.75, 0.5, 0.25)
    assert run.state["Anneals.counts"] == ([0, 1], [0, 2], [0, 3])


def test_both_lanes_tell_the_same() -> None:
    """Whole timelines and histories."""
    fake, real = (play({"loss": "1x3"}, [Anneals(), Reads()], lane) for lane in ("fake", "real"))
    assert fake.timeline == real.timeline
    assert fake.history == real.history


def test_a_dispatch_has_what_was_there_then() -> None:
    """Also where the variable goes on inside of the epoch: here in the hooks of a batch."""

    class Counts(keras.callbacks.Callback):
        def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
            self.count.assign_add(1.0)

        def on_train_end(self, logs: Any = None) -> None:
            logs["count"] = self.count

        count = keras.Variable(0.0)

    class Ends(keras.callbacks.Callback):
        def on_train_end(self, logs: Any = None) -> None:
            Counts.count.assign(7.0)

    run = play({"loss": "1x1"}, [Counts(), Ends()], batches=2)
    writes = [(e.by, e.new) for e in run.timeline if isinstance(e, LogWrite)]
    assert writes == [("Counts", 2.0), ("Ends", 7.0)]


def test_the_table_says_what_was_asked_for() -> None:
    """Of a history that is not as expected it shows what History has."""
    run = play({"loss": "1x2"}, [Anneals()])
    assert re.findall(r"^ +\d +1 +(\S+)", run.table(), re.M) == ["0.75", "0.5"]
    marked = run.table(mark=(0, "history.alpha"))
    assert re.findall(r"^ +(?:> )?\d +1 +(> \S+|\S+)", marked, re.M) == ["> 0.5", "0.5"]


def test_what_cannot_be_read_is_said_to_be_so() -> None:
    """An object that looks like an array and raises ends nothing."""

    class Broken:
        shape = ()

        def __array__(self, *args: Any) -> Any:
            raise RuntimeError("deleted")

        def __eq__(self, other: object) -> bool:
            raise RuntimeError("deleted")

        __hash__ = None  # type: ignore[assignment]

    class Holds(keras.callbacks.Callback):
        def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
            self.held = logs["held"] = Broken()

    run = play({"loss": "1x2"}, [Holds()])
    assert run.epochs_run == 2
    assert "Holds.held" not in run.state
    writes = [e.new for e in run.timeline if isinstance(e, LogWrite)]
    assert writes == ["unreadable Broken"] * 2
