"""What failed last is known again."""

import os
from pathlib import Path
from typing import NoReturn

import pytest

from dryfit.scenario.failed_last import failed_last, keep_failed
from dryfit.scenario.load import load_scenarios

SCENARIO = """
name: mine
script: {metrics: {loss: 1x4}}
callbacks: [EarlyStopping]
expect: {epochs_run: 4}
"""


def test_a_file_may_be_on_another_drive(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of Windows, where no path leads to it from here."""

    def refuses(path: Path) -> NoReturn:
        raise ValueError("path is on mount 'D:', start on mount 'C:'")

    monkeypatch.chdir(tmp_path)
    Path("mine.scenario.yaml").write_text(SCENARIO)
    scenarios = load_scenarios("mine.scenario.yaml")
    monkeypatch.setattr(os.path, "relpath", refuses)
    keep_failed((scenario, False) for scenario in scenarios)
    assert failed_last(scenarios) == scenarios
