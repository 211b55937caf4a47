"""Every check finds its mistake, and does not see one where there is none."""

import copy
import gc
import os
import random
import traceback
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
from careless import CountsOn, SharesDefault, SixInARow
from careless_in_process import SeedsBackend
from careless_with_model import KeepsByLayer, KeepsModel, LogsVariable
from mistakes import FAILS, REMARKS, SOUND

from dryfit.judge.verdict import judge
from dryfit.scenario.load import load_scenarios
from dryfit.tools.check.battery import CHECKS, Check, result_of
from dryfit.tools.check.check_targets import subject_of
from dryfit.tools.check.subject import Subject

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
    "hooks that run",
    "one container",
    "module state",
    "settings with effect",
    "attributes of the model",
    "weights by reference",
    "resumed",
    "output per batch",
    "left over from Keras 2",
    "signatures of hooks",
    "names of hooks",
    "attributes reset",
    "two instances",
    "deep copy",
    "pickling",
    "open files",
    "figures",
    "temporary files",
    "threads",
    "environment",
    "working directory",
    "signal handlers",
    "global random state",
    "warning filters",
    "streams",
    "closed streams",
    "garbage collection",
    "recursion limit",
    "trace functions",
    "Keras settings",
    "slow hooks",
}


def test_every_check_has_its_mistake() -> None:
    """No check is without a callback that fails it."""
    assert [check.name for check in CHECKS if check.name not in REMARKS] == list(FAILS)


@pytest.mark.parametrize("check", [c for c in CHECKS if c.name in FAILS], ids=lambda c: c.name)
def test_the_mistake_is_found(check: Check, tmp_path: Path) -> None:
    """The reason is the whole of what is said, and a file that is saved fails too."""
    random.seed(90)  # a test before may have left the very state that a mistake sets
    np.random.seed(90)
    kind, reason = FAILS[check.name]
    result = result_of(check, subject_of(kind, (), {}))[0]
    assert (result.outcome, result.reason) == ("failed", reason)
    assert result.why
    assert result.write
    if check.name in WITHOUT_FILE:
        assert result.scenario == ""
    else:
        assert verdict_of(result.scenario, tmp_path) == "failed"


@pytest.mark.parametrize("check", [c for c in CHECKS if c.name in REMARKS], ids=lambda c: c.name)
def test_what_fit_never_does_is_a_remark(check: Check) -> None:
    """It is told, and no failure."""
    kind, remark = REMARKS[check.name]
    result = result_of(check, subject_of(kind, (), {}))[0]
    told = (result.outcome, result.reason, result.remark)
    assert told == (
        "passed",
        "not held against it: fit always has logs, and a loss in them",
        remark,
    )


@pytest.mark.parametrize("name", ["NaN later", "inf later"])
def test_a_stop_that_comes_later_is_a_remark(name: str) -> None:
    """What counts how often a condition held counts anew; it stops all the same."""
    check = next(check for check in CHECKS if check.name == name)
    result = result_of(check, subject_of(SixInARow, (), {}))[0]
    told = (result.outcome, result.reason, result.remark)
    assert told == ("passed", "stops later", "stops in epoch 8, without in epoch 5")


@pytest.mark.parametrize("name", SOUND)
def test_the_sound_twin_passes(name: str) -> None:
    """What does the same as the careless one, and does it well, is no failure."""
    kind, reason = SOUND[name]
    (check,) = (check for check in CHECKS if check.name == name)
    result = result_of(check, subject_of(kind, (), {}))[0]
    assert (result.outcome, result.reason, result.why) == ("passed", reason, "")


class ClosesDescriptor(keras.callbacks.Callback):  # type: ignore[misc]
    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        if epoch == 1:
            os.close(1)


class TakesDescriptor(keras.callbacks.Callback):  # type: ignore[misc]
    def on_train_begin(self, logs: Any = None) -> None:
        with open("all.log", "w") as file:
            os.dup2(file.fileno(), 2)


class CollectsLate(keras.callbacks.Callback):  # type: ignore[misc]
    def on_train_begin(self, logs: Any = None) -> None:
        gc.set_threshold(1_000_000)


@pytest.mark.parametrize(
    ("name", "kind", "reason"),
    [
        ("closed streams", ClosesDescriptor, "leaves descriptor 1 closed"),
        ("closed streams", TakesDescriptor, "leaves descriptor 2 another file"),
        (
            "garbage collection",
            CollectsLate,
            "leaves garbage collection with other thresholds",
        ),
        (
            "weights by reference",
            KeepsModel,
            "self.best_model is the model itself, set in on_epoch_end of epoch 0",
        ),
        (
            "weights by reference",
            KeepsByLayer,
            "self.saved has the model's own variables since on_epoch_end of epoch 0",
        ),
        (
            "shared logs",
            LogsVariable,
            "puts a variable into the logs as 'lr', and not its value",
        ),
        ("global random state", SeedsBackend, "changes the state of tf.random"),
    ],
)
def test_other_ways_to_the_same_mistake(name: str, kind: type, reason: str) -> None:
    """They are found as well."""
    (check,) = (check for check in CHECKS if check.name == name)
    result = result_of(check, subject_of(kind, (), {}))[0]
    assert (result.outcome, result.reason) == ("failed", reason)


def test_a_count_that_goes_on_is_a_remark() -> None:
    """It may be meant so; a count of fits is."""
    (check,) = (check for check in CHECKS if check.name == "attributes reset")
    result = result_of(check, subject_of(CountsOn, (), {}))[0]
    assert result.remark == "step goes on counting: 60 after a fit, 120 after the next"


@cache
def good() -> Subject:
    """One subject for all checks, as `dryfit check` has: its plain run, a real one, comes once."""
    return subject_of(keras.callbacks.CSVLogger, ("log.csv",), {})


@EVERY
def test_a_good_callback_passes(check: Check, tmp_path: Path) -> None:
    """CSVLogger: no check sees a defect, and the files that are saved hold."""
    result = result_of(check, good())[0]
    assert result.outcome == "passed", result.reason
    if check.name in WITHOUT_FILE:
        assert result.scenario == ""
    else:
        assert verdict_of(result.scenario, tmp_path) == "passed"


@pytest.mark.parametrize(
    ("append", "remark"), [(False, "writes a.csv anew: what was in there is gone"), (True, "")]
)
def test_a_log_that_begins_anew_is_a_remark(append: bool, remark: str) -> None:
    """What stands in the file of a training that goes on is worth a word if it is lost."""
    subject = subject_of(keras.callbacks.CSVLogger, ("a.csv",), {"append": append})
    (check,) = (check for check in CHECKS if check.name == "resumed")
    result = result_of(check, subject)[0]
    assert (result.outcome, result.remark) == ("passed", remark)


def verdict_of(text: str, folder: Path) -> str:
    file = folder / "saved.scenario.yaml"
    file.write_text(text)
    (scenario,) = load_scenarios(file)
    return judge(scenario, "fake").outcome


class WantsAllEpochs(keras.callbacks.Callback):  # type: ignore[misc]
    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        if epoch + 1 == self.params["epochs"]:
            self.last = epoch

    def on_train_end(self, logs: Any = None) -> None:
        print(self.last)


def test_an_exception_is_told_as_one() -> None:
    """What a check looks for is something else, and so is what to write instead of it."""
    (check,) = (check for check in CHECKS if check.name == "stopped by another")

    told = result_of(check, subject_of(WantsAllEpochs, (), {}))[0]
    assert told.write == "in on_train_begin what on_train_end reads"
    assert result_of(check, subject_of(FAILS[check.name][0], (), {}))[0].write == (
        "self.model.stop_training = True, or nothing: never False"
    )


class ClosesForGood(keras.callbacks.Callback):  # type: ignore[misc]
    def __init__(self) -> None:
        super().__init__()
        self.closed = False

    def on_train_end(self, logs: Any = None) -> None:
        if self.closed:
            raise ValueError("closed")
        self.closed = True


class ForOneFit(keras.callbacks.Callback):  # type: ignore[misc]
    def __init__(self) -> None:
        super().__init__()
        self.used = False

    def on_train_begin(self, logs: Any = None) -> None:
        if self.used:
            raise RuntimeError("one callback, one fit")
        self.used = True


class HidesAnother(keras.callbacks.Callback):  # type: ignore[misc]
    """Is done with the first fit, and says so in the second, in passing."""

    def __init__(self) -> None:
        super().__init__()
        self.done = False

    def on_train_begin(self, logs: Any = None) -> None:
        try:
            if self.done:
                raise RuntimeError("one callback, one fit")
        except RuntimeError:
            traceback.print_exc()
        self.done = True


class CopiesShallowly(keras.callbacks.Callback):  # type: ignore[misc]
    def __init__(self) -> None:
        super().__init__()
        self.seen: list[int] = []

    def __deepcopy__(self, memo: Any) -> "CopiesShallowly":
        return copy.copy(self)

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        self.seen.append(epoch)


class HoldsResource(keras.callbacks.Callback):  # type: ignore[misc]
    """Has what TensorFlow does not pickle."""

    def __init__(self) -> None:
        import tensorflow as tf

        super().__init__()
        self.handle = tf.raw_ops.VarHandleOp(dtype=tf.float32, shape=())


class RefusesToBeRead(keras.callbacks.Callback):  # type: ignore[misc]
    def __setstate__(self, state: Any) -> None:
        raise LookupError("no")


@pytest.mark.parametrize(
    ("name", "kind", "outcome"),
    [
        ("two fits", ClosesForGood, "failed"),
        ("two fits", HidesAnother, "failed"),
        ("two fits", ForOneFit, "passed"),  # and says why, as a remark
        ("attributes reset", ClosesForGood, "not_applicable"),  # one row of it is enough
        ("deep copy", SharesDefault, "passed"),  # all instances share, and the copy does not
        ("deep copy", CopiesShallowly, "failed"),
        ("pickling", HoldsResource, "not_applicable"),
        ("pickling", RefusesToBeRead, "failed"),
    ],
)
def test_what_is_told_elsewhere_or_is_somebody_elses(name: str, kind: type, outcome: str) -> None:
    """A second fit that breaks off is one row, and what others cannot copy is none."""
    (check,) = (check for check in CHECKS if check.name == name)
    assert result_of(check, subject_of(kind, (), {}))[0].outcome == outcome
