"""What a page and a CI log say of a scenario in a lane, or of a test.

Plain data: a worker of pytest-xdist can send it, and no run need be kept for it.
"""

from collections.abc import Iterator, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, TypedDict

from dryfit.table import number

if TYPE_CHECKING:
    from dryfit.expect import Failure
    from dryfit.run import Run
    from dryfit.scenario.load import Scenario
    from dryfit.verdict import Verdict


class Mismatch(TypedDict):
    """One thing that is not as expected, and the line that expects it."""

    what: str
    epoch: int | None
    expected: str
    got: str
    line: int


class Shown(TypedDict):
    """A run, as far as a page shows it.

    Attributes:
        name: which call it is.
        facts: what came of it, in words.
        table: the epoch table.
        picture: an SVG, empty if there is none.
    """

    name: str
    facts: dict[str, str]
    table: str
    picture: str


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


def of_verdict(verdict: "Verdict", root: Path | None = None, *, drawn: bool = False) -> Entry:
    """Say what a page needs of a verdict.

    Args:
        verdict: what became of a scenario in a lane.
        root: the folder that files below it are named from.
        drawn: whether runs have pictures; those that are the same in the other lane have none.
    """
    scenario = verdict.scenario
    file = placed(scenario.file, root)
    first_line, lines = _source_lines(scenario)
    same = verdict.compared and not verdict.differing and not scenario.differs
    marks = [(f.epoch, f.what) for f, _ in verdict.failures if f.epoch is not None]
    mark = min(marks, key=lambda place: place[0], default=None)
    runs = [
        shown(played.run, played.call.method, drawn=drawn and not same, mark=mark)
        for played in verdict.played
        if played.run is not None
    ]
    return Entry(
        key=f"{file}::{scenario.slug}",
        file=file,
        line=scenario.line(("name",)),
        name=scenario.name,
        lane=verdict.lane,
        outcome=verdict.outcome,
        reason=verdict.reason,
        text="",
        about=scenario.about,
        source=list(scenario.source),
        checks=verdict.checks,
        mismatches=_mismatches(verdict.failures),
        broken=_mismatches(verdict.broken),
        first_line=first_line,
        lines=lines,
        met=sorted(_met(verdict)),
        runs=runs,
    )


def of_test(
    nodeid: str, file: str, line: int, text: str, runs: Sequence["Run"], *, drawn: bool = False
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
        runs=[shown(run, f"run {n}", drawn=drawn) for n, run in enumerate(runs)],
    )


def shown(run: "Run", name: str, *, drawn: bool, mark: tuple[int, str] | None = None) -> Shown:
    """Say what a page needs of a run."""
    picture = ""
    if drawn and run.epochs_run and can_draw():
        from dryfit.report.plot import as_svg

        picture = as_svg(run)
    return Shown(name=name, facts=dict(_facts(run)), table=run.table(mark), picture=picture)


def can_draw() -> bool:
    """Whether matplotlib is there."""
    return find_spec("matplotlib") is not None


def placed(file: Path, root: Path | None) -> str:
    """Name a file from a folder, if it is below it."""
    if root is not None and file.is_absolute() and file.is_relative_to(root):
        file = file.relative_to(root)
    return file.as_posix()


def _mismatches(failures: Sequence[tuple["Failure", int]]) -> list[Mismatch]:
    return [
        Mismatch(what=f.what, epoch=f.epoch, expected=f.expected, got=f.got, line=line)
        for f, line in failures
    ]


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
            if name not in ("tolerance", "accepted") and below.isdisjoint(wrong):
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


def _facts(run: "Run") -> Iterator[tuple[str, str]]:
    """What came of a run, a line each."""
    yield "epochs run", str(run.epochs_run)
    stop = run.stopped
    at = "" if stop is None or stop.batch is None else f", batch {stop.batch}"
    yield "stopped", f"epoch {stop.epoch}{at}, by {stop.by}" if stop else "never"
    if run.restored:
        yield "weights put back", "; ".join(f"{u.by}: {u.to}" for u in run.restored)
    if run.weights is not None:
        yield "weights at the end", str(run.weights)
    rates = [rate for rate in run.learning_rate if rate is not None]
    if rates:
        kept = [rate for at, rate in enumerate(rates) if at == 0 or rate != rates[at - 1]]
        more = [] if len(kept) <= 8 else ["..."]
        yield "learning rate", ", ".join([*map(number, kept[: 8 - len(more)]), *more])
    if run.overrides:
        told = (f"epoch {o.epoch}: {o.by} undoes {o.undoes}" for o in run.overrides)
        yield "rates thrown away", "; ".join(told)
    if run.raised is not None:
        yield "exception", f"{run.raised.type}: {run.raised.message}".removesuffix(": ")
