"""The table as text, Markdown, JSON and HTML."""

from html.parser import HTMLParser
from typing import Any

from stand_in import play

from dryfit.tools.matrix.across_releases import ReleaseTable, table
from dryfit.tools.matrix.cells import Cell
from dryfit.tools.matrix.matrix_pages import as_data, as_html, as_markdown, as_text, contrast
from dryfit.tools.matrix.player import PlayedElsewhere

HERE = {"jax": "0.10.2", "numpy": "2.4.6", "python": "3.11.7"}


def cell(release: str, *rows: dict[str, Any]) -> PlayedElsewhere:
    return PlayedElsewhere(Cell(release), rows, {**HERE, "keras": release})


def changing() -> ReleaseTable:
    """One scenario that changes, one that is the same, and a cell that broke."""
    same = play({"epochs_run": "1"}, slug="same")
    return table(
        [
            cell("3.6.0", play({"epochs_run": "3", "stopped": "never"}), same),
            cell("3.7.0", play({"epochs_run": "6", "stopped": "never"}), same),
            cell("3.8.0", play({"epochs_run": "6", "stopped": "never"}), same),
            PlayedElsewhere(Cell("3.99"), error="no such release"),
        ]
    )


def failing() -> ReleaseTable:
    """A scenario that is not as it expects in one of two releases."""
    mismatch = {"what": "epochs_run", "epoch": 2, "expected": "3", "got": "6", "line": 7}
    failed = play({"epochs_run": "6"}, outcome="failed", failures=[mismatch])
    return table([cell("3.6.0", play({"epochs_run": "3"})), cell("3.7.0", failed)])


def test_text() -> None:
    """Cells, a row for each scenario, and below it what changes."""
    assert as_text(changing(), changes_only=False) == (
        "3.6.0  jax 0.10.2, numpy 2.4.6, Python 3.11.7: 2 passed\n"
        "3.7.0  jax 0.10.2, numpy 2.4.6, Python 3.11.7: 2 passed\n"
        "3.8.0  jax 0.10.2, numpy 2.4.6, Python 3.11.7: 2 passed\n"
        "3.99   not played: no such release\n"
        "\n"
        "3.6.0 3.7.0 3.8.0  3.99\n"
        "    a     b     b        a.scenario.yaml: stops\n"
        "    3.7.0, not as 3.6.0:\n"
        "      epochs_run: 6  (was 3)\n"
        "    a     a     a        a.scenario.yaml: same\n"
        "\n"
        "The same letter: the same decisions. *: a known defect, ! not as the scenario expects, "
        "- not played.\n"
        "2 scenarios in 3 of 4 cells; 1 not the same in all"
    )


def test_changes_only() -> None:
    """What is the same is counted and not shown."""
    shown = as_text(changing(), changes_only=True)
    assert "a.scenario.yaml: same" not in shown
    assert shown.endswith("2 scenarios in 3 of 4 cells; 1 not the same in all")


def test_what_does_not_hold_is_told() -> None:
    """With a mark, each mismatch, and a count."""
    lines = as_text(failing(), changes_only=True).splitlines()
    assert "    a    b!  a.scenario.yaml: stops" in lines
    at = lines.index("3.7.0: a.scenario.yaml: stops: not as expected")
    assert lines[at + 1] == "    epochs_run, epoch 2: exp: 3 got: 6"
    assert lines[-1] == "1 scenario in 2 of 2 cells; 1 not the same in all; 1 time not as expected"


def test_markdown() -> None:
    """Neighbours that decide the same are one column of a scenario's own table."""
    shown = as_markdown(changing(), changes_only=True)
    assert (
        "| scenario | 3.6.0 | 3.7.0 | 3.8.0 | 3.99 |\n| :--- | :-: | :-: | :-: | :-: |\n" in shown
    )
    assert "| stops | a | b | b |  |\n" in shown
    assert shown.endswith(
        "### stops\n\n`a.scenario.yaml`\n\n"
        "|  | 3.6.0 | 3.7.0 to 3.8.0 |\n| :--- | :--- | :--- |\n| epochs\\_run | 3 | 6 |"
    )


def test_markdown_takes_texts_as_they_are() -> None:
    """Nothing in them becomes layout."""
    rows = [play({"prints": text}, name="a|b <i> *c*") for text in ("x|y\nz", "`x`")]
    shown = as_markdown(table([cell("3.6.0", rows[0]), cell("3.7.0", rows[1])]), changes_only=True)
    assert "### a\\|b \\<i\\> \\*c\\*\n" in shown
    assert "| prints | x\\|y z | \\`x\\` |" in shown


def test_json() -> None:
    """Everything: cells, plays with their facts, changes."""
    data = as_data(changing(), changes_only=True)
    assert data["cells"][3] == {
        "title": "3.99",
        "asked": "3.99",
        "keras": None,
        "backend": "jax",
        "python": None,
        "error": "no such release",
    }
    (row,) = data["rows"]
    assert row["changes"] == [
        {
            "cell": "3.7.0",
            "before": "3.6.0",
            "what": [{"fact": "epochs_run", "old": "3", "new": "6"}],
        }
    ]
    assert row["plays"][1] == {
        "cell": "3.7.0",
        "decisions": "b",
        "outcome": "passed",
        "reason": "",
        "failures": [],
        "facts": {"epochs_run": "6", "stopped": "never"},
    }
    assert row["plays"][3] is None


class Tags(HTMLParser):
    """The tags of a page, and its text."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.text = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)

    def handle_data(self, data: str) -> None:
        self.text += data


def test_html() -> None:
    """One page with every scenario; what is in a text stays text."""
    rows = [play({"prints": text}, name="<script>") for text in ("<b>", "<i>")]
    page = as_html(table([cell("3.6.0", rows[0]), cell("3.7.0", rows[1])]), changes_only=False)
    found = Tags(page)
    assert {"script", "b", "i", "link", "img"}.isdisjoint(found.tags)
    assert "1 scenario in 2 of 2 cells; 1 not the same in all." in found.text
    assert all(text in found.text for text in ("<script>", "<b>", "<i>"))


def test_texts_are_contrasted() -> None:
    """What long ones have in common is left out; short ones stay whole."""
    assert contrast(["never", "epoch 2"]) == ["never", "epoch 2"]
    common = "saving the model to best.weights.h5 " * 3
    assert contrast([f"{common}as 1.0 now {common}", f"{common}as inf now {common}"]) == [
        "… best.weights.h5 as 1.0 now saving the …",
        "… best.weights.h5 as inf now saving the …",
    ]
