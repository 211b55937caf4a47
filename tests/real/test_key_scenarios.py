"""Key scenarios of the pack give the same timeline through the tutorial's network.

The key scenario of a file is its first that kills no process: a killed call plays
in a process of its own, with the smaller network. `make pack` plays all of
them with that one.
"""

from functools import partial
from pathlib import Path
from typing import Any

import pytest

from dryfit import load_scenarios
from dryfit.judge.parity import differences_of
from dryfit.lanes.networks import tutorial_network
from dryfit.scenario.load import find_files
from dryfit.scenario.playing import play_scenario
from dryfit.scenario.scenario import Scenario

PACK = Path(__file__).parents[2] / "scenarios"


def kills(scenario: Scenario) -> bool:
    """Whether a call of it ends its process."""
    keys = [call.keys for call in scenario.calls if call.keys is not None]
    return any(key.interrupt is not None and key.interrupt.raises == "kill" for key in keys)


def is_for_one_optimizer(scenario: Scenario) -> bool:
    """Whether the tutorial's network has the optimizers that it says: it has one."""
    return not any(call.keys.optimizers for call in scenario.calls if call.keys is not None)


KEY = [
    next(scenario for scenario in scenarios if not kills(scenario))
    for scenarios in map(load_scenarios, find_files([PACK]))
    if all(map(is_for_one_optimizer, scenarios))
]


def _id(scenario: Scenario) -> str:
    return f"{scenario.file.relative_to(PACK)}::{scenario.slug}"


@pytest.mark.parametrize("scenario", KEY, ids=_id)
def test_the_tutorials_network_gives_the_same_timeline(scenario: Scenario) -> None:
    """Timelines, histories, files and errors of every call."""
    if scenario.condition is not None and (unmet := scenario.condition.unmet()):
        pytest.skip(unmet)
    # Tracing takes longer than a few batches; the tutorial's scenarios have a hundred.
    eagerly = scenario.file.parent.name != "tutorial"
    network = partial(tutorial_network, run_eagerly=eagerly, jit_compile=False)
    fake = play_scenario(scenario, "fake")
    real = play_scenario(scenario, "real", network=network)
    assert differences_of(fake, real) == [[] for _ in fake]


def test_the_network_is_the_tutorials() -> None:
    """Flatten, Dense 128 relu, Dropout 0.2, Dense 10; RMSprop, cross-entropy from logits."""
    model: Any = tutorial_network()
    names = [type(layer).__name__ for layer in model.layers]
    assert names == ["IdentityTag", "Flatten", "Dense", "Dropout", "Dense"]
    _, _, hidden, dropout, logits = model.layers
    assert (hidden.units, hidden.activation.__name__, dropout.rate) == (128, "relu", 0.2)
    assert (logits.units, logits.activation.__name__) == (10, "linear")
    assert type(model.optimizer).__name__ == "RMSprop"
    assert model.loss.get_config()["from_logits"]
