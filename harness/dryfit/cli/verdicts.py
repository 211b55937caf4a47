"""What becomes of scenarios, in this process or in several."""

import os
import pickle
from collections.abc import Iterator, Sequence
from contextlib import suppress
from functools import partial
from itertools import repeat

from dryfit.cli.common import progress
from dryfit.cli.watched_process import ended, finished, under_way
from dryfit.judge.every_lane import judge_in_lanes, judge_whatever_comes
from dryfit.judge.outcome import Outcome, worst
from dryfit.judge.quiet import quiet
from dryfit.judge.verdict import Verdict
from dryfit.lanes import gpu
from dryfit.lanes.parallel_jobs import WorkersDiedError, end_workers, in_bulk
from dryfit.lanes.recorded_play import WALL_TIME_S
from dryfit.scenario.scenario import Scenario
from dryfit_fakes.script_keywords import Lane


def verdicts_of(
    scenarios: list[Scenario], lanes: Sequence[Lane], unforeseen: list[Exception], jobs: int = 1
) -> Iterator[Verdict]:
    """Judge scenarios, one after the other, or in processes; the order is theirs.

    Args:
        lanes: where to play each.
        unforeseen: takes what no verdict can be made of.
        jobs: processes.
    """
    # Once what is played has ended a process, each is played where that is found out.
    alone = jobs == 1 or bool(ended)
    told = repeat(None) if alone else _told_by_workers(scenarios, lanes, jobs)
    for scenario, verdicts in zip(progress(scenarios), told, strict=False):
        yield from verdicts or _judged_here(scenario, lanes, unforeseen)


def _judged_here(
    scenario: Scenario, lanes: Sequence[Lane], unforeseen: list[Exception]
) -> list[Verdict]:
    what = f"{scenario.file}::{scenario.slug}"
    if what in ended:  # and an earlier process with it
        return [Verdict(scenario, lane, Outcome.FAILED, ended[what]) for lane in lanes]
    under_way(what, (len(lanes) * (len(scenario.calls) + 1)) * WALL_TIME_S)
    verdicts = judge_whatever_comes(scenario, lanes, unforeseen)
    finished(what, worst(verdict.outcome for verdict in verdicts).words)
    return verdicts


def _told_by_workers(
    scenarios: Sequence[Scenario], lanes: Sequence[Lane], jobs: int
) -> Iterator[list[Verdict] | None]:
    """What worker processes told of each; ``None`` of what they could not tell.

    That is played here, where what it ends Python with, or raises, is found out and told.
    """
    told: dict[int, bytes] = {}
    work = partial(_pickled, lanes=tuple(lanes), megabytes=gpu.asked(), asked_by=os.getpid())
    results = in_bulk(work, scenarios, jobs)
    try:
        for place in range(len(scenarios)):
            with suppress(WorkersDiedError):
                while place not in told and (result := next(results, None)) is not None:
                    told[result[0]] = result[1]
            verdicts = told.pop(place, b"")
            yield pickle.loads(verdicts) if verdicts else None  # noqa: S301  # of our own workers
    finally:
        end_workers()  # else by whoever watches this process, which would not wait for theirs


def _pickled(
    scenario: Scenario, lanes: Sequence[Lane], megabytes: int | None, asked_by: int
) -> bytes:
    """The verdicts of a scenario; nothing where they cannot be told.

    Nor in the process that asks, where the last that is left is worked on: nobody would know
    what ended it.
    """
    if os.getpid() == asked_by:
        return b""
    gpu.ask_for(megabytes)
    with suppress(Exception), quiet():
        return pickle.dumps(list(judge_in_lanes(scenario, lanes)))
    return b""
