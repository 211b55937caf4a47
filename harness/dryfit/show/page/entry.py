"""What a page and a CI log say of a scenario in a lane, or of a test.

Plain data: a worker of pytest-xdist can send it, and no run need be kept for it.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, TypedDict

from dryfit.facts.expect_keys import FACTS
from dryfit.facts.failure import Mismatch
from dryfit.scenario.schema import SETTINGS
from dryfit.show.table import table_of_one

if TYPE_CHECKING:
    from dryfit.judge.verdict import Verdict
    from dryfit.run.run import Run
    from dryfit.scenario.problems import ScenarioFileError
    from dryfit.scenario.scenario import Scenario
    from dryfit.show.page.slider import Slider


class Shown(TypedDict):
    """A run, as far as a page shows it.

    Attributes:
        name: which call it is.
        facts: what came of it, in words.
        table: the epoch table.
        picture: an SVG, empty if there is none.
        slider: what the picture can be asked, if anything.
    """

    name: str
    facts: dict[str, str]
    table: str
    picture: str
    slider: "Slider | None"


class Entry(TypedDict):
    """A scenario in a lane, or a test that failed.

    Attributes:
        key: what it is of, the same in each lane.
        lane: empty for a test.
        outcome: as `Verdict` has it.
        text: a test's own failure.
        broken: what a known defect breaks of what is promised.
        first_line: the number of the first of `lines`.
        lines: the scenario's lines of its file.
        met: the numbers of those whose expectation is met.
    """

    key: str
    file: str
    line: int
    name: str
    lane: str
    outcome: str
    reason: str
    text: str
    about: str
    source: list[str]
    checks: int
    mismatches: list[Mismatch]
    broken: list[Mismatch]
    first_line: int
    lines: list[str]
    met: list[int]
    runs: list[Shown]


def of_verdict(
    verdict: "Verdict",
    root: Path | None = None,
    *,
    draw: Callable[["Run"], str] | None = None,
    slid: Callable[["Verdict"], "Slider | None"] | None = None,
) -> Entry:
    """Say what a page needs of a verdict.

    Args:
        verdict: what became of a scenario in a lane.
        root: the folder that files below it are named from.
        draw: makes a run's picture, or what stands for it, if there are any; runs that are
            the same in the other lane have none.
        slid: what a picture can be asked, where there is one.
    """
    from dryfit.judge.explain import first_place  # it loads Keras, which a session's end need not

    scenario = verdict.scenario
    file = placed(scenario.file, root)
    first_line, lines = _source_lines(scenario)
    same = verdict.compared and not verdict.differing and not scenario.differs
    mark = first_place(verdict)
    runs = [
        shown(
            rank.run,
            played.call.method + (f", rank {number}" if played.others else ""),
            draw=None if same else draw,
            mark=mark,
        )
        for played in verdict.played
        for number, rank in enumerate(played.ranks)
        if rank.run is not None
    ]
    if slid is not None and any(run["picture"] for run in runs):
        runs[0]["slider"] = slid(verdict)
    return Entry(
        key=f"{file}::{scenario.slug}",
        file=file,
        line=scenario.line(("name",)),
        name=scenario.name,
        lane=verdict.lane,
        outcome=str(verdict.outcome),  # what a worker can send
        reason=verdict.reason,
        text="",
        about=scenario.about,
        source=list(scenario.source),
        checks=verdict.checks,
        mismatches=[failure.at_line(line) for failure, line in verdict.failures],
        broken=[failure.at_line(line) for failure, line in verdict.broken],
        first_line=first_line,
        lines=lines,
        met=sorted(_met(verdict)),
        runs=runs,
    )


def of_test(
    nodeid: str,
    file: str,
    line: int,
    text: str,
    runs: Sequence["Run"],
    *,
    draw: Callable[["Run"], str] | None = None,
) -> Entry:
    """Say what a page needs of a test, or of a file, that failed."""
    name = nodeid.partition("::")[2] or nodeid
    return Entry(
        key=nodeid,
        file=file,
        line=line,
        name=name,
        lane="",
        outcome="failed" if runs else "error",
        reason="",
        text=text,
        about="",
        source=[],
        checks=0,
        mismatches=[],
        broken=[],
        first_line=0,
        lines=[],
        met=[],
        runs=[shown(run, f"run {n}", draw=draw) for n, run in enumerate(runs)],
    )


def of_file(error: "ScenarioFileError") -> Entry:
    """Say what a page needs of a scenario file that cannot be used."""
    file, line = error.problems[0].file.as_posix(), error.problems[0].line
    return of_test(file, file, line, str(error), [])


def shown(
    run: "Run",
    name: str,
    *,
    draw: Callable[["Run"], str] | None = None,
    mark: tuple[int, str] | None = None,
) -> Shown:
    """Say what a page needs of a run."""
    picture = draw(run) if draw is not None and run.epochs_run and can_draw() else ""
    facts = {name: text for fact in FACTS for name, text in fact.summary(run)}
    return Shown(
        name=name, facts=facts, table=table_of_one(run, mark), picture=picture, slider=None
    )


def with_pictures(entries: Sequence[Entry], drawn: Mapping[str, str]) -> None:
    """Put pictures in the place of their names."""
    for entry in entries:
        for run in entry["runs"]:
            run["picture"] = drawn.get(run["picture"], "")


def can_draw() -> bool:
    """Whether matplotlib is there."""
    return find_spec("matplotlib") is not None


def placed(file: Path, root: Path | None) -> str:
    """Name a file from a folder, if it is below it."""
    if root is not None and file.is_absolute() and file.is_relative_to(root):
        file = file.relative_to(root)
    return file.as_posix()


def _met(verdict: "Verdict") -> Iterator[int]:
    """The lines of the expectations that are met: nothing at or below them is a mismatch."""
    scenario, defect = verdict.scenario, verdict.scenario.known_defect
    wrong = {line for _, line in (*verdict.failures, *verdict.broken)}
    expected = [(p.call.expect, p.call.at) for p in verdict.played]
    if defect is not None and verdict.outcome == "known_defect":
        expected.append((defect.instead, (*scenario.defect_at, "instead")))
    for expect, at in expected:
        for name in [] if expect is None else expect.given():
            key = (*at, name)
            below = {n for k, n in scenario.document.lines.items() if k[: len(key)] == key}
            if name not in SETTINGS and below.isdisjoint(wrong):
                yield scenario.line(key)


def _source_lines(scenario: "Scenario") -> tuple[int, list[str]]:
    """The scenario's lines, with what stands above it, and the number of the first."""
    try:
        text = scenario.file.read_text(encoding="utf-8").splitlines()
    except OSError:  # it is gone by now
        return 1, []
    first = end = scenario.line(())
    while first > 1 and not text[first - 2].startswith("---"):
        first -= 1
    while end < len(text) and not text[end].startswith(("---", "...")):
        end += 1
    while end > first and not text[end - 1].strip():
        end -= 1
    return first, text[first - 1 : end]
