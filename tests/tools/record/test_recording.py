"""A recorded training becomes a scenario file, whose replay decides the same."""

import copy
import importlib.metadata
import sys
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf
from recorded_training import K, fit, hidden, model, part, record, replay

from dryfit import Recorder
from dryfit.tools.record.recording_place import RecordingPlace
from dryfit_fakes import StopAt


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
