"""Trainings that are recorded, and their replays."""

from pathlib import Path
from typing import Any

import keras
import numpy as np

from dryfit import Recorder, load_scenarios, play
from dryfit.judge.verdict import Verdict, judge

K = keras.callbacks


def record(file: Path, callbacks: list[Any], metrics: Any, save_batches: bool = False, **keys: Any):
    """Record a training that follows a script; return the text of the file."""
    recorder = Recorder(callbacks, save=file, save_batches=save_batches)
    play(metrics, [recorder], **keys)
    return file.read_text(encoding="utf-8")


def replay(file: Path, lane: str = "fake") -> Verdict:
    (scenario,) = load_scenarios(file)
    verdict = judge(scenario, lane)
    assert verdict.holds, verdict.failures
    return verdict


def part(text: str, key: str) -> str:
    """The lines below a key of the file's top level."""
    lines = text.partition(f"\n{key}:")[2].splitlines()[1:]
    return "\n".join(line for line in lines[: _next_key(lines)])


def _next_key(lines: list[str]) -> int:
    return next((i for i, line in enumerate(lines) if line[:1].isalpha()), len(lines))


def model(**compiled: Any) -> Any:
    made = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
    made.compile(**{"optimizer": "sgd", "loss": "mse", "metrics": ["mae"]} | compiled)
    return made


def fit(callbacks: list[Any], trained: Any = None, **keys: Any) -> Any:
    x = np.random.default_rng(0).normal(size=(8, 2)).astype("float32")
    data = {"x": x, "y": x[:, :1], "batch_size": 2, "verbose": 0, "epochs": 3}
    return (trained or model()).fit(**data | {"callbacks": callbacks} | keys)


def hidden(kind: Any) -> Any:
    """A class of the same name that cannot be imported."""
    return type(kind.__name__, (kind,), {"__module__": "__main__"})()
