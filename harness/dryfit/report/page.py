"""What became of scenarios and tests, as one HTML file that needs no network."""

from base64 import b64encode
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from importlib.util import find_spec
from itertools import zip_longest
from pathlib import Path, PurePosixPath

from dryfit.report.entry import Entry, Mismatch, can_draw
from dryfit.report.inline import Inliner
from dryfit.report.style import STYLE
from dryfit.report.threads import link

OUTCOMES = ("error", "failed", "known_defect", "passed", "skipped")  # the worst first
NEEDED = "a report needs jinja2: pip install 'dryfit[report]'"


class ReportError(ValueError):
    """A report cannot be written."""


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a scenario file, with what became of it.

    Attributes:
        mark: ``met``, ``missed``, ``broken`` or empty.
        notes: what came instead.
    """

    number: int
    text: str
    mark: str
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Call:
    """One call, in each lane.

    Attributes:
        lanes: those in which there was such a call.
        facts: what came of it: the name, and the lanes' values.
        tables: an epoch table for each lane, one if all are the same, with its title.
        pictures: likewise.
    """

    name: str
    lanes: tuple[str, ...]
    facts: tuple[tuple[str, tuple[str, ...]], ...]
    tables: tuple[tuple[str, str], ...]
    pictures: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Case:
    """A scenario in all lanes in which it was played, or a test.

    Attributes:
        id: its place on the page.
        outcome: the worst of the lanes'.
    """

    id: str
    outcome: str
    entries: tuple[Entry, ...]
    calls: tuple[Call, ...]
    lines: tuple[Line, ...]

    @property
    def first(self) -> Entry:
        """The first lane's: name, file and source are the same in all."""
        return self.entries[0]

    @property
    def holds(self) -> bool:
        """Whether nothing is to be done about it."""
        return self.outcome not in ("error", "failed")

    @property
    def subject(self) -> str:
        """The folder of its file."""
        return str(PurePosixPath(self.first["file"]).parent)

    @property
    def reasons(self) -> list[str]:
        """Why it was skipped, or which defect it is: once, where all lanes say the same."""
        return list(dict.fromkeys(e["reason"] for e in self.entries if e["reason"]))

    @property
    def mismatches(self) -> list[tuple[str, str, Mismatch]]:
        """What is not as expected: the lanes, ``missed`` or ``broken``, and the mismatch."""
        found: list[tuple[str, str, Mismatch]] = []
        for entry in self.entries:
            for kind, mismatches in (("missed", entry["mismatches"]), ("broken", entry["broken"])):
                for mismatch in mismatches:
                    said = [(k, m) for _, k, m in found]
                    if (kind, mismatch) in said:
                        at = said.index((kind, mismatch))
                        found[at] = (f"{found[at][0]}, {entry['lane']}", kind, mismatch)
                    else:
                        found.append((entry["lane"], kind, mismatch))
        return found


def check_place(file: Path) -> None:
    """Say before anything is played whether a report cannot be written.

    Raises:
        ReportError: there is no such folder, or a library is not installed.
    """
    if not file.parent.is_dir():
        raise ReportError(f"cannot write {file}: there is no folder {file.parent}; make it first")
    if file.is_dir():
        raise ReportError(f"cannot write {file}: it is a folder; name a file, such as report.html")
    if find_spec("jinja2") is None:
        raise ReportError(NEEDED)


def write_page(file: Path, entries: Iterable[Entry]) -> None:
    """Write a page."""
    file.write_text(as_html(entries), encoding="utf-8")


def as_html(entries: Iterable[Entry]) -> str:
    """Write entries as the text of an HTML page."""
    from jinja2 import Environment, PackageLoader, StrictUndefined

    found = cases(entries)
    failing = [case for case in found if not case.holds]
    rest: dict[str, list[Case]] = {}
    for case in sorted(found, key=lambda case: case.subject):
        rest.setdefault(case.subject, []).append(case)
    loader = PackageLoader("dryfit.report")
    environment = Environment(
        loader=loader,
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    inliner = Inliner()
    environment.filters |= {"link": link, "inline": inliner.element}
    script = loader.get_source(environment, "page.js")[0]
    digest = sha256(script.encode()).digest()
    counts = Counter(case.outcome for case in found)
    return environment.get_template("page.html").render(
        title="dryfit report",
        style=STYLE,
        script=script,
        script_hash=b64encode(digest).decode(),
        inliner=inliner,
        said=_said(found),
        counts=[(outcome, counts[outcome]) for outcome in OUTCOMES if counts[outcome]],
        failing=failing,
        subjects=rest,
        can_draw=can_draw() or any(call.pictures for case in found for call in case.calls),
    )


def cases(entries: Iterable[Entry]) -> list[Case]:
    """Bring the lanes of each scenario together; failures first, then as they came."""
    found: dict[str, dict[str, Entry]] = {}
    for entry in entries:
        found.setdefault(entry["key"], {})[entry["lane"]] = entry
    made = [_case(number, tuple(lanes.values())) for number, lanes in enumerate(found.values())]
    return sorted(made, key=lambda case: (case.holds, OUTCOMES.index(case.outcome)))


def _case(number: int, entries: tuple[Entry, ...]) -> Case:
    played = [e["outcome"] for e in entries if e["outcome"] != "skipped"] or ["skipped"]
    return Case(
        id=f"case-{number}",
        outcome=min(played, key=OUTCOMES.index),
        entries=entries,
        calls=tuple(_calls(entries)),
        lines=tuple(_lines(entries)),
    )


def _calls(entries: Sequence[Entry]) -> Iterator[Call]:
    played = [entry for entry in entries if entry["runs"]]
    several = max((len(entry["runs"]) for entry in played), default=0) > 1
    for index, runs in enumerate(zip_longest(*(entry["runs"] for entry in played))):
        lanes = [(e["lane"], r) for e, r in zip(played, runs, strict=True) if r is not None]
        names = dict.fromkeys(name for _, run in lanes for name in run["facts"])
        name = lanes[0][1]["name"]
        yield Call(
            name=(f"call {index}: {name}" if lanes[0][0] else name) if several else "",
            lanes=tuple(lane for lane, _ in lanes),
            facts=tuple((n, tuple(run["facts"].get(n, "") for _, run in lanes)) for n in names),
            tables=tuple(_alike([(lane, run["table"]) for lane, run in lanes])),
            pictures=tuple((lane, run["picture"]) for lane, run in lanes if run["picture"]),
        )


def _alike(tables: Sequence[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    """One of several tables that are the same but for the last line, which names the lane."""
    (lane, first), *_ = tables
    rows, _, last = first.rpartition("\n")
    if len({table.rpartition("\n")[0] for _, table in tables}) == 1 < len(tables):
        yield "the same in both lanes", f"{rows}\n{last.replace(f' in the {lane} lane', '', 1)}"
        return
    for lane, table in tables:
        yield f"{lane} lane" if len(tables) > 1 else "", table


def _lines(entries: Sequence[Entry]) -> Iterator[Line]:
    """The scenario's lines; what one lane misses is missed."""
    first = entries[0]
    for number, text in enumerate(first["lines"], first["first_line"]):
        missed = [(e["lane"], m) for e in entries for m in e["mismatches"] if m["line"] == number]
        broken = [(e["lane"], m) for e in entries for m in e["broken"] if m["line"] == number]
        met = any(number in entry["met"] for entry in entries)
        mark = "missed" if missed else "broken" if broken else "met" if met else ""
        yield Line(number, text, mark, tuple(dict.fromkeys(_notes([*missed, *broken], entries))))


def _notes(found: Sequence[tuple[str, Mismatch]], entries: Sequence[Entry]) -> Iterator[str]:
    for lane, mismatch in found:
        where = "" if mismatch["epoch"] is None else f", epoch {mismatch['epoch']}"
        alike = len(entries) == 1 or sum(m == mismatch for _, m in found) > 1
        yield f"{mismatch['what']}{where}{'' if alike else f', {lane} lane'}: got {mismatch['got']}"


def _said(found: Sequence[Case]) -> str:
    lanes = dict.fromkeys(e["lane"] for case in found for e in case.entries if e["lane"])
    checks = sum(e["checks"] for case in found for e in case.entries)
    tests = sum(not case.first["lane"] for case in found)
    parts = [f"{len(found) - tests} scenarios, {checks} checks"]
    parts += [f"in the {' and the '.join(lanes)} lane"] if lanes else []
    parts += [f"and {tests} failing test{'s' if tests > 1 else ''}"] if tests else []
    return " ".join(parts)
