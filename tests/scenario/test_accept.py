"""`dryfit accept`: what happened is written into expect, and nothing else changes."""

import json
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from dryfit.cli import main
from dryfit.facts.texts import quoted

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
    assert capsys.readouterr().out == "2 scenarios: nothing to change\n"


def test_only_what_is_asked_for_is_touched(file: Path) -> None:
    """--only adds or refreshes these keys and leaves the others."""
    assert main(["accept", str(file), "--only", "learning_rate,stopped"]) == 0
    text = file.read_text()
    assert "epochs_run: 9   # wrong" in text
    assert "    {epoch: 3, by: EarlyStopping}\n" in text
    assert "  learning_rate: 0.01x4\n  accepted: true\n" in text
    assert "expect: {learning_rate: 0.1x3 0.01, stopped: never, accepted: true}" in text


def test_what_is_not_asked_for_and_does_not_hold_is_told(
    file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """It is left as it is, and nobody is surprised by the next `dryfit run`."""
    file.write_text("name: a\nscript: {metrics: {loss: 1x3}}\nexpect: {epochs_run: 2}\n")
    assert main(["accept", str(file), "--only", "stopped"]) == 0
    told = f"{file}: a: epochs_run does not hold: expected 2, got 3; --only leaves it\n"
    assert told in capsys.readouterr().out


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
    assert capsys.readouterr().err.startswith(
        "dryfit accept: --only: unknown learning_rat; known are epochs_run,"
    )
    assert main(["accept", "nowhere.scenario.yaml"]) == 2
    assert capsys.readouterr().err == (
        "nowhere.scenario.yaml: cannot be read: No such file or directory\n"
    )
    monkeypatch.setenv("CI", "true")
    assert main(["accept", str(file)]) == 2
    assert capsys.readouterr().err == (
        "dryfit accept: it writes expectations, which CI only checks; run it by hand\n"
    )
    assert file.read_text() == TEXT


def test_an_exact_comparison_is_written_exactly(file: Path) -> None:
    """A file with tolerance: exact holds once it is accepted, and keeps its tolerance."""
    file.write_text(
        "name: exact\nscript: {learning_rate: .123456789, metrics: {loss: .123456789 .1x2}}\n"
        "expect: {tolerance: exact, learning_rate: 1, history: {loss: 1}}\n"
    )
    assert main(["accept", str(file)]) == 0
    assert file.read_text().endswith(
        "expect: {tolerance: exact, learning_rate: 0.12345679x3, "
        "history: {loss: 0.12345679 0.1x2}, accepted: true}\n"
    )
    assert main(["run", str(file)]) == 0


TEXT_LINES = st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="\r\n"), min_size=1, max_size=12
)

# However busy the machine is; each example writes the whole file anew.
AS_OFTEN = settings(
    deadline=None, max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def accepted_and_held(file: Path, text: str, only: str) -> None:
    """Accept, run, and accept again, which changes nothing."""
    file.write_text(text, encoding="utf-8")
    assert main(["accept", str(file), "--only", only]) == 0
    once = file.read_bytes()
    assert main(["run", str(file)]) == 0
    assert main(["accept", str(file)]) == 0
    assert file.read_bytes() == once


def does_with(values: list[Any], act: str) -> str:
    """A scenario whose callback acts on each of some values, an epoch each."""
    Path("does_with.json").write_text(json.dumps(values))
    Path("does_with.py").write_text(
        "import json\nfrom pathlib import Path\n\nfrom keras.callbacks import Callback\n\n\n"
        "class Does(Callback):\n    def on_epoch_end(self, epoch, logs=None):\n"
        "        it = json.loads(Path(__file__).with_suffix('.json').read_text())[epoch]\n"
        f"        {act}\n"
    )
    script = f"{{metrics: {{loss: 1x{len(values)}}}}}"
    expect = f"{{epochs_run: {len(values)}}}"
    return f"name: a\nscript: {script}\ncallbacks: [does_with:Does]\nexpect: {expect}\n"


@AS_OFTEN
@example(["null", "yes", "~", "1e3", "a: b", "a #b", " x ", '"', "\x7f\u2028\ufeff\U0001f600"])
@given(st.lists(TEXT_LINES, min_size=1, max_size=4))
def test_whatever_is_printed_is_accepted_and_holds(file: Path, lines: list[str]) -> None:
    """And what was accepted once is not changed the second time."""
    accepted_and_held(file, does_with(lines, "print(it)"), "prints")


PLAIN = st.none() | st.booleans() | st.integers(-(2**63), 2**63) | st.floats() | TEXT_LINES
LIKE_NUMBERS = st.sampled_from(["1", "1x4", "nan", "_", "1 2", ".5...", "1-.1x3", "never", ""])


@AS_OFTEN
@example(["1", "2"])
@example(["1x2", "1x2"])
@example([1, "2"])
@example(["nan", float("nan")])
@example([None, "_"])
@example([True, 0.5, -float("inf"), 10**12 + 1])
@given(st.lists(PLAIN | LIKE_NUMBERS, min_size=1, max_size=4))
def test_whatever_a_callback_keeps_is_accepted_and_holds(file: Path, kept: list[Any]) -> None:
    """A text stays a text, also where all of them look like numbers."""
    accepted_and_held(file, does_with(kept, "self.kept = it"), "state")


FILE_NAMES = TEXT_LINES.filter(lambda name: not set(name) & set("/\0") and name.strip("."))


@AS_OFTEN
@example(["null", "a: b", "[1]", "-", "1.5"])
@given(st.lists(FILE_NAMES, min_size=1, max_size=3, unique=True))
def test_a_file_of_any_name_is_accepted_and_holds(file: Path, names: list[str]) -> None:
    """Names are items of a list."""
    accepted_and_held(file, does_with(names, "Path(it).write_text(it)"), "files")


@AS_OFTEN
@example("null")
@example("a: b")
@example("\x85")
@given(TEXT_LINES)
def test_a_metric_of_any_name_is_accepted_and_holds(file: Path, name: str) -> None:
    """Names are keys, of history and of logs."""
    script = f"{{metrics: {{loss: 1x2, {quoted(name)}: 2x2}}}}"
    text = f"name: named\nscript: {script}\nexpect: {{epochs_run: 2}}\n"
    accepted_and_held(file, text, "history,logs")


def test_a_run_without_epochs_has_series_without_values(file: Path) -> None:
    """They are accepted as such, and hold; one of a run with epochs does not."""
    text = (
        "name: none\nscript: {metrics: {loss: 1x2}, interrupt: {epoch: 0}}\n"
        "callbacks: [EarlyStopping: {monitor: loss}]\n"
        "expect: {learning_rate: 1, state: {EarlyStopping.wait: 0},\n"
        "  logs: {on_epoch_end: {loss: 1}}}\n"
    )
    accepted_and_held(file, text, "epochs,learning_rate,learning_rate_after,logs,state,indices")
    assert file.read_text().endswith(
        "expect: {learning_rate: [], state: {EarlyStopping.wait: []},\n"
        "  logs: {on_epoch_end: {loss: []}}, epochs: [], learning_rate_after: [], "
        "indices: {on_train_batch_end: []}, accepted: true}\n"
    )


@pytest.mark.parametrize("said", ["never", "[]"])
def test_series_without_values_fail_where_there_are_some(
    file: Path, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Each says what there was."""
    file.write_text(
        "name: two\nscript: {metrics: {loss: 3 2}}\ncallbacks: [EarlyStopping: {monitor: loss}]\n"
        f"expect: {{learning_rate: {said}, history: {{loss: {said}}}, "
        f"state: {{EarlyStopping.wait: {said}}}, logs: {{on_epoch_end: {{loss: {said}}}}}}}\n"
    )
    assert main(["run", str(file), "--format", "json"]) == 1
    (told,) = json.loads(capsys.readouterr().out)
    assert [(f["what"], f["expected"], f["got"]) for f in told["failures"]] == [
        ("learning_rate", "no values", "2 values: 0.01 0.01"),
        ("state.EarlyStopping.wait", "no values", "2 values: 0 0"),
        ("history.loss", "never", "[3.0, 2.0]"),
        ("logs.on_epoch_end.loss", "no values", "2 values: 3 2"),
    ]


def test_what_happens_outside_of_an_epoch_is_accepted_and_holds(file: Path) -> None:
    """Weights that come back before the first epoch have none, and none is written."""
    file.write_text(
        "name: resumed\ncallbacks: [BackupAndRestore: {backup_dir: backup}]\ncalls:\n"
        "  - call: fit\n"
        "    script: {metrics: {loss: 1x2}, interrupt: {epoch: 1}}\n"
        "    expect: {restored: never}\n"
        "  - {call: fit, callbacks: fresh, model: fresh, script: {metrics: {loss: 1x2}},\n"
        "     expect: {restored: never}}\n"
    )
    assert main(["accept", str(file)]) == 0
    assert file.read_text().endswith(
        "expect: {restored: [{by: BackupAndRestore, hook: on_train_begin, "
        "to: {epoch: 0, batch: 0}}], accepted: true}}\n"
    )
    assert main(["run", str(file)]) == 0


def test_a_metric_that_is_an_array_is_left_out(file: Path) -> None:
    """A series cannot say it; the others are accepted and hold."""
    Path("per_class.py").write_text(
        "from keras.callbacks import Callback\nimport numpy as np\n\n\nclass PerClass(Callback):\n"
        "    def on_epoch_end(self, epoch, logs=None):\n        logs['each'] = np.ones(2)\n"
    )
    file.write_text(
        "name: arrays\nscript: {metrics: {loss: 3 4}}\ncallbacks: [per_class:PerClass]\n"
        "expect: {epochs_run: 2}\n"
    )
    assert main(["accept", str(file), "--only", "history"]) == 0
    assert file.read_text().endswith("history: {loss: 3 4}, accepted: true}\n")
    assert main(["run", str(file)]) == 0


TWO = """\
name: wrong
script: {metrics: {loss: 1x2}}
expect: {epochs_run: 1}
---
name: none yet
script: {metrics: {loss: 1x3}}
---
name: right
script: {metrics: {loss: 1x2}}
expect: {epochs_run: 2}
"""


@pytest.mark.parametrize(
    ("answers", "closing", "kept"),
    [
        ("a\na\n", "3 scenarios: 1 updated, 1 created, 1 held already", 0),
        ("what\ns\na\n", "3 scenarios: 1 created, 1 left as it is, 1 held already", 1),
        ("n\ny\n", "3 scenarios: 1 created, 1 left as it is, 1 held already", 1),
        ("s\nq\n", "2 scenarios: 2 left as they are, and no more asked for", 2),
        ("", "1 scenario: 1 left as it is, and no more asked for", 2),  # nobody answers
    ],
)
def test_a_review_asks_for_each_change(
    answers: str,
    closing: str,
    kept: int,
    file: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What is not accepted stays, and the last line counts; what holds is not asked for."""
    file.write_text(TWO)
    monkeypatch.setattr("sys.stdin", StringIO(answers))
    assert main(["accept", str(file), "--review"]) == 0
    last = capsys.readouterr().out.splitlines()[-1]
    assert last.rpartition("[q]uit? ")[2] == closing  # a terminal shows what is answered
    text = file.read_text()
    assert ("epochs_run: 1" in text) + ("loss: 1x3}}\n---" in text) == kept


def test_one_scenario_is_accepted_alone(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """FILE::SLUG, the whole or its beginning."""
    file.write_text(TWO)
    assert main(["accept", f"{file}::w"]) == 0
    assert file.read_text() == TWO.replace("{epochs_run: 1}", "{epochs_run: 2, accepted: true}")
    assert capsys.readouterr().out.splitlines()[-1] == "1 scenario: 1 updated"
