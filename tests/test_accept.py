"""`dryfit accept`: what happened is written into expect, and nothing else changes."""

from pathlib import Path

import pytest

from dryfit.cli import main

TEXT = """\
# why we have this
name: a stop   # at the top
script: {metrics: {val_loss: .9 .5 .6x4}}   # six values
callbacks:
  - EarlyStopping: {patience: 2}   # two
expect:
  # the numbers
  epochs_run: 9   # wrong
  stopped:
    epoch: 1
    by: Nobody
  state: {EarlyStopping.wait: 0}
---
name: no expectation yet
script: {learning_rate: .1, metrics: {val_loss: .9 .5 .6x2}}
callbacks: [ReduceLROnPlateau: {patience: 1}]
"""

ACCEPTED = """\
# why we have this
name: a stop   # at the top
script: {metrics: {val_loss: .9 .5 .6x4}}   # six values
callbacks:
  - EarlyStopping: {patience: 2}   # two
expect:
  # the numbers
  epochs_run: 4   # wrong
  stopped:
    {epoch: 3, by: EarlyStopping}
  state: {EarlyStopping.wait: 0x2 1 2}
  accepted: true
---
name: no expectation yet
script: {learning_rate: .1, metrics: {val_loss: .9 .5 .6x2}}
callbacks: [ReduceLROnPlateau: {patience: 1}]
expect: {epochs_run: 4, stopped: never, weights: {epoch: 3, batch: 0}, \
learning_rate: 0.1x3 0.01, accepted: true}
"""


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("CI", raising=False)
    path = Path("a.scenario.yaml")
    path.write_text(TEXT)
    return path


def test_it_refreshes_what_is_there_and_fills_in_what_is_not(
    file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Comments and order stay, the diff is printed, the result holds, and is marked."""
    assert main(["accept", str(file)]) == 0
    assert file.read_text() == ACCEPTED
    diff = capsys.readouterr().out
    assert "-  epochs_run: 9   # wrong\n+  epochs_run: 4   # wrong\n" in diff
    assert main(["run", str(file), "--lane", "both"]) == 0
    capsys.readouterr()
    assert main(["accept", str(file)]) == 0
    assert capsys.readouterr().out == ""


def test_only_what_is_asked_for_is_touched(file: Path) -> None:
    """--only adds or refreshes these keys and leaves the others."""
    assert main(["accept", str(file), "--only", "learning_rate,stopped"]) == 0
    text = file.read_text()
    assert "epochs_run: 9   # wrong" in text
    assert "    {epoch: 3, by: EarlyStopping}\n" in text
    assert "  learning_rate: 0.01x4\n  accepted: true\n" in text
    assert "expect: {learning_rate: 0.1x3 0.01, stopped: never, accepted: true}" in text


def test_every_key_can_be_written_and_holds(file: Path) -> None:
    """What accept writes of a run is what run finds."""
    keys = (
        "epochs,restored,learning_rate_after,reductions,overrides,unused,state,checkpoints,files,"
        "history,logs,hooks,indices,last_hook,warnings,prints,epochs_run,weights"
    )
    file.write_text(
        "name: all\nscript: {batches: 2, learning_rate: 1, metrics: {val_loss: .9 .5 nan .6x3}}\n"
        "callbacks:\n"
        "  - ReduceLROnPlateau: {patience: 1, factor: .5, verbose: 1}\n"
        "  - LearningRateScheduler: {schedule: {piecewise: {0: 1.0}}}\n"
        "  - EarlyStopping: {patience: 3, restore_best_weights: true, monitor: val_loss}\n"
        "  - EarlyStopping: {monitor: nothing, mode: min}\n"
        "  - ModelCheckpoint: {filepath: '{epoch}.weights.h5', save_weights_only: true}\n"
    )
    assert main(["accept", str(file), "--only", keys]) == 0
    assert main(["run", str(file), "--lane", "both"]) == 0


def test_a_run_that_raised_is_not_accepted_unless_told_to(
    file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """An exception is more often a mistake than an expectation."""
    file.write_text(
        "name: fails\nscript: {metrics: {loss: 1x3}}\n"
        "callbacks: [RaiseAt: {epoch: 1, raises: {import: 'builtins:LookupError'}}]\n"
    )
    before = file.read_text()
    assert main(["accept", str(file)]) == 1
    assert "fails: not accepted: LookupError" in capsys.readouterr().out
    assert file.read_text() == before
    assert main(["accept", str(file), "--raised", "--only", "raises,epochs_run"]) == 0
    assert main(["run", str(file)]) == 0


def test_ci_and_unknown_keys_are_refused(
    file: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """CI checks expectations and does not write them."""
    assert main(["accept", str(file), "--only", "learning_rat"]) == 2
    assert capsys.readouterr().err.startswith("--only: unknown learning_rat; known are epochs_run,")
    assert main(["accept", "nowhere.scenario.yaml"]) == 2
    assert capsys.readouterr().err == (
        "nowhere.scenario.yaml:1: cannot be read: No such file or directory\n"
    )
    monkeypatch.setenv("CI", "true")
    assert main(["accept", str(file)]) == 2
    assert capsys.readouterr().err == (
        "accept writes expectations, which CI only checks; run it by hand\n"
    )
    assert file.read_text() == TEXT
