"""docs/glossary.md: in order, and its words are those of the pages."""

import re
from pathlib import Path

import pytest

DOCS = Path(__file__).parents[2] / "docs"
ROWS = re.findall(
    r"^\| ([^|`]+) \| .* \| \[(.*)\]\((.*?)(?:#.*)?\) \|$",
    (DOCS / "glossary.md").read_text(encoding="utf-8"),
    re.M,
)


def test_the_words_are_in_order() -> None:
    """Of the alphabet, each once."""
    words = [word for word, _, _ in ROWS]
    assert words == sorted(set(words))


@pytest.mark.parametrize(("word", "title", "page"), ROWS, ids=[word for word, _, _ in ROWS])
def test_the_page_has_the_word(word: str, title: str, page: str) -> None:
    """And it is called what the link says; a key of a file has `_` between its words."""
    text = (DOCS / page).read_text(encoding="utf-8")
    assert re.search(rf"^# {re.escape(title)}$", text, re.M)
    assert re.search(rf"\b{re.sub('[ -]', '.', word)}", text, re.I)
