"""Texts in another language are read back by that language's own parser as what they were."""

import json
import re
from dataclasses import replace
from html.parser import HTMLParser
from io import StringIO
from pathlib import Path
from xml.etree import ElementTree

import pytest
from hostile_texts import HOSTILE, TEXTS
from hypothesis import given
from judged import FAILS, entries
from keras.callbacks import Callback
from markdown_it import MarkdownIt
from rich.console import Console

from dryfit import load_scenarios, play
from dryfit.facts.visible_text import in_a_line, is_seen, visible
from dryfit.judge.explain import explain
from dryfit.judge.verdict import Verdict, judge
from dryfit.run.run import Run
from dryfit.show import github
from dryfit.show.grid import Column, as_grid, as_pipes
from dryfit.show.json_text import json_text
from dryfit.show.markdown import code, fenced, pipes, plain
from dryfit.show.page.entry import of_test, of_verdict
from dryfit.show.page.page import as_html
from dryfit.show.page.templating import templates
from dryfit.show.plot.plot import as_svg

COLOUR = re.compile(r"\x1b\[[0-9;]*m")  # what rich writes


def texts_of(markdown: str) -> list[str]:
    """The text of each piece of Markdown, if there is no markup in it but code."""
    found = []
    for token in MarkdownIt("commonmark").enable("table").parse(markdown):
        children = token.children or []
        assert {child.type for child in children} <= {"text", "text_special", "code_inline"}
        if token.type == "inline":
            found.append("".join(child.content for child in children))
        assert token.type not in ("html_block", "code_block", "hr", "blockquote_open")
    return found


@given(TEXTS)
def test_markdown_reads_a_text_as_it_is(text: str) -> None:
    """In a cell, a heading and an item of a list."""
    line = in_a_line(text)
    table = "\n".join(pipes(["a", plain(text)], [":---", "---:"], [[plain(text), "b"]]))
    assert texts_of(table) == ["a", line, line, "b"]
    assert texts_of(f"### {plain(text)}") == [line]
    assert texts_of(f"- {plain(text)}") == ([line] if line else [])


@given(TEXTS)
def test_markdown_reads_a_name_as_it_is(text: str) -> None:
    """Code in a cell, whatever of backticks, bars and backslashes is in it."""
    line = in_a_line(text)
    table = as_pipes([Column("a", "name", [text]), Column("b", "words", ["c"])])
    assert texts_of(table) == ["a", "b", line, "c"]
    assert texts_of(f"x {code(text)} y") == [f"x {line} y" if line else "x  y"]


@given(TEXTS)
def test_nothing_ends_a_block_of_lines(text: str) -> None:
    """Also where the lines have fences of their own."""
    (token,) = MarkdownIt("commonmark").parse(fenced(text))
    assert (token.type, token.info, token.content) == ("fence", "text", f"{visible(text)}\n")


@given(TEXTS)
def test_a_workflow_command_says_a_text_as_it_is(text: str) -> None:
    """One line, which GitHub's runner takes apart so: properties first, then the rest."""

    def unescaped(written: str) -> str:
        for mark, letter in (
            ("%3A", ":"),
            ("%2C", ","),
            ("%0D", "\r"),
            ("%0A", "\n"),
            ("%25", "%"),
        ):
            written = written.replace(mark, letter)
        return written

    (command,) = github.error(text, 3, text, text).splitlines()
    _, head, message = command.split("::", 2)
    properties = dict(part.split("=", 1) for part in head.removeprefix("error ").split(","))
    assert {key: unescaped(value) for key, value in properties.items()} == {
        "file": visible(text),
        "line": "3",
        "title": visible(text),
    }
    # What is escaped in properties only is never escaped here.
    assert message.replace("%0A", "\n").replace("%25", "%") == visible(text)


class _Page(HTMLParser):
    """What a browser would make of a page: elements, attributes' values, texts."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.values: list[str | None] = []
        self.text = ""
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.values += [value for _, value in attrs]

    def handle_data(self, data: str) -> None:
        self.text += data


@given(TEXTS)
def test_html_shows_a_text_as_it_is(text: str) -> None:
    """As a text and as an attribute's value."""
    template = templates("dryfit.show.page").from_string('<p title="{{ text }}">{{ text }}</p>')
    page = _Page(template.render(text=text))
    assert (page.tags, page.values, page.text) == (["p"], [visible(text)], visible(text))


@given(TEXTS)
def test_json_reads_a_text_back(text: str) -> None:
    """Every reader, and a person sees what is in it; two halves of a pair become one there."""
    written = json_text({text: [text]})
    both = text.encode("utf-16", "surrogatepass").decode("utf-16", "surrogatepass")
    assert json.loads(written) == {both: [both]}
    assert all(map(is_seen, written))


@given(TEXTS)
def test_a_table_shows_a_text_as_it_is(text: str) -> None:
    """Every letter of it, in a terminal as well, where only our own colours are."""
    columns = [Column(text, "name", ["x"]), Column("y", "words", [text])]
    terminal = Console(file=StringIO(), width=200, force_terminal=True, _environ={})
    for drawn in (as_grid(columns), COLOUR.sub("", as_grid(columns, terminal))):
        assert all(map(is_seen, drawn))
        letters = sorted("".join(drawn.replace("\N{BOX DRAWINGS LIGHT HORIZONTAL}", "").split()))
        mine = f"xy{visible(text)}{visible(text)}".replace("\N{BOX DRAWINGS LIGHT HORIZONTAL}", "")
        assert letters == sorted("".join(mine.split()))


class Says(Callback):
    """Has a text for its state, writes it into the logs, warns of it and raises it."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.text = text
        self.note = ""

    def on_epoch_end(self, epoch: int, logs: dict[str, object] | None = None) -> None:
        self.note = self.text
        if epoch:
            raise ValueError(self.text)


def run_of(text: str) -> Run:
    """A run in which everything that can have a name has this one."""
    kind = type(text.replace("\0", "0").encode("utf-8", "replace").decode(), (Says,), {})
    with pytest.raises(ValueError) as raised:  # noqa: PT011
        play({"loss": 1, text: ".9 .5 .4"}, [kind(text)])
    run: Run = raised.value.run  # type: ignore[attr-defined]
    return run


@pytest.mark.parametrize("text", HOSTILE, ids=ascii)
def test_no_name_loses_a_run(text: str) -> None:
    """Its table, its picture and its page can be written and read."""
    run = run_of(text)
    table, svg = run.table(), as_svg(run, text)
    assert all(map(is_seen, table))
    ElementTree.fromstring(svg)
    page = as_html([of_test(text, text, 1, text, [run], draw=as_svg)])
    assert all(map(is_seen, page))
    assert in_a_line(text) in in_a_line(_Page(page).text)
    assert _Page(page).tags.count("script") == 1  # our own


def renamed(folder: Path, text: str) -> Verdict:
    """A scenario of this name that does not hold."""
    file = folder / "a.scenario.yaml"
    file.write_text(FAILS, encoding="utf-8")
    (scenario,) = load_scenarios(file)
    return judge(replace(scenario, name=text, about=text, source=(text,)), "fake")


@pytest.mark.parametrize("text", HOSTILE, ids=ascii)
def test_no_name_loses_a_verdict(text: str, tmp_path: Path) -> None:
    """In words, as an annotation, in a summary, in a JUnit file and on a page."""
    verdict = renamed(tmp_path, text)
    entry = of_verdict(verdict)
    (annotation,) = github.annotations([entry])
    told = [explain(verdict), annotation, github.job_summary([entry]), as_html([entry])]
    told += [value for _, value in github.properties(entry)]
    assert all(is_seen(letter) for each in told for letter in each)
    assert annotation.count("\n") == 0
    assert "expected 2, got 1" in annotation


def test_a_page_of_a_scenario_has_no_markup_of_its_texts(tmp_path: Path) -> None:
    """The same elements whatever the name is, but for those that give lines their colours."""
    (entry,) = entries(tmp_path, FAILS)
    tags = {
        text: _Page(as_html([{**entry, "name": text, "about": text or "x", "lines": [text]}])).tags
        for text in HOSTILE
    }
    assert len({tuple(tag for tag in found if tag != "span") for found in tags.values()}) == 1
