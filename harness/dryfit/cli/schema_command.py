"""``dryfit schema``: print the JSON Schema of a scenario file."""

import argparse
import json
from pathlib import Path

from dryfit.cli.common import Commands, print_json

# Written of `dryfit.scenario.schema` by tests/cli/schema_file.py: who asks for it does not wait
# for pydantic.
WRITTEN = Path(__file__).with_name("scenario.schema.json")


def add(commands: Commands) -> None:
    """Add the command."""
    command = commands.add_parser("schema", help="print the JSON Schema of a scenario file")
    command.set_defaults(command=_command)


def _command(options: argparse.Namespace) -> int:
    print_json(json.loads(WRITTEN.read_text(encoding="utf-8")))
    return 0
