"""Texts as people see them."""

from hostile_texts import HOSTILE, TEXTS
from hypothesis import given
from hypothesis import strategies as st

from dryfit.facts.visible_text import in_a_line, visible

STEER = "\0\x07\x08\x1b\x7f\x85\x9b\r\v\f\x1c\u200b\u200e\u200f\u061c\u2028\u2029\ufeff\U000e0041"
TURN = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"


@given(TEXTS)
def test_what_steers_or_hides_is_never_in_it(text: str) -> None:
    """Escape sequences, marks of direction, halves of surrogate pairs; it can be encoded."""
    shown = visible(text)
    assert set(shown).isdisjoint(STEER + TURN)
    shown.encode("utf-8")
    assert visible(shown) == shown


@given(st.text(st.characters(categories=["L", "N", "P", "S", "Zs", "Mn"]), max_size=20))
def test_what_can_be_seen_stays(text: str) -> None:
    """Letters of any language, marks, symbols and spaces."""
    assert visible(text) == text


def test_what_cannot_be_seen_is_its_escape() -> None:
    """As Python writes it, so that a reader can look it up."""
    assert visible("\x1b[31m\u202e\ud800\U000e0041\r") == r"\x1b[31m\u202e\ud800\U000e0041\r"
    assert visible("one\r\ntwo\n") == "one\ntwo\n"
    assert visible("\U0001f469\u200d\U0001f680") == "\U0001f469\u200d\U0001f680"


@given(TEXTS)
def test_a_line_is_one_line(text: str) -> None:
    """Whatever a system, or Python, takes for the end of one."""
    assert len(in_a_line(text).splitlines()) <= 1


def test_a_line_has_all_words() -> None:
    """Only the space between them is another."""
    assert in_a_line("  expected:\n\t nan ") == "expected: nan"
    assert [in_a_line(text) == "" for text in HOSTILE].count(True) == 2
