"""Files of results: JUnit's XML, and the Common Test Report Format's JSON."""

import json
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import jsonschema
import pytest

from dryfit.cli import main
from dryfit.show.result_files import TestResult, ctrf, junit

SCENARIOS = """
name: holds
source: [keras#1]
script: {metrics: {loss: 1x2}}
expect: {epochs_run: 2}
---
name: not of this Keras
when: keras<3
script: {metrics: {loss: 1x2}}
expect: {epochs_run: 2}
---
name: a < b & c
script: {metrics: {loss: 1x2}}
expect: {epochs_run: 1}
---
name: a promise that is not kept
script: {metrics: {loss: 1x2}}
expect: {epochs_run: 1}
known_defect: {id: keras#2, instead: {epochs_run: 2}}
---
name: nobody's callback
script: {metrics: {loss: 1x2}}
callbacks: ["gone:Class"]
expect: {epochs_run: 2}
"""
# What each element may have, and must: junit-10.xsd of Jenkins' xunit plugin.
TOTALS = {"tests", "failures", "errors", "time"}
ELEMENTS: dict[str, tuple[set[str], set[str], set[str]]] = {
    "testsuites": (set(), {"name", *TOTALS}, {"testsuite"}),
    "testsuite": ({"name"} | TOTALS - {"time"}, {"name", "skipped", "file", *TOTALS}, {"testcase"}),
    "testcase": ({"name"}, {"name", "classname", "time"}, {"failure", "error", "skipped"}),
    **dict.fromkeys(("failure", "error", "skipped"), (set(), {"type", "message"}, set())),
}
# The part of schema/ctrf.schema.json, ctrf-io/ctrf, that is written.
WHOLE, TEXT = {"type": "integer", "minimum": 0}, {"type": "string"}
COUNTS = ("tests", "passed", "failed", "skipped", "pending", "other", "start", "stop")


def only(needed: tuple[str, ...], properties: dict[str, Any]) -> dict[str, Any]:
    """A mapping that has nothing else."""
    return {
        "type": "object",
        "required": list(needed),
        "properties": properties,
        "additionalProperties": False,
    }


TEST = only(
    ("name", "status", "duration"),
    {
        "name": {"type": "string", "minLength": 1},
        "status": {"enum": ["passed", "failed", "skipped", "pending", "other"]},
        "duration": WHOLE,
        "suite": {"type": "array", "minItems": 1, "items": TEXT},
        "tags": {"type": "array", "items": TEXT},
        "line": WHOLE,
        **dict.fromkeys(("message", "trace", "filePath", "rawStatus"), TEXT),
    },
)
CTRF = only(
    ("results", "reportFormat", "specVersion"),
    {
        "reportFormat": {"const": "CTRF"},
        "specVersion": {"type": "string", "pattern": r"^[0-9]+\.[0-9]+\.[0-9]+$"},
        "generatedBy": TEXT,
        "results": only(
            ("tool", "summary", "tests"),
            {
                "tool": only(("name",), {"name": TEXT, "version": TEXT}),
                "summary": only(COUNTS, dict.fromkeys(COUNTS, WHOLE)),
                "tests": {"type": "array", "items": TEST},
            },
        ),
    },
)


def read_junit(text: str) -> ElementTree.Element:
    """Read it, and refuse what its schema does not have."""
    root = ElementTree.fromstring(text)
    assert root.tag == "testsuites"
    for element in root.iter():
        needed, allowed, children = ELEMENTS[element.tag]
        assert needed <= set(element.attrib) <= allowed
        assert {child.tag for child in element} <= children
    return root


@pytest.fixture
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("a.scenario.yaml").write_text(SCENARIOS)


@pytest.mark.usefixtures("_folder")
def test_run_writes_both(capsys: pytest.CaptureFixture[str]) -> None:
    """Each outcome has its place, with the line that is not met."""
    assert main(["run", ".", "--junitxml", "a.xml", "--ctrf", "a.json"]) == 2
    assert capsys.readouterr().err.endswith("wrote a.xml\nwrote a.json\n")
    suite = read_junit(Path("a.xml").read_text())[0]
    counted = {name: suite.get(name) for name in ("tests", "failures", "errors", "skipped")}
    assert counted == {"tests": "5", "failures": "1", "errors": "1", "skipped": "2"}
    assert (suite.get("name"), suite.get("file")) == ("a.scenario.yaml", "a.scenario.yaml")
    assert [[told.tag for told in case] for case in suite] == [
        [],
        ["skipped"],
        ["failure"],
        ["skipped"],
        ["error"],
    ]
    failure = suite[2][0]
    assert failure.get("message") == "epochs_run: expected 1, got 2"
    assert "a < b & c [fake]\n  epochs_run  (a.scenario.yaml:14)\n" in str(failure.text)
    data = json.loads(Path("a.json").read_text())
    jsonschema.validate(data, CTRF)
    tests = data["results"]["tests"]
    told = [(test["status"], test["rawStatus"], test["line"]) for test in tests]
    assert told == [
        ("passed", "passed", 2),
        ("skipped", "skipped", 7),
        ("failed", "failed", 14),
        ("other", "known_defect", 16),
        ("failed", "error", 21),
    ]
    assert (tests[0]["tags"], tests[0]["filePath"]) == (["fake", "keras#1"], "a.scenario.yaml")
    summary = data["results"]["summary"]
    assert [summary[name] for name in COUNTS[:-2]] == [5, 1, 2, 1, 0, 1]
    assert summary["start"] <= summary["stop"]


@pytest.mark.usefixtures("_folder")
@pytest.mark.parametrize(
    "words", [["run", "."], ["check", "History"], ["matrix", ".", "--keras", "3"]]
)
@pytest.mark.parametrize("option", ["--junitxml", "--ctrf"])
def test_a_folder_that_is_not_there_is_an_error(
    words: list[str], option: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Before anything is played; it is not made."""
    assert main([*words, option, "no/a"]) == 2
    assert f"{option} no/a: there is no folder no; make it first" in capsys.readouterr().err
    assert not Path("no").exists()


def test_what_xml_cannot_have_is_written_as_escapes() -> None:
    """A control character would make a file that nobody can read."""
    odd = TestResult("s", "a\x00b", "failed", "\x1b[0m", "\x07")
    case = read_junit(junit([odd], 0.5))[0][0]
    assert case.get("name") == "a\\x00b"
    assert case[0].text == "\\x07"
    jsonschema.validate(ctrf([odd], 0, 1), CTRF)
