"""Keras 2 is played as Keras 3 is: the same cases, in a process that has it."""

import json
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


SOME_SEEDS = "0] or 1] or 2] or 3] or 4]"  # what names of tests end with
ALL_CASES = {
    "plain Keras": ("test_plain_keras.py", "test_nested_evaluate.py"),
    "some random settings": ("test_parity.py", "-k", SOME_SEEDS),
    "all others": ("test_parity.py", "-k", f"not ({SOME_SEEDS})"),
}


@needs_tf_keras
@pytest.mark.parity
@pytest.mark.parametrize("part", ALL_CASES)  # each in a process, which take minutes in all
def test_plain_keras_2_agrees_with_both_lanes_in_all_cases(part: str) -> None:
    """The whole files of Keras 3, and its random settings in both lanes."""
    assert_all_pass(*ALL_CASES[part], "-m", "parity or not parity")


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


@needs_tf_keras
@pytest.mark.parity
def test_the_callbacks_of_keras_2_do_what_their_documentation_says() -> None:
    """But for its own known defects, of which each is found."""
    tests = "documented or known_defect or smallest or another_release or unknown"
    assert_all_pass("../tools/explore/test_against_keras.py", "-k", tests)


STOPS = """\
name: a plateau and early stopping
script: {batches: 2, learning_rate: 1, metrics: {loss: 1x6, val_loss: .9 .5 .6x4}}
callbacks:
  - ReduceLROnPlateau: {monitor: loss, patience: 1}
  - EarlyStopping: {patience: 2, restore_best_weights: true}
  - ModelCheckpoint: {filepath: "{epoch}.h5", save_weights_only: true}
expect:
  stopped: {epoch: 3, by: EarlyStopping}
  weights: {epoch: 1}
  learning_rate: 1 1 .1 .01
  files: {1.h5: {epoch: 0}, 2.h5: {epoch: 1}, 3.h5: {epoch: 2}, 4.h5: {epoch: 3}}
"""


@pytest.fixture
def stops(tmp_path: Path) -> Path:
    """A scenario with names of files that Keras 2 alone takes."""
    file = tmp_path / "stops.scenario.yaml"
    file.write_text(STOPS)
    return file


@needs_tf_keras
@pytest.mark.parity
def test_a_script_for_plain_keras_2_shows_what_the_scenario_says(stops: Path) -> None:
    """It imports tf_keras, whatever is set where it runs."""
    written = in_keras_2("-m", "dryfit", "trace", str(stops), "--standalone")
    script = stops.with_name("stops.py")
    script.write_text(written.stdout)
    done = in_keras_2("-W", "ignore", str(script), TF_USE_LEGACY_KERAS="0")
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.splitlines()[-1].startswith("keras 2.")
    assert done.stdout.count(": as documented") == 6


@needs_tf_keras
@pytest.mark.parity
def test_other_settings_are_replayed_to_keras_2(stops: Path) -> None:
    """What they would have decided."""
    setting = "EarlyStopping: {patience: 1..2}"
    done = in_keras_2("-m", "dryfit", "replay", str(stops), "--with", setting, "--format", "json")
    assert done.returncode == 0, done.stderr
    assert [row["epochs_run"] for row in json.loads(done.stdout)] == [4, 3, 4]


SLOWER = """
from dryfit import keras

class Slower(keras.callbacks.Callback):
    def on_epoch_begin(self, epoch, logs=None):
        if epoch == 1:
            self.model.optimizer.lr = 0.5
"""
TRAINED = """
import numpy as np
from dryfit import Recorder, keras
from slower import Slower

model = keras.Sequential([keras.layers.Dense(1)])
model.compile(keras.optimizers.SGD(1.0), "mse")
recorder = Recorder([Slower()], save="monday.scenario.yaml")
model.fit(np.zeros((2, 1)), np.zeros((2, 1)), epochs=3, verbose=0, callbacks=[recorder])
"""


@needs_tf_keras
@pytest.mark.parity
def test_a_training_recorded_on_keras_2_migrates(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The file names the callback that sets the rate, and says what becomes of that."""
    monkeypatch.chdir(tmp_path)
    Path("slower.py").write_text(SLOWER)
    path = os.pathsep.join([str(tmp_path), os.environ.get("PYTHONPATH", "")])
    environment = os.environ | {"TF_USE_LEGACY_KERAS": "1", "PYTHONPATH": path}
    subprocess.run([sys.executable, "-W", "ignore", "-c", TRAINED], env=environment, check=True)
    text = Path("monday.scenario.yaml").read_text()
    assert "from a fit with tf_keras 2." in text
    assert "  - slower:Slower\n" in text
    command = ["-m", "dryfit", "migrate", "monday.scenario.yaml", "--format", "json"]
    done = subprocess.run([sys.executable, *command], capture_output=True, text=True)
    (otherwise,) = json.loads(done.stdout)["otherwise"]
    told = {difference["what"]: difference for difference in otherwise["differences"]}
    assert (told["learning_rate"]["old"], told["learning_rate"]["new"]) == ("1 0.5x2", "1x3")
    assert otherwise["write"] == "self.model.optimizer.learning_rate = x"


DESCRIBED = """
import json, sys
from dryfit import keras
from dryfit.tools.record.callback_items import describe
from dryfit.tools.record.recorded_paths import RecordedPaths

stopping, checkpoint = keras.callbacks.EarlyStopping, keras.callbacks.ModelCheckpoint
made = [
    stopping(patience=5),
    stopping("val_accuracy"),
    stopping("val_precision", mode="max", min_delta=0.5),
    checkpoint("a.h5", save_weights_only=True),
    checkpoint("a.h5", "f1", mode="max", save_best_only=True, initial_value_threshold=0.5),
]
print(json.dumps([describe(callback, RecordedPaths()).settings for callback in made]))
"""


@needs_tf_keras
@pytest.mark.parity
def test_settings_that_keras_2_does_not_keep_are_recorded() -> None:
    """A mode only where another would be taken from the name."""
    done = in_keras_2("-W", "ignore", "-c", DESCRIBED)
    assert json.loads(done.stdout.splitlines()[-1]) == [
        {"patience": 5},
        {"monitor": "val_accuracy"},
        {"monitor": "val_precision", "mode": "max", "min_delta": 0.5},
        {"filepath": "a.h5", "save_weights_only": True},
        {
            "filepath": "a.h5",
            "monitor": "f1",
            "mode": "max",
            "save_best_only": True,
            "initial_value_threshold": 0.5,
        },
    ], done.stderr


def test_without_tf_keras_the_error_says_what_to_install(tmp_path: Path) -> None:
    """Not that a module is missing of which nobody has heard."""
    (tmp_path / "tf_keras.py").write_text("raise ModuleNotFoundError(name='tf_keras')\n")
    path = os.pathsep.join([str(tmp_path), os.environ.get("PYTHONPATH", "")])
    done = in_keras_2("-c", "from dryfit import keras", PYTHONPATH=path)
    assert "pip install 'dryfit[legacy]', or unset TF_USE_LEGACY_KERAS" in done.stderr
