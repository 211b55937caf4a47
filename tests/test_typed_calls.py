"""What mypy finds in a user's test file, and what it leaves alone."""

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
TEST = """\
import pytest

from dryfit import play
from dryfit.pytest import Lane, ScriptedFit


@pytest.mark.parametrize("lane", ["fake", "real"])
def test_right(scripted_fit: ScriptedFit, lane: Lane) -> None:
    run = scripted_fit({"loss": "1x3"}, lane=lane, batches=3)
    assert [rate for epoch in run.rates for rate in epoch] == [0.1] * 9
    assert run.rates[0][0] == 0.1


def test_wrong(scripted_fit: ScriptedFit) -> None:
    scripted_fit({"loss": "1x3"}, lane="reel")
    scripted_fit({"loss": "1x3"}, batchs=3)
    play({"loss": "1x3"}, lane="reel")
    play({"loss": "1x3"}, batchs=3)
"""


def test_wrong_calls_are_found_and_right_ones_are_clean(tmp_path: Path) -> None:
    """A lane that is none and a misspelt key, of the fixture and of `play`."""
    file = tmp_path / "test_it.py"
    file.write_text(TEST, encoding="utf-8")
    kept = ROOT / ".mypy_cache"
    ended = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", f"--cache-dir={kept}", str(file)],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    lines = [int(line) for line in re.findall(r"test_it\.py:(\d+): error", ended.stdout)]
    assert lines == [15, 16, 17, 18], ended.stdout + ended.stderr
