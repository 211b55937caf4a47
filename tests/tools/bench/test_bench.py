"""What `dryfit bench` reads, counts, names and refuses; tests/benchmarks asks how exact it is."""

import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from freezegun import freeze_time

from dryfit.scenario.problems import ScenarioFileError
from dryfit.scenario.usage import UsageError
from dryfit.tools.bench import stopwatch
from dryfit.tools.bench.bench_targets import Target, read_targets
from dryfit.tools.bench.counts import count
from dryfit.tools.bench.growth import Growth, grow, is_slower
from dryfit.tools.bench.loop import FrozenTimeError, Loop
from dryfit.tools.bench.measure import measure
from dryfit.tools.bench.measure_settings import MeasureSettings
from dryfit.tools.bench.stopwatch import Stopwatch, between

BRISK = MeasureSettings(batches=50, budget_s=0.02, growth=False)
MODULE = '''
"""Callbacks that are measured."""

import time

from keras.callbacks import Callback


class Leaks(Callback):
    """Keeps every batch."""

    def __init__(self):
        super().__init__()
        self.seen = []

    def on_train_batch_end(self, batch, logs=None):
        self.seen.append(batch)


class Slows(Callback):
    """Goes through all it has seen with every batch."""

    def __init__(self):
        super().__init__()
        self.seen = []

    def on_train_batch_end(self, batch, logs=None):
        self.seen.append(0.0)
        sum(self.seen)


class Reads(Callback):
    """Reads two values a batch, and three at the end of an epoch."""

    def on_train_batch_end(self, batch, logs=None):
        logs["loss"], logs.get("accuracy")

    def on_epoch_end(self, epoch, logs=None):
        logs["loss"], logs.get("val_loss"), logs.get("nothing")


class Writes(Callback):
    """Writes a byte a batch into one file, and another file an epoch."""

    def on_train_begin(self, logs=None):
        self.file = open("batches", "w")

    def on_train_batch_end(self, batch, logs=None):
        self.file.write("x")

    def on_epoch_end(self, epoch, logs=None):
        open(f"epoch-{epoch}", "w").close()

    def on_train_end(self, logs=None):
        self.file.close()


class Raises(Callback):
    """Fails in a hook."""

    def on_epoch_end(self, epoch, logs=None):
        raise ValueError("no such luck\\nand more")


class Stops(Callback):
    """Stops in a batch."""

    def __init__(self, batch):
        super().__init__()
        self.batch = batch

    def on_train_batch_end(self, batch, logs=None):
        if batch == self.batch:
            self.model.stop_training = True


class Sleeps(Callback):
    """Waits in a hook."""

    def on_train_batch_end(self, batch, logs=None):
        time.sleep(0.001)


class NeedsLayers(Callback):
    """Reads what a scripted model has not."""

    def on_train_begin(self, logs=None):
        self.layers = self.model.layers


class NeedsMagic(Callback):
    """Reads what no model has."""

    def on_train_begin(self, logs=None):
        self.model.magic
'''


@pytest.fixture(autouse=True)
def _left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """No other work is in the way; test_stopwatch.py has what becomes of a number where it is."""
    switches = stopwatch._switches
    monkeypatch.setattr(stopwatch, "_switches", lambda: (0, switches()[1]))


@pytest.fixture
def targets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., list[Target]]:
    """Read what is to be measured, in a folder with a module of callbacks."""
    (tmp_path / "costly.py").write_text(MODULE)
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.delitem(sys.modules, "costly", raising=False)  # another test's

    def read(*texts: str) -> list[Target]:
        return [target for text in texts for target in read_targets(text)]

    return read


def test_callbacks_are_named_as_in_a_file(targets: Any) -> None:
    """Built-in names, arguments, alternatives, and a project's own."""
    found = targets("EarlyStopping: {patience: 1|2}", "TerminateOnNaN", "costly:Leaks")
    assert [target.name for target in found] == [
        "EarlyStopping(patience=1)",
        "EarlyStopping(patience=2)",
        "TerminateOnNaN",
        "costly:Leaks",
    ]
    assert [target.make().patience for target in found[:2]] == [1, 2]


def test_a_scenarios_callbacks_are_measured_with_its_metrics(targets: Any) -> None:
    """What they monitor is reported."""
    Path("mine.scenario.yaml").write_text(
        "name: mine\nscript: {metrics: {val_f1: .1x3}, directions: {f1: up}}\n"
        "callbacks: [EarlyStopping: {monitor: val_f1}, TerminateOnNaN]\nexpect: {epochs_run: 1}\n"
    )
    found = targets("mine.scenario.yaml::mine")
    assert [target.name for target in found] == [
        "EarlyStopping(monitor='val_f1')",
        "TerminateOnNaN",
    ]
    costs = [cost for cost in measure(found, BRISK) if cost.hook is None]
    assert [cost.callback for cost in costs] == [target.name for target in found]
    assert [cost.note for cost in costs if cost.note] == []


@pytest.mark.parametrize(
    ("text", "kind", "message"),
    [
        ("EarlyStoping", UsageError, "did you mean 'EarlyStopping'?"),
        ("EarlyStopping: {patence: 1}", UsageError, "did you mean 'patience'?"),
        ("nowhere:Callback", UsageError, "no module 'nowhere'"),
        ("missing.scenario.yaml", ScenarioFileError, "missing.scenario.yaml"),
    ],
)
def test_what_is_not_there_is_refused(
    text: str, kind: type[Exception], message: str, targets: Any
) -> None:
    """Before anything is measured."""
    with pytest.raises(kind) as caught:
        targets(text)
    assert message in str(caught.value)


# What is counted.


def test_reads_of_logs_are_counted(targets: Any) -> None:
    """Two a batch and three an epoch: 2.06 over epochs of 50 batches."""
    (reads,) = targets("costly:Reads")
    assert count(Loop(), reads.make, 50).log_reads == 2 + 3 / 50


def test_what_is_written_is_counted(targets: Any) -> None:
    """A byte a batch; three files."""
    (writes,) = targets("costly:Writes")
    counts = count(Loop(), writes.make, 50)
    assert (counts.files, counts.bytes_written) == (3, 1.0)


def test_what_is_held_is_counted(targets: Any) -> None:
    """A list of ints: one block a batch (an int above 256), and its place in the list."""
    leaks, reads = targets("costly:Leaks", "costly:Reads")
    assert 0.95 < count(Loop(), leaks.make, 1000).blocks < 1.05
    assert count(Loop(), reads.make, 1000).blocks < 0.05


# What is named.


def test_a_leak_is_named(targets: Any) -> None:
    """By the bytes that each batch leaves behind."""
    (leaks,) = targets("costly:Leaks")
    growth = grow(Loop(), leaks.make, budget_s=2)
    assert growth.memory_grows
    assert "memory grows: " in growth.told


def test_a_hook_that_gets_slower_is_named(targets: Any) -> None:
    """By what a batch takes early and late."""
    (slows,) = targets("costly:Slows")
    growth = grow(Loop(), slows.make, budget_s=2)
    assert growth.time_grows
    assert growth.told.startswith("time grows: ")


@pytest.mark.parametrize(
    ("late", "slower"), [([7e3] * 2 + [12e3] * 8, False), ([11e3] * 2 + [12e3] * 8, True)]
)
def test_other_work_is_no_growth(late: list[float], slower: bool) -> None:
    """It takes the processor of most batches and not of all; what grows, grows for each."""
    assert is_slower(np.array([6.8e3] * 10), np.array(late)) == slower


def test_what_does_not_grow_is_flat(targets: Any) -> None:
    """Up to a hundred thousand batches."""
    (reads,) = targets("costly:Reads")
    assert grow(Loop(), reads.make, budget_s=20) == Growth(False, False, "")


def test_a_callback_that_cannot_be_measured_says_why_and_the_others_are(targets: Any) -> None:
    """One that raises, one that stops at once, and one that needs magic."""
    names = ["costly:Raises", "costly:Stops: {batch: 2}", "costly:NeedsMagic", "costly:Reads"]
    found = targets(*names)
    whole = {c.callback: c for c in measure(found, BRISK) if c.hook is None}
    assert [cost.note for cost in whole.values()] == [
        "not measured: it raised ValueError in on_epoch_end: no such luck",
        "not measured: it stops training after 3 batches, and a measurement needs 10",
        "not measured: it raised AttributeError in on_train_begin: "
        "'Sequential' object has no attribute 'magic'",
        "",
    ]
    assert [cost.ns_per_batch is None for cost in whole.values()] == [True, True, True, False]


def test_a_callback_that_stops_late_is_measured_until_then(targets: Any) -> None:
    """And the report says so."""
    unhurried = MeasureSettings(batches=50, budget_s=5, growth=False)
    costs = list(measure(targets("costly:Stops: {batch: 20}"), unhurried))
    assert costs[0].note == "stops training after 21 batches"


def test_a_callback_that_sleeps_is_named(targets: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its time is no work, whatever else the machine does."""
    with Stopwatch() as clock:
        begin = clock.read()
        time.sleep(0.02)
        slept = between(begin, clock.read())
    if not slept.slept or slept.cpu_ns > slept.ns / 4:
        pytest.skip(f"this system does not tell a thread that sleeps from one that works: {slept}")
    switches = stopwatch._switches
    monkeypatch.setattr(stopwatch, "_switches", lambda: (0, switches()[1]))
    costs = list(measure(targets("costly:Sleeps"), MeasureSettings(batches=20, growth=False)))
    assert costs[0].note.startswith("sleeps or waits ")


def test_a_callback_that_needs_a_model_gets_a_small_one(targets: Any) -> None:
    """A real one is lent, and the report says so."""
    costs = list(measure(targets("costly:NeedsLayers"), BRISK))
    assert costs[0].note.endswith("with a real model lent to it")


def test_the_hooks_are_named_costliest_first(targets: Any) -> None:
    """The whole first, and no hook that the callback does not have."""
    costs = list(measure(targets("costly:Writes"), BRISK))
    hooks = [cost.hook for cost in costs]
    assert hooks[0] is None
    assert {*hooks[1:]} == {
        "on_train_begin",
        "on_train_batch_end",
        "on_epoch_end",
        "on_train_end",
    }
    ns = [cost.ns_per_batch or 0.0 for cost in costs[1:]]
    assert ns == sorted(ns, reverse=True)


def test_a_share_of_a_step(targets: Any) -> None:
    """What a callback costs over what a step takes."""
    (whole, *_) = measure(targets("TerminateOnNaN"), MeasureSettings(50, 0.02, 5e6, growth=False))
    assert whole.ns_per_batch is not None
    assert whole.share_of_step == whole.ns_per_batch / 5e6


def test_time_is_not_measured_while_it_is_frozen(targets: Any) -> None:
    """A frozen clock would say that everything is free."""
    with freeze_time("2026-01-01"), pytest.raises(FrozenTimeError, match="the clock is frozen"):
        list(measure(targets("TerminateOnNaN"), BRISK))
