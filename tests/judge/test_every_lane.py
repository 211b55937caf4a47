"""A scenario in the lanes that are asked for."""

from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

import pytest

from dryfit.judge import every_lane
from dryfit.judge.outcome import Outcome
from dryfit.scenario.load import load_scenarios
from dryfit.scenario.scenario import Scenario

SCENARIO = """
name: mine
script: {metrics: {loss: 1x4}}
callbacks: [EarlyStopping]
expect: {epochs_run: 4}
"""


@pytest.fixture
def scenario(tmp_path: Path) -> Scenario:
    file = tmp_path / "mine.scenario.yaml"
    file.write_text(SCENARIO)
    return load_scenarios(file)[0]


def raises(error: Exception) -> Callable[..., NoReturn]:
    def judge(*_: object, **__: object) -> NoReturn:
        raise error

    return judge


def test_what_nobody_foresaw_is_an_error_in_each_lane(
    scenario: Scenario, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the scenario's line; and whoever asked has the exception."""
    error, unforeseen = KeyError("loss"), list[Exception]()
    monkeypatch.setattr(every_lane, "judge", raises(error))
    verdicts = every_lane.judge_whatever_comes(scenario, ("fake", "real"), unforeseen)
    assert [(v.lane, v.outcome, v.reason) for v in verdicts] == [
        (lane, Outcome.ERROR, f"{scenario.file}:2: internal error: KeyError: 'loss'")
        for lane in ("fake", "real")
    ]
    assert (unforeseen, error.__notes__) == ([error], [f"at {scenario.file}::mine"])


def test_what_the_system_refuses_is_no_verdict(
    scenario: Scenario, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A full disk is nothing that a scenario does."""
    monkeypatch.setattr(every_lane, "judge", raises(OSError("no space left")))
    with pytest.raises(OSError, match="no space left"):
        every_lane.judge_whatever_comes(scenario, ("fake",), [])
