"""Where a recording goes."""

from pathlib import Path

import pytest


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where a recording goes; what callbacks write lands beside it."""
    monkeypatch.chdir(tmp_path)
    return tmp_path / "run.scenario.yaml"
