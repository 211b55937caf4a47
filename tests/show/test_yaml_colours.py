"""A scenario's lines keep their text, and what is a key, quoted or a comment has its colour."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from dryfit.show.page.yaml_colours import coloured


def colours(text: str) -> list[tuple[str, str]]:
    """What has a colour, with its name."""
    return [(name, piece) for line in coloured(text.split("\n")) for name, piece in line if name]


@given(st.lists(st.text(st.sampled_from("a:#'\"|>{}[],&*!-?%@ \t\\\x00\x85\u2028\ufeff\ud800é🎉"))))
@example(["a: 'not", "b: 1"])
@example(["\ufeffa: b"])
@example(["\ud800"])
def test_no_text_is_lost(lines: list[str]) -> None:
    """Whatever is no YAML either."""
    assert ["".join(text for _, text in line) for line in coloured(lines)] == lines


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("loss: 1 .9", [("key", "loss")]),
        ("- timing:Save: {minutes: 10}", [("key", "timing:Save"), ("key", "minutes")]),
        ("'a b': \"c\"", [("key", "'a b'"), ("quoted", '"c"')]),
        ("🎉é: 'ü'  # ö", [("key", "🎉é"), ("quoted", "'ü'"), ("comment", "# ö")]),
        ("\ufeffa: 'b'", [("key", "a"), ("quoted", "'b'")]),  # as Windows' editors begin a file
        ("url: a#b # c", [("key", "url"), ("comment", "# c")]),
        ("a: '# b'", [("key", "a"), ("quoted", "'# b'")]),
        ("a: 'b\n  c'", [("key", "a"), ("quoted", "'b"), ("quoted", "  c'")]),
        ("a: |\n  # b\n# c", [("key", "a"), ("comment", "# c")]),
        ("a: | # b\n  # c", [("key", "a"), ("comment", "# b")]),
        ("&x a: &y 'b'", [("key", "a"), ("quoted", "'b'")]),
        ("# a\n#b\nc: 1", [("comment", "# a"), ("comment", "#b"), ("key", "c")]),
        ("a: 'not # closed", [("key", "a")]),
    ],
)
def test_colours(text: str, expected: list[tuple[str, str]]) -> None:
    """By YAML 1.2.2: 6.6 of comments, 7.3 of quoted texts, 8.1 of blocks, which have none."""
    assert colours(text) == expected
