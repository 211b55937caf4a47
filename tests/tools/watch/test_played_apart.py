"""Plays in processes of their own, and what ends these."""

import json
from collections.abc import Callable
from typing import Any, cast

from dryfit.lanes.own_process import Apart, ProcessEnded
from dryfit.tools.watch.played_apart import play_apart


class Processes:
    """One that begins a scenario and ends without a word, and one that has nothing to do."""

    def __init__(self, *ends: ProcessEnded) -> None:
        self._ends = [*ends, ProcessEnded(0)]

    def run(
        self, job: str, asked: dict[str, Any], *, hear: Callable[[str], None], silence_s: float
    ) -> ProcessEnded:
        ended = self._ends.pop(0)
        if ended.status:
            hear(json.dumps({"begun": "a.scenario.yaml::a"}))
        return ended


def heard(ended: ProcessEnded) -> list[dict[str, Any]]:
    """What is told of a scenario whose process ended so."""
    told: list[dict[str, Any]] = []
    play_apart(cast(Apart, Processes(ended)), {}, told.append)
    return told


def test_what_kills_python_is_an_error() -> None:
    """So it is played with any module that is saved, as nobody knows what it imported."""
    assert heard(ProcessEnded(-9)) == [
        {
            "scenario": "a.scenario.yaml::a",
            "text": "a.scenario.yaml::a: Python was ended with signal 9",
            "outcomes": ["error"],
            "checks": 0,
            "needs": [],
        }
    ]


def test_what_the_system_refuses_is_told() -> None:
    """An exception that ends the process, as of a full disk; nothing in it steers the terminal."""
    (told,) = heard(ProcessEnded(1, output="Traceback\n  play()\nOSError: \x1b[31mno space left\n"))
    assert told["text"] == (
        "a.scenario.yaml::a: Python was ended with status 1: OSError: \\x1b[31mno space left"
    )
