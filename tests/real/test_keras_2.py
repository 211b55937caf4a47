"""Keras 2 is played as Keras 3 is: the same cases, in a process that has it."""

import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

HERE = Path(__file__).parent
CASES = "fit_calls and (freq or steps or mid-epoch or StopIteration or unknown)"
needs_tf_keras = pytest.mark.skipif(
    find_spec("tf_keras") is None, reason="tf_keras is not installed: pip install 'dryfit[legacy]'"
)


def in_keras_2(*words: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run Python with Keras 2."""
    environment = os.environ | {"TF_USE_LEGACY_KERAS": "1"} | variables
    return subprocess.run(
        [sys.executable, *words], capture_output=True, text=True, env=environment, cwd=HERE
    )


def assert_all_pass(*words: str) -> None:
    """Run tests with Keras 2; none fails, and some are there."""
    done = in_keras_2("-m", "pytest", "-q", "-n0", "-p", "no:cacheprovider", *words)
    assert done.returncode == 0, done.stdout
    assert " passed" in done.stdout


@needs_tf_keras
def test_plain_keras_2_agrees_with_both_lanes() -> None:
    """Hooks, arguments and logs are those of a model that knows nothing of dryfit."""
    assert_all_pass("test_plain_keras.py", "-k", CASES)


@needs_tf_keras
@pytest.mark.parity
def test_plain_keras_2_agrees_with_both_lanes_in_all_cases() -> None:
    """The whole file of Keras 3, and its random settings in both lanes."""
    assert_all_pass("test_plain_keras.py", "test_parity.py", "-m", "parity or not parity")


@needs_tf_keras
@pytest.mark.parity
def test_the_callbacks_of_keras_2_pass_the_checks() -> None:
    """Whether code is left over from Keras 2 is no question there."""
    done = in_keras_2("-m", "dryfit", "check", "EarlyStopping", "ReduceLROnPlateau")
    assert done.returncode == 0, done.stdout
    assert "- left over from Keras 2" in done.stdout


@needs_tf_keras
@pytest.mark.parity
def test_the_pack_holds_in_keras_2() -> None:
    """In the fake lane; what is Keras 3's alone is skipped."""
    done = in_keras_2("-m", "dryfit", "run", str(HERE.parents[1] / "scenarios"))
    assert done.returncode == 0, done.stdout


def test_without_tf_keras_the_error_says_what_to_install(tmp_path: Path) -> None:
    """Not that a module is missing of which nobody has heard."""
    (tmp_path / "tf_keras.py").write_text("raise ModuleNotFoundError(name='tf_keras')\n")
    path = os.pathsep.join([str(tmp_path), os.environ.get("PYTHONPATH", "")])
    done = in_keras_2("-c", "from dryfit import keras", PYTHONPATH=path)
    assert "pip install 'dryfit[legacy]', or unset TF_USE_LEGACY_KERAS" in done.stderr
