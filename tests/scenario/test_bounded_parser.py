"""YAML within bounds: with libyaml and without, and what YAML 1.2 says of a scalar."""

import sys
from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest
from yaml import YAMLError

from dryfit.facts.yaml_scalars import resolved
from dryfit.scenario import bounded_parser
from dryfit.scenario.problems import ScenarioFileError
from dryfit.scenario.source import parse_documents

TESTS = Path(__file__).parents[1]
FILES = sorted(
    path
    for folder in (TESTS.parent / "scenarios", TESTS / "data", TESTS / "fuzz" / "corpus")
    for path in folder.rglob("*.scenario.yaml")
    if path.is_file()
)


def _texts() -> Iterator[str]:
    """Every scenario file that there is, and damaged copies of the short ones."""
    sys.path.insert(0, str(TESTS / "fuzz"))
    try:
        from damage import damaged
    finally:
        sys.path.pop(0)
    contents = [path.read_bytes() for path in FILES]
    short = [content for content in contents if len(content) < 2000]
    for content in (*contents, *(damaged(Random(f"damaged {n}"), short) for n in range(400))):
        text = content.decode("utf-8", "replace")
        if "?" not in text:  # PyYAML's own parser has none within a text in braces; YAML has
            yield text


def _read(text: str) -> tuple[str, str]:
    try:
        return "read", repr(parse_documents(text, Path("a")))  # as text, nan equals nan
    except ScenarioFileError as error:
        return "refused", str(error)


def test_without_libyaml_all_is_read_alike(monkeypatch: pytest.MonkeyPatch) -> None:
    """Values, lines, and every word of what is refused."""
    texts = list(_texts())
    read = [_read(text) for text in texts]
    assert sum(how == "refused" for how, _ in read) > 100
    monkeypatch.setattr(bounded_parser, "LIBYAML", None)
    for text, found in zip(texts, read, strict=True):
        assert _read(text) == found, text


def test_where_libyaml_is_there_it_parses(monkeypatch: pytest.MonkeyPatch) -> None:
    """The parser in Python is for what libyaml refuses."""
    if bounded_parser.LIBYAML is None:
        pytest.skip("this PyYAML has no libyaml")
    monkeypatch.setattr(bounded_parser, "SafeLoader", None)
    (node,) = bounded_parser.compose("a: [1]", Path("a"))
    assert [key.value for key, _ in node.value] == ["a"]
    monkeypatch.undo()
    with pytest.raises(YAMLError, match="could not find expected ':'"):
        bounded_parser.compose("a: 1\nb\n", Path("a"))


@pytest.mark.parametrize(
    ("text", "value"),
    [
        *((text, None) for text in ("", "~", "null", "NULL")),
        *(("True", True), ("false", False)),
        *(("010", 10), ("-7", -7), ("0o17", 15), ("0xfF", 255), ("-0x10", -16)),
        *(("1.", 1.0), (".5", 0.5), (".5e3", 500.0), ("-1e-3", -0.001), ("+.INF", float("inf"))),
        *((text, text) for text in ("yes", "off", "1_0", "0b1", "0o9", "1:30", "2024-01-01")),
        *((text, text) for text in ("=", "<<", ".", "+", "e5", "1e", "inf", "nan", "-.nan", "0x")),
    ],
)
def test_a_scalar_is_what_yaml_1_2_says(text: str, value: object) -> None:
    """Its core schema, section 10.3.2; a sign before 0x and 0o is taken besides."""
    assert (type(resolved(text)), resolved(text)) == (type(value), value)
