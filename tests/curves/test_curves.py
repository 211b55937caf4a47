"""The recorded curves of the repository, and the script that records them."""

import re
from pathlib import Path

import keras
import numpy as np
import pytest
import record_curves
import which_patience
from pyarrow import parquet

from dryfit.cli import main

PAGE = Path(__file__).parents[2] / "docs" / "which-patience.md"

FILES = sorted(record_curves.FOLDER.glob("*.parquet"))


def test_there_are_enough_and_they_are_small() -> None:
    """At least 1,200 trainings in at most 3 MB, and every column is there."""
    tables = [parquet.read_table(file) for file in FILES]
    curves = [name for table in tables for name in table.column("curve").unique().to_pylist()]
    assert len(set(curves)) == len(curves) >= 1200
    assert sum(file.stat().st_size for file in FILES) <= 3_000_000
    assert {len(table) % record_curves.EPOCHS for table in tables} == {0}


def test_a_training_is_recorded() -> None:
    """A short one: the recorder has what the model reported, with what the test set says."""
    x = np.random.default_rng(0).normal(size=(80, 3))
    data = record_curves.Data("made", x, (x[:, 0] > 0).astype("int32"), 2)
    model = record_curves.network(data, (4,))
    first = record_curves.record(model, data, 0.01, seed=1, epochs=2)
    again = record_curves.record(model, data, 0.01, seed=1, epochs=2)
    assert {name: len(first[name]) for name in record_curves.COLUMNS} == dict.fromkeys(
        record_curves.COLUMNS, 2
    )
    assert first == again
    assert isinstance(model, keras.Model)


def test_the_page_shows_what_is_printed(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The sweep as it is typed there, but for how long it took."""
    monkeypatch.chdir(record_curves.FOLDER.parents[1])
    items, shown = re.findall(
        r'^\$ dryfit sweep scenarios/curves --with "(.*)"\n(.*?)^```', PAGE.read_text(), re.S | re.M
    )[0]
    assert main(["sweep", "scenarios/curves", "--with", items, "--jobs", "1"]) == 0
    printed = [line.rstrip() for line in capsys.readouterr().out.splitlines()]
    seconds = re.compile(r"in [\d.e-]+ s")
    expected = [seconds.sub("in N s", line) for line in shown.splitlines()]
    assert [seconds.sub("in N s", line) for line in printed] == expected


def test_the_table_of_the_page_is_what_the_script_says() -> None:
    """Every figure of what a patience is worth on a test set."""
    told = "\n".join(f"| {' | '.join(row)} |" for row in which_patience.rows())
    assert told in PAGE.read_text(encoding="utf-8")
