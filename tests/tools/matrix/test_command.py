"""The command line of ``dryfit matrix``, and its page."""

import re
from pathlib import Path

import pytest
from stand_in import StandIn, play

from dryfit.cli import main

PAGE = Path(__file__).parents[3] / "docs" / "keras-releases.md"
SCENARIO = "name: stops\nscript: {metrics: {loss: 1x2}}\nexpect: {epochs_run: 2}\n"


@pytest.fixture
def uv(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> StandIn:
    """A folder with a scenario, and nothing that is really installed."""
    monkeypatch.chdir(tmp_path)
    Path("a.scenario.yaml").write_text(SCENARIO)
    stand_in = StandIn(
        {"3.6.0": [play({"epochs_run": "3"})], "3.9.2": [play({"epochs_run": "6"})], "3.8.0": []}
    )
    monkeypatch.setattr("dryfit.tools.matrix.processes.Processes", lambda: stand_in)
    monkeypatch.setattr("dryfit.tools.matrix.environments.find_uv", lambda: "uv")
    return stand_in


def command(*words: str) -> int:
    return main(["matrix", "a.scenario.yaml", "--cache", "cache", *words])


def test_it_says_what_differs(uv: StandIn, capsys: pytest.CaptureFixture[str]) -> None:
    """On stdout; which cell is done on stderr."""
    assert command("--keras", "3.6", "3.9", "--jobs", "1") == 0
    shown = capsys.readouterr()
    assert "      epochs_run: 6  (was 3)\n" in shown.out
    assert re.sub(r"\d+ s\n", "N s\n", shown.err) == (
        "keras 3.6, jax, this Python (3.6.0): installed and played in N s\n"
        "keras 3.9, jax, this Python (3.9.2): installed and played in N s\n"
    )


def test_a_change_can_be_a_failure(uv: StandIn, capsys: pytest.CaptureFixture[str]) -> None:
    """With --fail-on-change, and only if there is one."""
    assert command("--keras", "3.6", "3.9", "--fail-on-change") == 1
    assert command("--keras", "3.6", "--fail-on-change") == 0
    capsys.readouterr()


def test_what_is_not_as_expected_is_a_failure(
    uv: StandIn, capsys: pytest.CaptureFixture[str]
) -> None:
    """Status 1."""
    uv.rows = {"3.6.0": [play({}, outcome="failed")]}
    assert command("--keras", "3.6") == 1
    assert "1 time not as expected" in capsys.readouterr().out


def test_a_cell_that_broke_is_status_2(uv: StandIn, capsys: pytest.CaptureFixture[str]) -> None:
    """The others are shown."""
    assert command("--keras", "3.99", "3.6") == 2
    assert capsys.readouterr().out.startswith(
        "3.6.0  jax 0.10.2, numpy 2.4.6, Python 3.11.7: 1 passed\n"
        "3.99   not played: No solution found: no 3.99\n"
    )


def test_an_interrupt_is_status_130(
    uv: StandIn, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """As of any program that Ctrl-C ended."""

    def interrupted(command: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(uv, "_play", interrupted)
    assert command("--keras", "3.6") == 130
    assert capsys.readouterr().err == (
        "dryfit matrix: interrupted; cells that are done are kept, and the same command goes on\n"
    )


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--keras", "2.15"], "2.15: it is Keras 2; write tf_keras:2.15\n"),
        (
            ["--bisect", "tf_keras:2.15", "3.9"],
            "--bisect: it searches Keras 3; name releases of Keras 2 with --keras\n",
        ),
        (["--keras", "3.6", "--jobs", "0"], "--jobs: it is 1 or more, not 0\n"),
        (["--keras", "3.6", "--with", "./gone"], "--with: there is no ./gone\n"),
        (
            ["--bisect", "3.6", "3.9", "--backend", "jax", "torch"],
            "--bisect: it searches with one backend and one Python; name one of each\n",
        ),
    ],
)
def test_bad_input_is_status_2(
    uv: StandIn, capsys: pytest.CaptureFixture[str], words: list[str], message: str
) -> None:
    """Before anything is installed."""
    assert command(*words) == 2
    assert capsys.readouterr().err == f"dryfit matrix: {message}"
    assert uv.installed == []


def test_a_bad_scenario_is_said_once(uv: StandIn, capsys: pytest.CaptureFixture[str]) -> None:
    """Not by every cell."""
    Path("a.scenario.yaml").write_text("name: stops\n")
    assert command("--keras", "3.6", "3.9") == 2
    assert capsys.readouterr().err.count("a.scenario.yaml:1") == 1
    assert uv.installed == []


def cells_of(page: str, line: str) -> list[str]:
    """The cells of a table's line that begins with a text."""
    (found,) = re.findall(rf"^\| {re.escape(line)}.*$", page, re.M)
    return [cell.strip() for cell in found.strip("|").split("|")][1:]


def own_table(page: str, name: str) -> str:
    """What the page has below a scenario's name."""
    return page.split(f"### {name}\n")[1].split("\n### ")[0]


@pytest.mark.parametrize(
    ("line", "name", "fact", "told"),
    [
        (
            "EarlyStopping reused",
            "a second fit does not compare with the best of the first",
            "calls[1].epochs\\_run",
            {},
        ),
        (
            "EarlyStopping, `nan",
            "a first epoch of nan is forgotten once values improve",
            "epochs\\_run",
            {},
        ),
        (
            "EarlyStopping, `inf",
            "an infinite first epoch is a best that can be beaten",
            "epochs\\_run",
            {},
        ),
        (
            "ReduceLROnPlateau, `nan",
            "a nan in the first epoch cuts the rate of a training that gets better",
            "learning\\_rate\\_after",
            {"1x7": "1", "1x2 0.5x2 0.25x2 0.125": ".125"},
        ),
        (
            "ModelCheckpoint, best batch",
            "the best batch by loss cannot be saved in the first epoch",
            "raises",
            {"nothing": "3", "TypeError, epoch 0, batch 1, by ModelCheckpoint": "TypeError"},
        ),
        (
            "ModelCheckpoint, best of",
            "a model is saved as the best although nothing was monitored",
            "files",
            {"none": "0", "best.weights.h5: epoch 2, batch 0": "3"},
        ),
    ],
)
def test_the_pages_first_table_is_what_the_command_says(
    line: str, name: str, fact: str, told: dict[str, str]
) -> None:
    """Each cell of the table that a person wrote, in the table that the command wrote."""
    page = PAGE.read_text(encoding="utf-8")
    columns = cells_of(page, "scenario | 3.6.0 | 3.9.2")
    every = cells_of(page, "scenario | 3.6.0 | 3.7.0")
    own = own_table(page, name)
    by_release = {}
    for span, value in zip(cells_of(own, "|"), cells_of(own, fact), strict=True):
        first, _, last = span.partition(" to ")
        for release in every[every.index(first) : every.index(last or first) + 1]:
            by_release[release] = told.get(value, value)
    assert [by_release[release] for release in columns] == cells_of(page, line)
