"""The pytest plugin: wiring only.

Neither Keras nor numpy is imported before a fixture is used.
"""

import sys
from collections.abc import Callable, Generator, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from dryfit.bench.overhead import Overhead
    from dryfit.check.card import Card
    from dryfit.lanes.fake import ScriptedModel
    from dryfit.report.entry import Entry
    from dryfit.run import Run
    from dryfit.scenario.load import Scenario
    from dryfit.verdict import Verdict
    from dryfit_fakes.clock import VirtualClock
    from dryfit_fakes.script import Script

_RUNS = pytest.StashKey[list["Run | ScriptedModel"]]()
_GPU = pytest.StashKey[str]()


@pytest.fixture
def scripted_fit(request: pytest.FixtureRequest) -> Callable[..., "Run"]:
    """Play a script to callbacks: ``scripted_fit(metrics, callbacks=[...], epochs=...)``.

    Takes what `dryfit.play` takes: a `Script` or its metrics, ``callbacks``,
    ``lane="fake"``, ``after=`` an earlier run, and the keys of a script. Returns
    a `dryfit.Run`.
    """

    def fit(script: "Script | Mapping[str, Any]", callbacks: Any = None, **options: Any) -> "Run":
        __tracebackhide__ = True
        from dryfit.lanes import play

        try:
            run = play(script, callbacks, **options)
        except BaseException as error:
            _keep(request, getattr(error, "run", None))
            raise
        _keep(request, run)
        return run

    return fit


@pytest.fixture
def scripted_model(request: pytest.FixtureRequest) -> Callable[..., "ScriptedModel"]:
    """Make a model that follows a script: ``scripted_model(metrics, epochs=...)``.

    Takes a `Script` or its metrics, the keys of a script, and ``model=`` a
    ``keras.Model`` to lend.
    """

    def make(
        script: "Script | Mapping[str, Any]", *, model: Any = None, **keys: Any
    ) -> "ScriptedModel":
        __tracebackhide__ = True
        from dryfit.lanes.fake import ScriptedModel
        from dryfit_fakes.script import Script

        scripted = ScriptedModel(Script.of(script, **keys), model=model)
        _keep(request, scripted)
        return scripted

    return make


@pytest.fixture
def callback_overhead(request: pytest.FixtureRequest) -> Callable[..., "Overhead"]:
    """Measure what a callback costs per batch: ``callback_overhead(callback, batches=1000)``.

    Takes a callback, its class or a function that makes one; returns a
    `dryfit.bench.overhead.Overhead`. Once a test, because pytest-benchmark keeps
    the rounds.
    """

    def measure(callback: Any, **options: Any) -> "Overhead":
        __tracebackhide__ = True
        from dryfit.bench.overhead import overhead

        if not request.config.pluginmanager.has_plugin("benchmark"):
            pytest.fail("callback_overhead needs pytest-benchmark: pip install 'dryfit[bench]'")
        return overhead(request.getfixturevalue("benchmark"), callback, **options)

    return measure


@pytest.fixture
def virtual_clock() -> Iterator["VirtualClock"]:
    """Let time stand for a test, but where it is moved: ``virtual_clock.tick(60)``.

    ``time.time``, ``monotonic``, ``perf_counter`` and ``datetime.now`` agree, and
    ``time.sleep`` moves them on without waiting. Plays go on with this clock.
    """
    from dryfit_fakes.clock import virtual_clock

    with virtual_clock() as clock:
        yield clock


@pytest.fixture
def check_callback() -> Callable[..., "Card"]:
    """Play a battery of scenarios to a callback: ``check_callback(MyCallback, patience=3)``.

    Takes a class and its arguments, a function that makes an instance, or a target
    as text; returns a `dryfit.check.Card`, which has ``assert_passed()``.
    """
    from dryfit.check import check_callback as check

    return check


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add dryfit's options."""
    group = parser.getgroup("dryfit", "scenarios of Keras callbacks")
    group.addoption(
        "--dryfit-lane",
        choices=("fake", "real", "both"),
        default="fake",
        help="the lane in which *.scenario.yaml files are played (default: fake)",
    )
    group.addoption(
        "--dryfit-check-determinism",
        action="store_true",
        help="play each scenario twice and compare the timelines",
    )
    group.addoption(
        "--dryfit-gpu-memory-limit",
        metavar="MB",
        help="how much of a GPU's memory the real lane's backend may take (default: 1024)",
    )
    group.addoption(
        "--dryfit-report",
        metavar="FILE",
        help="write a page of all scenarios, and of the runs of tests that fail",
    )
    group.addoption(
        "--dryfit-github",
        action="store_true",
        help="print annotations for GitHub, and add to $GITHUB_STEP_SUMMARY",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Collect for a page or for GitHub, where somebody asks; under xdist not in the workers."""
    page, github = config.getoption("--dryfit-report"), config.getoption("--dryfit-github")
    if not (page or github) or hasattr(config, "workerinput"):
        return
    from dryfit.report.page import ReportError, check_place
    from dryfit.report.session import Session

    try:
        if page:
            check_place(Path(page))
    except ReportError as error:
        raise pytest.UsageError(str(error)) from None
    session = Session(config.rootpath, Path(page).absolute() if page else None, github)
    config.pluginmanager.register(session, "dryfit-session")


def pytest_sessionstart(session: pytest.Session) -> None:
    """Limit the GPU before a test can use it; under xdist its workers do, not their parent."""
    config = session.config
    asked = config.getoption("--dryfit-gpu-memory-limit")
    if asked is None and config.getoption("--dryfit-lane") == "fake":
        return
    try:
        from dryfit.lanes import gpu

        gpu.ask_for(asked)
        plays = config.getoption("dist", "no") == "no"
        config.stash[_GPU] = gpu.limit_gpu_memory() if plays else gpu.planned_limit()
    except (ImportError, RuntimeError, ValueError) as error:
        if not hasattr(config, "workerinput"):  # in a worker, each play says it
            raise pytest.UsageError(str(error)) from None


def pytest_report_header(config: pytest.Config) -> list[str]:
    """Say where the real lane plays."""
    return [config.stash[_GPU]] if _GPU in config.stash else []


def pytest_collect_file(parent: pytest.Collector, file_path: Path) -> "ScenarioFile | None":
    """Collect scenario files."""
    if file_path.name.endswith(".scenario.yaml"):
        return ScenarioFile.from_parent(parent, path=file_path)
    return None


class ScenarioFile(pytest.File):
    """A scenario file: an item for each scenario and lane."""

    def collect(self) -> Iterator["ScenarioItem"]:
        """Parse the file; importing and constructing wait until an item is played."""
        from dryfit.scenario.load import load_scenarios
        from dryfit.scenario.problems import ScenarioFileError

        try:
            scenarios = load_scenarios(self.path)
        except ScenarioFileError as error:
            raise self.CollectError(str(error)) from None
        chosen = self.config.getoption("--dryfit-lane")
        for scenario in scenarios:
            for lane in ("fake", "real") if chosen == "both" else (chosen,):
                name = f"{scenario.slug}[{lane}]"
                # The id as text: pytest 9 finds the part in brackets in it, for --lf.
                nodeid = f"{self.nodeid}::{name}"
                yield ScenarioItem.from_parent(
                    self, name=name, nodeid=nodeid, scenario=scenario, lane=lane
                )


class ScenarioFailedError(Exception):
    """A scenario does not hold; the text says everything about it."""


class ScenarioItem(pytest.Item):
    """One scenario in one lane."""

    def __init__(self, *, scenario: "Scenario", lane: str, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.scenario, self.lane = scenario, lane
        self.verdict: Verdict | None = None

    def runtest(self) -> None:
        """Play the scenario and compare it with what it expects."""
        from dryfit.explain import explain
        from dryfit.parity import compared
        from dryfit.verdict import judge

        both = self.lane == "real" and self.config.getoption("--dryfit-lane") == "both"
        again = self.config.getoption("--dryfit-check-determinism")
        verdict = judge(self.scenario, self.lane, whole=both or again)
        if both:
            verdict = compared(judge(self.scenario, "fake", whole=True), verdict)
        if again and verdict.holds and verdict.run is not None:
            second = judge(self.scenario, self.lane, whole=True).run
            if second is not None and verdict.run.timeline != second.timeline:
                reason = "two plays have different timelines"
                verdict = replace(verdict, outcome="failed", reason=reason)
        self.verdict = verdict
        if verdict.outcome == "skipped":
            pytest.skip(verdict.reason)
        if not verdict.holds:
            raise ScenarioFailedError(explain(verdict))

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        """Show a failure in a scenario's own words, anything else as pytest does."""
        if isinstance(excinfo.value, ScenarioFailedError):
            return str(excinfo.value)
        return super().repr_failure(excinfo)

    def reportinfo(self) -> tuple[Path, int, str]:
        """The scenario's place in its file."""
        return self.path, self.scenario.line(("name",)) - 1, self.name


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Show the epoch tables of a test that fails in its call."""
    report = yield
    runs = _runs(item, call) if report.failed and call.when == "call" else []
    for number, run in enumerate(runs):
        report.sections.append((f"dryfit: epoch table of run {number}", run.table()))
    if entry := _entry(item, report, runs):
        report.dryfit = [entry]  # type: ignore[attr-defined]  # an extra: xdist sends it along
        if report.failed and isinstance(item, ScenarioItem):
            from dryfit.report import github

            item.user_properties += github.properties(entry)
    return report


def _entry(item: pytest.Item, report: pytest.TestReport, runs: list["Run"]) -> "Entry | None":
    """What a page, GitHub or a JUnit file shows of a test, where one of them is asked for."""
    drawn = bool(item.config.getoption("--dryfit-report"))
    wanted = drawn or item.config.getoption("--dryfit-github")
    verdict = None
    if isinstance(item, ScenarioItem):
        verdict, item.verdict = item.verdict, None  # pytest keeps items to the end
        wanted = wanted or report.failed
    if not wanted or not (verdict or runs or (isinstance(item, ScenarioItem) and report.failed)):
        return None
    from dryfit.report import entry

    if verdict is not None:
        return entry.of_verdict(verdict, item.config.rootpath, drawn=drawn)
    file, line = report.location[:2]
    return entry.of_test(item.nodeid, file, (line or 0) + 1, report.longreprtext, runs, drawn=drawn)


def _keep(request: pytest.FixtureRequest, run: "Run | ScriptedModel | None") -> None:
    if run is not None:
        request.node.stash.setdefault(_RUNS, []).append(run)


def _runs(item: pytest.Item, call: pytest.CallInfo[None]) -> list["Run"]:
    """The runs of the fixtures, and those that the failing test holds in its variables."""
    module = sys.modules.get("dryfit.run")
    if module is None:
        return []
    found: list[Any] = []
    for made in item.stash.get(_RUNS, []):
        found += getattr(made, "runs", [made])
    if call.excinfo is not None:
        frames = [entry.frame for entry in call.excinfo.traceback]
        found += [value for frame in frames for value in frame.f_locals.values()]
    runs = [run for run in found if isinstance(run, module.Run)]
    return list({id(run): run for run in runs}.values())
