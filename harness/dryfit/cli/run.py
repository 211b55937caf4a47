"""``dryfit run``: play scenario files and check them."""

import argparse
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dryfit.cli.common import add_gpu_limit, limit_gpu, load, plain, print_json, progress, quiet

if TYPE_CHECKING:
    from dryfit.verdict import Verdict

LANES = {"fake": ("fake",), "real": ("real",), "both": ("fake", "real")}


def add(commands: Any) -> None:
    """Add the command."""
    command = commands.add_parser("run", help="play scenario files and check them")
    command.add_argument("paths", nargs="+", type=Path, metavar="PATH", help="files or folders")
    command.add_argument(
        "--lane", choices=LANES, default="fake", help="where to play (default: fake)"
    )
    command.add_argument("--format", choices=("text", "json"), default="text", help="how to print")
    add_gpu_limit(command)
    command.set_defaults(command=_command)


def _command(options: argparse.Namespace) -> int:
    from dryfit.explain import explain
    from dryfit.parity import compared
    from dryfit.verdict import judge

    scenarios = list(load(options.paths))
    verdicts = []
    lanes = LANES[options.lane]
    place = limit_gpu(options, lanes)
    if place and options.format == "text":
        print(place)
    for scenario, lane in progress([(s, lane) for s in scenarios for lane in lanes]):
        with quiet():
            verdicts.append(judge(scenario, lane, whole=options.lane == "both"))
            if options.lane == "both" and lane == "real":
                verdicts[-2:] = [verdicts[-2], compared(*verdicts[-2:])]
    if options.format == "json":
        print_json([_as_json(verdict) for verdict in verdicts])
    else:
        for verdict in verdicts:
            if verdict.outcome == "error":
                print(verdict.reason, file=sys.stderr)
            elif not verdict.holds:
                print(f"{explain(verdict)}\n")
        print(summary(verdicts, lanes))
    if any(verdict.outcome == "error" for verdict in verdicts):
        return 2
    return 0 if all(verdict.holds for verdict in verdicts) else 1


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
    return "; ".join(parts)


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
