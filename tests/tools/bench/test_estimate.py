"""What an estimate is, and the numbers that go in and come out."""

import pytest

from dryfit.tools.bench.cost import Cost
from dryfit.tools.bench.estimate import Estimate, difference
from dryfit.tools.bench.step import read_time_ns


def test_the_estimate_is_the_difference_of_low_quantiles() -> None:
    """Of ten rounds the second fastest; rounds that something disturbed do not count."""
    base = [3.0, 1.0, 1.0, 9.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0]
    full = [5.0, 4.0, 4.0, 4.0, 90.0, 4.0, 4.0, 4.0, 4.0, 4.0]
    assert difference([[b] for b in base], [[f] for f in full]) == Estimate(3.0, 3.0, 3.0)


def test_each_part_counts_by_itself() -> None:
    """Every round is disturbed in some part, and no part in every round."""
    base = [[1.0, 1.0]] * 10
    full = [[2.0, 99.0], [99.0, 7.0]] * 5
    assert difference(base, full).value == (2 - 1) + (7 - 1)


@pytest.mark.parametrize(
    ("text", "ns"), [("5ms", 5e6), ("250us", 2.5e5), (".1s", 1e8), ("1.5 ms", 1.5e6)]
)
def test_a_steps_time_has_a_unit(text: str, ns: float) -> None:
    """Nanoseconds, whatever the unit."""
    assert read_time_ns(text) == ns


@pytest.mark.parametrize("text", ["5", "ms", "0ms", "-1ms", "5 minutes"])
def test_a_time_that_is_none_is_refused(text: str) -> None:
    """With how to write one."""
    with pytest.raises(ValueError, match="is no time above 0 with its unit: 5ms, 250us, .1s"):
        read_time_ns(text)


def test_a_cost_that_was_not_measured_has_no_numbers() -> None:
    """Nothing is zero because it is unknown."""
    cost = Cost(callback="A", note="not measured: it raised")
    assert (cost.ns_per_batch, cost.low, cost.allocations_per_batch) == (None, None, None)
