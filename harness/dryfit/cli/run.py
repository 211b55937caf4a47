"""``dryfit run``: play scenario files and check them."""

import argparse
import os
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dryfit.cli.common import (
    add_gpu_limit,
    limit_gpu,
    load,
    plain,
    print_json,
    progress,
    quiet,
)

if TYPE_CHECKING:
    from dryfit.report.entry import Entry
    from dryfit.scenario.load import Scenario
    from dryfit.verdict import Verdict

LANES = {"fake": ("fake",), "real": ("real",), "both": ("fake", "real")}


def add(commands: Any) -> None:
    """Add the command."""
    command = commands.add_parser("run", help="play scenario files and check them")
    command.add_argument("paths", nargs="+", type=Path, metavar="PATH", help="files or folders")
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
    add_gpu_limit(command)
    command.set_defaults(command=_command)


def _command(options: argparse.Namespace) -> int:
    from dryfit.report.page import ReportError, check_place, write_page

    try:
        if options.report is not None:
            check_place(options.report)
    except ReportError as error:
        print(error, file=sys.stderr)
        return 2
    scenarios = _loaded(options)
    lanes = LANES[options.lane]
    place = limit_gpu(options, lanes)
    if place and options.format == "text":
        print(place)
    entries: list[Entry] = []
    verdicts = []
    for verdict in _verdicts(scenarios, lanes):
        verdicts.append(verdict)
        if options.report is not None or options.format == "github":
            from dryfit.report.entry import of_verdict

            entries.append(of_verdict(verdict, drawn=options.report is not None))
    if options.report is not None:
        write_page(options.report, entries)
    _print(options.format, verdicts, entries, lanes)
    if any(verdict.outcome == "error" for verdict in verdicts):
        return 2
    return 0 if all(verdict.holds for verdict in verdicts) else 1


def _loaded(options: argparse.Namespace) -> list["Scenario"]:
    from dryfit.scenario.problems import ScenarioFileError

    try:
        return list(load(options.paths))
    except ScenarioFileError as error:
        if options.format == "github":
            from dryfit.report import github

            for problem in error.problems:
                message = f"{problem.key}: {problem.message}" if problem.key else problem.message
                place = problem.file.as_posix(), problem.line
                print(github.error(*place, "not a scenario file", message))
        raise


def _verdicts(scenarios: Sequence["Scenario"], lanes: Sequence[str]) -> Iterator["Verdict"]:
    """Play each scenario in each lane, and compare the lanes where there are both."""
    from dryfit.parity import compared
    from dryfit.verdict import judge

    both = len(lanes) > 1
    earlier = None
    for scenario, lane in progress([(s, lane) for s in scenarios for lane in lanes]):
        with quiet():
            verdict = judge(scenario, lane, whole=both)
            if both and lane == "real" and earlier is not None:
                verdict = compared(earlier, verdict)
        earlier = verdict
        yield verdict


def _print(
    style: str,
    verdicts: Sequence["Verdict"],
    entries: Sequence["Entry"],
    lanes: Sequence[str],
) -> None:
    from dryfit.colours import terminal
    from dryfit.explain import explain

    if style == "json":
        print_json([_as_json(verdict) for verdict in verdicts])
        return
    if style == "github":
        from dryfit.report import github

        workspace = os.environ.get("GITHUB_WORKSPACE", "")
        for line in github.annotations(entries, workspace=workspace):
            print(line)
        if file := os.environ.get("GITHUB_STEP_SUMMARY"):
            github.append(file, github.job_summary(entries))
    else:
        for verdict in verdicts:
            if verdict.outcome == "error":
                print(verdict.reason, file=sys.stderr)
            elif not verdict.holds:
                print(f"{explain(verdict, terminal())}\n")
    print(summary(verdicts, lanes))


def summary(verdicts: Sequence["Verdict"], lanes: Sequence[str]) -> str:
    """The last line: scenarios, checks, lanes, and what was skipped for which reason."""
    counts = Counter(verdict.outcome for verdict in verdicts)
    scenarios = len({(v.scenario.file, v.scenario.slug) for v in verdicts})
    checks = sum(verdict.checks for verdict in verdicts)
    parts = [f"{scenarios} scenarios, {checks} checks, in {' and '.join(lanes)}"]
    names = ("passed", "failed", "error", "known_defect", "skipped")
    parts += [f"{counts[name]} {name.replace('_', ' ')}" for name in names if counts[name]]
    if calls := sum(v.compared for v in verdicts):
        told = Counter(v.scenario.differs for v in verdicts if v.compared and v.scenario.differs)
        parts.append(f"{calls} calls compared, {sum(v.differing for v in verdicts)} differ")
        parts += [f"{count} differs by nature: {why}" for why, count in sorted(told.items())]
    reasons = Counter(v.reason for v in verdicts if v.outcome == "skipped")
    parts += [f"skipped {count}: {reason}" for reason, count in sorted(reasons.items())]
    return " ".join("; ".join(parts).split())  # reasons may be of several lines


def _as_json(verdict: "Verdict") -> dict[str, Any]:
    run = verdict.run
    return {
        "file": str(verdict.scenario.file),
        "name": verdict.scenario.name,
        "lane": verdict.lane,
        "outcome": verdict.outcome,
        "reason": verdict.reason,
        "failures": [
            {"what": f.what, "epoch": f.epoch, "expected": f.expected, "got": f.got, "line": line}
            for f, line in verdict.failures
        ],
        "run": None if run is None else _run_as_json(run),
    }


def _run_as_json(run: Any) -> dict[str, Any]:
    stop, weights = run.stopped, run.weights
    return {
        "epochs_run": run.epochs_run,
        "stopped": stop and {"epoch": stop.epoch, "batch": stop.batch, "by": stop.by},
        "weights": weights
        and {
            "fit": weights.fit,
            "epoch": weights.epoch,
            "batch": weights.batch,
            "trained_batches": weights.trained_batches,
        },
        "learning_rate": [plain(rate) for rate in run.learning_rate],
        "learning_rate_after": [plain(rate) for rate in run.learning_rate_after],
        "history": {key: [plain(v) for v in values] for key, values in run.history.items()},
    }
