"""One script, one timeline: every time, in any process, on any backend."""

import os
import subprocess
import sys
from pathlib import Path

import keras
import pytest

from dryfit import Script, play

SCRIPT = Script(
    metrics={"accuracy": ".1+.1x6", "val_loss": ".9 .5 nan .6x3"},
    batch_metrics={"loss": ["3 1", "2 1", "1 1", "1 .5", ".2 .1", ".1 .3"]},
    batches=2,
    learning_rate=0.1,
)


def timeline() -> str:
    callbacks = [
        keras.callbacks.ReduceLROnPlateau(patience=1, factor=0.5),
        keras.callbacks.EarlyStopping(patience=3, restore_best_weights=True),
        keras.callbacks.LearningRateScheduler(lambda epoch, lr: lr * 0.9),
    ]
    return repr(play(SCRIPT, callbacks).timeline)


def test_ten_plays_have_one_timeline() -> None:
    """Nothing of an earlier play shows in a later one."""
    assert len({timeline() for _ in range(10)}) == 1


@pytest.mark.parametrize(
    "environment",
    [{"PYTHONHASHSEED": "1"}, {"PYTHONHASHSEED": "2", "KERAS_BACKEND": "jax"}],
    ids=str,
)
def test_other_processes_have_the_same_timeline(environment: dict[str, str]) -> None:
    """Neither the order of sets nor the backend shows in the fake lane."""
    if "KERAS_BACKEND" in environment:
        pytest.importorskip(environment["KERAS_BACKEND"])
    code = "import sys; sys.path.insert(0, sys.argv[1]); import test_determinism as t;"
    code += "print(t.timeline())"
    printed = subprocess.run(
        [sys.executable, "-c", code, os.path.dirname(__file__)],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert printed.strip() == timeline()


def test_the_fakes_answer_on_jax_as_well() -> None:
    """The tests of model and optimizer pass on a backend that trains nothing here."""
    pytest.importorskip("jax")
    folder = Path(__file__).parents[1] / "fakes"
    files = [str(folder / name) for name in ("test_optimizer.py", "test_model.py")]
    result = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-k", "not real", "-p", "no:cacheprovider", *files],
        env={**os.environ, "KERAS_BACKEND": "jax"},
        capture_output=True,
        text=True,
    )
    assert result.returncode == 0, result.stdout
    assert "passed" in result.stdout
