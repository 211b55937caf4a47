"""Collects from a pytest session what a page and GitHub show, from xdist's workers too."""

import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from dryfit.report.entry import Entry


@dataclass
class Session:
    """A pytest plugin, registered where somebody wants to see the session.

    Attributes:
        root: the folder that pytest names files from.
        page: where to write a page, if anywhere.
        github: whether to print annotations.
        entries: what was seen so far. A test that is run again has its last outcome.
    """

    root: Path
    page: Path | None
    github: bool
    entries: "dict[tuple[str, str], Entry]" = field(default_factory=dict)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Take what the test's process put into its report."""
        self._take(getattr(report, "dryfit", []))

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """A scenario file that cannot be used is no less a failure."""
        if report.failed and report.nodeid.endswith(".scenario.yaml"):
            from dryfit.report.entry import of_test

            self._take([of_test(report.nodeid, report.nodeid, 1, report.longreprtext, [])])

    def pytest_sessionfinish(self) -> None:
        """Write the page, of a session that was interrupted too."""
        if self.page is not None:
            from dryfit.report.page import write_page

            write_page(self.page, self.entries.values())

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        """Print annotations, and say where the page is."""
        entries = list(self.entries.values())
        if self.github:
            from dryfit.report import github

            terminalreporter.ensure_newline()
            workspace = os.environ.get("GITHUB_WORKSPACE", "")
            for line in github.annotations(entries, self.root, workspace):
                terminalreporter.write_line(line)
            if file := os.environ.get("GITHUB_STEP_SUMMARY"):
                github.append(file, github.job_summary(entries))
        if self.page is not None:
            terminalreporter.write_sep("-", f"dryfit report: {self.page}")

    def _take(self, entries: "list[Entry]") -> None:
        for entry in entries:
            self.entries[entry["key"], entry["lane"]] = entry
