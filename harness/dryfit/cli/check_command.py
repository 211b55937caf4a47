"""``dryfit check``: play a battery of generic scenarios to callbacks."""

import argparse
import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dryfit.cli.common import (
    Commands,
    add_format,
    add_outside,
    add_result_files,
    add_training,
    check_result_files,
    print_json,
    say,
    say_in_colours,
)

if TYPE_CHECKING:
    from dryfit.show.result_files import TestResult


def add(commands: Commands) -> None:
    """Add the command."""
    command = commands.add_parser("check", help="play a battery of scenarios to any callback")
    command.add_argument(
        "targets",
        nargs="+",
        metavar="CALLBACK",
        help="a name, 'Name: {argument: value}', pkg.module:Class or pkg.module:function",
    )
    add_format(command, "text", "json")
    command.add_argument(
        "--scenarios", type=Path, metavar="FOLDER", help="write the scenarios there, a file each"
    )
    command.add_argument(
        "--seed", type=int, default=0, metavar="N", help="which numbers the scenarios have"
    )
    add_training(command)
    command.add_argument(
        "--raises",
        action="append",
        default=[],
        metavar="TYPE",
        help="an exception that the callback raises on purpose: ValueError, or pkg.module:Class",
    )
    add_result_files(command)
    add_outside(command)
    command.set_defaults(command=_command)


def _command(options: argparse.Namespace) -> int:
    from dryfit.lanes.own_process import kept
    from dryfit.scenario.usage import UsageError
    from dryfit.show.result_files import write_results
    from dryfit.tools.check.judging import BadTargetError, judge_apart
    from dryfit.tools.check.report_card import Card, cards_as_json

    folder = options.scenarios
    if folder is not None and os.path.lexists(folder) and not os.path.isdir(folder):
        raise UsageError(str(folder), "is no folder")
    check_result_files(options)
    begun = time.time()
    names = ("model", "data", "metrics", "raises", "seed", "allow_outside")
    wishes = {name: getattr(options, name) for name in names}
    cards: list[Card] = []
    bad = False
    try:
        for target in options.targets:
            try:
                judge_apart(target, wishes, kept("dryfit.tools.check.job"), cards.append)
            except BadTargetError as error:
                bad = True
                say(f"dryfit check: {error}", file=sys.stderr)  # the others are judged
    finally:  # what is finished is told, however the rest ends
        if options.format == "json":
            if cards or not bad:
                print_json(cards_as_json(cards))
        elif cards:
            say_in_colours("\n\n".join(card.text() for card in cards))
        if options.scenarios is not None:
            _save(cards, options.scenarios)
        results = [result for card in cards for result in _results(card)]
        for file in write_results(options, results, begun, time.time()):
            say(f"wrote {file}", file=sys.stderr)
    return 2 if bad else 1 if any(card.failed for card in cards) else 0


def _results(card: Any) -> "Iterator[TestResult]":
    """A card as a suite; what says nothing about a callback is skipped."""
    from dryfit.show.result_files import TestResult

    for result in card.results:
        outcome = "skipped" if result.outcome == "not_applicable" else result.outcome
        yield TestResult(card.callback, result.name, outcome, result.reason, result.text())


def _save(cards: list[Any], folder: Path) -> None:
    """One callback's go into the folder, several callbacks' into a folder each."""
    for number, card in enumerate(cards):
        card.save_scenarios(folder if len(cards) == 1 else folder / str(number))
