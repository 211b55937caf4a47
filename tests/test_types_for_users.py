"""What mypy says of a user's test: calls that are wrong are found, and right ones are clean."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
RIGHT = """
import pytest
from dryfit import Run, play
from dryfit.pytest import Lane, ScriptedFit


@pytest.mark.parametrize("lane", ["fake", "real"])
def test_it(scripted_fit: ScriptedFit, lane: Lane) -> None:
    run: Run = scripted_fit({"val_loss": ".9 .5 .6x4"}, lane=lane, batches=3, learning_rate=0.1)
    assert [rate for epoch in run.rates for rate in epoch] or run.rates[0][0] == 0.1
    assert run.epochs_run == play({"loss": "1x6"}, lane="real").epochs_run
"""
WRONG = """
from dryfit import play
from dryfit.pytest import ScriptedFit


def test_it(scripted_fit: ScriptedFit) -> None:
    scripted_fit({"loss": "1"}, lane="reel")
    scripted_fit({"loss": "1"}, batchs=3)
    play({"loss": "1"}, lane="reel")
    play({"loss": "1"}, batchs=3)
"""


def test_mypy_finds_a_wrong_lane_and_a_wrong_key(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each wrong call is told in its line, and nothing else is."""
    pytest.importorskip("mypy", reason="mypy is not installed")
    monkeypatch.setenv("MYPYPATH", f"{ROOT / 'harness'}:{ROOT / 'fakes'}")
    monkeypatch.chdir(tmp_path)
    Path("test_right.py").write_text(RIGHT)
    Path("test_wrong.py").write_text(WRONG)
    flags = ["--strict", "--follow-imports=silent", "--no-error-summary", "--hide-error-context"]
    # In a process of its own: mypy raises Python's limit of recursion, and leaves it there.
    words = [sys.executable, "-m", "mypy", *flags, "test_right.py", "test_wrong.py"]
    ended = subprocess.run(words, capture_output=True, text=True)
    told, broke = ended.stdout, ended.stderr
    errors = [line for line in told.splitlines() if ": error: " in line]
    assert [line.split(": error: ")[0] for line in errors] == [
        f"test_wrong.py:{line}" for line in (7, 8, 9, 10)
    ], told + broke
    assert ["lane" in line for line in errors] == [True, False, True, False]
    assert ['did you mean "batches"' in line for line in errors] == [False, True, False, True]
