"""What is measured: callbacks by name, with arguments, or those of a scenario file."""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from dryfit.scenario.alternatives import Item, combinations, read_alternatives
from dryfit.scenario.construct import importable, make_callbacks
from dryfit.scenario.load import SUFFIX, load_scenarios
from dryfit.scenario.problems import Problem, ScenarioFileError


@dataclass(frozen=True)
class Target:
    """A callback to be measured.

    Attributes:
        name: as it was written.
        make: makes one; a fresh one for each round.
        metrics: what it may look for beside loss and accuracy.
        place: a context in which it can be imported.
    """

    name: str
    make: Callable[[], Any]
    metrics: Sequence[str] = ()
    place: Callable[[], AbstractContextManager[None]] = field(default=nullcontext)


def read_targets(text: str) -> list[Target]:
    """Read one argument of ``dryfit bench``.

    Args:
        text: ``EarlyStopping``, ``ModelCheckpoint: {filepath: a.keras}``,
            ``pkg.module:Class``, or a scenario file, with ``::SLUG`` for one scenario.

    Raises:
        ScenarioFileError: there is no such callback, argument or file.
    """
    path, _, slug = text.partition("::")
    if path.endswith(SUFFIX):
        return _of_file(Path(path), slug)
    asked = read_alternatives(text)
    with importable(Path()):
        asked.kind()
    return [_target(item, (), Path()) for (item,) in combinations([asked])]


def _of_file(file: Path, slug: str) -> list[Target]:
    scenarios = load_scenarios(file, unfinished=True)
    chosen = [scenario for scenario in scenarios if slug in ("", scenario.slug)]
    if not chosen:
        known = ", ".join(scenario.slug for scenario in scenarios)
        raise ScenarioFileError([Problem(file, 1, "", f"no scenario {slug!r}; there are {known}")])
    items: list[tuple[Item, Sequence[str]]] = []
    for scenario in chosen:
        keys = [call.keys for call in scenario.calls if call.keys is not None]
        metrics = [name for key in keys for name in (*key.metrics, *key.batch_metrics)]
        items += [(item, metrics) for item in scenario.callbacks]
    if not items:
        raise ScenarioFileError([Problem(file, 1, "callbacks", "there are none to measure")])
    return [_target(item, metrics, file.parent) for item, metrics in items]


def _target(item: Item, metrics: Sequence[str], folder: Path) -> Target:
    name, arguments = item
    given = ", ".join(f"{key}={value!r}" for key, value in arguments.items())

    def make() -> Any:
        (maker,) = make_callbacks((item,), Path.cwd())
        return maker()

    shown = f"{name}({given})" if given else name
    return Target(shown, make, metrics, partial(importable, folder.resolve()))
