"""What became of scenarios and tests, as one HTML file that needs no network."""

import json
import os
from base64 import b64encode
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from itertools import zip_longest
from pathlib import Path

from dryfit.facts.failure import Mismatch
from dryfit.facts.readable import at_epoch
from dryfit.judge.outcome import Outcome, worst
from dryfit.scenario.whole_file import write_text
from dryfit.show.page.banner import Banner, Provenance
from dryfit.show.page.entry import Entry, can_draw
from dryfit.show.page.inline import Inliner
from dryfit.show.page.links import link
from dryfit.show.page.places import Places
from dryfit.show.page.templating import templates, why_no_pages
from dryfit.show.page.yaml_colours import Part, coloured
from dryfit_fakes.quantities import quantity


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
class CallEntry:
    """One call, in each lane.

    Attributes:
        lanes: those in which there was such a call.
        facts: what came of it: the name, and the lanes' values.
        tables: an epoch table for each lane, one if all are the same, with its title.
        pictures: likewise, each with what it can be asked, as JSON.
    """

    name: str
    lanes: tuple[str, ...]
    facts: tuple[tuple[str, tuple[str, ...]], ...]
    tables: tuple[tuple[str, str], ...]
    pictures: tuple[tuple[str, str, str], ...]


@dataclass(frozen=True, slots=True)
class PageEntry:
    """A scenario in all lanes in which it was played, or a test.

    Attributes:
        id: its place on the page.
        outcome: the worst of the lanes'.
    """

    id: str
    outcome: Outcome
    entries: tuple[Entry, ...]
    calls: tuple[CallEntry, ...]
    lines: tuple[Line, ...]

    @property
    def first(self) -> Entry:
        """The first lane's: name, file and source are the same in all."""
        return self.entries[0]

    @property
    def holds(self) -> bool:
        """Whether nothing is to be done about it."""
        return self.outcome.holds

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
    if not os.path.isdir(file.parent):
        raise ReportError(f"cannot write {file}: there is no folder {file.parent}; make it first")
    if os.path.isdir(file):
        raise ReportError(f"cannot write {file}: it is a folder; name a file, such as report.html")
    if missing := why_no_pages("a report", "report"):
        raise ReportError(missing)


def write_page(file: Path, entries: Iterable[Entry], made: Provenance | None = None) -> None:
    """Write a page, in place of one that is there."""
    write_text(file, as_html(entries, made))


def as_html(entries: Iterable[Entry], made: Provenance | None = None) -> str:
    """Write entries as the text of an HTML page.

    Args:
        entries: scenarios in their lanes, and tests.
        made: how the page came to be, where it is to say so.
    """
    found = cases(entries)
    failing = [case for case in found if not case.holds]
    places = Places.of([case.first["file"] for case in found], made.folder if made else "")
    rest: dict[str, list[PageEntry]] = {}
    for case in sorted(found, key=lambda case: places.folder(case.first["file"])):
        rest.setdefault(places.folder(case.first["file"]), []).append(case)
    environment = templates("dryfit.show.page")
    inliner = Inliner()
    environment.filters |= {"link": link, "inline": inliner.element, "words": _words}
    environment.filters |= {"short": places.short, "coloured": _coloured}
    assert environment.loader is not None
    script = environment.loader.get_source(environment, "page.js")[0]
    digest = sha256(script.encode()).digest()
    counts = Counter(case.outcome for case in found)
    return environment.get_template("page.html").render(
        title="dryfit report",
        banner=_banner(found, failing),
        made=made,
        above=places.above,
        script=script,
        script_hash=b64encode(digest).decode(),
        inliner=inliner,
        said=_said(found),
        counts=[(outcome, counts[outcome]) for outcome in Outcome if counts[outcome]],
        failing=failing,
        subjects=rest,
        can_draw=can_draw() or any(call.pictures for case in found for call in case.calls),
    )


def cases(entries: Iterable[Entry]) -> list[PageEntry]:
    """Bring the lanes of each scenario together; failures first, then as they came."""
    found: dict[str, dict[str, Entry]] = {}
    for entry in entries:
        found.setdefault(entry["key"], {})[entry["lane"]] = entry
    made = [_case(number, tuple(lanes.values())) for number, lanes in enumerate(found.values())]
    return sorted(made, key=lambda case: (case.holds, list(Outcome).index(case.outcome)))


def _case(number: int, entries: tuple[Entry, ...]) -> PageEntry:
    return PageEntry(
        id=f"case-{number}",
        outcome=worst(entry["outcome"] for entry in entries),
        entries=entries,
        calls=tuple(_calls(entries)),
        lines=tuple(_lines(entries)),
    )


def _calls(entries: Sequence[Entry]) -> Iterator[CallEntry]:
    played = [entry for entry in entries if entry["runs"]]
    several = max((len(entry["runs"]) for entry in played), default=0) > 1
    for index, runs in enumerate(zip_longest(*(entry["runs"] for entry in played))):
        lanes = [(e["lane"], r) for e, r in zip(played, runs, strict=True) if r is not None]
        names = dict.fromkeys(name for _, run in lanes for name in run["facts"])
        name = lanes[0][1]["name"]
        yield CallEntry(
            name=(f"call {index}: {name}" if lanes[0][0] else name) if several else "",
            lanes=tuple(lane for lane, _ in lanes),
            facts=tuple((n, tuple(run["facts"].get(n, "") for _, run in lanes)) for n in names),
            tables=tuple(_alike([(lane, run["table"]) for lane, run in lanes])),
            pictures=tuple(
                (lane, run["picture"], json.dumps(run["slider"]) if run["slider"] else "")
                for lane, run in lanes
                if run["picture"]
            ),
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
        where = at_epoch(mismatch["what"], mismatch["epoch"])
        alike = len(entries) == 1 or sum(m == mismatch for _, m in found) > 1
        yield f"{where}{'' if alike else f', {lane} lane'}: got {mismatch['got']}"


def _banner(found: Sequence[PageEntry], failing: Sequence[PageEntry]) -> Banner:
    if not found:
        return Banner("dryfit report", "Nothing was played", "odd")
    if failing:
        verb = "does" if len(failing) == 1 else "do"
        return Banner("dryfit report", f"{len(failing)} of {len(found)} {verb} not hold", "bad")
    played = any(case.outcome is not Outcome.SKIPPED for case in found)
    if not played:
        return Banner("dryfit report", "Everything was skipped", "odd")
    return Banner("dryfit report", "All hold" if len(found) > 1 else "It holds", "good")


def _coloured(lines: Sequence[Line]) -> list[tuple[Line, list[Part]]]:
    return list(zip(lines, coloured([line.text for line in lines]), strict=True))


def _words(outcome: str) -> str:
    return Outcome(outcome).words


def _said(found: Sequence[PageEntry]) -> str:
    lanes = dict.fromkeys(e["lane"] for case in found for e in case.entries if e["lane"])
    checks = sum(e["checks"] for case in found for e in case.entries)
    tests = sum(not case.first["lane"] for case in found)
    parts = [f"{quantity(len(found) - tests, 'scenario')}, {quantity(checks, 'check')}"]
    parts += [f"in the {' and the '.join(lanes)} lane"] if lanes else []
    parts += [f"and {quantity(tests, 'failing test')}"] if tests else []
    return " ".join(parts)
