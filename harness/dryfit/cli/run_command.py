"""``dryfit run``: play scenario files and check them."""

import argparse
import os
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dryfit.cli.common import (
    Commands,
    add_choice,
    add_gpu_limit,
    add_jobs,
    add_result_files,
    add_trust,
    check_result_files,
    limit_gpu,
    load,
    print_json,
    say,
    say_in_colours,
)
from dryfit_fakes.quantities import quantity

if TYPE_CHECKING:
    from dryfit.judge.verdict import Verdict
    from dryfit.run.run import Run
    from dryfit.scenario.problems import ScenarioFileError
    from dryfit.scenario.scenario import Scenario
    from dryfit.show.page.entry import Entry
    from dryfit.show.result_files import TestResult
    from dryfit_fakes.script_keywords import Lane

LANES: "dict[str, tuple[Lane, ...]]" = {
    "fake": ("fake",),
    "real": ("real",),
    "both": ("fake", "real"),
}


def add(commands: Commands) -> None:
    """Add the command."""
    command = commands.add_parser("run", help="play scenario files and check them")
    add_choice(command)
    command.add_argument(
        "--lane", choices=LANES, default="fake", help="where to play (default: fake)"
    )
    command.add_argument(
        "--format",
        choices=("text", "json", "github"),
        default="text",
        help="how to print; github: annotations, and a summary in $GITHUB_STEP_SUMMARY",
    )
    command.add_argument(
        "--report", type=Path, metavar="FILE.html", help="write a page with every run"
    )
    add_jobs(command, "processes that play (default: 1)")
    command.add_argument(
        "--failed", action="store_true", help="those that failed last time, or all if none did"
    )
    command.add_argument(
        "--watch", action="store_true", help="play again what depends on a file when it is saved"
    )
    add_result_files(command)
    add_gpu_limit(command)
    add_trust(command)
    command.set_defaults(command=_command)


def _command(options: argparse.Namespace) -> int:
    with ExitStack() as at_end:
        return _run(options, at_end)


def _run(options: argparse.Namespace, at_end: ExitStack) -> int:
    from dryfit.judge.outcome import Outcome
    from dryfit.lanes.interrupts import held
    from dryfit.scenario.usage import UsageError
    from dryfit.show.page.banner import provenance
    from dryfit.show.page.entry import of_file, with_pictures
    from dryfit.show.page.page import ReportError, check_place, write_page
    from dryfit.show.result_files import write_results

    if options.watch:
        from dryfit.cli.watch_option import watch

        return watch(options, LANES[options.lane])
    try:
        if options.report is not None:
            check_place(options.report)
    except ReportError as error:
        raise UsageError("--report", str(error)) from None
    check_result_files(options)
    unusable: list[ScenarioFileError] = []
    scenarios = _loaded(options, unusable)
    if options.list:
        return 2 if unusable else 0
    lanes = LANES[options.lane]
    meant = len(scenarios)
    if options.exitfirst and unusable:
        scenarios = []
    if options.jobs == 1:  # else workers play them
        from dryfit.scenario.killed_call import prepare

        prepare(scenarios)
    place = limit_gpu(options, lanes) if scenarios else ""
    if place and options.format == "text":
        say(place)

    album = None
    if options.report is not None and scenarios:  # it loads Keras
        from dryfit.show.plot.album import Album
        from dryfit.show.plot.picture_cache import kept_pictures

        album = at_end.enter_context(Album(kept_pictures()))
    pages = options.report is not None or options.format == "github"
    entries: list[Entry] = [of_file(error) for error in unusable] if pages else []
    verdicts: list[Verdict] = []
    unforeseen: list[Exception] = []
    begun, results = time.time(), [_of_file(error) for error in unusable]
    tell = partial(_print, options.format, verdicts, unusable, entries, lanes)
    try:
        for verdict in _verdicts(scenarios, lanes, unforeseen, options.jobs, at_end):
            verdicts.append(verdict)
            if options.junitxml is not None or options.ctrf is not None:
                before = begun + sum(result.seconds for result in results)
                results.append(_result(verdict, time.time() - before))
            if pages:
                from dryfit.show.page.entry import of_verdict
                from dryfit.tools.sweep.patience_slider import slider_of

                draw = None if album is None else album.add
                entries.append(of_verdict(verdict, draw=draw, slid=slider_of))
            if options.exitfirst and not verdict.holds:
                break
    except BaseException as error:  # what is finished is told all the same
        error.add_note(f"{len({v.id for v in verdicts})} of {len(scenarios) * len(lanes)} played")
        if verdicts:
            with held():
                tell()
                _keep_failed(verdicts)
        raise
    tell(left=meant - len(_played(verdicts)))
    _keep_failed(verdicts)
    for file in write_results(options, results, begun, time.time()):
        say(f"wrote {file}", file=sys.stderr)
    if options.report is not None:  # after the verdicts, which a full disk must not lose
        if album is not None:
            with_pictures(entries, album.drawn())
        write_page(options.report, entries, provenance(options.typed))
        say(f"wrote {options.report}", file=sys.stderr)
    if unforeseen:
        raise unforeseen[0]
    if unusable or any(verdict.outcome is Outcome.ERROR for verdict in verdicts):
        return 2
    return 0 if all(verdict.holds for verdict in verdicts) else 1


def _verdicts(
    scenarios: list["Scenario"],
    lanes: Sequence["Lane"],
    unforeseen: list[Exception],
    jobs: int,
    at_end: ExitStack,
) -> Iterator["Verdict"]:
    if scenarios:
        from dryfit.cli.verdicts import verdicts_of  # Keras, once there is something to play
        from dryfit.lanes.garbage import old_objects_pass

        at_end.enter_context(old_objects_pass())
        yield from verdicts_of(scenarios, lanes, unforeseen, jobs)


def _played(verdicts: Sequence["Verdict"]) -> set[tuple[Path, str]]:
    return {(verdict.scenario.file, verdict.scenario.slug) for verdict in verdicts}


def _loaded(options: argparse.Namespace, unusable: list["ScenarioFileError"]) -> list["Scenario"]:
    """Load what is chosen, and say what is wrong in files that cannot be used."""
    try:
        return load(options, only=_failed if options.failed else None, unusable=unusable)
    finally:
        for error in unusable:
            say(str(error), file=sys.stderr)
            for problem in error.problems if options.format == "github" else ():
                from dryfit.show import github

                message = f"{problem.key}: {problem.message}" if problem.key else problem.message
                place = problem.file.as_posix(), problem.line
                say(github.error(*place, "not a scenario file", message))


def _failed(scenarios: list["Scenario"]) -> list["Scenario"]:
    from dryfit.scenario.failed_last import failed_last

    if found := failed_last(scenarios):
        return found
    say("none of these failed last time; all are meant", file=sys.stderr)
    return scenarios


def _keep_failed(verdicts: Sequence["Verdict"]) -> None:
    from dryfit.scenario.failed_last import keep_failed
    from dryfit.scenario.usage import UsageError

    try:
        keep_failed((verdict.scenario, verdict.holds) for verdict in verdicts)
    except UsageError as error:  # a folder that is only to be read
        say(f"what failed is not kept for --failed: {error}", file=sys.stderr)


def _print(
    style: str,
    verdicts: Sequence["Verdict"],
    unusable: Sequence["ScenarioFileError"],
    entries: Sequence["Entry"],
    lanes: Sequence[str],
    left: int = 0,
) -> None:
    if style == "json":
        print_json([*map(_file_as_json, unusable), *map(_as_json, verdicts)])
        return
    if style == "github":
        from dryfit.scenario.whole_file import append_text
        from dryfit.show import github

        workspace = os.environ.get("GITHUB_WORKSPACE", "")
        for line in github.annotations(entries[len(unusable) :], workspace=workspace):
            say(line)
        if file := os.environ.get("GITHUB_STEP_SUMMARY"):
            append_text(Path(file), github.job_summary(entries))
    elif verdicts:
        from dryfit.judge.explain import explain
        from dryfit.judge.outcome import Outcome
        from dryfit.show.colours import in_colours, terminal
        from dryfit.show.long_lines import folded

        console = terminal()

        def lit(text: str) -> str:
            return in_colours(folded(text, console), console)

        for verdict in verdicts:
            if verdict.outcome is Outcome.ERROR:
                say(verdict.reason, file=sys.stderr)
            elif not verdict.holds:
                print(f"{explain(verdict, console, lit)}\n")
    if verdicts or left:
        say_in_colours(summary(verdicts, lanes, len(unusable), left))


def summary(
    verdicts: Sequence["Verdict"], lanes: Sequence[str], unusable: int = 0, left: int = 0
) -> str:
    """The last line: scenarios, checks, lanes, and what was skipped for which reason.

    Args:
        unusable: how many files could not be used.
        left: how many scenarios were not played.
    """
    from dryfit.judge.outcome import Outcome, counted

    scenarios = len(_played(verdicts))
    checks = sum(verdict.checks for verdict in verdicts)
    parts = [
        f"{quantity(scenarios, 'scenario')}, {quantity(checks, 'check')}, in {' and '.join(lanes)}"
    ]
    parts += [f"{quantity(unusable, 'file')} cannot be used"] if unusable else []
    parts += counted(verdict.outcome for verdict in verdicts)
    if calls := sum(v.compared for v in verdicts):
        told = Counter(v.scenario.differs for v in verdicts if v.compared and v.scenario.differs)
        parts.append(
            f"{quantity(calls, 'call')} compared, {sum(v.differing for v in verdicts)} differ"
        )
        parts += [f"{count} differs by nature: {why}" for why, count in sorted(told.items())]
    if unsteady := sorted({name for verdict in verdicts for name in verdict.unsteady}):
        parts.append(f"another in every play, and not compared: {', '.join(unsteady)}")
    reasons = Counter(v.reason for v in verdicts if v.outcome is Outcome.SKIPPED)
    parts += [f"skipped {count}: {reason}" for reason, count in sorted(reasons.items())]
    parts += [f"{quantity(left, 'scenario')} left unplayed"] if left else []
    return " ".join("; ".join(parts).split())  # reasons may be of several lines


def _result(verdict: "Verdict", seconds: float) -> "TestResult":
    from dryfit.judge.explain import explain, in_short
    from dryfit.judge.outcome import Outcome
    from dryfit.show.result_files import TestResult

    scenario, failures = verdict.scenario, verdict.failures
    return TestResult(
        suite=scenario.file.as_posix(),
        name=f"{scenario.slug}[{verdict.lane}]",
        outcome=verdict.outcome,
        message=in_short(verdict),
        text=explain(verdict) if verdict.outcome is Outcome.FAILED else verdict.reason,
        file=scenario.file.as_posix(),
        line=failures[0][1] if failures else scenario.line(("name",)),
        seconds=seconds,
        tags=(verdict.lane, *scenario.source),
    )


def _of_file(error: "ScenarioFileError") -> "TestResult":
    from dryfit.facts.visible_text import in_a_line
    from dryfit.show.result_files import TestResult

    first, *others = error.problems
    file = first.file.as_posix()
    more = f" (and {len(others)} more)" if others else ""
    message = in_a_line(f"{first}{more}")
    return TestResult(file, file, "error", message, str(error), file, first.line)


def _file_as_json(error: "ScenarioFileError") -> dict[str, Any]:
    """As a scenario's, whose name, lane and run nobody knows."""
    told = {"file": str(error.problems[0].file), "name": None, "lane": None, "outcome": "error"}
    return told | {"reason": str(error), "failures": [], "run": None}


def _as_json(verdict: "Verdict") -> dict[str, Any]:
    run = verdict.run
    return {
        "file": str(verdict.scenario.file),
        "name": verdict.scenario.name,
        "lane": verdict.lane,
        "outcome": verdict.outcome,
        "reason": verdict.reason,
        "failures": [failure.at_line(line) for failure, line in verdict.failures],
        "run": None if run is None else _run_as_json(run),
    }


def _run_as_json(run: "Run") -> dict[str, Any]:
    told = _rank_as_json(run)
    if len(run.ranks) > 1:
        told["ranks"] = [_rank_as_json(rank) for rank in run.ranks]
    return told


def _rank_as_json(run: "Run") -> dict[str, Any]:
    from dryfit.facts.expect_keys import FACTS

    return {fact.name: fact.as_json(run) for fact in FACTS if fact.in_json}
