"""Both lanes give the same timeline for random settings of Keras' callbacks."""

from pathlib import Path
from typing import Any

import pytest
from random_cases import case

from dryfit import Run, play

FEW, ALL = 40, 300


@pytest.fixture(autouse=True)
def _in_a_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def played(seed: int, lane: str, folder: Path) -> tuple[Run, list[str]]:
    """Play a case in a folder of its own; an exception is part of what happened."""
    script, callbacks = case(seed)
    try:
        run = play(script, callbacks(), lane=lane)
    except Exception as error:
        if not hasattr(error, "run"):
            raise
        run = error.run
    return run, sorted(path.name for path in folder.iterdir())


def assert_parity(seed: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    runs = {}
    for lane in ("fake", "real"):
        folder = tmp_path / lane
        folder.mkdir()
        monkeypatch.chdir(folder)
        runs[lane] = played(seed, lane, folder)
    (fake, fake_files), (real, real_files) = runs["fake"], runs["real"]
    assert fake.timeline == real.timeline
    assert repr(fake.history) == repr(real.history)  # nan equals nan in a repr
    assert fake_files == real_files
    return fake


def _seeds() -> list[Any]:
    return [pytest.param(s, marks=pytest.mark.parity if s >= FEW else ()) for s in range(ALL)]


# Warnings are part of the timelines, so the caller's filter must let them come.
@pytest.mark.filterwarnings("ignore::UserWarning")
@pytest.mark.parametrize("seed", _seeds())
def test_random_settings(seed: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Equal timelines, histories and files; a few in every run of the tests, 300 in parity."""
    assert_parity(seed, tmp_path, monkeypatch)


@pytest.mark.filterwarnings("ignore::UserWarning")
def test_the_random_settings_decide_something() -> None:
    """The cases stop, cut, override, restore, save, warn and fail; else parity says little."""
    runs = [played(seed, "fake", Path.cwd())[0] for seed in range(ALL)]
    counts = {
        "stopped": sum(run.stopped is not None for run in runs),
        "reductions": sum(bool(run.reductions) for run in runs),
        "overrides": sum(bool(run.overrides) for run in runs),
        "restored": sum(bool(run.restored) for run in runs),
        "checkpoints": sum(bool(run.checkpoints) for run in runs),
        "warnings": sum(bool(run.warnings) for run in runs),
        "stopped in mid-epoch": sum(run.stopped_batch is not None for run in runs),
    }
    assert min(counts.values()) >= 20, counts
