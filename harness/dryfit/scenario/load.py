"""Loading scenario files, strictly: every problem of a file at once, with its place."""

import os
import re
from collections.abc import Iterator
from dataclasses import replace
from itertools import chain
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from dryfit.facts.failure import Key
from dryfit.scenario.actors_in_vain import actors_in_vain
from dryfit.scenario.conditions import Condition
from dryfit.scenario.expect_in_vain import expect_in_vain
from dryfit.scenario.imported import imported, why_not_imported
from dryfit.scenario.known_callbacks import misspelt
from dryfit.scenario.naming import SUFFIXES, slug
from dryfit.scenario.problems import Problem, ScenarioFileError
from dryfit.scenario.scenario import Call, Scenario
from dryfit.scenario.schema import (
    Expect,
    KnownDefect,
    LoadKeys,
    ScenarioKeys,
    ScriptKeys,
)
from dryfit.scenario.schema_problems import explained
from dryfit.scenario.source import Document, dotted, read_documents
from dryfit.scenario.trust import USUAL, Trust
from dryfit_fakes.past_the_end import interrupt_in_vain
from dryfit_fakes.script import Script
from dryfit_fakes.script_values import ScriptError
from dryfit_fakes.series import SeriesError


def load_scenarios(
    path: str | Path, *, unfinished: bool = False, trust: Trust = USUAL
) -> list[Scenario]:
    """Load the scenarios of a file.

    Args:
        path: a ``*.scenario.yaml`` or ``*.scenario.yml`` file.
        unfinished: take expectations that are missing or cannot be met, to have
            them written.
        trust: what the file may do, and with it each of its scenarios.

    Raises:
        ScenarioFileError: everything that is wrong in the file, with lines.
    """
    file = Path(path)
    problems: list[Problem] = []
    scenarios: list[Scenario] = []
    for document in read_documents(file):
        scenarios += _Loader(file, document, problems, unfinished, trust).load()
    seen: dict[str, Scenario] = {}
    for scenario in scenarios:
        first = seen.setdefault(scenario.slug, scenario)
        if first is not scenario:
            problems.append(
                Problem(
                    file,
                    scenario.line(("name",)),
                    "name",
                    f"{scenario.name!r} makes the id {scenario.slug!r} again; "
                    f"line {first.line(('name',))} has it; ids are unique in a file",
                )
            )
    if problems:
        raise ScenarioFileError(problems)
    return scenarios


def find_files(paths: list[Path]) -> Iterator[Path]:
    """Every scenario file under some paths, in a fixed order."""
    for path in paths:
        if os.path.isdir(path):  # a Path raises where a name is too long to be one
            yield from sorted(_under(path))
        else:
            yield path


def _under(folder: Path) -> Iterator[Path]:
    for place, folders, files in os.walk(folder):  # what cannot be read, or goes away, has none
        yield from (Path(place, name) for name in (*folders, *files) if name.endswith(SUFFIXES))


class _Loader:
    """One document on its way to scenarios; problems are collected."""

    def __init__(
        self,
        file: Path,
        document: Document,
        problems: list[Problem],
        unfinished: bool,
        trust: Trust,
    ) -> None:
        self._file, self._document, self._problems = file, document, problems
        self._unfinished, self._trust = unfinished, trust

    def load(self) -> list[Scenario]:
        before = len(self._problems)
        scenarios = self._read()
        if len(self._problems) == before:
            return scenarios
        data = self._document.data
        for key, why in misspelt(data.get("callbacks", []) if isinstance(data, dict) else []):
            self._add(("callbacks", *key), why)
        return []

    def _read(self) -> list[Scenario]:
        before = len(self._problems)
        try:
            keys = ScenarioKeys.model_validate(self._document.data)
        except ValidationError as error:
            for problem in error.errors(include_url=False):
                # A mapping is tried as the word of a union too; that it is none is no news.
                tried = problem["type"] in ("literal_error", "string_type")
                if not (tried and isinstance(problem["input"], dict)):
                    self._add(*explained(problem))
            return []
        whole = self._whole(keys)
        if len(self._problems) > before:
            return []
        variants = self._variants(keys, whole) if keys.variants else [whole]
        for scenario in variants:
            self._check(scenario)
        return variants

    def _add(self, key: Key, message: str) -> None:
        line = self._document.line(key)
        problem = Problem(self._file, line, dotted(key), message)
        if problem not in self._problems:  # variants share what they do not change
            self._problems.append(problem)

    def _whole(self, keys: ScenarioKeys) -> Scenario:
        if keys.calls is not None and (keys.script is not None or keys.expect is not None):
            self._add(("calls",), "stands in place of script and expect; put them into the calls")
        if keys.calls is None and keys.script is None:
            self._add((), "script is missing")
        if keys.data is not None and keys.model is None:
            self._add(("data",), "is what `model` is trained with; name that, too")
        if keys.calls is not None:
            calls = tuple(_call(index, call) for index, call in enumerate(keys.calls))
        else:
            calls = (_with_script(Call("fit", None, keys.expect, ("expect",)), keys.script),)
        return Scenario(
            file=self._file,
            name=keys.name,
            slug=slug(keys.name),
            document=self._document,
            calls=calls,
            **_callbacks(keys.callbacks or [], ("callbacks",)),
            lanes=tuple(keys.lanes or ("fake", "real")),
            condition=self._condition(keys.when, ("when",)),
            known_defect=keys.known_defect,
            defect_condition=self._defect_condition(keys.known_defect, ("known_defect",)),
            loop=keys.loop or "",
            model=keys.model or "",
            data=keys.data or "",
            differs=keys.differs or "",
            about=keys.about or "",
            source=tuple(keys.source or ()),
            trust=self._trust,
        )

    def _variants(self, keys: ScenarioKeys, whole: Scenario) -> list[Scenario]:
        made = []
        for name, variant in (keys.variants or {}).items():
            at: Key = ("variants", name)
            calls = whole.calls
            if variant.expect is not None:
                calls = (replace(calls[0], expect=variant.expect, at=(*at, "expect")),)
            changes: dict[str, Any] = {"calls": calls, "slug": f"{whole.slug}-{slug(name)}"}
            if variant.callbacks is not None:
                changes |= _callbacks(variant.callbacks, (*at, "callbacks"))
            if variant.when is not None:
                changes["condition"] = self._condition(variant.when, (*at, "when"))
            if variant.known_defect is not None:
                defect_at: Key = (*at, "known_defect")
                changes |= {
                    "known_defect": variant.known_defect,
                    "defect_at": defect_at,
                    "defect_condition": self._defect_condition(variant.known_defect, defect_at),
                }
            made.append(replace(whole, name=f"{whole.name} [{name}]", **changes))
        return made

    def _condition(self, text: str | None, key: Key) -> Condition | None:
        if text is None:
            return None
        try:
            return Condition(text)
        except ValueError as error:
            self._add(key, str(error))
            return None

    def _defect_condition(self, defect: KnownDefect | None, at: Key) -> Condition | None:
        return None if defect is None else self._condition(defect.when, (*at, "when"))

    def _check(self, scenario: Scenario) -> None:
        if not self._unfinished and all(call.expect is None for call in scenario.calls):
            self._add((), "nothing is expected; a scenario without expect cannot fail")
        if scenario.calls[0].keys is None:
            self._add(scenario.calls[0].at[:-1], "script is missing; the first call needs one")
        self._check_kills(scenario)
        self._check_ranks(scenario)
        self._check_imports(scenario)
        epochs: int | None = None
        metrics = _written(scenario)
        scripts: list[list[Script]] = []
        for call in scenario.calls:
            if call.keys is not None:
                scripts.append(self._scripts(call))
                epochs = scripts[-1][0].epochs if scripts[-1] else None
                for keys in call.by_rank:
                    metrics |= {*keys.metrics, *keys.batch_metrics, *keys.batch_logs}
            if call.expect is not None and not self._unfinished:
                self._check_expect(call.expect, call.at, epochs, metrics)
        for key, why in actors_in_vain(scenario, [*chain(*scripts)]) if all(scripts) else ():
            self._add(key, why)
        if scenario.known_defect is not None:
            instead: Key = (*scenario.defect_at, "instead")
            self._check_expect(scenario.known_defect.instead, instead, epochs, metrics)

    def _check_expect(self, expect: Expect, at: Key, epochs: int | None, metrics: set[str]) -> None:
        for key, why in expect_in_vain(expect, epochs, metrics):
            self._add((*at, *key), why)

    def _check_imports(self, scenario: Scenario) -> None:
        for key, name in () if self._trust.imports else imported(scenario):
            self._add(key, why_not_imported(name))

    def _check_kills(self, scenario: Scenario) -> None:
        """A process that is killed leaves files, and nothing else to expect or to go on with."""
        if not any(call.killed for call in scenario.calls):
            return
        for index, call in enumerate(scenario.calls):
            at = call.at[:-1]
            alone = call.callbacks == "fresh" and call.model == "fresh"
            apart = index > 0 and (call.killed or scenario.calls[index - 1].killed)
            if apart and not alone:
                self._add(
                    at, "begins a process of its own: write callbacks: fresh, and model: fresh"
                )
            rest = {*call.expect.given()} - {"files"} if call.killed and call.expect else ()
            for name in sorted(rest):
                self._add(
                    (*call.at, name),
                    "a process that is killed leaves its files and cannot tell more; "
                    "expect files of it, and the rest of the next call",
                )

    def _check_ranks(self, scenario: Scenario) -> None:
        """One number of ranks for all calls and callbacks; none of them is killed."""
        for call in scenario.calls:
            if call.by_rank and len(call.by_rank) != scenario.ranks:
                told = f"{len(call.by_rank)} ranks, another call has {scenario.ranks}"
                self._add((*call.at[:-1], "script"), f"{told}; all calls are of the same ranks")
            if call.killed and scenario.ranks > 1:
                self._add((*call.at[:-1], "script"), "a script of several ranks kills no process")
            if call.expect is not None and call.expect.ranks is not None and scenario.ranks == 1:
                self._add((*call.at, "ranks"), "the script has no ranks; write ranks: 2 there")
        *at, last = scenario.callbacks_at
        lists = len(scenario.other_callbacks) + 1
        if isinstance(last, int) and scenario.ranks == 1:
            told = "a list of lists is of several ranks, and the script has none"
            self._add(tuple(at), f"{told}; write ranks: {max(2, lists)} there")
        elif isinstance(last, int) and lists != scenario.ranks:
            told = f"lists of {lists} ranks, and the script has {scenario.ranks}"
            self._add(tuple(at), f"{told}; write one for each, or one for all")

    def _scripts(self, call: Call) -> list[Script]:
        """The scripts of a call's ranks; none where a problem was found."""
        before = len(self._problems)
        scripts: list[Script] = []
        at: Key = (*(call.at[:2] if call.at[0] == "calls" else ()), "script")
        for rank, keys in enumerate(call.by_rank):
            try:
                script = _trial(keys)
            except (ScriptError, SeriesError, TypeError) as error:
                key = _at_metric(at, str(error), self._document, rank)
                self._add(key, str(error))
                return []
            scripts.append(script)
            for name, why in interrupt_in_vain(script):
                self._add((*at, "interrupt", name), why)
        if len(epochs := sorted({script.epochs for script in scripts})) > 1:
            told = f"the ranks have {' and '.join(map(str, epochs))} epochs"
            self._add(at, f"{told}; one training has one number of them")
        return scripts if len(self._problems) == before else []


def _written(scenario: Scenario) -> set[str]:
    """The metrics that no script reports, and a callback of the scenario writes into logs."""
    found: set[str] = set()
    for name, arguments in chain(scenario.callbacks, *scenario.other_callbacks):
        metrics = arguments.get("metrics")
        if name == "WriteLogs" and isinstance(metrics, dict):
            found.update(metrics)
    return found


def _trial(keys: ScriptKeys) -> Script:
    """Make a script without what is imported, to see whether its keys hold together."""
    given = {name: value for name, value in keys.given().items() if value is not None}
    for name in ("predict", "evaluate"):
        given.pop(name, None)
    if keys.interrupt is not None:
        given["interrupt"] = keys.interrupt.given() | {"raises": KeyboardInterrupt}
    if keys.disk is not None:
        given["disk"] = keys.disk.given()
    for name in ("learning_rate", "rates"):
        if isinstance(given.get(name), dict):
            del given[name]
    if any(isinstance(rate, dict) for rate in keys.optimizers.values()):
        given["optimizers"] = dict.fromkeys(keys.optimizers, 0.1)
    return Script(**given)


def _call(index: int, call: Any) -> Call:
    load = call.model.load if isinstance(call.model, LoadKeys) else None
    made = Call(
        call.call,
        None,
        call.expect,
        ("calls", index, "expect"),
        call.callbacks,
        "fresh" if load is not None else str(call.model),
        load,
    )
    return _with_script(made, call.script)


def _with_script(call: Call, script: ScriptKeys | None) -> Call:
    if script is None:
        return call
    first, *others = script.by_rank()
    return replace(call, keys=first, other_ranks=tuple(others))


def _callbacks(written: list[Any], at: Key) -> dict[str, Any]:
    """A scenario's callbacks: the same for all ranks, or a list for each."""
    if not (written and isinstance(written[0], list)):
        return {"callbacks": tuple(written), "callbacks_at": at, "other_callbacks": ()}
    first, *others = map(tuple, written)
    return {"callbacks": first, "callbacks_at": (*at, 0), "other_callbacks": tuple(others)}


def _at_metric(key: Key, message: str, document: Document, rank: int) -> Key:
    """Find the key of the metric that a message is about, for its line."""
    named = re.match(r"(?:the series of )?(metrics|batch_metrics|batch_logs)?\[?'([^']+)'", message)
    if named is None:
        return key
    for part in ("metrics", "batch_metrics", "batch_logs"):
        for place in ((*key, part, named[2]), (*key, part, rank, named[2])):
            if place in document.lines:
                return place
    return key
