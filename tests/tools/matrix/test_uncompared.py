"""`dryfit migrate` tells what it could not compare, why, and is not green for it."""

import json
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from dryfit.cli import main
from dryfit.tools.matrix.cells import Cell
from dryfit.tools.matrix.ends import End
from dryfit.tools.matrix.migration import Migration, compared
from dryfit.tools.matrix.migration_pages import (
    as_migration_data,
    as_migration_markdown,
    as_migration_text,
)
from dryfit.tools.matrix.player import PlayedElsewhere

FILE = "a.scenario.yaml"
RAISED = "AttributeError: no set_value"
BACKEND = """
from tensorflow import keras
import keras.backend as K

class Mine(keras.callbacks.Callback):
    def on_epoch_begin(self, epoch, logs=None):
        K.set_value(self.model.optimizer.lr, .5)
"""
Rows = list[dict[str, Any]]


def same(name: str) -> dict[str, Any]:
    told = {"file": FILE, "slug": name, "name": name, "outcome": "passed", "failures": []}
    return {**told, "facts": {"raises": "nothing"}, "errors": [], "unplayed": ""}


def unplayed(name: str, why: str, key: str = "callbacks[0]: ") -> dict[str, Any]:
    return {**same(name), "outcome": "error", "facts": None, "unplayed": f"{FILE}:3: {key}{why}"}


def raising(name: str, failure: str = "no exception", error: str = RAISED) -> dict[str, Any]:
    failures = [{"what": "raises", "expected": failure, "got": error}]
    facts = {"raises": "AttributeError, epoch 0, by Mine"}
    return {**same(name), "facts": facts, "errors": [error], "failures": failures}


@pytest.fixture
def text(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file of scenarios, in the working directory."""
    monkeypatch.chdir(tmp_path)
    script = "script: {metrics: {loss: 1x2}}\n"
    Path(FILE).write_text(f"name: one\ncallbacks: [mine:Mine]\n{script}---\nname: two\n{script}")
    Path("mine.py").write_text(BACKEND)


def both(old: Rows, new: Rows) -> Migration:
    before = PlayedElsewhere(Cell("tf_keras:2.21"), tuple(old), {"tf-keras": "2.21.0"})
    after = PlayedElsewhere(Cell("3.15"), tuple(new), {"keras": "3.15.1"})
    return compared((before, after), "real")


def lines(found: Migration) -> list[str]:
    return as_migration_text(found).splitlines()[1:]


def test_what_one_of_the_two_does_not_play_is_told_with_its_reason() -> None:
    """Without the line of the file: the scenario is named."""
    found = both([same("one"), same("two")], [unplayed("one", "it is Keras 2's"), same("two")])
    assert lines(found) == [f"not played on Keras 3.15.1: {FILE}::one: it is Keras 2's"]
    assert as_migration_data(found)["not_played"] == [
        {"file": FILE, "slug": "one", "on": ["Keras 3.15.1"], "reason": "it is Keras 2's"}
    ]
    assert as_migration_markdown(found).splitlines()[-1] == (
        "- not played on Keras 3.15.1: a.scenario.yaml:\\:one: it is Keras 2's"
    )


def test_what_none_of_the_two_plays_is_told_once() -> None:
    """Unless each has its own reason."""
    one = [unplayed("one", "no module 'gone'", key="")]
    assert lines(both(one, one)) == [f"played on neither: {FILE}::one: no module 'gone'"]
    assert lines(both(one, [unplayed("one", "unknown callback")])) == [
        f"not played on tf_keras 2.21.0: {FILE}::one: no module 'gone'",
        f"not played on Keras 3.15.1: {FILE}::one: unknown callback",
    ]


def test_one_reason_names_three() -> None:
    """A callback's battery has a dozen scenarios; behind a plateau it is the second in the list."""
    names = [f"s{number}" for number in range(13)]
    new = [unplayed(name, "why", f"callbacks[{n % 2}]: ") for n, name in enumerate(names)]
    assert lines(both([same(name) for name in names], new)) == [
        f"not played on Keras 3.15.1: {FILE}::s0, {FILE}::s1, {FILE}::s2, 10 more, likewise: why"
    ]


def test_nothing_that_is_compared_is_told_in_the_first_line() -> None:
    """In place of 0 scenarios that decide the same."""
    one = [unplayed("one", "why")]
    told = "nothing is compared: no scenario is played on both tf_keras 2.21.0 and Keras 3.15.1"
    assert as_migration_text(both(one, one)).splitlines()[0] == f"{told}, real lane"


@pytest.mark.usefixtures("text")
def test_what_raises_on_both_is_told_with_what_it_comes_from() -> None:
    """A module that imports Keras by its name has the same one on both."""
    found = both([raising("one"), raising("two")], [raising("one"), raising("two")])
    begins = "raises on both, so nothing more is compared"
    why = (
        "mine imports keras, which is Keras 3 on both; "
        "write `from dryfit import keras` or `from tensorflow import keras`"
    )
    assert lines(found) == [
        f"{begins}: {FILE}::one: {RAISED} ({why})",
        f"{begins}: {FILE}::two: {RAISED}",
    ]
    assert found.same == 2
    assert as_migration_data(found)["raises_on_both"] == [
        {"file": FILE, "slug": "one", "error": RAISED, "why": why},
        {"file": FILE, "slug": "two", "error": RAISED, "why": None},
    ]
    assert "- raises on both, so nothing more is compared" in as_migration_markdown(found)


@pytest.mark.usefixtures("text")
def test_keras_2_15_is_keras_itself() -> None:
    """A module that imports keras has each end's own; tf_keras is Keras 2 wherever it is."""
    before = PlayedElsewhere(Cell("tf_keras:2.15"), (raising("one"),), {"keras": "2.15.0"})
    after = PlayedElsewhere(Cell("3.15"), (raising("one"),), {"keras": "3.15.1"})
    assert [one.why for one in compared((before, after), "real").raising] == [""]
    Path("mine.py").write_text(BACKEND.replace("from tensorflow import", "from tf_keras import"))
    (one,) = compared((before, after), "real").raising
    assert one.why.startswith("mine imports tf_keras, which is Keras 2 on both; ")


@pytest.mark.usefixtures("text")
def test_what_is_to_raise_is_no_such_case() -> None:
    """Also where it raises another exception than the one that is expected."""
    expected = {**raising("one"), "failures": []}
    assert both([expected], [expected]).raising == ()
    other = raising("one", "a ValueError")
    assert both([other], [other]).raising == ()


@pytest.mark.usefixtures("text")
def test_a_constructor_that_raises_on_both_is_one() -> None:
    """Its verdict is an error, without failures."""
    made = {**raising("two"), "outcome": "error", "failures": []}
    assert len(both([made], [made]).raising) == 1


@pytest.fixture
def status(text: None, monkeypatch: pytest.MonkeyPatch) -> Callable[[Rows, Rows], int]:
    """The status of the command, of what two releases play."""
    titles = {"tf_keras:2.21": {"tf-keras": "2.21.0"}, "3.15": {"keras": "3.15.1"}}

    def ended(old: Rows, new: Rows) -> int:
        ends = {legacy: End(Cell(name), Path(name), {}) for legacy, name in names.items()}
        monkeypatch.setattr(
            "dryfit.tools.matrix.ends.installed_end", lambda *, legacy: ends[legacy]
        )
        rows = {"tf_keras:2.21": old, "3.15": new}
        monkeypatch.setattr(
            "dryfit.tools.matrix.migration.play_there",
            lambda processes, python, variables, words: {
                "rows": rows[str(python)],
                "versions": titles[str(python)],
                "sources": {},
            },
        )
        return main(["migrate", FILE, "--format", "json"])

    names = {True: "tf_keras:2.21", False: "3.15"}
    return ended


def test_the_status_is_0_where_all_are_compared_alone(
    status: Callable[[Rows, Rows], int],
) -> None:
    """1 beside what is not played on one, 2 where nothing is played on both."""
    one, two, gone = same("one"), same("two"), unplayed("one", "why")
    assert status([one, two], [one, two]) == 0
    assert status([one, two], [gone, two]) == 1
    assert status([one], [gone]) == 2
    assert status([gone], [gone]) == 2


def test_the_status_is_1_where_everything_raises(status: Callable[[Rows, Rows], int]) -> None:
    """Nobody knows what it would decide; beside others it is the same, as a battery has them."""
    assert status([raising("one")], [raising("one")]) == 1
    assert status([raising("one"), same("two")], [raising("one"), same("two")]) == 0
    expected = {**raising("one"), "failures": []}
    assert status([expected], [expected]) == 0


def test_it_says_at_once_that_it_takes_a_while(
    status: Callable[[Rows, Rows], int], capsys: pytest.CaptureFixture[str]
) -> None:
    """On stderr: stdout is JSON."""
    status([same("one"), same("two")], [same("one"), same("two")])
    out, err = capsys.readouterr()
    assert err == "2 scenarios, on two releases of Keras; this takes a minute or more\n"
    assert json.loads(out)["same"] == 2


PLAYED = """
name: by its name
script: {metrics: {loss: 1x2}}
callbacks: [three:Mine]
---
name: nowhere
script: {metrics: {loss: 1x2}}
callbacks: [nowhere:Mine]
---
name: raises
script: {metrics: {loss: 1x2}}
callbacks: [mine:Mine]
---
name: is to raise
script: {metrics: {loss: 1x2}}
callbacks: [mine:Mine]
expect: {raises: {type: AttributeError}}
"""


@pytest.mark.parity
@pytest.mark.skipif(find_spec("tf_keras") is None, reason="tf_keras is not installed")
@pytest.mark.usefixtures("text")
def test_it_is_so_on_both(capsys: pytest.CaptureFixture[str]) -> None:
    """A class of Keras 3, a module that is not there, and one with the backend of Keras 3."""
    Path(FILE).write_text(PLAYED)
    Path("three.py").write_text("from keras.callbacks import Callback\nclass Mine(Callback): pass")
    assert main(["migrate", FILE, "--format", "json"]) == 1
    told = json.loads(capsys.readouterr().out)
    assert (told["same"], told["otherwise"]) == (2, [])
    first, second = told["not_played"]
    assert first["on"] == [told["from"]]
    assert first["reason"] == (
        "'three:Mine' is made for Keras 3 (keras), and migrate plays it on both: where three "
        "imports its Keras, write `from dryfit import keras` or `from tensorflow import keras`."
    )
    assert (second["slug"], second["on"]) == ("nowhere", [told["from"], told["to"]])
    (one,) = told["raises_on_both"]
    assert one["slug"] == "raises"
    assert one["error"] == "AttributeError: module 'keras.backend' has no attribute 'set_value'"
    assert one["why"].startswith("mine imports keras, which is Keras 3 on both; ")
