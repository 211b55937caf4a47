"""The command line: a module for each command; wiring only.

Exit status 0: all hold. 1: some do not. 2: bad input or usage.
"""

import argparse
import os
import sys
from collections.abc import Sequence

from dryfit.cli import accept, bench, check, explore, matrix, record, replay, run, schema, trace


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; return the exit status."""
    options = parser().parse_args(arguments)
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")  # TensorFlow's chatter at import
    from dryfit.scenario.problems import ScenarioFileError

    try:
        return int(options.command(options))
    except ScenarioFileError as error:
        print(error, file=sys.stderr)
        return 2
    except ImportError as error:  # no backend
        print(error, file=sys.stderr)
        return 2


def parser() -> argparse.ArgumentParser:
    """Make the parser of all commands."""
    made = argparse.ArgumentParser(
        prog="dryfit", description="Prove what a Keras callback does, epoch by epoch."
    )
    commands = made.add_subparsers(required=True, metavar="COMMAND")
    for command in (run, trace, accept, replay, record, bench, check, explore, matrix, schema):
        command.add(commands)
    return made
