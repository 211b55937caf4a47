"""The command line: ``dryfit run``, ``trace``, ``accept`` and ``schema``; wiring only.

Exit status 0: all hold. 1: some do not. 2: bad input or usage.
"""

import argparse
import json
import math
import os
import sys
import warnings
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from difflib import unified_diff
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from dryfit.scenario.load import Scenario
    from dryfit.verdict import Verdict

LANES = {"fake": ("fake",), "real": ("real",), "both": ("fake", "real")}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; return the exit status."""
    options = _parser().parse_args(arguments)
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")  # TensorFlow's chatter at import
    from dryfit.scenario.problems import ScenarioFileError

    try:
        return int(options.command(options))
    except ScenarioFileError as error:
        print(error, file=sys.stderr)
        return 2
    except ImportError as error:  # no backend
        print(error, file=sys.stderr)
        return 2


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="dryfit", description="Prove what a Keras callback does, epoch by epoch."
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    run = commands.add_parser("run", help="play scenario files and check them")
    run.add_argument("paths", nargs="+", type=Path, metavar="PATH", help="files or folders")
    run.add_argument("--lane", choices=LANES, default="fake", help="where to play (default: fake)")
    run.add_argument("--format", choices=("text", "json"), default="text", help="how to print")
    run.set_defaults(command=_run)
    trace = commands.add_parser("trace", help="play one file and print its epoch tables")
    trace.add_argument("target", metavar="FILE[::SLUG]", help="a file, or one scenario of it")
    trace.add_argument("--lane", choices=("fake", "real"), default="fake", help="where to play")
    trace.add_argument("--hooks", action="store_true", help="print every hook instead")
    trace.set_defaults(command=_trace)
    accept = commands.add_parser("accept", help="write what happened into expect")
    accept.add_argument("files", nargs="+", type=Path, metavar="FILE", help="scenario files")
    accept.add_argument("--only", default="", metavar="KEYS", help="such as learning_rate,stopped")
    accept.add_argument("--raised", action="store_true", help="also where an exception came")
    accept.add_argument("--lane", choices=("fake", "real"), default="fake", help="where to play")
    accept.set_defaults(command=_accept)
    schema = commands.add_parser("schema", help="print the JSON Schema of a scenario file")
    schema.set_defaults(command=_schema)
    return parser


def _run(options: argparse.Namespace) -> int:
    from dryfit.explain import explain
    from dryfit.verdict import judge

    scenarios = list(_load(options.paths))
    verdicts = []
    lanes = LANES[options.lane]
    for scenario, lane in _progress([(s, lane) for s in scenarios for lane in lanes]):
        with _quiet():
            verdicts.append(judge(scenario, lane))
    if options.format == "json":
        print(json.dumps([_as_json(verdict) for verdict in verdicts], indent=2, ensure_ascii=False))
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


def _trace(options: argparse.Namespace) -> int:
    from dryfit.scenario.playing import play_scenario
    from dryfit.scenario.problems import Problem, ScenarioFileError

    path, _, slug = options.target.partition("::")
    scenarios = [s for s in _load([Path(path)]) if slug in ("", s.slug)]
    if not scenarios:
        known = ", ".join(scenario.slug for scenario in _load([Path(path)]))
        message = f"no scenario {slug!r}; there are {known}"
        raise ScenarioFileError([Problem(Path(path), 1, "", message)])
    for scenario in scenarios:
        print(f"{scenario.file}:{scenario.line(('name',))}: {scenario.name}")
        for played in play_scenario(scenario, options.lane):
            if played.run is None:
                print(f"{type(played.error).__name__}: {played.error}")
            elif options.hooks:
                print("\n".join(map(str, played.run.hooks)))
            else:
                print(played.run.table())
        print()
    return 0


def _accept(options: argparse.Namespace) -> int:
    from dryfit.scenario.accept import accept
    from dryfit.scenario.load import load_scenarios
    from dryfit.scenario.playing import play_scenario
    from dryfit.scenario.schema import Expect

    if os.environ.get("CI"):
        print("accept writes expectations, which CI only checks; run it by hand", file=sys.stderr)
        return 2
    only = [name for name in options.only.split(",") if name]
    if unknown := [name for name in only if name not in Expect.model_fields]:
        known = ", ".join(Expect.model_fields)
        print(f"--only: unknown {', '.join(unknown)}; known are {known}", file=sys.stderr)
        return 2
    refused = 0
    for path in options.files:
        scenarios = load_scenarios(path, unfinished=True)
        before = text = path.read_text(encoding="utf-8")
        for scenario in reversed(scenarios):
            with _quiet():
                played = play_scenario(scenario, options.lane)
            if scenario.known_defect is not None:
                print(f"{path}: {scenario.name}: not accepted: expect states a promise")
            elif any(call.error is not None for call in played) and not options.raised:
                error = next(call.error for call in played if call.error is not None)
                print(f"{path}: {scenario.name}: not accepted: {type(error).__name__}: {error}")
                print("  --raised accepts it all the same")
                refused += 1
            else:
                text = accept(text, scenario, played, only)
        path.write_text(text, encoding="utf-8")
        lines = (before.splitlines(keepends=True), text.splitlines(keepends=True))
        sys.stdout.writelines(unified_diff(*lines, str(path), str(path)))
    return int(refused > 0)


def _schema(options: argparse.Namespace) -> int:
    from dryfit.scenario.schema import json_schema

    print(json.dumps(json_schema(), indent=2))
    return 0


def _load(paths: Iterable[Path]) -> Iterator["Scenario"]:
    from dryfit.scenario.load import find_files, load_scenarios
    from dryfit.scenario.problems import Problem, ScenarioFileError

    problems: list[Problem] = []
    files = list(find_files(list(paths)))
    for file in files:
        try:
            yield from load_scenarios(file)
        except ScenarioFileError as error:
            problems += error.problems
    if problems:
        raise ScenarioFileError(problems)
    if not files:
        names = ", ".join(map(str, paths))
        raise ScenarioFileError([Problem(Path(names), 1, "", "no *.scenario.yaml file in there")])


@contextmanager
def _quiet() -> Iterator[None]:
    """What callbacks print and warn is recorded, and no part of the verdicts."""
    with redirect_stdout(StringIO()), redirect_stderr(StringIO()), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def _progress(items: list[Any]) -> Iterable[Any]:
    """A progress bar on a terminal, and none in a pipe."""
    if not sys.stderr.isatty():
        return items
    from rich.console import Console
    from rich.progress import track

    return track(items, description="playing", console=Console(stderr=True), transient=True)


def summary(verdicts: Sequence["Verdict"], lanes: Sequence[str]) -> str:
    """The last line: scenarios, checks, lanes, and what was skipped for which reason."""
    counts = Counter(verdict.outcome for verdict in verdicts)
    scenarios = len({(v.scenario.file, v.scenario.slug) for v in verdicts})
    checks = sum(verdict.checks for verdict in verdicts)
    parts = [f"{scenarios} scenarios, {checks} checks, in {' and '.join(lanes)}"]
    names = ("passed", "failed", "error", "known_defect", "skipped")
    parts += [f"{counts[name]} {name.replace('_', ' ')}" for name in names if counts[name]]
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
        "learning_rate": [_plain(rate) for rate in run.learning_rate],
        "learning_rate_after": [_plain(rate) for rate in run.learning_rate_after],
        "history": {key: [_plain(v) for v in values] for key, values in run.history.items()},
    }


def _plain(value: Any) -> Any:
    if isinstance(value, float) and not math.isfinite(value):
        return "nan" if value != value else "inf" if value > 0 else "-inf"
    return value


if __name__ == "__main__":
    sys.exit(main())
