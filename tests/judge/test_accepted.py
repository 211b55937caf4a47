"""`dryfit accept` writes nothing that does not load and hold, and loses no file."""

import json
import tempfile
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from dryfit.cli import main
from dryfit.facts.texts import quoted

LIKE_A_METRIC = "name: a\nscript: {metrics: {accuracy: 1 2}}\ncallbacks: [writes_it:Writes]\n"
UNUSABLE = {
    "a comma behind the last key": (
        "name: a\nscript: {metrics: {loss: 1 2}}\nexpect: {epochs_run: 3,}\n"
    ),
    "an anchor": (
        "name: a\nscript: {metrics: {loss: 1 2}}\nexpect: &e {epochs_run: 3}\n"
        "known_defect: {id: x, instead: *e}\n"
    ),
    "variants that share one expect": (
        "name: a\nscript: {metrics: {val_loss: 1 2 3 4}}\nexpect: {epochs_run: 4}\n"
        "variants:\n"
        "  one: {callbacks: [EarlyStopping: {patience: 1}]}\n"
        "  two: {callbacks: [EarlyStopping: {patience: 2}]}\n"
    ),
    "no epochs": (
        "name: a\nscript: {epochs: 0, metrics: {loss: 1}}\nexpect: {learning_rate: .1x1}\n"
    ),
    "a call that evaluates": (
        "name: a\ncalls:\n"
        "  - {call: fit, script: {metrics: {loss: 1 2}}, expect: {epochs_run: 2}}\n"
        "  - {call: evaluate, expect: {last_hook: on_test_end}}\n"
    ),
}


@pytest.fixture(autouse=True)
def _by_hand(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CI", raising=False)


@pytest.mark.parametrize("text", UNUSABLE.values(), ids=UNUSABLE)
def test_a_file_is_either_left_or_holds(
    tmp_path: Path, text: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Whatever becomes of it, `run` does not find another file than before that is unusable."""
    file = tmp_path / "a.scenario.yaml"
    file.write_text(text)
    status = main(["accept", str(file)])
    if file.read_text() == text:
        left = "not accepted" in capsys.readouterr().out
        assert status != 0 or left or main(["run", str(file)]) == 0
    else:
        assert status == 0
        assert main(["run", str(file)]) == 0


@pytest.mark.parametrize("ends", [b"\n", b"\r\n", b"\r"])
def test_line_ends_stay_as_they_are(tmp_path: Path, ends: bytes) -> None:
    """Those of Windows and of old Macs too, also of a line that is added."""
    file = tmp_path / "a.scenario.yaml"
    before = b"name: a\nscript: {metrics: {loss: 1 2}}\nexpect:\n  epochs_run: 3 # two?\n"
    after = before.replace(b"3 #", b"2 #") + b"  accepted: true\n"
    file.write_bytes(before.replace(b"\n", ends))
    assert main(["accept", str(file)]) == 0
    assert file.read_bytes() == after.replace(b"\n", ends)


def test_lines_that_are_not_accepted_keep_their_ends_and_their_mark(tmp_path: Path) -> None:
    """In a file that two systems wrote, and behind a byte order mark."""
    file = tmp_path / "a.scenario.yaml"
    lines = b"\xef\xbb\xbfname: a\r\nscript: {metrics: {loss: 1 2}}\nexpect: {epochs_run: 3}\r\n"
    file.write_bytes(lines)
    assert main(["accept", str(file)]) == 0
    accepted = b"{epochs_run: 2, accepted: true}"
    assert file.read_bytes() == lines.replace(b"{epochs_run: 3}", accepted)


def test_nothing_to_accept_touches_nothing(tmp_path: Path) -> None:
    """Not even the time of its change, for whoever builds anew by it."""
    file = tmp_path / "a.scenario.yaml"
    file.write_text("name: a\nscript: {metrics: {loss: 1 2}}\nexpect: {epochs_run: 3}\n")
    assert main(["accept", str(file)]) == 0
    before = file.stat()
    assert main(["accept", str(file)]) == 0
    after = file.stat()  # whose time of access is another: the file was read
    assert (after.st_ino, after.st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


def test_what_somebody_else_wrote_meanwhile_stays(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """An editor that saved while the scenario was played; here its own callback."""
    file = tmp_path / "a.scenario.yaml"
    (tmp_path / "edits_it.py").write_text(
        "import pathlib\nimport keras\n\n\nclass Edits(keras.callbacks.Callback):\n"
        "    def on_train_end(self, logs=None):\n"
        f"        pathlib.Path({str(file)!r}).write_text('mine')\n"
    )
    file.write_text(
        "name: a\nscript: {metrics: {loss: 1 2}}\ncallbacks: [edits_it:Edits]\n"
        "expect: {epochs_run: 3}\n"
    )
    assert main(["accept", str(file)]) == 2
    assert capsys.readouterr().err == (
        f"dryfit accept: {file}: was changed by somebody else meanwhile; it is left to them\n"
    )
    assert file.read_text() == "mine"


SAYS = """
import json
import pathlib
import warnings

import keras


class Says(keras.callbacks.Callback):
    def on_epoch_end(self, epoch, logs=None):
        self.texts = json.loads(pathlib.Path(__file__).with_suffix(".json").read_text())
        logs["of the callback itself and of nobody else " + self.texts["key"]] = 1.0
        print(self.texts["line"])
        warnings.warn(self.texts["warning"])

    def on_train_end(self, logs=None):
        raise ValueError(self.texts["error"])
"""
PLACES = ("name", "about", "metric", "key", "line", "warning", "error")
# All of it: halves of pairs, what is nothing, what turns the direction, what ends a line.
UNICODE = st.text(st.characters(exclude_categories=()), max_size=8)


def everywhere(text: str) -> dict[str, str]:
    return dict.fromkeys(PLACES, text)


@settings(max_examples=60, deadline=None)
@example(everywhere(""))
@example(everywhere("\0"))
@example(everywhere("\x85\u2028\u2029\r\n"))
@example(everywhere("\ud800"))
@example(everywhere("\udcff\ufeff"))
@example(everywhere("\u202e\U0001f600\U0010ffff"))
@example(everywhere(" a: b #c"))
@example(everywhere("- ? ! & * | > % @ ` ' \" { } [ ] , ~ = <<"))
@given(st.fixed_dictionaries(dict.fromkeys(PLACES, UNICODE)))
def test_whatever_is_said_is_accepted_and_holds(texts: dict[str, str]) -> None:
    """In a name, a metric, a log's key, a line, a warning, an error.

    The file that was accepted holds, and is not changed the second time. Halves of a
    pair may be refused as well, and the file is as it was.
    """
    with tempfile.TemporaryDirectory() as name:
        file, module = Path(name, "a.scenario.yaml"), Path(name, "says_all.py")
        module.write_text(SAYS)
        module.with_suffix(".json").write_text(json.dumps(texts))
        script = f"{{metrics: {{loss: 1x1, {quoted('m' + texts['metric'])}: 2x1}}}}"
        file.write_text(
            f"name: {quoted('n' + texts['name'])}\nabout: {quoted(texts['about'])}\n"
            f"script: {script}\ncallbacks: [says_all:Says]\nexpect: {{epochs_run: 1}}\n",
            encoding="utf-8",
        )
        before = file.read_bytes()
        keys = "epochs_run,history,logs,prints,warnings,raises"
        status = main(["accept", str(file), "--raised", "--only", keys])
        once = file.read_bytes()
        if any("\ud800" <= letter <= "\udfff" for letter in "".join(texts.values())):
            assert status == 0 or once == before
        else:
            assert status == 0
        if status == 0:
            assert main(["run", str(file)]) == 0
            assert main(["accept", str(file), "--raised"]) == 0
            assert file.read_bytes() == once


@pytest.mark.parametrize("only", [[], ["--only", "history"]], ids=["all", "only"])
def test_what_would_not_load_is_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], only: list[str]
) -> None:
    """A key that reads like a metric misspelt, also where other keys are not asked for."""
    (tmp_path / "writes_it.py").write_text(
        "import keras\n\n\nclass Writes(keras.callbacks.Callback):\n"
        "    def on_epoch_end(self, epoch, logs=None):\n        logs['accuracy1'] = 3.0\n"
    )
    file = tmp_path / "a.scenario.yaml"
    expect = "expect: {epochs_run: 9, history: {accuracy: 1 3}}\n"
    file.write_text(LIKE_A_METRIC + (expect if only else expect.replace("epochs_run: 9, ", "")))
    before = file.read_text()
    assert main(["accept", str(file), *only]) == 1
    assert capsys.readouterr().out.splitlines() == [
        f"{file}: left as it is; what came of it cannot be written there:",
        f"  {file}:4: expect.history.accuracy1: no such metric; did you mean 'accuracy'? The "
        "script has accuracy",
        "1 scenario: 1 not accepted",
    ]
    assert file.read_text() == before


def test_what_nobody_asked_for_may_be_wrong_still(tmp_path: Path) -> None:
    """`--only` refreshes a part of a file that does not load as a whole."""
    file = tmp_path / "a.scenario.yaml"
    file.write_text(
        "name: a\nscript: {metrics: {loss: 1 2}}\nexpect: {epochs_run: 9, weights: initial}\n"
    )
    assert main(["accept", str(file), "--only", "weights"]) == 0
    assert "epochs_run: 9, weights: {epoch: 1, batch: 0}" in file.read_text()


def test_what_would_not_hold_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Two variants that share one expectation cannot both be written."""
    file = tmp_path / "a.scenario.yaml"
    file.write_text(UNUSABLE["variants that share one expect"])
    assert main(["accept", str(file), "--only", "stopped"]) == 1
    assert capsys.readouterr().out.splitlines() == [
        f"{file}: left as it is; what came of it cannot be written there:",
        f"  {file}: a-two: stopped.epoch would not hold: expected 1, got 2",
        "2 scenarios: 2 not accepted",
    ]
    assert file.read_text() == UNUSABLE["variants that share one expect"]
