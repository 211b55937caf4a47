"""Plays scenarios in the environment of a cell, and writes what came of them as JSON.

``python -m dryfit.tools.matrix.in_a_cell FILE LANE TRUST PATH…``, in that environment.

A scenario is played whatever its ``when`` says of Keras, for the releases to be
compared: the verdict is there where the condition holds. Those of its variants that
play the same script to the same callbacks are one play, and the verdict is that of
the variant whose condition holds.
"""

import json
import sys
import warnings
from collections.abc import Iterable, Iterator, Sequence
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import replace
from functools import partial
from importlib import metadata
from io import StringIO
from pathlib import Path
from typing import Any, cast

from packaging.utils import canonicalize_name

from dryfit.judge.outcome import worst
from dryfit.judge.verdict import Verdict, judge
from dryfit.scenario.conditions import KERAS
from dryfit.scenario.load import find_files, load_scenarios
from dryfit.scenario.naming import slug
from dryfit.scenario.scenario import Scenario
from dryfit.scenario.trust import Trust
from dryfit.tools.matrix.cell_facts import facts
from dryfit.tools.matrix.fingerprints import fingerprint
from dryfit_fakes.script_keywords import Lane


def main(file: str, lane: Lane, trust: str, *paths: str) -> None:
    """Play, and write."""
    files = find_files([Path(path) for path in paths])
    # What is expected is looked at by the parent, where it matters.
    read = partial(load_scenarios, trust=Trust(**json.loads(trust)), unfinished=True)
    scenarios = [scenario for found in files for scenario in read(found)]
    rows = [row(group, name, part, lane) for group, name, part in groups(scenarios)]
    result = {"versions": versions(), "rows": rows, "sources": sources()}
    Path(file).write_text(json.dumps(result, ensure_ascii=False), encoding="utf-8")


def groups(scenarios: Iterable[Scenario]) -> Iterator[tuple[list[Scenario], str, str]]:
    """Bring together what is one play, with its name and the part of an id."""
    documents: dict[Any, dict[str, list[Scenario]]] = {}
    for scenario in scenarios:
        plays = documents.setdefault((scenario.file, scenario.line(())), {})
        plays.setdefault(_play(scenario), []).append(scenario)
    for plays in documents.values():
        for group in plays.values():
            name, part = group[0].name, group[0].slug
            if len(plays) == 1 and len(group) > 1:  # the variants say what is expected, and no more
                name = name.rpartition(" [")[0]
                part = slug(name)
            yield group, name, part


def _play(scenario: Scenario) -> str:
    calls = [(c.method, c.by_rank, c.callbacks, c.model, c.load) for c in scenario.calls]
    return repr((scenario.callbacks, scenario.other_callbacks, calls))


def row(group: Sequence[Scenario], name: str, part: str, lane: Lane) -> dict[str, Any]:
    """Play what is one play, and say what came of it."""
    # What callbacks print and warn is recorded, and no part of what came of it.
    with redirect_stdout(StringIO()), redirect_stderr(StringIO()), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        verdicts = [judge(scenario, lane, whole=True) for scenario in group]
        first = worst(verdict.outcome for verdict in verdicts)
        verdict = next(verdict for verdict in verdicts if verdict.outcome is first)
        whole = verdict if verdict.played else _all_the_same(group[0], lane) or verdict
        played = whole.played
    return {
        "file": group[0].file.as_posix(),
        "slug": part,
        "name": name,
        "outcome": verdict.outcome,
        "reason": verdict.reason,
        "failures": [failure.at_line(line) for failure, line in verdict.failures],
        "facts": facts(group, played) if played else None,
        "unplayed": "" if played else whole.reason,
        "errors": [f"{type(p.error).__name__}: {p.message}" for p in played if p.error],
    }


def _all_the_same(scenario: Scenario, lane: Lane) -> Verdict | None:
    """What becomes of a scenario that is not meant for this release; nothing of any other."""
    condition = scenario.condition
    if condition is None or condition.unmet(without=KERAS) is not None:
        return None
    return judge(replace(scenario, condition=None), lane, whole=True)


def versions() -> dict[str, str]:
    """What is installed here."""
    found = {str(canonicalize_name(d.name)): d.version for d in metadata.distributions()}
    return {**found, "python": ".".join(map(str, sys.version_info[:3]))}


def sources() -> dict[str, str]:
    """The modules that came from outside of this environment, such as a project's own."""
    inside = (Path(sys.prefix).resolve(), Path(sys.base_prefix).resolve())
    found = {}
    for module in list(sys.modules.values()):
        file = getattr(module, "__file__", None)
        path = None if not file else Path(file).resolve()
        if path is not None and path.is_file() and not any(map(path.is_relative_to, inside)):
            found[str(path)] = fingerprint(path)
    return found


if __name__ == "__main__":
    main(*cast(Any, sys.argv[1:]))
