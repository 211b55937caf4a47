"""Files of results for programs that read those of tests: JUnit's XML, and CTRF's JSON.

Source: ``junit-10.xsd`` of Jenkins' xunit plugin; ``schema/ctrf.schema.json`` of ctrf-io/ctrf.
What pytest calls an expected failure is skipped in the one and ``other`` in the other.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from importlib import metadata
from itertools import groupby
from operator import attrgetter
from pathlib import Path
from typing import Any, Protocol
from xml.etree import ElementTree

from dryfit.facts.visible_text import visible
from dryfit.scenario.whole_file import write_text
from dryfit.show.json_text import json_text

_TAGS = {"failed": "failure", "error": "error", "skipped": "skipped", "known_defect": "skipped"}
_STATUSES = {"passed": "passed", "failed": "failed", "error": "failed", "skipped": "skipped"}


@dataclass(frozen=True, slots=True)
class TestResult:
    """What became of one scenario in a lane, one check, or one scenario of a cell.

    Attributes:
        suite: what it is one of: a file, a callback, a cell.
        file: where it is written, if anywhere, and in which line.
        outcome: ``passed``, ``failed``, ``error``, ``skipped`` or ``known_defect``.
        message: why, in a line.
        text: everything that is to be said of it.
        seconds: how long it took, where that is known.
    """

    __test__ = False  # not a test of pytest's, wherever it is imported

    suite: str
    name: str
    outcome: str
    message: str = ""
    text: str = ""
    file: str = ""
    line: int = 0
    seconds: float = 0.0
    tags: tuple[str, ...] = ()


class _Options(Protocol):
    junitxml: Path | None
    ctrf: Path | None


def write_results(
    options: _Options, results: Sequence[TestResult], start_s: float, stop_s: float
) -> Iterator[Path]:
    """Write the files that are asked for; yield each that is written.

    Args:
        options: with ``junitxml`` and ``ctrf``.
        start_s: when the command began, in seconds since 1970.
        stop_s: likewise, when it ended.
    """
    if options.junitxml is not None:
        write_text(options.junitxml, junit(results, stop_s - start_s))
        yield options.junitxml
    if options.ctrf is not None:
        write_text(options.ctrf, f"{json_text(ctrf(results, start_s, stop_s))}\n")
        yield options.ctrf


def junit(results: Iterable[TestResult], seconds: float) -> str:
    """Write results as JUnit's XML: a suite for each that they are of."""
    results = list(results)
    root = ElementTree.Element("testsuites", name="dryfit", time=f"{seconds:.3f}")
    root.attrib |= _counts(results, ("tests", "failures", "errors"))
    for name, alike in groupby(results, attrgetter("suite")):
        mine = list(alike)
        suite = ElementTree.SubElement(root, "testsuite", name=visible(name))
        suite.attrib |= _counts(mine, ("tests", "failures", "errors", "skipped"))
        suite.set("time", f"{sum(result.seconds for result in mine):.3f}")
        if mine[0].file and len({result.file for result in mine}) == 1:
            suite.set("file", visible(mine[0].file))
        for result in mine:
            case = ElementTree.SubElement(suite, "testcase", name=visible(result.name))
            case.attrib |= {"classname": visible(name), "time": f"{result.seconds:.3f}"}
            if tag := _TAGS.get(result.outcome):
                told = ElementTree.SubElement(case, tag, type=result.outcome)
                told.set("message", visible(result.message))
                told.text = visible(result.text)
    ElementTree.indent(root)
    return ElementTree.tostring(root, encoding="unicode", xml_declaration=True) + "\n"


def _counts(results: Sequence[TestResult], names: Sequence[str]) -> dict[str, str]:
    tags = Counter(_TAGS.get(result.outcome, "") for result in results)
    found = {
        "tests": len(results),
        "failures": tags["failure"],
        "errors": tags["error"],
        "skipped": tags["skipped"],
    }
    return {name: str(found[name]) for name in names}


def ctrf(results: Iterable[TestResult], start_s: float, stop_s: float) -> dict[str, Any]:
    """Write results as the Common Test Report Format has them, times in whole milliseconds."""
    tests = [_ctrf_test(result) for result in results]
    statuses = Counter(test["status"] for test in tests)
    names = ("passed", "failed", "skipped", "pending", "other")
    summary = {"tests": len(tests)} | {name: statuses[name] for name in names}
    summary |= {"start": round(start_s * 1000), "stop": round(stop_s * 1000)}
    return {
        "reportFormat": "CTRF",
        "specVersion": "0.0.0",
        "generatedBy": "dryfit",
        "results": {
            "tool": {"name": "dryfit", "version": metadata.version("dryfit")},
            "summary": summary,
            "tests": tests,
        },
    }


def _ctrf_test(result: TestResult) -> dict[str, Any]:
    test: dict[str, Any] = {
        "name": result.name,
        "status": _STATUSES.get(result.outcome, "other"),
        "duration": round(result.seconds * 1000),
        "suite": [result.suite],
        "rawStatus": result.outcome,
        "tags": list(result.tags),
    }
    told = {"message": result.message, "trace": result.text, "filePath": result.file}
    test |= {key: text for key, text in told.items() if text}
    return test | ({"line": result.line} if result.line else {})
