"""A call that kills its process, in a process of its own, in the folder of the scenario's run."""

import signal
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path

from dryfit.facts.failure import Key
from dryfit.lanes.own_process import Apart, kept
from dryfit.scenario.load import load_scenarios
from dryfit.scenario.problems import Problem, ScenarioFileError
from dryfit.scenario.scenario import Scenario
from dryfit.scenario.source import dotted
from dryfit.scenario.trust import Trust
from dryfit_fakes.script_keywords import Lane

_LIMIT_S = 300
_JOB = "dryfit.scenario.killed_call:play_one"


def prepare(scenarios: Iterable[Scenario]) -> None:
    """Begin the process that calls which kill theirs need, if any does: it imports Keras, too."""
    if any(call.killed for scenario in scenarios for call in scenario.calls):
        with suppress(OSError):  # there is none to be had now
            _apart().begin()


def play_killed(scenario: Scenario, file: Path, index: int, lane: Lane) -> None:
    """Play a call in another process, in the working directory, until it is killed.

    Args:
        file: where the scenario is, from anywhere.

    Raises:
        ScenarioFileError: it was not killed; the place of the interrupt did not come,
            or something else ended it before.
    """
    from dryfit.lanes import gpu
    from dryfit.lanes.recorded_play import MAY_BE_KILLED

    arguments = (str(file), scenario.slug, index, lane, asdict(scenario.trust), gpu.asked())
    ended = _apart().run(_JOB, *arguments, environment={MAY_BE_KILLED: "1"}, silence_s=_LIMIT_S)
    if ended.status != -signal.SIGKILL or ended.cut:
        calls = scenario.calls[index].at[0] == "calls"
        key: Key = (*(("calls", index) if calls else ()), "script", "interrupt")
        why = "the call came to its end before the place of its kill"
        if ended.cut or ended.status:
            why = f"the call ended before its kill: {ended.cut or ended.output.splitlines()[-1:]}"
        raise ScenarioFileError([Problem(scenario.file, scenario.line(key), dotted(key), why)])


def _apart() -> Apart:
    return kept("dryfit.scenario.playing")


def play_one(
    tell: Callable[[str], None],
    file: str,
    slug: str,
    index: int,
    lane: Lane,
    trust: dict[str, bool],
    megabytes: int | None,
) -> None:
    """Play one call of a scenario here: a job."""
    from dryfit.lanes import gpu
    from dryfit.scenario.playing import play_alone

    gpu.ask_for(megabytes)
    scenarios = load_scenarios(file, trust=Trust(**trust))
    scenario = next(found for found in scenarios if found.slug == slug)
    play_alone(scenario, index, lane, Path.cwd())
