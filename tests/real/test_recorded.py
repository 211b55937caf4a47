"""A recording of random settings of Keras' callbacks over random curves holds when replayed."""

import contextlib
from pathlib import Path
from typing import Any

import pytest
from random_cases import case

from dryfit import Recorder, load_scenarios, play
from dryfit.judge.verdict import judge

FEW, ALL = 40, 300


def _seeds() -> list[Any]:
    return [pytest.param(s, marks=pytest.mark.parity if s >= FEW else ()) for s in range(ALL)]


@pytest.mark.filterwarnings("ignore::UserWarning")
@pytest.mark.parametrize("seed", _seeds())
def test_random_settings(seed: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever was decided is decided again; a few in every run of the tests, 300 in parity."""
    monkeypatch.chdir(tmp_path)
    script, callbacks = case(seed)
    file = tmp_path / "run.scenario.yaml"
    with contextlib.suppress(TypeError):  # keras: a checkpoint's monitor that is not set yet
        play(script, [Recorder(callbacks(), save=file, save_batches=bool(seed % 2))])
    if file.exists():
        (scenario,) = load_scenarios(file)
        verdict = judge(scenario, "fake")
        assert (verdict.outcome, verdict.failures) == ("passed", ())
