"""``dryfit bench``: measure what callbacks cost per batch, or compare measurements."""

import argparse
import sys
from pathlib import Path
from typing import Any

from dryfit.cli.common import progress

FORMATS = ("text", "markdown", "json", "html")


def add(commands: Any) -> None:
    """Add the command."""
    command = commands.add_parser("bench", help="measure what callbacks cost per batch")
    command.add_argument(
        "targets",
        nargs="*",
        metavar="CALLBACK",
        help="a name, 'Name: {argument: value}', pkg.module:Class, or FILE.scenario.yaml[::SLUG]",
    )
    command.add_argument("--batches", type=int, default=1000, metavar="N", help="per epoch")
    step = command.add_mutually_exclusive_group()
    step.add_argument("--step-time", metavar="TIME", help="of a training step, such as 5ms")
    step.add_argument(
        "--against-model", action="store_true", help="measure a step of the tutorial's network"
    )
    command.add_argument("--format", choices=FORMATS, default="text", help="how to print")
    command.add_argument(
        "--out", type=Path, metavar="STEM", help="also write STEM.json, STEM.md and STEM.html"
    )
    command.add_argument(
        "--compare", nargs="+", type=Path, default=[], metavar="BASE.json", help="what was before"
    )
    command.add_argument(
        "--with",
        nargs="+",
        type=Path,
        default=[],
        dest="head",
        metavar="HEAD.json",
        help="what is now; without, CALLBACKs are measured",
    )
    command.add_argument(
        "--percent", type=float, default=25.0, metavar="P", help="how much slower fails"
    )
    command.add_argument(
        "--at-least-us", type=float, default=1.0, metavar="US", help="and by how much"
    )
    command.set_defaults(command=_command)


def _command(options: argparse.Namespace) -> int:
    if problem := _problem(options):
        print(problem, file=sys.stderr)
        return 2
    if options.head:
        return _compare(options, options.head)
    costs, settings = _measure(options)
    if options.compare:
        from dryfit.bench.runs import Run

        return _compare(options, [Run("measured now", tuple(costs), settings)])
    from dryfit.bench.page import as_html
    from dryfit.bench.report import as_json, as_markdown, as_text

    write = {"text": as_text, "markdown": as_markdown, "json": as_json, "html": as_html}
    print(write[options.format](costs, settings))
    for suffix, form in {".json": as_json, ".md": as_markdown, ".html": as_html}.items():
        if options.out is not None:
            options.out.with_suffix(suffix).write_text(form(costs, settings), encoding="utf-8")
    return 0 if any(cost.ns_per_batch is not None for cost in costs) else 1


def _problem(options: argparse.Namespace) -> str:
    if options.targets and options.head:
        return "either CALLBACKs are measured, or --with names what was; leave one out"
    if options.head and not options.compare:
        return "--with says what is now; say what it is compared with: --compare BASE.json"
    if not options.targets and not options.head:
        return "name a CALLBACK to measure, such as EarlyStopping, or files: --compare and --with"
    if options.out is not None and not options.out.parent.is_dir():
        return f"--out: there is no folder {options.out.parent}"
    if options.batches < 10:
        return f"--batches is {options.batches}; a measurement needs 10 or more"
    return ""


def _compare(options: argparse.Namespace, head: Any) -> int:
    from dryfit.bench.changes import main_compare

    return main_compare(
        options.compare,
        head,
        form=options.format,
        percent=options.percent,
        at_least_us=options.at_least_us,
    )


def _measure(options: argparse.Namespace) -> tuple[list[Any], dict[str, Any]]:
    from dryfit.bench.measure import Settings, measure
    from dryfit.bench.step import read_time_ns, step_of_the_tutorials_network_ns
    from dryfit.bench.targets import read_targets

    targets = [target for text in options.targets for target in read_targets(text)]
    step_ns = None
    if options.step_time is not None:
        try:
            step_ns = read_time_ns(options.step_time)
        except ValueError as error:
            print(f"--step-time: {error}", file=sys.stderr)
            raise SystemExit(2) from None
    elif options.against_model:
        step_ns = step_of_the_tutorials_network_ns()
    settings = Settings(batches=options.batches, step_ns=step_ns)
    costs = [cost for target in progress(targets) for cost in measure([target], settings)]
    step = "of the tutorial's network" if options.against_model else options.step_time
    return costs, {"batches": options.batches, "step": step}
