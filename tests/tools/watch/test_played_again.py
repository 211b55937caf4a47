"""What is played when somebody saves, as the process with Keras plays it."""

import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

from dryfit.scenario.trust import USUAL
from dryfit.tools.watch.played_again import play

SCENARIO = """
name: mine
script: {metrics: {loss: 1x2}}
callbacks: ['played_again_mine:Mine']
expect: {epochs_run: 2}
"""
RAISES = """
import keras
class Mine(keras.callbacks.Callback):
    def __init__(self):
        raise ValueError("\\x1b[31mred")
"""


@pytest.fixture
def told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """What is told of a scenario whose callback raises, once it was played."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    (tmp_path / "mine.scenario.yaml").write_text(SCENARIO)
    (tmp_path / "played_again_mine.py").write_text(RAISES)
    heard: list[str] = []
    asked = {
        "files": {"mine.scenario.yaml": {"targets": ["mine.scenario.yaml"], "scenarios": None}},
        "keywords": "",
        "lanes": ["fake"],
        "trust": asdict(USUAL),
        "megabytes": None,
        "first": [],
        "done": [],
        "terminal": None,
    }
    play(heard.append, asked)
    last: dict[str, Any] = json.loads(heard[-1])
    return last


def test_nothing_in_an_error_steers_the_terminal(told: dict[str, Any]) -> None:
    """What a callback raises may hold any character."""
    assert told["outcomes"] == ["error"]
    place = "(played_again_mine.py:5, in __init__)"
    assert told["text"].endswith(rf"raised ValueError: \x1b[31mred {place}")


def test_no_bytecode_is_left(told: dict[str, Any], tmp_path: Path) -> None:
    """Python takes it for a module's while that has its size and its second of the clock."""
    assert told["needs"] == [str(tmp_path.resolve() / "played_again_mine.py")]
    assert not (tmp_path / "__pycache__").exists()
