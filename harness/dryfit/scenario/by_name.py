"""Scenarios by what names them: files and folders, or one of a file as ``FILE::SLUG``."""

import os
from collections.abc import Callable, Sequence
from pathlib import Path

from dryfit.facts.suggestions import did_you_mean
from dryfit.scenario.load import find_files, load_scenarios
from dryfit.scenario.naming import SUFFIXES
from dryfit.scenario.problems import ScenarioFileError
from dryfit.scenario.scenario import Scenario
from dryfit.scenario.trust import USUAL, Trust
from dryfit.scenario.usage import UsageError

_SHOWN = 20  # slugs in a message, of all that there are


def load_all(
    paths: Sequence[Path],
    *,
    unfinished: bool = False,
    trust: Trust = USUAL,
    unusable: list[ScenarioFileError] | None = None,
) -> list[Scenario]:
    """Load every scenario under some paths.

    Args:
        paths: files, and folders of them.
        unfinished: see `load_scenarios`.
        trust: likewise.
        unusable: takes what is wrong in each file that cannot be used, in place of an error.

    Raises:
        ScenarioFileError: all problems of all files.
        UsageError: there is no such file in a folder.
    """
    scenarios: list[Scenario] = []
    wrong: list[ScenarioFileError] = [] if unusable is None else unusable
    files = list(find_files(list(paths)))
    for file in files:
        try:
            scenarios += load_scenarios(file, unfinished=unfinished, trust=trust)
        except ScenarioFileError as error:
            wrong.append(error)
    if wrong and unusable is None:
        raise ScenarioFileError(problem for error in wrong for problem in error.problems)
    if not files:
        raise UsageError(", ".join(map(str, paths)), f"no *{SUFFIXES[0]} file in there")
    return scenarios


def load_chosen(
    targets: Sequence[str],
    keywords: str = "",
    *,
    unfinished: bool = False,
    trust: Trust = USUAL,
    unusable: list[ScenarioFileError] | None = None,
) -> list[Scenario]:
    """Load what is named by files, folders and ``FILE::SLUG``; each scenario once.

    Args:
        targets: see `addressed`.
        keywords: an expression as of pytest's ``-k``, such as ``stop and not nan``; it is met by
            parts of a slug, of its file's name, and of folders below the working directory.
        unfinished: see `load_all`.
        trust: likewise.
        unusable: likewise; nobody knows what such a file would have that is asked for.

    Raises:
        ScenarioFileError: all problems of all files.
        UsageError: nothing is named so, or a slug is that of several, or no scenario meets the
            expression.
    """
    paths = list(dict.fromkeys(Path(_split(target)[0]) for target in targets))
    by_file: dict[Path, dict[str, Scenario]] = {}
    for scenario in load_all(paths, unfinished=unfinished, trust=trust, unusable=unusable):
        by_file.setdefault(scenario.file, {})[scenario.slug] = scenario
    chosen: dict[tuple[Path, str], Scenario] = {}
    for target in targets:
        files = find_files([Path(_split(target)[0])])
        there = [s for file in files for s in by_file.get(file, {}).values()]
        named = _named(target, there) if there or not unusable else ()
        chosen |= {(s.file, s.slug): s for s in named}
    return _meeting(keywords, list(chosen.values()), perhaps_more=bool(unusable))


def targets_by_file(targets: Sequence[str]) -> dict[Path, list[str]]:
    """What names scenarios of each file: the file alone, or its ``FILE::SLUG``."""
    named: dict[Path, list[str]] = {}
    for target in targets:
        path, slug = _split(target)
        for file in find_files([Path(path)]):
            if file.exists():
                named.setdefault(file, []).append(target if slug else str(file))
    return named


def _meeting(
    keywords: str, scenarios: list[Scenario], *, perhaps_more: bool = False
) -> list[Scenario]:
    if not keywords.strip():
        return scenarios
    from _pytest.mark import expression  # so that both doors understand the same

    error = getattr(expression, "ParseError", SyntaxError)  # as pytest 8 calls it
    try:
        meets = expression.Expression.compile(keywords)
    except (SyntaxError, error) as wrong:
        raise UsageError(f"-k {keywords!r}", f"is no expression: {wrong}") from None
    met = [scenario for scenario in scenarios if meets.evaluate(_words(scenario))]
    if not met and not perhaps_more:
        slugs = [scenario.slug for scenario in scenarios]
        more = f", and {len(slugs) - _SHOWN} more" if len(slugs) > _SHOWN else ""
        there = ", ".join(slugs[:_SHOWN]) + more
        raise UsageError(f"-k {keywords!r}", f"no scenario meets it. There are {there}")
    return met


def _words(scenario: Scenario) -> Callable[..., bool]:
    """Whether a word is part of what names a scenario: as pytest asks its items."""
    below = Path(os.path.relpath(scenario.file))
    parts = below.parts if below.parts[0] != ".." else (below.name,)
    names = [name.lower() for name in (scenario.slug, *parts)]

    def met(word: str, /, **_: object) -> bool:
        return any(word.lower() in name for name in names)

    return met


def addressed(target: str, *, unfinished: bool = False, trust: Trust = USUAL) -> list[Scenario]:
    """Load what ``FILE::SLUG`` names: one scenario, or without a slug all of the file.

    Args:
        target: a path; behind ``::`` a slug, or how one of them alone begins.
        unfinished: see `load_scenarios`.
        trust: likewise.

    Raises:
        ScenarioFileError: all that is wrong in the file.
        UsageError: no scenario is named so, or several are.
    """
    path = Path(_split(target)[0])
    return _named(target, load_all([path], unfinished=unfinished, trust=trust))


def _split(target: str) -> tuple[str, str]:
    """The path and the slug of a target; a file may have ``::`` in its name."""
    path, _, slug = ("", "", "") if os.path.lexists(target) else target.partition("::")
    return path or target, slug


def _named(target: str, scenarios: list[Scenario]) -> list[Scenario]:
    slug = _split(target)[1]
    exact = [scenario for scenario in scenarios if scenario.slug == slug]
    begun = exact or [scenario for scenario in scenarios if scenario.slug.startswith(slug)]
    if not slug or len(begun) == 1 or exact:
        return begun
    if begun:
        told = f"several scenarios begin with {slug!r}; {name_one(target, begun)}"
        raise UsageError(target, told)
    slugs = [scenario.slug for scenario in scenarios]
    hint = did_you_mean(slug, slugs) or "."
    raise UsageError(target, f"no scenario {slug!r}{hint} There are {', '.join(slugs)}")


def addressed_one(target: str, *, unfinished: bool = False, trust: Trust = USUAL) -> Scenario:
    """Load the one scenario that ``FILE::SLUG`` names, or that the file has.

    Raises:
        ScenarioFileError: all that is wrong in the file.
        UsageError: no scenario is named so, or several are.
    """
    scenarios = addressed(target, unfinished=unfinished, trust=trust)
    if len(scenarios) > 1:
        raise UsageError(target, f"several scenarios; {name_one(target, scenarios)}")
    return scenarios[0]


def name_one(target: str, scenarios: Sequence[Scenario]) -> str:
    """Say how to name one of several scenarios, and which there are."""
    path, slugs = _split(target)[0], [scenario.slug for scenario in scenarios]
    return f"name one of them, as {path}::{slugs[0]}. There are {', '.join(slugs)}"
