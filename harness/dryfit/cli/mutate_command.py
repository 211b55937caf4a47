"""``dryfit mutate``: which single faults in a callback a pack does not notice."""

import argparse
import re
from collections.abc import Callable
from pathlib import Path

from dryfit.cli.common import (
    Commands,
    add_format,
    add_outside,
    print_json,
    progress,
    say_in_colours,
)


def add(commands: Commands) -> None:
    """Add the command."""
    command = commands.add_parser(
        "mutate", help="show which single faults in a callback a pack does not notice"
    )
    command.add_argument(
        "callback", metavar="CALLBACK", help="such as my.callbacks:Mine, or EarlyStopping"
    )
    command.add_argument(
        "paths",
        nargs="+",
        type=Path,
        metavar="PATH",
        help="the pack: files and folders of scenarios, and of tests that use the fixtures",
    )
    add_format(command, "text", "json")
    command.add_argument(
        "--coverage",
        action="store_true",
        help="also show lines, branches, settings and decisions that the pack never sees",
    )
    command.add_argument(
        "--fail-under",
        type=_percent,
        default=0.0,
        metavar="PERCENT",
        help="end with status 1 if fewer of a hundred are noticed",
    )
    command.add_argument(
        "--only", type=_lines, metavar="LINES", help="of the class's file, such as 40-60,75"
    )
    command.add_argument(
        "--most", type=_positive, metavar="N", help="try N faults, taken at random"
    )
    command.add_argument("--seed", type=int, default=0, metavar="N", help="of --most (default: 0)")
    add_outside(command)
    command.set_defaults(command=_command)


def _command(options: argparse.Namespace) -> int:
    from dryfit.cli.watched_process import under_way
    from dryfit.scenario.construct import ConstructionError, callback_class, importable
    from dryfit.scenario.trust import Trust
    from dryfit.scenario.usage import UsageError
    from dryfit.tools.mutate.class_source import NoSourceError, sources
    from dryfit.tools.mutate.mutate import mutate
    from dryfit.tools.mutate.mutate_report import WIDTH, as_data, text_of
    from dryfit.tools.mutate.scenarios_and_tests import Pack, PackError
    from dryfit.tools.mutate.unseen import unseen

    under_way(options.callback)
    if re.search(r":\s|[({]", options.callback):
        told = "takes a class alone, such as my.callbacks:Mine; the pack says with which arguments"
        raise UsageError(options.callback, told)
    try:
        pack = Pack(options.paths, Trust(outside=options.allow_outside))
        with importable(pack.folder_of(options.callback)):
            kind = callback_class(options.callback)
            mutation = mutate(
                kind,
                pack,
                lines=options.only or (lambda line: True),
                most=options.most,
                seed=options.seed,
                each=lambda faults: progress(list(faults)),
            )
            never_seen = unseen(kind, sources(kind), pack) if options.coverage else None
    except (ConstructionError, NoSourceError, PackError) as error:
        raise UsageError("", str(error)) from None
    if options.format == "json":
        print_json(as_data(mutation, never_seen))
    else:
        from dryfit.show.colours import terminal

        console = terminal()
        width = console.width if console else WIDTH
        say_in_colours(text_of(mutation, never_seen, width))
    return int(mutation.percent < options.fail_under)


def _percent(text: str) -> float:
    value = float(text)
    if not 0 <= value <= 100:
        raise argparse.ArgumentTypeError(f"0 to 100, not {text}")
    return value


def _positive(text: str) -> int:
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError(f"1 or more, not {text}")
    return value


def _lines(text: str) -> Callable[[int], bool]:
    pairs = [part.split("-") for part in text.split(",")]
    try:
        ranges = [range(int(pair[0]), int(pair[-1]) + 1) for pair in pairs if len(pair) <= 2]
    except ValueError:
        ranges = []
    if not ranges or len(ranges) < len(pairs):
        raise argparse.ArgumentTypeError(f"lines are such as 40-60,75, not {text!r}")
    return lambda line: any(line in one for one in ranges)
