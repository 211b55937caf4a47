"""A scenario file that cannot be used stops none of the others from being played."""

import json
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest

from dryfit.cli import main

GOOD = """
name: holds
script: {metrics: {loss: 1x2}}
expect: {epochs_run: 2}
---
name: does not
script: {metrics: {loss: 1x2}}
expect: {epochs_run: 1}
---
name: holds too
script: {metrics: {loss: 1x2}}
expect: {epochs_run: 2}
"""
BAD = "name: bad\nscript: {metrics: {loss: 1x2}}\nexpects: {}\nexpect: {epochs_run: 3}\n"
UNKNOWN = "bad.scenario.yaml:3: expects: unknown key; did you mean 'expect'? Allowed: "
pytestmark = pytest.mark.usefixtures("_folder")


@pytest.fixture
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("bad.scenario.yaml").write_text(BAD)
    Path("good.scenario.yaml").write_text(GOOD)


def test_the_others_are_played(capsys: pytest.CaptureFixture[str]) -> None:
    """Its problems stand on stderr, the last line counts it, and the status is 2."""
    assert main(["run", "."]) == 2
    told = capsys.readouterr()
    assert told.err.startswith(UNKNOWN)
    assert "good.scenario.yaml:6: does not [fake]\n" in told.out
    summary = "3 scenarios, 3 checks, in fake; 1 file cannot be used; 1 failed; 2 passed"
    assert told.out.splitlines()[-1] == summary


def test_files_of_results_have_it_as_an_error() -> None:
    """In JUnit's XML and in CTRF it is a test of the file's name, on a page a case."""
    pytest.importorskip("jinja2")
    files = ["--junitxml", "a.xml", "--ctrf", "a.json", "--report", "a.html"]
    assert main(["run", ".", *files]) == 2
    root = ElementTree.parse("a.xml").getroot()
    assert root.attrib | {"time": ""} == {
        "name": "dryfit",
        "time": "",
        "tests": "4",
        "failures": "1",
        "errors": "1",
    }
    (case,) = root[0]
    assert (case.get("classname"), case.get("name")) == ("bad.scenario.yaml", "bad.scenario.yaml")
    assert (case[0].tag, str(case[0].text).startswith(UNKNOWN)) == ("error", True)
    test = json.loads(Path("a.json").read_text())["results"]["tests"][0]
    assert (test["status"], test["rawStatus"], test["line"]) == ("failed", "error", 3)
    assert "bad.scenario.yaml:3: expects: unknown key" in Path("a.html").read_text()


def test_json_and_githubs_summary_have_it(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Nobody knows its scenarios; each problem is an annotation once."""
    assert main(["run", ".", "--format", "json"]) == 2
    told = json.loads(capsys.readouterr().out)
    assert [(each["name"], each["outcome"]) for each in told] == [
        (None, "error"),
        ("holds", "passed"),
        ("does not", "failed"),
        ("holds too", "passed"),
    ]
    assert told[0]["reason"].startswith(UNKNOWN)
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", "summary.md")
    assert main(["run", ".", "--format", "github"]) == 2
    annotations = capsys.readouterr().out.splitlines()[:-1]
    assert [line.partition(",title=")[0] for line in annotations] == [
        "::error file=bad.scenario.yaml,line=3",
        "::error file=good.scenario.yaml,line=8",
    ]
    assert "1 error, 1 failed, 2 passed" in Path("summary.md").read_text()


def test_it_is_the_first_that_does_not_hold(capsys: pytest.CaptureFixture[str]) -> None:
    """With -x nothing else is played, and what is left is counted."""
    assert main(["run", ".", "-x"]) == 2
    told = "0 scenarios, 0 checks, in fake; 1 file cannot be used; 3 scenarios left unplayed\n"
    assert capsys.readouterr().out == told
    assert main(["run", "good.scenario.yaml", "-x"]) == 1
    told = "2 scenarios, 2 checks, in fake; 1 failed; 1 passed; 1 scenario left unplayed\n"
    assert capsys.readouterr().out.endswith(told)


def test_what_else_is_asked_for_is_found(capsys: pytest.CaptureFixture[str]) -> None:
    """Whether a file that cannot be used has a scenario is not known, and not complained of."""
    assert main(["run", ".", "--list", "-k", "too"]) == 2
    told = capsys.readouterr()
    assert (told.out, told.err.count("\n")) == ("good.scenario.yaml::holds-too\n", 1)
    assert main(["run", "bad.scenario.yaml::bad", "-k", "bad"]) == 2
    told = capsys.readouterr()
    assert (told.out, told.err.count("\n")) == ("", 1)


def test_keras_is_not_imported_where_nothing_can_be_played() -> None:
    """What is wrong with all of the input is told at once."""
    code = "import sys; sys.modules['keras'] = None; from dryfit.cli import main; "
    words = ["run", "bad.scenario.yaml", "--junitxml", "a.xml"]
    command = [sys.executable, "-c", f"{code}sys.exit(main({words}))"]
    done = subprocess.run(command, capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.splitlines()[1:] == ["wrote a.xml"]
