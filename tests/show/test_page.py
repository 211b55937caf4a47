"""The page, without a browser: what is on it and in which order."""

import re
from pathlib import Path

import pytest
from judged import FAILS, HOLDS, MARKUP, entries

from dryfit.cli import main
from dryfit.show.page import entry, page, templating
from dryfit.show.page.banner import Provenance, provenance
from dryfit.show.page.links import link
from dryfit.show.page.places import Places

DEFECT = """\
name: a cooldown of one epoch waits for one epoch
script: {learning_rate: 1, metrics: {loss: 1x4}}
callbacks: [ReduceLROnPlateau: {monitor: loss, patience: 1, cooldown: 1, factor: .5}]
expect: {learning_rate_after: 1 .5 .5 .25}
known_defect:
  id: keras#1
  instead: {learning_rate_after: 1 .5 .25 .125}
"""


MADE = Provenance(
    "2026-01-02 03:04 UTC", "dryfit 9, Keras 8 on jax, Python 7", "dryfit run <b>", "here"
)


def headings(html: str) -> list[str]:
    """What the page and its parts are headed by."""
    return [
        re.sub("<.*?>", "", found) for found in re.findall(r"<h[12]>(.*?)(?: <small|</h)", html)
    ]


def test_the_banner_has_the_verdict_and_where_it_is_from(tmp_path: Path) -> None:
    """In words and in a colour; without provenance there is none."""
    found = entries(tmp_path / "pack", f"{HOLDS}---\n{FAILS}")
    html = page.as_html(found, MADE)
    assert headings(html) == ["1 of 2 does not hold", "Does not hold", "pack"]
    assert '<header class="banner bad">' in html
    for told in ("2026-01-02 03:04 UTC", MADE.versions, "<code>dryfit run &lt;b&gt;</code>"):
        assert f"<dd>{told}</dd>" in html
    assert headings(page.as_html(found[:1]))[0] == "It holds"
    assert "<dl" not in page.as_html(found)
    assert headings(page.as_html([])) == ["Nothing was played"]


def test_a_page_made_at_a_given_time_is_the_same_each_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """As other tools take it that make what can be made again."""
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "86400")
    made = provenance(["dryfit", "run", "a b"])
    assert (made.date, made.command) == ("1970-01-02 00:00 UTC", "dryfit run 'a b'")


def test_files_are_named_without_what_they_have_in_common() -> None:
    """And a folder that has no name in the files' is called what it is called."""
    places = Places.of(["x/y/a.yaml", "x/y/z/b.yaml"])
    assert (places.short("x/y/z/b.yaml"), places.folder("x/y/a.yaml")) == ("z/b.yaml", "y")
    assert Places.of(["a.yaml", "z/b.yaml"], "here").folder("a.yaml") == "here"
    mixed = Places.of(["/x/a.yaml", "x/b.yaml"])
    assert mixed.short("/x/a.yaml") == "/x/a.yaml"


def test_failures_come_first(tmp_path: Path) -> None:
    """Whatever the order of the file."""
    found = page.cases(entries(tmp_path / "pack", f"{HOLDS}---\n{FAILS}"))
    assert [(case.first["name"], case.outcome) for case in found] == [
        ("stops too late", "failed"),
        ("stops", "passed"),
    ]


def test_a_line_says_what_came_of_it(tmp_path: Path) -> None:
    """The comment above the scenario belongs to it; numbers are those of the file."""
    failing = entries(tmp_path / "pack", f"{HOLDS}---\n{FAILS}")[1:]
    lines = list(page._lines(failing))
    assert [(line.number, line.text) for line in lines] == list(enumerate(FAILS.splitlines(), 7))
    assert [(line.number, line.mark, line.notes) for line in lines if line.mark] == [
        (13, "met", ()),
        (14, "missed", ("stopped.epoch, epoch 1: got 1",)),
    ]


def test_a_known_defect_shows_which_promise_is_broken(tmp_path: Path) -> None:
    """And that what happens today is as told."""
    after = [(2, 0.25), (3, 0.125)]
    lines = page._lines(entries(tmp_path, DEFECT))
    assert [(line.number, line.mark, line.notes) for line in lines if line.mark] == [
        (4, "broken", tuple(f"learning_rate_after, epoch {e}: got {r}" for e, r in after)),
        (7, "met", ()),
    ]


def test_lanes_that_agree_share_table_and_picture(tmp_path: Path) -> None:
    """The facts stand side by side."""
    (case,) = page.cases(entries(tmp_path, HOLDS, "fake", "real", drawn=True))
    (call,) = case.calls
    assert call.lanes == ("fake", "real")
    assert call.facts[:2] == (
        ("epochs run", ("2", "2")),
        ("stopped", ("epoch 1, by EarlyStopping", "epoch 1, by EarlyStopping")),
    )
    assert [title for title, _ in call.tables] == ["the same in both lanes"]
    assert [lane for lane, *_ in call.pictures] == ["fake"]


def test_lanes_that_differ_have_a_table_each(tmp_path: Path) -> None:
    """One below the other's name, and the outcome is the worse of them."""
    fake, real = entries(tmp_path, HOLDS, "fake", "real")
    real["outcome"] = "failed"
    real["runs"][0]["table"] = "another\ntable"
    (case,) = page.cases([fake, real])
    assert case.outcome == "failed"
    assert [title for title, _ in case.calls[0].tables] == ["fake lane", "real lane"]


def test_text_of_users_is_text(tmp_path: Path) -> None:
    """In names, sources, metrics, tables and pictures; the only script is the page's."""
    html = page.as_html(entries(tmp_path, MARKUP, drawn=True))
    assert html.count("<script") == 1
    assert "<img" not in html
    assert 'href="javascript' not in html
    assert '<a href="https://example.org/?a=1&amp;b=&lt;b&gt;"' in html
    assert "&lt;script&gt;document.title = &#39;hit&#39;&lt;/script&gt;" in html


def test_nothing_is_loaded(tmp_path: Path) -> None:
    """The page names no other file, but for links that a reader follows."""
    html = page.as_html(entries(tmp_path, f"{HOLDS}---\n{FAILS}", drawn=True))
    assert re.findall(r'\b(?:src|data|href|action)="(?!#)([^"]*)"', html) == [
        "https://github.com/keras-team/keras/issues/8829"
    ]
    assert not re.search(r"@import|url\((?!#)", html)


def test_two_pictures_share_no_id(tmp_path: Path) -> None:
    """Else one picture's clip path would be another's."""
    html = page.as_html(entries(tmp_path, f"{HOLDS}---\n{FAILS}", drawn=True))
    ids = re.findall(r'\bid="([^"]+)"', html)
    assert html.count('class="picture"') == 2
    assert len(ids) == len(set(ids))
    assert set(re.findall(r"url\(#([^)]+)\)", html)) <= set(ids)


def test_without_matplotlib_the_page_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And has everything else."""
    for module in (entry, page):
        monkeypatch.setattr(module, "can_draw", lambda: False)
    html = page.as_html(entries(tmp_path, HOLDS, drawn=True))
    assert 'class="picture"' not in html
    assert "Pictures need matplotlib" in html


@pytest.mark.parametrize(
    ("source", "url"),
    [
        ("keras#8829", "https://github.com/keras-team/keras/issues/8829"),
        ("tfk#255", "https://github.com/keras-team/tf-keras/issues/255"),
        ("Lightning-AI/x.y#3", "https://github.com/Lightning-AI/x.y/issues/3"),
        ("SO 49035200", "https://stackoverflow.com/q/49035200"),
        ("https://keras.io/api/", "https://keras.io/api/"),
        (
            "keras/src/callbacks/early_stopping.py",
            "https://github.com/keras-team/keras/blob/master/keras/src/callbacks/early_stopping.py",
        ),
        ("nobody-knows#3", ""),
        ("hand", ""),
        ("javascript:alert(1)", ""),
    ],
)
def test_a_source_is_a_link_where_it_can_be(source: str, url: str) -> None:
    """Threads, questions, files of Keras and addresses."""
    assert link(source) == url


def test_the_command_writes_a_page(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Of what fails too; what is printed stays as it is without, and stderr says where it is."""
    file = tmp_path / "a.scenario.yaml"
    file.write_text(f"{HOLDS}---\n{FAILS}", encoding="utf-8")
    assert main(["run", str(file)]) == 1
    printed = capsys.readouterr().out
    assert main(["run", str(file), "--report", str(tmp_path / "r.html")]) == 1
    assert capsys.readouterr() == (printed, f"wrote {tmp_path / 'r.html'}\n")
    assert "stops too late" in (tmp_path / "r.html").read_text(encoding="utf-8")


def test_a_place_that_is_not_there_is_an_error_before_anything_is_played(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """With what to do about it; the scenario file need not even be there."""
    report = tmp_path / "none" / "r.html"
    assert main(["run", "nothing.scenario.yaml", "--report", str(report)]) == 2
    assert capsys.readouterr().err == (
        f"dryfit run: --report: cannot write {report}: "
        f"there is no folder {report.parent}; make it first\n"
    )
    assert main(["run", "nothing.scenario.yaml", "--report", str(tmp_path)]) == 2
    assert capsys.readouterr().err == (
        f"dryfit run: --report: cannot write {tmp_path}: "
        f"it is a folder; name a file, such as report.html\n"
    )


def test_without_jinja_the_error_names_the_extra(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Before anything is played, too."""
    monkeypatch.setattr(templating, "find_spec", lambda name: None)
    assert main(["run", "nothing.scenario.yaml", "--report", str(tmp_path / "r.html")]) == 2
    assert capsys.readouterr().err == (
        "dryfit run: --report: a report needs jinja2: pip install 'dryfit[report]'\n"
    )
