"""The curves that callbacks are played to: made at random, or recorded."""

import math
from collections.abc import Sequence
from itertools import accumulate, combinations
from typing import Any

from dryfit.lanes.storage_aside import storage_aside
from dryfit_fakes.script import Script

try:
    import hypothesis
    from hypothesis import strategies as st
except ImportError as error:
    raise ImportError(
        "dryfit together needs Hypothesis; install the extra: pip install 'dryfit[hypothesis]'"
    ) from error

VALUES = (1.0, 0.5, 2.0, 0.25, 4.0, math.nan, math.inf)
"""What random curves are made of, the plainest first."""


def random_curves(
    metrics: Sequence[str], epochs: int, count: int, seed: int, step: float | None
) -> list[Script]:
    """Make curves, the same for the same seed.

    Args:
        metrics: what is reported.
        epochs: the most that a curve has; the least are half as many.
        count: how many.
        seed: of the random numbers.
        step: the change from epoch to epoch in a quarter of them; none such without it.
    """
    fine = 0 if step is None else count // 4
    rows = _drawn(st.sampled_from(VALUES), len(metrics), epochs, count - fine, seed)
    made = [_script(metrics, columns) for columns in rows]
    if step is not None and fine:
        steps = st.sampled_from((-step, -step, 0.0, step))
        for columns in _drawn(steps, len(metrics), epochs, fine, seed):
            rising = [list(accumulate(column, initial=1.0))[1:] for column in columns]
            made.append(_script(metrics, rising))
    return made


def is_fine(script: Script, delta: float) -> bool:
    """Whether a metric has two values that differ, and by less than a change that counts."""
    for name in script.series:
        told = [script.value(name, epoch) for epoch in range(script.epochs)]
        finite = {value for value in told if value is not None and math.isfinite(value)}
        if any(abs(one - other) < delta for one, other in combinations(finite, 2)):
            return True
    return False


def _drawn(
    value: st.SearchStrategy[float], columns: int, epochs: int, count: int, seed: int
) -> list[list[list[float]]]:
    lengths = st.integers(max(epochs // 2, 1), epochs)
    found: list[list[list[float]]] = []

    @hypothesis.seed(seed)
    @hypothesis.settings(
        max_examples=count,
        database=None,
        deadline=None,
        suppress_health_check=list(hypothesis.HealthCheck),
        phases=[hypothesis.Phase.generate],
    )
    @hypothesis.given(
        lengths.flatmap(lambda n: st.tuples(*[st.lists(value, min_size=n, max_size=n)] * columns))
    )
    def draw(drawn: Any) -> None:
        found.append([list(column) for column in drawn])

    with storage_aside():
        draw()
    return found


def _script(metrics: Sequence[str], columns: Sequence[Sequence[float]]) -> Script:
    told: dict[str, Any] = dict(zip(metrics, map(list, columns), strict=True))
    return Script(metrics=told, epochs=len(columns[0]))
