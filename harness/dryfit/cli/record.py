"""``dryfit record``: make a scenario file of logged numbers."""

import argparse
from pathlib import Path
from typing import Any


def add(commands: Any) -> None:
    """Add the command."""
    command = commands.add_parser("record", help="make a scenario file of logged numbers")
    command.add_argument(
        "--from",
        required=True,
        type=Path,
        dest="source",
        metavar="SOURCE",
        help="History.history as .json, or a CSVLogger's .csv",
    )
    command.add_argument("--out", type=Path, metavar="FILE", help="default: beside SOURCE")
    command.add_argument("--validation-freq", type=int, default=1, metavar="N", help="as in fit")
    command.add_argument("--drop-torn-line", action="store_true", help="go on without a torn end")
    command.set_defaults(command=_command)


def _command(options: argparse.Namespace) -> int:
    from dryfit.recording.sources import from_file, write_new

    text = from_file(
        options.source,
        validation_freq=options.validation_freq,
        drop_torn_line=options.drop_torn_line,
    )
    file = write_new(options.out or options.source.with_suffix(".scenario.yaml"), text)
    print(f"{file}: play it with `dryfit run {file}`")
    return 0
