"""What people have already becomes a scenario file: a History, its JSON, a CSVLogger's file."""

import json
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest

from dryfit import load_scenarios, play
from dryfit.cli import main
from dryfit.judge.verdict import judge
from dryfit.recording import HistoryError, from_history

NAN = float("nan")


@pytest.fixture(autouse=True)
def _in_a_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def record(name: str, text: str, *options: str) -> int:
    Path(name).write_text(text, encoding="utf-8", newline="")
    return main(["record", "--from", name, *options])


def metrics(text: str) -> list[str]:
    below = text.partition("  metrics:\n")[2].partition("callbacks:")[0]
    return [line.strip() for line in below.splitlines()]


def replayed(name: str = "log.scenario.yaml") -> Any:
    (scenario,) = load_scenarios(name)
    verdict = judge(scenario, "fake")
    assert verdict.outcome == "passed"
    return verdict.run


def test_what_fit_returned() -> None:
    """A History says with which epoch it began; a rate that was logged is no metric."""
    rate = keras.callbacks.LearningRateScheduler(lambda epoch: 0.5 / (epoch + 1))
    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
    model.compile(optimizer="sgd", loss="mse")
    x = np.zeros((2, 1), "float32")
    history = model.fit(x, x, epochs=4, initial_epoch=2, verbose=0, callbacks=[rate])
    assert from_history(history, name="mine", source="a test") == (
        "name: mine\n"
        "about: |-\n"
        "  made of a test, which says nothing of callbacks\n"
        "script:\n"
        "  epochs: 4\n"
        "  initial_epoch: 2\n"
        "  rates: _x2 0.16666667 0.125\n"
        "  metrics:\n"
        "    loss: _x2 0x2\n"
        "callbacks: []\n"
        "# A callback, in place of the [] above:\n"
        "#   - EarlyStopping: {monitor: loss, patience: 2}\n"
        "# What it does, `dryfit accept FILE --only epochs_run,stopped,weights` writes into "
        "expect.\n"
        "expect:\n"
        "  epochs_run: 2\n"
    )


def test_json_keeps_nan_and_inf(capsys: pytest.CaptureFixture[str]) -> None:
    """As json.dump(default=float) writes numpy's numbers."""
    history = {"loss": [np.float32(0.1), NAN, -np.inf], "val_loss": [np.float64(1e-7), 2, 3.5]}
    assert record("log.json", json.dumps(history, default=float)) == 0
    file = "log.scenario.yaml"
    assert capsys.readouterr().out == f"{file}: play it with `dryfit run {file}`\n"
    lines = ["loss: 0.1 nan -inf", "val_loss: 1e-07 2 3.5"]
    assert metrics(Path(file).read_text()) == lines
    assert replayed().epochs_run == 3


def test_the_comment_shows_how_to_add_a_callback(monkeypatch: pytest.MonkeyPatch) -> None:
    """Done as it says, the file stops."""
    monkeypatch.delenv("CI", raising=False)  # where accept is refused
    text = from_history({"loss": [3.0, 1.0, 2.0, 2.0, 2.0]})
    shown = next(line for line in text.splitlines() if line.startswith("#   - "))
    Path("log.scenario.yaml").write_text(text.replace("callbacks: []", f"callbacks:\n{shown[2:]}"))
    assert main(["accept", "--only", "stopped", "log.scenario.yaml"]) == 0
    assert "stopped: {epoch: 3, by: EarlyStopping}" in Path("log.scenario.yaml").read_text()


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_a_csv_loggers_file(separator: str) -> None:
    """Its own format: any separator, NA where there was no validation."""
    logger = keras.callbacks.CSVLogger("log.csv", separator=separator)
    script = {"loss": "_ 1 nan .1", "val_loss": "_ _ 2 _", "val_acc": "_ .5 _ inf"}
    run = play(script, [logger], initial_epoch=1)
    assert main(["record", "--from", "log.csv"]) == 0
    lines = ["loss: _ 1 nan 0.1", "val_acc: _ 0.5 _ inf"]
    assert metrics(Path("log.scenario.yaml").read_text()) == lines
    assert replayed().epochs == run.epochs


def test_columns_of_nothing_are_no_metrics() -> None:
    """CSVLogger makes val_ columns of NA where there was no validation at all."""
    assert record("log.csv", "epoch,loss,val_loss\r\n0,1.0,NA\r\n1,0.5,NA\r\n") == 0
    assert metrics(Path("log.scenario.yaml").read_text()) == ["loss: 1 0.5"]


def test_a_validation_every_so_often() -> None:
    """A history has no holes; with the frequency, values go where they were."""
    history = {"loss": [3.0, 2.0, 1.0], "val_loss": [5.0]}
    text = from_history(history, validation_freq=2)
    assert metrics(text) == ["loss: 3 2 1", "val_loss: _ 5 _"]


def test_a_torn_line_can_be_dropped(capsys: pytest.CaptureFixture[str]) -> None:
    """The whole epochs before it are kept, once that is asked for."""
    assert record("log.csv", "epoch,loss\r\n0,1.0\r\n1,0.2") == 2
    message = "it has no line end. 1 whole epoch before it; add the line end if it is whole"
    assert message in capsys.readouterr().err
    assert not Path("log.scenario.yaml").exists()
    assert main(["record", "--from", "log.csv", "--drop-torn-line"]) == 0
    assert metrics(Path("log.scenario.yaml").read_text()) == ["loss: 1x1"]


def test_nothing_is_written_over(capsys: pytest.CaptureFixture[str]) -> None:
    """A scenario that somebody has written stays; --out names another."""
    Path("log.scenario.yaml").write_text("mine")
    assert record("log.json", '{"loss": [1.0]}') == 2
    told = "is there already; name another with --out, or delete it"
    assert capsys.readouterr().err == f"dryfit record: log.scenario.yaml: {told}\n"
    assert Path("log.scenario.yaml").read_text() == "mine"
    assert main(["record", "--from", "log.json", "--out", "b.scenario.yaml"]) == 0
    assert main(["record", "--from", "log.json", "--out", "c.scenario.yml"]) == 0
    assert main(["record", "--from", "log.json", "--out", "b.yaml"]) == 2
    assert "dryfit record: b.yaml: a scenario file is NAME.scenario.yaml" in capsys.readouterr().err


BAD = {
    "empty.json": ("", " the file is empty"),
    "cut.json": (
        '{"loss": [1.0,\n 0.5, ',
        "2: not JSON: Expecting value; it ends in the middle: was it cut off?",
    ),
    "no.json": ("{loss: 1}", "1: not JSON: Expecting property name enclosed in double quotes"),
    "list.json": (
        "[1.0]",
        " expected a History.history, a list of numbers for each metric, such as "
        '{"loss": [1.0, 0.5]}; found a list',
    ),
    "scalar.json": (
        '{"loss": 1.0}',
        " expected a History.history, a list of numbers for each metric, such as "
        '{"loss": [1.0, 0.5]}; found a mapping with loss: 1.0',
    ),
    "text.json": ('{"loss": [1, 2],\n"f1": [0.5, "half"]}', "2: f1[1] is 'half', no number"),
    "null.json": ('{"loss": [null]}', " no numbers by epoch in it: found loss"),
    "values.json": (
        "[[1.0, 2.0], [3.0, 4.0]]",
        " rows of numbers without names (orient='values'); write them with "
        "orient='columns', pandas' default",
    ),
    "deep.json": ("[" * 200_000, " is nested too deep to be a history"),
    "big.json": ('{"loss": [1e39]}', "1: loss[0] is 1e+39, beyond float32, which Keras has"),
    "none.json": ('{"loss": []}', " no epochs: every list is empty"),
    "unequal.json": (
        '{"loss": [1, 2],\n"val_loss": [3]}',
        "2: unequal lengths: loss has 2, val_loss has 1. Where validation ran every N epochs, "
        "say validation_freq=N (--validation-freq N); else the file is not whole",
    ),
    "prose.txt": (
        "the loss went\ndown and up\n",
        " holds no training's numbers: expected a History.history as JSON, a CSVLogger's file or "
        "another table with names in its first line, what Keras printed (verbose=1 or 2), "
        "pandas' to_csv or to_json, numpy's .npz, Parquet, TensorBoard's event files, or an export "
        "of wandb's or mlflow's; found 'the loss went\\ndown and up\\n'",
    ),
    "cut.txt": (
        "Epoch 1/3\n5/10 - loss: 1.0000\n",
        " is what Keras printed, and no epoch in it is over",
    ),
    "empty.csv": ("\n", " the file is empty"),
    "header.csv": ("epoch,loss\n", "1: no epochs: there is a header and nothing below it"),
    "twice.csv": ("epoch,loss,loss\n0,1,2\n", "1: a name stands twice in epoch, loss, loss"),
    "torn.csv": (
        "epoch,loss,acc\n0,1.0,.5\n1,0.\n",
        "3: the last line is cut off: it has 2 of 3 fields. 1 whole epoch before it; "
        "go on without it, with --drop-torn-line",
    ),
    "hole.csv": ("epoch,loss,acc\n0,1.0\n1,2,3\n", "2: 2 fields, and the header has 3"),
    "word.csv": ("epoch,loss\n0,1.0\n1,oops\n", "3: loss is 'oops', no number"),
    "again.csv": (
        "epoch,loss\n0,1.0\n1,.5\n0,.9\n",
        " has 2 trainings; say which with --curve ID, or --all:\n"
        "  1: 2 epochs, lines 2-3\n"
        "  2: 1 epoch, lines 4-4",
    ),
    "half.csv": ("epoch,loss\n.5,1.0\n", "2: epoch is 0.5, no whole number of 0 or more"),
    "far.csv": (
        "epoch,loss\n0,1\n1000000,2\n",
        "3: epoch 1000000 is more than the 1,000,000 that a curve may have",
    ),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_input(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Exit status 2, and one message with file and line, if it is about one; nothing is written."""
    text, message = BAD[name]
    assert record(name, text) == 2
    assert capsys.readouterr().err == f"{name}:{message}\n"
    assert [path.name for path in Path.cwd().iterdir()] == [name]


def test_a_file_that_is_not_there(capsys: pytest.CaptureFixture[str]) -> None:
    """Nor can what is no text be read."""
    assert main(["record", "--from", "no.csv"]) == 2
    assert capsys.readouterr().err == "no.csv: cannot be read: No such file or directory\n"
    Path("no.csv").write_bytes(b"epoch,\xff")
    assert main(["record", "--from", "no.csv"]) == 2
    assert capsys.readouterr().err == "no.csv: is not UTF-8: byte 0xff\n"


def test_a_history_that_is_none() -> None:
    """In Python it is a HistoryError, a ValueError that names the metric."""
    with pytest.raises(HistoryError, match="unequal lengths: loss has 1, acc has 2") as caught:
        from_history({"loss": [1.0], "acc": [1.0, 2.0]})
    assert caught.value.key == "loss"
