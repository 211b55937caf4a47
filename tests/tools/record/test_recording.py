"""A recorded training becomes a scenario file, whose replay decides the same."""

import copy
import importlib.metadata
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf

from dryfit import Recorder, load_scenarios, play
from dryfit.judge.verdict import Verdict, judge
from dryfit.scenario.construct import make_callbacks
from dryfit.scenario.problems import ScenarioFileError
from dryfit.tools.record.callback_items import BY_RATES, CannotWriteError, describe
from dryfit.tools.record.recorded_paths import RecordedPaths
from dryfit.tools.record.recording_place import RecordingPlace
from dryfit_fakes import SetLearningRateAt, StopAt

K = keras.callbacks


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where a recording goes; what callbacks write lands beside it."""
    monkeypatch.chdir(tmp_path)
    return tmp_path / "run.scenario.yaml"


def record(file: Path, callbacks: list[Any], metrics: Any, save_batches: bool = False, **keys: Any):
    """Record a training that follows a script; return the text of the file."""
    recorder = Recorder(callbacks, save=file, save_batches=save_batches)
    play(metrics, [recorder], **keys)
    return file.read_text(encoding="utf-8")


def replay(file: Path, lane: str = "fake") -> Verdict:
    (scenario,) = load_scenarios(file)
    verdict = judge(scenario, lane)
    assert verdict.holds, verdict.failures
    return verdict


def part(text: str, key: str) -> str:
    """The lines below a key of the file's top level."""
    lines = text.partition(f"\n{key}:")[2].splitlines()[1:]
    return "\n".join(line for line in lines[: _next_key(lines)])


def _next_key(lines: list[str]) -> int:
    return next((i for i, line in enumerate(lines) if line[:1].isalpha()), len(lines))


def model(**compiled: Any) -> Any:
    made = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
    made.compile(**{"optimizer": "sgd", "loss": "mse", "metrics": ["mae"]} | compiled)
    return made


def fit(callbacks: list[Any], trained: Any = None, **keys: Any) -> Any:
    x = np.random.default_rng(0).normal(size=(8, 2)).astype("float32")
    data = {"x": x, "y": x[:, :1], "batch_size": 2, "verbose": 0, "epochs": 3}
    return (trained or model()).fit(**data | {"callbacks": callbacks} | keys)


class Local(K.Callback):
    """Can be imported, until a test says otherwise."""

    def __init__(self, act: Any = None, hook: str = "on_epoch_end") -> None:
        super().__init__()
        self.act, self.hook = act, hook
        setattr(self, hook, lambda *args, **kwargs: act(self, *args, **kwargs))


def test_the_whole_file(file: Path) -> None:
    """Provenance, numbers, callbacks with their settings, and what they decided."""
    callbacks = [
        K.LearningRateScheduler(lambda epoch: 0.1 if epoch < 2 else 0.05),
        K.ReduceLROnPlateau(patience=1, factor=0.5),
        K.EarlyStopping(patience=2, restore_best_weights=True),
        K.ModelCheckpoint(
            "out/{epoch:02d}.weights.h5", save_best_only=True, save_weights_only=True
        ),
    ]
    text = record(file, callbacks, {"loss": 1, "val_loss": ".9 .5 .6 nan .4"}, batches=3)
    version = f"dryfit {importlib.metadata.version('dryfit')}"
    backend = f"tensorflow {sys.modules['tensorflow'].__version__}"
    assert text == (
        "name: run\n"
        "about: |-\n"
        f"  recorded by {version} from a fit with keras {keras.__version__} on {backend}\n"
        "  LearningRateScheduler: its schedule is written as the rates that it gave\n"
        "script:\n"
        "  epochs: 5\n"
        "  batches: 3\n"
        "  val_batches: 1\n"
        "  learning_rate: 0.01\n"
        "  metrics:\n"
        "    loss: 1x4 _...\n"
        "    val_loss: 0.9 0.5 0.6 nan _...\n"
        "callbacks:\n"
        "  - LearningRateScheduler: {schedule: {piecewise: {0: 0.1, 2: 0.05}}}\n"
        "  - ReduceLROnPlateau: {factor: 0.5, patience: 1}\n"
        "  - EarlyStopping: {patience: 2, restore_best_weights: true}\n"
        '  - ModelCheckpoint: {filepath: "out/{epoch:02d}.weights.h5", save_best_only: true, '
        "save_weights_only: true}\n"
        "expect:\n"
        "  epochs_run: 4\n"
        "  stopped: {epoch: 3, by: EarlyStopping}\n"
        "  restored: [{epoch: 3, by: EarlyStopping, hook: on_train_end, "
        "to: {epoch: 1, batch: 2}}]\n"
        "  learning_rate: 0.1x2 0.05x2\n"
        "  learning_rate_after: 0.1x2 0.025x2\n"
        "  reductions: {LearningRateScheduler: 2, ReduceLROnPlateau: 2 3}\n"
        "  overrides: [{epoch: 3, by: LearningRateScheduler, undoes: ReduceLROnPlateau}]\n"
        "  checkpoints: [{epoch: 0, by: ModelCheckpoint, path: out/01.weights.h5}, "
        "{epoch: 1, by: ModelCheckpoint, path: out/02.weights.h5}]\n"
        "  weights: {epoch: 1, batch: 2}\n"
    )


@pytest.mark.parametrize("lane", ["fake", "real"])
def test_any_real_fit_is_replayed(file: Path, lane: str) -> None:
    """Of plain Keras, with validation in every second epoch and a first epoch that is not 0."""
    recorder = Recorder([K.EarlyStopping(monitor="mae", patience=9), K.TerminateOnNaN()], save=file)
    x = np.ones((3, 2), "float32")
    fit([recorder], epochs=5, initial_epoch=1, validation_data=(x, x[:, :1]), validation_freq=2)
    run = replay(file, lane).run
    assert run is not None
    names = ("epochs", "stopped", "learning_rate", "learning_rate_after", "weights", "history")
    for name in names:
        assert getattr(run, name) == getattr(recorder.run, name)
    assert run.epochs == (1, 2, 3, 4)


def test_every_fit_has_a_file_of_its_own(file: Path) -> None:
    """Of a recorder that is used again; what a fit began with are a replay's initial weights."""
    recorder = Recorder([StopAt(hook="on_train_begin")], save=file)
    trained = model()
    fit([recorder], trained, epochs=1)
    first = file.read_text()
    fit([recorder], trained, epochs=2)
    assert file.read_text() == first
    again = file.with_name("run.1.scenario.yaml")
    assert again.read_text().startswith("name: run.1\n")
    assert replay(again).checks == 9


def test_so_have_the_fits_of_copies(file: Path) -> None:
    """As keras-tuner makes them: a deep copy of the callbacks for each trial."""
    callbacks = [Recorder([K.EarlyStopping("loss")], save=file)]
    for epochs in (1, 2, 3):
        fit(copy.deepcopy(callbacks), epochs=epochs)
    names = ["run.scenario.yaml", "run.1.scenario.yaml", "run.2.scenario.yaml"]
    runs = [replay(file.with_name(name)).run for name in names]
    assert [run.epochs_run for run in runs if run is not None] == [1, 2, 3]


class Gone(K.Callback):
    """Writes a metric, sets the rate and stops; no file can name it."""

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        logs["f1"] = 0.1 * epoch
        self.model.optimizer.learning_rate = 0.5
        self.model.stop_training = epoch == 2


def hidden(kind: Any) -> Any:
    """A class of the same name that cannot be imported."""
    return type(kind.__name__, (kind,), {"__module__": "__main__"})()


def test_actors_do_what_a_callback_did_that_no_file_can_name(file: Path) -> None:
    """In its place: who stands before it has not seen what it wrote."""
    callbacks = [
        K.EarlyStopping(monitor="f1", mode="min", patience=1),
        hidden(Gone),
        K.CSVLogger("log.csv"),
    ]
    with pytest.warns(UserWarning, match="conditioned on metric `f1`"):
        text = record(file, callbacks, {"loss": "1x9"}, learning_rate=1.0)
    assert part(text, "callbacks") == (
        "  - EarlyStopping: {monitor: f1, patience: 1, mode: min}\n"
        "  - WriteLogs: {metrics: {f1: 0 0.1 0.2 _...}}\n"
        "  - SetLearningRateAt: {learning_rate: 0.5, epoch: 0}\n"
        "  - StopAt: {epoch: 2}\n"
        "  - CSVLogger: {filename: log.csv}"
    )
    told = "left out: Gone: its class cannot be imported; "
    assert told + "WriteLogs, SetLearningRateAt, StopAt in its place" in text
    assert replay(file).checks == 7


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


def test_a_replay_writes_into_its_own_folder_alone(file: Path) -> None:
    """Files of one name in two folders stay two; the training's own are not touched."""
    folders = [file.parent / name for name in ("a", "b")]
    paths = [str(folder / "best.weights.h5") for folder in folders]
    callbacks = [K.ModelCheckpoint(path, save_weights_only=True) for path in paths]
    text = record(
        file, [*callbacks, K.BackupAndRestore(str(file.parent / "c"))], {"val_loss": "1x1"}
    )
    for folder in folders:
        (folder / "best.weights.h5").unlink()
    assert str(file.parent) not in text
    assert [line for line in text.splitlines() if "filepath" in line] == [
        "  - ModelCheckpoint: {filepath: best.weights.h5, save_weights_only: true}",
        "  - ModelCheckpoint: {filepath: 2-best.weights.h5, save_weights_only: true}",
    ]
    run = replay(file).run
    assert run is not None
    assert [c.path for c in run.checkpoints] == [
        "best.weights.h5",
        "2-best.weights.h5",
        "c/latest.weights.h5",
    ]
    assert [list(folder.iterdir()) for folder in folders] == [[], []]


class Saves(K.Callback):
    """Writes where its code says."""

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        self.model.save_weights(str(Path.cwd() / "fixed.weights.h5"))


def test_a_callback_that_writes_where_no_setting_says_is_left_out(file: Path) -> None:
    """Its replay would write over the training's files."""
    fit([Recorder([Saves()], save=file)])
    told = f"left out: Saves: it writes {Path('fixed.weights.h5').absolute()}, which none of its"
    assert told in file.read_text()
    assert replay(file).checks == 9


def test_batches_on_request(file: Path) -> None:
    """As they were reported, in training and validation."""
    text = record(
        file,
        [],
        {},
        save_batches=True,
        batches=4,
        val_batches=2,
        batch_metrics={"loss": ["1 4 9 16", "2x4"], "val_loss": ["1 2", "_"]},
    )
    assert part(text, "script").partition("  metrics:\n")[2] == (
        "    loss: 7.5 2\n"
        "    val_loss: 1.5 _\n"
        "  batch_logs:\n"
        "    loss:\n"
        "      - 1 2.5 4.6666665 7.5\n"
        "      - 2x4\n"
        "    val_loss:\n"
        "      - 1 1.5\n"
        "      - _"
    )
    replay(file)


def test_an_epoch_in_whose_batches_a_callback_acts_has_them_anyway(file: Path) -> None:
    """TerminateOnNaN stops in the batch in which it did."""
    text = record(
        file, [K.TerminateOnNaN()], {}, batches=3, batch_metrics={"loss": ["1x3", "2 nan 1", "1x3"]}
    )
    assert "    loss:\n      - _\n      - 2 nan _\n      - _\n" in text
    assert "stopped: {epoch: 1, batch: 1, by: TerminateOnNaN}" in text
    replay(file)


def test_a_metric_of_ones_own_keeps_its_direction(file: Path) -> None:
    """The model's metric knows it, and its name does not tell."""
    stop = K.EarlyStopping(monitor="up", patience=1)
    metric = keras.metrics.MeanAbsoluteError(name="up")
    metric._direction = "up"
    fit([Recorder([stop], save=file)], model(metrics=[metric, "mae"]))
    assert "  directions: {up: up}\n" in file.read_text()
    replay(file)


def test_a_stop_from_outside_of_the_recorder_is_no_decision(file: Path) -> None:
    """The replay has the epochs that ran, and is not stopped."""
    fit([Recorder([], save=file), StopAt(epoch=1)], epochs=9)
    assert "stopped" not in part(file.read_text(), "expect")
    assert part(file.read_text(), "script").startswith("  epochs: 2\n")
    replay(file)


def test_one_object_twice_in_the_list(file: Path) -> None:
    """It counts every epoch twice, as no two objects do."""
    stop = K.EarlyStopping("loss", patience=3)
    text = record(file, [stop, stop], {"loss": "1 2 2 2 2"})
    assert (
        "  left out: EarlyStopping#2: one object stands 2 times in the list; StopAt in its place\n"
    ) in text
    verdict = replay(file)
    assert verdict.run is not None
    assert verdict.run.stopped_epoch == 1


def test_steps_per_execution(file: Path) -> None:
    """Hooks come once an execution, and the last of an epoch is cut short."""
    trained = model(steps_per_execution=3)
    save = K.ModelCheckpoint("{batch}.weights.h5", save_weights_only=True, save_freq=3)
    fit([Recorder([save], save=file, save_batches=True)], trained)
    assert "  batches: 4\n  steps_per_execution: 3\n" in file.read_text()
    assert replay(file).checks == 9


@pytest.mark.filterwarnings("ignore:Your input ran out of data:UserWarning")
def test_epochs_of_fewer_batches_than_the_replay_has(file: Path) -> None:
    """Data of unknown length runs out: what happened in batches cannot happen again."""
    save = K.ModelCheckpoint("{epoch}-{batch}.weights.h5", save_weights_only=True, save_freq=2)
    batches = ((np.ones((2, 2)), np.ones((2, 1))) for _ in range(5))
    data = {"x": batches, "y": None, "batch_size": None, "shuffle": False}
    fit([Recorder([save, K.EarlyStopping("loss")], save=file)], **data)
    text = file.read_text()
    assert (
        "  what happened in batches is not compared: epochs had fewer than 5, which a replay has "
        "in each\n"
    ) in text
    assert "checkpoints:" not in part(text, "expect")
    replay(file)


@pytest.mark.filterwarnings("ignore:Your input ran out of data:UserWarning")
def test_data_of_unknown_length_is_of_unknown_length_in_the_file(file: Path) -> None:
    """A replay asks for one batch more in each epoch, as the training did."""
    one = tf.data.Dataset.from_tensors((np.ones((2, 2), "float32"), np.ones((2, 1), "float32")))
    unknown = one.repeat(3).filter(lambda x, y: True)
    data = {"x": unknown, "y": None, "batch_size": None, "shuffle": False}
    fit([Recorder([K.EarlyStopping("loss")], save=file)], **data, validation_data=one)
    text = file.read_text()
    assert "  batches: unknown\n  val_batches: 1\n" in text
    assert "  batch_logs:\n    loss: [_x3, _, _]\n" in text
    begins = "  indices: {on_train_batch_begin: 0 1 2 3 0 1 2 3 0 1 2 3}\n"
    file.write_text(text.replace("expect:\n", f"expect:\n{begins}"))
    verdict = replay(file)
    assert verdict.run is not None
    assert verdict.run.params["steps"] is None


# What breaks off.


class Breaks(K.Callback):
    def __init__(self, epoch: int, hook: str = "on_epoch_end") -> None:
        super().__init__()
        self.epoch = epoch
        setattr(self, hook, self._break)

    def _break(self, epoch: int, logs: Any = None) -> None:
        if epoch == self.epoch:
            raise OSError("disk full")


@pytest.mark.parametrize(("epoch", "whole"), [(0, 0), (2, 2)])
def test_an_exception_keeps_all_that_was_reported(file: Path, epoch: int, whole: int) -> None:
    """The replay ends with the last epoch whose end all callbacks had."""
    stop = K.EarlyStopping(monitor="loss", restore_best_weights=True)
    with pytest.raises(OSError, match="disk full"):
        record(file, [stop, Breaks(epoch)], {"loss": "5 4 3 2"})
    text = file.read_text()
    values = " ".join(["5", "4", "3"][: epoch + 1])
    assert f"    loss: {values} _...\n" in text
    assert f"  broken off by OSError in epoch {epoch}, in on_epoch_end of Breaks: disk full" in text
    verdict = replay(file)
    assert verdict.run is not None
    assert verdict.run.epochs_run == whole
    assert verdict.run.restored == ()  # as in the training, which never came to its end


CHILD = """
import sys, time, keras, numpy as np
from dryfit import Recorder

class Slow(keras.callbacks.Callback):
    def on_epoch_end(self, epoch, logs=None):
        time.sleep(0.05)

model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
model.compile(optimizer="sgd", loss="mse")
x = np.ones((2, 1), "float32")
stop = keras.callbacks.EarlyStopping(monitor="loss", patience=500, restore_best_weights=True)
model.fit(x, x, epochs=500, verbose=0, callbacks=[Recorder([stop, Slow()], save=sys.argv[1])])
"""


@pytest.mark.skipif(os.name != "posix", reason="SIGKILL")
def test_a_killed_training_leaves_its_recording(file: Path) -> None:
    """What was written after the last epoch is whole, loads and replays."""
    with subprocess.Popen([sys.executable, "-c", CHILD, str(file)]) as child:
        until = time.monotonic() + 600
        while time.monotonic() < until and not (file.exists() and "epoch: 3" in file.read_text()):
            time.sleep(0.02)
        child.send_signal(signal.SIGKILL)
    assert child.returncode == -signal.SIGKILL
    text = file.read_text()
    assert "  unfinished: what is known after epoch" in text
    assert "  epochs: 500\n" in text
    verdict = replay(file)
    assert verdict.run is not None
    assert 4 <= verdict.run.epochs_run < 500


def test_a_file_is_never_seen_half_written(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A write that fails leaves the last whole file and nothing else, and training goes on."""
    replaced = os.replace
    seen = []

    def fail_once(source: Any, target: Any) -> None:
        seen.append(file.read_text() if file.exists() else None)
        if len(seen) == 2:
            raise OSError("disk full")
        replaced(source, target)

    monkeypatch.setattr(os, "replace", fail_once)
    with pytest.warns(UserWarning, match="the recording is not written: .*: disk full"):
        record(file, [], {"loss": "3 2 1"})
    assert seen[1] == seen[2]
    assert [path.name for path in file.parent.iterdir()] == [file.name]
    assert replay(file).checks == 9


@pytest.mark.parametrize(
    ("path", "error", "message"),
    [
        ("run.yaml", ValueError, r"save='run.yaml': a recording is a file NAME.scenario.yaml"),
        ("no/x.scenario.yaml", ValueError, r"there is no folder .*/no; make it"),
        (
            "taken.scenario.yaml",
            PermissionError,
            r"save='taken.scenario.yaml' is not to be written",
        ),
    ],
)
def test_where_nothing_can_be_saved(file: Path, path: str, error: Any, message: str) -> None:
    """Said when the recorder is made, and not after an hour of training."""
    Path("taken.scenario.yaml").mkdir()
    with pytest.raises(error, match=message):
        Recorder([], save=path)


def test_the_short_ending_is_kept(tmp_path: Path) -> None:
    """Of the files of later fits, too."""
    place = RecordingPlace(tmp_path / "run.scenario.yml")
    assert [place.next().name, place.next().name] == ["run.scenario.yml", "run.1.scenario.yml"]


def test_what_save_does_not_go_with() -> None:
    """Each message says what to change."""
    with pytest.raises(ValueError, match="save= needs the batches: leave record_batches=False out"):
        Recorder([], save="a.scenario.yaml", record_batches=False)
    with pytest.raises(ValueError, match="give save= too"):
        Recorder([], save_batches=True)


def test_a_recording_that_is_cut_off_says_so(file: Path) -> None:
    """In a mapping it is no YAML; between keys nothing is expected."""
    text = record(file, [K.EarlyStopping(monitor="loss", patience=3)], {"loss": "1x2"})
    file.write_text(text[: text.index("patience") + 4])
    with pytest.raises(ScenarioFileError, match="was it cut off?"):
        load_scenarios(file)
    file.write_text(text[: text.index("expect:")])
    with pytest.raises(ScenarioFileError, match="nothing is expected"):
        load_scenarios(file)


def test_the_schedule_that_is_told_by_rates_is_marked() -> None:
    """A lambda has no name to import; a function has."""
    by_rates = describe(K.LearningRateScheduler(lambda epoch: 0.5), RecordedPaths())
    assert by_rates.settings == {"schedule": BY_RATES}
    named = describe(K.LearningRateScheduler(schedule), RecordedPaths())
    assert named.settings == {"schedule": {"import": f"{__name__}:schedule"}}
