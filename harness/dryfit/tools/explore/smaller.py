"""Making a disagreement smaller where settings and epochs must shrink together.

Hypothesis shrinks one thing at a time: a patience of 3 over four epochs stays, although a
patience of 2 over three shows the same.
"""

import inspect
from collections.abc import Container, Iterator
from dataclasses import replace
from typing import Any

from dryfit.tools.explore.disagreement import Disagreement, disagreement
from dryfit_fakes.script import Script


def smallest(found: Disagreement, given: Container[str] = ()) -> Disagreement:
    """Take away a setting, a step of one, an epoch, or one of each, for as long as it is found.

    Args:
        found: what was found.
        given: settings that stay as they are.
    """
    while (smaller := next(_same_but_smaller(found, given), None)) is not None:
        found = smaller
    return found


def _same_but_smaller(found: Disagreement, given: Container[str]) -> Iterator[Disagreement]:
    for settings in (found.settings, *_fewer(found, given)):
        for script in (found.script, *_shorter(found.script)):
            if settings is found.settings and script is found.script:
                continue
            try:
                still = disagreement(
                    script, found.callback_class, settings, training=found.training
                )
            except (TypeError, ValueError):  # the constructor needs what was taken away
                continue
            if still is not None and still.at_issue[:1] == found.at_issue[:1]:
                yield still


def _fewer(found: Disagreement, given: Container[str]) -> Iterator[dict[str, Any]]:
    parameters = inspect.signature(found.callback_class).parameters
    settings = found.settings
    for name, value in settings.items():
        if name in given:
            continue
        if name not in parameters or parameters[name].default is not inspect.Parameter.empty:
            yield {key: kept for key, kept in settings.items() if key != name}
        if type(value) is int and value > 1:
            yield {**settings, name: value - 1}


def _shorter(script: Script) -> Iterator[Script]:
    for gone in range(script.epochs if script.epochs > 1 else 0):
        epochs = [epoch for epoch in range(script.epochs) if epoch != gone]
        values = {name: [script.value(name, e) for e in epochs] for name in script.series}
        yield replace(script, epochs=len(epochs), metrics=values)
