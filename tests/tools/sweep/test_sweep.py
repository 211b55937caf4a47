"""Sweeps, from the command line and from Python."""

import json
from pathlib import Path
from typing import Any

import pytest

from dryfit.cli import main
from dryfit.scenario.usage import UsageError
from dryfit.sweep import sweep
from dryfit.tools.sweep import chunks

# Of four epochs each: the best is 0.5 in epoch 1, 0.2 in epoch 3, 0.4 in epoch 0, and none.
TABLE = """\
curve,epoch,val_loss
a,0,1
a,1,.5
a,2,.6
a,3,.7
b,0,1
b,1,1.1
b,2,1.2
b,3,.2
c,0,.4
c,1,.5
c,2,.6
c,3,.7
d,0,.8
d,1,.6
d,2,.4
d,3,.2
"""


@pytest.fixture(autouse=True)
def _in_a_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("curves.csv").write_text(TABLE, encoding="utf-8")


def swept(capsys: pytest.CaptureFixture[str], *arguments: str) -> Any:
    """What is printed as JSON, but for how long it took."""
    assert main(["sweep", *arguments, "--format", "json"]) == 0
    data = json.loads(capsys.readouterr().out)
    del data["seconds"]
    return data


def test_four_curves_by_hand(capsys: pytest.CaptureFixture[str]) -> None:
    """Patience 2: a and c stop in 3 and 2, b in 2 and loses 0.8 of its range of 1; d goes on."""
    data = swept(capsys, "curves.csv", "--with", "EarlyStopping: {patience: 2..3}")
    two, three = data.pop("rows")
    recommended = data.pop("recommended")
    assert data == {
        "curves": 4,
        "settings": 2,
        "cells": 8,
        "engine": "vectorised",
        "audited": 8,
        "differing": 0,
        "monitor": "val_loss",
        "notes": [],
    }
    assert two["with"] == {"EarlyStopping": {"patience": 2}}
    assert (two["stopped"], two["goes_on"], two["epochs"]) == (0.75, 0.25, 10)
    assert two["saved"] == pytest.approx(1 - 10 / 12)
    assert two["worse_by"]["max"] == pytest.approx(0.8)
    assert two["worse_by"]["median"] == 0
    assert two["worse_by_relative"]["max"] == pytest.approx(0.8)
    assert (two["front"], two["other_rates"], two["lower_is_better"]) == (True, 0, True)
    assert (three["stopped"], three["goes_on"]) == (0.25, 0.75)
    assert not three["front"]
    assert recommended["with"] == two["with"]
    assert not recommended["meets"]


def test_the_text_says_what_to_take(capsys: pytest.CaptureFixture[str]) -> None:
    """The table, how it was found, and a sentence that can be acted on."""
    arguments = ["--with", "EarlyStopping: {patience: 1..2}", "--lose-at-most", "90%"]
    assert main(["sweep", "curves.csv", *arguments]) == 0
    table, found = capsys.readouterr().out.split("4 curves x 2 settings: 8 cells by array programs")
    assert table.splitlines()[0].split("   ")[0].strip() == "patience"
    assert "8 of them played to the real callbacks" in found
    told = " ".join(found.split())
    assert "Take patience 1: it saves 42 % of the epochs; half the curves lose nothing, " in told
    assert told.endswith(
        "3 curves are too few to say how sure that is: of fewer than ten, nine in ten are little "
        "else than the worst."
    )


def test_every_format(capsys: pytest.CaptureFixture[str]) -> None:
    """CSV has a line for each setting, Markdown a table."""
    arguments = ["sweep", "curves.csv", "--with", "EarlyStopping: {patience: 1..2}"]
    assert main([*arguments, "--format", "csv"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("patience,stopped,goes_on,epochs,")
    assert [line.split(",")[0] for line in lines[1:]] == ["1", "2"]
    assert main([*arguments, "--format", "markdown"]) == 0
    assert capsys.readouterr().out.startswith("| patience | stopped |")


def test_from_python() -> None:
    """Rows are typed, and `best` keeps to what is asked for or gives nothing."""
    result = sweep("curves.csv", "EarlyStopping: {patience: 1..3}")
    assert [row.varied for row in result.rows] == [{"patience": n} for n in (1, 2, 3)]
    assert result.best(lose_at_most=0.01) is None
    best = result.best(lose_at_most=1.0)
    assert best is not None
    assert best == result.front[0]
    table = result.to_arrow()
    assert table.column_names == [
        "curve",
        "setting",
        "epochs",
        "stopped_epoch",
        "best_epoch",
        "best",
        "worse_by",
        "goes_on",
    ]
    assert table.num_rows == 12
    assert table.slice(4, 1).to_pylist() == [
        {
            "curve": "a",
            "setting": "EarlyStopping: {patience: 2}",
            "epochs": 4,
            "stopped_epoch": 3,
            "best_epoch": 1,
            "best": 0.5,
            "worse_by": 0.0,
            "goes_on": False,
        }
    ]


def test_shards_merged_are_the_whole(capsys: pytest.CaptureFixture[str]) -> None:
    """All but the seconds, in any order; the audit is shared."""
    items = ["--with", "EarlyStopping: {patience: 1..3}", "--audit", "5"]
    whole = swept(capsys, "curves.csv", *items)
    for number in (1, 2, 3):
        part = ["--shard", f"{number}/3", "--out", f"part-{number}.parquet"]
        swept(capsys, "curves.csv", *items, *part)
    merged = swept(capsys, "--merge", "part-3.parquet", "part-1.parquet", "part-2.parquet")
    assert merged == whole
    assert whole["audited"] == 5


def test_many_processes_say_the_same(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Chunks come back in any order."""
    items = ["--with", "EarlyStopping: {patience: 1..3}", "--audit", "0"]
    one = swept(capsys, "curves.csv", *items, "--jobs", "1")
    monkeypatch.setattr(chunks, "_VECTORISED_CELLS", 3)  # a chunk for each curve
    assert swept(capsys, "curves.csv", *items, "--jobs", "2") == one
    assert not Path(".dryfit").exists()


def test_a_cluster_says_the_same(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of dask.distributed, by its address."""
    distributed = pytest.importorskip("distributed")
    items = ["--with", "EarlyStopping: {patience: 1..3}", "--audit", "0"]
    one = swept(capsys, "curves.csv", *items, "--jobs", "1")
    monkeypatch.setattr(chunks, "_VECTORISED_CELLS", 3)
    with distributed.LocalCluster(
        n_workers=1, threads_per_worker=1, processes=False, dashboard_address=None
    ) as cluster:
        assert swept(capsys, "curves.csv", *items, "--dask", cluster.scheduler_address) == one


def test_it_goes_on_where_it_was_broken_off(monkeypatch: pytest.MonkeyPatch) -> None:
    """What was finished is not decided again."""
    monkeypatch.setattr(chunks, "_VECTORISED_CELLS", 3)
    decide, decided = chunks.decide, list[str]()

    def breaks_off(chunk: chunks.Chunk) -> Any:
        if len(decided) == 2:
            raise KeyboardInterrupt
        decided.extend(chunk.curves.ids)
        return decide(chunk)

    asked: dict[str, Any] = {"callbacks": "EarlyStopping: {patience: 1..3}", "keep": "kept"}
    monkeypatch.setattr("dryfit.tools.sweep.sweeping.decide", breaks_off)
    with pytest.raises(KeyboardInterrupt):
        sweep("curves.csv", **asked)
    monkeypatch.setattr(
        "dryfit.tools.sweep.sweeping.decide",
        lambda chunk: (decided.extend(chunk.curves.ids), decide(chunk))[1],
    )
    result = sweep("curves.csv", **asked)
    assert decided == ["a", "b", "c", "d"]
    assert result.rows == sweep("curves.csv", "EarlyStopping: {patience: 1..3}").rows
    result.forget()
    assert not Path("kept").exists()


def test_without_an_audit_nothing_is_said_of_one(capsys: pytest.CaptureFixture[str]) -> None:
    """Nothing was held against the callbacks, and so nothing was found equal."""
    item = "EarlyStopping: {patience: 2..3}"
    assert main(["sweep", "curves.csv", "--with", item, "--audit", "0"]) == 0
    printed = " ".join(capsys.readouterr().out.split())
    assert "none of them was played to the real callbacks." in printed
    assert "none differs" not in printed


@pytest.mark.parametrize("kept", [0, 1, 30, 200, -1])
def test_a_part_that_is_damaged_is_decided_again(
    monkeypatch: pytest.MonkeyPatch, kept: int
) -> None:
    """Whatever of it is left: so much of its beginning, or all but its last byte."""
    monkeypatch.setattr(chunks, "_VECTORISED_CELLS", 3)
    item = "EarlyStopping: {patience: 1..3}"
    whole = sweep("curves.csv", item, audit=0, keep="kept")
    parts = list(Path("kept").rglob("*.npz"))
    assert len(parts) == 4
    for part in parts:
        part.write_bytes(part.read_bytes()[:kept])
    assert sweep("curves.csv", item, audit=0, keep="kept").rows == whole.rows


def test_the_answer_is_printed_before_files_are_written(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """One that cannot be written costs nothing of it, and not what was kept."""
    item = "EarlyStopping: {patience: 2..3}"
    assert main(["sweep", "curves.csv", "--with", item, "--out", "none/a.parquet"]) == 2
    printed = capsys.readouterr()
    assert "worse by" in printed.out
    assert printed.err.startswith("dryfit sweep: none/a.parquet: cannot be written")


def test_a_full_disk_loses_no_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    """What cannot be kept is said once, and the sweep goes on."""
    monkeypatch.setattr(chunks, "_VECTORISED_CELLS", 3)
    item = "EarlyStopping: {patience: 1..3}"
    result = sweep("curves.csv", item, audit=0, keep="curves.csv")
    (note,) = result.notes
    assert note.startswith("what is finished is not kept: curves.csv/")
    assert note.endswith("cannot be made: Not a directory")
    assert result.rows == sweep("curves.csv", item, audit=0).rows


def test_a_users_own_callback_is_played(capsys: pytest.CaptureFixture[str]) -> None:
    """It is said in one line why; the answer is that of the same logic of Keras'."""
    Path("own_stopping.py").write_text(
        "import keras\n\n\nclass Own(keras.callbacks.EarlyStopping):\n    pass\n", encoding="utf-8"
    )
    item = "own_stopping:Own: {patience: 1..2}"
    data = swept(capsys, "curves.csv", "--with", item, "--jobs", "1")
    keras = swept(capsys, "curves.csv", "--with", "EarlyStopping: {patience: 1..2}")
    assert data["engine"] == "callbacks"
    assert data["notes"] == ["the real callbacks are played: own_stopping:Own has no array program"]
    for row, other in zip(data["rows"], keras["rows"], strict=True):
        assert {**row, "with": None} == {**other, "with": None}


def test_both_engines_say_the_same(capsys: pytest.CaptureFixture[str]) -> None:
    """Of a list with a rate, whose recording has others."""
    Path("rates.csv").write_text(
        "curve,epoch,val_loss,learning_rate\n"
        "a,0,1,.1\na,1,1,.1\na,2,1,.05\na,3,1,.05\nb,0,1,.1\nb,1,1,.1\nb,2,1,.1\nb,3,1,.1\n",
        encoding="utf-8",
    )
    items = ["--with", "ReduceLROnPlateau: {patience: 1..3, factor: .5}", "--jobs", "1"]
    arrays = swept(capsys, "rates.csv", *items)
    played = swept(capsys, "rates.csv", *items, "--engine", "callbacks")
    assert arrays["rows"] == played["rows"]
    # Patience 1 cuts b's rate in epoch 1, and goes on cutting a's.
    assert [row["other_rates"] for row in arrays["rows"]] == [2, 2, 1]


def test_sources_of_every_kind(capsys: pytest.CaptureFixture[str]) -> None:
    """A folder's scenario, log, history and Parquet stand beside one another."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    folder = Path("runs")
    folder.mkdir()
    (folder / "monday.scenario.yaml").write_text(
        "name: monday\nscript: {epochs: 9, metrics: {val_loss: .9 .5 .6 .6 _...}}\n"
        "callbacks: [EarlyStopping: {patience: 2}]\n"
        "expect: {stopped: {epoch: 3, by: EarlyStopping}}\n",
        encoding="utf-8",
    )
    (folder / "log.csv").write_text("epoch,val_loss\n0,1\n1,2\n0,2\n1,3\n2,4\n", encoding="utf-8")
    (folder / "history.json").write_text('{"val_loss": [1, 2, 3]}', encoding="utf-8")
    (folder / "notes.txt").write_text("nothing", encoding="utf-8")
    (folder / "broken.csv").write_text("epoch,val_loss\n0,x\n", encoding="utf-8")
    table = {"run": ["x", "x", "y"], "at": [0, 1, 0], "val_loss": [1.0, None, 2.0]}
    pq.write_table(pa.table(table), folder / "table.parquet")
    columns = ["--curve-column", "run", "--epoch-column", "at"]
    data = swept(capsys, "runs", "--with", "EarlyStopping: {patience: 1}", *columns)
    assert data["curves"] == 5
    assert data["notes"] == [
        "1 files could not be read: runs/broken.csv:2: no numbers by epoch in it: left out: "
        "val_loss, no numbers, such as 'x'",
        "left out: 1 curve of one epoch: y",
    ]


def test_a_recording_that_was_planned_to_end_there_does_not_go_on() -> None:
    """What trained all its epochs has its answer; what was stopped in the last has none."""
    text = (
        "name: {name}\nscript: {{metrics: {{val_loss: .9 .8 .7}}}}\ncallbacks: []\n"
        "expect: {{stopped: {stopped}}}\n"
    )
    for name, stopped in (("whole", "never"), ("cut", "{epoch: 2}")):
        file = Path(f"{name}.scenario.yaml")
        file.write_text(text.format(name=name, stopped=stopped), encoding="utf-8")
    result = sweep("*.scenario.yaml", "EarlyStopping: {patience: 1}")
    assert result.answers.cells.ids == ("cut", "whole")
    assert result.answers.cells.goes_on.tolist() == [[True, False]]


def test_the_picture_and_the_page(capsys: pytest.CaptureFixture[str]) -> None:
    """The recommended setting is named in both; the page loads nothing."""
    arguments = ["--with", "EarlyStopping: {patience: 1..2}", "--lose-at-most", "90%"]
    drawn = ["--plot", "front.svg", "--report", "page.html"]
    assert main(["sweep", "curves.csv", *arguments, *drawn]) == 0
    assert "patience 1</text>" in Path("front.svg").read_text(encoding="utf-8")
    page = Path("page.html").read_text(encoding="utf-8")
    assert "Take patience 1: it saves " in page
    assert "patience 1</text>" in page
    assert "http" not in page.replace("http-equiv", "")


BAD = {
    "no picture": (
        ["curves.csv", "--plot", "front.gif"],
        "--plot: front.gif: a picture ends in .png, .svg, .pdf",
    ),
    "no source": ([], "SOURCE: none; name files, folders or globs of recordings"),
    "no file": (["no.csv"], "no.csv: cannot be read: No such file or directory"),
    "no match": (["*.npz"], "SOURCE: *.npz: no file has such a name"),
    "no recordings": (
        ["empty"],
        "SOURCE: empty: no recordings in this folder; they end in .scenario.yaml, .csv, .tsv, "
        ".json, .jsonl, .log, .npz, .parquet, .pq, or are TensorBoard's event files",
    ),
    "no callback": (
        ["curves.csv", "--with", "EarlyStoping"],
        "CALLBACK: EarlyStoping: unknown callback 'EarlyStoping'; did you mean 'EarlyStopping'? "
        "Known are those of keras.callbacks, and EvaluateAt, PredictAt, RaiseAt, "
        "SetLearningRateAt, StopAt, WriteLogs; your own is 'pkg.module:Class'",
    ),
    "no such metric": (
        ["curves.csv", "--with", "EarlyStopping: {monitor: val_los}"],
        "--with: no curve has val_los; did you mean 'val_loss'? They have val_loss",
    ),
    "refused by keras": (
        ["curves.csv", "--with", "ReduceLROnPlateau: {factor: .5|2}"],
        "--with: ReduceLROnPlateau: {factor: 2}: ReduceLROnPlateau refuses it: ValueError: "
        "ReduceLROnPlateau does not support a factor >= 1.0. Received factor=2",
    ),
    "no epochs": (
        ["table.parquet"],
        "table.parquet: a table without epochs: it has no column 'epoch', it has curve, "
        "val_loss; name yours with --epoch-column",
    ),
    "no direction": (
        ["f1.csv", "--with", "EarlyStopping: {monitor: f1}"],
        "--with: whether f1 is to rise or to fall is not known; say it with mode: min or max",
    ),
    "no array program": (
        ["curves.csv", "--engine", "vectorised", "--with", "StopAt: {epoch: 2}"],
        "--engine: vectorised: StopAt has no array program; auto and callbacks play it",
    ),
    "one epoch each": (["short.csv"], "SOURCE: left out: 1 curve of one epoch: short.csv"),
    "no part": (
        ["--merge", "table.parquet"],
        "table.parquet: is no table of cells that dryfit sweep --out wrote",
    ),
    "more shards than curves": (
        ["curves.csv", "--shard", "1/9"],
        "--shard: 1/9: there are 4 curves to share",
    ),
    "raises": (
        ["curves.csv", "--jobs", "1", "--with", "RaiseAt: {epoch: 1}"],
        "--with: RaiseAt: {epoch: 1} on a: raised RuntimeError",
    ),
}


@pytest.mark.parametrize("kind", BAD)
def test_bad_input(kind: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Exit status 2 and the whole message."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    Path("empty").mkdir()
    Path("f1.csv").write_text("epoch,f1\n0,1\n1,2\n", encoding="utf-8")
    Path("short.csv").write_text("epoch,val_loss\n0,1\n", encoding="utf-8")
    pq.write_table(pa.table({"curve": ["a"], "val_loss": [1.0]}), "table.parquet")
    arguments, message = BAD[kind]
    if "--with" not in arguments and "--merge" not in arguments:
        arguments = [*arguments, "--with", "EarlyStopping: {patience: 1}"]
    assert main(["sweep", *arguments]) == 2
    told = capsys.readouterr().err
    start = "" if message[:7] in ("no.csv:", "table.p") else "dryfit sweep: "
    assert told == f"{start}{message}\n"


def test_the_working_directory_is_outside_of_a_run() -> None:
    """A path that a run may not delete is refused, and the folder is still there."""
    with pytest.raises(
        UsageError, match=r"^--with: BackupAndRestore.*, outside; a scenario writes"
    ):
        sweep("curves.csv", f"BackupAndRestore: {{backup_dir: {Path.cwd()}}}")
    assert Path("curves.csv").exists()
