"""What GitHub shows of scenarios: annotations on their lines, and a job summary.

Source: "Workflow commands for GitHub Actions" and "Adding a job summary" in GitHub's
documentation. A command is a line; what would end it or one of its properties is escaped.
"""

import os
from collections.abc import Iterable, Iterator, Sequence
from html import escape
from pathlib import Path

from dryfit.facts.failure import Mismatch
from dryfit.facts.readable import at_epoch
from dryfit.facts.visible_text import in_a_line, visible
from dryfit.judge.outcome import Outcome, counted
from dryfit.show.markdown import fenced, pipes, plain
from dryfit.show.page.entry import Entry

_ROWS, _TABLES = 500, 400_000  # rows, bytes: GitHub refuses a job summary of more than 1 MiB


def annotations(
    entries: Iterable[Entry], root: Path = Path(), workspace: str = ""
) -> Iterator[str]:
    """Write a workflow command for each expectation that is not met, at its line.

    Args:
        entries: what became of scenarios and tests.
        root: the folder that their files are named from.
        workspace: the folder of the checkout, from which GitHub names files.
    """
    lanes: dict[tuple[str, int, str, str], list[str]] = {}
    for entry in entries:
        for line, message in failures(entry):
            file = _named(entry["file"], root, workspace)
            lanes.setdefault((file, line, entry["name"], message), []).append(entry["lane"])
    for (file, line, name, message), where in lanes.items():  # GitHub shows few; each once
        title = f"{name} [{' and '.join(where)}]" if any(where) else name
        yield error(file, line, title, message)


def error(file: str, line: int, title: str, message: str) -> str:
    """Write one workflow command."""
    place = f"file={_property(file)},line={line}"
    return f"::error {place},title={_property(title)}::{_data(message)}"


def failures(entry: Entry) -> Iterator[tuple[int, str]]:
    """Each thing that does not hold: its line, and what it says in words."""
    if Outcome(entry["outcome"]).holds:
        return
    for mismatch in entry["mismatches"]:
        yield mismatch["line"], _words(mismatch)
    if not entry["mismatches"]:
        yield entry["line"], _short(entry["text"]) or entry["reason"]


def properties(entry: Entry) -> list[tuple[str, str]]:
    """What a JUnit report has as properties of a failing test: where, and what."""
    found = list(failures(entry))
    place = [("file", entry["file"]), ("line", str(found[0][0]))] if found else []
    told = [("failure", f"{entry['file']}:{line}: {words}") for line, words in found]
    return [(name, visible(value)) for name, value in (*place, *told)]


def job_summary(entries: Sequence[Entry]) -> str:
    """Write what became of them in Markdown: counts, each mismatch, and epoch tables."""
    said = ", ".join(counted(entry["outcome"] for entry in entries))
    lines = ["## dryfit", "", said or "nothing was played", ""]
    failing = [entry for entry in entries if not Outcome(entry["outcome"]).holds]
    rows = [(entry, *found) for entry in failing for found in failures(entry)]
    if rows:
        titles = ("scenario", "lane", "line", "what does not hold")
        lines += pipes(titles, [":---"] * len(titles), (_row(*row) for row in rows[:_ROWS]))
    if len(rows) > _ROWS:
        lines.append(f"\nAnd {len(rows) - _ROWS} more.")
    return "\n".join([*lines, *_tables(failing), ""])


def _row(entry: Entry, line: int, words: str) -> tuple[str, ...]:
    return plain(entry["name"]), entry["lane"], f"{plain(entry['file'])}:{line}", plain(words)


def _tables(failing: Sequence[Entry]) -> Iterator[str]:
    """The epoch tables of what does not hold, folded; not more than GitHub takes."""
    left = _TABLES
    for number, entry in enumerate(failing):
        tables = "\n\n".join(run["table"] for run in entry["runs"])
        left -= len(tables.encode())
        if left < 0:
            yield f"\nEpoch tables of {len(failing) - number} more are left out."
            return
        if tables:
            name = f"{entry['name']} {entry['lane']}"
            yield f"\n<details><summary>{escape(in_a_line(name))}</summary>\n"
            yield f"{fenced(tables)}\n</details>"


def _words(mismatch: Mismatch) -> str:
    where = at_epoch(mismatch["what"], mismatch["epoch"])
    return f"{where}: expected {mismatch['expected']}, got {mismatch['got']}"


def _named(file: str, root: Path, workspace: str) -> str:
    """Name a file from a folder, if there is one and the file is below it."""
    below = os.path.relpath(root / file, workspace) if workspace else ".."
    return file if below.startswith("..") else Path(below).as_posix()


def _short(text: str) -> str:
    """Leave of a test's failure what pytest marks as the error."""
    errors = [line[1:].strip() for line in text.splitlines() if line.startswith("E ")]
    return "\n".join(errors) or text


def _data(text: str) -> str:
    return visible(text).replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
