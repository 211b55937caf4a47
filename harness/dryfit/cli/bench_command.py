"""``dryfit bench``: measure what callbacks cost per batch, or compare measurements."""

import argparse
import os
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dryfit.cli.common import (
    Commands,
    add_training,
    add_trust,
    progress,
    say,
    training_for,
    trust_of,
)

if TYPE_CHECKING:
    from dryfit.scenario.given_training import GivenTraining

FORMATS = ("text", "markdown", "json", "html", "github-action-benchmark")


def add(commands: Commands) -> None:
    """Add the command."""
    command = commands.add_parser("bench", help="measure what callbacks cost per batch")
    command.add_argument(
        "targets",
        nargs="*",
        metavar="CALLBACK",
        help="a name, 'Name: {argument: value}', pkg.module:Class, or FILE.scenario.yaml[::SLUG]",
    )
    command.add_argument("--batches", type=int, default=1000, metavar="N", help="per epoch")
    add_training(command)
    step = command.add_mutually_exclusive_group()
    step.add_argument("--step-time", metavar="TIME", help="of a training step, such as 5ms")
    step.add_argument(
        "--against-model",
        action="store_true",
        help="measure a step of the model given, or of the tutorial's network",
    )
    command.add_argument(  # named in the help alone: braces around them are wider than 60 columns
        "--format",
        choices=FORMATS,
        default="text",
        metavar="FORMAT",
        help=f"how to print: {', '.join(FORMATS)}",
    )
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
    add_trust(command)
    command.set_defaults(command=_command)


def _command(options: argparse.Namespace) -> int:
    from dryfit.scenario.usage import UsageError

    if problem := _problem(options):
        raise UsageError(*problem)
    if options.head:
        return _compare(options, options.head)
    costs, settings = _measure(options)
    if options.compare:
        from dryfit.tools.bench.measurements import MeasuredRun

        return _compare(options, [MeasuredRun("measured now", tuple(costs), settings)])
    from dryfit.scenario.whole_file import write_text
    from dryfit.show.colours import terminal
    from dryfit.show.page.banner import provenance
    from dryfit.tools.bench.cost_page import as_html
    from dryfit.tools.bench.cost_report import (
        as_json,
        as_markdown,
        as_smaller_is_better,
        as_text,
    )

    page: Callable[..., str] = partial(as_html, made=provenance(options.typed))
    if options.format == "text":
        print(as_text(costs, settings, terminal()))
    else:
        write = {
            "markdown": as_markdown,
            "json": as_json,
            "html": page,
            "github-action-benchmark": as_smaller_is_better,
        }
        say(write[options.format](costs, settings))
    for suffix, form in {".json": as_json, ".md": as_markdown, ".html": page}.items():
        if options.out is not None:
            write_text(options.out.with_suffix(suffix), form(costs, settings))
    if any(cost.too_busy for cost in costs):
        return 3
    return 0 if any(cost.ns_per_batch is not None for cost in costs) else 1


def _problem(options: argparse.Namespace) -> tuple[str, str] | None:
    from dryfit.show.page.templating import why_no_pages

    if options.targets and options.head:
        return "", "either CALLBACKs are measured, or --with names what was; leave one out"
    if options.head and not options.compare:
        return "--with", "says what is now; say what it is compared with: --compare BASE.json"
    if not options.targets and not options.head:
        missing = "name one to measure, such as EarlyStopping, or files: --compare and --with"
        return "CALLBACK", missing
    if options.out is not None and not os.path.isdir(options.out.parent):
        return "--out", f"there is no folder {options.out.parent}"
    if options.compare:
        from dryfit.tools.bench.changes import FORMATS as COMPARED

        if options.format not in COMPARED:
            known = ", ".join(COMPARED)
            return "--format", f"{options.format} is of one measurement; --compare takes {known}"
    if options.format == "html" and (missing := why_no_pages("html", "bench")):
        return "--format", missing
    if options.out is not None and (missing := why_no_pages("STEM.html", "bench")):
        return "--out", missing
    if options.batches < 10:
        return "--batches", f"it is {options.batches}; a measurement needs 10 or more"
    return None


def _compare(options: argparse.Namespace, head: Any) -> int:
    from dryfit.tools.bench.changes import main_compare

    return main_compare(
        options.compare,
        head,
        form=options.format,
        percent=options.percent,
        at_least_us=options.at_least_us,
    )


def _targets(options: argparse.Namespace, training: "GivenTraining") -> list[Any]:
    from dataclasses import replace

    from dryfit.tools.bench.bench_targets import read_targets

    return [
        replace(
            target,
            lend=training.lend if training.model else target.lend,
            metrics=(*target.metrics, *training.reported),
        )
        for text in options.targets
        for target in read_targets(text, trust_of(options))
    ]


def _measure(options: argparse.Namespace) -> tuple[list[Any], dict[str, Any]]:
    from dryfit.cli.watched_process import under_way
    from dryfit.scenario.usage import UsageError
    from dryfit.tools.bench.measure import measure
    from dryfit.tools.bench.measure_settings import MeasureSettings
    from dryfit.tools.bench.step import read_time_ns, step_ns_of

    under_way(", ".join(options.targets))
    training = training_for(options)
    targets = _targets(options, training)
    step_ns = None
    if options.step_time is not None:
        try:
            step_ns = read_time_ns(options.step_time)
        except ValueError as error:
            raise UsageError("--step-time", str(error)) from None
    elif options.against_model:
        step_ns = step_ns_of(training)
    settings = MeasureSettings(batches=options.batches, step_ns=step_ns)
    costs = [cost for target in progress(targets) for cost in measure([target], settings)]
    measured = "of the model given" if training.model else "of the tutorial's network"
    step = measured if options.against_model else options.step_time
    return costs, {"batches": options.batches, "step": step}
