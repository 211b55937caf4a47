"""What a cell plays, and which facts it tells."""

import json
from pathlib import Path
from typing import Any

import pytest

from dryfit import load_scenarios
from dryfit.tools.matrix.in_a_cell import groups, main, row, sources

STOPS = """\
name: stops
script: {metrics: {loss: 1, val_loss: .9 .5 .6x4}}
callbacks: [EarlyStopping: {patience: 2, restore_best_weights: true}]
"""


@pytest.fixture
def rows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.chdir(tmp_path)

    def play(text: str) -> list[dict[str, Any]]:
        file = Path("a.scenario.yaml")
        file.write_text(text, encoding="utf-8")
        return [row(*group, "fake") for group in groups(load_scenarios(file))]

    return play


def test_decisions_are_told_whatever_is_expected(rows: Any) -> None:
    """In the words of a scenario file."""
    (found,) = rows(f"{STOPS}expect: {{epochs_run: 4}}\n")
    assert (found["name"], found["outcome"]) == ("stops", "passed")
    assert found["facts"] == {
        "raises": "nothing",
        "epochs_run": "4",
        "stopped": "epoch: 3, by: EarlyStopping",
        "restored": "{epoch: 3, by: EarlyStopping, hook: on_train_end, to: {epoch: 1, batch: 0}}",
        "weights": "epoch: 1, batch: 0",
        "learning_rate": "0.01x4",
        "learning_rate_after": "0.01x4",
        "checkpoints": "never",
        "files": "none",
    }


def test_other_facts_are_told_where_they_are_named(rows: Any) -> None:
    """States and logs one by one."""
    (found,) = rows(
        f"{STOPS}expect: {{state: {{EarlyStopping.wait: 0 0 1 2}}, warnings: never, "
        "logs: {on_train_end: {val_loss: .6x1}}}\n"
    )
    added = dict(list(found["facts"].items())[9:])
    assert added == {
        "state.EarlyStopping.wait": "0x2 1 2",
        "logs.on_train_end.val_loss": "0.6x1",
        "warnings": "never",
    }


def test_each_call_has_its_own_facts(rows: Any) -> None:
    """Under its key in the file."""
    (found,) = rows(
        "name: twice\ncallbacks: [ModelCheckpoint: {filepath: a.weights.h5, "
        "save_weights_only: true}]\ncalls:\n"
        "  - {call: fit, script: {metrics: {loss: 1x1}}, expect: {epochs_run: 1}}\n"
        "  - {call: fit, script: {metrics: {loss: 1x2}}, expect: {epochs_run: 2}}\n"
    )
    facts = found["facts"]
    assert (facts["calls[0].epochs_run"], facts["calls[1].epochs_run"]) == ("1", "2")
    assert facts["calls[0].files"] == "a.weights.h5: epoch 0, batch 0"
    assert facts["calls[1].checkpoints"] == "a.weights.h5 in epoch 0; a.weights.h5 in epoch 1"
    assert facts["calls[1].files"] == "a.weights.h5: fit 1, epoch 1, batch 0"


def test_what_raises_is_told_with_its_place(rows: Any) -> None:
    """In a hook, and at construction."""
    hook, construction = rows(
        "name: a\nscript: {metrics: {loss: 1x2}}\ncallbacks: [RaiseAt: {epoch: 1, "
        'raises: {import: "builtins:LookupError"}}]\nexpect: {raises: {type: LookupError}}\n'
        "---\nname: b\nscript: {metrics: {loss: 1x2}}\ncallbacks: [ReduceLROnPlateau: "
        "{factor: 2}]\nexpect: {raises: {type: ValueError}}\n"
    )
    assert hook["facts"]["raises"] == "LookupError, epoch 1, by RaiseAt"
    assert construction["facts"] == {"raises": "ValueError at construction"}


def test_it_is_played_whatever_its_when_says_of_keras(rows: Any) -> None:
    """For the comparison; the verdict is for other releases."""
    (found,) = rows(f"{STOPS}when: keras<3.6\nexpect: {{epochs_run: 1}}\n")
    assert found["outcome"] == "skipped"
    assert found["facts"]["epochs_run"] == "4"


def test_it_is_not_played_where_another_condition_does_not_hold(rows: Any) -> None:
    """A backend that cannot do it has nothing to compare."""
    (found,) = rows(f"{STOPS}when: keras<3.6, backend==other\nexpect: {{epochs_run: 1}}\n")
    assert (found["outcome"], found["facts"]) == ("skipped", None)


def test_variants_for_releases_are_one_row(rows: Any) -> None:
    """Its verdict is that of the variant whose condition holds, its facts are what any names."""
    (found,) = rows(
        f"{STOPS}variants:\n"
        "  now: {when: keras>=3.6, expect: {stopped: {epoch: 3}}}\n"
        "  then: {when: keras<3.6, expect: {state: {EarlyStopping.wait: 0 0 1 2}}}\n"
    )
    assert (found["name"], found["slug"], found["outcome"]) == ("stops", "stops", "passed")
    assert "state.EarlyStopping.wait" in found["facts"]


def test_variants_of_settings_are_rows_of_their_own(rows: Any) -> None:
    """They play something else."""
    found = rows(
        "name: stops\nscript: {metrics: {val_loss: 1x4}}\nvariants:\n"
        "  one: {callbacks: [EarlyStopping: {patience: 1}], expect: {epochs_run: 2}}\n"
        "  two: {callbacks: [EarlyStopping: {patience: 2}], expect: {epochs_run: 3}}\n"
    )
    assert [r["name"] for r in found] == ["stops [one]", "stops [two]"]
    assert [r["slug"] for r in found] == ["stops-one", "stops-two"]


def test_what_a_release_has_not_is_told(rows: Any) -> None:
    """A callback that is not there is no reason to stop."""
    (found,) = rows(
        "name: a\nwhen: keras<3.6\nscript: {metrics: {loss: 1x2}}\n"
        "callbacks: [NotThere]\nexpect: {epochs_run: 2}\n"
    )
    assert (found["outcome"], found["facts"]) == ("skipped", None)
    assert "unknown callback 'NotThere'" in found["unplayed"]


def test_modules_from_elsewhere_are_sources() -> None:
    """This test is one: it came from no package."""
    assert str(Path(__file__).resolve()) in sources()


def test_the_player_writes_what_came_of_each(tmp_path: Path) -> None:
    """As JSON, with what is installed."""
    other = STOPS.replace("stops", "expects nothing", 1)
    text = f"{STOPS}expect: {{epochs_run: 4}}\n---\n{other}"
    (tmp_path / "a.scenario.yaml").write_text(text)
    main(str(tmp_path / "result.json"), "fake", "{}", str(tmp_path))
    result = json.loads((tmp_path / "result.json").read_text())
    assert [r["facts"]["epochs_run"] for r in result["rows"]] == ["4", "4"]  # of nothing expected
    assert result["versions"]["keras"].startswith("3.")
