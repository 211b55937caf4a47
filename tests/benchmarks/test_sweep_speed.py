"""What a sweep of two million cells costs, beside Keras' own callbacks on a sample of them."""

import subprocess
import sys
import time
from pathlib import Path

import keras
import numpy as np

from dryfit.tools.sweep.callback_lists import decide
from dryfit.tools.sweep.curve_arrays import CurveArrays
from dryfit.tools.sweep.vectorised import Arithmetic

CURVES, EPOCHS, PATIENCES = 10_000, 100, 50
MIN_DELTAS = (0, 1e-4, 1e-3, 1e-2)
DIRECTIONS = {("val_loss", "auto"): False}
SAMPLE = 200


def curves(count: int) -> CurveArrays:
    """Noisy curves that fall and rise again."""
    draw = np.random.default_rng(0)
    epochs = np.arange(EPOCHS)[:, None]
    best = draw.integers(5, 90, count)
    values = 0.3 + ((epochs - best) / 60) ** 2 + 0.02 * draw.normal(size=(EPOCHS, count))
    return CurveArrays(
        tuple(map(str, range(count))),
        np.zeros(count, np.int32),
        np.full(count, EPOCHS, np.int32),
        {"val_loss": values.astype(np.float32)},
        {"val_loss": np.ones((EPOCHS, count), np.bool_)},
        np.full((EPOCHS, count), np.nan, np.float32),
        np.full(count, 0.01, np.float32),
        np.zeros(count, np.bool_),
    )


def settings(patiences: int, min_deltas: tuple[float, ...] = MIN_DELTAS) -> list[list[tuple]]:
    return [
        [("EarlyStopping", {"patience": patience, "min_delta": delta})]
        for patience in range(1, patiences + 1)
        for delta in min_deltas
    ]


def cost(given: CurveArrays, lists: list[list[tuple]], times: int = 3) -> float:
    """Seconds of the fastest of some runs."""
    taken = []
    for _ in range(times):
        start = time.perf_counter()
        decide(given, lists, DIRECTIONS, Arithmetic(flushes=True))
        taken.append(time.perf_counter() - start)
    return min(taken)


class Model:
    """What EarlyStopping asks of a model."""

    stop_training = False


def keras_own(given: CurveArrays, lists: list[list[tuple]], sample: int) -> float:
    """Seconds of a cell by Keras' own EarlyStopping, called as fit calls it and nothing more."""
    draw = np.random.default_rng(1)
    cells = [
        (int(draw.integers(len(lists))), int(draw.integers(len(given)))) for _ in range(sample)
    ]
    values = given.values["val_loss"]
    start = time.perf_counter()
    for row, column in cells:
        callback = keras.callbacks.EarlyStopping(**lists[row][0][1])
        model = Model()
        callback.set_model(model)
        callback.on_train_begin()
        for epoch, value in enumerate(values[:, column].tolist()):
            callback.on_epoch_end(epoch, {"val_loss": value})
            if model.stop_training:
                break
        callback.on_train_end()
    return (time.perf_counter() - start) / sample


def test_two_million_cells() -> None:
    """Ten thousand times as fast as Keras' own callbacks, in the same run."""
    given, lists = curves(CURVES), settings(PATIENCES)
    keras_own(given, lists, 5)
    cell = keras_own(given, lists, SAMPLE)
    wall = cost(given, lists)
    cells = len(given) * len(lists)
    ratio = cell * cells / wall
    print(
        f"\n{cells:,} cells in {wall:.2f} s; Keras' own: {1e3 * cell:.2f} ms a cell, {ratio:,.0f} x"
    )
    assert ratio >= 10_000


def test_what_it_costs_grows_with() -> None:
    """Curves and settings linearly, patience hardly."""
    lists, whole = settings(PATIENCES), curves(CURVES)
    deltas = tuple(np.linspace(0, 0.02, 16).tolist())
    by_curves = {n: cost(whole.part(0, n), lists) for n in (2500, 5000, 10_000)}
    by_patience = {n: cost(whole, settings(n)) for n in (1, 10, 50)}
    by_settings = {n: cost(whole, settings(1, deltas[:n])) for n in (4, 8, 16)}
    for told, figures in (
        ("curves, 200 settings", by_curves),
        ("patiences x 4 min_delta, 10,000 curves", by_patience),
        ("min_delta x 1 patience, 10,000 curves", by_settings),
    ):
        print(f"\n{told}: " + ", ".join(f"{n:,}: {1e3 * s:.0f} ms" for n, s in figures.items()))
    assert by_curves[10_000] / by_curves[2500] < 2 * 4
    assert by_settings[16] / by_settings[4] < 2 * 4
    assert by_patience[50] / by_patience[1] < 50 / 4


def test_the_whole_sweep_takes_less_than_a_gigabyte(tmp_path: Path) -> None:
    """Read from Parquet, decided, audited and answered, in a process of its own."""
    import pyarrow as pa
    from pyarrow import parquet

    values = curves(CURVES).values["val_loss"]
    table = {
        "curve": pa.array(np.repeat(np.arange(CURVES), EPOCHS)).dictionary_encode(),
        "epoch": np.tile(np.arange(EPOCHS), CURVES),
        "val_loss": values.T.ravel(),
    }
    parquet.write_table(pa.table(table), tmp_path / "curves.parquet")
    code = """
import re, sys
import keras
from dryfit.cli import main
def peak():  # unlike getrusage, without what the process before exec had
    return 1024 * int(re.search(r"VmHWM:\\s+(\\d+)", open("/proc/self/status").read())[1])
imported = peak()
main(["sweep", "curves.parquet", "--with", sys.argv[1]])
print("peak", imported, peak())
"""
    item = "EarlyStopping: {patience: 1..50, min_delta: 0|.0001|.001|.01}"
    start = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-c", code, item],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        check=True,
    )
    wall = time.perf_counter() - start
    imported, peak = map(int, done.stdout.splitlines()[-1].split()[1:])
    (told,) = (line for line in done.stdout.splitlines() if "cells by" in line)
    print(
        f"\n{told}\nfrom start to end {wall:.1f} s with imports and the audit; {peak / 1e6:,.0f} MB"
    )
    print(f"at most, of which {imported / 1e6:,.0f} MB are Keras and TensorFlow")
    assert peak < 1e9
