"""A key of `expect` is one object: adding one is one class, and its place in the list."""

import json
import os
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from dryfit import play
from dryfit.facts.expect_keys import BY_NAME, FACTS
from dryfit.facts.fact import Fact
from dryfit.run.run import Run
from dryfit.scenario.schema import SETTINGS, Expect, json_schema


@dataclass
class Came:
    """An outcome, by hand."""

    run: Run | None
    error: BaseException | None = None
    files: dict[str, Any] = field(default_factory=dict)
    message: str = ""


def test_the_fields_of_expect_are_the_facts_and_the_settings() -> None:
    """In the order of a file."""
    assert list(Expect.model_fields) == [*(fact.name for fact in FACTS), *SETTINGS]


def test_the_schema_has_a_property_for_each() -> None:
    """And no others."""
    schema = json_schema()["$defs"]["Expect"]
    assert list(schema["properties"]) == [*(fact.name for fact in FACTS), *SETTINGS]
    assert schema["additionalProperties"] is False


def test_names_are_unique() -> None:
    """A name finds its fact."""
    assert len(BY_NAME) == len(FACTS)


def test_a_new_key_is_one_class() -> None:
    """Put into the list, it is read, compared, written and shown; nothing else knows of it."""
    script = Path(__file__).with_name("a_new_key.py")
    environment = {name: value for name, value in os.environ.items() if name != "CI"}  # accept
    ended = subprocess.run(
        [sys.executable, script], capture_output=True, text=True, env=environment
    )
    assert ended.returncode == 0, ended.stderr
    assert json.loads(ended.stdout) == {
        "schema": None,
        "failures": ["2"],
        "json": 2,
        "accepted": "expect: {callback_count: 2, accepted: true}",
        "page": "2",
        "matrix": "2",
        "standalone": True,
        "recorded": True,
        "explored": {"callback_count": 1},
    }


@pytest.mark.parametrize("fact", FACTS, ids=lambda fact: fact.name)
def test_every_key_says_something_of_every_run(fact: Fact) -> None:
    """Of one in which next to nothing happens."""
    came = Came(play({"loss": "1 .5"}), error=ValueError("x"))
    if not fact.without_a_run:
        fact.of(came.run)
    assert fact.write(came, None, exact=False)
    if fact.name not in ("state", "logs"):  # which say what is asked of them alone
        assert dict(fact.texts(came, []))
