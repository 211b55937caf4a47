"""A scenario, a metric and a callback's argument may be called anything."""

import json
import re
import sys
from io import BytesIO, TextIOWrapper
from pathlib import Path
from xml.etree import ElementTree

import pytest
from hostile_texts import HOSTILE

from dryfit.cli import main
from dryfit.facts.texts import quoted
from dryfit.facts.visible_text import is_seen

# An argument replaces {run_dir}, and no file has half a pair of surrogates.
TEXTS = [text for text in HOSTILE if not re.search("[\ud800-\udfff]|{run_dir}", text)]
NAMES = [f"{number} {text}" for number, text in enumerate(TEXTS)]  # ids are unique in a file


def scenarios() -> str:
    """A scenario of each name that does not hold: it stops in epoch 1."""
    return "---\n".join(
        f"name: {quoted(name)}\n"
        f"about: {quoted(text)}\n"
        f"source: [{quoted(text)}]\n"
        f"script: {{metrics: {{loss: 1x3, {quoted(text)}: 1x3}}}}\n"
        f"callbacks: [EarlyStopping: {{monitor: {quoted(text)}, mode: min, patience: 1}}]\n"
        "expect: {epochs_run: 3}\n"
        for name, text in zip(NAMES, TEXTS, strict=True)
    )


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("a.scenario.yaml").write_text(scenarios(), encoding="utf-8")


def test_every_verdict_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    """Status 1, the counts, and a page, whose place is all that stderr has."""
    assert main(["run", "a.scenario.yaml", "--report", "a.html"]) == 1
    out, err = capsys.readouterr()
    assert out.splitlines()[-1] == (
        f"{len(NAMES)} scenarios, {len(NAMES)} checks, in fake; {len(NAMES)} failed"
    )
    assert err == "wrote a.html\n"
    assert all(map(is_seen, out))
    assert Path("a.html").read_text(encoding="utf-8").count('class="case"') == len(NAMES)


@pytest.mark.parametrize("encoding", ["ascii", "cp1252", "utf-8"])
def test_every_encoding_of_stdout_will_do(encoding: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """JSON stays JSON, with the same names."""
    raw = BytesIO()
    monkeypatch.setattr(sys, "stdout", TextIOWrapper(raw, encoding=encoding))
    assert main(["run", "a.scenario.yaml", "--format", "json"]) == 1
    sys.stdout.flush()
    assert [row["name"] for row in json.loads(raw.getvalue().decode(encoding))] == NAMES


def test_text_is_printed_in_ascii(monkeypatch: pytest.MonkeyPatch) -> None:
    """A letter that stdout has not is its escape."""
    raw = BytesIO()
    monkeypatch.setattr(sys, "stdout", TextIOWrapper(raw, encoding="ascii"))
    assert main(["run", "a.scenario.yaml"]) == 1
    sys.stdout.flush()
    assert b"\\xe4\\xf6\\xfc" in raw.getvalue()


def test_pytest_tells_every_verdict(pytester: pytest.Pytester) -> None:
    """On the terminal, as annotations, on a page and in a file for JUnit's readers."""
    pytester.path.joinpath("a.scenario.yaml").write_text(scenarios(), encoding="utf-8")
    options = ("--junitxml=a.xml", "--dryfit-github", "--dryfit-report=a.html")
    result = pytester.runpytest_inprocess(*options, "-p", "no:cacheprovider")
    result.assert_outcomes(failed=len(NAMES))
    told = [line for line in result.outlines if line.startswith("::error ")]
    assert len(told) == len(NAMES)
    cases = ElementTree.parse(pytester.path / "a.xml").getroot().iter("testcase")
    assert sum(case.find("failure") is not None for case in cases) == len(NAMES)
    assert "\x1b[2J" not in result.stdout.str()
