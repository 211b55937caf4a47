"""The pack in both lanes on Keras' other backends, where they are installed."""

import importlib.util
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

PACK = Path(__file__).parents[2] / "scenarios"
OTHERS = ["jax", "torch"]


def run_pack(backend: str, *folders: str) -> str:
    """The last line of a run in both lanes, which must hold."""
    if importlib.util.find_spec(backend) is None:
        pytest.skip(f"{backend} is not installed")
    result = subprocess.run(
        [sys.executable, "-m", "dryfit", "run", "--lane", "both", *folders],
        env={**os.environ, "KERAS_BACKEND": backend},
        cwd=PACK,
        capture_output=True,
        text=True,
        timeout=900,
    )
    assert result.returncode == 0, result.stdout + result.stderr
    print(result.stdout)  # the counts, for `pytest -s`
    return result.stdout.splitlines()[-1]


def compared(line: str) -> tuple[int, int]:
    """How many calls were compared between the lanes, and how many differ."""
    found = re.search(r"(\d+) calls compared, (\d+) differ", line)
    assert found is not None, line
    return int(found[1]), int(found[2])


@pytest.mark.parametrize("backend", OTHERS)
def test_the_lanes_agree(backend: str) -> None:
    """On hooks, logs, stops, nan and restores: the subjects where trainers differ."""
    calls, differ = compared(run_pack(backend, "protocol", "nan", "lifecycle"))
    assert (calls > 40, differ) == (True, 0)


@pytest.mark.parity
@pytest.mark.parametrize("backend", OTHERS)
def test_the_lanes_agree_on_the_whole_pack(backend: str) -> None:
    """Every scenario but those that say that the backend is another."""
    calls, differ = compared(run_pack(backend, "."))
    assert (calls > 200, differ) == (True, 0)
