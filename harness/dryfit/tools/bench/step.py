"""How long a training step takes: what a callback's cost is a share of."""

import re
from typing import Any

import numpy as np

from dryfit.scenario.given_training import GivenTraining
from dryfit.scenario.usage import UsageError
from dryfit.tools.bench.estimate import LOW
from dryfit.tools.bench.loop import EpochBegins, EpochEnds
from dryfit.tools.bench.stopwatch import Stopwatch, between

_UNITS = {"ns": 1.0, "us": 1e3, "µs": 1e3, "ms": 1e6, "s": 1e9}
_SAMPLES, _BATCHES, _ROUNDS = 32, 100, 10


def read_time_ns(text: str) -> float:
    """Read a time such as ``5ms``.

    Raises:
        ValueError: it is none, or not above 0.
    """
    found = re.fullmatch(r"\s*(\d+\.?\d*|\.\d+)\s*(ns|us|µs|ms|s)\s*", text)
    if found is None or float(found[1]) == 0:
        raise ValueError(f"{text!r} is no time above 0 with its unit: 5ms, 250us, .1s")
    return float(found[1]) * _UNITS[found[2]]


def step_ns_of(training: GivenTraining) -> float:
    """Train a model for real, without callbacks; return nanoseconds per step.

    The low quantile of ten epochs of 100 batches.

    Args:
        training: the model and its data; without one it is the tutorial's network, with 32
            images of 28 x 28 in a batch.

    Raises:
        UsageError: the model cannot be trained so.
    """
    model, samples = _given(training) if training.model is not None else _tutorials()
    data = samples.batches(_BATCHES)
    laps = []
    with Stopwatch() as watch:
        for _ in range(_ROUNDS + 1):  # the first one traces the step
            begins, ends = EpochBegins(watch), EpochEnds(watch)
            model.fit(data, epochs=1, shuffle=False, verbose=0, callbacks=[ends, begins])
            assert ends.ended is not None
            laps.append(between(begins.started, ends.ended).ns / _BATCHES)
    return float(np.quantile(laps[1:], LOW, method="lower"))


def _tutorials() -> tuple[Any, Any]:
    from dryfit.lanes.networks import Samples, tutorial_network

    random = np.random.default_rng(0)
    images = random.random((_SAMPLES, 28, 28), dtype=np.float32)
    return tutorial_network(), Samples(images, random.integers(0, 10, _SAMPLES))


def _given(training: GivenTraining) -> tuple[Any, Any]:
    from dryfit.lanes.networks import Samples, samples_for

    model = training.new_model()
    if training.data is not None:
        return model, Samples(*training.batch())
    try:
        return model, samples_for(model)
    except ValueError:
        why = f"{type(model).__name__} does not tell the shapes of its inputs and outputs"
        raise UsageError("--against-model", f"{why}; give one batch: --data") from None
