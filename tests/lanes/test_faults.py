"""Faults as lines of a script: disks that fail, warnings as errors, a process that is killed."""

import errno
import warnings
from pathlib import Path
from typing import Any

import keras
import pytest

from dryfit import Script, load_scenarios, play
from dryfit.judge.verdict import judge
from dryfit.scenario.problems import ScenarioFileError
from dryfit_fakes import Disk, ScriptError

BOTH = pytest.mark.parametrize("lane", ["fake", "real"])


def saving(path: str = "{epoch}.weights.h5") -> keras.callbacks.Callback:
    return keras.callbacks.ModelCheckpoint(path, save_weights_only=True)


@BOTH
@pytest.mark.parametrize(
    ("disk", "number", "left"),
    [
        ({"fails": "full", "at_write": 1}, errno.ENOSPC, 0),
        ({"fails": "full", "at_write": 1, "after_bytes": 100}, errno.ENOSPC, 100),
        ({"fails": "read_only", "at_write": 1}, errno.EROFS, None),
        ({"fails": "torn", "at_write": 1, "after_bytes": 9}, errno.EIO, 9),
    ],
    ids=lambda value: str(value),
)
def test_a_disk_fails_as_the_operating_system_says(
    lane: str,
    disk: dict[str, Any],
    number: int,
    left: int | None,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The first file is whole, and of the second is there what there was room for."""
    monkeypatch.chdir(tmp_path)
    with pytest.raises(OSError, match=r"2\.weights\.h5") as raised:
        play({"loss": "3 2 1"}, [saving()], lane=lane, disk=disk)
    assert raised.value.errno == number
    sizes = {path.name: path.stat().st_size for path in tmp_path.iterdir()}
    assert sizes.pop("1.weights.h5") > 1000
    assert sizes == ({} if left is None else {"2.weights.h5": left})
    run = raised.value.run  # type: ignore[attr-defined]
    assert [save.path for save in run.checkpoints] == ["1.weights.h5"]


@BOTH
@pytest.mark.parametrize(
    ("fails", "written"), [("full", [0]), ("torn", [0, 2]), ("read_only", [0])]
)
def test_a_disk_stays_full_and_a_write_is_torn_once(
    lane: str, fails: str, written: list[int], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A callback that lives with the error finds out in the next epoch."""

    class Stubborn(keras.callbacks.Callback):
        def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
            try:
                self.model.save_weights(f"{epoch}.weights.h5")
            except OSError:
                return

    monkeypatch.chdir(tmp_path)
    run = play({"loss": "3 2 1"}, [Stubborn()], lane=lane, disk={"fails": fails, "at_write": 1})
    assert [save.epoch for save in run.checkpoints] == written


@pytest.mark.parametrize(
    ("disk", "message"),
    [
        ({"fails": "slow"}, "disk.fails is one of full, read_only, torn, not 'slow'"),
        ({"fails": "full", "at_write": -1}, "disk.at_write is a whole number"),
        ({"fails": "torn", "after_bytes": 1.5}, "disk.after_bytes is a whole number"),
        ({"fails": "read_only", "after_bytes": 5}, "takes no byte"),
        (
            {"fails": "full", "write": 1},
            r"disk has no key 'write'; did you mean 'at_write'\? It has fails, at_write",
        ),
        ({}, "disk.fails is missing"),
        (7, "disk is a Disk or its keys, not 7"),
    ],
)
def test_a_disk_that_cannot_be_is_refused(disk: Any, message: str) -> None:
    """With what is allowed."""
    with pytest.raises(ScriptError, match=message):
        Script(metrics={"loss": "1x2"}, disk=disk)
    assert Script(metrics={"loss": "1x2"}, disk=Disk(fails="torn")).disk == Disk(fails="torn")


@BOTH
def test_a_warning_is_an_exception_if_the_script_says_so(lane: str) -> None:
    """It comes out of the callback that warns; afterwards the filters are what they were."""
    before = list(warnings.filters)
    with pytest.raises(UserWarning, match="which is not available") as raised:
        play({"loss": "1x2"}, [keras.callbacks.EarlyStopping()], lane=lane, warnings="error")
    run = raised.value.run  # type: ignore[attr-defined]
    assert (run.raised.by, run.raised.epoch, run.raised.type) == ("EarlyStopping", 0, "UserWarning")
    assert list(warnings.filters) == before


@BOTH
def test_python_s_quiet_warnings_stay_quiet(lane: str) -> None:
    """Whether a library under the callback is deprecated is not what a script is about."""

    class Old(keras.callbacks.Callback):
        def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
            warnings.warn("old", DeprecationWarning, stacklevel=2)

    assert play({"loss": "1x2"}, [Old()], lane=lane, warnings="error").epochs_run == 2


def test_warnings_are_errors_or_not() -> None:
    """There is nothing else to say about them."""
    with pytest.raises(ScriptError, match="warnings is 'error' or left out, not 'ignore'"):
        Script(metrics={"loss": "1x2"}, warnings="ignore")  # type: ignore[arg-type]


HOOKS = [
    "on_train_begin on_epoch_begin on_train_batch_begin on_train_batch_end on_test_begin",
    "on_test_batch_begin on_test_batch_end on_test_end on_epoch_end on_train_end",
]


@BOTH
@pytest.mark.parametrize("hook", " ".join(HOOKS).split())
@pytest.mark.parametrize("kind", [KeyboardInterrupt, SystemExit, LookupError])
def test_a_script_breaks_off_in_any_hook(lane: str, hook: str, kind: type[BaseException]) -> None:
    """That hook is the last, and the play comes back with the run."""
    script = Script(
        metrics={"loss": "2 1", "val_loss": "2 1"}, interrupt={"raises": kind, "hook": hook}
    )
    run = play(script, [], lane=lane)
    assert (run.hooks[-1].name, run.raised.type) == (hook, kind.__name__)


def test_a_script_kills_no_process_that_is_not_there_for_it() -> None:
    """Neither pytest nor a notebook is to die of a test."""
    with pytest.raises(RuntimeError, match="kills the process that plays it"):
        play({"loss": "1x2"}, [], interrupt={"raises": "kill"})


def test_what_is_raised_is_an_exception() -> None:
    """A name is one of scenario files."""
    with pytest.raises(ScriptError, match="an exception, its class or 'kill', not 'ValueError'"):
        Script(metrics={"loss": "1x2"}, interrupt={"raises": "ValueError"})


KILLED = """
name: killed
callbacks: [StopAt: {epoch: 1}]
calls:
  - call: fit
    script: {metrics: {loss: 1x3}, interrupt: {epoch: EPOCH, raises: kill}}
    expect: {EXPECT}
  - {call: fit, script: {metrics: {loss: 1x3}}, callbacks: fresh, MODEL}
"""


def written(folder: Path, epoch: int = 1, expect: str = "files: []", model: str = "") -> Path:
    file = folder / "killed.scenario.yaml"
    text = KILLED.replace("EPOCH", str(epoch)).replace("EXPECT", expect)
    file.write_text(text.replace("MODEL", model or "model: fresh"))
    return file


def test_a_scenario_whose_kill_never_comes_is_in_error(tmp_path: Path) -> None:
    """It says so at the interrupt's line; nothing passes because nothing happened."""
    verdict = judge(load_scenarios(written(tmp_path, epoch=2))[0], "fake")
    assert (verdict.outcome, verdict.holds) == ("error", False)
    assert "came to its end before the place of its kill" in verdict.reason


def test_a_killed_process_has_no_memory(tmp_path: Path) -> None:
    """What it cannot tell is not expected of it, and the next call begins anew."""
    with pytest.raises(ScenarioFileError, match="model: fresh"):
        load_scenarios(written(tmp_path, model="model: same"))
    with pytest.raises(ScenarioFileError, match="leaves its files and cannot tell more"):
        load_scenarios(written(tmp_path, expect="epochs_run: 1"))
