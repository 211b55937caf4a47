"""How fast a play is, as ratios to Keras measured side by side in one run.

`make bench` runs these; they are no part of `make test`. Each ratio compares the
fastest of interleaved rounds, because the minimum is what other work on the
machine disturbs least.
"""

import subprocess
import sys
import time
import tracemalloc
from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import pytest

from dryfit import play

BATCH_LOGS = {"loss": 0.5, "accuracy": 0.25}
METRICS = {"loss": ".5", "accuracy": ".25"}
ROUNDS = 7


class Noop(keras.callbacks.Callback):
    """One batch hook that does nothing."""

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        pass


def fastest(rounds: int = ROUNDS, /, **works: Callable[[], Any]) -> dict[str, float]:
    """Time functions A B A B ...; return the fastest round of each, in seconds."""
    best = dict.fromkeys(works, float("inf"))
    for _ in range(rounds):
        for name, work in works.items():
            start = time.perf_counter()
            work()
            best[name] = min(best[name], time.perf_counter() - start)
    return best


def keras_list(batches: int) -> None:
    """What Keras' own loop spends on an empty callback list, begin and end."""
    callbacks = keras.callbacks.CallbackList()
    for batch in range(batches):
        callbacks.on_train_batch_begin(batch)
        callbacks.on_train_batch_end(batch, BATCH_LOGS)


@pytest.mark.parametrize(
    ("callbacks", "batches", "share"),
    # Silent ones are one fact, and so many that the begin of the play does not count.
    [(list, 50_000, 1 / 100), (lambda: [Noop()], 5_000, 1 / 6)],
    ids=["silent", "one no-op"],
)
def test_a_batch(callbacks: Any, batches: int, share: float, benchmark: Any) -> None:
    """A batch costs nothing to speak of, and a sixth of Keras' empty list with a hook to call."""
    best = fastest(
        5 * ROUNDS,  # of some milliseconds
        keras=lambda: keras_list(batches),
        play=lambda: play(METRICS, callbacks(), epochs=1, batches=batches),
    )
    benchmark.extra_info["share of keras"] = best["play"] / best["keras"]
    benchmark.pedantic(lambda: play(METRICS, callbacks(), epochs=1, batches=batches), rounds=3)
    print(f"\n{best['play'] / batches * 1e6:.2f} us a batch, 1/{best['keras'] / best['play']:.1f}")
    assert best["play"] <= share * best["keras"]


def tiny_model() -> Any:
    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
    model.compile(optimizer="sgd", loss="mse", metrics=["mae"])
    return model


def fit_on_arrays(model: Any, epochs: int) -> None:
    x = np.zeros((10, 1), np.float32)
    model.fit(x, x, batch_size=1, epochs=epochs, verbose=0, validation_data=(x[:1], x[:1]))


def fit_fed_fast(model: Any, epochs: int) -> None:
    import tensorflow as tf

    x = np.zeros((10 * epochs, 1), np.float32)
    validation = tf.data.Dataset.from_tensor_slices((x[:1], x[:1])).batch(1)
    model.fit(
        x,
        x,
        batch_size=1,
        epochs=epochs,
        steps_per_epoch=10,
        verbose=0,
        validation_data=validation,
    )


@pytest.mark.parametrize(
    ("real_fit", "factor"), [(fit_on_arrays, 4000), (fit_fed_fast, 800)], ids=["arrays", "fed fast"]
)
def test_an_epoch(real_fit: Any, factor: int, benchmark: Any) -> None:
    """Ten batches and a validation, against the smallest real fit, slowly and quickly fed."""
    model, real_epochs, epochs = tiny_model(), 10, 500
    real_fit(model, 1)  # traces the graph
    metrics = {**METRICS, "val_loss": ".5"}
    best = fastest(
        real=lambda: real_fit(model, real_epochs),
        play=lambda: play(metrics, epochs=epochs, batches=10),
    )
    ratio = (best["real"] / real_epochs) / (best["play"] / epochs)
    benchmark.extra_info["times faster"] = ratio
    benchmark.pedantic(lambda: play(metrics, epochs=epochs, batches=10), rounds=3)
    print(f"\n{best['play'] / epochs * 1e6:.1f} us an epoch, {ratio:.0f} times faster")
    assert ratio >= factor


def test_cost_per_batch_is_flat() -> None:
    """From a thousand to a million batches in one epoch, the batch costs the same."""
    counts = (1_000, 10_000, 100_000, 1_000_000)
    cost = {
        n: min(
            _timed(lambda n=n: play(METRICS, [Noop()], epochs=1, batches=n)) / n for _ in range(3)
        )
        for n in counts
    }
    print("\n" + ", ".join(f"{n:,}: {seconds * 1e6:.2f} us" for n, seconds in cost.items()))
    assert max(cost.values()) <= 1.5 * min(cost.values())


def _timed(work: Callable[[], Any]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def test_memory_grows_with_epochs_alone() -> None:
    """Without batch recording, a hundred times the batches hold no more memory."""

    def held(batches: int) -> int:
        tracemalloc.start()
        run = play(METRICS, [Noop()], epochs=10, batches=batches, record_batches=False)
        size, _ = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert run.epochs_run == 10
        return size

    held(10)
    few, many = held(100), held(10_000)
    print(f"\n{few} bytes for 100 batches an epoch, {many} for 10,000")
    assert many <= few + 20_000


def test_loading_the_plugin_takes_at_most_50_ms() -> None:
    """Measured against the same process without it, pytest loaded before; the fastest of five."""
    code = (
        "import time, pytest, typing, collections.abc\n"
        "start = time.perf_counter(); import dryfit.plugin; print(time.perf_counter() - start)"
    )
    times = [
        float(subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout)
        for _ in range(5)
    ]
    print(f"\n{min(times) * 1e3:.1f} ms")
    assert min(times) <= 0.05
