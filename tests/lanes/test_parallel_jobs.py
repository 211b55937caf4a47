"""Work in bulk is all done, whatever happens to its workers."""

import os
import signal
from functools import partial
from pathlib import Path

import joblib
import pytest

from dryfit.lanes import parallel_jobs
from dryfit.lanes.parallel_jobs import in_bulk


def squared(died: Path, number: int) -> int:
    """Square a number; the first who does it dies of it."""
    if number == 3 and not died.exists():
        died.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return number * number


def dies(number: int) -> int:
    """Die in any case, as for want of memory."""
    os.kill(os.getpid(), signal.SIGKILL)
    return number


def test_what_a_dead_worker_had_is_done_by_others(tmp_path: Path) -> None:
    """Each task has its result, once."""
    work = partial(squared, tmp_path / "died")
    assert sorted(in_bulk(work, range(6), 2)) == [(n, n * n) for n in range(6)]
    assert (tmp_path / "died").exists()


def test_workers_that_always_die_end_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is said, and not tried for ever."""
    monkeypatch.setattr(parallel_jobs, "_ATTEMPTS", 1)
    with pytest.raises(parallel_jobs.WorkersDiedError, match="workers died 1 times"):
        list(in_bulk(dies, range(2), 2))


def test_the_backend_is_the_callers(tmp_path: Path) -> None:
    """Nothing is named, so joblib's configuration holds."""
    (tmp_path / "died").touch()
    with joblib.parallel_config(backend="threading", n_jobs=2):
        found = sorted(in_bulk(partial(squared, tmp_path / "died"), range(4)))
    assert found == [(0, 0), (1, 1), (2, 4), (3, 9)]
