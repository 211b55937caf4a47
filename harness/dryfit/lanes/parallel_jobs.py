"""Work in bulk: chunks that go out through joblib, whose backend the user chooses.

No backend is ever named: ``with joblib.parallel_config(backend="dask")`` around a call, or
any other that joblib knows, is where the chunks go. What is finished is handed back at once.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

_Task = TypeVar("_Task")
_Result = TypeVar("_Result")


class WorkersDiedError(RuntimeError):
    """Whoever works on some tasks dies, again and again."""


_ATTEMPTS = 3  # a worker that dies three times on the same chunks will die again


def in_bulk(
    work: Callable[[_Task], _Result], tasks: Sequence[_Task], jobs: int | None = None
) -> Iterator[tuple[int, _Result]]:
    """Do tasks, and hand out each one's result with its place as soon as it is there.

    What a dead worker had is done again by others.

    Args:
        work: a function that can be pickled.
        tasks: what it takes, one after the other.
        jobs: processes; ``None`` leaves that to joblib's configuration.

    Raises:
        WorkersDiedError: workers died three times before anything more was finished.
    """
    from joblib.externals.loky.process_executor import BrokenProcessPool

    left = list(range(len(tasks)))
    attempts = 0
    while left:
        done = len(left)
        try:
            for place, result in _handed_out(work, [(i, tasks[i]) for i in left], jobs):
                left.remove(place)
                attempts = 0
                yield place, result
        except BrokenProcessPool as error:
            attempts += 1 if len(left) == done else 0
            if attempts >= _ATTEMPTS:
                told = " ".join(f"workers died {attempts} times: {error}".split())
                raise WorkersDiedError(told) from error


def end_workers() -> None:
    """End the processes that joblib's own backend keeps for the next call."""
    from joblib.externals.loky import get_reusable_executor

    get_reusable_executor(reuse=True).shutdown(wait=True, kill_workers=True)


def _handed_out(
    work: Callable[[_Task], _Result], tasks: Sequence[tuple[int, _Task]], jobs: int | None
) -> Iterator[tuple[int, _Result]]:
    from joblib import Parallel, delayed, effective_n_jobs
    from joblib.parallel import get_active_backend

    if len(tasks) == 1 or (effective_n_jobs(jobs) if jobs else effective_n_jobs()) == 1:
        yield from ((place, work(task)) for place, task in tasks)
        return
    numbered = delayed(_numbered)
    if getattr(get_active_backend()[0], "supports_return_generator", False):
        parallel = Parallel(n_jobs=jobs, return_as="generator_unordered", batch_size=1)
        yield from parallel(numbered(work, place, task) for place, task in tasks)
        return
    wave = 4 * effective_n_jobs(jobs)  # else a backend hands nothing back before all is done
    for start in range(0, len(tasks), wave):
        part = tasks[start : start + wave]
        yield from Parallel(n_jobs=jobs)(numbered(work, place, task) for place, task in part)


def _numbered(work: Callable[[_Task], _Result], place: int, task: _Task) -> tuple[int, _Result]:
    return place, work(task)
