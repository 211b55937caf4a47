"""Files are read by what is in them: layouts that people have, beside the numbers they hold."""

import json
import os
import pickle
from pathlib import Path

import keras
import numpy as np
import pytest

from dryfit import play
from dryfit.cli import main
from dryfit.scenario.problems import ScenarioFileError
from dryfit.tools.record.readers.reading import read_curves

NAN = float("nan")
TWO = {"loss": (3.0, 2.0), "val_loss": (4.0, 3.5)}
LAYOUTS = {
    "csv": "epoch,loss,val_loss\n0,3.0,4.0\n1,2.0,3.5\n",
    "windows": "epoch,loss,val_loss\r\r\n0,3.0,4.0\r\r\n1,2.0,3.5\r\r\n",
    "blank lines": "\nepoch,loss,val_loss\n\n0,3,4\n\n1,2,3.5\n\n",
    "space": "epoch loss val_loss\n0 3 4\n1 2 3.5\n",
    "bar": "epoch|loss|val_loss\n0|3|4\n1|2|3.5\n",
    "decimal comma": "epoch;loss;val_loss\n0;3,0;4,0\n1;2,0;3,5\n",
    "no epochs": "loss\tval_loss\n3\t4\n2\t3.5\n",
    "quoted": '"epoch","loss","val_loss"\n"0","3","4"\n"1","2","3.5"\n',
    "pandas' index": ",loss,val_loss\n0,3,4\n1,2,3.5\n",
    "index and epoch": ",epoch,loss,val_loss\n0,0,3,4\n1,1,2,3.5\n",
    "text and arrays": 'epoch,at,cm,loss,val_loss\n0,noon,"[1, 2]",3,4\n1,one,"[2, 3]",2,3.5\n',
    "utf-8 mark": "\ufeffepoch,loss,val_loss\n0,3,4\n1,2,3.5\n",
    "columns": '{"loss": {"0": 3, "1": 2}, "val_loss": {"0": 4, "1": 3.5}}',
    "index": '{"0": {"loss": 3, "val_loss": 4}, "1": {"loss": 2, "val_loss": 3.5}}',
    "records": '[{"loss": 3, "val_loss": 4}, {"loss": 2, "val_loss": 3.5}]',
    "split": '{"columns": ["loss", "val_loss"], "index": [0, 1], "data": [[3, 4], [2, 3.5]]}',
    "table": (
        '{"schema": {}, "data": [{"index": 0, "loss": 3, "val_loss": 4},'
        ' {"index": 1, "loss": 2, "val_loss": 3.5}]}'
    ),
    "lines": '{"loss": 3, "val_loss": 4}\n{"loss": 2, "val_loss": 3.5}\n',
    "texts": '{"loss": ["3.0", "2.0"], "val_loss": ["4.0", "3.5"]}',
    "beside": '{"loss": [3, 2], "val_loss": [4, 3.5], "best": 1, "config": {"lr": 0.1}}',
    "whole": '{"history": {"loss": [3, 2], "val_loss": [4, 3.5]}, "epoch": [0, 1], "params": {}}',
    "wandb": (
        '"Step","a - loss","a - loss__MIN","a - loss__MAX","a - val_loss"\n'
        '"0","3","3","3","4"\n"1","2","2","2","3.5"\n'
    ),
    "mlflow": (
        "run_id,key,value,step,timestamp\nr,loss,3,0,1\nr,val_loss,4,0,1\n"
        "r,loss,2,1,1\nr,val_loss,3.5,1,1\n"
    ),
    "verbose 2": (
        "Epoch 1/2\n4/4 - 1s - 9ms/step - loss: 3.0000 - val_loss: 4.0000\n"
        "Epoch 2/2\n4/4 - 0s - 9ms/step - loss: 2.0000 - val_loss: 3.5000\n"
    ),
    "keras 2": (
        "Epoch 1/2\n\r1/4 [=>...] - ETA: 3s - loss: 9.0000\x08\x08\r4/4 [====] - 1s 9ms/step"
        " - loss: 3.0000 - val_loss: 4.0000\nEpoch 2/2\n"
        "4/4 [====] - 1s 9ms/step - loss: 2.0000 - val_loss: 3.5000\n"
    ),
    "keras 2, verbose 2": (
        "Epoch 1/2\n4/4 - 1s - loss: 3.0000 - val_loss: 4.0000 - 1s/epoch - 9ms/step\n"
        "Epoch 2/2\n4/4 - 0s - loss: 2.0000 - val_loss: 3.5000 - 1s/epoch - 9ms/step\n"
    ),
    "keras 1": (
        "Train on 8 samples\nEpoch 1/2\n - 1s - loss: 3.0000 - val_loss: 4.0000\n"
        "Epoch 2/2\n - 0s - loss: 2.0000 - val_loss: 3.5000\n"
    ),
}


@pytest.fixture(autouse=True)
def _in_a_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def write(text: str, encoding: str = "utf-8") -> Path:
    path = Path("any.name")
    path.write_bytes(text.encode(encoding))
    return path


@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_layout(layout: str) -> None:
    """The same two epochs, whatever the layout, under a name that says nothing."""
    (curve,) = read_curves(write(LAYOUTS[layout]))
    assert (curve.first_epoch, dict(curve.metrics)) == (0, TWO)


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le"])
def test_what_powershell_writes(encoding: str) -> None:
    """UTF-16, with its mark or without."""
    (curve,) = read_curves(write(LAYOUTS["csv"], encoding))
    assert curve.metrics == TWO


def test_numbers_are_equal_in_float32() -> None:
    """Through CSVLogger, JSON and numpy alike, nan and inf among them."""
    values = np.float32([0.1, 1e-7, NAN, np.inf, -0.0, 3.3333333])
    np.savez("h.npz", loss=values)
    Path("h.json").write_text(json.dumps({"loss": values.tolist()}))
    play({"loss": values.tolist()}, [keras.callbacks.CSVLogger("h.csv")])
    for name in ("h.npz", "h.json", "h.csv"):
        (curve,) = read_curves(Path(name))
        np.testing.assert_array_equal(np.float32(curve.metrics["loss"]), values)


def test_trainings_that_were_appended() -> None:
    """Each begins where the epoch falls back, or at a header that stands there again."""
    text = "epoch,loss\n0,3\n1,2\n0,5\nepoch,loss,acc\n1,4,.5\n2,3,.6\n"
    found = [(c.id, c.first_epoch, dict(c.metrics)) for c in read_curves(write(text))]
    assert found == [
        ("1", 0, {"loss": (3.0, 2.0)}),
        ("2", 0, {"loss": (5.0,)}),
        ("3", 1, {"loss": (4.0, 3.0), "acc": (0.5, 0.6)}),
    ]


def test_one_of_several_and_all(capsys: pytest.CaptureFixture[str]) -> None:
    """--curve names one, --all writes a document each; a wrong name says which there are."""
    Path("log").write_text("epoch,loss\n0,3\n0,5\n")
    assert main(["record", "--from", "log", "--curve", "3"]) == 2
    told = "log: has no training '3'; it has\n  1: 1 epoch, lines 2-2\n  2: 1 epoch, lines 3-3\n"
    assert capsys.readouterr().err == told
    assert main(["record", "--from", "log", "--curve", "2", "--out", "b.scenario.yaml"]) == 0
    assert "loss: 5x1" in Path("b.scenario.yaml").read_text()
    assert main(["record", "--from", "log", "--all"]) == 0
    assert main(["run", "log.scenario.yaml"]) == 0
    assert capsys.readouterr().out.splitlines()[-1].startswith("2 scenarios")


def test_epochs_that_are_missing_have_no_values() -> None:
    """And it is said which they are."""
    (curve,) = read_curves(write("epoch,loss\n1,3\n4,2\n"))
    assert (curve.first_epoch, curve.metrics["loss"]) == (1, (3.0, None, None, 2.0))
    assert curve.notes == ("not in the file: epochs 2, 3; they have no values here",)


def test_runs_of_an_export_are_curves() -> None:
    """Wandb names them in its columns; steps that do not count epochs are said to be taken so."""
    text = '"Step","a - loss","b - loss"\n9,3,\n19,2,\n0,,7\n'
    found = {c.id: (c.metrics["loss"], c.notes) for c in read_curves(write(text))}
    note = "steps 9, 19, ... 19 are taken for epochs 0, 1, ..."
    assert found == {
        "a": ((3.0, 2.0), (note,)),
        "b": ((7.0,), ()),
    }


def test_what_tensorboard_wrote_is_one_curve() -> None:
    """train/ and validation/ of Keras' callback are joined, by epoch alone; a rerun is another."""
    pytest.importorskip("tensorboard")
    keras.utils.set_random_seed(1)
    x = np.random.default_rng(1).normal(size=(8, 2)).astype("float32")
    histories = []
    for rate in (0.1, 0.2):
        model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
        model.compile(keras.optimizers.SGD(rate), "mse")
        board = keras.callbacks.TensorBoard("logs", update_freq=1)
        fitted = model.fit(
            x, x[:, :1], epochs=3, validation_split=0.5, verbose=0, callbacks=[board]
        )
        histories.append(fitted.history)
    curves = read_curves(Path("logs"))
    assert [curve.id for curve in curves] == ["1", "2"]
    for curve, history in zip(curves, histories, strict=True):
        for name, values in history.items():
            np.testing.assert_array_equal(np.float32(curve.metrics[name]), np.float32(values))


def test_a_pickle_is_never_read() -> None:
    """It is refused with the reason; so are pickles in numpy's files, pipes and folders."""
    Path("h.pkl").write_bytes(pickle.dumps({"loss": [1.0]}))
    np.save("h.npy", {"loss": [1.0]}, allow_pickle=True)
    np.save("bare.npy", np.zeros(3))
    os.mkfifo("pipe")
    Path("folder").mkdir()
    Path("huge").touch()
    os.truncate("huge", 100_000_001)
    told = []
    for name in ("h.pkl", "h.npy", "bare.npy", "pipe", "folder", "huge"):
        with pytest.raises(ScenarioFileError) as caught:
            read_curves(Path(name))
        told.append(str(caught.value))
    savez = "write numpy.savez(file, **history.history), and name that file"
    assert told == [
        "h.pkl: is a pickle: reading one runs what it says, so it is not read; in the program "
        "that wrote it, write json.dump(history.history, file, default=float), and name that file",
        f"h.npy: holds a pickle: reading one runs what it says, so it is not read; {savez}",
        f"bare.npy: is one array of shape (3,) without names; {savez}",
        "pipe: is no regular file; write what it gives into one, and name that",
        "folder: is a folder without TensorBoard's event files; name a file",
        "huge: has 100,000,001 bytes; 100,000,000 are read at most",
    ]


def test_event_files_without_tensorboard(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its own reader is asked for, by what pip calls it; nothing else is tried."""
    Path("events").write_bytes(
        b'\x18\0\0\0\0\0\0\0\xa3\x7fK"\t\0\0\0\0\0\0\xd9A\x1a\rbrain.Event:2'
    )
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(ScenarioFileError) as caught:
        read_curves(Path("events"))
    assert str(caught.value) == (
        "events: holds TensorBoard's event files, which tensorboard reads: "
        'pip install "dryfit[tensorboard]"'
    )


def test_a_line_of_json_that_is_cut_off() -> None:
    """It is an error with its line, and the epochs before it can be had without it."""
    path = write('{"loss": 3, "val_loss": 4}\n{"loss": 2, "val_loss": 3.5}\n{"loss": 1, "va')
    with pytest.raises(ScenarioFileError) as caught:
        read_curves(path)
    assert str(caught.value) == (
        "any.name:3: not JSON: Unterminated string starting at; go on without it, with "
        "--drop-torn-line"
    )
    (curve,) = read_curves(path, drop_torn_line=True)
    assert curve.metrics == TWO


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        ('{"fold 1": {"loss": [3, 2]}, "fold 2": {"loss": [5]}}', ["fold 1", "fold 2"]),
        ('[{"loss": [3, 2]}, {"loss": [5]}]', ["1", "2"]),
        ('{"a": {"history": {"loss": [3, 2]}}, "b": {"history": {"loss": [5]}}}', ["a", "b"]),
        ("curve,epoch,loss\na,0,3\nb,0,5\na,1,2\n", ["a", "b"]),
        ("curve,loss\n1,3\n1,2\n2,5\n", ["1", "2"]),
    ],
    ids=["by name", "in a list", "whole histories", "a column of names", "a column of numbers"],
)
def test_several_histories(text: str, ids: list[str]) -> None:
    """Each is a curve under its own name, or under its number."""
    found = {curve.id: curve.metrics["loss"] for curve in read_curves(write(text))}
    assert found == dict(zip(ids, [(3.0, 2.0), (5.0,)], strict=True))


@pytest.mark.parametrize(
    ("name", "text", "metrics"),
    [
        (
            "windows.csv",
            "epoch,loss,val_loss\r\r\n0,3.5,4.0\r\r\n1,2.5,3.0\r\r\n2,1.5,3.5\r\r\n",
            "  epochs: 3\n  metrics:\n    loss: 3.5 2.5 1.5\n    val_loss: 4 3 3.5\n",
        ),
        (
            "console.txt",
            "Epoch 1/4\n8/8 - 1s - loss: 3.0000 - val_loss: 4.0000\n"
            "Epoch 2/4\n8/8 - 1s - loss: 2.0000 - val_loss: 3.0000\n",
            "  epochs: 2\n  batches: 8\n  metrics:\n    loss: 3 2\n    val_loss: 4 3\n",
        ),
        (
            "training.log",
            "epoch,loss,val_loss\n0,3.0,4.0\n1,2.0,3.0\n",
            "  epochs: 2\n  metrics:\n    loss: 3 2\n    val_loss: 4 3\n",
        ),
    ],
    ids=["windows.csv", "console.txt", "training.log"],
)
def test_from_a_file_to_a_scenario_that_holds(
    name: str, text: str, metrics: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """As somebody types it: recorded, played, and the template monitors val_loss."""
    Path(name).write_text(text, newline="")
    stem = name.partition(".")[0]
    assert main(["record", "--from", name]) == 0
    file = Path(f"{stem}.scenario.yaml")
    assert metrics in file.read_text()
    assert "#   - EarlyStopping: {monitor: val_loss, patience: 2}\n" in file.read_text()
    assert main(["run", str(file)]) == 0
    assert capsys.readouterr().out.endswith("1 scenario, 1 check, in fake; 1 passed\n")
