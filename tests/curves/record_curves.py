"""Records real trainings, far past their best epochs, into ``scenarios/curves/``: `make curves`.

Small networks on scikit-learn's bundled and generated data, each over several learning rates
and seeds. What a training reports, dryfit's recorder keeps; a file has the trainings of one
data set and topology. Files that are there are kept, so that a run which was broken off goes on.
"""

import argparse
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import keras
import numpy as np

from dryfit import Recorder

FOLDER = Path(__file__).parents[2] / "scenarios" / "curves"
EPOCHS = 100
BATCH_SIZE = 32
MOST_SAMPLES = 300  # to train with: few, so that every network overfits
TOPOLOGIES = ((16,), (64,), (64, 64))
LEARNING_RATES = (0.003, 0.01, 0.03, 0.1)
SEEDS = range(14)
COLUMNS = ("loss", "val_loss", "val_accuracy", "test_loss", "test_accuracy")


@dataclass(frozen=True)
class Data:
    """A data set: a half to train with, a quarter to validate, a quarter to test.

    Attributes:
        classes: how many, or 0 where a number is to be predicted.
    """

    name: str
    x: Any
    y: Any
    classes: int

    def parts(self) -> dict[str, tuple[Any, Any]]:
        """Split it, the same way each time, with inputs of mean 0 and deviation 1."""
        order = np.random.default_rng(0).permutation(len(self.x))
        train, rest = np.split(order, [min(len(order) // 2, MOST_SAMPLES)])
        deviation = self.x[train].std(0)
        scale = np.maximum(deviation, 0.1 * deviation.mean())  # some pixels are always black
        x = ((self.x - self.x[train].mean(0)) / scale).astype("float32")
        halves = {"train": train, "val": rest[::2], "test": rest[1::2]}
        return {name: (x[rows], self.y[rows]) for name, rows in halves.items()}


def data_sets() -> Iterator[Data]:
    """Five that scikit-learn brings, and three that it makes."""
    from sklearn import datasets

    for name in ("digits", "wine", "breast_cancer", "iris"):
        x, y = getattr(datasets, f"load_{name}")(return_X_y=True)
        yield Data(name, x, y, int(y.max()) + 1)
    x, y = datasets.load_diabetes(return_X_y=True)
    yield Data("diabetes", x, _scaled(y), 0)
    x, y = datasets.make_moons(600, noise=0.35, random_state=0)
    yield Data("moons", x, y, 2)
    x, y = datasets.make_classification(
        600, 20, n_informative=5, n_classes=3, flip_y=0.1, random_state=0
    )
    yield Data("clusters", x, y, 3)
    x, y = datasets.make_friedman1(600, noise=2.0, random_state=0)
    yield Data("friedman", x, _scaled(y), 0)


def _scaled(y: Any) -> Any:
    return ((y - y.mean()) / y.std()).astype("float32")


class Tested(keras.callbacks.Callback):
    """Writes into the logs what a test set says after each epoch."""

    def __init__(self, x: Any, y: Any, classes: int) -> None:
        super().__init__()
        self._x, self._y, self._classes = x, y, classes

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        told = np.asarray(self.model(self._x, training=False), "float64")
        if self._classes:
            right = told[np.arange(len(told)), self._y]
            logs["test_loss"] = float(-np.log(np.maximum(right, 1e-7)).mean())
            logs["test_accuracy"] = float((told.argmax(1) == self._y).mean())
        else:
            logs["test_loss"] = float(((told[:, 0] - self._y) ** 2).mean())


def network(data: Data, topology: tuple[int, ...]) -> Any:
    """A compiled network; one for all trainings of its kind, since compiling takes longer."""
    last = keras.layers.Dense(data.classes or 1, activation="softmax" if data.classes else None)
    hidden = [keras.layers.Dense(units, activation="relu") for units in topology]
    model = keras.Sequential([keras.Input((data.x.shape[1],)), *hidden, last])
    steps = -(-len(data.parts()["train"][0]) // BATCH_SIZE)
    model.compile(
        optimizer="adam",
        loss="sparse_categorical_crossentropy" if data.classes else "mse",
        metrics=["accuracy"] if data.classes else [],
        steps_per_execution=steps,
    )
    return model


def record(
    model: Any, data: Data, rate: float, seed: int, epochs: int = EPOCHS
) -> Mapping[str, Any]:
    """Train a network from new weights, and return what it reported."""
    keras.utils.set_random_seed(seed)
    model.set_weights(keras.models.clone_model(model).get_weights())
    for variable in model.optimizer.variables:
        variable.assign(np.zeros(variable.shape))
    model.optimizer.learning_rate = rate
    parts = data.parts()
    recorder = Recorder([Tested(*parts["test"], data.classes)], record_batches=False)
    model.fit(
        *parts["train"],
        batch_size=BATCH_SIZE,
        epochs=epochs,
        validation_data=parts["val"],
        validation_batch_size=len(parts["val"][0]),
        callbacks=[recorder],
        verbose=0,
    )
    return recorder.run.history


def write(file: Path, curves: Mapping[str, Mapping[str, Any]]) -> None:
    """Write curves as a table with a row for each epoch."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    names = [name for name in COLUMNS if all(name in curve for curve in curves.values())]
    table: dict[str, Any] = {
        "curve": pa.array([name for name in curves for _ in range(EPOCHS)]).dictionary_encode(),
        "epoch": pa.array(list(range(EPOCHS)) * len(curves), pa.int32()),
    }
    for name in names:
        values = [value for curve in curves.values() for value in curve[name]]
        table[name] = pa.array(values, pa.float32())
    part = file.with_suffix(".part")
    pq.write_table(pa.table(table), part, compression="zstd", compression_level=19)
    part.replace(file)


def main() -> None:
    """Record what is not there yet."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=FOLDER)
    parser.add_argument("--most", type=int, default=10**6, help="files to write")
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    written = 0
    for data in data_sets():
        for topology in TOPOLOGIES:
            name = f"{data.name}-{'x'.join(map(str, topology))}"
            file = options.out / f"{name}.parquet"
            if file.exists() or written >= options.most:
                continue
            model = network(data, topology)
            curves = {
                f"{name} rate {rate:g} seed {seed}": record(model, data, rate, seed)
                for rate in LEARNING_RATES
                for seed in SEEDS
            }
            write(file, curves)
            written += 1
            print(f"{file}: {len(curves)} trainings of {EPOCHS} epochs", flush=True)


if __name__ == "__main__":
    main()
