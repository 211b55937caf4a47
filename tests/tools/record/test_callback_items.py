"""A callback is written with its settings, or left out with the reason."""

from pathlib import Path
from typing import Any

import pytest
from recorded_training import K, hidden, record, replay

from dryfit.scenario.construct import make_callbacks
from dryfit.tools.record.callback_items import BY_RATES, CannotWriteError, describe
from dryfit.tools.record.recorded_paths import RecordedPaths
from dryfit_fakes import SetLearningRateAt, StopAt


class Local(K.Callback):
    """Can be imported, until a test says otherwise."""

    def __init__(self, act: Any = None, hook: str = "on_epoch_end") -> None:
        super().__init__()
        self.act, self.hook = act, hook
        setattr(self, hook, lambda *args, **kwargs: act(self, *args, **kwargs))


@pytest.mark.parametrize(
    ("made", "reason"),
    [
        (lambda: K.RemoteMonitor(), "it sends numbers to a server"),
        (lambda: K.TensorBoard("logs"), "it writes about a real model"),
        (lambda: K.SwapEMAWeights(), "it swaps the variables of a real optimizer"),
        (lambda: hidden(K.Callback), "its class cannot be imported"),
        (lambda: K.LambdaCallback(on_epoch_end=print), None),
        (lambda: K.LambdaCallback(on_test_end=lambda logs: None), "its on_test_end is function"),
        (lambda: Forgetful(3), "it does not keep its patience"),
        (lambda: Forgetful(), "it does not keep its patience"),
        (lambda: Doubles(3), "it keeps its patience as something else"),
        (lambda: Local(object()), "its act is object, no plain value"),
    ],
)
def test_why_a_callback_is_left_out(made: Any, reason: str | None) -> None:
    """Each has its reason, and functions that can be imported are none."""
    if reason is None:
        item = describe(made(), RecordedPaths())
        assert item.settings == {"on_epoch_end": {"import": "builtins:print"}}
    else:
        with pytest.raises(CannotWriteError, match=reason):
            describe(made(), RecordedPaths())


class Forgetful(K.Callback):
    def __init__(self, patience: int = 1) -> None:
        super().__init__()


class Doubles(K.Callback):
    def __init__(self, patience: int) -> None:
        super().__init__()
        self.patience = 2 * patience


class Patient(K.EarlyStopping):
    """Hands on keywords, and keeps one setting under another name."""

    def __init__(self, factor: float = 2, path: Any = "a/b.txt", **kwargs: Any):
        super().__init__(**kwargs)
        self._factor, self.path = factor, path


def test_the_settings_of_a_callback_of_ones_own() -> None:
    """Those that it hands on, too; a path that was written stays."""
    item = describe(Patient(factor=3.0, patience=4, path=Path("x/y/b.txt")), RecordedPaths())
    name = f"{Patient.__module__}:Patient"
    settings = {"factor": 3.0, "path": "x/y/b.txt", "patience": 4}
    assert (item.name, item.settings) == (name, settings)
    assert describe(Patient(), RecordedPaths()).settings == {"path": "a/b.txt"}


def schedule(epoch: int) -> float:
    return 0.5


BUILT_IN = [
    K.EarlyStopping("loss", 0.1, 2, 1, "max", 0.5, True, 3),
    K.ReduceLROnPlateau("loss", 0.3, 4, 1, "min", 0.2, 5, 0.01),
    K.ModelCheckpoint("a.weights.h5", "loss", 1, True, True, "max", 7, 0.25),
    K.LearningRateScheduler(schedule, 1),
    K.CSVLogger("log.csv", ";", True),
    K.BackupAndRestore("backup", 3, True, False),
    K.TerminateOnNaN(),
    K.LambdaCallback(on_epoch_begin=schedule, on_test_begin=schedule),
    StopAt(epoch=1, batch=2),
    SetLearningRateAt(0.5, epoch=1, hook="on_epoch_begin"),
]


@pytest.mark.parametrize("callback", BUILT_IN, ids=lambda c: type(c).__name__)
def test_every_setting_of_a_built_in_comes_back(callback: Any, tmp_path: Path) -> None:
    """A callback made of what is written has the attributes of the first."""
    item = describe(callback, RecordedPaths())
    (make,) = make_callbacks(((item.name, item.settings),), tmp_path)
    again = make()
    assert type(again) is type(callback)
    own = {k: v for k, v in vars(callback).items() if k != "on_train_batch_end"}
    assert {k: v for k, v in vars(again).items() if k in own} == own


def test_no_built_in_is_forgotten() -> None:
    """A callback that a new Keras brings needs a place in the test above."""
    known = {type(callback).__name__ for callback in BUILT_IN}
    known |= {"Callback", "CallbackList", "History", "ProgbarLogger"}
    known |= {"TensorBoard", "RemoteMonitor", "SwapEMAWeights", "OrbaxCheckpoint"}
    assert {name for name in dir(K) if name[0].isupper()} <= known


def test_settings_are_read_before_training_turns_them_round(file: Path) -> None:
    """Keras negates min_delta in place; a checkpoint's threshold becomes its best value."""
    callbacks = [
        K.EarlyStopping(min_delta=0.1),
        K.ModelCheckpoint("m.keras", save_best_only=True, initial_value_threshold=0.7),
    ]
    text = record(file, callbacks, {"val_loss": ".8 .5 .3"})
    assert callbacks[0].min_delta == -0.1
    assert "EarlyStopping: {min_delta: 0.1}" in text
    assert "initial_value_threshold: 0.7}" in text
    assert replay(file).checks == 9


def test_a_schedule_is_told_by_the_rate_after_its_own_hook(file: Path) -> None:
    """Though another callback changes the rate again in the same hook."""
    scheduler = K.LearningRateScheduler(lambda epoch, rate: 0.5 if epoch == 1 else rate)
    again = SetLearningRateAt(0.25, epoch=1, hook="on_epoch_begin")
    text = record(file, [scheduler, again], {"loss": "1x4"}, learning_rate=1.0)
    assert "{schedule: {piecewise: {0: 1, 1: 0.5, 2: 0.25}}}" in text
    assert "overrides: [{epoch: 1, by: SetLearningRateAt, undoes: LearningRateScheduler}]" in text
    assert replay(file).checks == 9


def test_the_schedule_that_is_told_by_rates_is_marked() -> None:
    """A lambda has no name to import; a function has."""
    by_rates = describe(K.LearningRateScheduler(lambda epoch: 0.5), RecordedPaths())
    assert by_rates.settings == {"schedule": BY_RATES}
    named = describe(K.LearningRateScheduler(schedule), RecordedPaths())
    assert named.settings == {"schedule": {"import": f"{__name__}:schedule"}}
