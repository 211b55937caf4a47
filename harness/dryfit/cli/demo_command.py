"""``dryfit demo``: play the cases of a callback tutorial."""

import argparse

from dryfit.cli.common import Commands


def add(commands: Commands) -> None:
    """Add the command."""
    command = commands.add_parser("demo", help="play seven cases, to see what dryfit shows")
    command.set_defaults(command=_command)


def _command(options: argparse.Namespace) -> int:
    from dryfit.tools.tutorial_cases import main

    return main()
