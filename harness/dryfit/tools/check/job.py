"""The job of judging one target, in a process that may end at any time.

It tells what it knows as soon as it knows it, each a JSON object: the callback's name and
its place among those that the target means, then each result.
"""

import json
import sys
from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from dryfit.scenario.construct import ConstructionError
from dryfit.scenario.problems import ScenarioFileError
from dryfit.scenario.usage import UsageError
from dryfit.tools.check.battery import CHECKS, results_of
from dryfit.tools.check.check_folder import Sink
from dryfit.tools.check.check_targets import subjects_of, wishes_of


def judge_target(
    tell: Callable[[str], None], target: str, wishes: dict[str, Any], first: tuple[int, int]
) -> None:
    """Play the battery to all callbacks that a target means.

    Args:
        tell: takes each text.
        target: as on the command line.
        wishes: of `wishes_of`.
        first: which callback and which check to begin with.
    """

    def say(**what: Any) -> None:
        tell(json.dumps(what))

    say(checks=[check.name for check in CHECKS])
    output, sys.stdout = sys.stdout, Sink()  # what a module prints as it is imported
    try:
        subjects = subjects_of(target, wishes_of(**wishes))
    except BaseException as error:  # a constructor's own, or a problem with the target
        say(problem=_told(error))
        return
    finally:
        sys.stdout = output
    say(subjects=[subject.name for subject in subjects])
    for index in range(first[0], len(subjects)):
        begun = first[1] if index == first[0] else 0
        for result in results_of(subjects[index], begun):
            say(result=asdict(result), of=index)


def _told(error: BaseException) -> str:
    if isinstance(error, ScenarioFileError | ConstructionError | UsageError):
        return str(error)
    return f"{type(error).__name__}: {error}"
