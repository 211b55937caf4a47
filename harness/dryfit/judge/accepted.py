"""Whether a file in which expectations were written loads, and holds for what was played."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from dryfit.facts.failure import Failure
from dryfit.judge.mismatches import check
from dryfit.lanes.temporary import temporary_folder
from dryfit.scenario.load import load_scenarios
from dryfit.scenario.playing import Played
from dryfit.scenario.problems import Problem, ScenarioFileError
from dryfit.scenario.scenario import Call, Scenario
from dryfit.scenario.whole_file import write_text


def why_unusable(
    text: str, before: str, file: Path, played: Mapping[str, Sequence[Played]], only: Sequence[str]
) -> str:
    """Say why a text would make no file that holds; empty if it does.

    Args:
        text: the whole file, as it is to be written.
        before: the whole file, as it is.
        file: where it is.
        played: what came of the calls of each scenario that was written, by slug.
        only: the keys that were written; all, if there are none.
    """
    try:
        scenarios = {s.slug: s for s in _loaded(text, file, unfinished=True)}
    except ScenarioFileError as error:
        return str(error)
    # What is wrong already, and nobody asked for, is not ours to mend.
    unfinished = only or set(played) != set(scenarios)
    known = _problems(before, file) if unfinished else {}
    if told := [p for what, p in _problems(text, file).items() if what not in known]:
        return str(ScenarioFileError(told))
    for slug, calls in played.items():
        if slug not in scenarios:
            return f"{file}: there would be no scenario {slug}"
        for call, came in zip(scenarios[slug].calls, calls, strict=False):
            for failure in _failures(call, came):
                if not only or failure.key[0] in only:
                    found = f"expected {failure.expected}, got {failure.got}"
                    return f"{file}: {slug}: {failure.what} would not hold: {found}"
    return ""


def unasked_failures(
    text: str, file: Path, played: Mapping[str, Sequence[Played]], only: Sequence[str]
) -> Iterator[str]:
    """Say what of a file that was written does not hold, and was not asked for."""
    for scenario in _loaded(text, file, unfinished=True) if only else ():
        for call, came in zip(scenario.calls, played.get(scenario.slug, ()), strict=False):
            for failure in _failures(call, came):
                found = f"expected {failure.expected}, got {failure.got}"
                yield f"{file}: {scenario.name}: {failure.what} does not hold: {found}"


def _failures(call: Call, came: Played) -> Sequence[Failure]:
    return () if call.expect is None else check(call.expect, came).failures


def _loaded(text: str, file: Path, *, unfinished: bool = False) -> list[Scenario]:
    """Load a text as if it was a file's."""
    with temporary_folder() as folder:
        trial = Path(folder, file.name)
        write_text(trial, text)
        try:
            return load_scenarios(trial, unfinished=unfinished)
        except ScenarioFileError as error:
            raise ScenarioFileError(replace(p, file=file) for p in error.problems) from None


def _problems(text: str, file: Path) -> dict[tuple[str, str], Problem]:
    """What is wrong with a text, wherever in it."""
    try:
        _loaded(text, file)
    except ScenarioFileError as error:
        return {(problem.key, problem.message): problem for problem in error.problems}
    return {}


def holds_already(played: Sequence[Played]) -> bool:
    """Whether each call has expectations, and all of them are met."""
    calls = [one for one in played if one.run is not None]
    return bool(calls) and all(
        one.call.expect is not None and not check(one.call.expect, one).failures for one in calls
    )
