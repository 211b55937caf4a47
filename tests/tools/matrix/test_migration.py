"""`dryfit migrate`: what Keras 3 decides otherwise, what it comes from, and what to write."""

import json
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from dryfit import load_scenarios
from dryfit.cli import main
from dryfit.scenario.conditions import Condition
from dryfit.show.markdown import plain
from dryfit.tools.matrix.cells import Cell
from dryfit.tools.matrix.migration import Migration, compared
from dryfit.tools.matrix.migration_pages import as_migration_markdown, as_migration_text
from dryfit.tools.matrix.player import PlayedElsewhere
from dryfit_fakes.backend import LEGACY

ROWS = Path(__file__).parents[3] / "scenarios" / "migration"
PAGE = Path(__file__).parents[3] / "docs" / "keras-2-to-3.md"
MINE = """
from dryfit import keras

class Mine(keras.callbacks.Callback):
    def on_epoch_begin(self, epoch, logs=None):
        self.model.optimizer.lr = .5

class Other(keras.callbacks.Callback):
    def on_epoch_end(self, epoch, logs=None):
        logs.get("lr")
"""


def row(name: str, errors: tuple[str, ...] = (), **facts: str) -> dict[str, Any]:
    told = {"file": "a.scenario.yaml", "slug": name, "name": name, "outcome": "passed"}
    return {**told, "facts": facts or None, "errors": list(errors)}


@pytest.fixture
def migrated(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """What comes of two lists of rows, and of the texts of two scenarios."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mine.py").write_text(MINE)
    common = "script: {metrics: {loss: 1x2, val_precision: 1x2}}\nexpect: {epochs_run: 2}\n"
    Path("a.scenario.yaml").write_text(
        f"name: one\ncallbacks: [mine:Mine]\n{common}---\n"
        f"name: two\ncallbacks: [EarlyStopping: {{monitor: val_precision}}]\n{common}"
    )

    def made(old: list[Any], new: list[Any]) -> Migration:
        before = PlayedElsewhere(Cell("tf_keras:2.21"), tuple(old), {"tf-keras": "2.21.0"})
        after = PlayedElsewhere(Cell("3.15"), tuple(new), {"keras": "3.15.1"})
        return compared((before, after), "real", [str(tmp_path / "mine.py")])

    return made


def test_before_is_what_was_named_first(migrated: Any) -> None:
    """Also where it is the newer one: somebody goes back, or was told to."""
    newer = PlayedElsewhere(Cell("3.15"), (row("one", epochs_run="3"),), {"keras": "3.15.1"})
    older = PlayedElsewhere(
        Cell("tf_keras:2.21"), (row("one", ("ValueError: no",)),), {"tf-keras": "2.21.0"}
    )
    found = compared((newer, older), "real")
    assert found.titles == ("Keras 3.15.1", "tf_keras 2.21.0")
    assert [(one.slug, one.on) for one in found.unplayed] == [("one", ("tf_keras 2.21.0",))]
    changed = PlayedElsewhere(
        older.cell, (row("one", ("ValueError: no",), epochs_run="5"),), older.versions
    )
    (otherwise,) = compared((newer, changed), "real").otherwise
    assert otherwise.differences == (("epochs_run", "3", "5"),)
    assert otherwise.errors == ("ValueError: no",)


def test_what_is_the_same_is_counted_and_the_rest_is_ranked(migrated: Any) -> None:
    """A habit that is likelier comes first; what nobody knows comes last, without advice."""
    names = ("same", "two", "gone", "unknown", "one")
    old = [row(name, stopped="never") for name in names]
    new = [row("same", stopped="never"), row("gone"), row("unknown", stopped="epoch: 1")]
    new += [row("two", stopped="epoch: 1"), row("one", learning_rate="1")]
    found = migrated(old, new)
    assert (found.same, [one.slug for one in found.unplayed]) == (1, ["gone"])
    assert [one.name for one in found.otherwise] == ["one", "two", "unknown"]
    written = [one.habit.write if one.habit else None for one in found.otherwise]
    assert written[0] == "self.model.optimizer.learning_rate = x"
    assert written[1].endswith('mode="min" decides as before')
    assert written[2] is None


def test_what_is_silent_comes_before_what_is_raised(migrated: Any) -> None:
    """Nobody is told of it otherwise; an error that is gone is silent, too."""
    old = [row("raises", raises="nothing"), row("mends", raises="TypeError, epoch 2")]
    new = [row("raises", ("KeyError: 'lr'",), raises="KeyError, epoch 0")]
    new += [row("mends", raises="nothing")]
    found = migrated(old, new)
    assert [(one.name, one.silent) for one in found.otherwise] == [
        ("mends", True),
        ("raises", False),
    ]


def test_an_error_is_told_in_its_own_words_and_hides_what_follows_from_it(migrated: Any) -> None:
    """Without one it is silent, and what follows from an earlier end is left out as well."""
    raised = row("two", ("KeyError: 'lr'",), raises="KeyError, epoch 0", stopped="never")
    old = [row("two", raises="nothing", stopped="epoch: 3")]
    text = as_migration_text(migrated(old, [raised]))
    assert "1 decide otherwise, 0 of them silently (epochs count from 0)" in text
    assert "with an error:" in text
    assert "KeyError: 'lr'" in text
    assert "stopped" not in text
    assert 'write: logs["learning_rate"]' in text
    old = [row("two", epochs_run="4", learning_rate="1x4")]
    text = as_migration_text(migrated(old, [row("two", epochs_run="2", learning_rate="1x2")]))
    assert "epochs_run: 4 (tf_keras 2.21.0); 2 (Keras 3.15.1)" in text
    assert "learning_rate:" not in text


def test_an_error_comes_from_the_habit_that_its_words_tell_of(migrated: Any) -> None:
    """A callback beside it may have a habit that is likelier, and raises nothing."""
    error = "ValueError: the filepath provided must end in `.weights.h5`"
    old, new = row("one", raises="nothing"), row("one", (error,), raises="ValueError")
    (found,) = migrated([old], [new]).otherwise
    assert found.habit is not None
    assert found.habit.write.startswith("NAME.weights.h5")


def test_what_was_never_recorded_is_not_told(migrated: Any) -> None:
    """A training that goes on is; what it decides without numbers is no finding."""
    Path("a.scenario.yaml").write_text(
        "name: one\nscript: {epochs: 9, metrics: {loss: 1x3 _...}}\nexpect: {epochs_run: 3}\n"
    )
    old = row("one", epochs_run="3", stopped="epoch: 2", files="a.h5: epoch 2")
    new = row("one", epochs_run="9", stopped="never", files="a.h5: epoch 8")
    lines = as_migration_text(migrated([old], [new])).splitlines()
    assert lines[4:] == [
        "   silently:",
        "     epochs_run: 3 (tf_keras 2.21.0); 9 (Keras 3.15.1)",
        "     stopped: epoch: 2 (tf_keras 2.21.0); never (Keras 3.15.1)",
        "     what was recorded ends there: what comes of the other epochs, nobody knows",
    ]


def test_what_comes_from_one_habit_is_told_once(migrated: Any) -> None:
    """With the names of the others; the table has a row for each."""
    names = [f"{number} nan" for number in range(8)]
    file = Path("a.scenario.yaml")
    script = "script: {metrics: {loss: nan 1}}\nexpect: {epochs_run: 2}\n"
    file.write_text("---\n".join(f"name: {name}\n{script}" for name in names))
    old, new = ([row(name, stopped=told) for name in names] for told in ("never", "epoch: 1"))
    found = migrated(old, new)
    text = as_migration_text(found)
    assert text.count("why: ") == 1
    assert text.endswith("and so 7 others: 1 nan; 2 nan; 3 nan; 4 nan; 5 nan; 2 more")
    assert len(as_migration_markdown(found).splitlines()) == 10


def test_every_row_of_the_page_is_a_scenario_one_can_run() -> None:
    """And every scenario has its row, with what to write."""
    names = {plain(s.name.rpartition(" [")[0]) for s in load_scenarios(*ROWS.glob("*.yaml"))}
    rows = [line.split(" | ") for line in PAGE.read_text(encoding="utf-8").splitlines()]
    written = {cells[1]: cells[-1] for cells in rows if len(cells) == 6 and cells[0][2:].isdigit()}
    assert set(written) == names
    assert all(text.strip(" |") for text in written.values())


@pytest.mark.skipif(LEGACY, reason="Keras 3 alone has another to tell of")
def test_a_condition_tells_keras_2_from_keras_3() -> None:
    """Whatever is installed besides, a process has one Keras."""
    assert Condition("keras>=3").unmet() is None
    for name in ("tf_keras", "tf-keras"):
        assert "(here Keras is keras 3." in str(Condition(f"{name}>=2.15").unmet())


@pytest.mark.parity
@pytest.mark.skipif(find_spec("tf_keras") is None, reason="tf_keras is not installed")
def test_the_rows_are_what_both_decide(capsys: pytest.CaptureFixture[str]) -> None:
    """Each of them is known, and told in the order of the page."""
    assert main(["migrate", str(ROWS), "--format", "json"]) == 1
    told = json.loads(capsys.readouterr().out)
    assert told["same"] == 0
    assert [one["name"] for one in told["otherwise"] if one["write"] is None] == []
    page = PAGE.read_text(encoding="utf-8")
    places = [page.index(f"| {plain(one['name'])} |") for one in told["otherwise"]]
    assert places == sorted(places)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["a.scenario.yaml", "--from", "2.15"], "2.15: it is Keras 2; write tf_keras:2.15\n"),
        (["a.scenario.yaml", "--with", "./gone"], "--with: there is no ./gone\n"),
        (
            ["mine:Mine"],
            "Keras 2 is not installed: pip install 'dryfit[legacy]', "
            "or name one with --from tf_keras:2.15\n",
        ),
    ],
)
def test_what_cannot_be_compared_is_status_2(
    words: list[str],
    message: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """In one line, and before anything is installed or played."""
    monkeypatch.chdir(tmp_path)
    script = "script: {metrics: {loss: 1x2}}\n"  # what it expects does not matter
    Path("a.scenario.yaml").write_text(f"name: one\n{script}")
    monkeypatch.setattr("dryfit.tools.matrix.ends.installed_end", lambda *, legacy: None)
    assert main(["migrate", *words]) == 2
    assert capsys.readouterr().err == f"dryfit migrate: {message}"
