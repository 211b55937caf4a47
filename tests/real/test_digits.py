"""A real training on real data, recorded, and replayed without training."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest

from dryfit import Recorder, load_scenarios
from dryfit.cli import main
from dryfit.judge.verdict import judge

KINDS = ("images-idx3", "labels-idx1")
DECISIONS = (
    "epochs",
    "stopped",
    "weights",
    "restored",
    "learning_rate",
    "learning_rate_after",
    "changes",
    "overrides",
    "unused",
    "history",
)


def digits() -> tuple[Any, ...]:
    """1797 handwritten digits, 8 by 8, from 0 to 1.

    A file of scikit-learn's 1.9 (``load_digits``): the test part of Alpaydin and Kaynak, Optical
    Recognition of Handwritten Digits, UCI Machine Learning Repository, 1998 (CC BY 4.0). The
    package itself would be imported with every Keras, in a fifth of that time.
    """
    data = np.loadtxt(Path(__file__).with_name("digits.csv.gz"), np.float32, delimiter=",")
    images, labels = data[:, :-1].reshape(-1, 8, 8) / 16, data[:, -1].astype(int)
    return images[:1400], labels[:1400], (images[1400:], labels[1400:])


def fashion_mnist() -> tuple[Any, ...]:
    """12000 of Zalando's 70000 pictures of clothes, 28 by 28, where Keras has them already."""
    home = Path(os.environ.get("KERAS_HOME", "~/.keras")).expanduser()
    folder = home / "datasets" / "fashion-mnist"
    files = [f"{part}-{kind}-ubyte.gz" for part in ("train", "t10k") for kind in KINDS]
    if not all((folder / name).is_file() for name in files):
        pytest.skip(f"Fashion-MNIST is not in Keras' cache, {folder}; nothing is downloaded here")
    (x, y), (more, labels) = keras.datasets.fashion_mnist.load_data()
    x, more = (x[:10000] / 255).astype("float32"), (more[:2000] / 255).astype("float32")
    return x, y[:10000], (more, labels[:2000])


def tutorial_model(shape: tuple[int, ...]) -> Any:
    """The network of the Keras tutorials' first steps."""
    model = keras.Sequential(
        [
            keras.Input(shape),
            keras.layers.Flatten(),
            keras.layers.Dense(128, activation="relu"),
            keras.layers.Dropout(0.2),
            keras.layers.Dense(10),
        ]
    )
    model.compile(
        optimizer=keras.optimizers.RMSprop(0.02),
        loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        metrics=["accuracy"],
    )
    return model


def callbacks() -> list[Any]:
    """Four that decide: on a rate that is too high, progress ends soon."""
    return [
        keras.callbacks.LearningRateScheduler(lambda e, rate: rate * 1.5 if e in (1, 2) else rate),
        keras.callbacks.ReduceLROnPlateau(patience=1, factor=0.5, min_delta=0.1),
        keras.callbacks.EarlyStopping(patience=2, min_delta=0.02, restore_best_weights=True),
        keras.callbacks.ModelCheckpoint(
            "best/{epoch:02d}-{val_accuracy:.3f}.keras", monitor="val_accuracy", save_best_only=True
        ),
    ]


@pytest.mark.parametrize("data", [digits, fashion_mnist], ids=lambda data: data.__name__)
def test_the_replay_decides_the_same(
    data: Callable[[], tuple[Any, ...]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Early stopping, plateau, scheduler and checkpoint, each with decisions to make."""
    monkeypatch.chdir(tmp_path)
    keras.utils.set_random_seed(0)
    x, y, validation = data()
    recorder = Recorder(callbacks(), save="run.scenario.yaml")
    tutorial_model(x.shape[1:]).fit(
        x, y, epochs=40, validation_data=validation, callbacks=[recorder], verbose=0
    )
    trained = recorder.run
    assert trained.stopped_by == "EarlyStopping"
    assert trained.restored
    assert trained.checkpoints
    assert {change.by for change in trained.changes} == {
        "LearningRateScheduler",
        "ReduceLROnPlateau",
    }
    (scenario,) = load_scenarios("run.scenario.yaml")
    verdict = judge(scenario, "fake")
    assert (verdict.outcome, verdict.failures, verdict.checks) == ("passed", (), 9)
    replayed = verdict.run
    assert replayed is not None
    for name in DECISIONS:
        assert getattr(replayed, name) == getattr(trained, name), name
    saved = [(c.epoch, c.by, c.path, c.to) for c in trained.checkpoints]
    assert [(c.epoch, c.by, c.path, c.to) for c in replayed.checkpoints] == saved
    assert main(["run", "run.scenario.yaml"]) == 0
