"""``dryfit schema``: print the JSON Schema of a scenario file."""

import argparse

from dryfit.cli.common import Commands, print_json


def add(commands: Commands) -> None:
    """Add the command."""
    command = commands.add_parser("schema", help="print the JSON Schema of a scenario file")
    command.set_defaults(command=_command)


def _command(options: argparse.Namespace) -> int:
    from dryfit.scenario.schema import json_schema

    print_json(json_schema())
    return 0
