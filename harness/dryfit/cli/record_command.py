"""``dryfit record``: make a scenario file of logged numbers."""

import argparse
from pathlib import Path

from dryfit.cli.common import Commands, say


def add(commands: Commands) -> None:
    """Add the command."""
    command = commands.add_parser("record", help="make a scenario file of logged numbers")
    command.add_argument(
        "--from",
        required=True,
        type=Path,
        dest="source",
        metavar="SOURCE",
        help="a history as JSON or CSV, what Keras printed, TensorBoard's files, ...",
    )
    command.add_argument("--out", type=Path, metavar="FILE", help="default: beside SOURCE")
    which = command.add_mutually_exclusive_group()
    which.add_argument("--curve", metavar="ID", help="one of several trainings in SOURCE")
    which.add_argument("--all", action="store_true", help="all of them, a scenario each")
    command.add_argument("--validation-freq", type=int, default=1, metavar="N", help="as in fit")
    command.add_argument("--drop-torn-line", action="store_true", help="go on without a torn end")
    command.set_defaults(command=_command)


def _command(options: argparse.Namespace) -> int:
    from dryfit.scenario.new_file import write_new
    from dryfit.tools.record.history_files import chosen, from_curves
    from dryfit.tools.record.readers.reading import read_curves

    source: Path = options.source
    curves = read_curves(
        source,
        validation_freq=options.validation_freq,
        drop_torn_line=options.drop_torn_line,
    )
    mine = chosen(source, curves, options.curve, options.all)
    text = from_curves(source, mine, several=len(curves) > 1)
    file = options.out or source.with_name(f"{source.stem}.scenario.yaml")
    write_new(file, text, "--out")
    for note in dict.fromkeys(note for curve in mine for note in curve.notes):
        say(f"{source}: {note}")
    if any(curve.expect for curve in mine):
        say(f"{file}: expect has what callbacks printed; write them into callbacks")
    say(f"{file}: play it with `dryfit run {file}`")
    return 0
