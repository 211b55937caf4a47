"""A text is written so that it reads as the same text."""

from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from yaml import safe_load

from dryfit.facts.scalar import Scalar
from dryfit.facts.texts import written
from dryfit.scenario.source import parse_documents

ANY = st.text() | st.text(st.characters(exclude_categories=["Cs"]), max_size=3)


@example("null")
@example("yes")
@example("~")
@example("1e3")
@example("2001-99-99")
@example("a: b")
@example("a #b")
@example(" a ")
@example("- a")
@example("-")
@example("---")
@example("\x00\x7f\x85\u2028\ufeff\U0001f600")
@settings(deadline=None)  # however busy the machine is
@given(ANY)
def test_a_text_reads_as_itself(text: str) -> None:
    """As an item, as a value and as a key, whatever stands in it."""
    there = parse_documents(f"a: [{written(text)}]\nb: {written(text)}\n", Path("a"))[0].data
    assert there == {"a": [Scalar(text, text)], "b": Scalar(text, text)}
    key = safe_load(f"{{{written(text)}: 1}}")
    assert key == {text: 1}


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("on_epoch_end 3", "on_epoch_end 3"),
        ("folder/1.weights.h5", "folder/1.weights.h5"),
        ("true", '"true"'),
        ('a "b" \\', r'"a \"b\" \\"'),
        ("学习率", "学习率"),
        ("a\tb\U000e0001", r'"a\tb\U000e0001"'),
        ("a\ud800", '"a\N{REPLACEMENT CHARACTER}"'),  # half a pair is no character
    ],
)
def test_quotes_stand_only_where_they_are_needed(text: str, shown: str) -> None:
    """Names and paths are written plainly."""
    assert written(text) == shown
