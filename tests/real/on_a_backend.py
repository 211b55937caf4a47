"""Code on a backend, and a card that it may find there."""

import os
import subprocess
import sys
from importlib.util import find_spec

import pytest

from dryfit.lanes.devices import GraphicsCard

CARD = GraphicsCard(0, "Test Card", 4096)


def python(code: str, backend: str, **environment: str) -> str:
    """Run code on a backend in a process of its own, and return what it prints."""
    if find_spec(backend) is None:
        pytest.skip(f"{backend} is not installed")
    result = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "KERAS_BACKEND": backend, **environment},
        capture_output=True,
        text=True,
    )
    assert result.returncode == 0, result.stderr
    return result.stdout
