"""Collects from a pytest session what a page and GitHub show, from xdist's workers too."""

import os
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from dryfit.show.page.entry import Entry


@dataclass
class Session:
    """A pytest plugin, registered where somebody wants to see the session.

    Attributes:
        root: the folder that pytest names files from.
        page: where to write a page, if anywhere.
        github: whether to print annotations.
        typed: the command.
        entries: what was seen so far. A test that is run again has its last outcome.
        unwritten: why a file is not there.
    """

    root: Path
    page: Path | None
    github: bool
    typed: tuple[str, ...]
    entries: "dict[tuple[str, str], Entry]" = field(default_factory=dict)
    unwritten: list[str] = field(default_factory=list)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Take what the test's process put into its report."""
        self._take(getattr(report, "dryfit", []))

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """A scenario file that cannot be used is no less a failure."""
        if report.failed and report.nodeid.endswith((".scenario.yaml", ".scenario.yml")):
            from dryfit.show.page.entry import of_test

            text = report.longreprtext.replace(f"{self.root / report.nodeid}:", f"{report.nodeid}:")
            place = re.match(rf"{re.escape(report.nodeid)}:(\d+): ", text)
            line = int(place[1]) if place else 1
            self._take([of_test(report.nodeid, report.nodeid, line, text, [])])

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Write the page, of a session that was interrupted too, and GitHub's summary."""
        if self.page is not None:
            from dryfit.show.page.banner import provenance
            from dryfit.show.page.page import write_page

            made, entries = provenance(self.typed), self.entries.values()
            self._write(session, lambda page: write_page(page, entries, made), self.page)
        if self.github and (file := os.environ.get("GITHUB_STEP_SUMMARY")):
            from dryfit.scenario.whole_file import append_text
            from dryfit.show import github

            said = github.job_summary(list(self.entries.values()))
            self._write(session, lambda file: append_text(file, said), Path(file))

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Print annotations, and say where the page is."""
        entries = list(self.entries.values())
        if self.github:
            from dryfit.show import github

            terminalreporter.ensure_newline()
            workspace = os.environ.get("GITHUB_WORKSPACE", "")
            for line in github.annotations(entries, self.root, workspace):
                terminalreporter.write_line(line)
        for why in self.unwritten:
            terminalreporter.write_line(f"dryfit: {why}", red=True)
        if self.page is not None and not self.unwritten:
            terminalreporter.write_sep("-", f"dryfit report: {self.page}")

    def _write(self, session: pytest.Session, write: Callable[[Path], object], file: Path) -> None:
        """Write a file; that it cannot be is told with the verdicts, which are not lost."""
        from dryfit.scenario.whole_file import UnwritableError

        try:
            write(file)
        except UnwritableError as error:
            self.unwritten.append(str(error))
            session.exitstatus = pytest.ExitCode.USAGE_ERROR

    def _take(self, entries: "list[Entry]") -> None:
        for entry in entries:
            self.entries[entry["key"], entry["lane"]] = entry
