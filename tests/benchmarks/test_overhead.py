"""How exact `dryfit bench` is, and what Keras' own and the tutorial's callbacks cost.

The measurements of known costs are repeated twenty times each; all must hold.
"""

import statistics
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import keras
import pytest
from work import Burns, Idles

from dryfit import play
from dryfit.demo import MyEarlyStopping, respectful_decay
from dryfit.tools.bench.bench_targets import Target
from dryfit.tools.bench.cost_report import as_text
from dryfit.tools.bench.loop import somewhere_else
from dryfit.tools.bench.measure import measure
from dryfit.tools.bench.measure_settings import MeasureSettings

RUNS = 20
QUICK = MeasureSettings(budget_s=0.5, growth=False)


def cost(make: Callable[[], Any], settings: MeasureSettings = QUICK) -> float:
    """Microseconds per batch of a callback as a whole."""
    (whole, *_) = measure([Target("it", make)], settings)
    assert whole.ns_per_batch is not None, whole.note
    return whole.ns_per_batch / 1e3


def calibrated(us: float) -> float:
    """What the hook takes when it is called directly, as often as in a round."""
    hook = Burns(us).on_train_batch_end
    times = []
    for _ in range(max(50, int(5_000 / us))):
        start = time.perf_counter_ns()
        hook(0)
        times.append(time.perf_counter_ns() - start)
    return statistics.median(times) / 1e3


@pytest.mark.parametrize("us", [5, 50, 500])
def test_a_known_cost_is_found_within_ten_per_cent(us: float) -> None:
    """In twenty of twenty runs, against the hook's own time in this process."""
    known = calibrated(us)
    found = [cost(lambda: Burns(us)) for _ in range(RUNS)]
    print(f"\n{known:.2f} us, found {min(found):.2f} to {max(found):.2f}")
    within = [abs(value - known) <= 0.1 * known for value in found]
    assert sum(within) == RUNS


def test_a_no_op_is_found_within_a_third_of_a_microsecond_of_nothing() -> None:
    """In twenty of twenty runs."""
    found = [cost(Idles) for _ in range(RUNS)]
    print(f"\nfound {min(found) * 1e3:.0f} to {max(found) * 1e3:.0f} ns")
    assert sum(abs(value) <= 0.3 for value in found) == RUNS


def test_the_slowest_of_five_is_named_with_its_hook(tmp_path: Path) -> None:
    """Whatever its place among them."""
    targets = [
        Target("Idles", Idles),
        Target("TerminateOnNaN", keras.callbacks.TerminateOnNaN),
        Target("Burns", lambda: Burns(20)),
        Target("EarlyStopping", keras.callbacks.EarlyStopping),
        Target("History", keras.callbacks.History),
    ]
    text = as_text(list(measure(targets, QUICK)))
    print(f"\n{text}")
    assert "\nslowest: Burns, of which on_train_batch_end takes " in text


CALLBACKS: dict[str, Callable[[], Any]] = {
    "BackupAndRestore": lambda: keras.callbacks.BackupAndRestore("backup"),
    "CSVLogger": lambda: keras.callbacks.CSVLogger("log.csv"),
    "EarlyStopping": lambda: keras.callbacks.EarlyStopping(patience=2),
    "History": keras.callbacks.History,
    "LambdaCallback": lambda: keras.callbacks.LambdaCallback(
        on_train_batch_end=lambda batch, logs: None
    ),
    "LearningRateScheduler": lambda: keras.callbacks.LearningRateScheduler(lambda e, rate: rate),
    "ModelCheckpoint": lambda: keras.callbacks.ModelCheckpoint("a.keras"),
    "ModelCheckpoint by batch": lambda: keras.callbacks.ModelCheckpoint("a.keras", save_freq=100),
    "ProgbarLogger": keras.callbacks.ProgbarLogger,
    "ReduceLROnPlateau": keras.callbacks.ReduceLROnPlateau,
    "TensorBoard": lambda: keras.callbacks.TensorBoard("logs"),
    "TensorBoard by batch": lambda: keras.callbacks.TensorBoard("logs", update_freq="batch"),
    "TerminateOnNaN": keras.callbacks.TerminateOnNaN,
    "the tutorial's early stopping": lambda: MyEarlyStopping(patience=5),
    "the tutorial's schedule": lambda: keras.callbacks.LearningRateScheduler(respectful_decay),
}


@pytest.mark.parametrize("name", CALLBACKS)
def test_what_a_callback_costs(name: str, callback_overhead: Any) -> None:
    """Kept by pytest-benchmark, to compare; no built-in takes a hundredth of a second a batch."""
    overhead = callback_overhead(CALLBACKS[name], batches=200)
    print(f"\n{name}: {overhead.ns_per_batch / 1e3:.2f} us a batch, {overhead.by_hook}")
    overhead.assert_under(us_per_batch=10_000)


@pytest.mark.parametrize("lane", ["fake", "real"])
def test_an_epoch_in_a_lane(lane: str, benchmark: Any) -> None:
    """Ten epochs of ten batches with a validation, kept by pytest-benchmark."""
    metrics = {"loss": "1-.01x10", "val_loss": "1-.01x10"}
    with somewhere_else():
        benchmark.pedantic(lambda: play(metrics, lane=lane, batches=10), rounds=5, warmup_rounds=1)
