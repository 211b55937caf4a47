"""The pytest plugin: wiring only.

Neither Keras nor numpy is imported before a fixture is used.
"""

import sys
from collections.abc import Callable, Generator, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Unpack

import pytest

from dryfit.show.interrupted_tests import HeardInterrupts, OneFrameOfInterrupts

if TYPE_CHECKING:
    from _pytest._code.code import TerminalRepr, TracebackStyle

    from dryfit.judge.verdict import Verdict
    from dryfit.lanes.fake import ScriptedModel
    from dryfit.lanes.several_ranks import Scripts
    from dryfit.pytest import (
        CallbackOverhead,
        CheckCallback,
        MakeScriptedModel,
        ScriptedFit,
        ScriptedLoop,
    )
    from dryfit.run.run import Run
    from dryfit.scenario.scenario import Scenario
    from dryfit.show.page.entry import Entry
    from dryfit.tools.bench.overhead import Overhead
    from dryfit_fakes.clock import VirtualClock
    from dryfit_fakes.protocols import Callback, Callbacks, Loop, RealModel
    from dryfit_fakes.script import Script
    from dryfit_fakes.script_keywords import Lane, ScriptKeywords

_RUNS = pytest.StashKey[list["Run | ScriptedModel"]]()
_GPU = pytest.StashKey[str]()


@pytest.fixture
def scripted_fit(request: pytest.FixtureRequest) -> "ScriptedFit":
    """Play a script to callbacks: ``scripted_fit(metrics, callbacks=[...], epochs=...)``.

    Takes what `dryfit.play` takes: a `Script` or its metrics, ``callbacks``,
    ``lane="fake"``, ``after=`` an earlier run, and the keys of a script. Returns
    a `dryfit.Run`.
    """

    def fit(
        script: "Scripts",
        callbacks: "Callbacks | Callable[[int], Callbacks]" = None,
        **options: Any,
    ) -> "Run":
        __tracebackhide__ = True
        from dryfit.lanes.play import play

        try:
            run = play(script, callbacks, **options)
        except BaseException as error:
            _keep(request, getattr(error, "run", None))
            raise
        _keep(request, run)
        return run

    return fit


@pytest.fixture
def scripted_loop(scripted_fit: "ScriptedFit") -> "ScriptedLoop":
    """Play a training loop of one's own: ``scripted_loop(train, metrics, callbacks=[...])``.

    ``train`` is a function of the model, a list of callbacks and the number of epochs, which
    calls hooks and ``train_on_batch``; the rest is as in ``scripted_fit``.
    """

    def loop(
        function: "Loop",
        script: "Script | Mapping[str, Any]",
        callbacks: "Callbacks" = None,
        **options: Any,
    ) -> "Run":
        __tracebackhide__ = True
        return scripted_fit(script, callbacks, loop=function, **options)

    return loop


@pytest.fixture
def scripted_model(request: pytest.FixtureRequest) -> "MakeScriptedModel":
    """Make a model that follows a script: ``scripted_model(metrics, epochs=...)``.

    Takes a `Script` or its metrics, the keys of a script, and ``model=`` a
    ``keras.Model`` to lend.
    """

    def make(
        script: "Script | Mapping[str, Any]",
        *,
        model: "RealModel | None" = None,
        **keys: "Unpack[ScriptKeywords]",
    ) -> "ScriptedModel":
        __tracebackhide__ = True
        from dryfit.lanes.fake import ScriptedModel
        from dryfit_fakes.script import Script

        scripted = ScriptedModel(Script.of(script, **keys), model=model)
        _keep(request, scripted)
        return scripted

    return make


@pytest.fixture
def callback_overhead(request: pytest.FixtureRequest) -> "CallbackOverhead":
    """Measure what a callback costs per batch: ``callback_overhead(callback, batches=1000)``.

    Takes a callback, its class or a function that makes one; returns a
    `dryfit.pytest.Overhead`. Once a test, because pytest-benchmark keeps
    the rounds.
    """

    def measure(callback: "Callback | Callable[[], Callback]", **options: int) -> "Overhead":
        __tracebackhide__ = True
        from dryfit.tools.bench.overhead import overhead

        if not request.config.pluginmanager.has_plugin("benchmark"):
            pytest.fail("callback_overhead needs pytest-benchmark: pip install 'dryfit[bench]'")
        found = overhead(request.getfixturevalue("benchmark"), callback, **options)
        if found.cost.too_busy:
            pytest.skip(found.cost.note)
        return found

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
def check_callback() -> "CheckCallback":
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
        "--dryfit-allow-outside",
        action="store_true",
        help="let callbacks of Keras write, delete and send outside of their run's folder",
    )
    group.addoption(
        "--dryfit-no-import",
        action="store_true",
        help="play callbacks of Keras and of dryfit alone in *.scenario.yaml files",
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
    config.pluginmanager.register(HeardInterrupts(), "dryfit-heard-interrupts")
    if not config.getoption("fulltrace"):
        config.pluginmanager.register(OneFrameOfInterrupts(), "dryfit-interrupted")
    page, github = config.getoption("--dryfit-report"), config.getoption("--dryfit-github")
    if not (page or github) or hasattr(config, "workerinput"):
        return
    from dryfit.show.page.page import ReportError, check_place
    from dryfit.show.page.session import Session

    try:
        if page:
            check_place(Path(page))
    except ReportError as error:
        raise pytest.UsageError(str(error)) from None
    typed = ("pytest", *map(str, config.invocation_params.args))
    session = Session(config.rootpath, Path(page).absolute() if page else None, github, typed)
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
    if file_path.name.endswith((".scenario.yaml", ".scenario.yml")):
        return ScenarioFile.from_parent(parent, path=file_path)
    return None


class ScenarioFile(pytest.File):
    """A scenario file: an item for each scenario and lane."""

    def collect(self) -> Iterator["ScenarioItem"]:
        """Parse the file; importing and constructing wait until an item is played."""
        from dryfit.facts.visible_text import visible
        from dryfit.scenario.load import load_scenarios
        from dryfit.scenario.problems import ScenarioFileError
        from dryfit.scenario.trust import Trust

        try:
            trust = Trust(
                outside=self.config.getoption("--dryfit-allow-outside"),
                imports=not self.config.getoption("--dryfit-no-import"),
            )
            scenarios = load_scenarios(self.path, trust=trust)
        except ScenarioFileError as error:
            raise self.CollectError(visible(str(error))) from None
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
    """A scenario does not hold; the text says everything about it.

    Attributes:
        short: what does not hold, in a line.
    """

    def __init__(self, text: str, short: str) -> None:
        super().__init__(text)
        self.short = short


class ScenarioItem(pytest.Item):
    """One scenario in one lane."""

    def __init__(self, *, scenario: "Scenario", lane: "Lane", **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.scenario, self.lane = scenario, lane
        self.verdict: Verdict | None = None

    def runtest(self) -> None:
        """Play the scenario and compare it with what it expects."""
        from dryfit.judge.every_lane import judge_in_lanes
        from dryfit.judge.explain import explain, in_short
        from dryfit.judge.outcome import Outcome

        both = self.lane == "real" and self.config.getoption("--dryfit-lane") == "both"
        lanes: tuple[Lane, ...] = ("fake", "real") if both else (self.lane,)
        again = self.config.getoption("--dryfit-check-determinism")
        *_, verdict = judge_in_lanes(self.scenario, lanes, again=again)
        self.verdict = verdict
        if verdict.outcome is Outcome.SKIPPED:
            pytest.skip(verdict.reason)
        if not verdict.holds:
            raise ScenarioFailedError(explain(verdict), in_short(verdict))

    def repr_failure(
        self, excinfo: pytest.ExceptionInfo[BaseException], style: "TracebackStyle | None" = None
    ) -> "str | TerminalRepr":
        """Show a failure in a scenario's own words, anything else as pytest does."""
        if isinstance(excinfo.value, ScenarioFailedError):
            return self._told(str(excinfo.value), excinfo.value.short)
        return super().repr_failure(excinfo)

    def _told(self, text: str, short: str) -> "TerminalRepr":
        """Show a text, and a line in pytest's short summary; xdist sends both."""
        from _pytest._code import code

        lines = code.ReprTraceback([code.ReprEntryNative([f"{text}\n"])], None, style="native")
        place = code.ReprFileLocation(str(self.path), self.scenario.line(("name",)), short)
        return code.ReprExceptionInfo(reprtraceback=lines, reprcrash=place)

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
            from dryfit.show import github

            item.user_properties += github.properties(entry)
    return report


def _entry(item: pytest.Item, report: pytest.TestReport, runs: list["Run"]) -> "Entry | None":
    """What a page, GitHub or a JUnit file shows of a test, where one of them is asked for."""
    report_wanted = bool(item.config.getoption("--dryfit-report"))
    wanted = report_wanted or item.config.getoption("--dryfit-github")
    verdict = None
    if isinstance(item, ScenarioItem):
        verdict, item.verdict = item.verdict, None  # pytest keeps items to the end
        wanted = wanted or report.failed
    if not wanted or not (verdict or runs or (isinstance(item, ScenarioItem) and report.failed)):
        return None
    from dryfit.show.page import entry

    draw: Callable[[Run], str] | None = None
    if report_wanted:
        from dryfit.show.plot.album import kept_picture

        draw = kept_picture
    if verdict is not None:
        from dryfit.tools.sweep.patience_slider import slider_of

        return entry.of_verdict(verdict, item.config.rootpath, draw=draw, slid=slider_of)
    file, line = report.location[:2]
    return entry.of_test(item.nodeid, file, (line or 0) + 1, report.longreprtext, runs, draw=draw)


def _keep(request: pytest.FixtureRequest, run: "Run | ScriptedModel | None") -> None:
    if run is not None:
        request.node.stash.setdefault(_RUNS, []).append(run)


def _runs(item: pytest.Item, call: pytest.CallInfo[None]) -> list["Run"]:
    """The runs of the fixtures, and those that the failing test holds in its variables."""
    module = sys.modules.get("dryfit.run.run")
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
