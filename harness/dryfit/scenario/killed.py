"""A call that kills its process, in a process of its own.

Run as ``python -m dryfit.scenario.killed FILE SLUG INDEX LANE`` in the folder of
the scenario's run, it plays one call and does not come back.
"""

import os
import signal
import subprocess
import sys
from pathlib import Path

from dryfit.scenario.load import Scenario, load_scenarios
from dryfit.scenario.problems import Problem, ScenarioFileError
from dryfit.scenario.source import Key, dotted

_LIMIT_S = 300


def play_killed(scenario: Scenario, file: Path, index: int, lane: str) -> None:
    """Play a call in another process, in the working directory, until it is killed.

    Args:
        file: where the scenario is, from anywhere.

    Raises:
        ScenarioFileError: it was not killed; the place of the interrupt did not come,
            or something else ended it before.
    """
    from dryfit.lanes.record import MAY_BE_KILLED

    arguments = [str(file), scenario.slug, str(index), lane]
    ended = subprocess.run(  # noqa: S603  # our own module
        [sys.executable, "-m", "dryfit.scenario.killed", *arguments],
        env={**os.environ, MAY_BE_KILLED: "1", "PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        text=True,
        timeout=_LIMIT_S,
        check=False,
    )
    if ended.returncode != -signal.SIGKILL:
        calls = scenario.calls[index].at[0] == "calls"
        key: Key = (*(("calls", index) if calls else ()), "script", "interrupt")
        why = "the call came to its end before the place of its kill"
        if ended.returncode:
            why = f"the call ended before its kill: {ended.stderr.strip().splitlines()[-1:]}"
        raise ScenarioFileError([Problem(scenario.file, scenario.line(key), dotted(key), why)])


def main(file: str, slug: str, index: str, lane: str) -> None:
    """Play one call of a scenario here."""
    from dryfit.scenario.playing import play_alone

    scenario = next(found for found in load_scenarios(file) if found.slug == slug)
    play_alone(scenario, int(index), lane, Path.cwd())


if __name__ == "__main__":
    main(*sys.argv[1:])
