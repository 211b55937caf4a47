"""The line of somebody's own code that raised is told wherever the exception is."""

import json
import re
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from dryfit.cli import main
from dryfit.facts.own_line import own_line

MODULE = """\
import json

import keras


def helper(text):
    return json.loads(text)


class Deep(keras.callbacks.Callback):
    def __init__(self, text):
        self.text = text
        helper(text or "0")

    def on_epoch_end(self, epoch, logs=None):
        helper(self.text)
"""
SCENARIO = "name: deep\nscript: {epochs: 1}\ncallbacks: [{deep_in_own_code:Deep: {text: '%s'}}]\n"
TOLD = "JSONDecodeError: Expecting value: line 1 column 1 (char 0)"
PLACE = "deep_in_own_code.py:7, in helper"


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A scenario whose callback raises below two of its own frames, in a module of Python's."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delitem(sys.modules, "deep_in_own_code", raising=False)
    Path("deep_in_own_code.py").write_text(MODULE)
    file = Path("deep.scenario.yaml")
    file.write_text(SCENARIO % "" + "expect: {epochs_run: 1}\n")
    return file


def test_run_tells_it(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Behind who raised it in which hook."""
    assert main(["run", str(file)]) == 1
    assert f"got: {TOLD} by Deep in on_epoch_end ({PLACE})\n" in capsys.readouterr().out


def test_trace_tells_it(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Below the epoch table, whose words stay as they are."""
    assert main(["trace", str(file)]) == 1
    assert f"{TOLD} by Deep in on_epoch_end ({PLACE})\n" in capsys.readouterr().out


def test_a_constructor_tells_it(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The constructor is somebody's own code, too."""
    file.write_text(SCENARIO % "x" + "expect: {epochs_run: 1}\n")
    assert main(["run", str(file)]) == 2
    assert f"raised {TOLD} ({PLACE})\n" in capsys.readouterr().err


@pytest.mark.parametrize("command", ["check", "bench", "together"])
def test_every_command_tells_it_of_a_constructor(
    file: Path, command: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """With its name and arguments, whatever makes it."""
    other = ["EarlyStopping"] if command == "together" else []
    main([command, "deep_in_own_code:Deep: {text: x}", *other])
    told = " ".join("".join(capsys.readouterr()).split())
    assert f"deep_in_own_code:Deep(text='x') raised {TOLD} (" in told
    assert f"{PLACE})" in told


def test_check_tells_it(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Below the reason; the card in JSON has it by itself."""
    check = ["check", "deep_in_own_code:Deep: {text: ''}"]
    assert main(check) == 1
    told = capsys.readouterr().out
    assert re.search(rf"✗ plain run +{re.escape(TOLD)} in .*\n +at: {PLACE}\n", told)
    assert main([*check, "--format", "json"]) == 1
    results = json.loads(capsys.readouterr().out)["results"]
    assert {result["at"] for result in results} == {"", PLACE}


def raised(call: Callable[[], object]) -> BaseException:
    """What a call raises; this frame catches it."""
    with pytest.raises(ValueError) as caught:  # noqa: PT011  # of json or of Keras
        call()
    return caught.value


def test_keras_own_lines_are_nobodys() -> None:
    """Where only Keras, TensorFlow or this package were at work, nothing is said."""
    import keras

    assert own_line(raised(partial(keras.callbacks.ReduceLROnPlateau, factor=2))) == ""
    assert own_line(None) == ""


def test_an_installed_package_is_told_where_it_is_alone() -> None:
    """Its callback may be what is played; a file elsewhere has its whole path."""
    here = str(Path(__file__).relative_to(Path.cwd()))
    assert own_line(raised(partial(json.loads, ""))).startswith(f"{json.decoder.__file__}:")
    assert own_line(raised(lambda: json.loads(""))).startswith(f"{here}:")
