"""A training over two virtual devices: a Recorder and the real lane tell what one device does."""

import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

SCRIPT = Path(__file__).with_name("two_devices.py")


@pytest.mark.parametrize("backend", ["tensorflow", "jax"])
def test_two_devices(backend: str) -> None:
    """tf.distribute.MirroredStrategy and keras.distribution.DataParallel."""
    if find_spec(backend) is None:
        pytest.skip(f"{backend} is not installed")
    command = [sys.executable, str(SCRIPT), backend]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "the same\n"), done.stderr[-2000:]
