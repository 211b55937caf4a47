"""``dryfit explore``: look for what a callback does not do as documented."""

import argparse
import sys
from pathlib import Path
from typing import Any

from dryfit.cli.common import quiet


def add(commands: Any) -> None:
    """Add the command."""
    command = commands.add_parser(
        "explore", help="look for what a callback does not do as documented"
    )
    command.add_argument(
        "callback", metavar="CALLBACK", help="such as EarlyStopping, or pkg.module:Class"
    )
    command.add_argument(
        "--examples", type=int, default=200, metavar="N", help="of each search (default: 200)"
    )
    command.add_argument("--seed", type=int, default=0, metavar="N", help="default: 0")
    command.add_argument(
        "--except",
        action="append",
        default=[],
        dest="known",
        metavar="DEFECT",
        help="leave out a known defect, by its id or name",
    )
    command.add_argument(
        "--save", type=Path, metavar="FILE", help="write what is found as a scenario file"
    )
    command.set_defaults(command=_command)


def _command(options: argparse.Namespace) -> int:
    from dryfit.recording.sources import write_new
    from dryfit.reference import explore
    from dryfit.scenario.construct import ConstructionError, callback_class, importable

    if options.examples < 1:
        print(f"--examples is 1 or more, not {options.examples}", file=sys.stderr)
        return 2
    with importable(Path()):
        try:
            kind = callback_class(options.callback)
            with quiet():
                exploration = explore(
                    kind, examples=options.examples, seed=options.seed, without=options.known
                )
        except (ConstructionError, TypeError, ValueError) as error:
            print(error, file=sys.stderr)
            return 2
    played = f"{exploration.examples} examples, seed {options.seed}"
    if not exploration.found:
        print(f"{options.callback} does what is documented, in {played}")
        return 0
    text = "---\n".join(map(str, exploration.found))
    if options.save is not None:
        file = write_new(options.save, text)
        print(f"{file}: play it with `dryfit run {file}`")
    else:
        print(text, end="")
    # A comment, for what is printed to be a scenario file as a whole.
    print(f"# {len(exploration.found)} not as documented, in {played}")
    return 1
