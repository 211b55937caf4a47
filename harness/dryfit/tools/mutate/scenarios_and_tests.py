"""The pack that is to notice faults: scenario files, and tests that use the fixtures."""

import re
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path

from dryfit.judge.verdict import judge
from dryfit.lanes.interrupts import came
from dryfit.scenario.load import load_scenarios
from dryfit.scenario.naming import SUFFIX, SUFFIXES
from dryfit.scenario.problems import Problem, ScenarioFileError
from dryfit.scenario.scenario import Scenario
from dryfit.scenario.trust import USUAL, Trust
from dryfit.tools.mutate.cases import JudgedCase, Seen
from dryfit.tools.mutate.tests import play_tests

_TEST_FILE = re.compile(r"test_.*\.py|.*_test\.py")


class PackError(ValueError):
    """A pack that can say nothing about a fault."""


class Pack:
    """The scenario files and the files of tests under some paths.

    Args:
        paths: files and folders.
        trust: what the scenarios may do.

    Raises:
        PackError: a path is not there, or there is neither a scenario nor a test.
        ScenarioFileError: with every problem of every scenario file.
    """

    def __init__(self, paths: Sequence[Path], trust: Trust = USUAL) -> None:
        if gone := [str(path) for path in paths if not path.exists()]:
            raise PackError(f"no such file or folder: {', '.join(gone)}")
        files = sorted({file for path in paths for file in _files(path)})
        named = {path for path in paths if path.suffix == ".py"}
        self.tests = [f for f in files if f in named or _TEST_FILE.fullmatch(f.name)]
        self.scenario_files = [file for file in files if file.name.endswith(SUFFIXES)]
        if not self.tests and not self.scenario_files:
            names = ", ".join(map(str, paths))
            raise PackError(f"no *{SUFFIX} file and no test_*.py file in {names}")
        self._scenarios = dict(_loaded(self.scenario_files, trust))

    def folder_of(self, callback: str) -> Path:
        """The folder from which a callback of this name can be imported, the working one else."""
        module = callback.partition(":")[0].partition(".")[0]
        folders = dict.fromkeys(f.parent for f in (*self.scenario_files, *self.tests))
        for folder in folders if ":" in callback else ():
            if (folder / f"{module}.py").exists() or (folder / module / "__init__.py").exists():
                return folder
        return Path()

    def play(self, seen: Seen, wanted: Collection[str] | None = None) -> None:
        """Play the scenarios in the fake lane, then the tests; or some of them.

        Args:
            seen: takes what came of each case, and says whether to go on.
            wanted: which cases, in this order, but the tests behind the scenarios.
        """
        for name in self._scenarios if wanted is None else wanted:
            if name in self._scenarios and not seen(_judged(name, self._scenarios[name])):
                return
        if self.tests and (wanted is None or not self._scenarios.keys() >= set(wanted)):
            play_tests(self.tests, seen, wanted)


def _files(path: Path) -> Iterator[Path]:
    if path.is_file():
        yield path
        return
    for file in path.rglob("*"):
        if not any(part.startswith(".") for part in file.relative_to(path).parts):
            yield file


def _loaded(files: Sequence[Path], trust: Trust) -> Iterator[tuple[str, Scenario]]:
    problems: list[Problem] = []
    for file in files:
        try:
            for scenario in load_scenarios(file, trust=trust):
                yield f"{file}::{scenario.slug}", scenario
        except ScenarioFileError as error:
            problems += error.problems
    if problems:
        raise ScenarioFileError(problems)


def _judged(name: str, scenario: Scenario) -> JudgedCase:
    try:
        verdict = judge(scenario, "fake")
    except BaseException as error:  # the fault got to where nobody looks for one
        if came():
            raise
        return JudgedCase(name, "error", f"{type(error).__name__}: {error}")
    failed = ", ".join(dict.fromkeys(failure.what for failure, _ in verdict.failures))
    return JudgedCase(name, str(verdict.outcome), verdict.reason or failed)
