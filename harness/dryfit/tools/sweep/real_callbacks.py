"""The real callbacks, played to a scripted model: one cell after the other.

There is no recorder, which would take most of the time: what a cell decides is read by a
callback at the end of the list, and by the model's journal.
"""

import shutil
from collections.abc import Iterator, Sequence
from contextlib import chdir, contextmanager
from pathlib import Path
from typing import Any

from dryfit.judge.quiet import quiet
from dryfit.lanes.interrupts import came, held, opened
from dryfit.lanes.left_behind import LeftBehind
from dryfit.lanes.one_at_a_time import its_turn
from dryfit.lanes.put_back import put_back
from dryfit.lanes.recorded_play import WALL_TIME_S
from dryfit.lanes.temporary import temporary_folder
from dryfit.lanes.time_limit import ringing
from dryfit.recorder.copies import end_copy, one_process
from dryfit.recorder.notes import readable
from dryfit.scenario.usage import UsageError
from dryfit.tools.sweep.callback_lists import differs
from dryfit.tools.sweep.curve_arrays import NEVER, CurveArrays, SweptCurve
from dryfit.tools.sweep.outcomes import Outcomes, empty
from dryfit.tools.sweep.settings import SweptSettings, constructed, written
from dryfit_fakes.backend import keras
from dryfit_fakes.journal import WeightsCall, journal_of
from dryfit_fakes.model import FakeModel
from dryfit_fakes.script import Script

_SETTERS = (keras.callbacks.ReduceLROnPlateau, keras.callbacks.LearningRateScheduler)
_SAVES = ("save", "save_weights")


class _Watch(keras.callbacks.Callback):  # type: ignore[misc]
    """Stands behind the others, and sees what has become of an epoch."""

    def __init__(self) -> None:
        super().__init__()
        self.epochs = self.cuts = self.saves = 0
        self.stopped = self.restored = self.last_save = NEVER
        self.in_force: list[float] = []
        self.now = NEVER

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        end_copy()
        self.now = epoch

    def on_train_batch_begin(self, batch: int, logs: Any = None) -> None:
        if batch == 0:
            self.in_force.append(self.rate)

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        end_copy()
        self.epochs += 1
        self.cuts += self.rate < self.in_force[-1]
        if self.model.stop_training:
            self.stopped = epoch

    @property
    def rate(self) -> float:
        """The rate that is set now."""
        return float(keras.ops.convert_to_numpy(self.model.optimizer.learning_rate))

    def note(self, call: WeightsCall) -> None:
        """Hear of a call for weights."""
        if call.method in _SAVES:
            self.saves += 1
            self.last_save = self.now
        elif call.method == "set_weights":
            self.restored = NEVER if call.new.epoch is None else call.new.epoch


def play_cells(curves: CurveArrays, settings: SweptSettings, rows: Sequence[int]) -> Outcomes:
    """Play some settings to every curve.

    Raises:
        UsageError: a callback raised; the message names setting and curve.
    """
    made = empty(len(rows), curves)
    with quiet(), held(), settings.importable(), temporary_folder() as folder:
        for column in range(len(curves)):
            curve = curves.curve(column)
            script = script_of(curve)
            for place, row in enumerate(rows):
                _put(made, place, column, _cell(curves, column, script, settings, row, folder))
    return made


def script_of(curve: SweptCurve) -> Script:
    """Make the script that reports a curve."""
    gap = [None] * curve.first_epoch
    metrics: Any = {name: [*gap, *column] for name, column in curve.metrics.items()}
    ends = curve.first_epoch + curve.epochs
    return Script(
        epochs=ends,
        initial_epoch=curve.first_epoch,
        metrics={
            name: ["_" if v is None else v for v in column] for name, column in metrics.items()
        },
        learning_rate=curve.begins_with,
    )


def _cell(
    curves: CurveArrays,
    column: int,
    script: Script,
    settings: SweptSettings,
    row: int,
    folder: Path,
) -> tuple[_Watch, float, int]:
    setting, watch, left = settings.lists[row], _Watch(), LeftBehind()
    where = f"{written(setting)} on {curves.ids[column]}"
    with its_turn(), put_back(), _emptied(folder), chdir(folder), one_process():
        callbacks = constructed(setting, settings.trust, folder)
        model = FakeModel(script)
        journal_of(model).listen(watch.note)
        try:
            with opened(), ringing(WALL_TIME_S, f"it did not end within {WALL_TIME_S:g} s"):
                model.fit(callbacks=[*callbacks, watch], verbose=0)
        except BaseException as error:
            if came():
                raise
            if not _ends_by_raising(callbacks, error):
                raise _raised(where, error) from error
            watch.stopped, watch.restored = watch.now, NEVER
        rate = watch.rate
    if behind := left.found():
        raise _raised(where, behind)
    moved = len(set(watch.in_force)) > 1 or any(isinstance(c, _SETTERS) for c in callbacks)
    return watch, rate, _other_from(curves, column, watch) if moved else NEVER


def _raised(where: str, error: BaseException) -> UsageError:
    told = f"{type(error).__name__}: {readable(error)}".removesuffix(": ")
    return UsageError("--with", f"{where}: raised {told}")


@contextmanager
def _emptied(folder: Path) -> Iterator[None]:
    """Leave nothing in a folder; most callbacks write nothing, and a new one takes longer."""
    try:
        yield
    finally:
        for left in folder.iterdir():
            if left.is_dir() and not left.is_symlink():
                shutil.rmtree(left, ignore_errors=True)
            else:
                left.unlink(missing_ok=True)


def _ends_by_raising(callbacks: Sequence[Any], error: BaseException) -> bool:
    """Whether it is what ``TerminateOnNaN(raise_error=True)`` raises."""
    asked = any(getattr(c, "raise_error", False) for c in callbacks)
    return asked and isinstance(error, RuntimeError) and "NaN or Inf loss" in str(error)


def _other_from(curves: CurveArrays, column: int, watch: _Watch) -> int:
    ran = len(watch.in_force)
    recorded = curves.rates[:, column : column + 1]
    begins = curves.begins_with[column : column + 1]
    padded = [[rate] for rate in watch.in_force] + [[0.0]] * (len(recorded) - ran)
    found = differs(padded, recorded, begins)[:ran, 0].nonzero()[0]
    return int(found[0] + curves.first[column]) if len(found) else NEVER


def _put(made: Outcomes, row: int, column: int, came_of: tuple[_Watch, float, int]) -> None:
    watch, rate, other = came_of
    made.epochs[row, column] = watch.epochs
    made.stopped[row, column] = watch.stopped
    made.other_rates_from[row, column] = other
    made.restored[row, column] = watch.restored
    made.saves[row, column], made.last_save[row, column] = watch.saves, watch.last_save
    made.cuts[row, column], made.last_rate[row, column] = watch.cuts, rate
