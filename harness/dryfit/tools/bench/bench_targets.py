"""What is measured: callbacks by name, with arguments, or those of a scenario file."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

from dryfit.scenario.alternatives import Item, callback_class, combinations, read_alternatives
from dryfit.scenario.by_name import addressed
from dryfit.scenario.construct import ConstructionError, as_call, constructed, importable
from dryfit.scenario.given_training import training_in
from dryfit.scenario.imported import own_modules
from dryfit.scenario.naming import SUFFIXES
from dryfit.scenario.problems import Problem, ScenarioFileError
from dryfit.scenario.scenario import Scenario
from dryfit.scenario.trust import USUAL, Trust


@dataclass(frozen=True)
class Target:
    """A callback to be measured.

    Attributes:
        name: as it was written.
        make: makes one; a fresh one for each round.
        metrics: what it may look for beside loss and accuracy.
        place: a context in which it can be imported.
        lend: makes the compiled model that it needs; ``None`` for whatever is enough.
    """

    name: str
    make: Callable[[], Any]
    metrics: Sequence[str] = ()
    place: Callable[[], AbstractContextManager[None]] = field(default=nullcontext)
    lend: Callable[[], Any] | None = None


def read_targets(text: str, trust: Trust = USUAL) -> list[Target]:
    """Read one argument of ``dryfit bench``.

    Args:
        text: ``EarlyStopping``, ``ModelCheckpoint: {filepath: a.keras}``,
            ``pkg.module:Class``, or a scenario file, with ``::SLUG`` for one scenario.
        trust: what the callbacks may do.

    Raises:
        UsageError: there is no such callback, argument or scenario of a file.
        ScenarioFileError: the file cannot be used.
    """
    if text.partition("::")[0].endswith(SUFFIXES):
        return _of_file(text, trust)
    asked = read_alternatives(text)
    with importable(Path()):
        asked.kind(trust)
    return [_target(item, (), Path(), trust) for (item,) in combinations([asked])]


def _of_file(target: str, trust: Trust) -> list[Target]:
    scenarios = addressed(target, unfinished=True, trust=trust)
    file = scenarios[0].file
    if problems := list(_refused(scenarios)):
        raise ScenarioFileError(problems)
    targets = []
    for scenario in scenarios:
        keys = [call.keys for call in scenario.calls if call.keys is not None]
        metrics = [name for key in keys for name in (*key.metrics, *key.batch_metrics)]
        training = training_in(scenario)
        lend = training.lend if training.model else None
        for item in scenario.callbacks:
            targets.append(replace(_target(item, metrics, file.parent, trust), lend=lend))
    if not targets:
        raise ScenarioFileError([Problem(file, 1, "callbacks", "there are none to measure")])
    return targets


def _refused(scenarios: Sequence[Scenario]) -> Iterator[Problem]:
    """What cannot be made, said before the first is measured."""
    for scenario in scenarios:
        with own_modules(scenario):
            for index, item in enumerate(scenario.callbacks):
                try:
                    callback_class(*item, scenario.trust)
                except ConstructionError as error:
                    line = scenario.line((*scenario.callbacks_at, index))
                    yield Problem(scenario.file, line, f"callbacks[{index}]", str(error))


def _target(item: Item, metrics: Sequence[str], folder: Path, trust: Trust) -> Target:
    name, arguments = item
    shown = as_call(name, arguments) if arguments else name
    place = partial(importable, folder.resolve()) if trust.imports else nullcontext
    return Target(shown, partial(constructed, item, trust), metrics, place)
