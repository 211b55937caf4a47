"""Scenario files that are written, read back."""

import re
from pathlib import Path

from hostile_texts import TEXTS
from hypothesis import given

from dryfit.facts.scalar import plain
from dryfit.facts.visible_text import in_a_line
from dryfit.scenario.layout import document
from dryfit.scenario.source import parse_documents


@given(TEXTS)
def test_a_file_has_each_text_where_it_was_put(text: str) -> None:
    """As it is, or on a line in `about`, and never in a comment.

    Half a pair of surrogates, which no file may have, is what stands for an unknown character.
    """
    written = document(
        text,
        ["about", text],
        {"metrics": {text: "1x3"}},
        [("EarlyStopping", {"monitor": text, text: [text]})],
        {"epochs_run": 3},
        comment=[text],
    )
    (read,) = parse_documents(written, Path("a"))
    text, line = re.sub("[\ud800-\udfff]", "\ufffd", text), in_a_line(text)
    assert plain(read.data) == {
        "name": text,
        "about": f"about\n{line}".rstrip("\n"),
        "script": {"metrics": {text: "1x3"}},
        "callbacks": [{"EarlyStopping": {"monitor": text, text: [text]}}],
        "expect": {"epochs_run": 3},
    }
