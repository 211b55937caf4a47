"""The tests of a pack, played by pytest in this process."""

from collections.abc import Collection, Sequence
from importlib.util import find_spec
from pathlib import Path

import pytest

from dryfit.tools.mutate.cases import JudgedCase, Seen

FIXTURES = frozenset(("scripted_fit", "scripted_model", "check_callback"))
"""A test of a pack uses one of these, or another fixture that does."""


class _Watch:
    """A pytest plugin: leaves out what is not wanted, and tells what comes of the rest."""

    def __init__(self, seen: Seen, wanted: Collection[str] | None) -> None:
        self._seen, self._wanted = seen, wanted
        self._outcome = ("", "")

    def pytest_collection_modifyitems(
        self, config: pytest.Config, items: list[pytest.Item]
    ) -> None:
        items[:] = [item for item in items if self._is_wanted(item)]

    def _is_wanted(self, item: pytest.Item) -> bool:
        if FIXTURES.isdisjoint(getattr(item, "fixturenames", ())):
            return False
        return self._wanted is None or item.nodeid in self._wanted

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.failed:
            self._seen(JudgedCase(report.nodeid, "error", _last_line(report.longreprtext)))

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.when == "setup" or report.outcome != "passed" or hasattr(report, "wasxfail"):
            outcome = (
                "xfailed" if hasattr(report, "wasxfail") and report.skipped else report.outcome
            )
            if self._outcome[0] in ("", "passed"):
                self._outcome = outcome, _last_line(report.longreprtext)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> object:
        self._outcome = ("", "")
        done = yield
        if not self._seen(JudgedCase(item.nodeid, *self._outcome)):
            item.session.shouldstop = "noticed"
        return done


def play_tests(files: Sequence[Path], seen: Seen, wanted: Collection[str] | None) -> None:
    """Run the tests that use the fixtures, or some of them.

    Args:
        files: of tests.
        seen: takes what came of each test, and says whether to go on.
        wanted: ids of tests; all where there is none.
    """
    arguments = ["-q", "-p", "no:cacheprovider", *map(str, files)]
    if find_spec("xdist") is not None:
        arguments.append("-n0")  # a worker would not have the fault
    pytest.main(arguments, plugins=[_Watch(seen, wanted)])


def _last_line(text: str) -> str:
    return text.strip().splitlines()[-1] if text.strip() else ""
