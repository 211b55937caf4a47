"""What a command line names: callbacks, and files that have callbacks and curves."""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from typing import TypeAlias

from dryfit.scenario.alternatives import Item, combinations, read_alternatives
from dryfit.scenario.construct import importable
from dryfit.scenario.load import load_scenarios
from dryfit.scenario.naming import SUFFIXES
from dryfit.scenario.playing import play_scenario
from dryfit.scenario.scenario import Scenario
from dryfit.scenario.trust import USUAL, Trust
from dryfit.tools.together.together import TogetherError
from dryfit_fakes.script import Script

Subjects: TypeAlias = tuple[list[Item], list[Script]]


@contextmanager
def of_targets(targets: Sequence[str], trust: Trust = USUAL) -> Iterator[Subjects]:
    """Read targets; what they name can be imported meanwhile.

    A file gives its first scenario's callbacks, where no callback is named, and the curve of
    each of its scenarios.

    Raises:
        ScenarioFileError: a file, or a text, is not what it should be.
        TogetherError: a text means several callbacks.
    """
    files = [Path(text) for text in targets if text.endswith(SUFFIXES)]
    read = partial(load_scenarios, unfinished=True, trust=trust)
    scenarios = [scenario for file in files for scenario in read(file)]
    texts = [text for text in targets if not text.endswith(SUFFIXES)]
    with ExitStack() as stack:
        folders = dict.fromkeys(file.parent for file in files) or [Path()]
        for folder in folders if trust.imports else ():
            stack.enter_context(importable(folder))
        items = [_item(text, trust) for text in texts]
        if not texts:
            items = [(name, dict(settings)) for name, settings in scenarios[0].callbacks]
        yield items, [script for scenario in scenarios for script in _curve(scenario)]


def _item(text: str, trust: Trust) -> Item:
    asked = read_alternatives(text)
    asked.kind(trust)
    meant = [item for (item,) in combinations([asked])]
    if len(meant) > 1:
        raise TogetherError(f"{text!r} means {len(meant)} callbacks; name one")
    return meant[0]


def _curve(scenario: Scenario) -> Iterator[Script]:
    """What the last fit of a scenario reports at the epochs' ends, if these are numbers."""
    from dataclasses import replace

    played = play_scenario(replace(scenario, callbacks=()), "fake", read_files=False)
    run = played[-1].run
    if run is None or played[-1].call.method != "fit" or not run.reported:
        return
    rows = [run.reported[epoch] for epoch in run.epochs]
    names = dict.fromkeys(name for row in rows for name in row)
    numbers = all(isinstance(v, int | float) for row in rows for v in row.values())
    if rows and names and numbers:
        keys = scenario.calls[-1].keys
        rate = None if keys is None else keys.learning_rate
        if keys is not None and keys.rates is not None:
            rate = run.learning_rate[0]  # with which its rates begin
        told = {name: [row.get(name) for row in rows] for name in names}
        yield Script(
            metrics=told,
            epochs=len(rows),
            learning_rate=float(rate) if isinstance(rate, int | float) else None,
        )
