"""A recorded curve, and what it is asked."""

from pathlib import Path

import pytest

from dryfit import load_scenarios
from dryfit.scenario.problems import ScenarioFileError
from dryfit.scenario.scenario import Scenario
from dryfit.scenario.usage import UsageError
from dryfit.tools.replay.what_if import Row, what_if

CURVE = ".9 .5 .6 .55 .4 .45 .46 .47 .48 .49"
RECORDING = f"""
name: a run
script: {{learning_rate: 1, metrics: {{loss: 1x10, val_loss: {CURVE}}}}}
callbacks: [EarlyStopping: {{patience: 10, restore_best_weights: true}}]
"""


def recording(text: str = RECORDING) -> Scenario:
    file = Path("run.scenario.yaml")
    file.write_text(text, encoding="utf-8")
    (scenario,) = load_scenarios(file, unfinished=True)
    return scenario


def asked(text: str, *items: str) -> list[Row]:
    """The rows but the first, of a recording that is given by its script and callbacks."""
    return what_if(recording(f"name: a run\n{text}"), items)[1:]


def refused(*items: str, text: str = RECORDING, monitor: str | None = None) -> str:
    with pytest.raises((ScenarioFileError, UsageError)) as error:
        what_if(recording(text), items, monitor)
    return str(error.value)
