"""Other work on the machine is told from a callback's own time, or the answer is that it cannot."""

import math
import os
from typing import Any

import keras
import pytest

from dryfit.cli import main
from dryfit.tools.bench.bench_targets import Target
from dryfit.tools.bench.compare import compare
from dryfit.tools.bench.cost import Cost
from dryfit.tools.bench.estimate import Estimate, difference
from dryfit.tools.bench.loop import Loop
from dryfit.tools.bench.measure import Found, _contradicts, measure
from dryfit.tools.bench.measure_settings import MeasureSettings
from dryfit.tools.bench.measurements import MeasuredRun
from dryfit.tools.bench.stopwatch import Span, Stopwatch, between

BRISK = MeasureSettings(batches=50, budget_s=0.02, growth=False)


def test_a_delay_is_no_part_of_a_time() -> None:
    """100 ns by the clock, of which the thread waited 30 for a processor and worked 70."""
    assert between((5, 0, 2, 0, 10), (105, 70, 3, 0, 40)) == Span(70, 70, True, False)


def test_a_thread_that_gives_the_processor_away_sleeps() -> None:
    """Nobody took it."""
    assert between((0, 0, 0, 0, 0), (100, 10, 0, 1, 0)) == Span(100, 10, False, True)


def test_a_watch_leaves_no_file_open() -> None:
    """It reads the system's account of delays from one."""
    before = os.listdir("/proc/self/fd") if os.path.isdir("/proc/self/fd") else []
    with Stopwatch() as watch:
        assert len(watch.read()) == 5
    after = os.listdir("/proc/self/fd") if os.path.isdir("/proc/self/fd") else []
    assert len(after) == len(before)


def test_a_disturbed_part_does_not_count() -> None:
    """It is taken from a round in which it was not."""
    base = [[1.0, 1.0]] * 3
    full = [[2.0, math.nan], [math.nan, 5.0], [2.0, 5.0]]
    found = difference(base, full)
    assert (found.value, found.known) == ((2 - 1) + (5 - 1), 1.0)


def test_a_part_that_was_always_disturbed_is_as_the_others() -> None:
    """Three of four are known, and what they took is taken for all."""
    base = [[1.0] * 4] * 3
    full = [[3.0, 3.0, 3.0, math.nan]] * 3
    assert difference(base, full) == Estimate(8.0, 8.0, 8.0, 0.75)


def test_nothing_known_is_no_number() -> None:
    """Neither a value nor an interval."""
    found = difference([[1.0]] * 3, [[math.nan]] * 3)
    assert math.isnan(found.value)
    assert found.known == 0


@pytest.mark.parametrize(
    ("estimate", "disturbed", "busy"),
    [
        (Estimate(5000, 4900, 5100), 0.5, False),
        (Estimate(5000, 3000, 7000), 0.5, True),  # not sure within a tenth
        (Estimate(5000, 3000, 7000), 0.0, False),  # and nothing in the way: it varies itself
        (Estimate(50, -100, 250), 0.5, False),  # within 300 ns
        (Estimate(-4000, -4100, -3900), 0.2, True),
        (Estimate(5000, 4900, 5100, 0.8), 0.5, True),
        (Estimate(math.nan, math.nan, math.nan, 0.0), 1.0, True),
    ],
)
def test_when_a_machine_is_too_busy(estimate: Estimate, disturbed: float, busy: bool) -> None:
    """Where too few parts are known, or the interval is wide and other work was in the way."""
    assert Found(estimate, disturbed, "").busy is busy


@pytest.mark.parametrize(
    ("hook", "disturbed", "contradicts"),
    [
        (Estimate(8940, 8800, 9100), 0.1, True),
        (Estimate(8940, 8300, 9500), 0.1, False),  # it may be what the callback takes
        (Estimate(8940, 8800, 9100), 0.0, False),  # nothing was in the way
    ],
)
def test_a_hook_is_not_dearer_than_its_callback(
    hook: Estimate, disturbed: float, contradicts: bool
) -> None:
    """Where all that is known of the two says so, the machine was too busy to tell."""
    found = Found(Estimate(8270, 8200, 8350), disturbed, "")
    assert _contradicts(found, {"on_train_batch_end": hook}) is contradicts


@pytest.fixture
def taken(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the processor be taken away at every look."""
    count = iter(range(1 << 60))
    monkeypatch.setattr("dryfit.tools.bench.stopwatch._switches", lambda: (next(count), 0))


@pytest.mark.usefixtures("taken")
def test_a_busy_machine_gives_no_number() -> None:
    """One line, and no hooks."""
    costs = list(measure([Target("it", keras.callbacks.TerminateOnNaN)], BRISK))
    assert [(c.hook, c.ns_per_batch, c.low, c.ratio_to_noop, c.too_busy) for c in costs] == [
        (None, None, None, None, True)
    ]
    assert costs[0].note.startswith("too busy to tell: other work took the processor in 100%")


@pytest.mark.usefixtures("taken")
def test_the_command_says_so_with_a_status_of_its_own(capsys: pytest.CaptureFixture[str]) -> None:
    """Neither a pass nor a failure."""
    assert main(["bench", "TerminateOnNaN", "--batches=50"]) == 3
    assert "too busy to tell" in capsys.readouterr().out


def test_a_comparison_with_a_busy_run_fails_nothing() -> None:
    """And says of no hook that it is gone."""
    before = [Cost(callback="A", ns_per_batch=1.0), Cost(callback="A", hook="h", ns_per_batch=1.0)]
    after = [Cost(callback="A", too_busy=True, note="too busy to tell")]
    changes = compare([MeasuredRun("a", tuple(before), {})], [MeasuredRun("b", tuple(after), {})])
    assert [(c.hook, c.verdict, c.failures) for c in changes] == [(None, "too busy", ())]


def test_a_tenth_of_a_block_a_batch_is_no_difference() -> None:
    """A cache that fills up is not at the same batch in two runs."""

    def failures(after: float) -> list[str]:
        runs = [
            MeasuredRun(
                str(held), (Cost(callback="A", ns_per_batch=1.0, allocations_per_batch=held),), {}
            )
            for held in (0.0, after)
        ]
        return [failure for change in compare(runs[:1], runs[1:]) for failure in change.failures]

    assert failures(0.1) == []
    assert failures(1.0) == ["allocations per batch: 0 before, 1 after"]


class Overflows(keras.callbacks.Callback):
    """Cannot count as far as the growth run goes."""

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        if batch > 900:
            raise OverflowError("too many")


def test_what_breaks_in_the_long_run_loses_that_column_alone() -> None:
    """The costs of the short runs stand."""
    settings = MeasureSettings(batches=50, budget_s=0.02)
    whole = next(measure([Target("it", Overflows)], settings))
    assert whole.growth is None
    assert whole.note.endswith("growth unknown: OverflowError in on_train_batch_end: too many")


class Copies(keras.callbacks.Callback):
    """Reads and sets all weights in every batch."""

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        self.model.set_weights(self.model.get_weights())


def test_what_uses_weights_is_measured_on_a_real_model() -> None:
    """A script's are a few numbers."""
    whole = next(measure([Target("it", Copies)], BRISK))
    assert whole.note.endswith("with a real model lent to it")


def test_more_epochs_are_planned_than_are_measured() -> None:
    """A schedule divides by their number less one."""
    planned: list[int] = []
    told = keras.callbacks.LambdaCallback()
    told.on_train_begin = lambda logs=None: planned.append(told.params["epochs"])
    ended: list[int] = []
    told.on_epoch_end = lambda epoch, logs=None: ended.append(epoch)
    Loop().lap([told], 10)
    assert planned == [10]
    assert ended == [0]
