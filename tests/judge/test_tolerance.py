"""How near a number must be to the one that is expected."""

from pathlib import Path

import pytest

from dryfit import load_scenarios
from dryfit.judge.verdict import judge


@pytest.mark.parametrize(
    ("expected", "tolerance", "outcome"),
    [
        ("1.0000005", "", "passed"),
        ("1.000002", "", "failed"),
        ("1.0001", "", "failed"),
        ("1.0000005", "tolerance: exact", "failed"),  # float32 has a step of 1.2e-7 there
        ("1.00000001", "tolerance: exact", "passed"),  # the same float32
        ("1", "tolerance: exact", "passed"),
    ],
)
def test_a_number_is_near_enough(
    expected: str, tolerance: str, outcome: str, tmp_path: Path
) -> None:
    """Within 1e-6 of it; with tolerance: exact, the same float32."""
    file = tmp_path / "a.scenario.yaml"
    file.write_text(
        "name: one\nscript: {metrics: {loss: 1x2}}\n"
        f"expect:\n  history: {{loss: {expected}}}\n  {tolerance}\n"
    )
    (scenario,) = load_scenarios(file)
    assert judge(scenario, "fake").outcome == outcome
