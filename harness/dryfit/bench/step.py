"""How long a training step takes: what a callback's cost is a share of."""

import re

import numpy as np

from dryfit.bench.estimate import LOW
from dryfit.bench.loop import Begins, Ends

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


def step_of_the_tutorials_network_ns() -> float:
    """Train the tutorial's network for real, without callbacks; return nanoseconds per step.

    32 images of 28 x 28 in a batch; the low quantile of ten epochs of 100 batches.
    """
    from dryfit.lanes.networks import Samples, tutorial_network

    model = tutorial_network()
    random = np.random.default_rng(0)
    images = random.random((_SAMPLES, 28, 28), dtype=np.float32)
    data = Samples(images, random.integers(0, 10, _SAMPLES)).batches(_BATCHES)
    laps = []
    for _ in range(_ROUNDS + 1):  # the first one traces the step
        begins, ends = Begins(), Ends()
        model.fit(data, epochs=1, verbose=0, callbacks=[ends, begins])
        laps.append((ends.ended[0] - begins.started[0]) / _BATCHES)
    return float(np.quantile(laps[1:], LOW, method="lower"))
