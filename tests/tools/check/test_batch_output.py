"""A file, a line, a record of the log for each batch: found however it is written."""

import csv
import logging
import sqlite3
import sys
from pathlib import Path
from typing import Any

import keras
import pytest

from dryfit.tools.check.battery import CHECKS, result_of
from dryfit.tools.check.check_targets import subject_of

# A handle that a constructor opens is nobody's where the callback is made to be looked at.
pytestmark = [
    pytest.mark.filterwarnings("ignore:unclosed file:ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]

(CHECK,) = (check for check in CHECKS if check.name == "output per batch")
PASSED = ("passed", "no file and no line for each batch")


class Appends(keras.callbacks.Callback):  # type: ignore[misc]
    def __init__(self, path: str = "batches.txt") -> None:
        super().__init__()
        self.path = path

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        with open(self.path, "a") as file:
            file.write(f"{batch}\n")


class AppendsByPath(keras.callbacks.Callback):  # type: ignore[misc]
    def on_train_batch_begin(self, batch: int, logs: Any = None) -> None:
        with Path("batches.txt").open("a") as file:
            file.write(f"{batch}\n")


class WritesTheSame(keras.callbacks.Callback):  # type: ignore[misc]
    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        Path("status.txt").write_text("training")


class KeepsHandle(keras.callbacks.Callback):  # type: ignore[misc]
    def on_train_begin(self, logs: Any = None) -> None:
        self.file = open("batches.csv", "w")  # noqa: SIM115  # closed at the end
        self.rows = csv.writer(self.file)

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        self.rows.writerow([batch, logs["loss"]])

    def on_train_end(self, logs: Any = None) -> None:
        self.file.close()


class OpensWhenMade(KeepsHandle):
    def __init__(self) -> None:
        super().__init__()
        KeepsHandle.on_train_begin(self)

    def on_train_begin(self, logs: Any = None) -> None:
        pass


class GoesBack(KeepsHandle):
    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        self.file.seek(0)
        self.file.write(f"{batch:05d}")


class KeepsConnection(keras.callbacks.Callback):  # type: ignore[misc]
    def on_train_begin(self, logs: Any = None) -> None:
        self.base = sqlite3.connect("batches.db")
        self.base.execute("create table if not exists batches (batch)")

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        self.base.execute("insert into batches values (?)", (batch,))
        self.base.commit()

    def on_train_end(self, logs: Any = None) -> None:
        self.base.close()


class Prints(keras.callbacks.Callback):  # type: ignore[misc]
    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        sys.stderr.write(f"{batch}: {logs['loss']}\n")


class PrintsValidation(keras.callbacks.Callback):  # type: ignore[misc]
    def on_test_batch_end(self, batch: int, logs: Any = None) -> None:
        print(batch)


class LogsBatches(keras.callbacks.Callback):  # type: ignore[misc]
    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        logging.getLogger("batches").warning("batch %d", batch)


@pytest.mark.parametrize(
    ("kind", "reason"),
    [
        (Appends, "writes to batches.txt in 42 of 42 batches"),
        (AppendsByPath, "writes to batches.txt in 42 of 42 batches"),
        (WritesTheSame, "writes to status.txt in 42 of 42 batches"),
        (KeepsHandle, "writes to batches.csv in 42 of 42 batches"),
        (OpensWhenMade, "writes to batches.csv in 42 of 42 batches"),
        (GoesBack, "writes to batches.csv in 42 of 42 batches"),
        (KeepsConnection, "writes to batches.db in 42 of 42 batches"),
        (Prints, "prints in 42 of 42 batches"),
        (PrintsValidation, "prints in 42 of 42 batches of validation"),
        (LogsBatches, "logs in 42 of 42 batches"),
    ],
)
def test_what_each_batch_leaves_is_found(kind: type, reason: str) -> None:
    """Whether a handle is kept or not, and wherever it was opened."""
    result = result_of(CHECK, subject_of(kind, (), {}))[0]
    assert (result.outcome, result.reason) == ("failed", reason)


def test_a_file_elsewhere_is_found(tmp_path: Path) -> None:
    """The run's folder is not the only one that fills up."""
    path = tmp_path / "batches.txt"
    result = result_of(CHECK, subject_of(Appends, (str(path),), {}))[0]
    assert result.reason == f"writes to {path} in 42 of 42 batches"


class WritesAtTheEnd(keras.callbacks.Callback):  # type: ignore[misc]
    """Keeps a row for each batch, writes and prints them once an epoch."""

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        self.rows: list[str] = []

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        self.rows.append(f"{batch}\n")

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        with open("batches.txt", "a") as file:
            file.writelines(self.rows)
        print("".join(self.rows))


class EveryTenth(keras.callbacks.Callback):  # type: ignore[misc]
    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        if batch % 10 == 0:
            with open("batches.txt", "a") as file:
                file.write(f"{batch}\n")
            print(batch)


class Bar(keras.callbacks.Callback):  # type: ignore[misc]
    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        print(f"\r{batch}", end="")


class ReadsEachBatch(keras.callbacks.Callback):  # type: ignore[misc]
    def on_train_begin(self, logs: Any = None) -> None:
        Path("stop.txt").write_text("no")

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        if Path("stop.txt").read_text() == "yes":
            self.model.stop_training = True


@pytest.mark.parametrize("kind", [WritesAtTheEnd, EveryTenth, Bar, ReadsEachBatch])
def test_what_is_written_now_and_then_passes(kind: type) -> None:
    """Nothing of it comes with each batch."""
    result = result_of(CHECK, subject_of(kind, (), {}))[0]
    assert (result.outcome, result.reason) == PASSED


class WarnsBeyond(keras.callbacks.Callback):  # type: ignore[misc]
    """Is told how many batches an epoch has: three, as in the plain run."""

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        if batch >= 3:
            logging.getLogger("batches").warning("more batches than said: %d", batch)


class StopsSoon(Prints):
    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        self.model.stop_training = epoch == 1


def test_epochs_have_as_many_batches_as_in_the_plain_run() -> None:
    """Else who is told their number has something to say about each of the others."""
    result = result_of(CHECK, subject_of(WarnsBeyond, (), {}))[0]
    assert (result.outcome, result.reason) == PASSED


def test_a_run_that_is_stopped_has_batches_too() -> None:
    """It is a share of those that were played."""
    result = result_of(CHECK, subject_of(StopsSoon, (), {}))[0]
    assert result.reason == "prints in 6 of 6 batches"
