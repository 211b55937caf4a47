"""The docs' examples: YAML is played in both lanes, and what is typed prints what is shown.

On a page whose blocks begin with a comment that names a file, these blocks are the
files, a ``diff`` changes one of them, and each ``text`` block with a ``$`` is typed.
"""

import re
import shlex
import sys
import tomllib
from pathlib import Path
from typing import Any

import keras  # noqa: F401  # loaded for good: pytester unloads what its tests load
import pytest

from dryfit import load_scenarios
from dryfit.cli import main, parser
from dryfit.cli.ending import BAD_INPUT
from dryfit.judge.verdict import judge
from dryfit.scenario.schema import Expect, ScriptKeys

ROOT = Path(__file__).parents[2]
DOCS = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
BLOCKS = [
    (page, number, block)
    for page in DOCS
    for number, block in enumerate(
        re.findall(r"^```yaml\n(.*?)^```", page.read_text(), re.S | re.M)
    )
]


SESSIONS = [page for page in DOCS if re.search(r"^```\w+\n# \S+\.py$", page.read_text(), re.M)]


def steps(page: Path) -> list[tuple[str, str]]:
    """The code blocks of a page, with their languages."""
    return re.findall(r"^```(\w+)\n(.*?)^```", page.read_text(encoding="utf-8"), re.S | re.M)


def put(language: str, text: str, files: dict[str, str]) -> None:
    """Write the file that a block is, or change the one that it mends."""
    if named := re.match(r"# (\S+\.(?:py|yaml))\n", text):
        files[named[1]] = text
    elif language == "diff":
        lines = text.splitlines(keepends=True)
        old = "".join(line[1:] or line for line in lines if line[0] != "+")
        new = "".join(line[1:] or line for line in lines if line[0] != "-")
        (name,) = [name for name, content in files.items() if content.count(old) == 1]
        files[name] = files[name].replace(old, new)


def files(page: Path) -> dict[str, str]:
    """The files of a page as they are at its end; none where it names none."""
    made: dict[str, str] = {}
    if page in SESSIONS:
        for step in steps(page):
            put(*step, made)
    return made


def typed(command: str, pytester: pytest.Pytester, capsys: pytest.CaptureFixture[str]) -> str:
    """What a command prints; errors come before what stands below them on the page."""
    program, *arguments = shlex.split(command)
    if program == "pytest":
        result = pytester.runpytest_inprocess(*arguments, "-p", "no:cacheprovider")
        return "\n".join(result.outlines)
    assert program == "dryfit"
    capsys.readouterr()
    status = main(arguments)
    printed = capsys.readouterr()
    return printed.err + printed.out if status == BAD_INPUT else printed.out


def as_pattern(shown: str) -> str:
    """Lines as they are, but for how long it took; ``...`` stands for any lines."""
    lines = [
        r"(?:.*\n)*?"
        if line == "..."
        else re.sub(r"in\\? [\d.\\]+s$", r"in [\\d.]+s(?: .+)?", re.escape(line)) + r"\n"
        for line in shown.splitlines()
    ]
    return "".join(lines)


@pytest.mark.filterwarnings("ignore::ResourceWarning")  # a page has a callback with such a defect
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize("page", SESSIONS, ids=lambda page: page.stem)
def test_what_is_typed_prints_what_is_shown(
    page: Path,
    pytester: pytest.Pytester,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """From the top of the page to its end, in an empty folder."""
    # A file that changes within a second, and not its size, would be taken from its bytecode.
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    files: dict[str, str] = {}
    for language, text in steps(page):
        put(language, text, files)
        for name, content in files.items():
            (pytester.path / name).write_text(content, encoding="utf-8")
        if language == "text" and text.startswith("$ "):
            for name in files:  # it may have changed since it was imported
                sys.modules.pop(Path(name).stem, None)
            command, _, shown = text[2:].partition("\n")
            lines = typed(command, pytester, capsys).strip("\n").splitlines()
            printed = "".join(f"{line.rstrip()}\n" for line in lines)
            assert re.fullmatch(as_pattern(shown), printed), f"shown:\n{shown}\nprinted:\n{printed}"


@pytest.mark.parametrize("lane", ["fake", "real"])
@pytest.mark.parametrize(
    ("page", "block"),
    [pytest.param(page, block, id=f"{page.stem}-{n}") for page, n, block in BLOCKS],
)
def test_a_block_holds(page: Path, block: str, lane: str, tmp_path: Path) -> None:
    """As it stands on the page."""
    for name, text in files(page).items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    file = tmp_path / "block.scenario.yaml"
    file.write_text(block, encoding="utf-8")
    for scenario in load_scenarios(file):
        verdict = judge(scenario, lane)
        assert verdict.holds, verdict.failures
        assert verdict.checks > 0


def test_every_key_has_an_example() -> None:
    """No key of `expect` or `script` is left without one but the two that need a module."""
    text = "\n".join(block for _, _, block in BLOCKS)
    keys = {*Expect.model_fields, *ScriptKeys.model_fields} - {"accepted", "predict", "evaluate"}
    assert [key for key in sorted(keys) if not re.search(rf"\b{key}:", text)] == []


def test_the_first_scenario_prints_what_the_page_shows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """As typed it passes; with epoch 4 it fails with the output that is shown."""
    page = (ROOT / "docs" / "first-scenario.md").read_text(encoding="utf-8")
    shown = re.findall(r"^```text\n(.*?)^```", page, re.S | re.M)
    block = re.findall(r"^```yaml\n(.*?)^```", page, re.S | re.M)[0]
    monkeypatch.chdir(tmp_path)
    file = Path("stopping.scenario.yaml")
    file.write_text(block)
    assert main(["run", str(file)]) == 0
    assert shown[0] == f"$ dryfit run {file}\n{capsys.readouterr().out}"
    file.write_text(block.replace("epoch: 3", "epoch: 4"))
    assert main(["run", str(file)]) == 1
    assert capsys.readouterr().out.startswith(shown[1])


def test_every_extra_is_told_of() -> None:
    """The questions have a table of them, with what needs each."""
    page = (ROOT / "docs" / "troubleshooting.md").read_text(encoding="utf-8")
    told = [name for row in re.findall(r"^\| (`.*?) \|", page, re.M) for name in row.split(", ")]
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    extras = settings["project"]["optional-dependencies"]
    assert sorted(told) == sorted(f"`{name}`" for name in extras)


def test_the_cells_of_the_notebook_print_what_is_shown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """One after the other, in one namespace."""
    monkeypatch.chdir(tmp_path)
    names: dict[str, Any] = {"__name__": "__main__"}
    for language, text in steps(ROOT / "docs" / "notebook.md"):
        if language == "python":
            capsys.readouterr()
            exec(text, names)
        else:
            printed = [line.rstrip() for line in capsys.readouterr().out.splitlines()]
            assert printed == text.splitlines()


def test_the_commands_for_ci_are_taken(pytester: pytest.Pytester) -> None:
    """By pytest and by dryfit, as they stand in the files for GitHub, GitLab and Jenkins."""
    page = (ROOT / "docs" / "in-ci.md").read_text(encoding="utf-8")
    found = re.findall(r"\b((?:pytest|dryfit run) [^`\n]*--(?:dryfit-)?report[^`\n]*)", page)
    ours = [shlex.split(command) for command in found]
    assert [command[0] for command in ours] == ["pytest", "pytest", "dryfit", "pytest"]
    for program, *arguments in ours:
        if program == "dryfit":
            assert parser().parse_args(arguments).report == Path("report.html")
        else:
            asked = pytester.parseconfig(*arguments).option
            assert (asked.dryfit_lane, asked.dryfit_report) == ("both", "report.html")
