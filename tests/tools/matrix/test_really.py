"""Environments that are really made, with uv and the package index: ``make matrix``."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from dryfit.tools.matrix.environments import NoUvError, find_uv
from dryfit.tools.matrix.processes import ProcessError, Processes
from dryfit.tools.matrix.search import releases

pytestmark = pytest.mark.environments

REUSED = """\
name: reused
callbacks: [EarlyStopping: {patience: 3}]
calls:
  - {call: fit, script: {metrics: {loss: 1, val_loss: .1 .2}}, expect: {epochs_run: 2}}
  - {call: fit, script: {metrics: {loss: 1, val_loss: 1-.1x6}}, expect: {epochs_run: EPOCHS}}
"""
MINE = """\
import keras


class Mine(keras.callbacks.EarlyStopping):
    pass
"""
PROJECT = """\
[build-system]
requires = ["hatchling"]
build-backend = "hatchling.build"

[project]
name = "my-project"
version = "1"
"""


@pytest.fixture(scope="module")
def known() -> list[str]:
    """The releases of Keras that there are."""
    try:
        return releases(Processes(), find_uv())
    except (NoUvError, ProcessError) as error:
        pytest.skip(f"no environments can be made here: {error}")


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One for all tests, so that a release is installed once."""
    return tmp_path_factory.mktemp("cache")


@pytest.fixture
def folder(tmp_path: Path, known: list[str]) -> Path:
    """A folder with a scenario that holds from 3.7 to 3.10 and from 3.15 on."""
    (tmp_path / "a.scenario.yaml").write_text(REUSED.replace("EPOCHS", "6"))
    return tmp_path


def command(folder: Path, cache: Path, *words: str) -> list[str]:
    module = [sys.executable, "-m", "dryfit", "matrix", "a.scenario.yaml"]
    return [*module, "--cache", str(cache), *words]


def played(folder: Path, cache: Path, *words: str, status: int) -> dict[str, Any]:
    ended = subprocess.run(
        command(folder, cache, "--format", "json", *words),
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == status, ended.stderr
    found: dict[str, Any] = json.loads(ended.stdout)
    return found


def epochs(found: dict[str, Any]) -> list[str | None]:
    """How many epochs the second fit had in each cell."""
    return [play and play["facts"]["calls[1].epochs_run"] for play in found["rows"][0]["plays"]]


def test_a_reused_early_stopping(folder: Path, cache: Path) -> None:
    """Three epochs in 3.6 and 3.11 to 3.14, six in the others; 3.99 leaves the rest alone."""
    found = played(folder, cache, "--keras", "3.6", "3.10", "3.14.1", "3.15.1", "3.99", status=2)
    assert [cell["title"] for cell in found["cells"]] == [
        *("3.6.0", "3.10.0", "3.14.1", "3.15.1", "3.99")
    ]
    assert epochs(found) == ["3", "6", "3", "6", None]
    assert "keras==3.99" in found["cells"][4]["error"]


def test_keras_2_beside_keras_3(folder: Path, cache: Path) -> None:
    """Each with its own TensorFlow; 2.16 has learned to restore without a stop."""
    scenario = (
        "name: restored\nscript: {metrics: {loss: 1, val_loss: 1 2}}\n"
        "callbacks: [EarlyStopping: {patience: 9, restore_best_weights: true}]\n"
        "expect: {weights: {epoch: 0}}\n"
        "known_defect: {id: tf#35634, when: tf_keras<2.16, instead: {weights: {epoch: 1}}}\n"
    )
    (folder / "a.scenario.yaml").write_text(scenario)
    found = played(folder, cache, "--keras", "3.15", "tf_keras:2.21", "tf_keras:2.15", status=0)
    titles = [cell["title"].rpartition(".")[0] for cell in found["cells"]]
    assert titles == ["tf_keras 2.15", "tf_keras 2.21", "3.15"]
    plays = found["rows"][0]["plays"]
    assert [play["facts"]["weights"][:8] for play in plays] == ["epoch: 1", "epoch: 0", "epoch: 0"]


def test_the_release_that_broke_it_is_found(folder: Path, cache: Path) -> None:
    """3.11.0, with the one before it."""
    found = played(folder, cache, "--bisect", "3.10", "3.11", status=1)
    (change,) = found["rows"][0]["changes"]
    assert (change["before"], change["cell"]) == ("3.10.0", "3.11.0")


def test_an_environment_that_lost_a_file_is_made_again(folder: Path, cache: Path) -> None:
    """And plays as before."""
    played(folder, cache, "--keras", "3.15.1", status=0)
    (lost,) = (cache / "environments").glob("keras-3.15.1-*/**/keras/src/callbacks/history.py")
    lost.unlink()
    assert epochs(played(folder, cache, "--keras", "3.15.1", status=0)) == ["6"]
    assert lost.exists()


def test_a_project_is_installed(folder: Path, cache: Path) -> None:
    """Its callbacks are found from anywhere, and its changes count."""
    package = folder / "project" / "my_project"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text(MINE)
    (folder / "project" / "pyproject.toml").write_text(PROJECT)
    scenario = REUSED.replace("EPOCHS", "6").replace("[EarlyStopping", '["my_project:Mine"')
    (folder / "a.scenario.yaml").write_text(scenario)
    words = ("--keras", "3.15.1", "--with", "./project")
    assert epochs(played(folder, cache, *words, status=0)) == ["6"]
    stops = (
        "    def on_epoch_end(self, epoch, logs=None):\n        self.model.stop_training = True\n"
    )
    (package / "__init__.py").write_text(MINE.replace("    pass\n", stops))
    assert epochs(played(folder, cache, *words, status=1)) == ["1"]


def test_ctrl_c_keeps_what_is_done(folder: Path, cache: Path) -> None:
    """The process group is interrupted after the first cell; the second call goes on."""
    words = ("--keras", "3.8", "3.9", "--jobs", "1", "--format", "json")
    process = subprocess.Popen(
        command(folder, cache, *words),
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )
    assert process.stderr is not None
    first = process.stderr.readline()
    os.killpg(process.pid, signal.SIGINT)
    process.communicate()
    assert (first[:10], process.returncode) == ("keras 3.8,", 130)
    assert len(list((cache / "results").iterdir())) >= 1
    assert epochs(played(folder, cache, *words[:5], status=0)) == ["6", "6"]
