"""Loading scenario files, strictly: every problem of a file at once, with its place."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from dryfit.scenario.conditions import Condition
from dryfit.scenario.problems import Problem, ScenarioFileError, did_you_mean
from dryfit.scenario.schema import Expect, Keys, KnownDefect, LoadKeys, ScenarioKeys, ScriptKeys
from dryfit.scenario.source import Document, Key, dotted, read_documents
from dryfit_fakes.script import Script, ScriptError
from dryfit_fakes.series import Series, SeriesError

SUFFIX = ".scenario.yaml"


@dataclass(frozen=True)
class Call:
    """One call of a scenario.

    Attributes:
        method: ``fit``, ``evaluate`` or ``predict``.
        keys: the script's keys, ``None`` to go on with the script before.
        expect: what must come of it, ``None`` if nothing is checked here.
        at: the key of `expect` in the file.
        callbacks: ``same`` or ``fresh``.
        model: ``same``, ``fresh``, or a path to load weights from.
    """

    method: str
    keys: ScriptKeys | None
    expect: Expect | None
    at: Key
    callbacks: str = "same"
    model: str = "same"
    load: str | None = None

    @property
    def killed(self) -> bool:
        """Whether the process that plays it is killed."""
        interrupt = None if self.keys is None else self.keys.interrupt
        return interrupt is not None and interrupt.raises == "kill"


@dataclass(frozen=True)
class Scenario:
    """A scenario, ready to be played.

    Attributes:
        slug: the name as part of an id, unique in the file.
        callbacks: names and arguments, as written.
        condition: what must be installed.
        lanes: where the scenario is valid.
        differs: why its timeline is not the same in both lanes, if it cannot be.
        defect_at: the key of `known_defect` in the file.
        defect_condition: what must be installed for it to be there.
    """

    file: Path
    name: str
    slug: str
    document: Document = field(repr=False)
    calls: tuple[Call, ...]
    callbacks: tuple[tuple[str, dict[str, Any]], ...]
    callbacks_at: Key
    lanes: tuple[str, ...]
    condition: Condition | None = None
    known_defect: KnownDefect | None = None
    defect_at: Key = ("known_defect",)
    defect_condition: Condition | None = None
    differs: str = ""
    about: str = ""
    source: tuple[str, ...] = ()

    def line(self, key: Key) -> int:
        """The line of a key in the file."""
        return self.document.line(key)


def load_scenarios(path: str | Path, *, unfinished: bool = False) -> list[Scenario]:
    """Load the scenarios of a file.

    Args:
        path: a ``*.scenario.yaml`` file.
        unfinished: take expectations that are missing or cannot be met, to have
            them written.

    Raises:
        ScenarioFileError: everything that is wrong in the file, with lines.
    """
    file = Path(path)
    problems: list[Problem] = []
    scenarios: list[Scenario] = []
    for document in read_documents(file):
        scenarios += _Loader(file, document, problems, unfinished).load()
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
        if path.is_dir():
            yield from sorted(path.rglob(f"*{SUFFIX}"))
        else:
            yield path


def slug(name: str) -> str:
    """Write a name as part of an id; letters of any language stay."""
    return re.sub(r"\W+", "-", name.lower()).strip("-") or "scenario"


class _Loader:
    """One document on its way to scenarios; problems are collected."""

    def __init__(
        self, file: Path, document: Document, problems: list[Problem], unfinished: bool
    ) -> None:
        self._file, self._document, self._problems = file, document, problems
        self._unfinished = unfinished

    def load(self) -> list[Scenario]:
        before = len(self._problems)
        try:
            keys = ScenarioKeys.model_validate(self._document.data)
        except ValidationError as error:
            for problem in error.errors(include_url=False):
                # A mapping is tried as the word of a union too; that it is none is no news.
                tried = problem["type"] in ("literal_error", "string_type")
                if not (tried and isinstance(problem["input"], dict)):
                    self._add(*_explained(problem))
            return []
        whole = self._whole(keys)
        if len(self._problems) > before:
            return []
        variants = self._variants(keys, whole) if keys.variants else [whole]
        for scenario in variants:
            self._check(scenario)
        return variants if len(self._problems) == before else []

    def _add(self, key: Key, message: str) -> None:
        line = self._document.line(key)
        self._problems.append(Problem(self._file, line, dotted(key), message))

    def _whole(self, keys: ScenarioKeys) -> Scenario:
        if keys.calls is not None and (keys.script is not None or keys.expect is not None):
            self._add(("calls",), "stands in place of script and expect; put them into the calls")
        if keys.calls is None and keys.script is None:
            self._add((), "script is missing")
        if keys.calls is not None:
            calls = tuple(_call(index, call) for index, call in enumerate(keys.calls))
        else:
            calls = (Call("fit", keys.script, keys.expect, ("expect",)),)
        return Scenario(
            file=self._file,
            name=keys.name,
            slug=slug(keys.name),
            document=self._document,
            calls=calls,
            callbacks=tuple(keys.callbacks or ()),
            callbacks_at=("callbacks",),
            lanes=tuple(keys.lanes or ("fake", "real")),
            condition=self._condition(keys.when, ("when",)),
            known_defect=keys.known_defect,
            defect_condition=self._defect_condition(keys.known_defect, ("known_defect",)),
            differs=keys.differs or "",
            about=keys.about or "",
            source=tuple(keys.source or ()),
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
                changes |= {
                    "callbacks": tuple(variant.callbacks),
                    "callbacks_at": (*at, "callbacks"),
                }
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
        epochs: int | None = None
        metrics: set[str] = set()
        for call in scenario.calls:
            if call.keys is not None:
                epochs = self._epochs(call)
                metrics |= {*call.keys.metrics, *call.keys.batch_metrics, *call.keys.batch_logs}
            if call.expect is not None and not self._unfinished:
                self._check_expect(call.expect, call.at, epochs, metrics)
        if scenario.known_defect is not None:
            instead: Key = (*scenario.defect_at, "instead")
            self._check_expect(scenario.known_defect.instead, instead, epochs, metrics)

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

    def _epochs(self, call: Call) -> int | None:
        assert call.keys is not None
        try:
            return _trial(call.keys).epochs
        except (ScriptError, SeriesError, TypeError) as error:
            key = (*call.at[:-1], "script") if call.at != ("expect",) else ("script",)
            self._add(_at_metric(key, str(error), self._document), str(error))
            return None

    def _check_expect(self, expect: Expect, at: Key, epochs: int | None, metrics: set[str]) -> None:
        if not expect.given():
            self._add(at, "is empty: nothing would be checked")
        if epochs is None:
            return
        for name in ("learning_rate", "learning_rate_after"):
            self._check_length(getattr(expect, name), (*at, name), epochs)
        for name, values in (expect.state or {}).items():
            self._check_length(values, (*at, "state", name), epochs)
        for key, epoch in _epochs_named(expect, at):
            if epoch >= epochs:
                self._add(
                    key, f"epoch {epoch} cannot come: the script has epochs 0 to {epochs - 1}"
                )
        for key, name in _metrics_named(expect, at):
            if name not in metrics and (hint := did_you_mean(name, sorted(metrics), cutoff=0.8)):
                self._add(key, f"no such metric{hint} The script has {', '.join(sorted(metrics))}")
        if expect.epochs_run is not None and expect.epochs_run > epochs:
            self._add((*at, "epochs_run"), f"{expect.epochs_run}: the script has {epochs} epochs")

    def _check_length(self, values: Any, key: Key, epochs: int) -> None:
        if isinstance(values, Series) and not values.open and len(values) > epochs:
            self._add(key, f"{len(values)} values: the script has {epochs} epochs")


def _trial(keys: ScriptKeys) -> Script:
    """Make a script without what is imported, to see whether its keys hold together."""
    given = {name: value for name, value in keys.given().items() if value is not None}
    for name in ("predict", "evaluate", "interrupt"):
        given.pop(name, None)
    if keys.disk is not None:
        given["disk"] = keys.disk.given()
    if isinstance(given.get("learning_rate"), dict):
        del given["learning_rate"]
    return Script(**given)


def _call(index: int, call: Any) -> Call:
    load = call.model.load if isinstance(call.model, LoadKeys) else None
    return Call(
        call.call,
        call.script,
        call.expect,
        ("calls", index, "expect"),
        call.callbacks,
        "fresh" if load is not None else str(call.model),
        load,
    )


def _at_metric(key: Key, message: str, document: Document) -> Key:
    """Find the key of the metric that a message is about, for its line."""
    named = re.match(r"(?:the series of )?(metrics|batch_metrics|batch_logs)?\[?'([^']+)'", message)
    if named is None:
        return key
    for part in ("metrics", "batch_metrics", "batch_logs"):
        if (*key, part, named[2]) in document.lines:
            return (*key, part, named[2])
    return key


def _metrics_named(expect: Expect, at: Key) -> Iterator[tuple[Key, str]]:
    for name in expect.history or {}:
        yield (*at, "history", name), name
    for hook, keys in (expect.logs or {}).items():
        if hook in ("on_epoch_end", "on_train_end"):
            yield from (((*at, "logs", hook, name), name) for name in keys)


def _epochs_named(expect: Expect, at: Key) -> Iterator[tuple[Key, int]]:
    stopped = expect.stopped
    if isinstance(stopped, Keys) and stopped.epoch is not None:
        yield (*at, "stopped", "epoch"), stopped.epoch
    for name in ("restored", "checkpoints", "slept", "reductions", "overrides", "unused"):
        events = getattr(expect, name)
        if isinstance(events, dict):
            for by, epochs in events.items():
                for epoch in epochs:
                    yield (*at, name, by), epoch
        for index, event in enumerate(events if isinstance(events, list) else ()):
            if event.epoch is not None:
                yield (*at, name, index, "epoch"), event.epoch
    for epoch in expect.epochs or ():
        yield (*at, "epochs"), epoch


# Parts that pydantic puts into a location for the branches of a union.
_BRANCHES = re.compile(r"function-|literal\[|list\[|dict\[|str$|constrained-|nullable")


def _explained(problem: Any) -> tuple[Key, str]:
    """Say what pydantic found in our words: the key, and found, allowed, did you mean."""
    key = tuple(
        part
        for part in problem["loc"]
        if isinstance(part, int) or not (_BRANCHES.match(part) or part in _MODELS)
    )
    kind = problem["type"]
    if kind == "extra_forbidden":
        allowed = _allowed(problem["loc"])
        hint = did_you_mean(str(key[-1]), allowed)
        return key, f"unknown key{hint or '.'} Allowed: {', '.join(allowed)}"
    if kind == "missing":
        return key[:-1], f"{key[-1]} is missing"
    if kind in ("model_type", "dict_type", "model_attributes_type"):
        return key, "expected a mapping"
    if kind == "list_type":
        return key, "expected a list"
    return key, str(problem["msg"]).removeprefix("Value error, ")


def _models() -> dict[str, type[Keys]]:
    found: dict[str, type[Keys]] = {}
    todo = [Keys]
    while todo:
        for model in todo.pop().__subclasses__():
            found[model.__name__] = model
            todo.append(model)
    return found


_MODELS = _models()
_PLACES: dict[str, str] = {
    "script": "ScriptKeys",
    "interrupt": "InterruptKeys",
    "disk": "DiskKeys",
    "expect": "Expect",
    "instead": "Expect",
    "known_defect": "KnownDefect",
    "stopped": "StopKeys",
    "weights": "WeightsKeys",
    "to": "WeightsKeys",
    "restored": "RestoreKeys",
    "reductions": "RateKeys",
    "unused": "RateKeys",
    "overrides": "OverrideKeys",
    "checkpoints": "CheckpointKeys",
    "slept": "SleepKeys",
    "calls": "CallKeys",
    "variants": "VariantKeys",
    "raises": "RaisesKeys",
    "warnings": "MatchKeys",
    "prints": "MatchKeys",
    "model": "LoadKeys",
}


def _allowed(location: tuple[Any, ...]) -> list[str]:
    """The keys of the mapping that a location is in."""
    for part in reversed(location[:-1]):
        if part in _PLACES:
            return list(_MODELS[_PLACES[part]].model_fields)
    return list(ScenarioKeys.model_fields)
