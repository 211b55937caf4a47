"""Of real fits of many callbacks, no recording contradicts itself."""

from collections import Counter

import pytest
from recorded_fits import outcomes

OUTCOMES = {"replays", "says what it leaves out", "no epoch began"}


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("fits", [6, pytest.param(60, marks=pytest.mark.parity)])
def test_no_recording_contradicts_itself(fits: int) -> None:
    """Each replays, or says in words what it leaves out."""
    found = list(outcomes(fits))
    assert [why for _, became, why in found if became == "contradicts itself"] == []
    counts = Counter(became for _, became, _ in found)
    assert counts.keys() <= OUTCOMES
    assert counts["no epoch began"] <= fits / 6
