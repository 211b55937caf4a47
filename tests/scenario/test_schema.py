"""The JSON Schema takes what a file may say, and refuses what it may not."""

from typing import Any

import pytest
from jsonschema import Draft202012Validator

from dryfit.scenario.schema import SETTINGS, Expect, json_schema

SCENARIO: dict[str, Any] = {
    "name": "a",
    "script": {"metrics": {"loss": "1x3"}},
    "expect": {"epochs_run": 3},
}
VALIDATOR = Draft202012Validator(json_schema())
WRONG = {
    name: value
    for names, value in (
        (("epochs_run",), "three"),
        (("epochs",), {"a": 1}),
        (("learning_rate", "learning_rate_after"), {"a": {"b": 1}}),
        (("stopped", "raises", "weights"), {"no_such_key": 1}),
        (("restored", "checkpoints", "slept"), [{"no_such_key": 1}]),
        (("reductions", "overrides", "unused"), [{"no_such_key": 1}]),
        (("state", "history", "logs", "indices"), 7),
        (("files", "hooks"), 7),
        (("last_hook",), ["on_train_end"]),
        (("warnings", "prints"), [{"match": "a"}]),
        (("tolerance",), "loose"),
        (("accepted",), "perhaps"),
        (("ranks",), ["stop_togehter"]),
    )
    for name in names
}


def test_every_key_has_a_wrong_value_below() -> None:
    """A key that is added gets one."""
    assert set(WRONG) == set(Expect.model_fields)
    assert set(SETTINGS) < set(WRONG)


def test_a_scenario_is_taken() -> None:
    """With each way to say that nothing happens."""
    nevers = ("stopped", "restored", "reductions", "checkpoints", "slept", "warnings", "prints")
    expect = dict.fromkeys(nevers, "never") | {"overrides": {"Callback": [1]}}
    assert list(VALIDATOR.iter_errors(SCENARIO | {"expect": expect})) == []


@pytest.mark.parametrize("name", sorted(WRONG))
def test_a_wrong_value_is_refused(name: str) -> None:
    """By the schema alone: nothing else is expected of this scenario."""
    assert not VALIDATOR.is_valid(SCENARIO | {"expect": {name: WRONG[name]}})


@pytest.mark.parametrize("key", ["name", "script", "expect", "callbacks"])
def test_a_scenario_is_refused_where_it_is_no_mapping_or_text(key: str) -> None:
    """Every part has a type."""
    assert not VALIDATOR.is_valid(SCENARIO | {key: 7.5 if key != "name" else []})


def test_an_unknown_key_is_refused() -> None:
    """At the top and in a script."""
    assert not VALIDATOR.is_valid(SCENARIO | {"no_such_key": 1})
    assert not VALIDATOR.is_valid(SCENARIO | {"script": {"no_such_key": 1}})
