"""``dryfit check``: play a battery of generic scenarios to callbacks."""

import argparse
import sys
from pathlib import Path
from typing import Any

from dryfit.cli.common import print_json


def add(commands: Any) -> None:
    """Add the command."""
    command = commands.add_parser("check", help="play a battery of scenarios to any callback")
    command.add_argument(
        "targets",
        nargs="+",
        metavar="CALLBACK",
        help="a name, 'Name: {argument: value}' or pkg.module:Class",
    )
    command.add_argument("--format", choices=("text", "json"), default="text", help="how to print")
    command.add_argument(
        "--scenarios", type=Path, metavar="FOLDER", help="write the scenarios there, a file each"
    )
    command.add_argument(
        "--seed", type=int, default=0, metavar="N", help="which numbers the scenarios have"
    )
    command.set_defaults(command=_command)


def _command(options: argparse.Namespace) -> int:
    from dryfit.check.battery import card_of
    from dryfit.check.card import cards_as_json
    from dryfit.check.subject import subjects_of

    try:
        subjects = [s for text in options.targets for s in subjects_of(text, options.seed)]
    except Exception as error:  # a constructor's own, or a problem with the target
        if type(error).__name__ == "ScenarioFileError":
            raise
        hint = "arguments stand behind the name: 'Name: {argument: value}'"
        told = f"; {hint}" if isinstance(error, TypeError) else ""
        print(f"{type(error).__name__}: {error}{told}", file=sys.stderr)
        return 2
    cards = [card_of(subject) for subject in subjects]
    if options.scenarios is not None:
        _save(cards, options.scenarios)
    if options.format == "json":
        print_json(cards_as_json(cards))
    else:
        print("\n\n".join(card.text() for card in cards))
    return 1 if any(card.failed for card in cards) else 0


def _save(cards: list[Any], folder: Path) -> None:
    """One callback's go into the folder, several callbacks' into a folder each."""
    for number, card in enumerate(cards):
        card.save_scenarios(folder if len(cards) == 1 else folder / str(number))
