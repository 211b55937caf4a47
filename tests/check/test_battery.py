"""Every check finds its mistake, and does not see one where there is none."""

import gc
from collections.abc import Iterator
from pathlib import Path

import keras
import pytest
from careless import FAILS

from dryfit.check.battery import CHECKS, Check, _result
from dryfit.check.subject import subject_of
from dryfit.scenario.load import load_scenarios
from dryfit.verdict import judge

# Keras' CSVLogger leaves its file open where a run is broken off.
pytestmark = pytest.mark.filterwarnings("ignore:unclosed file:ResourceWarning")


@pytest.fixture(autouse=True)
def files_left_open_close_here() -> Iterator[None]:
    """And not in the middle of another test."""
    yield
    gc.collect()


EVERY = pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.name)
# What no file can show: a process' state, and copies.
WITHOUT_FILE = {
    "signatures of hooks",
    "names of hooks",
    "attributes reset",
    "two instances",
    "deep copy",
    "pickling",
    "open files",
    "threads",
    "environment",
    "working directory",
    "signal handlers",
    "global random state",
    "warning filters",
    "streams",
    "Keras settings",
    "slow hooks",
}


def test_every_check_has_its_mistake() -> None:
    """No check is without a callback that fails it."""
    assert list(FAILS) == [check.name for check in CHECKS]


@EVERY
def test_the_mistake_is_found(check: Check, tmp_path: Path) -> None:
    """The reason is the whole of what is said, and a file that is saved fails too."""
    kind, reason = FAILS[check.name]
    result = _result(check, subject_of(kind, (), {}))
    assert (result.outcome, result.reason) == ("failed", reason)
    if check.name in WITHOUT_FILE:
        assert result.scenario == ""
    else:
        assert verdict_of(result.scenario, tmp_path) == "failed"


@EVERY
def test_a_good_callback_passes(check: Check, tmp_path: Path) -> None:
    """CSVLogger: no check sees a defect, and the files that are saved hold."""
    result = _result(check, subject_of(keras.callbacks.CSVLogger, ("log.csv",), {}))
    assert result.outcome == "passed", result.reason
    if check.name in WITHOUT_FILE:
        assert result.scenario == ""
    else:
        assert verdict_of(result.scenario, tmp_path) == "passed"


def verdict_of(text: str, folder: Path) -> str:
    file = folder / "saved.scenario.yaml"
    file.write_text(text)
    (scenario,) = load_scenarios(file)
    return judge(scenario, "fake").outcome
