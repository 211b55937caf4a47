"""Verdicts: a scenario is played in a lane, and holds or does not."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from dryfit.facts.expect_keys import FACTS
from dryfit.facts.fact import Fact
from dryfit.facts.failure import Failure, Key
from dryfit.facts.stopping import told_of_error
from dryfit.judge.mismatches import Checked, check, unexpected_elsewhere
from dryfit.judge.outcome import Outcome
from dryfit.lanes.recorded_play import WALL_TIME_S
from dryfit.run.run import Run
from dryfit.scenario.construct import as_call
from dryfit.scenario.playing import Played, play_scenario
from dryfit.scenario.problems import Problem, ScenarioFileError
from dryfit.scenario.scenario import Scenario
from dryfit_fakes.script_keywords import Lane


@dataclass(frozen=True)
class Verdict:
    """What became of a scenario in a lane.

    Attributes:
        outcome: whether it holds, in a word.
        reason: why it was skipped, or which defect it is, or what is wrong with it.
        failures: every mismatch, with the line of the file that was not met.
        run: the last run, if any.
        checks: how many expectations were compared.
        played: what came of each call.
        compared: how many calls were compared with the other lane's.
        differing: how many of them differ, and the scenario does not say why.
        broken: what a known defect breaks of what is promised.
        unsteady: what was left out of the comparison, as it is another in every play.
    """

    scenario: Scenario
    lane: Lane
    outcome: Outcome
    reason: str = ""
    failures: tuple[tuple[Failure, int], ...] = ()
    run: Run | None = None
    checks: int = 0
    played: tuple[Played, ...] = ()
    compared: int = 0
    differing: int = 0
    broken: tuple[tuple[Failure, int], ...] = ()
    unsteady: tuple[str, ...] = ()

    @property
    def holds(self) -> bool:
        """Whether nothing is to be done about it."""
        return self.outcome.holds

    @property
    def id(self) -> str:
        """The scenario's place: file, name and lane."""
        return f"{self.scenario.file}::{self.scenario.slug}[{self.lane}]"


def judge(
    scenario: Scenario, lane: Lane, *, whole: bool = False, wall_time_s: float = WALL_TIME_S
) -> Verdict:
    """Play a scenario in a lane and compare it with what it expects.

    Args:
        scenario: what to play.
        lane: ``"fake"`` or ``"real"``.
        whole: whether timelines have every hook of a batch, and files are read, also
            where no expectation is about them, which takes longer.
        wall_time_s: seconds after which a call that does not end is ended.
    """
    if lane not in scenario.lanes:
        return Verdict(scenario, lane, Outcome.SKIPPED, f"not valid in the {lane} lane")
    unmet = scenario.condition.unmet() if scenario.condition is not None else None
    if unmet is not None:
        return Verdict(scenario, lane, Outcome.SKIPPED, f"when {unmet}")
    if scenario.defect_condition is not None and scenario.defect_condition.unmet() is not None:
        scenario = replace(scenario, known_defect=None)  # not in this release: the promise holds
    try:
        played = play_scenario(
            scenario,
            lane,
            record_batches=whole or any(fact.needs_batches for fact in _expected(scenario)),
            read_files=whole or any(fact.needs_files for fact in _expected(scenario)),
            wall_time_s=wall_time_s,
        )
    except ScenarioFileError as error:
        return Verdict(scenario, lane, Outcome.ERROR, str(error))
    return replace(_judged(scenario, lane, played), played=tuple(played))


def _judged(scenario: Scenario, lane: Lane, played: list[Played]) -> Verdict:
    if (problem := _constructor(scenario, played)) is not None:
        return Verdict(scenario, lane, Outcome.ERROR, str(problem))
    run = next((p.run for p in reversed(played) if p.run is not None), None)
    results = [(call.expect, call.at) for call in scenario.calls[: len(played)]]
    failures, checks = _compared(scenario, played, results)
    if scenario.known_defect is not None:
        return _of_defect(scenario, lane, played, failures, checks, run)
    missing = len(scenario.calls) - len(played)
    if missing and not failures:
        failures = [(Failure("calls", None, "a call", "none: construction failed", ()), 1)]
    outcome = Outcome.FAILED if failures else Outcome.PASSED
    return Verdict(scenario, lane, outcome, "", tuple(failures), run, checks)


def _expected(scenario: Scenario) -> list[Fact[Any]]:
    """The keys that are expected in any call, or instead of it."""
    defect = scenario.known_defect
    expected = [call.expect for call in scenario.calls] + [defect.instead if defect else None]
    names = {name for expect in expected if expect for name in expect.given()}
    return [fact for fact in FACTS if fact.name in names]


def _constructor(scenario: Scenario, played: list[Played]) -> Problem | None:
    """A constructor that raises is bad input, unless a scenario is about that."""
    everywhere = [(rank, call) for p in played for rank, call in enumerate(p.ranks)]
    rank, failed = next(((r, call) for r, call in everywhere if call.run is None), (0, None))
    if failed is None or failed.error is None:
        return None
    defect = scenario.known_defect
    expectations = [failed.call.expect, defect.instead if defect is not None else None]
    if any(e is not None and e.raises is not None for e in expectations):
        return None
    index = failed.constructed
    items, at = scenario.callbacks_of(rank)
    line = scenario.line((*at, index))
    name, arguments = items[index]
    message = f"{as_call(name, arguments)} raised {told_of_error(failed)}"
    return Problem(scenario.file, line, f"callbacks[{index}]", message)


def _compared(
    scenario: Scenario, played: list[Played], expected: list[tuple[Any, Key]]
) -> tuple[list[tuple[Failure, int]], int]:
    failures: list[tuple[Failure, int]] = []
    checks = 0
    for (expect, at), call in zip(expected, played, strict=True):
        if expect is None:
            found = tuple(_unexpected(call))
            failures += ((failure, scenario.line(at)) for failure in found)
            continue
        checked: Checked = check(expect, call)
        checks += checked.checks
        failures += ((f, scenario.line((*at, *f.key))) for f in checked.failures)
    return failures, checks


def _unexpected(played: Played) -> Iterator[Failure]:
    if played.error is not None:
        yield Failure("raises", None, "no exception", told_of_error(played), ())
    yield from unexpected_elsewhere(played)


def _of_defect(
    scenario: Scenario,
    lane: Lane,
    played: list[Played],
    failures: list[tuple[Failure, int]],
    checks: int,
    run: Run | None,
) -> Verdict:
    """A known defect holds while the promise fails and today's behaviour is as told."""
    defect = scenario.known_defect
    assert defect is not None
    promised = scenario.line(scenario.calls[len(played) - 1].at)
    earlier = tuple((f, line) for f, line in failures if line < promised)
    if earlier:  # the defect is about the last call; the others just hold
        return Verdict(scenario, lane, Outcome.FAILED, "", earlier, run, checks)
    if not failures:
        fixed = Failure("known_defect", None, defect.id, "fixed: remove known_defect", ())
        line = scenario.line(scenario.defect_at)
        return Verdict(scenario, lane, Outcome.FAILED, "", ((fixed, line),), run, checks)
    today = check(defect.instead, played[-1])
    at: Key = (*scenario.defect_at, "instead")
    otherwise = tuple((f, scenario.line((*at, *f.key))) for f in today.failures)
    checks += today.checks
    if otherwise:
        reason = f"{defect.id} is broken in another way"
        return Verdict(scenario, lane, Outcome.FAILED, reason, otherwise, run, checks)
    broken = tuple(failures)
    return Verdict(scenario, lane, Outcome.KNOWN_DEFECT, defect.id, (), run, checks, broken=broken)
